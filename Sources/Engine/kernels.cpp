#include "kernels.h"

#if defined(__AVX512BF16__) && defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)

#include <cpuid.h>
#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

namespace genera {
namespace {

constexpr int64_t rows_at_once = 12;    // of the product's left side, in registers
constexpr int64_t columns_at_once = 32; // of its right side: two registers
constexpr int64_t tile_points = 16;

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

// c[R][32] = a[R][depth] b[depth / 2][32][2]
template <int R> inline void multiply(const bf16 *a, int64_t stride, const bf16 *b, int64_t depth, float *c) {
    __m512 low[R], high[R];
    for (int r = 0; r < R; r++) low[r] = high[r] = _mm512_setzero_ps();
    for (int64_t k = 0; k < depth; k += 2) {
        const __m512bh b0 = (__m512bh)_mm512_load_si512(b), b1 = (__m512bh)_mm512_load_si512(b + 32);
        b += 64;
#pragma GCC unroll 12
        for (int r = 0; r < R; r++) {
            int32_t pair;
            memcpy(&pair, a + r * stride + k, 4);
            const __m512bh both = (__m512bh)_mm512_set1_epi32(pair);
            low[r] = _mm512_dpbf16_ps(low[r], both, b0);
            high[r] = _mm512_dpbf16_ps(high[r], both, b1);
        }
    }
    for (int r = 0; r < R; r++) {
        _mm512_store_ps(c + r * columns_at_once, low[r]);
        _mm512_store_ps(c + r * columns_at_once + 16, high[r]);
    }
}

// c[R][32] = a[R][depth] b[depth][32]
template <int R> inline void multiply(const float *a, int64_t stride, const float *b, int64_t depth, float *c) {
    __m512 low[R], high[R];
    for (int r = 0; r < R; r++) low[r] = high[r] = _mm512_setzero_ps();
    for (int64_t k = 0; k < depth; k++) {
        const __m512 b0 = _mm512_load_ps(b), b1 = _mm512_load_ps(b + 16);
        b += 32;
#pragma GCC unroll 12
        for (int r = 0; r < R; r++) {
            const __m512 all = _mm512_set1_ps(a[r * stride + k]);
            low[r] = _mm512_fmadd_ps(all, b0, low[r]);
            high[r] = _mm512_fmadd_ps(all, b1, high[r]);
        }
    }
    for (int r = 0; r < R; r++) {
        _mm512_store_ps(c + r * columns_at_once, low[r]);
        _mm512_store_ps(c + r * columns_at_once + 16, high[r]);
    }
}

// The same for any number of rows. Each number is summed along the depth in order, whatever rows go together.
template <class T> void multiply(int64_t rows, const T *a, int64_t stride, const T *b, int64_t depth, float *c) {
    int64_t r = 0;
    for (; r + rows_at_once <= rows; r += rows_at_once)
        multiply<rows_at_once>(a + r * stride, stride, b, depth, c + r * columns_at_once);
    for (; r + 4 <= rows; r += 4) multiply<4>(a + r * stride, stride, b, depth, c + r * columns_at_once);
    for (; r < rows; r++) multiply<1>(a + r * stride, stride, b, depth, c + r * columns_at_once);
}

template <class T> struct Finish {
    const Convolution<T> &c;
    int64_t column;
    __mmask16 mask;
    __m512 scale;

    Finish(const Convolution<T> &c, int64_t column) : c(c), column(column), scale(_mm512_set1_ps(c.scale)) {
        const int64_t left = c.outputs - column;
        mask = left >= 16 ? __mmask16(0xFFFF) : left <= 0 ? __mmask16(0) : __mmask16((1u << left) - 1);
    }

    __m512 bias(int64_t image) const {
        return c.bias ? _mm512_maskz_loadu_ps(mask, c.bias + image * c.bias_stride + column) : _mm512_setzero_ps();
    }

    void operator()(int64_t pixel, __m512 value) const {
        const int64_t place = pixel * c.outputs + column;
        if (c.residual) value = _mm512_add_ps(value, widen(c.residual + place, mask));
        value = _mm512_mul_ps(value, scale);
        if (c.y) {
            store(c.y + place, value, mask);
        } else {
            _mm512_mask_storeu_ps(c.wide + place, mask, value);
        }
    }
};

int64_t blocks(int64_t outputs) { return (outputs + columns_at_once - 1) / columns_at_once; }

template <class T> void pointwise(const Convolution<T> &c, Parallel parallel) {
    const int64_t all = c.images * c.height * c.width, area = c.height * c.width, block = 48;
    spread(parallel, (all + block - 1) / block, [&](int64_t first, int64_t last) {
        auto *sums = static_cast<float *>(scratch.get(block * columns_at_once * 4));
        for (int64_t i = first; i < last; i++) {
            const int64_t start = i * block, rows = all - start < block ? all - start : block;
            for (int64_t o = 0; o < blocks(c.outputs); o++) {
                multiply(rows, c.x + start * c.inputs, c.inputs, c.weight + o * c.inputs * columns_at_once, c.inputs, sums);
                for (int64_t half = 0; half < 2; half++) {
                    const Finish<T> finish(c, o * columns_at_once + half * 16);
                    if (!finish.mask) break;
                    for (int64_t r = 0; r < rows; r++) {
                        const int64_t pixel = start + r;
                        const __m512 sum = _mm512_load_ps(sums + r * columns_at_once + half * 16);
                        finish(pixel, _mm512_add_ps(sum, finish.bias(pixel / area)));
                    }
                }
            }
        }
    });
}

// One tile's 4x4 inputs, 16 channels of them, in the transformed domain: Bᵀ d B.
template <class T> inline void transform_input(const __m512 d[4][4], T *v, int64_t plane) {
    __m512 t[4][4];
    for (int j = 0; j < 4; j++) {
        t[0][j] = _mm512_sub_ps(d[0][j], d[2][j]);
        t[1][j] = _mm512_add_ps(d[1][j], d[2][j]);
        t[2][j] = _mm512_sub_ps(d[2][j], d[1][j]);
        t[3][j] = _mm512_sub_ps(d[1][j], d[3][j]);
    }
    for (int i = 0; i < 4; i++) {
        T *row = v + i * 4 * plane;
        store(row, _mm512_sub_ps(t[i][0], t[i][2]));
        store(row + plane, _mm512_add_ps(t[i][1], t[i][2]));
        store(row + 2 * plane, _mm512_sub_ps(t[i][2], t[i][1]));
        store(row + 3 * plane, _mm512_sub_ps(t[i][1], t[i][3]));
    }
}

struct Tiles {
    int64_t down, across, count;
    template <class T> explicit Tiles(const Convolution<T> &c) : down((c.height + 1) / 2), across((c.width + 1) / 2), count(c.images * down * across) {}
    void locate(int64_t tile, int64_t &image, int64_t &y, int64_t &x) const {
        x = tile % across * 2;
        y = tile / across % down * 2;
        image = tile / (across * down);
    }
};

template <class T>
void transform_inputs(const Convolution<T> &c, const Tiles &tiles, int64_t start, int64_t rows, T *v, int64_t plane) {
    for (int64_t r = 0; r < rows; r++) {
        int64_t image, top, left;
        tiles.locate(start + r, image, top, left);
        const T *source[4][4];
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                const int64_t y = top + i - 1, x = left + j - 1;
                const bool inside = y >= 0 && y < c.height && x >= 0 && x < c.width;
                source[i][j] = inside ? c.x + ((image * c.height + y) * c.width + x) * c.inputs : nullptr;
            }
        }
        const bool whole = top > 0 && left > 0 && top + 2 < c.height && left + 2 < c.width;
        for (int64_t k = 0; k < c.inputs; k += 16) {
            __m512 d[4][4];
            if (whole) {
                for (int i = 0; i < 4; i++)
                    for (int j = 0; j < 4; j++) d[i][j] = widen(source[i][j] + k);
            } else {
                for (int i = 0; i < 4; i++)
                    for (int j = 0; j < 4; j++) d[i][j] = source[i][j] ? widen(source[i][j] + k) : _mm512_setzero_ps();
            }
            transform_input(d, v + r * c.inputs + k, plane);
        }
    }
}

// The outputs of tiles from their sums in the transformed domain, [16][plane][32]: Aᵀ m A.
template <class T>
void transform_outputs(
    const Convolution<T> &c, const Tiles &tiles, int64_t start, int64_t rows, const float *m, int64_t plane, int64_t column) {
    for (int64_t half = 0; half < 2; half++) {
        const Finish<T> finish(c, column + half * 16);
        if (!finish.mask) break;
        for (int64_t r = 0; r < rows; r++) {
            int64_t image, top, left;
            tiles.locate(start + r, image, top, left);
            __m512 t[2][4];
            for (int j = 0; j < 4; j++) {
                const float *from = m + j * plane + r * columns_at_once + half * 16;
                const __m512 m0 = _mm512_load_ps(from), m1 = _mm512_load_ps(from + 4 * plane);
                const __m512 m2 = _mm512_load_ps(from + 8 * plane), m3 = _mm512_load_ps(from + 12 * plane);
                t[0][j] = _mm512_add_ps(_mm512_add_ps(m0, m1), m2);
                t[1][j] = _mm512_sub_ps(_mm512_sub_ps(m1, m2), m3);
            }
            const __m512 bias = finish.bias(image);
            for (int i = 0; i < 2; i++) {
                if (top + i >= c.height) break;
                const int64_t pixel = (image * c.height + top + i) * c.width + left;
                const __m512 y0 = _mm512_add_ps(_mm512_add_ps(t[i][0], t[i][1]), t[i][2]);
                finish(pixel, _mm512_add_ps(y0, bias));
                if (left + 1 >= c.width) continue;
                const __m512 y1 = _mm512_sub_ps(_mm512_sub_ps(t[i][1], t[i][2]), t[i][3]);
                finish(pixel + 1, _mm512_add_ps(y1, bias));
            }
        }
    }
}

template <class T> void winograd(const Convolution<T> &c, Parallel parallel) {
    const Tiles tiles(c);
    // As many tiles at once as keep the transformed inputs in the second-level cache, fewer where threads would stand idle.
    int64_t block = c.inputs * int64_t(sizeof(T)) <= 512 ? 48 : 24;
    while (block > 12 && tiles.count < 2 * block) block -= 12;
    spread(parallel, (tiles.count + block - 1) / block, [&](int64_t first, int64_t last) {
        const int64_t in_plane = block * c.inputs, out_plane = block * columns_at_once;
        auto *v = static_cast<T *>(scratch.get(tile_points * (in_plane * sizeof(T) + out_plane * 4)));
        auto *m = reinterpret_cast<float *>(v + tile_points * in_plane);
        const int64_t slab = c.inputs * columns_at_once;
        for (int64_t i = first; i < last; i++) {
            const int64_t start = i * block, rows = tiles.count - start < block ? tiles.count - start : block;
            transform_inputs(c, tiles, start, rows, v, in_plane);
            for (int64_t o = 0; o < blocks(c.outputs); o++) {
                for (int64_t p = 0; p < tile_points; p++) {
                    multiply(rows, v + p * in_plane, c.inputs, c.weight + (o * tile_points + p) * slab, c.inputs, m + p * out_plane);
                }
                transform_outputs(c, tiles, start, rows, m, out_plane, o * columns_at_once);
            }
        }
    });
}

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

template <class T> void pack(const float *weight, int64_t outputs, int64_t inputs, int64_t kernel, T *packed) {
    const int64_t points = kernel == 3 ? tile_points : 1, depth = padded(inputs);
    // How many numbers of one column stand together.
    const int64_t together = 4 / sizeof(T);
    memset(packed, 0, packed_size(outputs, inputs, kernel) * sizeof(T));
    for (int64_t o = 0; o < outputs; o++) {
        for (int64_t i = 0; i < inputs; i++) {
            float u[16];
            const float *g = weight + (o * inputs + i) * kernel * kernel;
            if (kernel == 3) {
                float t[4][3];
                for (int j = 0; j < 3; j++) {
                    t[0][j] = g[j];
                    t[1][j] = 0.5f * (g[j] + g[3 + j] + g[6 + j]);
                    t[2][j] = 0.5f * (g[j] - g[3 + j] + g[6 + j]);
                    t[3][j] = g[6 + j];
                }
                for (int r = 0; r < 4; r++) {
                    u[r * 4] = t[r][0];
                    u[r * 4 + 1] = 0.5f * (t[r][0] + t[r][1] + t[r][2]);
                    u[r * 4 + 2] = 0.5f * (t[r][0] - t[r][1] + t[r][2]);
                    u[r * 4 + 3] = t[r][2];
                }
            } else {
                u[0] = g[0];
            }
            for (int64_t p = 0; p < points; p++) {
                const int64_t block = (o / columns_at_once * points + p) * depth * columns_at_once;
                const int64_t column = o % columns_at_once;
                packed[block + (i / together * columns_at_once + column) * together + i % together] = rounded(u[p], T());
            }
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

template <class T> void convolve(const Convolution<T> &c, Parallel parallel) {
    c.kernel == 3 ? winograd(c, parallel) : pointwise(c, parallel);
}

bool processor_has(bool narrow) {
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl")
        || !__builtin_cpu_supports("avx512dq")) return false;
    if (!narrow) return true;
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 1, &a, &b, &c, &d) || !(a & (1u << 5))) return false;  // the dot product
    // With matrix registers oneDNN is faster.
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && !(d & (1u << 22));
}

}  // namespace

int64_t padded(int64_t inputs) { return (inputs + 15) / 16 * 16; }

int64_t packed_size(int64_t outputs, int64_t inputs, int64_t kernel) {
    return blocks(outputs) * columns_at_once * padded(inputs) * (kernel == 3 ? tile_points : 1);
}

bool kernels_available(bool narrow) {
    static const bool available[2] = {processor_has(false), processor_has(true)};
    return available[narrow];
}

void pack_weights(const float *weight, int64_t outputs, int64_t inputs, int64_t kernel, bf16 *packed) { pack(weight, outputs, inputs, kernel, packed); }
void pack_weights(const float *weight, int64_t outputs, int64_t inputs, int64_t kernel, float *packed) { pack(weight, outputs, inputs, kernel, packed); }
void run(const Convolution<bf16> &c, Parallel parallel) { convolve(c, parallel); }
void run(const Convolution<float> &c, Parallel parallel) { convolve(c, parallel); }
void run(const Normalization<bf16> &n, Parallel parallel) { normalize(n, parallel); }
void run(const Normalization<float> &n, Parallel parallel) { normalize(n, parallel); }

}  // namespace genera

#else

namespace genera {
bool kernels_available(bool) { return false; }
int64_t padded(int64_t inputs) { return inputs; }
int64_t packed_size(int64_t, int64_t, int64_t) { return 0; }
void pack_weights(const float *, int64_t, int64_t, int64_t, bf16 *) {}
void pack_weights(const float *, int64_t, int64_t, int64_t, float *) {}
void run(const Convolution<bf16> &, Parallel) {}
void run(const Convolution<float> &, Parallel) {}
void run(const Normalization<bf16> &, Parallel) {}
void run(const Normalization<float> &, Parallel) {}
}  // namespace genera

#endif
