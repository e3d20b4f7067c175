// The published equations one splat and one pixel at a time, with the exponential of the C library: what the kernels are measured against,
// and tested against. Colours through a pinhole alone.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "include/csplats_plain.h"

typedef struct {
    float depth, u, v, a, b, c, opacity, color[3];   // a, b, c of the inverse covariance
    int x0, x1, y0, y1;                              // tiles, the ends excluded
} PlainSplat;

typedef struct { float depth; int splat; } PlainKey;

static float plain_harmonics(const SplatPlanes *scene, int64_t k, int channel, int degree, float x, float y, float z) {
    const float *at = scene->planes + (12 + channel) * scene->stride + k;
    const int64_t next = 3 * scene->stride;
    float sum = 0.28209479177387814f * at[0];
    if (degree < 1) return sum;
    sum += 0.4886025119029199f * (z * at[2 * next] - y * at[next] - x * at[3 * next]);
    if (degree < 2) return sum;
    const float xx = x * x, yy = y * y, zz = z * z;
    sum += 1.0925484305920792f * (x * y * at[4 * next] - y * z * at[5 * next] - x * z * at[7 * next])
        + 0.31539156525252005f * (2 * zz - xx - yy) * at[6 * next] + 0.5462742152960396f * (xx - yy) * at[8 * next];
    if (degree < 3) return sum;
    return sum - 0.5900435899266435f * y * (3 * xx - yy) * at[9 * next] + 2.890611442640554f * x * y * z * at[10 * next]
        - 0.4570457994644658f * y * (4 * zz - xx - yy) * at[11 * next] + 0.3731763325901154f * z * (2 * zz - 3 * xx - 3 * yy) * at[12 * next]
        - 0.4570457994644658f * x * (4 * zz - xx - yy) * at[13 * next] + 1.445305721320277f * z * (xx - yy) * at[14 * next]
        - 0.5900435899266435f * x * (xx - 3 * yy) * at[15 * next];
}

static int plain_tile(float x, int count) { return x < 0 ? 0 : x > (float)count ? count : (int)x; }

// 0 where a splat is not seen.
static int plain_project(const SplatPlanes *scene, const SplatCamera *camera, const SplatRules *rules, int64_t k, PlainSplat *s) {
    const float *at = scene->planes + k, *w = camera->rotation;
    const int64_t n = scene->stride;
    float p[3], d[3], length = 0, q[4], scale[3], t[6], m[6];
    for (int i = 0; i < 3; i++) p[i] = w[3 * i] * at[0] + w[3 * i + 1] * at[n] + w[3 * i + 2] * at[2 * n] + camera->translation[i];
    if (p[2] <= rules->near_plane) return 0;
    for (int i = 0; i < 4; i++) length += at[(6 + i) * n] * at[(6 + i) * n];
    if (length <= 0) return 0;
    for (int i = 0; i < 4; i++) q[i] = at[(6 + i) * n] / sqrtf(length);
    for (int i = 0; i < 3; i++) scale[i] = expf(at[(3 + i) * n]) * rules->scale_modifier;
    const float r[9] = {
        1 - 2 * (q[2] * q[2] + q[3] * q[3]), 2 * (q[1] * q[2] - q[0] * q[3]), 2 * (q[1] * q[3] + q[0] * q[2]),
        2 * (q[1] * q[2] + q[0] * q[3]), 1 - 2 * (q[1] * q[1] + q[3] * q[3]), 2 * (q[2] * q[3] - q[0] * q[1]),
        2 * (q[1] * q[3] - q[0] * q[2]), 2 * (q[2] * q[3] + q[0] * q[1]), 1 - 2 * (q[1] * q[1] + q[2] * q[2]),
    };
    const float tx = fminf(fmaxf(p[0] / p[2], rules->clamp[0]), rules->clamp[1]), ty = fminf(fmaxf(p[1] / p[2], rules->clamp[2]), rules->clamp[3]);
    for (int i = 0; i < 3; i++) {
        t[i] = camera->fx / p[2] * (w[i] - tx * w[6 + i]);
        t[3 + i] = camera->fy / p[2] * (w[3 + i] - ty * w[6 + i]);
    }
    for (int row = 0; row < 2; row++)
        for (int i = 0; i < 3; i++) m[3 * row + i] = (t[3 * row] * r[i] + t[3 * row + 1] * r[3 + i] + t[3 * row + 2] * r[6 + i]) * scale[i];
    const float a = m[0] * m[0] + m[1] * m[1] + m[2] * m[2] + rules->dilation, c = m[3] * m[3] + m[4] * m[4] + m[5] * m[5] + rules->dilation;
    const float b = m[0] * m[3] + m[1] * m[4] + m[2] * m[5], determinant = a * c - b * b, middle = 0.5f * (a + c);
    if (determinant == 0) return 0;
    const float radius = ceilf(3 * sqrtf(middle + sqrtf(fmaxf(0.1f, middle * middle - determinant))));
    s->u = camera->fx * p[0] / (p[2] + 1e-7f) + camera->cx;
    s->v = camera->fy * p[1] / (p[2] + 1e-7f) + camera->cy;
    const int columns = (camera->width + 15) / 16, rows = (camera->height + 15) / 16;
    s->x0 = plain_tile((s->u - radius) / 16, columns), s->x1 = plain_tile((s->u + radius + 15) / 16, columns);
    s->y0 = plain_tile((s->v - radius) / 16, rows), s->y1 = plain_tile((s->v + radius + 15) / 16, rows);
    if (s->x0 >= s->x1 || s->y0 >= s->y1) return 0;
    s->a = c / determinant, s->b = -b / determinant, s->c = a / determinant;
    s->depth = p[2];
    s->opacity = 1 / (1 + expf(-at[10 * n]));
    length = 0;
    for (int i = 0; i < 3; i++) {
        d[i] = at[i * n] - camera->center[i];
        length += d[i] * d[i];
    }
    length = 1 / sqrtf(fmaxf(length, 1e-30f));
    for (int i = 0; i < 3; i++)
        s->color[i] = fmaxf(0.5f + plain_harmonics(scene, k, i, rules->degree, d[0] * length, d[1] * length, d[2] * length), 0);
    return 1;
}

static int nearer(const void *a, const void *b) {
    const PlainKey *x = a, *y = b;
    return x->depth != y->depth ? (x->depth > y->depth) - (x->depth < y->depth) : (x->splat > y->splat) - (x->splat < y->splat);
}

static void plain_pixel(
    const PlainSplat *splats, const int *list, int count, const SplatRules *rules, const SplatPicture *picture, int64_t at, int64_t area, float x, float y
) {
    float through = 1, color[3] = {0};
    for (int k = 0; k < count; k++) {
        const PlainSplat *s = splats + list[k];
        const float dx = x - s->u, dy = y - s->v, e = -0.5f * (s->a * dx * dx + s->c * dy * dy) - s->b * dx * dy;
        if (e > 0) continue;
        const float alpha = fminf(rules->alpha_max, s->opacity * expf(e));
        if (alpha < rules->alpha_min) continue;
        const float after = through * (1 - alpha);
        if (after < rules->stop) break;
        for (int i = 0; i < 3; i++) color[i] += s->color[i] * alpha * through;
        through = after;
    }
    for (int i = 0; i < 3; i++) picture->planes[i * area + at] = color[i] + through * picture->background[i];
    if (picture->transmittance) picture->transmittance[at] = through;
}

int splat_plain_render(const SplatPlanes *scene, const SplatCamera *camera, const SplatRules *rules, const SplatPicture *picture) {
    const int columns = (camera->width + 15) / 16, rows = (camera->height + 15) / 16, tiles = columns * rows;
    PlainSplat *splats = malloc((size_t)(scene->count + 1) * sizeof *splats);
    PlainKey *keys = malloc((size_t)(scene->count + 1) * sizeof *keys);
    int *starts = calloc((size_t)tiles + 2, sizeof *starts), *list = 0, seen = 0, status = -1;
    if (!splats || !keys || !starts) goto done;
    for (int64_t k = 0; k < scene->count; k++)
        if (plain_project(scene, camera, rules, k, splats + seen)) {
            keys[seen] = (PlainKey){splats[seen].depth, seen};
            seen++;
        }
    qsort(keys, (size_t)seen, sizeof *keys, nearer);
    for (int k = 0; k < seen; k++)
        for (int y = splats[k].y0; y < splats[k].y1; y++)
            for (int x = splats[k].x0; x < splats[k].x1; x++) starts[y * columns + x + 2]++;
    for (int tile = 0; tile < tiles; tile++) starts[tile + 2] += starts[tile + 1];
    list = malloc(((size_t)starts[tiles + 1] + 1) * sizeof *list);
    if (!list) goto done;
    for (int k = 0; k < seen; k++) {
        const PlainSplat *s = splats + keys[k].splat;
        for (int y = s->y0; y < s->y1; y++)
            for (int x = s->x0; x < s->x1; x++) list[starts[y * columns + x + 1]++] = keys[k].splat;
    }
    for (int y = 0; y < camera->height; y++)
        for (int x = 0; x < camera->width; x++) {
            const int tile = y / 16 * columns + x / 16;
            plain_pixel(
                splats, list + starts[tile], starts[tile + 1] - starts[tile], rules, picture, (int64_t)y * camera->width + x,
                (int64_t)camera->width * camera->height, (float)x, (float)y);
        }
    status = 0;
done:
    free(splats);
    free(keys);
    free(starts);
    free(list);
    return status;
}
