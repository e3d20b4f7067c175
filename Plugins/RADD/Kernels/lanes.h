// Sixteen numbers at a time. No include guard: each source includes it once for every instruction set that it is compiled
// for, with KIND naming the set.

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

#if HAS_FMA
#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma((lanes)(a), (lanes)(b), (lanes)(c))
#else
#define MULTIPLY_ADD(a, b, c) ((lanes)(a) * (lanes)(b) + (lanes)(c))
#endif

INLINE lanes KIND(greater)(lanes a, lanes b) { return a > b ? a : b; }

// 2^s for s up to 127, to a relative error of 2e-7; what is below 2^-126 becomes that.
INLINE lanes KIND(power)(lanes s) {
    s = KIND(greater)(s, -126.0f);
    // Adding 1.5 * 2^23 rounds to a whole number, which then is the low bits.
    const lanes shifted = s + 12582912.0f, f = s - (shifted - 12582912.0f);
    lanes q = MULTIPLY_ADD(f, POWER6, POWER5);
    q = MULTIPLY_ADD(q, f, POWER4);
    q = MULTIPLY_ADD(q, f, POWER3);
    q = MULTIPLY_ADD(q, f, POWER2);
    q = MULTIPLY_ADD(q, f, POWER1);
    q = MULTIPLY_ADD(q, f, 1.0f);
    return (lanes)((whole)q + ((whole)shifted << 23));
}

// The sum of the lanes, always in the same order.
INLINE float KIND(total)(lanes v) {
    typedef float eight __attribute__((ext_vector_type(8)));
    typedef float four __attribute__((ext_vector_type(4)));
    const eight e = v.lo + v.hi;
    const four f = e.lo + e.hi;
    return (f.x + f.z) + (f.y + f.w);
}

INLINE float KIND(greatest)(lanes v) {
    float most = v[0];
    for (int i = 1; i < 16; i++) most = v[i] > most ? v[i] : most;
    return most;
}

// 0.5 z (1 + tanh(sqrt(2 / pi) (z + 0.044715 z^3))), which is z / (1 + exp(-2 sqrt(2 / pi) (...))).
INLINE lanes KIND(gelu)(lanes z) {
    // The factors have log2(e) in them.
    const lanes inner = MULTIPLY_ADD(z * z, -0.102943240f, -2.30220820f) * z;
    lanes bounded = inner > 126.0f ? (lanes)126.0f : inner;
    return z / (1.0f + KIND(power)(bounded));
}

// Rounds to the nearest number of bfloat16, ties to even.
INLINE lanes KIND(rounded)(lanes v) {
    const whole bits = (whole)v;
    return (lanes)((bits + 0x7fff + ((bits >> 16) & 1)) & (int32_t)0xffff0000);
}

// Numbers that a word of a product's inputs holds.
#if IS_SHORT
#define PER 2
#else
#define PER 1
#endif

// Stores the first `count` of 16 numbers as inputs of a product, 16 / PER words.
INLINE void KIND(put)(float *to, lanes v, int rounds, int count) {
#if IS_SHORT
    (void)rounds;
    const __m256i halves = (__m256i)_mm512_cvtneps_pbh((__m512)v);
    if (count >= 16) {
        _mm256_storeu_si256((__m256i *)to, halves);
    } else {
        memcpy(to, &halves, (size_t)count * 2);
    }
#else
    if (rounds) v = KIND(rounded)(v);
    if (count >= 16) {
        store(to, v);
    } else {
        memcpy(to, &v, (size_t)count * 4);
    }
#endif
}
#define put KIND(put)
