// The stages of a view in order: projection, sorting by depth, lists of tiles, blending; and the derivatives' way back.
#include "frame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static _Atomic int forced_level;

static const SplatTarget *target(void) {
    const int level = atomic_load(&forced_level);
#if defined(__x86_64__)
    if ((level == 0 || level == 3) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        return &splat_target_avx512;
    if (level != 1 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &splat_target_avx2;
#endif
    (void)level;
    return &splat_target_base;
}

const char *splat_target(void) { return target()->name; }
void splat_force_target(int level) { atomic_store(&forced_level, level); }

SplatFrame *splat_frame_create(void) { return calloc(1, sizeof(SplatFrame)); }

void splat_frame_free(SplatFrame *frame) {
    if (!frame) return;
    SplatBuffer *buffers[] = {
        &frame->records_buffer, &frame->chunk_counts, &frame->radii_buffer, &frame->groups_buffer, &frame->keys_buffer,
        &frame->order_buffer, &frame->histogram_buffer, &frame->tile_counts_buffer, &frame->list_buffer, &frame->slot_buffer, &frame->touched_buffer,
        &frame->tiles_buffer, &frame->row_buffer, &frame->splat_rows_buffer, &frame->first_slot_buffer,
    };
    for (size_t k = 0; k < sizeof buffers / sizeof *buffers; k++) free(buffers[k]->memory);
    for (int k = 0; k < frame->threads; k++) free(frame->pair_buffers[k].memory);
    free(frame->pair_buffers);
    free(frame->pair_counts);
    free(frame);
}

void splat_frame_choose(SplatFrame *frame, const uint16_t *chosen) { frame->chosen = chosen; }
int64_t splat_frame_pairs(const SplatFrame *frame) { return frame->pairs; }
int64_t splat_frame_visible(const SplatFrame *frame) { return frame->visible; }
const int32_t *splat_frame_radii(const SplatFrame *frame) { return frame->radii; }

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static int splat_threads(SplatFrame *frame, int threads) {
    if (frame->threads >= threads) return 0;
    SplatBuffer *buffers = realloc(frame->pair_buffers, (size_t)threads * sizeof *buffers);
    if (!buffers) return -1;
    frame->pair_buffers = buffers;
    int64_t *counts = realloc(frame->pair_counts, (size_t)threads * sizeof *counts);
    if (!counts) return -1;
    frame->pair_counts = counts;
    memset(buffers + frame->threads, 0, (size_t)(threads - frame->threads) * sizeof *buffers);
    frame->threads = threads;
    return 0;
}

static int prepare(SplatFrame *frame, const SplatPlanes *scene, const SplatCamera *camera, const SplatRules *rules, const float *features, int threads) {
    frame->scene = *scene;
    frame->camera = *camera;
    frame->rules = *rules;
    frame->features = features;
    frame->tile_columns = (camera->width + SPLAT_TILE - 1) / SPLAT_TILE;
    frame->tile_rows = (camera->height + SPLAT_TILE - 1) / SPLAT_TILE;
    frame->first_row = 0;
    frame->end_row = camera->height;
    frame->chunks = (scene->count + SPLAT_CHUNK - 1) / SPLAT_CHUNK;
    frame->capacity = camera->projection == SPLAT_PANORAMA ? 2 * SPLAT_CHUNK : SPLAT_CHUNK;
    const size_t chunks = (size_t)frame->chunks + 1, count = (size_t)scene->count + 1;
    if (splat_threads(frame, threads) || splat_reserve(&frame->records_buffer, chunks * (size_t)frame->capacity * sizeof(SplatRecord))
        || splat_reserve(&frame->chunk_counts, 2 * chunks * sizeof(int32_t)) || splat_reserve(&frame->radii_buffer, 2 * count * sizeof(int32_t))
        || splat_reserve(&frame->groups_buffer, (count / 16 + 1) * sizeof(uint16_t)))
        return -1;
    frame->records = frame->records_buffer.memory;
    frame->counts = frame->chunk_counts.memory;
    frame->starts = frame->counts + chunks;
    frame->radii = frame->radii_buffer.memory;
    frame->groups = frame->groups_buffer.memory;
    return 0;
}

// Projection

typedef struct {
    SplatFrame *frame;
    const SplatTarget *target;
    _Atomic int64_t next;
} ProjectJob;

static void project_work(void *context, int thread, int threads, SplatBarrier *barrier) {
    (void)thread, (void)threads, (void)barrier;
    ProjectJob *job = context;
    for (int64_t chunk; (chunk = atomic_fetch_add(&job->next, 1)) < job->frame->chunks;) job->target->project(job->frame, chunk);
}

static void count_records(SplatFrame *frame) {
    int64_t total = 0;
    for (int64_t chunk = 0; chunk < frame->chunks; chunk++) {
        frame->starts[chunk] = (int32_t)total;
        total += frame->counts[chunk];
    }
    frame->visible = total;
}

int splat_project(
    SplatFrame *frame, const SplatPlanes *scene, const SplatCamera *camera, const SplatRules *rules, const float *features, int threads
) {
    if (prepare(frame, scene, camera, rules, features, threads)) return -1;
    ProjectJob job = {.frame = frame, .target = target()};
    splat_team(project_work, &job, threads);
    count_records(frame);
    return 0;
}

void splat_frame_projected(const SplatFrame *frame, float *planes) {
    const int64_t count = frame->scene.count;
    const float log2e = 1.4426950408889634f;
    memset(planes, 0, (size_t)count * 12 * sizeof *planes);
    for (int64_t chunk = 0; chunk < frame->chunks; chunk++)
        for (int32_t k = 0; k < frame->counts[chunk]; k++) {
            const SplatRecord *r = frame->records + chunk * frame->capacity + k;
            const float logit = frame->scene.planes[10 * frame->scene.stride + r->splat];
            const float values[12] = {
                r->u, r->v, -2.0f * r->a / log2e, -r->b / log2e, -2.0f * r->c / log2e, r->opacity, r->depth,
                r->color[0], r->color[1], r->color[2], r->opacity * (1.0f + expf(-logit)), 1.0f,
            };
            for (int plane = 0; plane < 12; plane++) planes[plane * count + r->splat] = values[plane];
        }
}

// Sorting by depth: stable, so that equal depths stay in the order of the scene.

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

typedef struct {
    SplatFrame *frame;
    const SplatTarget *target;
    const SplatPicture *picture;
    int details;
    _Atomic int failed;
    _Atomic uint32_t next_tile;
} RenderJob;

static void collect_keys(SplatFrame *frame, int thread, int threads) {
    for (int64_t chunk = frame->chunks * thread / threads; chunk < frame->chunks * (thread + 1) / threads; chunk++) {
        const SplatRecord *records = frame->records + chunk * frame->capacity;
        for (int32_t k = 0; k < frame->counts[chunk]; k++) {
            uint32_t bits;
            memcpy(&bits, &records[k].depth, sizeof bits);
            frame->keys[0][frame->starts[chunk] + k] = bits;
            frame->order[0][frame->starts[chunk] + k] = (uint32_t)(chunk * frame->capacity + k);
        }
    }
}

static void sort_pass(SplatFrame *frame, int shift, int from, int thread, int threads, SplatBarrier *barrier) {
    uint32_t *histograms = frame->histogram_buffer.memory, *mine = histograms + (size_t)thread * DIGITS;
    const uint32_t *keys = frame->keys[from], *order = frame->order[from];
    const int64_t begin = frame->visible * thread / threads, end = frame->visible * (thread + 1) / threads;
    memset(mine, 0, DIGITS * sizeof *mine);
    for (int64_t k = begin; k < end; k++) mine[keys[k] >> shift & (DIGITS - 1)]++;
    splat_wait(barrier);
    if (thread == 0) {
        uint32_t total = 0;
        for (int digit = 0; digit < DIGITS; digit++)
            for (int t = 0; t < threads; t++) {
                uint32_t count = histograms[(size_t)t * DIGITS + digit];
                histograms[(size_t)t * DIGITS + digit] = total;
                total += count;
            }
    }
    splat_wait(barrier);
    for (int64_t k = begin; k < end; k++) {
        uint32_t place = mine[keys[k] >> shift & (DIGITS - 1)]++;
        frame->keys[1 - from][place] = keys[k];
        frame->order[1 - from][place] = order[k];
    }
    splat_wait(barrier);
}

static void sort_work(SplatFrame *frame, int thread, int threads, SplatBarrier *barrier) {
    collect_keys(frame, thread, threads);
    splat_wait(barrier);
    for (int pass = 0; pass < 3; pass++) sort_pass(frame, pass * DIGIT_BITS, pass & 1, thread, threads, barrier);
    if (thread == 0) {
        uint32_t *swap = frame->order[0];
        frame->order[0] = frame->order[1];
        frame->order[1] = swap;
    }
    splat_wait(barrier);
}

// Lists of tiles

// Where each thread's part of each list begins, and tiles by how much there is to do.
static int place_lists(RenderJob *job, int threads) {
    SplatFrame *frame = job->frame;
    const uint32_t tiles = (uint32_t)(frame->tile_columns * frame->tile_rows);
    uint32_t total = 0, sizes[33] = {0};
    for (uint32_t tile = 0; tile < tiles; tile++) {
        frame->list_starts[tile] = total;
        for (int t = 0; t < threads; t++) {
            uint32_t count = frame->tile_counts[(size_t)t * tiles + tile];
            frame->tile_counts[(size_t)t * tiles + tile] = total;
            total += count;
        }
        uint32_t size = total - frame->list_starts[tile];
        sizes[size ? 32 - __builtin_clz(size) : 0]++;
    }
    frame->list_starts[tiles] = total;
    frame->pairs = total;
    uint32_t at = 0;
    for (int size = 32; size >= 0; size--) {
        uint32_t count = sizes[size];
        sizes[size] = at;
        at += count;
    }
    for (uint32_t tile = 0; tile < tiles; tile++) {
        uint32_t size = frame->list_starts[tile + 1] - frame->list_starts[tile];
        frame->tiles[sizes[size ? 32 - __builtin_clz(size) : 0]++] = tile;
    }
    if (splat_reserve(&frame->list_buffer, ((size_t)total + 1) * sizeof(uint32_t))) return -1;
    if (splat_reserve(&frame->slot_buffer, ((size_t)total + 1) * sizeof(uint32_t))) return -1;
    if (splat_reserve(&frame->touched_buffer, ((size_t)total + 1) * sizeof(uint16_t))) return -1;
    frame->list = frame->list_buffer.memory;
    frame->touched = frame->touched_buffer.memory;
    frame->slots = frame->slot_buffer.memory;
    return 0;
}

static void list_work(RenderJob *job, int thread, int threads, SplatBarrier *barrier) {
    SplatFrame *frame = job->frame;
    const uint32_t tiles = (uint32_t)(frame->tile_columns * frame->tile_rows);
    uint32_t *counts = frame->tile_counts + (size_t)thread * tiles;
    memset(counts, 0, tiles * sizeof *counts);
    const int64_t begin = frame->visible * thread / threads, end = frame->visible * (thread + 1) / threads;
    const int64_t count = job->target->list(frame, thread, begin, end, counts);
    if (count < 0) atomic_store(&job->failed, 1);
    frame->pair_counts[thread] = count;
    splat_wait(barrier);
    if (thread == 0 && !atomic_load(&job->failed) && place_lists(job, threads)) atomic_store(&job->failed, 1);
    splat_wait(barrier);
    if (atomic_load(&job->failed)) return;
    int64_t slot = 0;
    for (int t = 0; t < thread; t++) slot += frame->pair_counts[t];
    const SplatPair *pairs = frame->pair_buffers[thread].memory;
    for (int64_t k = begin; k < end; k++) frame->first_slots[k] += (uint32_t)slot;
    if (thread == threads - 1) frame->first_slots[frame->visible] = (uint32_t)frame->pairs;
    for (int64_t k = 0; k < count; k++) {
        const uint32_t place = counts[pairs[k].tile]++;
        frame->list[place] = pairs[k].record;
        frame->slots[place] = (uint32_t)(slot + k);
    }
    splat_wait(barrier);
}

static void render_work(void *context, int thread, int threads, SplatBarrier *barrier) {
    RenderJob *job = context;
    SplatFrame *frame = job->frame;
    sort_work(frame, thread, threads, barrier);
    list_work(job, thread, threads, barrier);
    if (atomic_load(&job->failed)) return;
    const uint32_t tiles = (uint32_t)(frame->tile_columns * frame->tile_rows);
    const uint32_t first = (uint32_t)(frame->first_row / SPLAT_TILE), last = (uint32_t)((frame->end_row - 1) / SPLAT_TILE);
    for (uint32_t k; (k = atomic_fetch_add(&job->next_tile, 1)) < tiles;) {
        const uint32_t tile = frame->tiles[k], row = tile / (uint32_t)frame->tile_columns;
        if (row >= first && row <= last) job->target->blend(frame, job->picture, tile, job->details);
    }
}

int splat_render(
    SplatFrame *frame, const SplatPlanes *scene, const SplatCamera *camera, const SplatRules *rules, const float *features,
    const SplatPicture *picture, int threads
) {
    if (splat_project(frame, scene, camera, rules, features, threads)) return -1;
    if (picture->row_count > 0) {
        frame->first_row = picture->first_row;
        frame->end_row = picture->first_row + picture->row_count;
    }
    const size_t visible = (size_t)frame->visible + 1, tiles = (size_t)frame->tile_columns * (size_t)frame->tile_rows;
    if (splat_reserve(&frame->keys_buffer, 2 * visible * sizeof(uint32_t)) || splat_reserve(&frame->order_buffer, 2 * visible * sizeof(uint32_t))
        || splat_reserve(&frame->histogram_buffer, (size_t)threads * DIGITS * sizeof(uint32_t))
        || splat_reserve(&frame->tile_counts_buffer, ((size_t)threads * tiles + tiles + 1) * sizeof(uint32_t))
        || splat_reserve(&frame->tiles_buffer, tiles * sizeof(uint32_t)) || splat_reserve(&frame->first_slot_buffer, visible * sizeof(uint32_t)))
        return -1;
    for (int k = 0; k < 2; k++) {
        frame->keys[k] = (uint32_t *)frame->keys_buffer.memory + k * visible;
        frame->order[k] = (uint32_t *)frame->order_buffer.memory + k * visible;
    }
    frame->tile_counts = frame->tile_counts_buffer.memory;
    frame->list_starts = frame->tile_counts + (size_t)threads * tiles;
    frame->tiles = frame->tiles_buffer.memory;
    frame->first_slots = frame->first_slot_buffer.memory;
    RenderJob job = {
        .frame = frame, .target = target(), .picture = picture,
        .details = picture->last || picture->top || picture->median_depth,
    };
    splat_team(render_work, &job, threads);
    return atomic_load(&job.failed) ? -1 : 0;
}

// The way back

typedef struct {
    SplatFrame *frame;
    const SplatTarget *target;
    const float *image, *gradient, *transmittance, *alpha_gradient, *rows;
    float *gradients, *screen;
    _Atomic uint32_t next_tile;
    _Atomic int64_t next_chunk;
} BackwardJob;

static void parameters_work(void *context, int thread, int threads, SplatBarrier *barrier) {
    (void)thread, (void)threads, (void)barrier;
    BackwardJob *job = context;
    for (int64_t chunk; (chunk = atomic_fetch_add(&job->next_chunk, 1)) < job->frame->chunks;)
        job->target->project_backward(job->frame, job->rows, job->gradients, job->screen, chunk);
}

static void backward_work(void *context, int thread, int threads, SplatBarrier *barrier) {
    BackwardJob *job = context;
    SplatFrame *frame = job->frame;
    const uint32_t tiles = (uint32_t)(frame->tile_columns * frame->tile_rows);
    for (uint32_t k; (k = atomic_fetch_add(&job->next_tile, 1)) < tiles;)
        job->target->backward(frame, job->image, job->gradient, job->transmittance, job->alpha_gradient, frame->tiles[k]);
    splat_wait(barrier);
    job->target->gather(frame, frame->visible * thread / threads, frame->visible * (thread + 1) / threads);
    splat_wait(barrier);
    parameters_work(context, thread, threads, barrier);
}

int splat_backward(
    SplatFrame *frame, const float *image, const float *image_gradient, const float *transmittance, const float *alpha_gradient,
    float *gradients, float *screen, int threads
) {
    if (splat_reserve(&frame->row_buffer, ((size_t)frame->pairs + 1) * SPLAT_ROW * sizeof(float))
        || splat_reserve(&frame->splat_rows_buffer, ((size_t)frame->scene.count + 1) * SPLAT_ROW * sizeof(float)))
        return -1;
    frame->rows = frame->row_buffer.memory;
    frame->splat_rows = frame->splat_rows_buffer.memory;
    BackwardJob job = {
        .frame = frame, .target = target(), .image = image, .gradient = image_gradient, .transmittance = transmittance,
        .alpha_gradient = alpha_gradient, .rows = frame->splat_rows, .gradients = gradients, .screen = screen,
    };
    splat_team(backward_work, &job, threads);
    return 0;
}

int splat_project_backward(SplatFrame *frame, const float *rows, float *gradients, int threads) {
    BackwardJob job = {.frame = frame, .target = target(), .rows = rows, .gradients = gradients};
    splat_team(parameters_work, &job, threads);
    return 0;
}

// Optimiser

typedef struct {
    const SplatTarget *target;
    float *values, *first, *second;
    const float *gradients, *rates;
    const int32_t *seen;
    int64_t stride, count;
    int planes;
    float beta1, beta2, epsilon, correction1, correction2;
} AdamJob;

static void adam_work(void *context, int thread, int threads, SplatBarrier *barrier) {
    (void)barrier;
    const AdamJob *job = context;
    const int64_t groups = (job->count + 15) / 16, begin = groups * thread / threads * 16, end = least(groups * (thread + 1) / threads * 16, job->stride);
    for (int plane = 0; plane < job->planes; plane++) {
        if (job->rates[plane] == 0) continue;
        const int64_t at = plane * job->stride + begin;
        job->target->adam(
            job->values + at, job->gradients + at, job->first + at, job->second + at, job->seen ? least(end, job->count) - begin : end - begin,
            job->rates[plane], job->beta1, job->beta2, job->epsilon, job->correction1, job->correction2, job->seen ? job->seen + begin : 0);
    }
}

void splat_adam(
    float *values, const float *gradients, float *first, float *second, int64_t stride, int64_t count, int planes,
    const float *rates, double beta1, double beta2, double epsilon, int64_t step, const int32_t *seen, int threads
) {
    AdamJob job = {
        .target = target(), .values = values, .first = first, .second = second, .gradients = gradients, .rates = rates, .seen = seen,
        .stride = stride, .count = count, .planes = planes, .beta1 = (float)beta1, .beta2 = (float)beta2, .epsilon = (float)epsilon,
        .correction1 = (float)(1.0 / (1.0 - pow(beta1, (double)step))), .correction2 = (float)(1.0 / sqrt(1.0 - pow(beta2, (double)step))),
    };
    splat_team(adam_work, &job, threads);
}

void splat_harmonics(const float *coefficients, const float *directions, int64_t stride, int degree, float *values) {
    target()->harmonics(coefficients, directions, stride, degree, values);
}
