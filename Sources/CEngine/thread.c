#include "genera_thread.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

_Atomic int genera_waiting_threads = 0;

void genera_count_waiting(int change) { atomic_fetch_add(&genera_waiting_threads, change); }

typedef struct {
    void *object;
    void (*release)(void *);
} kept;

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void let_go(void *memory) {
    kept *k = memory;
    k->release(k->object);
    free(k);
}

static void make_key(void) {
    if (pthread_key_create(&key, let_go)) abort();
}

void *genera_thread_object(void) {
    pthread_once(&once, make_key);
    kept *k = pthread_getspecific(key);
    return k ? k->object : NULL;
}

void genera_set_thread_object(void *object, void (*release)(void *)) {
    pthread_once(&once, make_key);
    kept *k = pthread_getspecific(key);
    if (k) {
        k->release(k->object);
    } else {
        k = malloc(sizeof *k);
        if (!k || pthread_setspecific(key, k)) abort();
    }
    k->object = object;
    k->release = release;
}

int genera_flush_denormals(int on) {
#if defined(__x86_64__)
    // Bit 15 flushes results to zero, bit 6 takes such operands as zero.
    const unsigned int bits = 0x8040, before = _mm_getcsr();
    _mm_setcsr(on ? before | bits : before & ~bits);
    return (before & bits) == bits;
#elif defined(__aarch64__)
    uint64_t before;
    const uint64_t bit = 1ull << 24;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    const uint64_t after = on ? before | bit : before & ~bit;
    __asm__ volatile("msr fpcr, %0" : : "r"(after));
    return (before & bit) != 0;
#else
    (void)on;
    return 0;
#endif
}
