// Packing of parameters.
#include <levels.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "forward.h"
#include "network.h"

void *radd_memory(size_t bytes) {
    void *memory = 0;
    const size_t large = (size_t)1 << 21;
    const int is_large = bytes >= large;
    // A line more than asked for: a vector may be read that begins inside.
    if (bytes > SIZE_MAX / 2 || posix_memalign(&memory, is_large ? large : 64, radd_up(bytes + 64, is_large ? large : 64)))
        return 0;
#if defined(__linux__)
    // Weights lie in fewer pages than the processor keeps addresses of.
    if (is_large) madvise(memory, radd_up(bytes + 64, large), MADV_HUGEPAGE);
#endif
    memset(memory, 0, bytes + 64);
    return memory;
}

static float *keep(RADDNetwork *network, size_t count) {
    if (network->kept_count == network->kept_capacity) {
        const size_t capacity = network->kept_capacity * 2 + 64;
        void **kept = realloc(network->kept, capacity * sizeof(void *));
        if (!kept) return 0;
        network->kept = kept;
        network->kept_capacity = capacity;
    }
    void *memory = radd_memory(count * sizeof(float));
    if (memory) network->kept[network->kept_count++] = memory;
    return memory;
}

RADDNetwork *radd_create(const RADDShape *shape, int precision, int spared) {
    RADDNetwork *n = calloc(1, sizeof *n);
    if (!n) return 0;
    n->shape = *shape;
    n->width = (size_t)shape->width;
    n->padded = radd_up(n->width, RADD_PANEL);
    n->inside = 4 * n->width;
    n->heads = (size_t)shape->heads;
    n->head = n->width / n->heads;
    n->head_panels = radd_up(n->head, RADD_PANEL) / RADD_PANEL;
    n->blocks = (size_t)shape->blocks;
    n->classes = (size_t)shape->classes;
    const int best = genera_level() + (precision == RADD_BFLOAT16 && radd_has_bfloat16());
    n->level = spared < 0 ? best : spared > best ? 0 : best - spared;
    n->per = n->level == 3 ? 2 : 1;
    n->rounds = precision == RADD_BFLOAT16 && n->per == 1;
    n->row = radd_stride(n->padded);
    n->cells = radd_stride(radd_up(n->width, 16) / n->per);
    n->block = calloc(n->blocks, sizeof *n->block);
    if (n->block) return n;
    free(n);
    return 0;
}

void radd_free(RADDNetwork *network) {
    for (size_t i = 0; i < network->kept_count; i++) free(network->kept[i]);
    free(network->kept);
    free(network->block);
    free(network);
}

const char *radd_target(const RADDNetwork *network) {
    const char *names[] = {"plain", "avx2", "avx512", "avx512-bf16"};
    return names[network->level];
}

// The nearest number of bfloat16 (ties to even), as the upper half of a float.
static uint32_t nearest(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    if (value != value) return (bits | 0x400000) >> 16;
    return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

static float word(const RADDNetwork *n, const float *values) {
    uint32_t bits;
    if (n->per == 2) {
        bits = nearest(values[0]) | nearest(values[1]) << 16;
    } else if (n->rounds) {
        bits = nearest(values[0]) << 16;
    } else {
        return values[0];
    }
    float word;
    memcpy(&word, &bits, 4);
    return word;
}

static int start(RADDNetwork *n, RADDMatrix *matrix, size_t inputs, size_t panels) {
    matrix->depth = inputs / n->per;
    matrix->panels = panels;
    if (!matrix->words) matrix->words = keep(n, matrix->depth * panels * RADD_PANEL);
    return matrix->words ? 0 : -1;
}

// Rows [outputs, inputs] as column 0 and on of a panel.
static void rows(const RADDNetwork *n, RADDMatrix *matrix, size_t panel, size_t outputs, const float *values) {
    const size_t inputs = matrix->depth * n->per;
    float *to = matrix->words + panel * matrix->depth * RADD_PANEL;
    for (size_t o = 0; o < outputs; o++) {
        float *at = to + o / RADD_PANEL * matrix->depth * RADD_PANEL + o % RADD_PANEL;
        for (size_t k = 0; k < matrix->depth; k++) at[k * RADD_PANEL] = word(n, values + o * inputs + k * n->per);
    }
}

static int matrix(RADDNetwork *n, RADDMatrix *to, size_t outputs, size_t inputs, const float *values) {
    if (start(n, to, inputs, radd_up(outputs, RADD_PANEL) / RADD_PANEL)) return -1;
    rows(n, to, 0, outputs, values);
    return 0;
}

static int vector(RADDNetwork *n, float **to, size_t count, const float *values) {
    if (!*to) *to = keep(n, radd_up(count, RADD_PANEL));
    if (!*to) return -1;
    memcpy(*to, values, count * sizeof(float));
    return 0;
}

static int queries(RADDNetwork *n, RADDMatrix *to, const float *values) {
    if (start(n, to, n->width, 3 * n->heads * n->head_panels)) return -1;
    for (size_t part = 0; part < 3 * n->heads; part++)
        rows(n, to, part * n->head_panels, n->head, values + part * n->head * n->width);
    return 0;
}

int radd_set(RADDNetwork *n, size_t index, const float *values) {
    if (index == 0) {
        if (!n->embedding) n->embedding = keep(n, n->classes * n->width);
        if (!n->embedding) return -1;
        memcpy(n->embedding, values, n->classes * n->width * sizeof(float));
        return 0;
    }
    index--;
    if (index < n->blocks * RADD_BLOCK_PARAMETERS) {
        RADDBlock *block = n->block + index / RADD_BLOCK_PARAMETERS;
        switch (index % RADD_BLOCK_PARAMETERS) {
            case 0: return vector(n, &block->norm1, n->width, values);
            case 1: return vector(n, &block->bias1, n->width, values);
            case 2: return queries(n, &block->qkv, values);
            case 3: return matrix(n, &block->out, n->width, n->width, values);
            case 4: return vector(n, &block->norm2, n->width, values);
            case 5: return vector(n, &block->bias2, n->width, values);
            case 6: return matrix(n, &block->up, n->inside, n->width, values);
            case 7: return vector(n, &block->up.bias, n->inside, values);
            case 8: return matrix(n, &block->down, n->width, n->inside, values);
            default: return vector(n, &block->down.bias, n->width, values);
        }
    }
    switch (index - n->blocks * RADD_BLOCK_PARAMETERS) {
        case 0: return vector(n, &n->norm, n->width, values);
        case 1: return vector(n, &n->norm_bias, n->width, values);
        case 2: return matrix(n, &n->head_matrix, n->classes, n->width, values);
        case 3: return vector(n, &n->head_matrix.bias, n->classes, values);
        default: return -1;
    }
}

int radd_finish(RADDNetwork *n) {
    if (!n->mask_qkv) n->mask_qkv = keep(n, 3 * n->heads * n->head_panels * RADD_PANEL);
    float *x = radd_memory(n->row * sizeof(float)), *cells = radd_memory(n->cells * sizeof(float));
    if (n->mask_qkv && x && cells) {
        memcpy(x, n->embedding + (n->classes - 1) * n->width, n->width * sizeof(float));
        radd_mask_queries(n, x, cells, n->mask_qkv);
    }
    const int is_done = n->mask_qkv && x && cells;
    free(x);
    free(cells);
    return is_done ? 0 : -1;
}
