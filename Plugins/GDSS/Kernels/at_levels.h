// Compiles forward_body.h once for each instruction set. KIND gives its functions their names; TILE_ROWS and
// TILE_VECTORS say how many sums of 16 numbers a product keeps in registers: 8 x 3 where a register holds 16.
#define KIND(name) name##_plain
#define TILE_ROWS 4
#define TILE_VECTORS 1
#define HAS_RECIPROCAL 0
#include "forward_body.h"
#undef KIND
#undef TILE_ROWS
#undef TILE_VECTORS
#undef HAS_RECIPROCAL

#if GENERA_HAS_LEVELS
#pragma clang attribute push(__attribute__((target(GENERA_AVX2))), apply_to = function)
#define KIND(name) name##_avx2
#define TILE_ROWS 4
#define TILE_VECTORS 1
#define HAS_RECIPROCAL 0
#include "forward_body.h"
#undef KIND
#undef TILE_ROWS
#undef TILE_VECTORS
#undef HAS_RECIPROCAL
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target(GENERA_AVX512))), apply_to = function)
#define KIND(name) name##_avx512
#define TILE_ROWS 8
#define TILE_VECTORS 3
#define HAS_RECIPROCAL 1
#include "forward_body.h"
#undef KIND
#undef TILE_ROWS
#undef TILE_VECTORS
#undef HAS_RECIPROCAL
#pragma clang attribute pop
#endif
