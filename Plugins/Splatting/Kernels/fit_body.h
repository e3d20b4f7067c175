// A sum of components and its gradient, 64 points at a time: the components of 64 points stay in the first
// cache between their sum and their derivatives.
#include "lanes.h"


static inline __attribute__((always_inline)) lanes KIND(power)(lanes logarithm, float exponent, int is_stable) {
    lanes t = logarithm * exponent;
    if (is_stable) t = KIND(choose)(t > 60.0f, 60.0f, t);
    return KIND(exponential)(t);
}

// The components of `vectors` times sixteen points: `first` and `second` are the exponentials, `powers` and `logarithms`
// what a general one needs.
static inline __attribute__((always_inline)) void KIND(sum_components)(
    const splat_fit_job *job, const splat_fit_terms *terms, const lanes *x, lanes *sum, int vectors,
    splat_fit_room *room) {
    for (int i = 0; i < job->components; i++) {
        size_t at = (size_t)16 * SPLAT_FIT_VECTORS * i;
#pragma clang loop unroll(full)
        for (int k = 0; k < vectors; k++, at += 16) {
            lanes d = x[k] - terms->mean[i], value;
            if (job->model == SPLAT_FIT_GENERAL) {
                lanes logarithm = KIND(logarithm)(KIND(magnitude)(d));
                lanes power = KIND(power)(logarithm, terms->exponent[i], job->is_stable);
                value = KIND(exponential)(-power * terms->a[i]);
                KIND(store)(room->powers + at, power);
                KIND(store)(room->logarithms + at, logarithm);
                KIND(store)(room->first + at, value);
            } else {
                lanes square = d * d;
                value = KIND(exponential)(-square * terms->a[i]);
                KIND(store)(room->first + at, value);
                if (job->model == SPLAT_FIT_DIFFERENCE) {
                    lanes second = KIND(exponential)(-square * terms->b[i]);
                    KIND(store)(room->second + at, second);
                    value -= second;
                } else if (job->model == SPLAT_FIT_LAPLACIAN) {
                    value *= 1 - square * terms->b[i];
                }
            }
            sum[k] += terms->weight[i] * value;
        }
    }
}

// Adds what the points, with the slopes `r` of the loss, give to the sums of each component.
static inline __attribute__((always_inline)) void KIND(add_slopes)(
    const splat_fit_job *job, const splat_fit_terms *terms, const lanes *x, const lanes *r, int vectors,
    splat_fit_room *room) {
    for (int i = 0; i < job->components; i++) {
        float *sums = room->sums + (size_t)16 * SPLAT_FIT_SUMS * i;
        size_t at = (size_t)16 * SPLAT_FIT_VECTORS * i;
        lanes zero = KIND(load)(sums), one = KIND(load)(sums + 16), two = KIND(load)(sums + 32);
        lanes three = KIND(load)(sums + 48), four = KIND(load)(sums + 64);
#pragma clang loop unroll(full)
        for (int k = 0; k < vectors; k++, at += 16) {
            lanes d = x[k] - terms->mean[i], slope = r[k] * KIND(load)(room->first + at);
            zero += slope;
            if (job->model == SPLAT_FIT_GENERAL) {
                whole middle = d == 0;
                lanes turned = slope * KIND(load)(room->powers + at);
                one += KIND(choose)(middle, 0, turned / d);
                two += turned;
                three += KIND(choose)(middle, 0, turned * KIND(load)(room->logarithms + at));
                continue;
            }
            lanes once = slope * d, twice = once * d;
            one += once;
            two += twice;
            if (job->model == SPLAT_FIT_DIFFERENCE) {
                lanes second = r[k] * KIND(load)(room->second + at);
                lanes third = second * d, fourth = second * d * d;
                zero -= second;
                three += third;
                four += fourth;
            } else if (job->model == SPLAT_FIT_LAPLACIAN) {
                lanes third = twice * d, fourth = twice * d * d;
                three += third;
                four += fourth;
            }
        }
        KIND(store)(sums, zero);
        KIND(store)(sums + 16, one);
        KIND(store)(sums + 32, two);
        KIND(store)(sums + 48, three);
        KIND(store)(sums + 64, four);
    }
}

// Points from `at` on: their values, the squares of what is left, and the sums of the components.
static inline __attribute__((always_inline)) double KIND(points)(
    const splat_fit_job *job, const splat_fit_terms *terms, splat_fit_room *room, int at, int vectors, float *values) {
    lanes x[SPLAT_FIT_VECTORS], left[SPLAT_FIT_VECTORS], r[SPLAT_FIT_VECTORS];
    double squares = 0;
    for (int k = 0; k < vectors; k++) {
        x[k] = KIND(load_first)(job->x + at + 16 * k, job->points - at - 16 * k);
        left[k] = 0;
    }
    KIND(sum_components)(job, terms, x, left, vectors, room);
    for (int k = 0; k < vectors; k++) {
        int from = at + 16 * k, count = job->points - from;
        if (values) KIND(store_first)(values + from, left[k], count);
        left[k] -= KIND(load_first)(job->y + from, count);
        if (count < 16) left[k] = KIND(choose)(splat_lane_numbers < count, left[k], 0);
        squares += KIND(total)(left[k] * left[k]);
        r[k] = left[k] * (2.0f / (float)job->points);
    }
    KIND(add_slopes)(job, terms, x, r, vectors, room);
    return squares;
}

// The loss; the sums of each component, and the values where they are wanted.
static inline __attribute__((always_inline)) float KIND(pass)(
    const splat_fit_job *job, const splat_fit_terms *terms, splat_fit_room *room, float *values) {
    memset(room->sums, 0, sizeof(float) * 16 * SPLAT_FIT_SUMS * (size_t)job->components);
    double squares = 0;
    int at = 0, group = 16 * SPLAT_FIT_VECTORS;
    for (; at + group <= job->points; at += group)
        squares += KIND(points)(job, terms, room, at, SPLAT_FIT_VECTORS, values);
    for (; at < job->points; at += 16) squares += KIND(points)(job, terms, room, at, 1, values);
    for (int i = 0; i < job->components; i++)
        for (int k = 0; k < SPLAT_FIT_SUMS; k++)
            room->totals[k * job->components + i] =
                (float)KIND(total)(KIND(load)(room->sums + (size_t)16 * (SPLAT_FIT_SUMS * i + k)));
    return (float)(squares / job->points);
}

// One function for each model, so that no component asks which it is.
static float KIND(fit)(
    const splat_fit_job *job, const splat_fit_terms *terms, splat_fit_room *room, float *values) {
    splat_fit_job own = *job;
    switch (job->model) {
    case SPLAT_FIT_GAUSSIAN: own.model = SPLAT_FIT_GAUSSIAN; return KIND(pass)(&own, terms, room, values);
    case SPLAT_FIT_DIFFERENCE: own.model = SPLAT_FIT_DIFFERENCE; return KIND(pass)(&own, terms, room, values);
    case SPLAT_FIT_LAPLACIAN: own.model = SPLAT_FIT_LAPLACIAN; return KIND(pass)(&own, terms, room, values);
    default: own.model = SPLAT_FIT_GENERAL; return KIND(pass)(&own, terms, room, values);
    }
}

#undef lanes
#undef whole
