// L1 and SSIM of rows of a channel, with their gradient, in one pass: each row is blurred along itself when it comes
// in, across eleven rows when the last of them is there, and the derivatives of SSIM go through the same blur on their
// way back. So a picture is read once, and all between stays in the cache.
#include "lanes.h"

// What one thread works in. A padded row has 16 zeros before it and at least 16 behind it.
typedef struct {
    float *padded[5];
    float *moments;      // [11][5][stride]: rows of x, y, xx, yy, xy, blurred along themselves
    float *derivatives;  // [11][3][stride]: rows of dS/dmu, dS/dsigma^2, dS/dsigma_xy, likewise
} KIND(room);

static inline __attribute__((always_inline)) lanes KIND(along)(const float *at) {
    lanes sum = splat_window[5] * KIND(load)(at);
    for (int k = 1; k <= 5; k++) sum += splat_window[5 - k] * (KIND(load)(at - k) + KIND(load)(at + k));
    return sum;
}

static inline __attribute__((always_inline)) lanes KIND(across)(const float *const rows[11], size_t at) {
    lanes sum = splat_window[5] * KIND(load)(rows[5] + at);
    for (int k = 1; k <= 5; k++)
        sum += splat_window[5 - k] * (KIND(load)(rows[5 - k] + at) + KIND(load)(rows[5 + k] + at));
    return sum;
}

// x and y of 16 pixels, with the weights in x.
static inline __attribute__((always_inline)) void KIND(pixels)(
    const splat_image_loss_job *job, int channel, int row, int column, lanes *x, lanes *y, lanes *weight) {
    size_t at = ((size_t)channel * job->height + row) * job->width + column;
    int count = job->width - column;
    *x = KIND(load_first)(job->render + at, count);
    *y = KIND(load_first)(job->target + at, count);
    *weight = 1;
    if (job->weights) {
        *weight = KIND(load_first)(job->weights + (size_t)row * job->width + column, count);
        *x = *y + *weight * (*x - *y);
    }
}

static void KIND(take_row)(const splat_image_loss_job *job, int channel, int row, KIND(room) room, size_t stride) {
    float *slot = room.moments + (size_t)((row + 11) % 11) * 5 * stride;
    if (row < 0 || row >= job->height) {
        memset(slot, 0, 5 * stride * sizeof(float));
        return;
    }
    for (int c = 0; c < job->width; c += 16) {
        lanes x, y, weight;
        KIND(pixels)(job, channel, row, c, &x, &y, &weight);
        KIND(store)(room.padded[0] + 16 + c, x);
        KIND(store)(room.padded[1] + 16 + c, y);
        KIND(store)(room.padded[2] + 16 + c, x * x);
        KIND(store)(room.padded[3] + 16 + c, y * y);
        KIND(store)(room.padded[4] + 16 + c, x * y);
    }
    for (int map = 0; map < 5; map++)
        for (int c = 0; c < job->width; c += 16)
            KIND(store)(slot + map * stride + c, KIND(along)(room.padded[map] + 16 + c));
}

// SSIM of a row, summed, and its derivatives, blurred along the row.
static double KIND(compare_row)(const splat_image_loss_job *job, int row, KIND(room) room, size_t stride) {
    const float *rows[11];
    for (int k = 0; k < 11; k++) rows[k] = room.moments + (size_t)((row - 5 + k + 11) % 11) * 5 * stride;
    const float c1 = 1e-4f, c2 = 9e-4f;
    lanes sum = 0;
    for (int c = 0; c < job->width; c += 16) {
        lanes mx = KIND(across)(rows, c), my = KIND(across)(rows, stride + c);
        lanes xx = KIND(across)(rows, 2 * stride + c) - mx * mx;
        lanes yy = KIND(across)(rows, 3 * stride + c) - my * my;
        lanes xy = KIND(across)(rows, 4 * stride + c) - mx * my;
        lanes a1 = 2 * mx * my + c1, a2 = 2 * xy + c2;
        lanes b1 = mx * mx + my * my + c1, b2 = xx + yy + c2;
        lanes inverse = 1 / (b1 * b2);
        lanes s = a1 * a2 * inverse;
        lanes dxx = -s * inverse * b1;
        lanes dxy = 2 * a1 * inverse;
        lanes dm = 2 * (my * a2 * inverse - mx * s * inverse * b2 - mx * dxx) - my * dxy;
        int count = job->width - c;
        if (count < 16) {
            whole inside = splat_lane_numbers < count;
            s = KIND(choose)(inside, s, 0);
            dxx = KIND(choose)(inside, dxx, 0);
            dxy = KIND(choose)(inside, dxy, 0);
            dm = KIND(choose)(inside, dm, 0);
        }
        sum += s;
        KIND(store)(room.padded[0] + 16 + c, dm);
        KIND(store)(room.padded[1] + 16 + c, dxx);
        KIND(store)(room.padded[2] + 16 + c, dxy);
    }
    if (job->gradient) {
        float *slot = room.derivatives + (size_t)((row + 11) % 11) * 3 * stride;
        for (int map = 0; map < 3; map++)
            for (int c = 0; c < job->width; c += 16)
                KIND(store)(slot + map * stride + c, KIND(along)(room.padded[map] + 16 + c));
    }
    return KIND(total)(sum);
}

// The sums of |x - y|, M |x - y| and (x - y)^2 of a row, and the gradient of all.
static void KIND(finish_row)(
    const splat_image_loss_job *job, int channel, int row, KIND(room) room, size_t stride, int has_ssim, double *sums) {
    const float *rows[11];
    for (int k = 0; k < 11; k++) rows[k] = room.derivatives + (size_t)((row - 5 + k + 11) % 11) * 3 * stride;
    float each = 1.0f / (3.0f * (float)job->width * (float)job->height);
    lanes absolute = 0, masked = 0, squares = 0;
    for (int c = 0; c < job->width; c += 16) {
        int count = job->width - c;
        lanes x, y, weight;
        KIND(pixels)(job, channel, row, c, &x, &y, &weight);
        lanes difference = x - y, size = KIND(magnitude)(difference), mask = 0;
        if (job->mask) mask = KIND(load_first)(job->mask + (size_t)row * job->width + c, count);
        absolute += size;
        masked += mask * size;
        squares += difference * difference;
        if (!job->gradient) continue;
        lanes slope = (job->l1 + job->masked * mask) * KIND(sign)(difference);
        if (has_ssim) {
            lanes dm = KIND(across)(rows, c), dxx = KIND(across)(rows, stride + c);
            lanes dxy = KIND(across)(rows, 2 * stride + c);
            slope -= job->ssim * (dm + 2 * x * dxx + y * dxy);
        }
        size_t at = ((size_t)channel * job->height + row) * job->width + c;
        KIND(store_first)(job->gradient + at, slope * weight * each, count);
    }
    sums[0] = KIND(total)(absolute);
    sums[2] = KIND(total)(masked);
    sums[3] = KIND(total)(squares);
}

// Rows first..<end of a channel; `sums` holds four numbers a row of it.
static void KIND(channel_rows)(
    const splat_image_loss_job *job, int channel, int first, int end, KIND(room) room, size_t stride, double *sums) {
    int has_gradient = job->gradient && job->ssim != 0;
    if (!(has_gradient || job->wants_ssim)) {
        for (int row = first; row < end; row++) KIND(finish_row)(job, channel, row, room, stride, 0, sums + 4 * row);
        return;
    }
    int reach = has_gradient ? 5 : 0;
    for (int row = first - reach - 10; row < end + reach; row++) {
        if (row + 5 < job->height + 5) KIND(take_row)(job, channel, row + 5, room, stride);
        if (row < first - reach) continue;
        if (row < 0 || row >= job->height) {
            memset(room.derivatives + (size_t)((row + 11) % 11) * 3 * stride, 0, 3 * stride * sizeof(float));
        } else {
            double ssim = KIND(compare_row)(job, row, room, stride);
            if (row >= first && row < end) sums[4 * row + 1] = ssim;
        }
        int ready = row - reach;
        if (ready >= first) KIND(finish_row)(job, channel, ready, room, stride, has_gradient, sums + 4 * ready);
    }
}

static void KIND(image_loss)(
    const splat_image_loss_job *job, float *scratch, double *sums, int thread, int threads) {
    size_t stride = splat_row_stride(job->width);
    KIND(room) room;
    for (int i = 0; i < 5; i++) room.padded[i] = scratch + i * stride;
    memset(scratch, 0, 5 * stride * sizeof(float));
    room.moments = scratch + 5 * stride;
    room.derivatives = room.moments + 55 * stride;
    long all = 3L * job->height, first = all * thread / threads, end = all * (thread + 1) / threads;
    for (int channel = 0; channel < 3; channel++) {
        long from = first - (long)channel * job->height, to = end - (long)channel * job->height;
        if (from < 0) from = 0;
        if (to > job->height) to = job->height;
        if (from < to)
            KIND(channel_rows)(job, channel, (int)from, (int)to, room, stride, sums + 4L * channel * job->height);
    }
}

#undef lanes
#undef whole
