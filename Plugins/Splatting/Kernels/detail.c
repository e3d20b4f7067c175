// A tree of merged splats: nodes are Gaussians with the moments of what they stand for.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "include/csplats_detail.h"
#include "vector.h"

enum { ARITY = 4, HARMONICS = 12 };

// What merging needs of a node beside its planes.
typedef struct {
    double weight;          // opacity times area, summed
    double opacity;         // weighted by the same, not yet divided
    double covariance[6];   // xx, xy, xz, yy, yz, zz
} Moments;

// The order along the curve

static uint64_t spread_bits(uint64_t x) {
    x &= 0x1fffff;
    x = (x | x << 32) & 0x1f00000000ffffull;
    x = (x | x << 16) & 0x1f0000ff0000ffull;
    x = (x | x << 8) & 0x100f00f00f00f00full;
    x = (x | x << 4) & 0x10c30c30c30c30c3ull;
    return (x | x << 2) & 0x1249249249249249ull;
}

static void curve_keys(const float *planes, int64_t stride, int64_t count, uint64_t *keys) {
    float low[3], size = 0;
    for (int axis = 0; axis < 3; axis++) {
        const float *values = planes + axis * stride;
        float high = low[axis] = count ? values[0] : 0;
        for (int64_t k = 0; k < count; k++) {
            low[axis] = values[k] < low[axis] ? values[k] : low[axis];
            high = values[k] > high ? values[k] : high;
        }
        size = high - low[axis] > size ? high - low[axis] : size;
    }
    const float factor = size > 0 ? 2097151.0f / size : 0;
    for (int64_t k = 0; k < count; k++) {
        uint64_t key = 0;
        for (int axis = 0; axis < 3; axis++) key |= spread_bits((uint64_t)((planes[axis * stride + k] - low[axis]) * factor)) << axis;
        keys[k] = key;
    }
}

// Sorts by keys of 63 bits, equal ones staying in order. 0, or -1 if there is no memory.
static int sort_order(uint64_t *keys, int64_t *order, int64_t count) {
    enum { BITS = 11, DIGITS = 1 << BITS };
    uint64_t *other_keys = malloc((size_t)(count + 1) * sizeof *other_keys);
    int64_t *other = malloc((size_t)(count + 1) * sizeof *other), *places = malloc(DIGITS * sizeof *places);
    const int failed = !other_keys || !other || !places;
    for (int pass = 0; pass < 6 && !failed; pass++) {
        memset(places, 0, DIGITS * sizeof *places);
        for (int64_t k = 0; k < count; k++) places[keys[k] >> BITS * pass & (DIGITS - 1)]++;
        for (int64_t digit = 0, total = 0; digit < DIGITS; digit++) {
            const int64_t size = places[digit];
            places[digit] = total;
            total += size;
        }
        for (int64_t k = 0; k < count; k++) {
            const int64_t place = places[keys[k] >> BITS * pass & (DIGITS - 1)]++;
            other_keys[place] = keys[k];
            other[place] = order[k];
        }
        memcpy(keys, other_keys, (size_t)count * sizeof *keys);
        memcpy(order, other, (size_t)count * sizeof *order);
    }
    free(other_keys);
    free(other);
    free(places);
    return failed ? -1 : 0;
}

// Moments

// The mean area over all directions of what an ellipsoid hides is close to this, but for a factor.
static double mean_area(const double scale[3]) { return scale[0] * scale[1] + scale[1] * scale[2] + scale[2] * scale[0]; }

static void leaf_moments(SplatTree *tree, int64_t leaf, float factor, float shape_strength, Moments *moments) {
    const float *at = tree->planes + leaf;
    const int64_t stride = tree->stride;
    double scale[3], q[4], length = 0, widest = 0;
    if (shape_strength > 0) factor *= 2.0f / (1.0f + expf(-shape_strength * at[11 * stride]));
    for (int k = 0; k < 3; k++) {
        scale[k] = expf(at[(3 + k) * stride]) * factor;
        widest = scale[k] > widest ? scale[k] : widest;
    }
    for (int k = 0; k < 4; k++) length += (double)at[(6 + k) * stride] * at[(6 + k) * stride];
    length = length > 0 ? 1 / sqrt(length) : 0;
    for (int k = 0; k < 4; k++) q[k] = at[(6 + k) * stride] * length;
    const double w = q[0], x = q[1], y = q[2], z = q[3];
    const double r[9] = {
        1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y), 2 * (x * y + w * z), 1 - 2 * (x * x + z * z),
        2 * (y * z - w * x), 2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    };
    for (int row = 0, k = 0; row < 3; row++)
        for (int column = row; column < 3; column++, k++) {
            moments->covariance[k] = 0;
            for (int axis = 0; axis < 3; axis++) moments->covariance[k] += r[3 * row + axis] * r[3 * column + axis] * scale[axis] * scale[axis];
        }
    const double opacity = 1 / (1 + exp(-(double)at[10 * stride]));
    // Even a splat of no size weighs something, so that means exist.
    moments->weight = opacity * mean_area(scale) + 1e-30;
    moments->opacity = opacity * moments->weight;
    tree->reach[leaf] = (float)widest;
}

// Eigenvalues and a rotation of a symmetric matrix, by Jacobi's turns.
static void eigen(const double c[6], double values[3], double v[9]) {
    double a[9] = {c[0], c[1], c[2], c[1], c[3], c[4], c[2], c[4], c[5]};
    for (int k = 0; k < 9; k++) v[k] = k % 4 == 0;
    for (int sweep = 0; sweep < 12; sweep++) {
        const double off = a[1] * a[1] + a[2] * a[2] + a[5] * a[5], trace = a[0] + a[4] + a[8];
        if (off <= 1e-14 * trace * trace) break;
        for (int p = 0; p < 2; p++)
            for (int q = p + 1; q < 3; q++) {
                if (a[3 * p + q] == 0) continue;
                const double theta = (a[4 * q] - a[4 * p]) / (2 * a[3 * p + q]);
                const double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1)), cosine = 1 / sqrt(t * t + 1), sine = t * cosine;
                for (int k = 0; k < 3; k++) {
                    const double x = a[3 * k + p], y = a[3 * k + q];
                    a[3 * k + p] = cosine * x - sine * y;
                    a[3 * k + q] = sine * x + cosine * y;
                }
                for (int k = 0; k < 3; k++) {
                    const double x = a[3 * p + k], y = a[3 * q + k];
                    a[3 * p + k] = cosine * x - sine * y;
                    a[3 * q + k] = sine * x + cosine * y;
                    const double e = v[3 * k + p], f = v[3 * k + q];
                    v[3 * k + p] = cosine * e - sine * f;
                    v[3 * k + q] = sine * e + cosine * f;
                }
            }
    }
    for (int k = 0; k < 3; k++) values[k] = a[4 * k] > 0 ? a[4 * k] : 0;
}

// The quaternion, real part first, of a rotation whose determinant is 1.
static void quaternion(const double r[9], float *to, int64_t stride) {
    double q[4];
    const double trace = r[0] + r[4] + r[8];
    if (trace > 0) {
        const double s = 2 * sqrt(trace + 1);
        q[0] = s / 4, q[1] = (r[7] - r[5]) / s, q[2] = (r[2] - r[6]) / s, q[3] = (r[3] - r[1]) / s;
    } else {
        const int i = r[0] > r[4] ? (r[0] > r[8] ? 0 : 2) : (r[4] > r[8] ? 1 : 2), j = (i + 1) % 3, k = (i + 2) % 3;
        const double s = 2 * sqrt(fmax(1 + r[4 * i] - r[4 * j] - r[4 * k], 1e-20));
        q[0] = (r[3 * k + j] - r[3 * j + k]) / s;
        q[1 + i] = s / 4;
        q[1 + j] = (r[3 * j + i] + r[3 * i + j]) / s;
        q[1 + k] = (r[3 * k + i] + r[3 * i + k]) / s;
    }
    for (int k = 0; k < 4; k++) to[k * stride] = (float)q[k];
}

// Writes the planes of a node from its moments; its position is written already.
static void write_node(SplatTree *tree, int64_t node, const Moments *moments, float factor) {
    float *at = tree->planes + node;
    const int64_t stride = tree->stride;
    double values[3], v[9], scale[3];
    eigen(moments->covariance, values, v);
    const double determinant = v[0] * (v[4] * v[8] - v[5] * v[7]) - v[1] * (v[3] * v[8] - v[5] * v[6]) + v[2] * (v[3] * v[7] - v[4] * v[6]);
    if (determinant < 0)
        for (int k = 0; k < 3; k++) v[3 * k] = -v[3 * k];
    for (int k = 0; k < 3; k++) {
        scale[k] = sqrt(values[k]) + 1e-12;
        at[(3 + k) * stride] = (float)log(scale[k] / factor);
    }
    quaternion(v, at + 6 * stride, stride);
    // The integral is kept; but the screen's filter widens small splats without making them fainter, so that a node is never fainter than
    // its parts.
    const double kept = moments->weight / mean_area(scale), parts = moments->opacity / moments->weight;
    const double opacity = fmin(fmax(kept, parts), 0.99);
    at[10 * stride] = (float)log(opacity / (1 - opacity));
    at[11 * stride] = 0;
}

static void merge(SplatTree *tree, int64_t first, int64_t count, int64_t node, const Moments *below, Moments *moments, float factor) {
    float *at = tree->planes;
    const int64_t stride = tree->stride;
    double centre[3] = {0}, share[ARITY];
    memset(moments, 0, sizeof *moments);
    for (int64_t k = 0; k < count; k++) {
        moments->weight += below[k].weight;
        moments->opacity += below[k].opacity;
    }
    for (int64_t k = 0; k < count; k++) {
        share[k] = below[k].weight / moments->weight;
        for (int axis = 0; axis < 3; axis++) centre[axis] += share[k] * at[axis * stride + first + k];
    }
    for (int axis = 0; axis < 3; axis++) at[axis * stride + node] = (float)centre[axis];
    for (int64_t k = 0; k < count; k++) {
        double d[3];
        for (int axis = 0; axis < 3; axis++) d[axis] = at[axis * stride + first + k] - centre[axis];
        for (int row = 0, e = 0; row < 3; row++)
            for (int column = row; column < 3; column++, e++)
                moments->covariance[e] += share[k] * (below[k].covariance[e] + d[row] * d[column]);
    }
    write_node(tree, node, moments, factor);
    for (int plane = HARMONICS; plane < HARMONICS + 3 * (tree->degree + 1) * (tree->degree + 1); plane++) {
        double sum = 0;
        for (int64_t k = 0; k < count; k++) sum += share[k] * at[plane * stride + first + k];
        at[plane * stride + node] = (float)sum;
    }
}

// How far from each node the splats are that it stands for, widened a little for the rounding of its centre.
static void measure_reaches(SplatTree *tree) {
    const float *x = tree->planes, *y = x + tree->stride, *z = y + tree->stride;
    for (int level = 1; level < tree->levels; level++)
        for (int64_t k = 0; k < tree->count; k++) {
            const int64_t node = tree->starts[level] + (k >> 2 * level);
            const float dx = x[k] - x[node], dy = y[k] - y[node], dz = z[k] - z[node];
            const float far = 1.00001f * sqrtf(dx * dx + dy * dy + dz * dz);
            tree->reach[node] = far > tree->reach[node] ? far : tree->reach[node];
        }
}

static void measure(SplatTree *tree, int64_t count) {
    tree->count = tree->counts[0] = count;
    tree->levels = 1;
    for (; tree->counts[tree->levels - 1] > 1; tree->levels++)
        tree->counts[tree->levels] = (tree->counts[tree->levels - 1] + ARITY - 1) / ARITY;
    int64_t at = 0;
    for (int level = 0; level < tree->levels; level++) {
        tree->starts[level] = at;
        at += (tree->counts[level] + 63) / 64 * 64;
    }
    tree->stride = at + 64;
}

SplatTree *splat_tree_create(const float *planes, int64_t stride, int64_t count, int degree, float scale, float shape_strength) {
    SplatTree *tree = calloc(1, sizeof *tree);
    uint64_t *keys = malloc((size_t)(count + 1) * sizeof *keys);
    Moments *below = malloc((size_t)(count + 1) * sizeof *below);
    if (!tree || !keys || !below) goto failed;
    tree->degree = degree;
    measure(tree, count);
    const int numbers = HARMONICS + 3 * (degree + 1) * (degree + 1);
    tree->planes = calloc((size_t)(numbers * tree->stride), sizeof(float));
    tree->reach = calloc((size_t)tree->stride, sizeof(float));
    tree->chosen = calloc((size_t)tree->stride / 16, sizeof(uint16_t));
    tree->open = calloc((size_t)tree->stride / 16, sizeof(uint16_t));
    tree->order = malloc((size_t)(count + 1) * sizeof(int64_t));
    if (!tree->planes || !tree->reach || !tree->chosen || !tree->open || !tree->order) goto failed;
    for (int64_t k = 0; k < count; k++) tree->order[k] = k;
    curve_keys(planes, stride, count, keys);
    if (sort_order(keys, tree->order, count)) goto failed;
    for (int plane = 0; plane < numbers; plane++)
        for (int64_t k = 0; k < count; k++) tree->planes[plane * tree->stride + k] = planes[plane * stride + tree->order[k]];
    for (int64_t k = 0; k < count; k++) leaf_moments(tree, k, scale, shape_strength, below + k);
    for (int level = 1; level < tree->levels; level++)
        for (int64_t k = 0; k < tree->counts[level]; k++) {
            const int64_t left = tree->counts[level - 1] - ARITY * k;
            Moments merged;   // what it is merged from begins at a later place, or at its own for k = 0
            merge(
                tree, tree->starts[level - 1] + ARITY * k, left < ARITY ? left : ARITY, tree->starts[level] + k, below + ARITY * k, &merged, scale);
            below[k] = merged;
        }
    measure_reaches(tree);
    free(keys);
    free(below);
    return tree;
failed:
    free(keys);
    free(below);
    splat_tree_free(tree);
    return 0;
}

void splat_tree_free(SplatTree *tree) {
    if (!tree) return;
    free(tree->planes);
    free(tree->reach);
    free(tree->chosen);
    free(tree->open);
    free(tree->order);
    free(tree);
}

// Cuts

// With d at most `reach` long, f (dX - X/Z dZ) / (Z + dZ) and the same along y are together at most f reach |p| / (Z (Z - reach)).
SPLAT_INLINE v16 deviations(const SplatTree *tree, const SplatEye *eye, int64_t first) {
    const float *at = tree->planes + first, *w = eye->rotation;
    const v16 x = v_load(at), y = v_load(at + tree->stride), z = v_load(at + 2 * tree->stride), reach = v_load(tree->reach + first);
    if (eye->orthographic) return eye->focal * reach;
    v16 p[3];
    for (int k = 0; k < 3; k++) p[k] = w[3 * k] * x + w[3 * k + 1] * y + w[3 * k + 2] * z + eye->translation[k];
    const v16 near = p[2] - reach, length = SQRT(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]);
    const v16 far = (v16)INFINITY;
    return near > eye->near_plane ? eye->focal * 1.00001f * reach * length / (p[2] * near) : far;
}

// Each of 16 bits four times.
static uint64_t four_times(uint64_t x) {
    x = (x | x << 24) & 0x000000ff000000ffull;
    x = (x | x << 12) & 0x000f000f000f000full;
    x = (x | x << 6) & 0x0303030303030303ull;
    x = (x | x << 3) & 0x1111111111111111ull;
    return x * 15;
}

int64_t splat_tree_cut(SplatTree *tree, const SplatEye *eye, float pixels, float *deviation) {
    int64_t total = 0;
    *deviation = 0;
    memset(tree->chosen, 0, (size_t)tree->stride / 16 * sizeof *tree->chosen);
    if (tree->count == 0) return 0;
    tree->open[tree->starts[tree->levels - 1] / 16] = 1;
    for (int level = tree->levels - 1; level >= 0; level--) {
        uint64_t *children = level > 0 ? (uint64_t *)(tree->open + tree->starts[level - 1] / 16) : 0;
        for (int64_t first = 0; first < tree->counts[level]; first += 16) {
            const int64_t group = (tree->starts[level] + first) / 16, rest = tree->counts[level] - first;
            uint32_t open = tree->open[group] & (rest >= 16 ? 0xffffu : (1u << rest) - 1), chosen = open;
            if (open && level > 0) {
                const v16 distance = deviations(tree, eye, 16 * group);
                chosen &= v_mask(distance <= pixels);
                for (uint32_t bits = chosen; bits; bits &= bits - 1) {
                    const float one = distance[__builtin_ctz(bits)];
                    *deviation = one > *deviation ? one : *deviation;
                }
            }
            if (children) children[first / 16] = four_times(open & ~chosen);
            tree->chosen[group] = (uint16_t)chosen;
            total += __builtin_popcount(chosen);
        }
    }
    return total;
}
