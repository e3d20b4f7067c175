// Sixteen numbers at a time. No include guard: each source includes it once for every instruction set that it is
// compiled for, with KIND naming the set. A vector of 16 is one register of AVX-512, two of AVX2 and four of SSE2 or
// NEON.

typedef float KIND(lanes) __attribute__((ext_vector_type(16)));
typedef float KIND(loose) __attribute__((ext_vector_type(16), aligned(4)));
typedef int32_t KIND(whole) __attribute__((ext_vector_type(16)));
#define lanes KIND(lanes)
#define whole KIND(whole)
#define INLINE static inline __attribute__((always_inline))

INLINE lanes KIND(load)(const float *from) { return *(const KIND(loose) *)from; }
INLINE void KIND(store)(float *to, lanes value) { *(KIND(loose) *)to = value; }
#define load KIND(load)
#define store KIND(store)

// 2^s - 1 for -126 <= s <= 126, with s rounded in the low bits of `shifted` and the rest in f. The relative error is
// 1e-7, also where the result is small. NaN stays NaN.
INLINE lanes KIND(power_less_one)(lanes f, lanes shifted) {
    lanes q = f * 1.54035006e-4f + 1.33907353e-3f;
    q = q * f + 9.61823761e-3f;
    q = q * f + 5.55035733e-2f;
    q = q * f + 2.40226492e-1f;
    q = q * f + 6.93147182e-1f;
    q = q * f;
    const lanes scale = (lanes)(((whole)shifted << 23) + 0x3f800000);
    return scale * q + (scale - 1.0f);
}

// Adding 1.5 * 2^23 rounds to a whole number, which then is the low bits.
#define ROUNDING 12582912.0f

// a / b for 1 <= b < 1e30, to a relative error of 1e-7.
INLINE lanes KIND(quotient)(lanes a, lanes b) {
#if HAS_RECIPROCAL
    const lanes near = (lanes)_mm512_rcp14_ps((__m512)b);
    return a * (near * (2.0f - b * near));
#else
    return a / b;
#endif
}

// tanh of s / (2 log2 e): what multiplies queries and keys has that factor in it.
INLINE lanes KIND(tangent_scaled)(lanes s) {
    s = 30.0f < s ? (lanes)30.0f : s;
    s = -30.0f > s ? (lanes)-30.0f : s;
    const lanes shifted = s + ROUNDING, n = shifted - ROUNDING;
    const lanes e = KIND(power_less_one)(s - n, shifted);
    return KIND(quotient)(e, e + 2.0f);
}

INLINE lanes KIND(tangent)(lanes x) { return KIND(tangent_scaled)(x * 2.88539008f); }

// x for x > 0, else e^x - 1.
INLINE lanes KIND(elu)(lanes x) {
    lanes low = 0.0f < x ? (lanes)0.0f : x;
    low = -87.0f > low ? (lanes)-87.0f : low;
    const lanes shifted = low * 1.44269504f + ROUNDING, n = shifted - ROUNDING;
    const lanes e = KIND(power_less_one)(low * 1.44269504f - n, shifted);
    return (x > 0.0f ? x : (lanes)0.0f) + e;
}

// Sixteen vectors as rows of a matrix, to its columns: four perfect shuffles.
INLINE void KIND(transpose)(lanes r[16]) {
    for (int pass = 0; pass < 4; pass++) {
        lanes t[16];
        for (int i = 0; i < 8; i++) {
            t[2 * i] = __builtin_shufflevector(
                r[i], r[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            t[2 * i + 1] = __builtin_shufflevector(
                r[i], r[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        for (int i = 0; i < 16; i++) r[i] = t[i];
    }
}
