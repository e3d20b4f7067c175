// What the stages of one view share.
#ifndef SPLAT_FRAME_H
#define SPLAT_FRAME_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "csplats.h"

enum { SPLAT_TILE = 16, SPLAT_CHUNK = 1024 };

// A splat on the screen: one cache line. Exponents are in powers of 2, so that e = dx (a dx + b dy) + c dy^2 and G = 2^e.
typedef struct {
    float u, v;
    float a, b, c;
    float opacity;
    float least;              // e below which alpha is certainly less than alpha_min
    float color[3];
    float depth;
    float beta;
    int32_t splat;
    float discriminant;       // 4 a c - b^2
    int16_t x0, x1, y0, y1;   // pixels that it can reach in tiles that it may be seen in, both ends included
} SplatRecord;

typedef struct { uint32_t tile, record; } SplatPair;

typedef struct { void *memory; size_t size; } SplatBuffer;

struct SplatFrame {
    SplatPlanes scene;
    SplatCamera camera;
    SplatRules rules;
    const float *features;
    const uint16_t *chosen;   // which lanes of each group of 16 splats are drawn; null for all
    int tile_columns, tile_rows;
    int first_row, end_row;   // rows of pixels that are drawn

    SplatBuffer records_buffer, chunk_counts, radii_buffer, groups_buffer;
    SplatRecord *records;
    int32_t *counts;          // records of each chunk
    int32_t *starts;          // where each chunk's records begin
    int32_t *radii;
    uint16_t *groups;         // which lanes of each group of 16 splats are seen
    int64_t chunks, capacity; // records that a chunk has room for: SPLAT_CHUNK, twice that in a panorama
    int64_t visible;

    SplatBuffer keys_buffer, order_buffer, histogram_buffer;
    uint32_t *keys[2], *order[2];   // depth and record, sorted into [0]

    SplatBuffer *pair_buffers;
    int64_t *pair_counts;
    int threads;
    SplatBuffer tile_counts_buffer, list_buffer, slot_buffer, touched_buffer, tiles_buffer, row_buffer, splat_rows_buffer, first_slot_buffer;
    uint32_t *tile_counts;    // [threads, tiles], then where each thread's part of each list begins
    uint32_t *list_starts;    // [tiles + 1]
    uint32_t *list;           // records of each tile, front to back
    uint16_t *touched;        // of each list entry, the blocks of the tile in which it was blended
    uint32_t *slots;          // the place of each list entry in splat order
    uint32_t *first_slots;    // [visible + 1]: where the slots of each record in depth order begin
    uint32_t *tiles;          // tiles, those with most splats first
    int64_t pairs;
    float *rows;              // [pairs, 16]: derivatives of a splat in a tile
    float *splat_rows;        // [count, 16]
};

typedef struct {
    _Atomic int arrived;
    _Atomic int turn;
    pthread_mutex_t mutex;
    pthread_cond_t turned;
    int threads;
} SplatBarrier;

typedef void (*SplatWork)(void *job, int thread, int threads, SplatBarrier *barrier);

// Calls `work` on so many threads at once, small numbers flushed to zero, and waits for all.
void splat_team(SplatWork work, void *job, int threads);
void splat_wait(SplatBarrier *barrier);

// Room for so many bytes, aligned to 64; what was there is lost. 0, or -1.
int splat_reserve(SplatBuffer *buffer, size_t size);

// The stages of each target.
typedef struct {
    const char *name;
    void (*project)(SplatFrame *, int64_t chunk);
    int64_t (*list)(SplatFrame *, int thread, int64_t from, int64_t to, uint32_t *counts);
    void (*blend)(SplatFrame *, const SplatPicture *, uint32_t tile, int whole);
    void (*backward)(
        SplatFrame *, const float *image, const float *gradient, const float *transmittance, const float *alpha_gradient,
        uint32_t tile);
    void (*gather)(SplatFrame *, int64_t from, int64_t to);
    void (*project_backward)(SplatFrame *, const float *rows, float *gradients, float *screen, int64_t chunk);
    void (*adam)(
        float *values, const float *gradients, float *first, float *second, int64_t count, float rate, float beta1, float beta2,
        float epsilon, float correction1, float correction2, const int32_t *seen);
    void (*harmonics)(const float *coefficients, const float *directions, int64_t stride, int degree, float *values);
} SplatTarget;

extern const SplatTarget splat_target_base;
#if defined(__x86_64__)
extern const SplatTarget splat_target_avx2, splat_target_avx512;
#endif

#endif
