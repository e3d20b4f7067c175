// Flat splats over rows of pixels. Drawing goes splat by splat within a band of rows that one thread owns, so that a
// pixel sums its splats in their order whatever the number of threads; gradients go splat by splat over the finished
// picture, each on one thread.
#include "lanes.h"

// The distances q of sixteen pixels of a row, and the value there, 0 beyond the splat's reach.
static inline __attribute__((always_inline)) lanes KIND(value)(
    const splat_ready *s, lanes dx, float dy, int is_general, lanes *q, lanes *power, lanes *logarithm) {
    *q = s->k11 * dx * dx + (2 * s->k12 * dy) * dx + s->k22 * dy * dy;
    if (is_general) {
        lanes near = *q < 1e-6f ? (lanes)1e-6f : *q;
        *q = near;
        *logarithm = KIND(logarithm)(near);
        *power = KIND(exponential)(*logarithm * (0.5f * s->beta));
    } else {
        *power = *q;
    }
    lanes value = KIND(exponential)(-0.5f * *power);
    return KIND(choose)(*q <= s->reach, value, 0);
}

static inline __attribute__((always_inline)) lanes KIND(centres)(int column, float u) {
    return __builtin_convertvector(splat_lane_numbers, lanes) + ((float)column + 0.5f - u);
}

static inline __attribute__((always_inline)) void KIND(draw_rows)(
    const splat_picture_job *job, const splat_ready *s, int first, int end, int is_general) {
    size_t row_size = (size_t)splat_picture_row(job->width), plane = row_size * job->height;
    if (first < s->top) first = s->top;
    if (end > s->bottom) end = s->bottom;
    for (int row = first; row < end; row++) {
        int left, right;
        float dy = (float)row + 0.5f - s->v;
        if (!splat_span(s, dy, job->width, &left, &right)) continue;
        for (int column = left; column < right; column += 16) {
            lanes q, power, logarithm = 0;
            lanes value = KIND(value)(s, KIND(centres)(column, s->u), dy, is_general, &q, &power, &logarithm);
            float *at = job->render + row * row_size + column;
            KIND(store)(at, KIND(load)(at) + s->red * value);
            KIND(store)(at + plane, KIND(load)(at + plane) + s->green * value);
            KIND(store)(at + 2 * plane, KIND(load)(at + 2 * plane) + s->blue * value);
        }
    }
}

// The slopes of the mean square error of rows, and the sum of squares of each.
static void KIND(compare_rows)(const splat_picture_job *job, int first, int end) {
    size_t row_size = (size_t)splat_picture_row(job->width);
    float each = 2.0f / (3.0f * (float)job->width * (float)job->height);
    for (int row = first; row < end; row++) {
        double sum = 0;
        for (int channel = 0; channel < 3; channel++) {
            size_t line = (size_t)channel * job->height + row;
            lanes squares = 0;
            for (int column = 0; column < job->width; column += 16) {
                lanes value = KIND(load)(job->render + line * row_size + column);
                int count = job->width - column;
                // What is drawn is held in 0...1; a sum beyond is still pulled back.
                value = KIND(choose)(value < 0, 0, KIND(choose)(value > 1, 1, value));
                lanes difference = value - KIND(load_first)(job->target + line * job->width + column, count);
                if (count < 16) difference = KIND(choose)(splat_lane_numbers < count, difference, 0);
                squares += difference * difference;
                KIND(store)(job->slopes + line * row_size + column, each * difference);
            }
            sum += KIND(total)(squares);
        }
        job->sums[row] = sum;
    }
}

static void KIND(draw)(const splat_picture_job *job, int thread, int threads) {
    size_t row_size = (size_t)splat_picture_row(job->width);
    const splat_ready *ready = (const splat_ready *)job->ready;
    for (int first = SPLAT_BAND * thread; first < job->height; first += SPLAT_BAND * threads) {
        int end = first + SPLAT_BAND < job->height ? first + SPLAT_BAND : job->height;
        for (int channel = 0; channel < 3; channel++)
            memset(
                job->render + ((size_t)channel * job->height + first) * row_size, 0,
                (size_t)(end - first) * row_size * sizeof(float));
        for (int i = 0; i < job->count; i++) {
            if (ready[i].top >= end || ready[i].bottom <= first) continue;
            if (job->is_general)
                KIND(draw_rows)(job, &ready[i], first, end, 1);
            else
                KIND(draw_rows)(job, &ready[i], first, end, 0);
        }
        if (job->target && job->slopes) KIND(compare_rows)(job, first, end);
    }
}

// The sums over pixels of h = dL / dq and of what else a splat's gradient is made of.
static inline __attribute__((always_inline)) void KIND(collect)(
    const splat_picture_job *job, const splat_ready *s, int is_general, splat_collected *sums) {
    size_t row_size = (size_t)splat_picture_row(job->width), plane = row_size * job->height;
    lanes x = 0, y = 0, xx = 0, xy = 0, yy = 0, red = 0, green = 0, blue = 0, beta = 0;
    for (int row = s->top; row < s->bottom; row++) {
        int left, right;
        float dy = (float)row + 0.5f - s->v;
        if (!splat_span(s, dy, job->width, &left, &right)) continue;
        lanes all = 0, once = 0;
        for (int column = left; column < right; column += 16) {
            lanes dx = KIND(centres)(column, s->u), q, power, logarithm = 0;
            lanes value = KIND(value)(s, dx, dy, is_general, &q, &power, &logarithm);
            const float *at = job->slopes + row * row_size + column;
            lanes r = KIND(load)(at), g = KIND(load)(at + plane), b = KIND(load)(at + 2 * plane);
            red += r * value;
            green += g * value;
            blue += b * value;
            lanes h = -0.5f * value * (r * s->red + g * s->green + b * s->blue);
            if (is_general) {
                beta += 0.5f * h * power * logarithm;
                h *= 0.5f * s->beta * power / q;
            }
            all += h;
            once += h * dx;
            xx += h * dx * dx;
        }
        x += once;
        y += all * dy;
        xy += once * dy;
        yy += all * (dy * dy);
    }
    *sums = (splat_collected){
        .x = (float)KIND(total)(x), .y = (float)KIND(total)(y), .xx = (float)KIND(total)(xx),
        .xy = (float)KIND(total)(xy), .yy = (float)KIND(total)(yy), .beta = (float)KIND(total)(beta),
        .colour = {(float)KIND(total)(red), (float)KIND(total)(green), (float)KIND(total)(blue)}};
}

static void KIND(collect_splat)(const splat_picture_job *job, int index, splat_collected *sums) {
    const splat_ready *s = (const splat_ready *)job->ready + index;
    if (job->is_general)
        KIND(collect)(job, s, 1, sums);
    else
        KIND(collect)(job, s, 0, sums);
}

#undef lanes
#undef whole
