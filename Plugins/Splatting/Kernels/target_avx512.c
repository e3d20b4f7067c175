// Sixteen lanes in one register.
#if defined(__x86_64__)
#pragma clang attribute push(                                                                                                  \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,bmi,bmi2"))), apply_to = function)
#define SPLAT_HAS_FMA 1
#define SPLAT_HAS_MASKS 1
#define SPLAT_NAME "avx512"
#define SPLAT_SYMBOL splat_target_avx512
#include "target.h"
#pragma clang attribute pop
#endif
