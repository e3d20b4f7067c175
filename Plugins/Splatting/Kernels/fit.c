#include "csplats_fit.h"

#include <levels.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define SPLAT_FIT_MOST 256
// The sums over points that the gradient is made of, sixteen lanes of each.
#define SPLAT_FIT_SUMS 5
// Vectors of sixteen points that are worked on at a time.
#define SPLAT_FIT_VECTORS 4

// What a component is made of, with the spread as `spread`: the factors a and b of the exponents (of d^2 / s^2 for a
// Laplacian), the exponent b of a general one, and the weight after softplus.
typedef struct {
    float mean[SPLAT_FIT_MOST], spread[SPLAT_FIT_MOST], weight[SPLAT_FIT_MOST];
    float a[SPLAT_FIT_MOST], b[SPLAT_FIT_MOST], exponent[SPLAT_FIT_MOST];
} splat_fit_terms;

typedef struct {
    float first[16 * SPLAT_FIT_VECTORS * SPLAT_FIT_MOST], second[16 * SPLAT_FIT_VECTORS * SPLAT_FIT_MOST];
    float powers[16 * SPLAT_FIT_VECTORS * SPLAT_FIT_MOST], logarithms[16 * SPLAT_FIT_VECTORS * SPLAT_FIT_MOST];
    float sums[16 * SPLAT_FIT_SUMS * SPLAT_FIT_MOST];
    float totals[SPLAT_FIT_SUMS * SPLAT_FIT_MOST];
} splat_fit_room;

#define SPLAT_BODY "fit_body.h"
#include "at_levels.h"

static float splat_softplus(float x) { return x > 20 ? x : log1pf(expf(x)); }

static float splat_sigmoid(float x) { return 1 / (1 + expf(-x)); }

static void splat_fit_prepare(const splat_fit_job *job, splat_fit_terms *terms) {
    int n = job->components;
    const float *p = job->parameters;
    for (int i = 0; i < n; i++) {
        float spread = p[n + i];
        if (job->is_stable) spread = expf(fminf(fmaxf(spread, -16), 16));
        terms->mean[i] = p[i];
        terms->spread[i] = spread;
        terms->weight[i] = job->is_positive ? splat_softplus(p[2 * n + i]) : p[2 * n + i];
        int is_squared = job->model == SPLAT_FIT_DIFFERENCE || job->model == SPLAT_FIT_LAPLACIAN;
        terms->a[i] = 1 / (2 * (is_squared ? spread * spread : spread) + 1e-8f);
        terms->b[i] = 0;
        if (job->model == SPLAT_FIT_DIFFERENCE) terms->b[i] = 1 / (spread * spread / 2 + 1e-8f);
        if (job->model == SPLAT_FIT_LAPLACIAN) terms->b[i] = 1 / (spread * spread);
        terms->exponent[i] = job->model == SPLAT_FIT_GENERAL ? splat_softplus(p[3 * n + i]) + 0.5f : 2;
    }
}

// dL / d parameters of component i out of its sums over points.
static void splat_fit_component(
    const splat_fit_job *job, const splat_fit_terms *terms, const splat_fit_room *room, int i, float *gradient) {
    int n = job->components;
    const float *t = room->totals + i;
    float w = terms->weight[i], s = terms->spread[i], a = terms->a[i], b = terms->b[i];
    float mean, spread, weight = t[0], beta = 0;
    switch (job->model) {
    case SPLAT_FIT_GAUSSIAN:
        mean = 2 * a * w * t[n];
        spread = 2 * a * a * w * t[2 * n];
        break;
    case SPLAT_FIT_DIFFERENCE:
        mean = 2 * w * (a * t[n] - b * t[3 * n]);
        spread = w * s * (4 * a * a * t[2 * n] - b * b * t[4 * n]);
        break;
    case SPLAT_FIT_LAPLACIAN:
        weight = t[0] - b * t[2 * n];
        mean = 2 * w * (b * t[n] + a * (t[n] - b * t[3 * n]));
        spread = w * (2 * b / s * t[2 * n] + 4 * s * a * a * (t[2 * n] - b * t[4 * n]));
        break;
    default:
        mean = w * a * terms->exponent[i] * t[n];
        spread = 2 * a * a * w * t[2 * n];
        beta = -w * a * t[3 * n] * splat_sigmoid(job->parameters[3 * n + i]);
    }
    gradient[i] = mean;
    gradient[n + i] = job->is_stable ? spread * s : spread;
    gradient[2 * n + i] = job->is_positive ? weight * splat_sigmoid(job->parameters[2 * n + i]) : weight;
    gradient[3 * n + i] = beta;
}

static float splat_fit_pass(
    const splat_fit_job *job, splat_fit_terms *terms, splat_fit_room *room, float *values, float *gradient) {
    float loss;
    splat_fit_prepare(job, terms);
#if GENERA_HAS_LEVELS
    int level = genera_level_but(job->spared_levels);
    if (level == 2)
        loss = fit_avx512(job, terms, room, values);
    else if (level == 1)
        loss = fit_avx2(job, terms, room, values);
    else
#endif
        loss = fit_plain(job, terms, room, values);
    for (int i = 0; i < job->components; i++) splat_fit_component(job, terms, room, i, gradient);
    return loss;
}

float splat_fit_evaluate(const splat_fit_job *job, float *values, float *gradient) {
    splat_fit_terms terms;
    splat_fit_room room;
    return splat_fit_pass(job, &terms, &room, values, gradient);
}

int splat_fit_steps(splat_fit_job *job, int steps, float *losses) {
    splat_fit_terms terms;
    splat_fit_room room;
    float gradient[4 * SPLAT_FIT_MOST];
    int size = (job->model == SPLAT_FIT_GENERAL ? 4 : 3) * job->components;
    float *first = job->moments, *second = first + 4 * job->components;
    unsigned long before = genera_flush_small();
    int taken = 0;
    for (int step = 0; step < steps; step++) {
        float loss = splat_fit_pass(job, &terms, &room, NULL, gradient);
        if (losses) losses[step] = loss;
        if (!isfinite(loss)) break;
        taken++;
        job->steps++;
        double correction1 = 1 - pow(0.9, job->steps), correction2 = sqrt(1 - pow(0.999, job->steps));
        float rate = (float)(job->learning_rate / correction1), scale = (float)correction2;
        for (int i = 0; i < size; i++) {
            first[i] += 0.1f * (gradient[i] - first[i]);
            second[i] = 0.999f * second[i] + 0.001f * gradient[i] * gradient[i];
            job->parameters[i] -= rate * first[i] / (sqrtf(second[i]) / scale + 1e-8f);
        }
    }
    genera_restore_small(before);
    return taken;
}
