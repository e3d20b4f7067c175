// Compiles forward_body.h once for each instruction set. KIND gives its functions their names; TILE_ROWS and TILE_VECTORS say
// how many sums of 16 numbers a product keeps in registers.
#define IS_SHORT 0

#define KIND(name) name##_plain
#define HAS_FMA 0
#define TILE_ROWS 2
#define TILE_VECTORS 1
#include "forward_body.h"
#undef KIND
#undef HAS_FMA
#undef TILE_ROWS
#undef TILE_VECTORS

#if GENERA_HAS_LEVELS
#define HAS_FMA 1
#pragma clang attribute push(__attribute__((target(GENERA_AVX2))), apply_to = function)
#define KIND(name) name##_avx2
#define TILE_ROWS 6
#define TILE_VECTORS 1
#include "forward_body.h"
#undef KIND
#undef TILE_ROWS
#undef TILE_VECTORS
#pragma clang attribute pop

#define TILE_ROWS 8
#define TILE_VECTORS 2
#pragma clang attribute push(__attribute__((target(GENERA_AVX512))), apply_to = function)
#define KIND(name) name##_avx512
#include "forward_body.h"
#undef KIND
#pragma clang attribute pop

#undef IS_SHORT
#define IS_SHORT 1
#pragma clang attribute push(__attribute__((target(GENERA_AVX512 ",avx512bf16"))), apply_to = function)
#define KIND(name) name##_short
#include "forward_body.h"
#undef KIND
#pragma clang attribute pop
#endif
