// One tile of 16 x 16 pixels, front to back. Included once for each target.
//
// A vector holds a block of 4 x 4 pixels: splats are small and round more often than wide, so that blocks waste fewer lanes than rows do.

typedef struct {
    v16 transmittance[16];
    v16 color[3][16];
    m16 alive[16];
} TileState;

typedef struct {
    i16 last[16], top[16];
    v16 weight[16], median[16];
} TileDetails;

typedef struct { int x0, x1, y0, y1; } BlockRange;

SPLAT_INLINE v16 block_columns(void) { return (v16){0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3}; }
SPLAT_INLINE v16 block_rows(void) { return (v16){0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3}; }

// Which pixels of the tile are in the picture. Returns a bit for each block that has any.
SPLAT_INLINE uint32_t tile_open(const SplatFrame *frame, int x, int y, m16 alive[16]) {
    uint32_t open = 0;
    for (int block = 0; block < 16; block++) {
        v16 columns = block_columns() + (float)(x + 4 * (block & 3)), rows = block_rows() + (float)(y + 4 * (block >> 2));
        alive[block] = m_and(m_less(columns, (v16)(float)frame->camera.width), m_less(rows, (v16)(float)frame->camera.height));
        open |= (uint32_t)m_any(alive[block]) << block;
    }
    return open;
}

// The blocks of a tile that a splat reaches.
SPLAT_INLINE BlockRange block_range(const SplatRecord *record, int x, int y) {
    int x0 = record->x0 - x, x1 = record->x1 - x, y0 = record->y0 - y, y1 = record->y1 - y;
    return (BlockRange){(x0 < 0 ? 0 : x0) >> 2, (x1 > 15 ? 15 : x1) >> 2, (y0 < 0 ? 0 : y0) >> 2, (y1 > 15 ? 15 : y1) >> 2};
}

// The exponent of a generalised exponential in powers of 2, from that of a Gaussian: -log2(e) / 2 (q)^(beta / 2), q = -2 ln(2) e.
// Gives also q^(beta/2) and log2 q for derivatives.
SPLAT_INLINE v16 exponential(v16 e, v16 half_beta, v16 *power, v16 *logarithm) {
    v16 q = v_max(-1.3862943611198906f * e, (v16)1e-20f);
    *logarithm = v_log2(q);
    *power = v_exp2(v_min(*logarithm * half_beta, (v16)100.0f));
    return -0.7213475204444817f * *power;
}

SPLAT_INLINE void block_write(float *plane, int64_t at, int width, int skipped, int rows, int columns, v16 values) {
    float numbers[16];
    v_store(numbers, values);
    at += (int64_t)skipped * width;
    for (int row = skipped; row < rows; row++, at += width) {
        if (columns == 4)
            memcpy(plane + at, numbers + 4 * row, 4 * sizeof *numbers);
        else
            memcpy(plane + at, numbers + 4 * row, (size_t)columns * sizeof *numbers);
    }
}

SPLAT_INLINE void tile_write(
    const SplatFrame *frame, const SplatPicture *picture, int x, int y, const TileState *state, const TileDetails *extra
) {
    const int width = frame->camera.width, first = frame->first_row, end = frame->end_row;
    const int64_t area = (int64_t)width * (end - first);
    for (int block = 0; block < 16; block++) {
        const int left = x + 4 * (block & 3), above = y + 4 * (block >> 2), skipped = above < first ? first - above : 0;
        const int columns = width - left < 4 ? width - left : 4, rows = end - above < 4 ? end - above : 4;
        if (columns <= 0 || rows <= skipped) continue;
        const int64_t at = (int64_t)(above - first) * width + left;
        const v16 through = state->transmittance[block];
        for (int k = 0; k < 3; k++)
            block_write(picture->planes + k * area, at, width, skipped, rows, columns, FMA(through, (v16)picture->background[k], state->color[k][block]));
        if (picture->transmittance) block_write(picture->transmittance, at, width, skipped, rows, columns, through);
        if (!extra) continue;
        if (picture->last) block_write((float *)picture->last, at, width, skipped, rows, columns, v_float(extra->last[block]));
        if (picture->top) block_write((float *)picture->top, at, width, skipped, rows, columns, v_float(extra->top[block]));
        if (picture->median_depth) block_write(picture->median_depth, at, width, skipped, rows, columns, extra->median[block]);
    }
}

SPLAT_INLINE void tile_blend(SplatFrame *frame, const SplatPicture *picture, uint32_t tile, int details, int gef) {
    const int x = (int)(tile % (uint32_t)frame->tile_columns) * SPLAT_TILE, y = (int)(tile / (uint32_t)frame->tile_columns) * SPLAT_TILE;
    const SplatRules *rules = &frame->rules;
    const uint32_t *list = frame->list + frame->list_starts[tile], count = frame->list_starts[tile + 1] - frame->list_starts[tile];
    const v16 alpha_max = rules->alpha_max, alpha_min = rules->alpha_min, stop = rules->stop;
    TileState state;
    TileDetails extra;
    uint32_t open = tile_open(frame, x, y, state.alive);
    for (int block = 0; block < 16; block++) {
        state.transmittance[block] = 1.0f;
        for (int k = 0; k < 3; k++) state.color[k][block] = 0;
        if (details) {
            extra.last[block] = 0;
            extra.top[block] = -1;
            extra.weight[block] = extra.median[block] = 0;
        }
    }
    for (uint32_t place = 0; place < count && open; place++) {
        const SplatRecord *record = frame->records + list[place];
        if (place + 6 < count) __builtin_prefetch(frame->records + list[place + 6]);
        const BlockRange range = block_range(record, x, y);
        const v16 left = block_columns() + ((float)(x + 4 * range.x0) - record->u);
        v16 dy = block_rows() + ((float)(y + 4 * range.y0) - record->v);
        const v16 a = record->a, least = record->least, opacity = record->opacity;
        for (int row = range.y0; row <= range.y1; row++, dy += 4.0f) {
            const v16 linear = record->b * dy, constant = record->c * dy * dy;
            v16 dx = left;
            for (int block = 4 * row + range.x0; block <= 4 * row + range.x1; block++, dx += 4.0f) {
                v16 e = FMA(dx, FMA(a, dx, linear), constant);
                m16 reached = m_least((v16)0.0f, e);
                if (gef) {
                    v16 power, logarithm;
                    e = exponential(e, (v16)(0.5f * record->beta), &power, &logarithm);
                }
                reached = m_and(m_and(reached, m_least(e, least)), state.alive[block]);
                if (!m_any(reached)) continue;
                const v16 alpha = v_min(alpha_max, opacity * v_exp2(v_max(e, (v16)-100.0f)));
                reached = m_and(reached, m_least(alpha, alpha_min));
                const v16 before = state.transmittance[block], after = before * (1.0f - alpha);
                const m16 done = m_and(reached, m_less(after, stop));
                const m16 blended = m_without(reached, done);
                const v16 weight = v_zeroed(blended, alpha * before);
                for (int k = 0; k < 3; k++) state.color[k][block] = FMA((v16)record->color[k], weight, state.color[k][block]);
                state.transmittance[block] = v_select(blended, after, before);
                if (details) {
                    extra.last[block] = i_select(blended, (i16)(int32_t)(place + 1), extra.last[block]);
                    const m16 greater = m_less(extra.weight[block], weight);
                    extra.top[block] = i_select(greater, (i16)record->splat, extra.top[block]);
                    extra.weight[block] = v_select(greater, weight, extra.weight[block]);
                    const m16 half = m_and(m_and(blended, m_least(before, (v16)0.5f)), m_less(after, (v16)0.5f));
                    extra.median[block] = v_select(half, (v16)record->depth, extra.median[block]);
                }
                if (m_any(done)) {
                    state.alive[block] = m_without(state.alive[block], done);
                    if (!m_any(state.alive[block])) open &= ~(1u << block);
                }
            }
        }
    }
    tile_write(frame, picture, x, y, &state, details ? &extra : 0);
}

static void TARGET(blend)(SplatFrame *frame, const SplatPicture *picture, uint32_t tile, int details) {
    if (frame->rules.exponential)
        tile_blend(frame, picture, tile, 1, 1);
    else if (details)
        tile_blend(frame, picture, tile, 1, 0);
    else
        tile_blend(frame, picture, tile, 0, 0);
}
