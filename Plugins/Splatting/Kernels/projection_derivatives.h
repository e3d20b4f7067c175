// From derivatives on the screen to those of the stored parameters, 16 splats at a time. Included once for each target.

typedef struct { v16 x, y, z; v16 shape; v16 r[9]; v16 t[6]; } Slopes;

// J depends on where the splat is: dL/dJ adds to dL/dx_c.
SPLAT_INLINE void pinhole_slopes(const Projected *p, const SplatCamera *camera, const SplatRules *rules, const v16 dj[6], v16 du, v16 dv, Slopes *s) {
    v16 h = 1.0f / (p->z + 1e-7f), inverse = 1.0f / p->z, square = inverse * inverse;
    s->x = camera->fx * h * du;
    s->y = camera->fy * h * dv;
    s->z = -(camera->fx * p->x * du + camera->fy * p->y * dv) * h * h;
    v16 across = -camera->fx * square * dj[2], down = -camera->fy * square * dj[5];
    // j[2] = -fx clamp(x/z) / z; where the clamp is active only the last division depends on z. The published kernels count it twice.
    v16 once = rules->inria_gradient ? 2.0f : 1.0f;
    v16 twice_x = p->clamped_x ? once : (v16)2.0f;
    v16 twice_y = p->clamped_y ? once : (v16)2.0f;
    s->x += p->clamped_x ? (v16)0.0f : across;
    s->y += p->clamped_y ? (v16)0.0f : down;
    s->z += -camera->fx * square * dj[0] - camera->fy * square * dj[4];
    s->z += -twice_x * p->j[2] * inverse * dj[2] - twice_y * p->j[5] * inverse * dj[5];
}

SPLAT_INLINE void fisheye_slopes(const Projected *p, const SplatCamera *camera, const v16 dj[6], v16 du, v16 dv, Slopes *s) {
    const v16 x = p->x, y = p->y, z = p->z;
    v16 rho = SQRT(x * x + y * y) + 1e-7f, theta = lanes_atan2(rho, z + 1e-7f);
    v16 xx = x * x + 1e-7f, yy = y * y, xy = x * y, flat = xx + yy, all = flat + z * z, level = SQRT(flat);
    // The centre: u = fx x theta / rho.
    v16 ratio = theta / rho, reach = rho * rho + z * z;
    v16 by_rho = (z / reach - ratio) / rho;    // d(theta/rho)/drho
    v16 along = (camera->fx * x * du + camera->fy * y * dv), unit_x = x / rho, unit_y = y / rho;
    s->x = camera->fx * ratio * du + along * by_rho * unit_x;
    s->y = camera->fy * ratio * dv + along * by_rho * unit_y;
    s->z = -along / reach;
    // The Jacobian, by a = z / (all flat), b = angle / flat^(3/2).
    v16 angle = lanes_atan2(level, z), cube = 1.0f / (level * flat);
    v16 b = angle * cube, a = z / (all * flat);
    v16 a_flat = -a * (1.0f / all + 1.0f / flat);   // by xx or yy
    v16 b_flat = 0.5f * z / (level * all) * cube - 1.5f * b / flat;
    v16 a_z = 1.0f / (all * flat) - 2.0f * a * z / all, b_z = -level / all * cube;
    v16 mixed = camera->fx * dj[1] + camera->fy * dj[3];
    v16 da = camera->fx * xx * dj[0] + xy * mixed + camera->fy * yy * dj[4];
    v16 db = camera->fx * yy * dj[0] - xy * mixed + camera->fy * xx * dj[4];
    v16 dall = (camera->fx * x * dj[2] + camera->fy * y * dj[5]) / (all * all);
    v16 dflat = da * a_flat + db * b_flat + dall;
    v16 dxx = camera->fx * a * dj[0] + camera->fy * b * dj[4] + dflat;
    v16 dyy = camera->fx * b * dj[0] + camera->fy * a * dj[4] + dflat;
    s->x += 2.0f * x * dxx + y * (a - b) * mixed - camera->fx / all * dj[2];
    s->y += 2.0f * y * dyy + x * (a - b) * mixed - camera->fy / all * dj[5];
    s->z += da * a_z + db * b_z + 2.0f * z * dall;
}

SPLAT_INLINE void rotation_slopes(const v16 q[4], const v16 e[9], v16 dq[4]) {
    v16 w = q[0], x = q[1], y = q[2], z = q[3];
    dq[0] = 2.0f * (x * (e[7] - e[5]) + y * (e[2] - e[6]) + z * (e[3] - e[1]));
    dq[1] = 2.0f * (y * (e[3] + e[1]) + z * (e[6] + e[2]) + w * (e[7] - e[5])) - 4.0f * x * (e[8] + e[4]);
    dq[2] = 2.0f * (x * (e[3] + e[1]) + w * (e[2] - e[6]) + z * (e[7] + e[5])) - 4.0f * y * (e[8] + e[0]);
    dq[3] = 2.0f * (w * (e[3] - e[1]) + x * (e[6] + e[2]) + y * (e[7] + e[5])) - 4.0f * z * (e[4] + e[0]);
}

// Derivatives by the screen covariance (a, b, c; b counted once) from those by the conic, and by the opacity through the compensation.
SPLAT_INLINE void covariance_slopes(const Projected *p, const SplatRules *rules, v16 gA, v16 gB, v16 gC, v16 by_compensation, v16 out[3]) {
    v16 a = p->a, b = p->b, c = p->c, d = p->determinant;
    v16 k = 1.0f / (d * d + (rules->inria_gradient ? 1e-7f : 0.0f));
    v16 half = 0.5f * gB;
    out[0] = k * (-c * c * gA + 2.0f * b * c * half + (d - a * c) * gC);
    out[2] = k * (-a * a * gC + 2.0f * a * b * half + (d - a * c) * gA);
    out[1] = 2.0f * k * (b * c * gA - (d + 2.0f * b * b) * half + a * b * gC);
    if (!rules->antialiased) return;
    v16 bare = p->compensation * p->compensation * d;   // the determinant without dilation
    v16 by_ratio = p->compensation * p->compensation > 2.5e-5f ? by_compensation / (2.0f * p->compensation) : (v16)0.0f;
    v16 by_bare = by_ratio / d, by_d = -by_ratio * bare / (d * d);
    out[0] += by_d * c + by_bare * (c - rules->dilation);
    out[2] += by_d * a + by_bare * (a - rules->dilation);
    out[1] += -2.0f * b * (by_d + by_bare);
}

// Colour: harmonics, and through the direction the position, in the world's axes.
SPLAT_INLINE void color_slopes(const SplatFrame *frame, int64_t first, i16 seen, v16 by_color[3], float *gradients, v16 position[3]) {
    const int64_t stride = frame->scene.stride;
    const int degree = frame->rules.degree, count = (degree + 1) * (degree + 1);
    v16 color[3], direction[3], basis[25], weight[25], slope[3];
    raw_colors(frame, first, color);
    v16 inverse = view_direction(frame, first, direction);
    for (int channel = 0; channel < 3; channel++) by_color[channel] = (seen & (color[channel] > 0.0f)) ? by_color[channel] : (v16)0.0f;
    harmonics_basis(degree, direction[0], direction[1], direction[2], basis);
    for (int k = 0; k < count; k++) {
        weight[k] = 0;
        for (int channel = 0; channel < 3; channel++) {
            const int64_t plane = (12 + 3 * k + channel) * stride + first;
            v_store(gradients + plane, basis[k] * by_color[channel]);
            weight[k] = FMA(v_load(frame->scene.planes + plane), by_color[channel], weight[k]);
        }
    }
    harmonics_slope(degree, direction[0], direction[1], direction[2], weight, slope);
    v16 along = slope[0] * direction[0] + slope[1] * direction[1] + slope[2] * direction[2];
    for (int k = 0; k < 3; k++) position[k] += seen ? (slope[k] - along * direction[k]) * inverse : (v16)0.0f;
}

SPLAT_INLINE void zero_group(const SplatFrame *frame, int64_t first, float *gradients, float *screen) {
    const int planes = 12 + 3 * (frame->rules.degree + 1) * (frame->rules.degree + 1);
    for (int k = 0; k < planes; k++) v_store(gradients + k * frame->scene.stride + first, (v16)0.0f);
    if (!screen) return;
    const int64_t left = frame->scene.count - first < 16 ? frame->scene.count - first : 16;
    for (int64_t lane = 0; lane < left; lane++) screen[first + lane] = screen[frame->scene.count + first + lane] = 0;
}

static void TARGET(project_backward)(SplatFrame *frame, const float *rows, float *gradients, float *screen, int64_t chunk) {
    const SplatRules *rules = &frame->rules;
    const SplatCamera *camera = &frame->camera;
    const int64_t count = frame->scene.count, stride = frame->scene.stride;
    const int64_t end = (chunk + 1) * SPLAT_CHUNK < count ? (chunk + 1) * SPLAT_CHUNK : count;
    const float *w = camera->rotation;
    for (int64_t first = chunk * SPLAT_CHUNK; first < end; first += 16) {
        const uint32_t mask = frame->groups[first / 16];
        Projected p;
        if (mask == 0 || project_lanes(frame, first, &p) == 0) {
            zero_group(frame, first, gradients, screen);
            continue;
        }
        i16 seen = 0;
        v16 row[11];
        for (int k = 0; k < 11; k++) row[k] = 0;
        for (int lane = 0; lane < 16; lane++) {
            if (!(mask >> lane & 1)) continue;
            seen[lane] = -1;
            for (int k = 0; k < 11; k++) row[k][lane] = rows[(first + lane) * SPLAT_ROW + k];
        }
        v16 conic[3], dj[6], dt[6], dscreen[6], dr[9], position[3], dq[4];
        covariance_slopes(&p, rules, row[2], row[3], row[4], row[5] * p.opacity, conic);
        for (int k = 0; k < 3; k++) {
            dscreen[k] = 2.0f * conic[0] * p.screen[k] + conic[1] * p.screen[3 + k];
            dscreen[3 + k] = conic[1] * p.screen[k] + 2.0f * conic[2] * p.screen[3 + k];
        }
        // V = T M, M = R S.
        for (int i = 0; i < 2; i++)
            for (int k = 0; k < 3; k++) {
                v16 sum = 0;
                for (int j = 0; j < 3; j++) sum = FMA(dscreen[3 * i + j], p.r[3 * k + j] * p.scale[j], sum);
                dt[3 * i + k] = sum;
            }
        // Sigma = M M^T. Its derivative is symmetric to the bit, so that splats as wide as long are not turned by rounding.
        v16 sigma[6];
        const v16 *t0 = p.t, *t1 = p.t + 3;
        for (int i = 0, at = 0; i < 3; i++)
            for (int k = i; k < 3; k++, at++)
                sigma[at] = conic[0] * t0[i] * t0[k] + 0.5f * conic[1] * (t0[i] * t1[k] + t0[k] * t1[i]) + conic[2] * t1[i] * t1[k];
        static const int places[9] = {0, 1, 2, 1, 3, 4, 2, 4, 5};
        v16 by_shape = 0;
        for (int j = 0; j < 3; j++) {
            v16 by_log = 0;
            for (int i = 0; i < 3; i++) {
                v16 sum = 0;
                for (int k = 0; k < 3; k++) sum += sigma[places[3 * i + k]] * p.r[3 * k + j];
                dr[3 * i + j] = 2.0f * p.scale[j] * p.scale[j] * sum;
                by_log = FMA(p.r[3 * i + j], dr[3 * i + j], by_log);
            }
            by_shape += by_log;
            v_store(gradients + (3 + j) * stride + first, seen ? by_log : (v16)0.0f);
        }
        // phi' = phi (1 - phi / 2) rho, and scales hold phi as a factor.
        by_shape = rules->exponential ? row[9] : by_shape * (1.0f - 0.5f * p.shape_factor) * rules->shape_strength;
        v_store(gradients + 11 * stride + first, seen ? by_shape : (v16)0.0f);
        rotation_slopes(p.q, dr, dq);
        v16 along = 0;
        for (int k = 0; k < 4; k++) along = FMA(dq[k], p.q[k], along);
        v16 inverse = 1.0f / v_max(p.length, (v16)1e-30f);
        for (int k = 0; k < 4; k++)
            v_store(gradients + (6 + k) * stride + first, seen ? (dq[k] - along * p.q[k]) * inverse : (v16)0.0f);
        v_store(gradients + 10 * stride + first, seen ? row[5] * p.compensation * p.opacity * (1.0f - p.opacity) : (v16)0.0f);

        for (int i = 0; i < 2; i++)
            for (int k = 0; k < 3; k++)
                dj[3 * i + k] = dt[3 * i] * w[3 * k] + dt[3 * i + 1] * w[3 * k + 1] + dt[3 * i + 2] * w[3 * k + 2];
        Slopes slopes;
        switch (camera->projection) {
        case SPLAT_PINHOLE: pinhole_slopes(&p, camera, rules, dj, row[0], row[1], &slopes); break;
        case SPLAT_FISHEYE: fisheye_slopes(&p, camera, dj, row[0], row[1], &slopes); break;
        default:
            slopes.x = camera->fx * row[0];
            slopes.y = camera->fy * row[1];
            slopes.z = 0;
        }
        slopes.z += row[10];
        for (int k = 0; k < 3; k++)
            position[k] = seen ? w[k] * slopes.x + w[3 + k] * slopes.y + w[6 + k] * slopes.z : (v16)0.0f;
        if (rules->content == SPLAT_COLOR) color_slopes(frame, first, seen, row + 6, gradients, position);
        for (int k = 0; k < 3; k++) v_store(gradients + k * stride + first, position[k]);
        if (screen) {
            const int64_t left = count - first < 16 ? count - first : 16;
            for (int64_t lane = 0; lane < left; lane++) {
                screen[first + lane] = row[0][lane];
                screen[count + first + lane] = row[1][lane];
            }
        }
    }
}

static void TARGET(adam)(
    float *values, const float *gradients, float *first, float *second, int64_t count, float rate, float beta1, float beta2,
    float epsilon, float correction1, float correction2, const int32_t *seen
) {
    for (int64_t i = 0; i < count; i += 16) {
        i16 moved = -1;
        if (seen) {
            for (int lane = 0; lane < 16; lane++) moved[lane] = i + lane < count && seen[i + lane] > 0 ? -1 : 0;
            if (v_mask(moved) == 0) continue;
        }
        v16 g = v_load(gradients + i), m = v_load(first + i), v = v_load(second + i), x = v_load(values + i);
        v16 m1 = m + (1.0f - beta1) * (g - m);
        v16 v1 = FMA((v16)beta2, v, (1.0f - beta2) * g * g);
        v16 denominator = SQRT(v1) * correction2 + epsilon;
        v16 x1 = x - rate * correction1 * m1 / denominator;
        v_store(first + i, moved ? m1 : m);
        v_store(second + i, moved ? v1 : v);
        v_store(values + i, moved ? x1 : x);
    }
}
