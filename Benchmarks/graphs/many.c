// Runs a packed network on many graphs with several threads, each taking the next graph; for measurements alone.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "cgdss.h"

typedef struct {
    const GDSSNetwork *network;
    size_t count, largest;
    const size_t *nodes;
    const float *const *x, *const *a;
    float *const *out;
    atomic_size_t next;
} Work;

static void *work(void *given) {
    Work *w = given;
    float *scratch = malloc(gdss_scratch(w->network, w->largest) * sizeof(float));
    for (size_t i; (i = atomic_fetch_add(&w->next, 1)) < w->count;)
        gdss_forward(w->network, w->nodes[i], w->x[i], w->a[i], w->out[i], scratch);
    free(scratch);
    return NULL;
}

void forward_many(
    const GDSSNetwork *network, size_t count, const size_t *nodes, const float *const *x, const float *const *a,
    float *const *out, int threads) {
    Work w = {network, count, 0, nodes, x, a, out, 0};
    for (size_t i = 0; i < count; i++) w.largest = nodes[i] > w.largest ? nodes[i] : w.largest;
    pthread_t others[64];
    for (int t = 1; t < threads; t++) pthread_create(&others[t], NULL, work, &w);
    work(&w);
    for (int t = 1; t < threads; t++) pthread_join(others[t], NULL);
}
