// Convolutions: products of pixels with kernels of 1, and of tiles in the transformed domain with kernels of 3.
#include "products.h"

#ifdef GENERA_HAS_VECTORS

#include <cpuid.h>

namespace genera {
namespace {

constexpr int64_t tile_points = 16;

int64_t points_of(int64_t kernel) { return kernel == 3 ? tile_points : 1; }

template <class T, class W> struct Finish {
    const Convolution<T, W> &c;
    int64_t column;
    __mmask16 mask;
    __m512 scale;

    Finish(const Convolution<T, W> &c, int64_t column) : c(c), column(column), scale(_mm512_set1_ps(c.scale)) {
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

// The left side of a product with rows of pixels: the pixels themselves, or a copy that is encoded.
template <class W, class T> const Left<W> *pixels(const T *x, int64_t rows, int64_t depth, Left<W> *copy) {
    if constexpr (sizeof(W) == sizeof(T)) {
        return x;
    } else {
        for (int64_t r = 0; r < rows; r++) {
            for (int64_t k = 0; k < depth; k += 16) store(copy + r * depth + k, widen(x + r * depth + k));
            encode(copy + r * depth, depth, W());
        }
        return copy;
    }
}

template <class T, class W> void pointwise(const Convolution<T, W> &c, Parallel parallel) {
    const int64_t all = c.images * c.height * c.width, area = c.height * c.width, block = 48;
    spread(parallel, (all + block - 1) / block, [&](int64_t first, int64_t last) {
        auto *sums = static_cast<float *>(scratch.get(block * (columns_at_once + c.inputs) * 4));
        auto *copy = reinterpret_cast<Left<W> *>(sums + block * columns_at_once);
        for (int64_t i = first; i < last; i++) {
            const int64_t start = i * block, rows = all - start < block ? all - start : block;
            const Left<W> *left = pixels<W>(c.x + start * c.inputs, rows, c.inputs, copy);
            for (int64_t o = 0; o < blocks(c.outputs); o++) {
                multiply(rows, left, c.inputs, c.weight + o * slab_size<W>(c.inputs), c.inputs, sums);
                for (int64_t half = 0; half < 2; half++) {
                    const Finish<T, W> finish(c, o * columns_at_once + half * 16);
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
    template <class T, class W> explicit Tiles(const Convolution<T, W> &c) : down((c.height + 1) / 2), across((c.width + 1) / 2), count(c.images * down * across) {}
    void locate(int64_t tile, int64_t &image, int64_t &y, int64_t &x) const {
        x = tile % across * 2;
        y = tile / across % down * 2;
        image = tile / (across * down);
    }
};

template <class T, class W>
void transform_inputs(const Convolution<T, W> &c, const Tiles &tiles, int64_t start, int64_t rows, Left<W> *v, int64_t plane) {
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
        for (int64_t p = 0; p < tile_points; p++) encode(v + p * plane + r * c.inputs, c.inputs, W());
    }
}

// The outputs of tiles from their sums in the transformed domain, [16][plane][32]: Aᵀ m A.
template <class T, class W>
void transform_outputs(
    const Convolution<T, W> &c, const Tiles &tiles, int64_t start, int64_t rows, const float *m, int64_t plane, int64_t column) {
    for (int64_t half = 0; half < 2; half++) {
        const Finish<T, W> finish(c, column + half * 16);
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

template <class T, class W> void winograd(const Convolution<T, W> &c, Parallel parallel) {
    const Tiles tiles(c);
    // As many tiles at once as keep the transformed inputs in the second-level cache, fewer where threads would stand idle.
    int64_t block = c.inputs * int64_t(sizeof(Left<W>)) <= 512 ? 48 : 24;
    while (block > 12 && tiles.count < 2 * block) block -= 12;
    spread(parallel, (tiles.count + block - 1) / block, [&](int64_t first, int64_t last) {
        const int64_t in_plane = block * c.inputs, out_plane = block * columns_at_once;
        auto *v = static_cast<Left<W> *>(scratch.get(tile_points * (in_plane * sizeof(Left<W>) + out_plane * 4)));
        auto *m = reinterpret_cast<float *>(v + tile_points * in_plane);
        const int64_t slab = slab_size<W>(c.inputs);
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

// One kernel in the transformed domain: G g Gᵀ.
void transform_weight(const float *g, int64_t kernel, float *u) {
    if (kernel == 1) {
        u[0] = g[0];
        return;
    }
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
}

template <class W> void pack(const float *weight, int64_t outputs, int64_t inputs, int64_t kernel, W *packed) {
    const int64_t points = points_of(kernel), depth = padded(inputs), slab = slab_size<W>(depth);
    memset(packed, 0, blocks(outputs) * points * slab * sizeof(W));
    auto *columns = static_cast<float *>(scratch.get(points * depth * 4));
    memset(columns, 0, points * depth * 4);
    for (int64_t o = 0; o < outputs; o++) {
        for (int64_t i = 0; i < inputs; i++) {
            float u[16];
            transform_weight(weight + (o * inputs + i) * kernel * kernel, kernel, u);
            for (int64_t p = 0; p < points; p++) columns[p * depth + i] = u[p];
        }
        for (int64_t p = 0; p < points; p++) {
            W *block = packed + (o / columns_at_once * points + p) * slab;
            fill(block, o % columns_at_once, columns + p * depth, depth);
        }
    }
}

template <class T, class W> void convolve(const Convolution<T, W> &c, Parallel parallel) {
    c.kernel == 3 ? winograd(c, parallel) : pointwise(c, parallel);
}

bool processor_has(Numbers numbers) {
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl")
        || !__builtin_cpu_supports("avx512dq")) return false;
    if (numbers == Numbers::float32) return true;
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 1, &a, &b, &c, &d) || !(a & (1u << 5))) return false;  // the product of bfloat16
    // With matrix registers oneDNN is faster.
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & (1u << 22))) return false;
    return numbers == Numbers::bfloat16 || __builtin_cpu_supports("avx512vnni");
}

}  // namespace

int64_t padded(int64_t inputs) { return (inputs + 15) / 16 * 16; }

int64_t packed_size(int64_t outputs, int64_t inputs, int64_t kernel, Numbers numbers) {
    const int64_t depth = padded(inputs), slab = numbers == Numbers::int8 ? slab_size<int8_t>(depth) : slab_size<float>(depth);
    return blocks(outputs) * slab * points_of(kernel);
}

bool kernels_available(Numbers numbers) {
    static const bool available[3] = {
        processor_has(Numbers::float32), processor_has(Numbers::bfloat16), processor_has(Numbers::int8)};
    return available[int(numbers)];
}

void pack_weights(const float *w, int64_t outputs, int64_t inputs, int64_t kernel, float *packed) { pack(w, outputs, inputs, kernel, packed); }
void pack_weights(const float *w, int64_t outputs, int64_t inputs, int64_t kernel, bf16 *packed) { pack(w, outputs, inputs, kernel, packed); }
void pack_weights(const float *w, int64_t outputs, int64_t inputs, int64_t kernel, int8_t *packed) { pack(w, outputs, inputs, kernel, packed); }
void run(const Convolution<float> &c, Parallel parallel) { convolve(c, parallel); }
void run(const Convolution<bf16> &c, Parallel parallel) { convolve(c, parallel); }
void run(const Convolution<bf16, int8_t> &c, Parallel parallel) { convolve(c, parallel); }

}  // namespace genera

#else

#include "kernels.h"

namespace genera {
bool kernels_available(Numbers) { return false; }
int64_t padded(int64_t inputs) { return inputs; }
int64_t packed_size(int64_t, int64_t, int64_t, Numbers) { return 0; }
void pack_weights(const float *, int64_t, int64_t, int64_t, float *) {}
void pack_weights(const float *, int64_t, int64_t, int64_t, bf16 *) {}
void pack_weights(const float *, int64_t, int64_t, int64_t, int8_t *) {}
void run(const Convolution<float> &, Parallel) {}
void run(const Convolution<bf16> &, Parallel) {}
void run(const Convolution<bf16, int8_t> &, Parallel) {}
}  // namespace genera

#endif
