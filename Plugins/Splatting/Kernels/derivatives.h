// Derivatives of a tile, front to back as it was blended, and their way back to the parameters. Included once for each target.
//
// With R the colour still to come behind a splat, weighted by the gradient g, dL/dalpha = T (c . g) - R / (1 - alpha): R begins as the
// pixel itself times g and loses each splat's share, so that neither T has to be divided nor the list walked backwards.

// Sums of one splat in one tile.
enum { SUM_OPACITY, SUM_X, SUM_Y, SUM_XX, SUM_XY, SUM_YY, SUM_RED, SUM_GREEN, SUM_BLUE, SUM_BETA };

SPLAT_INLINE v16 block_read(const float *plane, int64_t at, int width, int rows, int columns) {
    float numbers[16] = {0};
    for (int row = 0; row < rows && columns > 0; row++) {
        if (columns == 4)
            memcpy(numbers + 4 * row, plane + at + (int64_t)row * width, 4 * sizeof *numbers);
        else
            memcpy(numbers + 4 * row, plane + at + (int64_t)row * width, (size_t)columns * sizeof *numbers);
    }
    return v_load(numbers);
}

SPLAT_INLINE void tile_backward(
    SplatFrame *frame, const float *image, const float *gradient, const float *transmittance, const float *alpha_gradient,
    uint32_t tile, int gef
) {
    const int x = (int)(tile % (uint32_t)frame->tile_columns) * SPLAT_TILE, y = (int)(tile / (uint32_t)frame->tile_columns) * SPLAT_TILE;
    const SplatRules *rules = &frame->rules;
    const uint32_t start = frame->list_starts[tile], count = frame->list_starts[tile + 1] - start;
    const uint32_t *list = frame->list + start, *slots = frame->slots + start;
    const uint16_t *marks = frame->touched + start;
    const v16 alpha_max = rules->alpha_max, alpha_min = rules->alpha_min, stop = rules->stop;
    const int width = frame->camera.width, height = frame->camera.height, inria = rules->inria_gradient;
    const int64_t area = (int64_t)width * height;
    v16 columns[4], rows[4];
    for (int k = 0; k < 4; k++) {
        columns[k] = block_columns() + (float)(4 * k);
        rows[k] = block_rows() + (float)(4 * k);
    }
    v16 before_all[16], rest[16], g[3][16];
    m16 alive[16];
    tile_open(frame, x, y, alive);
    for (int block = 0; block < 16; block++) {
        const int left = x + 4 * (block & 3), above = y + 4 * (block >> 2);
        const int right = width - left < 4 ? width - left : 4, below = height - above < 4 ? height - above : 4;
        const int64_t at = (int64_t)above * width + left;
        v16 sum = 0;
        for (int k = 0; k < 3; k++) {
            g[k][block] = block_read(gradient + k * area, at, width, below, right);
            sum = FMA(block_read(image + k * area, at, width, below, right), g[k][block], sum);
        }
        if (alpha_gradient)
            sum -= block_read(transmittance, at, width, below, right) * block_read(alpha_gradient, at, width, below, right);
        before_all[block] = 1.0f;
        rest[block] = sum;
    }
    for (uint32_t place = 0; place < count; place++) {
        float *row = frame->rows + (int64_t)slots[place] * SPLAT_ROW;
        uint32_t blocks = marks[place];
        if (!blocks) {
            v_store(row, (v16)0.0f);
            continue;
        }
        const SplatRecord *record = frame->records + list[place];
        if (place + 6 < count) __builtin_prefetch(frame->records + list[place + 6]);
        const v16 a = record->a, least = record->least, opacity = record->opacity;
        v16 sums[12];
        for (int k = 0; k < 12; k++) sums[k] = 0;
        for (; blocks; blocks &= blocks - 1) {
            const int block = __builtin_ctz(blocks);
            const v16 dx = columns[block & 3] - (record->u - (float)x), dy = rows[block >> 2] - (record->v - (float)y);
            const v16 square = FMA(dx, FMA(a, dx, record->b * dy), record->c * dy * dy);
            v16 e = square, power, logarithm;
            m16 reached = m_least_of(alive[block], (v16)0.0f, e);
            if (gef) e = exponential(e, (v16)(0.5f * record->beta), &power, &logarithm);
            reached = m_least_of(reached, e, least);
            const v16 free = opacity * v_exp2(e), alpha = v_min(alpha_max, free);
            reached = m_least_of(reached, alpha, alpha_min);
            const v16 before = before_all[block], through = 1.0f - alpha, after = before * through;
            const m16 blended = m_least_of(reached, after, stop);
            const v16 weight = v_zeroed(blended, alpha * before);
            const v16 shade = FMA((v16)record->color[0], g[0][block],
                FMA((v16)record->color[1], g[1][block], record->color[2] * g[2][block]));
            const v16 behind = FMA(-weight, shade, rest[block]);
            rest[block] = behind;
            before_all[block] = v_select(blended, after, before);
            const v16 by_alpha = before * shade - behind * v_reciprocal(through);
            m16 counted = blended;
            if (!inria) counted = m_least_of(counted, alpha_max, free);
            v16 pull = v_zeroed(counted, free * by_alpha);   // dL/de
            sums[SUM_OPACITY] += pull;
            if (gef) {
                sums[SUM_BETA] = FMA(pull * power, logarithm, sums[SUM_BETA]);
                pull *= 0.5f * record->beta * power / v_max(-1.3862943611198906f * square, (v16)1e-12f);
            }
            const v16 px = pull * dx, py = pull * dy;
            sums[SUM_X] += px;
            sums[SUM_Y] += py;
            sums[SUM_XX] = FMA(px, dx, sums[SUM_XX]);
            sums[SUM_XY] = FMA(px, dy, sums[SUM_XY]);
            sums[SUM_YY] = FMA(py, dy, sums[SUM_YY]);
            for (int k = 0; k < 3; k++) sums[SUM_RED + k] = FMA(weight, g[k][block], sums[SUM_RED + k]);
            alive[block] = m_without(alive[block], m_without(reached, blended));
        }
        v_store(row, v_sums12(sums));
    }
}

static void TARGET(backward)(
    SplatFrame *frame, const float *image, const float *gradient, const float *transmittance, const float *alpha_gradient,
    uint32_t tile
) {
    if (frame->rules.exponential)
        tile_backward(frame, image, gradient, transmittance, alpha_gradient, tile, 1);
    else
        tile_backward(frame, image, gradient, transmittance, alpha_gradient, tile, 0);
}

// Adds up what tiles found for the records from..<to in depth order, and turns sums into derivatives by u, v, A, B, C, opacity, colour, beta.
static void TARGET(gather)(SplatFrame *frame, int64_t from, int64_t to) {
    const float log2e = 1.4426950408889634f;
    for (int64_t k = from; k < to; k++) {
        if (k + 12 < to) __builtin_prefetch(frame->records + frame->order[0][k + 12]);
        if (k + 6 < to) __builtin_prefetch(frame->splat_rows + (int64_t)frame->records[frame->order[0][k + 6]].splat * SPLAT_ROW, 1);
        v16 sum = 0;
        for (uint32_t slot = frame->first_slots[k]; slot < frame->first_slots[k + 1]; slot++)
            sum += v_load(frame->rows + (int64_t)slot * SPLAT_ROW);
        const SplatRecord *record = frame->records + frame->order[0][k];
        const float a = -2.0f * record->a / log2e, b = -record->b / log2e, c = -2.0f * record->c / log2e;
        float *row = frame->splat_rows + (int64_t)record->splat * SPLAT_ROW;
        row[0] = a * sum[SUM_X] + b * sum[SUM_Y];
        row[1] = b * sum[SUM_X] + c * sum[SUM_Y];
        row[2] = -0.5f * sum[SUM_XX];
        row[3] = -sum[SUM_XY];
        row[4] = -0.5f * sum[SUM_YY];
        row[5] = sum[SUM_OPACITY] / record->opacity;
        row[6] = sum[SUM_RED];
        row[7] = sum[SUM_GREEN];
        row[8] = sum[SUM_BLUE];
        row[9] = -0.25f * 0.6931471805599453f * sum[SUM_BETA];
        row[10] = 0;
    }
}
