// Which instruction set a kernel runs on. A family's kernels are one source, compiled once for each set inside
// `#pragma clang attribute push(__attribute__((target(GENERA_AVX512))), apply_to = function)`; the set is chosen at run time.
#ifndef GENERA_LEVELS_H
#define GENERA_LEVELS_H

#if defined(__clang__)
// Vectors go between functions that are inlined alone, so it does not matter how they would be passed.
#pragma clang diagnostic ignored "-Wpsabi"
#endif

#if defined(__x86_64__) && defined(__clang__)
#define GENERA_HAS_LEVELS 1
#define GENERA_AVX512 "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"
#define GENERA_AVX2 "avx2,fma"

// 2 for AVX-512, 1 for AVX2 with fused products, 0 for what every processor has.
static inline int genera_level(void) {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq"))
        return 2;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 1 : 0;
}
#else
#define GENERA_HAS_LEVELS 0
static inline int genera_level(void) { return 0; }
#endif

// The best one but `spared`: tests run what other machines would.
static inline int genera_level_but(int spared) {
    const int best = genera_level(), level = best - spared;
    return level < 0 ? 0 : level > best ? best : level;
}

// Numbers below 1e-38 become 0 on this thread, for they are slow; what is given back undoes that.
static inline unsigned long genera_flush_small(void) {
#if defined(__x86_64__)
    unsigned int before = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(before | 0x8040);
    return before;
#elif defined(__aarch64__) && defined(__clang__)
    unsigned long before = __builtin_arm_rsr64("fpcr");
    __builtin_arm_wsr64("fpcr", before | (1UL << 24));
    return before;
#else
    return 0;
#endif
}

static inline void genera_restore_small(unsigned long before) {
#if defined(__x86_64__)
    __builtin_ia32_ldmxcsr((unsigned int)before);
#elif defined(__aarch64__) && defined(__clang__)
    __builtin_arm_wsr64("fpcr", before);
#else
    (void)before;
#endif
}

#endif
