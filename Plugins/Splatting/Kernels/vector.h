// Sixteen floats at a time, in terms that every target understands: one 512-bit register, two of 256 or four of 128.
#ifndef SPLAT_VECTOR_H
#define SPLAT_VECTOR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#pragma clang diagnostic ignored "-Wpsabi"

typedef float v16 __attribute__((ext_vector_type(16)));
typedef int32_t i16 __attribute__((ext_vector_type(16)));
typedef float v16u __attribute__((ext_vector_type(16), aligned(4)));

#define SPLAT_INLINE static inline __attribute__((always_inline))

#if defined(SPLAT_HAS_FMA)
#define FMA(a, b, c) __builtin_elementwise_fma((v16)(a), (v16)(b), (v16)(c))
#else
#define FMA(a, b, c) ((a) * (b) + (c))
#endif
#define SQRT(a) __builtin_elementwise_sqrt(a)

SPLAT_INLINE v16 v_load(const float *from) { return *(const v16u *)from; }
SPLAT_INLINE void v_store(float *to, v16 value) { *(v16u *)to = value; }
SPLAT_INLINE v16 v_min(v16 a, v16 b) { return a < b ? a : b; }
SPLAT_INLINE v16 v_max(v16 a, v16 b) { return a > b ? a : b; }
SPLAT_INLINE i16 v_bits(v16 a) { return (i16)a; }
SPLAT_INLINE v16 v_float(i16 a) { return (v16)a; }

// One bit a lane, lane 0 lowest.
SPLAT_INLINE uint32_t v_mask(i16 lanes) {
    typedef _Bool b16 __attribute__((ext_vector_type(16)));
    b16 bits = __builtin_convertvector(lanes, b16);
    uint16_t mask;
    memcpy(&mask, &bits, sizeof mask);
    return mask;
}

// Which lanes: a mask register where the target has them, else a vector of 0 and -1.
#if defined(SPLAT_HAS_MASKS)
#include <immintrin.h>
typedef __mmask16 m16;
SPLAT_INLINE m16 m_less(v16 a, v16 b) { return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_LT_OQ); }
SPLAT_INLINE m16 m_least(v16 a, v16 b) { return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_GE_OQ); }
SPLAT_INLINE m16 m_least_of(m16 lanes, v16 a, v16 b) { return _mm512_mask_cmp_ps_mask(lanes, (__m512)a, (__m512)b, _CMP_GE_OQ); }
SPLAT_INLINE m16 m_and(m16 a, m16 b) { return a & b; }
SPLAT_INLINE m16 m_without(m16 a, m16 b) { return a & (m16)~b; }
SPLAT_INLINE int m_any(m16 a) { return a != 0; }
SPLAT_INLINE v16 v_select(m16 lanes, v16 a, v16 b) { return (v16)_mm512_mask_blend_ps(lanes, (__m512)b, (__m512)a); }
SPLAT_INLINE v16 v_zeroed(m16 lanes, v16 a) { return (v16)_mm512_maskz_mov_ps(lanes, (__m512)a); }
SPLAT_INLINE i16 i_select(m16 lanes, i16 a, i16 b) { return (i16)_mm512_mask_blend_epi32(lanes, (__m512i)b, (__m512i)a); }
#else
typedef i16 m16;
SPLAT_INLINE m16 m_less(v16 a, v16 b) { return a < b; }
SPLAT_INLINE m16 m_least(v16 a, v16 b) { return a >= b; }
SPLAT_INLINE m16 m_least_of(m16 lanes, v16 a, v16 b) { return lanes & (a >= b); }
SPLAT_INLINE m16 m_and(m16 a, m16 b) { return a & b; }
SPLAT_INLINE m16 m_without(m16 a, m16 b) { return a & ~b; }
SPLAT_INLINE int m_any(m16 a) { return v_mask(a) != 0; }
SPLAT_INLINE v16 v_select(m16 lanes, v16 a, v16 b) { return lanes ? a : b; }
SPLAT_INLINE v16 v_zeroed(m16 lanes, v16 a) { return lanes ? a : (v16)0.0f; }
SPLAT_INLINE i16 i_select(m16 lanes, i16 a, i16 b) { return lanes ? a : b; }
#endif

SPLAT_INLINE i16 v_lanes(void) { return (i16){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}; }

// 1 / x to about a unit in the last place, and the root of x to one part in 1,000, for positive normal x.
#if defined(SPLAT_HAS_MASKS)
SPLAT_INLINE v16 v_reciprocal(v16 x) {
    const v16 near = (v16)_mm512_rcp14_ps((__m512)x);
    return near * FMA(-x, near, (v16)2.0f);
}
SPLAT_INLINE v16 v_rough_root(v16 x) { return x * (v16)_mm512_rsqrt14_ps((__m512)x); }
#else
SPLAT_INLINE v16 v_reciprocal(v16 x) { return 1.0f / x; }
SPLAT_INLINE v16 v_rough_root(v16 x) { return SQRT(x); }
#endif

// Writes base + k for each bit k of a mask, and at most 16 numbers; returns where the next goes.
#if defined(SPLAT_HAS_MASKS)
SPLAT_INLINE uint32_t *bits_listed(uint32_t *to, uint32_t mask, uint32_t base) {
    const i16 all = v_lanes() + (int32_t)base;
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi32((m16)mask, (__m512i)all));
    return to + __builtin_popcount(mask);
}
#else
SPLAT_INLINE uint32_t *bits_listed(uint32_t *to, uint32_t mask, uint32_t base) {
    for (; mask; mask &= mask - 1) *to++ = base + (uint32_t)__builtin_ctz(mask);
    return to;
}
#endif

// 2^x for |x| < 126; relative error 1e-7. The trick with the large constant leaves the whole part of x in the low bits.
SPLAT_INLINE v16 v_exp2(v16 x) {
    const v16 magic = 12582912.0f;
    v16 shifted = x + magic;
    v16 f = x - (shifted - magic);
    v16 p = 1.5403530e-4f;
    p = FMA(p, f, (v16)1.3333558e-3f);
    p = FMA(p, f, (v16)9.6181291e-3f);
    p = FMA(p, f, (v16)5.5504109e-2f);
    p = FMA(p, f, (v16)2.4022651e-1f);
    p = FMA(p, f, (v16)6.9314718e-1f);
    p = FMA(p, f, (v16)1.0f);
    return v_float(v_bits(p) + (v_bits(shifted) << 23));
}

// e^x, clamped to what float32 holds without denormals.
SPLAT_INLINE v16 v_exp(v16 x) {
    x = v_min(v_max(x, (v16)-87.0f), (v16)88.0f);
    const v16 magic = 12582912.0f;
    v16 shifted = FMA(x, (v16)1.4426950408889634f, magic);
    v16 n = shifted - magic;
    v16 r = FMA(n, (v16)-0.693145751953125f, x);
    r = FMA(n, (v16)-1.42860682030941723212e-6f, r);
    v16 p = 1.9875691500e-4f;
    p = FMA(p, r, (v16)1.3981999507e-3f);
    p = FMA(p, r, (v16)8.3334519073e-3f);
    p = FMA(p, r, (v16)4.1665795894e-2f);
    p = FMA(p, r, (v16)1.6666665459e-1f);
    p = FMA(p, r, (v16)5.0000001201e-1f);
    p = FMA(p, r * r, r) + 1.0f;
    return v_float(v_bits(p) + (v_bits(shifted) << 23));
}

// log2 x for positive normal x; absolute error 2e-7 beside that of the exponent.
SPLAT_INLINE v16 v_log2(v16 x) {
    i16 bits = v_bits(x);
    i16 exponent = (bits - 0x3f3504f3) >> 23;
    v16 m = v_float(bits - (exponent << 23)) - 1.0f;
    v16 p = 7.0376836292e-2f;
    p = FMA(p, m, (v16)-1.1514610310e-1f);
    p = FMA(p, m, (v16)1.1676998740e-1f);
    p = FMA(p, m, (v16)-1.2420140846e-1f);
    p = FMA(p, m, (v16)1.4249322787e-1f);
    p = FMA(p, m, (v16)-1.6668057665e-1f);
    p = FMA(p, m, (v16)2.0000714765e-1f);
    p = FMA(p, m, (v16)-2.4999993993e-1f);
    p = FMA(p, m, (v16)3.3333331174e-1f);
    v16 square = m * m;
    v16 ln = FMA(p * m, square, FMA((v16)-0.5f, square, m));
    return FMA(ln, (v16)1.4426950408889634f, __builtin_convertvector(exponent, v16));
}

SPLAT_INLINE v16 v_sigmoid(v16 x) { return 1.0f / (1.0f + v_exp(-x)); }

// Sums of eight pairs of halves: lanes of `a` then lanes of `b`, each summed over what lies 8, 4, 2 and 1 lanes apart in turn.
#define SPLAT_FOLD8(a, b)                                                                                                     \
    (__builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)                                     \
        + __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
#define SPLAT_FOLD4(a, b)                                                                                                     \
    (__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)                                   \
        + __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31))
#define SPLAT_FOLD2(a, b)                                                                                                     \
    (__builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29)                                   \
        + __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31))
#define SPLAT_FOLD1(a, b)                                                                                                     \
    (__builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)                                  \
        + __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31))

// The sums of twelve vectors, in lanes 0...11; the rest is 0.
SPLAT_INLINE v16 v_sums12(const v16 s[12]) {
    const v16 zero = 0;
    v16 a0 = SPLAT_FOLD8(s[0], s[1]), a1 = SPLAT_FOLD8(s[2], s[3]), a2 = SPLAT_FOLD8(s[4], s[5]);
    v16 a3 = SPLAT_FOLD8(s[6], s[7]), a4 = SPLAT_FOLD8(s[8], s[9]), a5 = SPLAT_FOLD8(s[10], s[11]);
    v16 b0 = SPLAT_FOLD4(a0, a1), b1 = SPLAT_FOLD4(a2, a3), b2 = SPLAT_FOLD4(a4, a5);
    v16 c0 = SPLAT_FOLD2(b0, b1), c1 = SPLAT_FOLD2(b2, zero);
    return SPLAT_FOLD1(c0, c1);
}

#endif
