// GroupNorm and SiLU in one pass.
#include "vectors.h"

#ifdef GENERA_HAS_VECTORS

namespace genera {
namespace {

// exp, to about 1e-5: 2 to the whole part of x / ln 2, by a polynomial for the rest.
inline __m512 exponential(__m512 x) {
    const __m512 t = _mm512_mul_ps(x, _mm512_set1_ps(1.44269504f));
    const __m512 whole = _mm512_roundscale_ps(t, 0);
    const __m512 f = _mm512_sub_ps(t, whole);
    __m512 p = _mm512_set1_ps(0.0096181291f);
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.0555041087f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.2402265070f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.6931471806f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1.0f));
    return _mm512_scalef_ps(p, whole);
}

// The same to the last digit or two of float32: ln 2 in two parts, a longer polynomial.
inline __m512 precise_exponential(__m512 x) {
    const __m512 whole = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)), 0);
    __m512 f = _mm512_fnmadd_ps(whole, _mm512_set1_ps(0.693359375f), x);
    f = _mm512_fnmadd_ps(whole, _mm512_set1_ps(-2.12194440e-4f), f);
    __m512 p = _mm512_set1_ps(1.9875691500e-4f);
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1.3981999507e-3f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(8.3334519073e-3f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(4.1665795894e-2f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1.6666665459e-1f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(5.0000001201e-1f));
    p = _mm512_fmadd_ps(_mm512_mul_ps(p, f), f, _mm512_add_ps(f, _mm512_set1_ps(1)));
    return _mm512_scalef_ps(p, whole);
}

inline __m512 silu(__m512 x, bf16) {
    const __m512 down = _mm512_add_ps(_mm512_set1_ps(1), exponential(_mm512_sub_ps(_mm512_setzero_ps(), x)));
    return _mm512_mul_ps(x, _mm512_rcp14_ps(down));
}

inline __m512 silu(__m512 x, float) {
    const __m512 down = _mm512_add_ps(_mm512_set1_ps(1), precise_exponential(_mm512_sub_ps(_mm512_setzero_ps(), x)));
    return _mm512_div_ps(x, down);
}

// scale and shift of each channel of one image
template <class T> void channel_factors(const Normalization<T> &n, int64_t image, float *scale, float *shift) {
    const T *x = n.x + image * n.pixels * n.channels;
    const float *weight = n.weight + image * n.stride, *bias = n.bias + image * n.stride;
    // Sums of values less the group's first, so that squares keep their digits; short runs in float32, their sums in double.
    const int64_t width = n.channels / n.groups, run = 64;
    for (int64_t k = 0; k < n.channels; k++) scale[k] = float_of(x[k / width * width]);
    double *sums = reinterpret_cast<double *>(shift + n.channels), *squares = sums + n.channels;
    for (int64_t k = 0; k < n.channels; k += 16) {
        const __m512 origin = _mm512_loadu_ps(scale + k);
        __m512d total[4] = {_mm512_setzero_pd(), _mm512_setzero_pd(), _mm512_setzero_pd(), _mm512_setzero_pd()};
        for (int64_t start = 0; start < n.pixels; start += run) {
            const int64_t end = start + run < n.pixels ? start + run : n.pixels;
            __m512 sum = _mm512_setzero_ps(), square = sum;
            for (int64_t p = start; p < end; p++) {
                const __m512 value = _mm512_sub_ps(widen(x + p * n.channels + k), origin);
                sum = _mm512_add_ps(sum, value);
                square = _mm512_fmadd_ps(value, value, square);
            }
            total[0] = _mm512_add_pd(total[0], _mm512_cvtps_pd(_mm512_castps512_ps256(sum)));
            total[1] = _mm512_add_pd(total[1], _mm512_cvtps_pd(_mm512_extractf32x8_ps(sum, 1)));
            total[2] = _mm512_add_pd(total[2], _mm512_cvtps_pd(_mm512_castps512_ps256(square)));
            total[3] = _mm512_add_pd(total[3], _mm512_cvtps_pd(_mm512_extractf32x8_ps(square, 1)));
        }
        _mm512_storeu_pd(sums + k, total[0]);
        _mm512_storeu_pd(sums + k + 8, total[1]);
        _mm512_storeu_pd(squares + k, total[2]);
        _mm512_storeu_pd(squares + k + 8, total[3]);
    }
    for (int64_t g = 0; g < n.groups; g++) {
        double sum = 0, square = 0;
        for (int64_t k = g * width; k < (g + 1) * width; k++) sum += sums[k], square += squares[k];
        const double count = double(width) * double(n.pixels), offset = sum / count, mean = offset + scale[g * width];
        double variance = square / count - offset * offset;
        if (variance < 0) variance = 0;
        const double factor = 1 / __builtin_sqrt(variance + double(n.epsilon));
        for (int64_t k = g * width; k < (g + 1) * width; k++) {
            scale[k] = float(weight[k] * factor);
            shift[k] = float(bias[k] - mean * weight[k] * factor);
        }
    }
}

template <class T> void normalize(const Normalization<T> &n, Parallel parallel) {
    spread(parallel, n.images, [&](int64_t first, int64_t last) {
        auto *scale = static_cast<float *>(scratch.get(n.channels * 24));
        float *shift = scale + n.channels;
        for (int64_t image = first; image < last; image++) {
            channel_factors(n, image, scale, shift);
            const T *x = n.x + image * n.pixels * n.channels;
            T *y = n.y + image * n.pixels * n.channels;
            for (int64_t p = 0; p < n.pixels; p++) {
                for (int64_t k = 0; k < n.channels; k += 16) {
                    const int64_t place = p * n.channels + k;
                    __m512 value = _mm512_fmadd_ps(widen(x + place), _mm512_loadu_ps(scale + k), _mm512_loadu_ps(shift + k));
                    if (n.activates) value = silu(value, T());
                    store(y + place, value);
                }
            }
        }
    });
}

}  // namespace

void run(const Normalization<bf16> &n, Parallel parallel) { normalize(n, parallel); }
void run(const Normalization<float> &n, Parallel parallel) { normalize(n, parallel); }

}  // namespace genera

#else

#include "kernels.h"

namespace genera {
void run(const Normalization<bf16> &, Parallel) {}
void run(const Normalization<float> &, Parallel) {}
}  // namespace genera

#endif
