// What the kernels share: vectors of 16 numbers, scratch memory, parts of work.
#ifndef GENERA_VECTORS_H
#define GENERA_VECTORS_H

#if defined(__AVX512BF16__) && defined(__AVX512VNNI__) && defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)
#define GENERA_HAS_VECTORS 1

#include "kernels.h"

#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

namespace genera {
namespace {

inline __m512 widen(const bf16 *p) {
    return _mm512_castsi512_ps(
        _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(p))), 16));
}

inline __m512 widen(const bf16 *p, __mmask16 mask) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, p)), 16));
}

inline __m512 widen(const float *p) { return _mm512_loadu_ps(p); }
inline __m512 widen(const float *p, __mmask16 mask) { return _mm512_maskz_loadu_ps(mask, p); }

inline __m256i narrow(__m512 x) { return (__m256i)_mm512_cvtneps_pbh(x); }
inline void store(bf16 *p, __m512 x) { _mm256_storeu_si256(reinterpret_cast<__m256i *>(p), narrow(x)); }
inline void store(float *p, __m512 x) { _mm512_storeu_ps(p, x); }
inline void store(bf16 *p, __m512 x, __mmask16 mask) { _mm256_mask_storeu_epi16(p, mask, narrow(x)); }
inline void store(float *p, __m512 x, __mmask16 mask) { _mm512_mask_storeu_ps(p, mask, x); }

inline float float_of(float x) { return x; }
inline float float_of(bf16 x) { return _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(int32_t(x) << 16))); }
inline bf16 rounded(float x, bf16) { return bf16(_mm_extract_epi16((__m128i)_mm_cvtneps_pbh(_mm_set1_ps(x)), 0)); }
inline float rounded(float x, float) { return x; }

// A thread's scratch memory, kept between calls.
struct Scratch {
    void *memory = nullptr;
    size_t size = 0;
    ~Scratch() { free(memory); }
    void *get(size_t bytes) {
        if (bytes > size) {
            free(memory);
            size = (bytes + 4095) & ~size_t(4095);
            memory = aligned_alloc(4096, size);
        }
        return memory;
    }
};

thread_local Scratch scratch;

template <class Body> void spread(Parallel parallel, int64_t count, Body body) {
    parallel(count, [](void *context, int64_t first, int64_t last) { (*static_cast<Body *>(context))(first, last); }, &body);
}

}  // namespace
}  // namespace genera

#endif
#endif
