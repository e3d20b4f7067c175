// Blurs of a small picture, row by row.
#include "lanes.h"

// A row blurred along itself; `padded` has `radius` zeros before it and radius + 16 behind it.
static void KIND(blur_along)(const float *padded, float *to, int width, const float *kernel, int radius) {
    const float *middle = padded + radius;
    for (int c = 0; c < width; c += 16) {
        lanes sum = kernel[0] * KIND(load)(middle + c);
        for (int k = 1; k <= radius; k++) sum += kernel[k] * (KIND(load)(middle + c - k) + KIND(load)(middle + c + k));
        KIND(store_first)(to + c, sum, width - c);
    }
}

// One row of a blur across rows, of which 2 radius + 1 are given; it is added with the sign `sign`.
static void KIND(blur_across)(
    const float *const *rows, float *to, int width, const float *kernel, int radius, float sign, int adds) {
    for (int c = 0; c < width; c += 16) {
        int count = width - c;
        lanes sum = kernel[0] * KIND(load_first)(rows[radius] + c, count);
        for (int k = 1; k <= radius; k++)
            sum += kernel[k]
                * (KIND(load_first)(rows[radius - k] + c, count) + KIND(load_first)(rows[radius + k] + c, count));
        sum *= sign;
        if (adds) sum += KIND(load_first)(to + c, count);
        KIND(store_first)(to + c, sum, count);
    }
}

// to + sign * blur(from), or without `to` where nothing is there yet.
static void KIND(blur)(
    const float *from, float *to, int width, int height, double sigma, float sign, int adds, float *along,
    float *padded, const float *zeros) {
    float kernel[SPLAT_MOST_RADIUS + 1];
    const float *rows[2 * SPLAT_MOST_RADIUS + 1];
    int radius = splat_blur_kernel(sigma, kernel);
    memset(padded, 0, splat_padded_floats(width) * sizeof(float));
    for (int row = 0; row < height; row++) {
        memcpy(padded + radius, from + (size_t)row * width, (size_t)width * sizeof(float));
        KIND(blur_along)(padded, along + (size_t)row * width, width, kernel, radius);
    }
    for (int row = 0; row < height; row++) {
        for (int k = -radius; k <= radius; k++) {
            int other = row + k;
            rows[k + radius] = other < 0 || other >= height ? zeros : along + (size_t)other * width;
        }
        KIND(blur_across)(rows, to + (size_t)row * width, width, kernel, radius, sign, adds);
    }
}

static void KIND(difference)(float *small, int width, int height, double sigma1, double sigma2, float *scratch) {
    size_t size = (size_t)width * height;
    float *along = scratch, *result = scratch + size, *padded = scratch + 2 * size;
    float *zeros = padded + splat_padded_floats(width);
    memset(zeros, 0, (size_t)width * sizeof(float));
    KIND(blur)(small, result, width, height, sigma1, 1, 0, along, padded, zeros);
    KIND(blur)(small, result, width, height, sigma2, -1, 1, along, padded, zeros);
    memcpy(small, result, size * sizeof(float));
}

// A row of the picture between the rows of the small one.
static void KIND(spread_row)(
    const float *above, const float *below, float share, float *blend, int small_width, const int32_t *left,
    const int32_t *right, const float *shares, float *to, int width, float *least, float *greatest) {
    for (int c = 0; c < small_width; c++) blend[c] = (1 - share) * above[c] + share * below[c];
    for (int c = 0; c < width; c++) to[c] = (1 - shares[c]) * blend[left[c]] + shares[c] * blend[right[c]];
    lanes low = to[0], high = to[0];
    int c = 0;
    for (; c + 16 <= width; c += 16) {
        lanes value = KIND(load)(to + c);
        low = KIND(choose)(value < low, value, low);
        high = KIND(choose)(value > high, value, high);
    }
    *least = low[0], *greatest = high[0];
    for (int i = 1; i < 16; i++) {
        if (low[i] < *least) *least = low[i];
        if (high[i] > *greatest) *greatest = high[i];
    }
    for (; c < width; c++) {
        if (to[c] < *least) *least = to[c];
        if (to[c] > *greatest) *greatest = to[c];
    }
}

static void KIND(threshold_row)(float *row, int width, float least, float range, int is_low) {
    for (int c = 0; c < width; c++) {
        float value = (row[c] - least) / range;
        if (is_low) value = 1 - value;
        row[c] = value >= 0.5f ? 1.0f : 0.0f;
    }
}

#undef lanes
#undef whole
