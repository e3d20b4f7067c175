// A packed network.
//
// Products take their inputs in words of 32 bits: a float, or two numbers of bfloat16. Both kinds so have one layout and one
// kernel, which differ in what multiplying two words and adding to a float means.
#ifndef RADD_NETWORK_H
#define RADD_NETWORK_H

#include "include/cradd.h"

// Columns of a panel of weights, and rows of a tile that stays in registers.
enum { RADD_PANEL = 32, RADD_TILE = 8 };
// Rows that go through a block together, and columns of the MLP's inside that are alive at a time.
enum { RADD_CHUNK = 256, RADD_SLICE = 384 };

// A matrix [out, in] in panels of 32 outputs: [panel][word of inputs][32].
typedef struct {
    size_t depth, panels;  // words of inputs; panels
    float *words;
    float *bias;           // [panels * 32], or null
} RADDMatrix;

typedef struct {
    float *norm1, *bias1, *norm2, *bias2;  // [padded]
    RADDMatrix qkv;                        // panels of each head apart: [q, k, v][head][head_panels]
    RADDMatrix out, up, down;
} RADDBlock;

struct RADDNetwork {
    RADDShape shape;
    int level;             // 0 any processor, 1 AVX2, 2 AVX-512, 3 AVX-512 with bfloat16
    int rounds;            // whether inputs of products are rounded to bfloat16 though they are floats
    size_t width, padded;  // a token's numbers, and these in whole panels
    size_t inside, heads, head, blocks, classes;
    size_t head_panels;    // panels of one head
    size_t per;            // numbers in a word
    size_t row;            // floats from one row to the next
    size_t cells;          // words from one row of products' inputs to the next
    float *embedding;      // [classes, width]
    RADDBlock *block;
    float *norm, *norm_bias;
    RADDMatrix head_matrix;
    float *mask_qkv;       // the first block's products of the mask: [q, k, v][head][head_panels * 32]
    void **kept;
    size_t kept_count, kept_capacity;
};

static inline size_t radd_up(size_t count, size_t to) { return (count + to - 1) / to * to; }

// A row's length in words so that neighbouring rows do not fall on the same lines of a cache.
static inline size_t radd_stride(size_t words) {
    const size_t lines = radd_up(words, 16) / 16;
    return (lines | 1) * 16;
}

// Words of all keys, and of all values, of `length` places in one block.
static inline size_t radd_key_words(const RADDNetwork *n, size_t length) {
    return n->heads * radd_up(length, RADD_PANEL) * (n->head / n->per);
}
static inline size_t radd_value_words(const RADDNetwork *n, size_t length) {
    return n->heads * n->head_panels * RADD_PANEL * (radd_up(length, RADD_PANEL) / n->per);
}

// Zeroed memory at a multiple of 64 bytes, or null.
void *radd_memory(size_t bytes);

#endif
