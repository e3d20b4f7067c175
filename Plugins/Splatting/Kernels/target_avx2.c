// Sixteen lanes in two registers.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)
#define SPLAT_HAS_FMA 1
#define SPLAT_NAME "avx2"
#define SPLAT_SYMBOL splat_target_avx2
#include "target.h"
#pragma clang attribute pop
#endif
