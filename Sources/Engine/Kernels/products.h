// Products of matrices: rows of numbers by a slab of packed weights, 32 columns wide.
#ifndef GENERA_PRODUCTS_H
#define GENERA_PRODUCTS_H

#include "vectors.h"

#ifdef GENERA_HAS_VECTORS

namespace genera {
namespace {

constexpr int64_t rows_at_once = 12;    // of the left side, in registers
constexpr int64_t columns_at_once = 32; // of the right side: two registers

// How the left side of a product with weights of type W is held. Rows for whole numbers come as float32 and are encoded in place.
template <class W> struct LeftSide { using type = W; };
template <> struct LeftSide<int8_t> { using type = float; };
template <class W> using Left = typename LeftSide<W>::type;

// Elements of one slab. Whole numbers are followed by what one of each column stands for, and by what its sum begins with.
template <class W> int64_t slab_size(int64_t depth) { return depth * columns_at_once; }
template <> int64_t slab_size<int8_t>(int64_t depth) { return (depth + 8) * columns_at_once; }

// Makes a row ready to be a left side.
template <class W> inline void encode(W *, int64_t, W) {}

// Each row has a scale of its own, so that the largest of its numbers becomes 127; 128 is added, since the processor multiplies
// numbers without a sign by numbers with one. Afterwards the row is `depth` bytes and the scale. What is not finite makes it NaN.
inline void encode(float *row, int64_t depth, int8_t) {
    __m512 most = _mm512_setzero_ps();
    __mmask16 odd = 0;
    for (int64_t k = 0; k < depth; k += 16) {
        const __m512 x = _mm512_loadu_ps(row + k);
        odd |= _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
        most = _mm512_max_ps(most, _mm512_abs_ps(x));
    }
    const float largest = _mm512_reduce_max_ps(most);
    const __m512 factor = _mm512_set1_ps(largest > 0 ? 127 / largest : 0);
    auto *bytes = reinterpret_cast<uint8_t *>(row);
    for (int64_t k = 0; k < depth; k += 16) {
        const __m512i whole = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(row + k), factor));
        const __m128i narrow = _mm512_cvtepi32_epi8(_mm512_add_epi32(whole, _mm512_set1_epi32(128)));
        _mm_storeu_si128(reinterpret_cast<__m128i *>(bytes + k), narrow);
    }
    const float scale = odd ? __builtin_nanf("") : largest / 127;
    memcpy(bytes + depth, &scale, 4);
}

// c[R][32] = a[R][depth] b[depth / 2][32][2]
template <int R> inline void multiply(const bf16 *a, int64_t stride, const bf16 *b, int64_t depth, float *c) {
    __m512 low[R], high[R];
    for (int r = 0; r < R; r++) low[r] = high[r] = _mm512_setzero_ps();
    for (int64_t k = 0; k < depth; k += 2) {
        const __m512bh b0 = (__m512bh)_mm512_load_si512(b), b1 = (__m512bh)_mm512_load_si512(b + 32);
        b += 64;
#pragma GCC unroll 12
        for (int r = 0; r < R; r++) {
            int32_t pair;
            memcpy(&pair, a + r * stride + k, 4);
            const __m512bh both = (__m512bh)_mm512_set1_epi32(pair);
            low[r] = _mm512_dpbf16_ps(low[r], both, b0);
            high[r] = _mm512_dpbf16_ps(high[r], both, b1);
        }
    }
    for (int r = 0; r < R; r++) {
        _mm512_store_ps(c + r * columns_at_once, low[r]);
        _mm512_store_ps(c + r * columns_at_once + 16, high[r]);
    }
}

// c[R][32] = a[R][depth] b[depth][32]
template <int R> inline void multiply(const float *a, int64_t stride, const float *b, int64_t depth, float *c) {
    __m512 low[R], high[R];
    for (int r = 0; r < R; r++) low[r] = high[r] = _mm512_setzero_ps();
    for (int64_t k = 0; k < depth; k++) {
        const __m512 b0 = _mm512_load_ps(b), b1 = _mm512_load_ps(b + 16);
        b += 32;
#pragma GCC unroll 12
        for (int r = 0; r < R; r++) {
            const __m512 all = _mm512_set1_ps(a[r * stride + k]);
            low[r] = _mm512_fmadd_ps(all, b0, low[r]);
            high[r] = _mm512_fmadd_ps(all, b1, high[r]);
        }
    }
    for (int r = 0; r < R; r++) {
        _mm512_store_ps(c + r * columns_at_once, low[r]);
        _mm512_store_ps(c + r * columns_at_once + 16, high[r]);
    }
}

// c[R][32] = a[R][depth] b[depth / 4][32][4], in whole numbers, back in float32.
template <int R> inline void multiply(const float *a, int64_t stride, const int8_t *b, int64_t depth, float *c) {
    const auto *bytes = reinterpret_cast<const uint8_t *>(a);
    const int8_t *end = b + depth * columns_at_once;
    __m512i low[R], high[R];
    for (int r = 0; r < R; r++) low[r] = _mm512_loadu_si512(end + 128), high[r] = _mm512_loadu_si512(end + 192);
    for (int64_t k = 0; k < depth; k += 4) {
        const __m512i b0 = _mm512_loadu_si512(b), b1 = _mm512_loadu_si512(b + 64);
        b += 128;
#pragma GCC unroll 12
        for (int r = 0; r < R; r++) {
            int32_t four;
            memcpy(&four, bytes + r * stride * 4 + k, 4);
            const __m512i all = _mm512_set1_epi32(four);
            low[r] = _mm512_dpbusd_epi32(low[r], all, b0);
            high[r] = _mm512_dpbusd_epi32(high[r], all, b1);
        }
    }
    const __m512 scale0 = _mm512_loadu_ps(end), scale1 = _mm512_loadu_ps(end + 64);
    for (int r = 0; r < R; r++) {
        float own;
        memcpy(&own, bytes + r * stride * 4 + depth, 4);
        const __m512 scale = _mm512_set1_ps(own);
        _mm512_store_ps(c + r * columns_at_once, _mm512_mul_ps(_mm512_cvtepi32_ps(low[r]), _mm512_mul_ps(scale, scale0)));
        _mm512_store_ps(c + r * columns_at_once + 16, _mm512_mul_ps(_mm512_cvtepi32_ps(high[r]), _mm512_mul_ps(scale, scale1)));
    }
}

// The same for any number of rows. Each number is summed along the depth in order, whatever rows go together.
template <class L, class W> void multiply(int64_t rows, const L *a, int64_t stride, const W *b, int64_t depth, float *c) {
    int64_t r = 0;
    for (; r + rows_at_once <= rows; r += rows_at_once)
        multiply<rows_at_once>(a + r * stride, stride, b, depth, c + r * columns_at_once);
    for (; r + 4 <= rows; r += 4) multiply<4>(a + r * stride, stride, b, depth, c + r * columns_at_once);
    for (; r < rows; r++) multiply<1>(a + r * stride, stride, b, depth, c + r * columns_at_once);
}

// One column of weights into a slab.
template <class W> void fill(W *slab, int64_t column, const float *weights, int64_t depth) {
    const int64_t together = 4 / sizeof(W); // numbers of one column that stand together
    for (int64_t k = 0; k < depth; k++)
        slab[(k / together * columns_at_once + column) * together + k % together] = rounded(weights[k], W());
}

inline void fill(int8_t *slab, int64_t column, const float *weights, int64_t depth) {
    float largest = 0;
    for (int64_t k = 0; k < depth; k++) largest = __builtin_fmaxf(largest, __builtin_fabsf(weights[k]));
    const float factor = largest > 0 ? 127 / largest : 0, scale = largest / 127;
    int32_t start = 0;
    for (int64_t k = 0; k < depth; k++) {
        const int32_t whole = int32_t(__builtin_rintf(weights[k] * factor));
        slab[(k / 4 * columns_at_once + column) * 4 + k % 4] = int8_t(whole);
        start -= 128 * whole;
    }
    memcpy(slab + depth * columns_at_once + column * 4, &scale, 4);
    memcpy(slab + depth * columns_at_once + 128 + column * 4, &start, 4);
}

}  // namespace
}  // namespace genera

#endif
#endif
