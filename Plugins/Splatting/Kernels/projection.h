// Sixteen splats from the world to the screen. Included once for each target.
//
// x_c = W x + t; M = R(q) S; V = J W M; the screen covariance is V V^T and the dilation (Zwicker et al., 2001; Kerbl et al., 2023).

typedef struct {
    i16 seen;                       // -1 where the splat is in front of the camera
    v16 x, y, z;                    // in the camera's axes
    v16 u, v, depth;
    v16 scale[3], shape_factor;     // phi and the modifier are in the scales
    v16 q[4], length;               // the unit quaternion, and how long the stored one is
    v16 r[9];
    v16 j[6];
    v16 t[6];                       // J W
    v16 screen[6];                  // V
    v16 a, b, c, determinant;       // of the screen covariance with its dilation
    v16 compensation, opacity;
    i16 clamped_x, clamped_y;
} Projected;

SPLAT_INLINE void project_rotation(const v16 q[4], v16 r[9]) {
    v16 w = q[0], x = q[1], y = q[2], z = q[3];
    r[0] = 1.0f - 2.0f * (y * y + z * z);
    r[1] = 2.0f * (x * y - w * z);
    r[2] = 2.0f * (x * z + w * y);
    r[3] = 2.0f * (x * y + w * z);
    r[4] = 1.0f - 2.0f * (x * x + z * z);
    r[5] = 2.0f * (y * z - w * x);
    r[6] = 2.0f * (x * z - w * y);
    r[7] = 2.0f * (y * z + w * x);
    r[8] = 1.0f - 2.0f * (x * x + y * y);
}

SPLAT_INLINE v16 lanes_atan2(v16 y, v16 x) {
    v16 result;
    for (int lane = 0; lane < 16; lane++) result[lane] = atan2f(y[lane], x[lane]);
    return result;
}

// Where the centre goes, and the Jacobian there.
SPLAT_INLINE void project_pinhole(Projected *p, const SplatCamera *camera, const SplatRules *rules) {
    v16 h = 1.0f / (p->z + 1e-7f), inverse = 1.0f / p->z;
    p->u = FMA(camera->fx * p->x, h, (v16)camera->cx);
    p->v = FMA(camera->fy * p->y, h, (v16)camera->cy);
    v16 a = p->x * inverse, b = p->y * inverse;
    p->clamped_x = (a < rules->clamp[0]) | (a > rules->clamp[1]);
    p->clamped_y = (b < rules->clamp[2]) | (b > rules->clamp[3]);
    a = v_min(v_max(a, (v16)rules->clamp[0]), (v16)rules->clamp[1]);
    b = v_min(v_max(b, (v16)rules->clamp[2]), (v16)rules->clamp[3]);
    p->j[0] = camera->fx * inverse;
    p->j[1] = 0;
    p->j[2] = -camera->fx * a * inverse;
    p->j[3] = 0;
    p->j[4] = camera->fy * inverse;
    p->j[5] = -camera->fy * b * inverse;
}

SPLAT_INLINE void project_orthographic(Projected *p, const SplatCamera *camera) {
    p->u = FMA((v16)camera->fx, p->x, (v16)camera->cx);
    p->v = FMA((v16)camera->fy, p->y, (v16)camera->cy);
    for (int k = 0; k < 6; k++) p->j[k] = 0;
    p->j[0] = camera->fx;
    p->j[4] = camera->fy;
}

SPLAT_INLINE void project_fisheye(Projected *p, const SplatCamera *camera) {
    v16 rho = SQRT(p->x * p->x + p->y * p->y) + 1e-7f;
    v16 theta = lanes_atan2(rho, p->z + 1e-7f);
    p->u = camera->fx * p->x * theta / rho + camera->cx;
    p->v = camera->fy * p->y * theta / rho + camera->cy;
    v16 xx = p->x * p->x + 1e-7f, yy = p->y * p->y, xy = p->x * p->y;
    v16 flat = xx + yy, all = flat + p->z * p->z;
    v16 b = lanes_atan2(SQRT(flat), p->z) / (SQRT(flat) * flat), a = p->z / (all * flat);
    p->j[0] = camera->fx * (xx * a + yy * b);
    p->j[1] = camera->fx * xy * (a - b);
    p->j[2] = -camera->fx * p->x / all;
    p->j[3] = camera->fy * xy * (a - b);
    p->j[4] = camera->fy * (yy * a + xx * b);
    p->j[5] = -camera->fy * p->y / all;
}

SPLAT_INLINE void project_panorama(Projected *p, const SplatCamera *camera) {
    const float turn = (float)camera->width / 6.2831853071795865f, climb = (float)camera->height / 3.1415926535897932f;
    v16 flat = v_max(p->x * p->x + p->z * p->z, (v16)1e-12f), level = SQRT(flat), all = flat + p->y * p->y;
    p->u = turn * lanes_atan2(p->x, p->z) + (0.5f * (float)camera->width - 0.5f);
    p->v = climb * lanes_atan2(p->y, level) + (0.5f * (float)camera->height - 0.5f);
    p->j[0] = turn * p->z / flat;
    p->j[1] = 0;
    p->j[2] = -turn * p->x / flat;
    p->j[3] = -climb * p->x * p->y / (level * all);
    p->j[4] = climb * level / all;
    p->j[5] = -climb * p->z * p->y / (level * all);
}

// Fills all of `p` for the 16 splats from `first`. Returns the lanes that are in front of the camera.
SPLAT_INLINE uint32_t project_lanes(const SplatFrame *frame, int64_t first, Projected *p) {
    const SplatCamera *camera = &frame->camera;
    const SplatRules *rules = &frame->rules;
    const int64_t stride = frame->scene.stride;
    const float *base = frame->scene.planes + first;
    v16 px = v_load(base), py = v_load(base + stride), pz = v_load(base + 2 * stride);
    const float *w = camera->rotation;
    p->x = FMA((v16)w[0], px, FMA((v16)w[1], py, FMA((v16)w[2], pz, (v16)camera->translation[0])));
    p->y = FMA((v16)w[3], px, FMA((v16)w[4], py, FMA((v16)w[5], pz, (v16)camera->translation[1])));
    p->z = FMA((v16)w[6], px, FMA((v16)w[7], py, FMA((v16)w[8], pz, (v16)camera->translation[2])));
    const int around = camera->projection == SPLAT_PANORAMA;
    p->depth = around ? SQRT(p->x * p->x + p->y * p->y + p->z * p->z) : p->z;
    p->seen = (p->depth > rules->near_plane) & (p->depth < rules->far_plane)
        & (v_lanes() < (int32_t)(frame->scene.count - first < 16 ? frame->scene.count - first : 16));
    uint32_t mask = v_mask(p->seen);
    if (mask == 0) return 0;

    // Lanes behind the camera compute with harmless numbers.
    p->z = p->seen ? p->z : (v16)1.0f;
    switch (camera->projection) {
    case SPLAT_PINHOLE: project_pinhole(p, camera, rules); break;
    case SPLAT_ORTHOGRAPHIC: project_orthographic(p, camera); break;
    case SPLAT_FISHEYE: project_fisheye(p, camera); break;
    default: project_panorama(p, camera); break;
    }

    p->shape_factor = 1.0f;
    if (rules->shape_strength > 0)
        p->shape_factor = 2.0f * v_sigmoid(rules->shape_strength * v_load(base + 11 * stride));
    for (int k = 0; k < 3; k++)
        p->scale[k] = v_exp(v_load(base + (3 + k) * stride)) * (rules->scale_modifier * p->shape_factor);
    v16 square = 0;
    for (int k = 0; k < 4; k++) {
        p->q[k] = v_load(base + (6 + k) * stride);
        square = FMA(p->q[k], p->q[k], square);
    }
    p->length = SQRT(square);
    p->seen = p->seen & (p->length > 0.0f);
    v16 inverse = 1.0f / v_max(p->length, (v16)1e-30f);
    for (int k = 0; k < 4; k++) p->q[k] = p->q[k] * inverse;
    project_rotation(p->q, p->r);

    for (int row = 0; row < 2; row++) {
        const v16 *j = p->j + 3 * row;
        for (int k = 0; k < 3; k++) p->t[3 * row + k] = FMA(j[0], (v16)w[k], FMA(j[1], (v16)w[3 + k], j[2] * w[6 + k]));
        const v16 *t = p->t + 3 * row;
        for (int k = 0; k < 3; k++)
            p->screen[3 * row + k] = FMA(t[0], p->r[k], FMA(t[1], p->r[3 + k], t[2] * p->r[6 + k])) * p->scale[k];
    }
    const v16 *m = p->screen, *n = p->screen + 3;
    v16 a = FMA(m[0], m[0], FMA(m[1], m[1], m[2] * m[2])), c = FMA(n[0], n[0], FMA(n[1], n[1], n[2] * n[2]));
    p->b = FMA(m[0], n[0], FMA(m[1], n[1], m[2] * n[2]));
    p->a = a + rules->dilation;
    p->c = c + rules->dilation;
    p->determinant = p->a * p->c - p->b * p->b;
    if (rules->least_determinant > 0)
        p->determinant = v_max(p->determinant, (v16)rules->least_determinant);
    else
        p->seen = p->seen & (p->determinant != 0.0f);
    p->seen = p->seen & (p->determinant == p->determinant);

    p->opacity = v_sigmoid(v_load(base + 10 * stride));
    p->compensation = 1.0f;
    if (rules->antialiased) {
        v16 cross0 = m[1] * n[2] - m[2] * n[1], cross1 = m[2] * n[0] - m[0] * n[2], cross2 = m[0] * n[1] - m[1] * n[0];
        v16 bare = FMA(cross0, cross0, FMA(cross1, cross1, cross2 * cross2));
        p->compensation = SQRT(v_max(bare / p->determinant, (v16)2.5e-5f));
    }
    return v_mask(p->seen);
}

static const float harmonics_c0 = 0.28209479177387814f;

// The basis of spherical harmonics of a unit direction; `basis` has room for 25.
SPLAT_INLINE void harmonics_basis(int degree, v16 x, v16 y, v16 z, v16 *basis) {
    basis[0] = harmonics_c0;
    if (degree < 1) return;
    basis[1] = -0.4886025119029199f * y;
    basis[2] = 0.4886025119029199f * z;
    basis[3] = -0.4886025119029199f * x;
    if (degree < 2) return;
    v16 xx = x * x, yy = y * y, zz = z * z, xy = x * y, yz = y * z, xz = x * z;
    basis[4] = 1.0925484305920792f * xy;
    basis[5] = -1.0925484305920792f * yz;
    basis[6] = 0.31539156525252005f * (2.0f * zz - xx - yy);
    basis[7] = -1.0925484305920792f * xz;
    basis[8] = 0.5462742152960396f * (xx - yy);
    if (degree < 3) return;
    basis[9] = -0.5900435899266435f * y * (3.0f * xx - yy);
    basis[10] = 2.890611442640554f * xy * z;
    basis[11] = -0.4570457994644658f * y * (4.0f * zz - xx - yy);
    basis[12] = 0.3731763325901154f * z * (2.0f * zz - 3.0f * xx - 3.0f * yy);
    basis[13] = -0.4570457994644658f * x * (4.0f * zz - xx - yy);
    basis[14] = 1.445305721320277f * z * (xx - yy);
    basis[15] = -0.5900435899266435f * x * (xx - 3.0f * yy);
    if (degree < 4) return;
    basis[16] = 2.5033429417967046f * xy * (xx - yy);
    basis[17] = -1.7701307697799304f * yz * (3.0f * xx - yy);
    basis[18] = 0.9461746957575601f * xy * (7.0f * zz - 1.0f);
    basis[19] = -0.6690465435572892f * yz * (7.0f * zz - 3.0f);
    basis[20] = 0.10578554691520431f * (zz * (35.0f * zz - 30.0f) + 3.0f);
    basis[21] = -0.6690465435572892f * xz * (7.0f * zz - 3.0f);
    basis[22] = 0.47308734787878004f * (xx - yy) * (7.0f * zz - 1.0f);
    basis[23] = -1.7701307697799304f * xz * (xx - 3.0f * yy);
    basis[24] = 0.6258357354491761f * (xx * (xx - 3.0f * yy) - yy * (3.0f * xx - yy));
}

// Adds the derivatives of sum_k basis_k weight_k by x, y, z, as polynomials of a free direction.
SPLAT_INLINE void harmonics_slope(int degree, v16 x, v16 y, v16 z, const v16 *weight, v16 slope[3]) {
    v16 dx = 0, dy = 0, dz = 0;
    if (degree >= 1) {
        dy += -0.4886025119029199f * weight[1];
        dz += 0.4886025119029199f * weight[2];
        dx += -0.4886025119029199f * weight[3];
    }
    if (degree >= 2) {
        const float a = 1.0925484305920792f, b = 0.31539156525252005f, c = 0.5462742152960396f;
        dx += a * y * weight[4] - 2.0f * b * x * weight[6] - a * z * weight[7] + 2.0f * c * x * weight[8];
        dy += a * x * weight[4] - a * z * weight[5] - 2.0f * b * y * weight[6] - 2.0f * c * y * weight[8];
        dz += -a * y * weight[5] + 4.0f * b * z * weight[6] - a * x * weight[7];
    }
    if (degree >= 3) {
        const float a = 0.5900435899266435f, b = 2.890611442640554f, c = 0.4570457994644658f, d = 0.3731763325901154f,
                    e = 1.445305721320277f;
        v16 xx = x * x, yy = y * y, zz = z * z, xy = x * y, yz = y * z, xz = x * z;
        dx += -6.0f * a * xy * weight[9] + b * yz * weight[10] + 2.0f * c * xy * weight[11] - 6.0f * d * xz * weight[12]
            - c * (4.0f * zz - 3.0f * xx - yy) * weight[13] + 2.0f * e * xz * weight[14] - 3.0f * a * (xx - yy) * weight[15];
        dy += -3.0f * a * (xx - yy) * weight[9] + b * xz * weight[10] - c * (4.0f * zz - xx - 3.0f * yy) * weight[11]
            - 6.0f * d * yz * weight[12] + 2.0f * c * xy * weight[13] - 2.0f * e * yz * weight[14] + 6.0f * a * xy * weight[15];
        dz += b * xy * weight[10] - 8.0f * c * yz * weight[11] + d * (6.0f * zz - 3.0f * xx - 3.0f * yy) * weight[12]
            - 8.0f * c * xz * weight[13] + e * (xx - yy) * weight[14];
    }
    if (degree >= 4) {
        const float a = 2.5033429417967046f, b = 1.7701307697799304f, c = 0.9461746957575601f, d = 0.6690465435572892f,
                    e = 0.10578554691520431f, f = 0.47308734787878004f, g = 0.6258357354491761f;
        v16 xx = x * x, yy = y * y, zz = z * z;
        dx += a * y * (3.0f * xx - yy) * weight[16] - 6.0f * b * x * y * z * weight[17] + c * y * (7.0f * zz - 1.0f) * weight[18]
            - d * z * (7.0f * zz - 3.0f) * weight[21] + 2.0f * f * x * (7.0f * zz - 1.0f) * weight[22]
            - 3.0f * b * z * (xx - yy) * weight[23] + 4.0f * g * x * (xx - 3.0f * yy) * weight[24];
        dy += a * x * (xx - 3.0f * yy) * weight[16] - 3.0f * b * z * (xx - yy) * weight[17] + c * x * (7.0f * zz - 1.0f) * weight[18]
            - d * z * (7.0f * zz - 3.0f) * weight[19] - 2.0f * f * y * (7.0f * zz - 1.0f) * weight[22]
            + 6.0f * b * x * y * z * weight[23] - 4.0f * g * y * (3.0f * xx - yy) * weight[24];
        dz += -b * y * (3.0f * xx - yy) * weight[17] + 14.0f * c * x * y * z * weight[18] - d * y * (21.0f * zz - 3.0f) * weight[19]
            + e * (140.0f * zz - 60.0f) * z * weight[20] - d * x * (21.0f * zz - 3.0f) * weight[21]
            + 14.0f * f * z * (xx - yy) * weight[22] - b * x * (xx - 3.0f * yy) * weight[23];
    }
    slope[0] = dx;
    slope[1] = dy;
    slope[2] = dz;
}

// From the camera to the splats, of length 1, and one over how far they are.
SPLAT_INLINE v16 view_direction(const SplatFrame *frame, int64_t first, v16 direction[3]) {
    v16 square = 0;
    for (int k = 0; k < 3; k++) {
        direction[k] = v_load(frame->scene.planes + k * frame->scene.stride + first) - frame->camera.center[k];
        square = FMA(direction[k], direction[k], square);
    }
    v16 inverse = 1.0f / SQRT(v_max(square, (v16)1e-30f));
    for (int k = 0; k < 3; k++) direction[k] = direction[k] * inverse;
    return inverse;
}

// Colours before they are cut at 0.
SPLAT_INLINE void raw_colors(const SplatFrame *frame, int64_t first, v16 color[3]) {
    const int64_t stride = frame->scene.stride;
    const float *harmonics = frame->scene.planes + 12 * stride + first;
    v16 direction[3], basis[25];
    view_direction(frame, first, direction);
    const int degree = frame->rules.degree;
    harmonics_basis(degree, direction[0], direction[1], direction[2], basis);
    const int count = (degree + 1) * (degree + 1);
    for (int channel = 0; channel < 3; channel++) color[channel] = 0.5f;
    for (int k = 0; k < count; k++)
        for (int channel = 0; channel < 3; channel++)
            color[channel] = FMA(basis[k], v_load(harmonics + (3 * k + channel) * stride), color[channel]);
}

// The shortest axis, turned towards the camera, in the camera's axes.
SPLAT_INLINE void normals(const Projected *p, const SplatCamera *camera, v16 normal[3]) {
    i16 second = (p->scale[1] < p->scale[0]) & (p->scale[1] <= p->scale[2]);
    i16 third = (p->scale[2] < p->scale[0]) & (p->scale[2] < p->scale[1]);
    v16 world[3];
    for (int k = 0; k < 3; k++) world[k] = third ? p->r[3 * k + 2] : (second ? p->r[3 * k + 1] : p->r[3 * k]);
    for (int k = 0; k < 3; k++)
        normal[k] = camera->rotation[3 * k] * world[0] + camera->rotation[3 * k + 1] * world[1] + camera->rotation[3 * k + 2] * world[2];
    v16 towards = normal[0] * p->x + normal[1] * p->y + normal[2] * p->z;
    for (int k = 0; k < 3; k++) normal[k] = towards > 0.0f ? -normal[k] : normal[k];
}

SPLAT_INLINE void content(const SplatFrame *frame, const Projected *p, int64_t first, v16 color[3]) {
    switch (frame->rules.content) {
    case SPLAT_COLOR:
        raw_colors(frame, first, color);
        for (int k = 0; k < 3; k++) color[k] = v_max(color[k], (v16)0.0f);
        break;
    case SPLAT_FEATURES:
        for (int k = 0; k < 3; k++) color[k] = v_load(frame->features + k * frame->scene.stride + first);
        break;
    case SPLAT_DEPTH:
        color[0] = p->depth;
        color[1] = color[2] = 0;
        break;
    default: normals(p, &frame->camera, color); break;
    }
}

SPLAT_INLINE float greater_of(float a, float b) { return a > b ? a : b; }
SPLAT_INLINE float smaller_of(float a, float b) { return a < b ? a : b; }
SPLAT_INLINE int16_t short_of(float x) { return (int16_t)(x < -32000.0f ? -32000.0f : (x > 32000.0f ? 32000.0f : x)); }
SPLAT_INLINE int tile_of(float x, int count) {
    int tile = (int)(x < -1e6f ? -1e6f : (x > 1e6f ? 1e6f : x));
    return tile < 0 ? 0 : (tile > count ? count : tile);
}

typedef struct { float u[16], v[16], a[16], b[16], c[16], opacity[16], least[16], color[3][16], depth[16], beta[16], hx[16], hy[16], rx[16], ry[16]; } Lanes;

typedef struct { int tx0, tx1, ty0, ty1; } TileBox;   // the ends excluded

// The tiles that rules let a splat be seen in. False if there are none.
SPLAT_INLINE int record_tiles(const SplatFrame *frame, float u, float v, float rx, float ry, TileBox *box) {
    const int columns = frame->tile_columns, rows = frame->tile_rows;
    switch (frame->rules.tiles) {
    case SPLAT_TILES_SQUARE:
        box->tx0 = tile_of((u - rx) / 16.0f, columns);
        box->tx1 = tile_of((u + rx + 15.0f) / 16.0f, columns);
        box->ty0 = tile_of((v - ry) / 16.0f, rows);
        box->ty1 = tile_of((v + ry + 15.0f) / 16.0f, rows);
        break;
    case SPLAT_TILES_AXES:
        box->tx0 = tile_of(floorf((u + 0.5f - rx) / 16.0f), columns);
        box->tx1 = tile_of(ceilf((u + 0.5f + rx) / 16.0f), columns);
        box->ty0 = tile_of(floorf((v + 0.5f - ry) / 16.0f), rows);
        box->ty1 = tile_of(ceilf((v + 0.5f + ry) / 16.0f), rows);
        break;
    default:
        box->tx0 = box->ty0 = 0;
        box->tx1 = columns;
        box->ty1 = rows;
    }
    return box->tx0 < box->tx1 && box->ty0 < box->ty1;
}

// Writes the record of a lane at `record`. False if it cannot be seen.
SPLAT_INLINE int record_lane(const SplatFrame *frame, const Lanes *lanes, int lane, int64_t splat, float shift, SplatRecord *record) {
    const SplatCamera *camera = &frame->camera;
    const float u = lanes->u[lane] + shift, v = lanes->v[lane], hx = lanes->hx[lane], hy = lanes->hy[lane];
    TileBox box;
    if (!record_tiles(frame, u, v, lanes->rx[lane], lanes->ry[lane], &box)) return 0;
    if (!frame->rules.whole_rectangles
        && !(u + hx >= 0 && u - hx <= (float)(camera->width - 1) && v + hy >= 0 && v - hy <= (float)(camera->height - 1)))
        return 0;
    record->u = u;
    record->v = v;
    record->a = lanes->a[lane];
    record->b = lanes->b[lane];
    record->c = lanes->c[lane];
    record->opacity = lanes->opacity[lane];
    record->least = lanes->least[lane];
    for (int k = 0; k < 3; k++) record->color[k] = lanes->color[k][lane];
    record->depth = lanes->depth[lane];
    record->beta = lanes->beta[lane];
    record->splat = (int32_t)splat;
    // In double precision, as the difference of a long thin splat is small beside what it is a difference of.
    record->discriminant = (float)(4.0 * (double)record->a * (double)record->c - (double)record->b * (double)record->b);
    const int x0 = SPLAT_TILE * box.tx0, x1 = SPLAT_TILE * box.tx1 - 1, y0 = SPLAT_TILE * box.ty0, y1 = SPLAT_TILE * box.ty1 - 1;
    const int whole = frame->rules.whole_rectangles;
    record->x0 = short_of(whole ? (float)x0 : greater_of(ceilf(u - hx), (float)x0));
    record->x1 = short_of(whole ? (float)x1 : smaller_of(floorf(u + hx), (float)x1));
    record->y0 = short_of(whole ? (float)y0 : greater_of(ceilf(v - hy), (float)y0));
    record->y1 = short_of(whole ? (float)y1 : smaller_of(floorf(v + hy), (float)y1));
    return 1;
}

// Radii as each convention has them.
SPLAT_INLINE void radii(const Projected *p, const SplatRules *rules, v16 *rx, v16 *ry) {
    if (rules->tiles == SPLAT_TILES_AXES) {
        *rx = __builtin_elementwise_ceil(3.33f * SQRT(p->a));
        *ry = __builtin_elementwise_ceil(3.33f * SQRT(p->c));
        return;
    }
    v16 middle = 0.5f * (p->a + p->c);
    v16 largest = middle + SQRT(v_max((v16)0.1f, middle * middle - p->determinant));
    *rx = *ry = __builtin_elementwise_ceil(3.0f * SQRT(largest));
}

// Whether a splat counts as seen for statistics: as the reference finds it, whatever its opacity.
SPLAT_INLINE int counts_as_seen(const SplatFrame *frame, float u, float v, float rx, float ry) {
    if (frame->rules.tiles == SPLAT_TILES_AXES)
        return u + 0.5f + rx > 0 && u + 0.5f - rx < (float)frame->camera.width && v + 0.5f + ry > 0
            && v + 0.5f - ry < (float)frame->camera.height;
    TileBox box;
    if (frame->rules.tiles == SPLAT_TILES_SQUARE) return record_tiles(frame, u, v, rx, ry, &box);
    return u + rx >= 0 && u - rx <= (float)(frame->camera.width - 1) && v + ry >= 0 && v - ry <= (float)(frame->camera.height - 1);
}

static void TARGET(project)(SplatFrame *frame, int64_t chunk) {
    const SplatRules *rules = &frame->rules;
    const int64_t count = frame->scene.count, end = (chunk + 1) * SPLAT_CHUNK < count ? (chunk + 1) * SPLAT_CHUNK : count;
    SplatRecord *records = frame->records + chunk * frame->capacity, *next = records;
    const float ln2 = 0.6931471805599453f, half = -0.5f * 1.4426950408889634f;
    const int copies = frame->camera.projection == SPLAT_PANORAMA;
    for (int64_t first = chunk * SPLAT_CHUNK; first < end; first += 16) {
        Projected p;
        const int lanes_left = (int)(end - first < 16 ? end - first : 16);
        const uint32_t chosen = frame->chosen ? frame->chosen[first / 16] : 0xffffu;
        uint32_t mask = chosen ? project_lanes(frame, first, &p) & chosen : 0, kept = 0;
        frame->groups[first / 16] = 0;
        for (int lane = 0; lane < lanes_left; lane++) frame->radii[first + lane] = frame->radii[count + first + lane] = 0;
        if (mask == 0) continue;
        Lanes lanes;
        v16 rx, ry, opacity = p.opacity * p.compensation;
        radii(&p, rules, &rx, &ry);
        v_store(lanes.rx, rx);
        v_store(lanes.ry, ry);
        v_store(lanes.u, p.u);
        v_store(lanes.v, p.v);
        for (uint32_t rest = mask; rest; rest &= rest - 1) {
            int lane = __builtin_ctz(rest);
            if (!counts_as_seen(frame, lanes.u[lane], lanes.v[lane], lanes.rx[lane], lanes.ry[lane])) {
                if (!copies) mask &= ~(1u << lane);
                continue;
            }
            frame->radii[first + lane] = (int32_t)lanes.rx[lane];
            frame->radii[count + first + lane] = (int32_t)lanes.ry[lane];
        }
        if (!rules->whole_rectangles) mask &= v_mask(opacity >= rules->alpha_min);
        if (mask == 0) continue;

        // alpha >= alpha_min where q <= reach.
        v16 least = -v_log2(v_max(opacity, (v16)1e-30f) / rules->alpha_min);
        v16 beta = rules->exponential ? 2.0f + v_load(frame->scene.planes + 11 * frame->scene.stride + first) : (v16)2.0f;
        v16 reach = v_max(-2.0f * ln2 * least, (v16)0.0f);
        if (rules->exponential) reach = v_exp2(v_log2(v_max(reach, (v16)1e-20f)) * 2.0f / v_max(beta, (v16)0.05f));
        v16 inverse = 1.0f / p.determinant;
        v_store(lanes.a, half * p.c * inverse);
        v_store(lanes.b, -2.0f * half * p.b * inverse);
        v_store(lanes.c, half * p.a * inverse);
        v_store(lanes.opacity, opacity);
        v_store(lanes.least, least - 1e-3f);
        v_store(lanes.beta, beta);
        v_store(lanes.depth, p.depth);
        v_store(lanes.hx, SQRT(reach * p.a) * 1.0001f + 0.01f);
        v_store(lanes.hy, SQRT(reach * p.c) * 1.0001f + 0.01f);
        v16 color[3];
        content(frame, &p, first, color);
        for (int k = 0; k < 3; k++) v_store(lanes.color[k], color[k]);

        for (uint32_t rest = mask; rest; rest &= rest - 1) {
            int lane = __builtin_ctz(rest);
            int seen = record_lane(frame, &lanes, lane, first + lane, 0, next);
            next += seen;
            if (copies) {
                float width = (float)frame->camera.width;
                int again = record_lane(frame, &lanes, lane, first + lane, lanes.u[lane] < 0.5f * width ? width : -width, next);
                next += again;
                seen |= again;
            }
            kept |= (uint32_t)seen << lane;
        }
        frame->groups[first / 16] = (uint16_t)kept;
    }
    frame->counts[chunk] = (int32_t)(next - records);
}

static void TARGET(harmonics)(const float *coefficients, const float *directions, int64_t stride, int degree, float *values) {
    for (int64_t first = 0; first < stride; first += 16) {
        v16 direction[3], basis[25], square = 0;
        for (int k = 0; k < 3; k++) {
            direction[k] = v_load(directions + k * stride + first);
            square = FMA(direction[k], direction[k], square);
        }
        v16 inverse = 1.0f / SQRT(v_max(square, (v16)1e-30f));
        for (int k = 0; k < 3; k++) direction[k] = direction[k] * inverse;
        harmonics_basis(degree, direction[0], direction[1], direction[2], basis);
        for (int channel = 0; channel < 3; channel++) {
            v16 sum = 0;
            for (int k = 0; k < (degree + 1) * (degree + 1); k++)
                sum = FMA(basis[k], v_load(coefficients + (3 * k + channel) * stride + first), sum);
            v_store(values + channel * stride + first, sum);
        }
    }
}
