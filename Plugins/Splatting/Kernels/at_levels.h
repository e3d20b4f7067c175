// Compiles the file that SPLAT_BODY names once for each instruction set; KIND gives its functions their names.
#define KIND(name) name##_plain
#include SPLAT_BODY
#undef KIND

#if SPLAT_HAS_LEVELS
#pragma clang attribute push(__attribute__((target(SPLAT_AVX2))), apply_to = function)
#define KIND(name) name##_avx2
#include SPLAT_BODY
#undef KIND
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target(SPLAT_AVX512))), apply_to = function)
#define KIND(name) name##_avx512
#include SPLAT_BODY
#undef KIND
#pragma clang attribute pop
#endif
