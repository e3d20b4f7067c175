// Draws from a row of logits by the inverse of its cumulative law.
#include <levels.h>
#include <math.h>

#include "include/cradd.h"

// Logits whose exponentials are summed before the sum is added to the others'.
enum { RADD_STRETCH = 512 };

// The factors of 2^f = 1 + f (D1 + f (D2 + ...)) for -1/2 <= f <= 1/2.
#define DOUBLE1 0.69314718055994530942
#define DOUBLE2 0.24022650695910071233
#define DOUBLE3 0.05550410866482157995
#define DOUBLE4 0.00961812910762847716
#define DOUBLE5 0.00133335581464284434
#define DOUBLE6 0.00015403530393381610
#define DOUBLE7 0.00001525273380405984
#define DOUBLE8 0.00000132154867901443
#define DOUBLE9 0.00000010178086009240

#define KIND(name) name##_plain
#include "draw_body.h"
#undef KIND

#if GENERA_HAS_LEVELS
#pragma clang attribute push(__attribute__((target(GENERA_AVX2))), apply_to = function)
#define KIND(name) name##_avx2
#include "draw_body.h"
#undef KIND
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target(GENERA_AVX512))), apply_to = function)
#define KIND(name) name##_avx512
#include "draw_body.h"
#undef KIND
#pragma clang attribute pop

#define AT_LEVEL(name, ...)                                                                                            \
    (genera_level() == 2 ? name##_avx512(__VA_ARGS__)                                                                  \
                         : genera_level() == 1 ? name##_avx2(__VA_ARGS__) : name##_plain(__VA_ARGS__))
#else
#define AT_LEVEL(name, ...) name##_plain(__VA_ARGS__)
#endif

int32_t radd_argmax(const float *logits, size_t count, float *greatest) {
    *greatest = AT_LEVEL(most, logits, count);
    for (size_t i = 0; i < count; i++)
        if (logits[i] == *greatest && logits[i] > -INFINITY) return (int32_t)i;
    return -1;
}

// log2(e)
static const double powers = 1.44269504088896340736;

double radd_sum(const float *logits, size_t count, float greatest, double scale) {
    double sum = 0;
    for (size_t i = 0; i < count; i += RADD_STRETCH) {
        const size_t left = count - i;
        sum += AT_LEVEL(stretch, logits + i, left < RADD_STRETCH ? left : RADD_STRETCH, (double)greatest, scale * powers);
    }
    return sum;
}

int32_t radd_draw(const float *logits, size_t count, float greatest, double scale, double share) {
    // Sums of stretches of stretches, so that no memory is needed for a row of any length: two passes, of which the second
    // stops where the share is reached.
    const double total = radd_sum(logits, count, greatest, scale);
    if (!(total > 0) || !(total < INFINITY)) return -1;
    const double wanted = share * total;
    double before = 0;
    int32_t last = -1;
    for (size_t i = 0; i < count; i += RADD_STRETCH) {
        const size_t left = count - i, some = left < RADD_STRETCH ? left : RADD_STRETCH;
        const double sum = AT_LEVEL(stretch, logits + i, some, (double)greatest, scale * powers);
        const int is_here = before + sum > wanted;
        if (is_here || left <= RADD_STRETCH) {
            double each[RADD_STRETCH], here = before;
            AT_LEVEL(exponentials, logits + i, some, (double)greatest, scale * powers, each);
            for (size_t j = 0; j < some; j++) {
                here += each[j];
                if (each[j] > 0) last = (int32_t)(i + j);
                if (here > wanted) return (int32_t)(i + j);
            }
            // Sums in another order differ in their last bit.
            if (is_here && last >= 0) return last;
        }
        before += sum;
    }
    // The share was reached by rounding alone: the last index that can be drawn.
    while (last < 0 && count > 0) {
        double one;
        AT_LEVEL(exponentials, logits + --count, 1, (double)greatest, scale * powers, &one);
        if (one > 0) last = (int32_t)count;
    }
    return last;
}
