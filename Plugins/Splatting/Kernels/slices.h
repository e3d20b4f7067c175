// Calls a function once for each of some threads. Work is cut so that a result does not depend on how many there are.
#ifndef SPLAT_SLICES_H
#define SPLAT_SLICES_H

#include <pthread.h>

#define SPLAT_MOST_THREADS 64

typedef struct {
    void (*body)(void *context, int thread, int threads);
    void *context;
    int thread, threads;
} splat_slice;

static void *splat_slice_run(void *argument) {
    const splat_slice *slice = argument;
    slice->body(slice->context, slice->thread, slice->threads);
    return NULL;
}

static inline int splat_thread_count(int asked) {
    return asked < 1 ? 1 : asked > SPLAT_MOST_THREADS ? SPLAT_MOST_THREADS : asked;
}

// The first slice runs on the caller's thread, and so does every other for which the system has no thread.
static inline void splat_in_slices(int threads, void (*body)(void *, int, int), void *context) {
    pthread_t handles[SPLAT_MOST_THREADS];
    splat_slice slices[SPLAT_MOST_THREADS];
    int started[SPLAT_MOST_THREADS];
    threads = splat_thread_count(threads);
    for (int i = 1; i < threads; i++) {
        slices[i] = (splat_slice){body, context, i, threads};
        started[i] = pthread_create(&handles[i], NULL, splat_slice_run, &slices[i]) == 0;
    }
    body(context, 0, threads);
    for (int i = 1; i < threads; i++) {
        if (started[i])
            pthread_join(handles[i], NULL);
        else
            body(context, i, threads);
    }
}

#endif
