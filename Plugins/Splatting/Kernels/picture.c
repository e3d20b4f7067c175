#include "csplats_picture.h"

#include <levels.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "slices.h"

// Rows that a thread draws before it takes others.
#define SPLAT_BAND 32
// -2 ln(1/255): where a Gaussian's q leaves 1/255.
#define SPLAT_REACH 11.082527f
// What the shape, the exponent less 2, is held in.
#define SPLAT_LEAST_SHAPE (-1.4f)
#define SPLAT_MOST_SHAPE 6.0f

// A splat as it is drawn: centre, the inverse of its covariance, the greatest q, rows, colour and exponent.
typedef struct {
    float u, v, k11, k12, k22, reach, red, green, blue, beta;
    int top, bottom;
    float spare[4];
} splat_ready;

typedef struct {
    float x, y, xx, xy, yy, colour[3], beta;
} splat_collected;

int splat_picture_row(int width) { return ((width + 15) & ~15) + 16; }

// The columns of a row within reach of a splat, in vectors of 16 that may hang over the row's end.
static inline int splat_span(const splat_ready *s, float dy, int width, int *left, int *right) {
    float middle = -s->k12 * dy / s->k11;
    float room = (s->reach - (s->k22 - s->k12 * s->k12 / s->k11) * dy * dy) / s->k11;
    if (!(room > 0)) return 0;
    float half = sqrtf(room), from = s->u + middle - half - 0.5f, to = s->u + middle + half + 0.5f;
    if (!(from < (float)width) || !(to > 0)) return 0;
    *left = from > 0 ? (int)from : 0;
    *right = to < (float)width ? (int)to + 1 : width;
    if (*right > width) *right = width;
    return *left < *right;
}

#define SPLAT_BODY "picture_body.h"
#include "at_levels.h"

// The factor L of a splat's covariance L L^T, as it was made.
static void splat_factor(const splat_picture_job *job, int index, float l[2][2]) {
    const float *p = job->parameters + (size_t)SPLAT_PICTURE_FORM * job->stride + index;
    float first = p[0], second = p[job->stride], third = p[2 * (size_t)job->stride];
    if (job->form == SPLAT_PICTURE_CHOLESKY) {
        l[0][0] = first + 0.5f, l[0][1] = 0;
        l[1][0] = second, l[1][1] = third + 0.5f;
    } else {
        float angle = 6.2831853f / (1 + expf(-third)), s = fabsf(first + 0.5f), t = fabsf(second + 0.5f);
        l[0][0] = cosf(angle) * s, l[0][1] = -sinf(angle) * t;
        l[1][0] = sinf(angle) * s, l[1][1] = cosf(angle) * t;
    }
}

static float splat_shape(const splat_picture_job *job, int index) {
    float shape = job->parameters[(size_t)SPLAT_PICTURE_SHAPE * job->stride + index];
    return fminf(fmaxf(shape, SPLAT_LEAST_SHAPE), SPLAT_MOST_SHAPE);
}

static void splat_prepare(const splat_picture_job *job, int index) {
    splat_ready *s = (splat_ready *)job->ready + index;
    const float *p = job->parameters + index;
    size_t stride = (size_t)job->stride;
    float l[2][2];
    splat_factor(job, index, l);
    for (int i = 0; i < 2; i++) {
        l[0][i] *= job->scale_x;
        l[1][i] *= job->scale_y;
    }
    float a = l[0][0] * l[0][0] + l[0][1] * l[0][1], b = l[0][0] * l[1][0] + l[0][1] * l[1][1];
    float c = l[1][0] * l[1][0] + l[1][1] * l[1][1], det = l[0][0] * l[1][1] - l[0][1] * l[1][0];
    det *= det;
    *s = (splat_ready){
        .u = (tanhf(p[0]) + 1) * 0.5f * (float)job->width, .v = (tanhf(p[stride]) + 1) * 0.5f * (float)job->height,
        .k11 = c / det, .k12 = -b / det, .k22 = a / det, .reach = SPLAT_REACH,
        .red = p[5 * stride], .green = p[6 * stride], .blue = p[7 * stride], .beta = 2};
    if (job->is_general) {
        s->beta = 2 + splat_shape(job, index);
        s->reach = powf(SPLAT_REACH, 2 / s->beta);
    }
    float half = sqrtf(s->reach * c), top = s->v - half - 0.5f, bottom = s->v + half + 0.5f;
    // A splat without area, or with numbers that are none, draws nothing.
    if (!(det > 1e-8f) || !(half < 1e6f) || !(s->u + s->v < 1e9f)) return;
    s->top = top > 0 ? (int)top : 0;
    s->bottom = bottom < (float)job->height ? (int)bottom + 1 : job->height;
    if (s->bottom > job->height) s->bottom = job->height;
    if (bottom < 0) s->bottom = 0;
}

static void splat_chain_form(
    const splat_picture_job *job, int index, const splat_ready *s, const splat_collected *t, float *form) {
    // dL / d covariance = -K (dL / dK) K, and dL / dL = 2 (dL / d covariance) L, with the scale of each axis.
    float g[2][2] = {{t->xx, t->xy}, {t->xy, t->yy}}, k[2][2] = {{s->k11, s->k12}, {s->k12, s->k22}}, m[2][2], d[2][2];
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) m[i][j] = k[i][0] * g[0][j] + k[i][1] * g[1][j];
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) d[i][j] = -(m[i][0] * k[0][j] + m[i][1] * k[1][j]);
    float l[2][2], e[2][2], scale[2] = {job->scale_x, job->scale_y};
    splat_factor(job, index, l);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            e[i][j] = 2 * scale[i] * (d[i][0] * scale[0] * l[0][j] + d[i][1] * scale[1] * l[1][j]);
    if (job->form == SPLAT_PICTURE_CHOLESKY) {
        form[0] = e[0][0], form[1] = e[1][0], form[2] = e[1][1];
        return;
    }
    const float *p = job->parameters + (size_t)SPLAT_PICTURE_FORM * job->stride + index;
    float share = 1 / (1 + expf(-p[2 * (size_t)job->stride])), angle = 6.2831853f * share;
    float cosine = cosf(angle), sine = sinf(angle);
    form[0] = (cosine * e[0][0] + sine * e[1][0]) * copysignf(1, p[0] + 0.5f);
    form[1] = (-sine * e[0][1] + cosine * e[1][1]) * copysignf(1, p[job->stride] + 0.5f);
    float turn = -l[1][0] * e[0][0] + l[0][0] * e[1][0] - l[1][1] * e[0][1] + l[0][1] * e[1][1];
    form[2] = turn * 6.2831853f * share * (1 - share);
}

// dL / d parameters of a splat.
static void splat_gradient_of(const splat_picture_job *job, int index, float gradient[SPLAT_PICTURE_PLANES]) {
    splat_collected t;
#if GENERA_HAS_LEVELS
    int level = genera_level_but(job->spared_levels);
    if (level == 2)
        collect_splat_avx512(job, index, &t);
    else if (level == 1)
        collect_splat_avx2(job, index, &t);
    else
#endif
        collect_splat_plain(job, index, &t);
    const splat_ready *s = (const splat_ready *)job->ready + index;
    memset(gradient, 0, SPLAT_PICTURE_PLANES * sizeof(float));
    if (s->top >= s->bottom) return;
    float x = tanhf(job->parameters[index]), y = tanhf(job->parameters[job->stride + index]);
    gradient[0] = -2 * (s->k11 * t.x + s->k12 * t.y) * 0.5f * (float)job->width * (1 - x * x);
    gradient[1] = -2 * (s->k12 * t.x + s->k22 * t.y) * 0.5f * (float)job->height * (1 - y * y);
    splat_chain_form(job, index, s, &t, gradient + SPLAT_PICTURE_FORM);
    for (int i = 0; i < 3; i++) gradient[SPLAT_PICTURE_COLOUR + i] = t.colour[i];
    if (!job->is_general) return;
    float shape = job->parameters[(size_t)SPLAT_PICTURE_SHAPE * job->stride + index];
    // Beyond its bounds a shape may only come back.
    int leaves = (shape <= SPLAT_LEAST_SHAPE && t.beta > 0) || (shape >= SPLAT_MOST_SHAPE && t.beta < 0);
    gradient[SPLAT_PICTURE_SHAPE] = leaves ? 0 : t.beta;
}

typedef struct {
    const splat_picture_job *job;
    float *gradient;
    double bias[3];
} splat_picture_context;

// Adam (Kingma and Ba, 2015) with 0.9 and 0.999, and Adan (Xie et al., 2024) with 0.98, 0.92 and 0.99.
static void splat_optimise(const splat_picture_context *context, int index, const float *gradient) {
    const splat_picture_job *job = context->job;
    size_t size = (size_t)SPLAT_PICTURE_PLANES * job->stride;
    for (int plane = 0; plane < SPLAT_PICTURE_PLANES; plane++) {
        size_t at = (size_t)plane * job->stride + index;
        float g = gradient[plane], *m = job->moments + at, *n = m + size, *d = n + size, *previous = d + size;
        float change;
        if (job->optimiser == SPLAT_PICTURE_ADAM) {
            *m += 0.1f * (g - *m);
            *n = 0.999f * *n + 0.001f * g * g;
            change = *m / (float)context->bias[0] / (sqrtf(*n / (float)context->bias[1]) + 1e-15f);
        } else {
            float difference = job->step == 1 ? 0 : g - *previous, ahead = g + 0.92f * difference;
            *m += 0.02f * (g - *m);
            *d += 0.08f * (difference - *d);
            *n = 0.99f * *n + 0.01f * ahead * ahead;
            *previous = g;
            change = (*m / (float)context->bias[0] + 0.92f * *d / (float)context->bias[1])
                / (sqrtf(*n / (float)context->bias[2]) + 1e-15f);
        }
        job->parameters[at] -= job->rates[plane] * change;
    }
}

// Splats of a slice: their gradients, and where none is asked for, a step with them.
static void splat_picture_splats(void *argument, int thread, int threads) {
    splat_picture_context *context = argument;
    const splat_picture_job *job = context->job;
    unsigned long before = genera_flush_small();
    // Sixteen splats at a time, as many as a cache line holds numbers of, so that no two threads write to one.
    for (int index = 16 * thread; index < job->count; index += index % 16 == 15 ? 16 * threads - 15 : 1) {
        float gradient[SPLAT_PICTURE_PLANES];
        splat_gradient_of(job, index, gradient);
        if (context->gradient) {
            for (int plane = 0; plane < SPLAT_PICTURE_PLANES; plane++)
                context->gradient[(size_t)plane * job->stride + index] = gradient[plane];
        } else {
            splat_optimise(context, index, gradient);
            splat_prepare(job, index);
        }
    }
    genera_restore_small(before);
}

void splat_picture_gradient(const splat_picture_job *job, float *gradient, int threads) {
    splat_picture_context context = {.job = job, .gradient = gradient};
    splat_in_slices(threads, splat_picture_splats, &context);
}

void splat_picture_update(splat_picture_job *job, int threads) {
    job->step++;
    splat_picture_context context = {.job = job};
    int is_adam = job->optimiser == SPLAT_PICTURE_ADAM;
    context.bias[0] = 1 - pow(is_adam ? 0.9 : 0.98, job->step);
    context.bias[1] = 1 - pow(is_adam ? 0.999 : 0.92, job->step);
    context.bias[2] = 1 - pow(0.99, job->step);
    splat_in_slices(threads, splat_picture_splats, &context);
    job->is_ready = 1;
}

static void splat_picture_bands(void *argument, int thread, int threads) {
    const splat_picture_job *job = ((splat_picture_context *)argument)->job;
    unsigned long before = genera_flush_small();
#if GENERA_HAS_LEVELS
    int level = genera_level_but(job->spared_levels);
    if (level == 2)
        draw_avx512(job, thread, threads);
    else if (level == 1)
        draw_avx2(job, thread, threads);
    else
#endif
        draw_plain(job, thread, threads);
    genera_restore_small(before);
}

double splat_picture_render(const splat_picture_job *job, int threads) {
    if (!job->is_ready)
        for (int index = 0; index < job->count; index++) splat_prepare(job, index);
    splat_picture_context context = {.job = job};
    splat_in_slices(threads, splat_picture_bands, &context);
    if (!job->target || !job->slopes) return 0;
    double sum = 0;
    for (int row = 0; row < job->height; row++) sum += job->sums[row];
    return sum / (3.0 * job->width * (double)job->height);
}
