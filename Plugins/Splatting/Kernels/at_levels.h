// Compiles the file that SPLAT_BODY names once for each instruction set; KIND gives its functions their names.
typedef int32_t splat_numbers __attribute__((ext_vector_type(16)));
#define splat_lane_numbers ((splat_numbers){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})

#define KIND(name) name##_plain
#include SPLAT_BODY
#undef KIND

#if GENERA_HAS_LEVELS
#pragma clang attribute push(__attribute__((target(GENERA_AVX2))), apply_to = function)
#define KIND(name) name##_avx2
#include SPLAT_BODY
#undef KIND
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target(GENERA_AVX512))), apply_to = function)
#define KIND(name) name##_avx512
#include SPLAT_BODY
#undef KIND
#pragma clang attribute pop
#endif
