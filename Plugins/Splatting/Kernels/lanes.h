// Sixteen numbers at a time. No include guard: each source includes it once for every instruction set that it is compiled for,
// with KIND naming the set. A vector of 16 is one register of AVX-512, two of AVX2 and four of SSE2 or NEON.
//
// Nothing here depends on the set but the fusing of products and sums, so that machines agree to rounding.

typedef float KIND(lanes) __attribute__((ext_vector_type(16)));
typedef int32_t KIND(whole) __attribute__((ext_vector_type(16)));
#define lanes KIND(lanes)
#define whole KIND(whole)

static inline __attribute__((always_inline)) lanes KIND(load)(const float *from) {
    lanes value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline __attribute__((always_inline)) void KIND(store)(float *to, lanes value) { memcpy(to, &value, sizeof value); }

// The first `count` of 16 numbers, with zeros behind them.
static inline __attribute__((always_inline)) lanes KIND(load_first)(const float *from, int count) {
    if (count >= 16) return KIND(load)(from);
    lanes value = 0;
    memcpy(&value, from, (size_t)count * sizeof(float));
    return value;
}

static inline __attribute__((always_inline)) void KIND(store_first)(float *to, lanes value, int count) {
    memcpy(to, &value, (size_t)(count < 16 ? count : 16) * sizeof(float));
}

static inline __attribute__((always_inline)) lanes KIND(choose)(whole mask, lanes yes, lanes no) {
    return (lanes)(((whole)yes & mask) | ((whole)no & ~mask));
}

static inline __attribute__((always_inline)) lanes KIND(magnitude)(lanes value) {
    return (lanes)((whole)value & (whole)0x7fffffff);
}

// -1, 0 or 1.
static inline __attribute__((always_inline)) lanes KIND(sign)(lanes value) {
    return __builtin_convertvector((whole)(value < 0) - (whole)(value > 0), lanes);
}

// The lanes in a fixed order, in double precision.
static inline __attribute__((always_inline)) double KIND(total)(lanes value) {
    double sum = 0;
    for (int i = 0; i < 16; i++) sum += (double)value[i];
    return sum;
}
