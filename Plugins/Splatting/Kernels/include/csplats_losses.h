#ifndef CSPLATS_LOSSES_H
#define CSPLATS_LOSSES_H

#include <stddef.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// How a rendered picture is compared with its target. Pictures are planes [3, height, width].
///
/// L = l1 mean|x - y| + ssim (1 - SSIM(x, y)) + masked mean(M |x - y|), where weights blend x = y + w (render - y): a
/// pixel of weight 0 counts as met.
typedef struct {
    int width, height;
    const float *render;
    const float *target;
    /// [height, width], 0...1; none for 1 everywhere.
    const float *_Nullable weights;
    /// M, [height, width], 0 or 1; none for 0 everywhere.
    const float *_Nullable mask;
    float l1, ssim, masked;
    /// dL / d render, [3, height, width]; none where it is not wanted.
    float *_Nullable gradient;
    /// Whether SSIM is wanted though its factor is 0.
    int wants_ssim;
    /// How many of the processor's better instruction sets are left aside.
    int spared_levels;
} splat_image_loss_job;

/// The means over all numbers of a picture; squares for each channel.
typedef struct {
    double l1, ssim, masked;
    double squares[3];
} splat_image_terms;

/// Bytes of scratch memory that `splat_image_loss` needs.
size_t splat_image_loss_scratch(int width, int height, int threads);

/// Terms and gradient, the same for any number of threads.
splat_image_terms splat_image_loss(const splat_image_loss_job *job, void *scratch, int threads);

/// The frequency mask M of a picture (Hamdi et al., 2024, section 4.3): the difference of two Gaussian blurs of its
/// grey, made small by `factor`; stretched to 0...1, turned over for `is_low`, and 1 where it reaches one half. A
/// picture of one grey has none: all 0.
typedef struct {
    int width, height;
    const float *render;
    double factor;
    double sigma1, sigma2;
    int is_low;
    /// [height, width].
    float *mask;
} splat_frequency_job;

/// Columns or rows that are left of `count`.
int splat_frequency_size(int count, double factor);

/// Bytes of scratch memory that `splat_frequency_mask` needs.
size_t splat_frequency_scratch(int width, int height, double factor);

/// The mask, the same for any number of threads.
void splat_frequency_mask(const splat_frequency_job *job, void *scratch, int threads);

/// The grey of a picture, made small: [small height, small width].
void splat_frequency_grey(const splat_frequency_job *job, float *small);

/// The difference of two blurs of a small picture with zeros around it, in place; `scratch` holds two more of
/// its size and two padded rows, as `splat_frequency_scratch` counts them.
void splat_frequency_difference(float *small, int width, int height, double sigma1, double sigma2, float *scratch);

/// The mask of a small picture's difference of blurs.
void splat_frequency_spread(const splat_frequency_job *job, const float *small, void *scratch, int threads);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
