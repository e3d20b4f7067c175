// A network's computation, on the best instruction set that the processor has.
#include <levels.h>
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "forward.h"

// The factors of 2^f = 1 + f (P1 + f (P2 + ...)) for -1/2 <= f <= 1/2, to 5e-9.
#define POWER1 0.69314718802f
#define POWER2 0.24022650761f
#define POWER3 0.05550357114f
#define POWER4 0.00961808256f
#define POWER5 0.00133908634f
#define POWER6 0.00015453163f

#include "at_levels.h"

#if GENERA_HAS_LEVELS
int radd_has_bfloat16(void) { return genera_level() == 2 && __builtin_cpu_supports("avx512bf16"); }

#define AT_LEVEL(network, name, ...)                                                                                   \
    switch ((network)->level) {                                                                                        \
        case 3: name##_short(__VA_ARGS__); break;                                                                      \
        case 2: name##_avx512(__VA_ARGS__); break;                                                                     \
        case 1: name##_avx2(__VA_ARGS__); break;                                                                       \
        default: name##_plain(__VA_ARGS__);                                                                            \
    }
#else
int radd_has_bfloat16(void) { return 0; }

#define AT_LEVEL(network, name, ...) name##_plain(__VA_ARGS__)
#endif

void radd_work(RADDRoom *room, int worker, RADDBody body, void *context) {
    const unsigned long before = genera_flush_small();
    AT_LEVEL(room->network, work, room, worker, body, context)
    genera_restore_small(before);
}

void radd_mask_queries(const RADDNetwork *network, const float *x, float *cells, float *to) {
    const unsigned long before = genera_flush_small();
    AT_LEVEL(network, mask_queries, network, x, cells, to)
    genera_restore_small(before);
}
