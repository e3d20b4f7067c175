// What a forward pass works in.
#ifndef RADD_ROOM_H
#define RADD_ROOM_H

#include <pthread.h>
#include <stdatomic.h>

#include "network.h"

// Rows of the residual stream and where they stand.
typedef struct {
    size_t count;
    float *x;            // [count, row]
    float *q;            // [count, cells of all heads]: queries, turned and scaled
    int32_t *query, *place;
} RADDRows;

// Keys and values of one sequence in one block.
typedef struct {
    float *keys;         // [head][panel of 32 places][word of a head][32]
    float *values;       // [head][panel of a head][word of places][32]
} RADDPairs;

// What a thread alone works in.
typedef struct {
    float *a;            // [RADD_CHUNK, cells]: inputs of products
    float *o;            // [RADD_CHUNK, cells]: what attention gives
    float *gathered;     // [RADD_CHUNK, cells]: the asked rows of `a`
    float *inside;       // [RADD_CHUNK, slice cells]
    float *sums;         // [RADD_CHUNK, row]
    float *raw;          // [RADD_CHUNK, head_panels * 32]
    float *scores;       // [RADD_TILE, scores]
    const float **from;  // [RADD_CHUNK]
} RADDScratch;

struct RADDRoom {
    const RADDNetwork *network;
    int workers;
    const RADDQuery *queries;
    size_t query_count, longest;
    RADDRows all, asked;
    int32_t *asked_row;      // the row among all that an asked one is
    size_t *asked_first;     // [queries + 1]
    size_t *pairs_at;        // [queries]: where in `pairs` a sequence begins
    float *pairs[2];         // keys and values of two blocks, by turns
    float *cosine, *sine;    // [places, head / 2]
    size_t turned;           // places that these hold
    float *a, *o, *gathered, *inside;  // rows of products' inputs that all threads share
    size_t query_cells, slice_cells, inside_cells, score_cells;
    float *logits;           // [logit_rows, head panels * 32]
    size_t logit_rows;
    RADDScratch *scratch;
    struct {
        void *memory;
        size_t size;
    } block[24];             // what was allocated, by what it is for
    int scratch_count;
    // Items of the phase that are taken, and the barrier between phases.
    atomic_size_t next;
    atomic_int arrived, turn;
    pthread_mutex_t mutex;
    pthread_cond_t turned_over;
};

// Waits for all workers; the last one puts the next phase's items back to none.
void radd_wait(RADDRoom *room);

// Fewer rows than this are worked on by all threads together, a phase at a time.
static inline size_t radd_many(const RADDRoom *room) { return room->workers > 1 ? (size_t)room->workers * 8 * RADD_TILE : 0; }

static inline RADDPairs radd_pairs(const RADDRoom *room, size_t query, size_t block) {
    const RADDNetwork *n = room->network;
    const RADDQuery *q = room->queries + query;
    const size_t keys = radd_key_words(n, q->length), values = radd_value_words(n, q->length);
    float *at = q->cache ? (float *)q->cache + block * (keys + values) : room->pairs[block % 2] + room->pairs_at[query];
    return (RADDPairs){at, at + keys};
}

#endif
