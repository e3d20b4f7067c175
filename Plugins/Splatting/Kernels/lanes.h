// Sixteen numbers at a time. No include guard: each source includes it once for every instruction set that it is
// compiled for, with KIND naming the set. A vector of 16 is one register of AVX-512, two of AVX2 and four of SSE2 or
// NEON.
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

static inline __attribute__((always_inline)) void KIND(store)(float *to, lanes value) {
    memcpy(to, &value, sizeof value);
}

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
    return mask ? yes : no;
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

// e^x to about one unit in the last place; infinite above 88.72, 0 below -87.33, NaN for NaN.
static inline __attribute__((always_inline)) lanes KIND(exponential)(lanes x) {
    lanes inside = KIND(choose)(x > 89.0f, 89.0f, KIND(choose)(x < -87.33f, -87.33f, x));
    // Adding 1.5 * 2^23 rounds to a whole number, which then is the low bits.
    lanes shifted = inside * 1.44269504f + 12582912.0f;
    lanes n = shifted - 12582912.0f;
    lanes r = inside - n * 0.693359375f + n * 2.12194440e-4f;
    lanes p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    // 2^n in two factors: for n = 128 one would be infinite.
    whole bits = (whole)shifted - 0x4b400000, half = bits >> 1;
    p *= (lanes)((half + 127) << 23);
    p *= (lanes)((bits - half + 127) << 23);
    return KIND(choose)(x < -87.33f, 0, p);
}

// The natural logarithm of a normal positive number; minus infinity for 0.
static inline __attribute__((always_inline)) lanes KIND(logarithm)(lanes x) {
    whole bits = (whole)x;
    // The mantissa is taken from between the roots of 1/2 and 2.
    whole exponent = ((bits - 0x3f3504f3) >> 23);
    lanes m = (lanes)(bits - (exponent << 23)) - 1.0f;
    lanes e = __builtin_convertvector(exponent, lanes);
    lanes z = m * m;
    lanes p = 7.0376836292e-2f;
    p = p * m - 1.1514610310e-1f;
    p = p * m + 1.1676998740e-1f;
    p = p * m - 1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m - 1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m - 2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    p = p * m * z + e * -2.12194440e-4f - 0.5f * z;
    return KIND(choose)(x == 0, -__builtin_inff(), m + p + e * 0.693359375f);
}
