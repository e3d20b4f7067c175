// Threads that work on one job together, and memory that is kept between jobs.
#include <levels.h>
#include <stdlib.h>

#include "frame.h"

typedef struct {
    SplatWork work;
    void *job;
    int thread;
    SplatBarrier *barrier;
} Member;

static void *member_main(void *context) {
    Member *member = context;
    // Small numbers cost a hundred times as much as others where alpha fades out, and none of them changes a picture.
    const unsigned long before = genera_flush_small();
    member->work(member->job, member->thread, member->barrier->threads, member->barrier);
    genera_restore_small(before);
    return 0;
}

void splat_team(SplatWork work, void *job, int threads) {
    enum { MOST = 256 };
    if (threads < 1) threads = 1;
    if (threads > MOST) threads = MOST;
    SplatBarrier barrier = {.threads = threads};
    pthread_mutex_init(&barrier.mutex, 0);
    pthread_cond_init(&barrier.turned, 0);
    Member members[MOST];
    pthread_t handles[MOST];
    char started[MOST] = {0};
    for (int k = 0; k < threads; k++) members[k] = (Member){work, job, k, &barrier};
    for (int k = 1; k < threads; k++) {
        started[k] = pthread_create(&handles[k], 0, member_main, &members[k]) == 0;
        // A member that cannot be started would leave the others waiting for it.
        if (!started[k]) abort();
    }
    member_main(&members[0]);
    for (int k = 1; k < threads; k++) pthread_join(handles[k], 0);
    pthread_cond_destroy(&barrier.turned);
    pthread_mutex_destroy(&barrier.mutex);
}

// Stages are short, so that waiting begins by looking; where threads have to share processors it goes on by sleeping.
void splat_wait(SplatBarrier *barrier) {
    if (barrier->threads == 1) return;
    const int turn = atomic_load(&barrier->turn);
    if (atomic_fetch_add(&barrier->arrived, 1) == barrier->threads - 1) {
        atomic_store(&barrier->arrived, 0);
        pthread_mutex_lock(&barrier->mutex);
        atomic_store(&barrier->turn, turn + 1);
        pthread_cond_broadcast(&barrier->turned);
        pthread_mutex_unlock(&barrier->mutex);
        return;
    }
    for (int spins = 0; spins < 4000; spins++)
        if (atomic_load(&barrier->turn) != turn) return;
    pthread_mutex_lock(&barrier->mutex);
    while (atomic_load(&barrier->turn) == turn) pthread_cond_wait(&barrier->turned, &barrier->mutex);
    pthread_mutex_unlock(&barrier->mutex);
}

int splat_reserve(SplatBuffer *buffer, size_t size) {
    if (size <= buffer->size) return 0;
    free(buffer->memory);
    buffer->memory = 0;
    buffer->size = 0;
    size = (size + size / 4 + 4095) / 4096 * 4096;
    if (posix_memalign(&buffer->memory, 4096, size)) {
        buffer->memory = 0;
        return -1;
    }
    buffer->size = size;
    return 0;
}
