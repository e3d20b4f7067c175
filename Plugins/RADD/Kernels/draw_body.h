// Sums of exponentials of a row of logits, for one instruction set. Eight numbers of double precision at a time.

#define INLINE static inline __attribute__((always_inline))

typedef double KIND(eight) __attribute__((ext_vector_type(8)));
typedef float KIND(few) __attribute__((ext_vector_type(8), aligned(4)));
typedef int64_t KIND(long8) __attribute__((ext_vector_type(8)));
#define eight KIND(eight)

// exp((x - greatest) * scale), to a relative error of 1e-11 and less for the sum's sake; what is below e^-700 becomes 0.
INLINE eight KIND(exponential)(eight x, double greatest, double factor) {
    const eight s = (x - greatest) * factor;
    eight bounded = s < -1000.0 ? (eight)-1000.0 : s;
    // Adding 1.5 * 2^52 rounds to a whole number, which then is the low bits.
    const eight shifted = bounded + 6755399441055744.0, f = bounded - (shifted - 6755399441055744.0);
    eight q = f * DOUBLE9 + DOUBLE8;
    q = q * f + DOUBLE7;
    q = q * f + DOUBLE6;
    q = q * f + DOUBLE5;
    q = q * f + DOUBLE4;
    q = q * f + DOUBLE3;
    q = q * f + DOUBLE2;
    q = q * f + DOUBLE1;
    q = q * f + 1.0;
    const eight power = (eight)((KIND(long8))q + ((KIND(long8))shifted << 52));
    // What is no number stays none.
    return s >= -1000.0 ? power : s < -1000.0 ? (eight)0.0 : s;
}

INLINE eight KIND(numbers)(const float *from, size_t count) {
    if (count >= 8) return __builtin_convertvector(*(const KIND(few) *)from, eight);
    float some[8];
    for (size_t i = 0; i < 8; i++) some[i] = i < count ? from[i] : -INFINITY;
    return __builtin_convertvector(*(const KIND(few) *)some, eight);
}

// The sum over a stretch of at most RADD_STRETCH logits, always in the same order.
static double KIND(stretch)(const float *logits, size_t count, double greatest, double factor) {
    eight one = 0.0, two = 0.0;
    for (size_t i = 0; i < count; i += 16) {
        one += KIND(exponential)(KIND(numbers)(logits + i, count - i), greatest, factor);
        if (i + 8 < count) two += KIND(exponential)(KIND(numbers)(logits + i + 8, count - i - 8), greatest, factor);
    }
    const eight sum = one + two;
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

// Exponentials of a stretch.
static void KIND(exponentials)(const float *logits, size_t count, double greatest, double factor, double *to) {
    for (size_t i = 0; i < count; i += 8) {
        const eight e = KIND(exponential)(KIND(numbers)(logits + i, count - i), greatest, factor);
        for (size_t j = 0; j < 8 && i + j < count; j++) to[i + j] = e[j];
    }
}

static float KIND(most)(const float *logits, size_t count) {
    typedef float sixteen __attribute__((ext_vector_type(16)));
    typedef float loose __attribute__((ext_vector_type(16), aligned(4)));
    sixteen most = -INFINITY;
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const sixteen x = *(const loose *)(logits + i);
        most = x > most ? x : most;
    }
    float greatest = -INFINITY;
    for (int j = 0; j < 16; j++) greatest = most[j] > greatest ? most[j] : greatest;
    for (; i < count; i++) greatest = logits[i] > greatest ? logits[i] : greatest;
    return greatest;
}

#undef eight
#undef INLINE
