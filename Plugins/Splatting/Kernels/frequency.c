#include <levels.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "csplats_losses.h"
#include "slices.h"

// Of a standard deviation up to 85 pixels; the schedule of the loss ends at 10.2.
#define SPLAT_MOST_RADIUS 256

// Floats of a row with zeros around it for any blur.
static size_t splat_padded_floats(int width) { return (size_t)width + 2 * SPLAT_MOST_RADIUS + 32; }

// The middle and one side of a Gaussian of sum 1, and its radius, three standard deviations rounded half to even.
static int splat_blur_kernel(double sigma, float *kernel) {
    double rounded = nearbyint(3 * sigma);
    int radius = rounded > SPLAT_MOST_RADIUS ? SPLAT_MOST_RADIUS : (int)rounded;
    double sum = 0, values[SPLAT_MOST_RADIUS + 1];
    for (int k = 0; k <= radius; k++) {
        values[k] = exp(-(double)k * k / (2 * sigma * sigma));
        sum += k == 0 ? values[k] : 2 * values[k];
    }
    for (int k = 0; k <= radius; k++) kernel[k] = (float)(values[k] / sum);
    return radius;
}

#define SPLAT_BODY "frequency_body.h"
#include "at_levels.h"

#if GENERA_HAS_LEVELS
#define SPLAT_AT_LEVEL(call, ...) \
    do { \
        int level = genera_level(); \
        if (level == 2) \
            call##_avx512(__VA_ARGS__); \
        else if (level == 1) \
            call##_avx2(__VA_ARGS__); \
        else \
            call##_plain(__VA_ARGS__); \
    } while (0)
#else
#define SPLAT_AT_LEVEL(call, ...) call##_plain(__VA_ARGS__)
#endif

int splat_frequency_size(int count, double factor) {
    int size = (int)floor((double)count * factor);
    return size < 1 ? 1 : size;
}

void splat_frequency_difference(float *small, int width, int height, double sigma1, double sigma2, float *scratch) {
    SPLAT_AT_LEVEL(difference, small, width, height, sigma1, sigma2, scratch);
}

// Where number `index` of a resized row lies in one of `count`: between `*low` and `*high`, the share of the latter.
static float splat_place(int index, float step, int count, int *low, int *high) {
    float place = step * ((float)index + 0.5f) - 0.5f;
    if (place < 0) place = 0;
    int below = (int)place;
    if (below > count - 1) below = count - 1;
    *low = below;
    *high = below < count - 1 ? below + 1 : below;
    return place - (float)below;
}

void splat_frequency_grey(const splat_frequency_job *job, float *small) {
    int width = splat_frequency_size(job->width, job->factor), height = splat_frequency_size(job->height, job->factor);
    // The step is what the factor says, not the ratio of the sizes.
    float step = (float)(1 / job->factor);
    size_t plane = (size_t)job->width * job->height;
    for (int row = 0; row < height; row++) {
        int rows[2];
        float down = splat_place(row, step, job->height, &rows[0], &rows[1]);
        for (int column = 0; column < width; column++) {
            int columns[2];
            float across = splat_place(column, step, job->width, &columns[0], &columns[1]), corners[2][2];
            for (int i = 0; i < 2; i++)
                for (int k = 0; k < 2; k++) {
                    const float *at = job->render + (size_t)rows[i] * job->width + columns[k];
                    corners[i][k] = (at[0] + at[plane] + at[2 * plane]) / 3;
                }
            small[(size_t)row * width + column] = (1 - down) * ((1 - across) * corners[0][0] + across * corners[0][1])
                + down * ((1 - across) * corners[1][0] + across * corners[1][1]);
        }
    }
}

typedef struct {
    const splat_frequency_job *job;
    const float *small;
    int small_width, small_height;
    int32_t *left, *right;
    float *shares, *limits, *blends;
    float least, range;
} splat_spread_context;

static void splat_spread_slice(void *argument, int thread, int threads) {
    splat_spread_context *context = argument;
    const splat_frequency_job *job = context->job;
    float *blend = context->blends + (size_t)thread * context->small_width;
    long first = (long)job->height * thread / threads, end = (long)job->height * (thread + 1) / threads;
    float step = (float)context->small_height / (float)job->height;
    for (long row = first; row < end; row++) {
        int low, high;
        float share = splat_place((int)row, step, context->small_height, &low, &high);
        const float *above = context->small + (size_t)low * context->small_width;
        const float *below = context->small + (size_t)high * context->small_width;
        SPLAT_AT_LEVEL(
            spread_row, above, below, share, blend, context->small_width, context->left, context->right,
            context->shares, job->mask + (size_t)row * job->width, job->width,
            &context->limits[2 * row], &context->limits[2 * row + 1]);
    }
}

static void splat_threshold_slice(void *argument, int thread, int threads) {
    splat_spread_context *context = argument;
    const splat_frequency_job *job = context->job;
    long first = (long)job->height * thread / threads, end = (long)job->height * (thread + 1) / threads;
    for (long row = first; row < end; row++)
        SPLAT_AT_LEVEL(
            threshold_row, job->mask + (size_t)row * job->width, job->width, context->least, context->range,
            job->is_low);
}

void splat_frequency_spread(const splat_frequency_job *job, const float *small, void *scratch, int threads) {
    splat_spread_context context = {.job = job, .small = small};
    context.small_width = splat_frequency_size(job->width, job->factor);
    context.small_height = splat_frequency_size(job->height, job->factor);
    context.left = scratch;
    context.right = context.left + job->width;
    context.shares = (float *)(context.right + job->width);
    context.limits = context.shares + job->width;
    context.blends = context.limits + 2 * (size_t)job->height;
    float step = (float)context.small_width / (float)job->width;
    for (int column = 0; column < job->width; column++) {
        int low, high;
        context.shares[column] = splat_place(column, step, context.small_width, &low, &high);
        context.left[column] = low;
        context.right[column] = high;
    }
    // To start a thread takes longer than a small picture.
    if ((size_t)job->width * job->height < 1 << 18) threads = 1;
    splat_in_slices(threads, splat_spread_slice, &context);
    float least = context.limits[0], greatest = context.limits[1];
    for (int row = 1; row < job->height; row++) {
        if (context.limits[2 * row] < least) least = context.limits[2 * row];
        if (context.limits[2 * row + 1] > greatest) greatest = context.limits[2 * row + 1];
    }
    context.least = least;
    context.range = greatest - least;
    splat_in_slices(threads, splat_threshold_slice, &context);
}

size_t splat_frequency_scratch(int width, int height, double factor) {
    size_t small_width = (size_t)splat_frequency_size(width, factor);
    size_t small = small_width * (size_t)splat_frequency_size(height, factor);
    size_t blur = 2 * small + splat_padded_floats((int)small_width) + small_width;
    size_t spread = 3 * (size_t)width + 2 * (size_t)height + SPLAT_MOST_THREADS * small_width;
    return (small + (blur > spread ? blur : spread)) * sizeof(float);
}

void splat_frequency_mask(const splat_frequency_job *job, void *scratch, int threads) {
    int width = splat_frequency_size(job->width, job->factor), height = splat_frequency_size(job->height, job->factor);
    float *small = scratch, *rest = small + (size_t)width * height;
    splat_frequency_grey(job, small);
    splat_frequency_difference(small, width, height, job->sigma1, job->sigma2, rest);
    splat_frequency_spread(job, small, rest, threads);
}
