// A sum of components and its gradient, sixteen points at a time: the components of sixteen points stay in the first
// cache between their sum and their derivatives.
#include "lanes.h"

// The sums over points that the gradient is made of, sixteen lanes of each.
#define SPLAT_FIT_SUMS 5

static inline __attribute__((always_inline)) lanes KIND(power)(lanes logarithm, float exponent, int is_stable) {
    lanes t = logarithm * exponent;
    if (is_stable) t = KIND(choose)(t > 60.0f, 60.0f, t);
    return KIND(exponential)(t);
}

// The components of sixteen points: `first` and `second` are the exponentials, `powers` and `logarithms` what a general
// one needs.
static inline __attribute__((always_inline)) lanes KIND(sum_components)(
    const splat_fit_job *job, const splat_fit_terms *terms, lanes x, splat_fit_room *room) {
    lanes sum = 0;
    for (int i = 0; i < job->components; i++) {
        lanes d = x - terms->mean[i], value;
        if (job->model == SPLAT_FIT_GENERAL) {
            lanes logarithm = KIND(logarithm)(KIND(magnitude)(d));
            lanes power = KIND(power)(logarithm, terms->exponent[i], job->is_stable);
            value = KIND(exponential)(-power * terms->a[i]);
            KIND(store)(room->powers + 16 * i, power);
            KIND(store)(room->logarithms + 16 * i, logarithm);
            KIND(store)(room->first + 16 * i, value);
        } else {
            lanes square = d * d;
            value = KIND(exponential)(-square * terms->a[i]);
            KIND(store)(room->first + 16 * i, value);
            if (job->model == SPLAT_FIT_DIFFERENCE) {
                lanes second = KIND(exponential)(-square * terms->b[i]);
                KIND(store)(room->second + 16 * i, second);
                value -= second;
            } else if (job->model == SPLAT_FIT_LAPLACIAN) {
                value *= 1 - square * terms->b[i];
            }
        }
        sum += terms->weight[i] * value;
    }
    return sum;
}

static inline __attribute__((always_inline)) void KIND(add)(float *to, lanes value) {
    KIND(store)(to, KIND(load)(to) + value);
}

// Adds what sixteen points with the slopes `r` of the loss give to the sums of each component.
static inline __attribute__((always_inline)) void KIND(add_slopes)(
    const splat_fit_job *job, const splat_fit_terms *terms, lanes x, lanes r, splat_fit_room *room) {
    for (int i = 0; i < job->components; i++) {
        float *sums = room->sums + (size_t)16 * SPLAT_FIT_SUMS * i;
        lanes d = x - terms->mean[i], slope = r * KIND(load)(room->first + 16 * i);
        KIND(add)(sums, slope);
        if (job->model == SPLAT_FIT_GENERAL) {
            lanes power = KIND(load)(room->powers + 16 * i), logarithm = KIND(load)(room->logarithms + 16 * i);
            whole middle = d == 0;
            lanes turned = slope * power;
            KIND(add)(sums + 16, KIND(choose)(middle, 0, turned / d));
            KIND(add)(sums + 32, turned);
            KIND(add)(sums + 48, KIND(choose)(middle, 0, turned * logarithm));
            continue;
        }
        lanes once = slope * d, twice = once * d;
        KIND(add)(sums + 16, once);
        KIND(add)(sums + 32, twice);
        if (job->model == SPLAT_FIT_DIFFERENCE) {
            lanes second = r * KIND(load)(room->second + 16 * i);
            KIND(add)(sums, -second);
            KIND(add)(sums + 48, second * d);
            KIND(add)(sums + 64, second * d * d);
        } else if (job->model == SPLAT_FIT_LAPLACIAN) {
            KIND(add)(sums + 48, twice * d);
            KIND(add)(sums + 64, twice * d * d);
        }
    }
}

// The loss; the sums of each component, and the values where they are wanted.
static inline __attribute__((always_inline)) float KIND(pass)(
    const splat_fit_job *job, const splat_fit_terms *terms, splat_fit_room *room, float *values) {
    memset(room->sums, 0, sizeof(float) * 16 * SPLAT_FIT_SUMS * (size_t)job->components);
    double squares = 0;
    for (int at = 0; at < job->points; at += 16) {
        int count = job->points - at;
        lanes x = KIND(load_first)(job->x + at, count);
        lanes value = KIND(sum_components)(job, terms, x, room);
        lanes difference = value - KIND(load_first)(job->y + at, count);
        if (count < 16) difference = KIND(choose)(splat_lane_numbers < count, difference, 0);
        if (values) KIND(store_first)(values + at, value, count);
        squares += KIND(total)(difference * difference);
        KIND(add_slopes)(job, terms, x, difference * (2.0f / (float)job->points), room);
    }
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
