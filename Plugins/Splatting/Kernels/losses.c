#include "csplats_losses.h"

#include <levels.h>
#include <stdint.h>
#include <string.h>

#include "slices.h"

// The Gaussian window of SSIM: 11 numbers of sigma 1.5 with sum 1, of which the first six.
static const float splat_window[6] = {
    0.0010283801f, 0.0075987581f, 0.0360007721f, 0.1093606895f, 0.2130055377f, 0.2660117249f};

// Floats of a row with 16 before it and 16 behind its last full vector.
static size_t splat_row_stride(int width) { return (((size_t)width + 15) & ~(size_t)15) + 32; }

#define SPLAT_BODY "losses_body.h"
#include "at_levels.h"

static size_t splat_thread_floats(int width) { return (5 + 55 + 33) * splat_row_stride(width); }

size_t splat_image_loss_scratch(int width, int height, int threads) {
    return 64 + 12 * (size_t)height * sizeof(double)
        + (size_t)splat_thread_count(threads) * splat_thread_floats(width) * sizeof(float);
}

typedef struct {
    const splat_image_loss_job *job;
    double *sums;
    float *scratch;
} splat_image_loss_context;

static void splat_image_loss_slice(void *argument, int thread, int threads) {
    splat_image_loss_context *context = argument;
    float *scratch = context->scratch + (size_t)thread * splat_thread_floats(context->job->width);
#if GENERA_HAS_LEVELS
    int level = genera_level_but(context->job->spared_levels);
    if (level == 2) return image_loss_avx512(context->job, scratch, context->sums, thread, threads);
    if (level == 1) return image_loss_avx2(context->job, scratch, context->sums, thread, threads);
#endif
    image_loss_plain(context->job, scratch, context->sums, thread, threads);
}

splat_image_terms splat_image_loss(const splat_image_loss_job *job, void *scratch, int threads) {
    size_t height = (size_t)job->height, rows = 3 * height;
    // Rows begin where cache lines do, or every vector of the widest kind would lie across two.
    float *aligned = (float *)(((uintptr_t)scratch + 63) & ~(uintptr_t)63);
    splat_image_loss_context context = {
        job, (double *)(aligned + (size_t)splat_thread_count(threads) * splat_thread_floats(job->width)), aligned};
    memset(context.sums, 0, 4 * rows * sizeof(double));
    splat_in_slices(threads, splat_image_loss_slice, &context);
    splat_image_terms terms = {0};
    for (size_t row = 0; row < rows; row++) {
        const double *sums = context.sums + 4 * row;
        terms.l1 += sums[0];
        terms.ssim += sums[1];
        terms.masked += sums[2];
        terms.squares[row / height] += sums[3];
    }
    double pixels = (double)job->width * (double)height;
    terms.l1 /= 3 * pixels;
    terms.ssim /= 3 * pixels;
    terms.masked /= 3 * pixels;
    for (int channel = 0; channel < 3; channel++) terms.squares[channel] /= pixels;
    return terms;
}
