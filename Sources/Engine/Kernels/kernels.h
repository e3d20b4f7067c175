// Kernels for inference with channels last, in float32 or bfloat16, for processors with AVX-512 (and its bfloat16 dot product).
//
// They know nothing of LibTorch, so that their object file, compiled for those processors, shares no inline function with the
// rest of the engine. Every number is computed in an order that depends on the layer's shape alone: neither on how many images
// go together nor on the number of threads.
#ifndef GENERA_KERNELS_H
#define GENERA_KERNELS_H

#include <cstdint>

namespace genera {

using bf16 = uint16_t;

/// Runs body(context, first, last) over parts of 0 ..< count, on as many threads as the caller likes.
using Parallel = void (*)(int64_t count, void (*body)(void *context, int64_t first, int64_t last), void *context);

/// The types of weights that there are kernels for. Whole numbers go with activations in bfloat16.
enum class Numbers { float32, bfloat16, int8 };

/// Whether this processor runs the kernels, and gains by it.
bool kernels_available(Numbers numbers);

/// The number of channels that inputs are filled up to with zeros.
int64_t padded(int64_t inputs);

/// Activations are of type T, weights of type W.
template <class T, class W = T> struct Convolution {
    int64_t images, height, width, inputs, outputs;
    int64_t kernel;             // 1 or 3
    const T *x;                 // [images, height, width, inputs]
    const W *weight;            // from `pack_weights`
    const float *bias;          // [outputs], or [images, outputs] if bias_stride is not 0; may be null
    int64_t bias_stride;
    const T *residual;          // like the result, or null
    float scale;                // of the sum of all
    T *y;                       // [images, height, width, outputs], or null
    float *wide;                // the same in float32, if y is null
};

/// Elements of packed weights.
int64_t packed_size(int64_t outputs, int64_t inputs, int64_t kernel, Numbers numbers);

/// Packs [outputs, inputs, kernel, kernel]; kernels of 3 are transformed (Lavin and Gray, 2016, F(2x2, 3x3)).
/// Whole numbers have a scale for each output (and point of the transformed domain); rows of activations find theirs as they come.
void pack_weights(const float *weight, int64_t outputs, int64_t inputs, int64_t kernel, float *packed);
void pack_weights(const float *weight, int64_t outputs, int64_t inputs, int64_t kernel, bf16 *packed);
void pack_weights(const float *weight, int64_t outputs, int64_t inputs, int64_t kernel, int8_t *packed);

/// Stride 1, the border padded with zeros so that the size stays. `inputs` must be `padded`.
void run(const Convolution<float> &c, Parallel parallel);
void run(const Convolution<bf16> &c, Parallel parallel);
void run(const Convolution<bf16, int8_t> &c, Parallel parallel);

template <class T> struct Normalization {
    int64_t images, pixels, channels, groups;  // channels a multiple of 16
    const T *x;
    const float *weight, *bias;                // [channels], or [images, channels] if stride is not 0
    int64_t stride;
    float epsilon;
    bool activates;                            // x / (1 + exp(-x)) afterwards
    T *y;
};

void run(const Normalization<bf16> &n, Parallel parallel);
void run(const Normalization<float> &n, Parallel parallel);

}  // namespace genera
#endif
