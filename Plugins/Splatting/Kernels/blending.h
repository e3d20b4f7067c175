// One tile of 16 x 16 pixels, front to back. Included once for each target.
//
// A vector holds a block of 4 x 4 pixels: splats are small and round more often than wide, so that blocks waste fewer lanes than rows do.

typedef struct {
    v16 transmittance[16];
    v16 color[3][16];
    i16 alive[16];
} TileState;

typedef struct {
    i16 last[16], top[16];
    v16 weight[16], median[16];
} TileDetails;

typedef struct { int x0, x1, y0, y1; } BlockRange;

SPLAT_INLINE v16 block_columns(void) { return (v16){0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3}; }
SPLAT_INLINE v16 block_rows(void) { return (v16){0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3}; }

// Which pixels of the tile are in the picture. Returns a bit for each block that has any.
SPLAT_INLINE uint32_t tile_open(const SplatFrame *frame, int x, int y, i16 alive[16]) {
    uint32_t open = 0;
    for (int block = 0; block < 16; block++) {
        v16 columns = block_columns() + (float)(x + 4 * (block & 3)), rows = block_rows() + (float)(y + 4 * (block >> 2));
        alive[block] = (columns < (float)frame->camera.width) & (rows < (float)frame->camera.height);
        open |= (uint32_t)(v_mask(alive[block]) != 0) << block;
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
        const v16 left = block_columns() + ((float)x - record->u), above = block_rows() + ((float)y - record->v);
        const v16 a = record->a, least = record->least, opacity = record->opacity;
        for (int row = range.y0; row <= range.y1; row++) {
            const v16 dy = above + (float)(4 * row), linear = record->b * dy, constant = record->c * dy * dy;
            for (int column = range.x0; column <= range.x1; column++) {
                const int block = 4 * row + column;
                if (!(open >> block & 1)) continue;
                const v16 dx = left + (float)(4 * column);
                v16 e = FMA(dx, FMA(a, dx, linear), constant);
                i16 reached = e <= 0.0f;
                if (gef) {
                    v16 power, logarithm;
                    e = exponential(e, (v16)(0.5f * record->beta), &power, &logarithm);
                }
                reached &= (e >= least) & state.alive[block];
                if (v_mask(reached) == 0) continue;
                const v16 alpha = v_min(alpha_max, opacity * v_exp2(v_max(e, (v16)-100.0f)));
                reached &= alpha >= alpha_min;
                const v16 before = state.transmittance[block], after = before * (1.0f - alpha);
                const i16 done = reached & (after < stop);
                const i16 blended = reached & ~done;
                const v16 weight = blended ? alpha * before : (v16)0.0f;
                for (int k = 0; k < 3; k++) state.color[k][block] = FMA((v16)record->color[k], weight, state.color[k][block]);
                state.transmittance[block] = blended ? after : before;
                if (details) {
                    extra.last[block] = blended ? (i16)(int32_t)(place + 1) : extra.last[block];
                    const i16 greater = weight > extra.weight[block];
                    extra.top[block] = greater ? (i16)record->splat : extra.top[block];
                    extra.weight[block] = greater ? weight : extra.weight[block];
                    extra.median[block] = (blended & (before >= 0.5f) & (after < 0.5f)) ? (v16)record->depth : extra.median[block];
                }
                if (v_mask(done)) {
                    state.alive[block] &= ~done;
                    if (v_mask(state.alive[block]) == 0) open &= ~(1u << block);
                }
            }
        }
    }
    const int width = frame->camera.width, first = frame->first_row, end = frame->end_row;
    const int64_t area = (int64_t)width * (end - first);
    for (int block = 0; block < 16; block++) {
        const int left = x + 4 * (block & 3), top = y + 4 * (block >> 2);
        v16 color[3];
        for (int k = 0; k < 3; k++) color[k] = FMA(state.transmittance[block], (v16)picture->background[k], state.color[k][block]);
        for (int row = first > top ? first - top : 0; row < 4 && top + row < end; row++) {
            const int64_t at = (int64_t)(top + row - first) * width + left;
            const int n = width - left < 4 ? width - left : 4;
            for (int i = 0; i < n; i++) {
                for (int k = 0; k < 3; k++) picture->planes[k * area + at + i] = color[k][4 * row + i];
                if (picture->transmittance) picture->transmittance[at + i] = state.transmittance[block][4 * row + i];
                if (!details) continue;
                if (picture->last) picture->last[at + i] = extra.last[block][4 * row + i];
                if (picture->top) picture->top[at + i] = extra.top[block][4 * row + i];
                if (picture->median_depth) picture->median_depth[at + i] = extra.median[block][4 * row + i];
            }
        }
    }
}

static void TARGET(blend)(SplatFrame *frame, const SplatPicture *picture, uint32_t tile, int details) {
    if (frame->rules.exponential)
        tile_blend(frame, picture, tile, 1, 1);
    else if (details)
        tile_blend(frame, picture, tile, 1, 0);
    else
        tile_blend(frame, picture, tile, 0, 0);
}
