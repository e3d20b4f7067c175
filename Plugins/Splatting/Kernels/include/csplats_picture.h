#ifndef CSPLATS_PICTURE_H
#define CSPLATS_PICTURE_H

#include <stddef.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// Where a number of a flat splat lies: position (before tanh), three numbers of its form, colour, shape (the exponent
/// less 2).
enum {
    SPLAT_PICTURE_POSITION = 0,
    SPLAT_PICTURE_FORM = 2,
    SPLAT_PICTURE_COLOUR = 5,
    SPLAT_PICTURE_SHAPE = 8,
    SPLAT_PICTURE_PLANES = 9
};

enum splat_picture_form {
    /// Covariance L L^T with L = [[l1 + 1/2, 0], [l2, l3 + 1/2]], in pixels.
    SPLAT_PICTURE_CHOLESKY,
    /// Standard deviations |s1 + 1/2|, |s2 + 1/2| along axes turned by 2 pi sigmoid(r).
    SPLAT_PICTURE_ROTATION
};

enum splat_picture_optimiser { SPLAT_PICTURE_ADAM, SPLAT_PICTURE_ADAN };

/// Flat splats and the picture that they are fitted to. A pixel is the sum of colours times exp(-q^(beta / 2) / 2), q
/// the square of Mahalanobis' distance from the pixel's centre, over splats of which at least 1/255 is left there.
typedef struct {
    int width, height;
    int count;
    /// Numbers in a plane of parameters.
    int stride;
    int form;
    /// Whether exponents differ from 2.
    int is_general;
    /// [9, stride].
    float *parameters;
    /// What the covariances are multiplied by for another size than they were made at, along x and y.
    float scale_x, scale_y;
    /// [3, height, width]; none where nothing is compared.
    const float *_Nullable target;
    /// [3, height, row] with the row of `splat_picture_row`: the sum, not yet held in 0...1.
    float *render;
    /// dL / d render, likewise; none where no gradient is wanted.
    float *_Nullable slopes;
    /// [count, 16] of scratch, and whether it holds the splats as they are.
    float *ready;
    int is_ready;
    /// [height] of scratch.
    double *sums;
    int optimiser;
    /// [4, 9, stride]: what the optimiser keeps.
    float *_Nullable moments;
    /// Learning rates of the planes.
    float rates[9];
    /// Steps taken so far.
    int step;
    /// How many of the processor's better instruction sets are left aside.
    int spared_levels;
} splat_picture_job;

/// Numbers in a row of `render`.
int splat_picture_row(int width);

/// Draws the splats as they are. With a target and slopes, also the slopes of the mean square error, which is given
/// back. The same for any number of threads.
double splat_picture_render(const splat_picture_job *job, int threads);

/// dL / d parameters, [9, stride], out of the slopes of a picture just drawn.
void splat_picture_gradient(const splat_picture_job *job, float *gradient, int threads);

/// The same, and a step of the optimiser with it.
void splat_picture_update(splat_picture_job *job, int threads);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
