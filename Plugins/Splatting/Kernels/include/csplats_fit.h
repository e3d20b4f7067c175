#ifndef CSPLATS_FIT_H
#define CSPLATS_FIT_H

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// What a sum of components is made of, with d = x - mean, w a weight and v or s a spread.
enum splat_fit_model {
    /// w exp(-d^2 / (2 v + 1e-8)).
    SPLAT_FIT_GAUSSIAN,
    /// w (exp(-d^2 / (2 s^2 + 1e-8)) - exp(-d^2 / (s^2 / 2 + 1e-8))).
    SPLAT_FIT_DIFFERENCE,
    /// w (1 - d^2 / s^2) exp(-d^2 / (2 s^2 + 1e-8)).
    SPLAT_FIT_LAPLACIAN,
    /// w exp(-|d|^b / (2 v + 1e-8)), b = softplus(beta) + 1/2.
    SPLAT_FIT_GENERAL
};

/// A sum of at most 256 components that Adam fits to a curve by the mean square error, in float32.
typedef struct {
    int model;
    int components;
    /// Whether weights go through softplus.
    int is_positive;
    /// Whether spreads are stored as logarithms, and exponents are held below 60.
    int is_stable;
    int points;
    const float *x;
    const float *y;
    float learning_rate;
    /// [4, components]: means, spreads, weights, betas.
    float *parameters;
    /// [2, 4, components]: Adam's means of gradients and of their squares.
    float *moments;
    /// Steps taken so far.
    int steps;
    /// How many of the processor's better instruction sets are left aside.
    int spared_levels;
} splat_fit_job;

/// The values [points] and the gradient [4, components] of a sum as it is; the loss.
float splat_fit_evaluate(const splat_fit_job *job, float *values, float *gradient);

/// Takes steps, up to the first whose loss is not finite. The loss before each goes to `losses`, where there is one.
/// The number of steps taken.
int splat_fit_steps(splat_fit_job *job, int steps, float *_Nullable losses);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
