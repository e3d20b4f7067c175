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

enum { TILE_BATCH = 64 };

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

// A bit for each block of a tile in which a splat may have alpha_min; never too few.
//
// Of a row of pixels it reaches dx = (-b dy -+ sqrt(4 a least - (4 a c - b^2) dy^2)) / 2a; a lane looks at one of the 16 rows.
SPLAT_INLINE uint32_t blocks_reached(const SplatRecord *record, int x, int y, int gef) {
    const i16 lane = v_lanes();
    const i16 x0 = record->x0 - x, x1 = record->x1 - x;
    const int first = record->y0 - y, last = record->y1 - y;
    i16 rows = (lane >= (i16)first) & (lane <= (i16)last), left = x0 > 0 ? x0 : (i16)0, right = x1 < 15 ? x1 : (i16)15;
    if (!gef) {
        const float half = -0.5f / record->a, most = 4.00004f * record->a * record->least + 1e-9f;
        const v16 dy = __builtin_convertvector(lane, v16) + ((float)y - record->v);
        const v16 square = FMA(-record->discriminant * dy, dy, (v16)most);
        const v16 middle = FMA(dy, (v16)(record->b * half), (v16)(record->u - (float)x));
        const v16 reach = FMA(v_rough_root(v_max(square, (v16)1e-12f)), (v16)(1.002f * half), (v16)0.02f);
        // Before they become whole numbers, ends far outside are brought near.
        const v16 low = __builtin_elementwise_ceil(v_max(middle - reach, (v16)-1.0f));
        const v16 high = __builtin_elementwise_floor(v_min(middle + reach, (v16)16.0f));
        const i16 from = __builtin_convertvector(v_min(low, (v16)16.0f), i16), to = __builtin_convertvector(v_max(high, (v16)-1.0f), i16);
        left = from > left ? from : left;
        right = to < right ? to : right;
        rows &= square > 0.0f;
    }
    rows &= left <= right;
    const i16 columns = ((i16)2 << ((right >> 2) & 3)) - ((i16)1 << ((left >> 2) & 3));
    return (uint32_t)__builtin_reduce_or((columns & rows) << (lane & ~3));
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

// Lists which blocks the splats start..<start + TILE_BATCH of a tile reach, as 16 k + block; a loop over one list has no branches to be
// guessed, as loops over the few blocks of each splat have. Returns the end.
SPLAT_INLINE const uint32_t *tile_visits(
    const SplatFrame *frame, const uint32_t *list, uint32_t start, uint32_t count, int x, int y, uint32_t open, int gef, uint32_t *visits
) {
    const uint32_t most = count - start < TILE_BATCH ? count - start : TILE_BATCH;
    for (uint32_t k = 0; k < most; k++) {
        if (start + k + 8 < count) __builtin_prefetch(frame->records + list[start + k + 8]);
        visits = bits_listed(visits, blocks_reached(frame->records + list[start + k], x, y, gef) & open, 16 * k);
    }
    return visits;
}

SPLAT_INLINE void tile_blend(SplatFrame *frame, const SplatPicture *picture, uint32_t tile, int details, int gef) {
    const int x = (int)(tile % (uint32_t)frame->tile_columns) * SPLAT_TILE, y = (int)(tile / (uint32_t)frame->tile_columns) * SPLAT_TILE;
    const SplatRules *rules = &frame->rules;
    const uint32_t *list = frame->list + frame->list_starts[tile], count = frame->list_starts[tile + 1] - frame->list_starts[tile];
    const v16 alpha_max = rules->alpha_max, alpha_min = rules->alpha_min, stop = rules->stop;
    v16 columns[4], rows[4];
    for (int k = 0; k < 4; k++) {
        columns[k] = block_columns() + (float)(4 * k);
        rows[k] = block_rows() + (float)(4 * k);
    }
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
    uint16_t *marks = frame->touched + frame->list_starts[tile];
    memset(marks, 0, count * sizeof *marks);
    uint32_t visits[16 * TILE_BATCH + 16];
    for (uint32_t start = 0; start < count && open; start += TILE_BATCH) {
        const uint32_t *end = tile_visits(frame, list, start, count, x, y, open, gef, visits);
        for (const uint32_t *visit = visits; visit < end; visit++) {
            const uint32_t place = start + (*visit >> 4), block = *visit & 15;
            const SplatRecord *record = frame->records + list[place];
            const v16 dx = columns[block & 3] - (record->u - (float)x), dy = rows[block >> 2] - (record->v - (float)y);
            v16 e = FMA(dx, FMA((v16)record->a, dx, record->b * dy), record->c * dy * dy);
            m16 reached = m_least_of(state.alive[block], (v16)0.0f, e);
            if (gef) {
                v16 power, logarithm;
                e = exponential(e, (v16)(0.5f * record->beta), &power, &logarithm);
            }
            reached = m_least_of(reached, e, (v16)record->least);
            if (!m_any(reached)) continue;
            marks[place] |= (uint16_t)(1u << block);
            const v16 alpha = v_min(alpha_max, record->opacity * v_exp2(e));
            reached = m_least_of(reached, alpha, alpha_min);
            const v16 before = state.transmittance[block], after = before * (1.0f - alpha);
            const m16 blended = m_least_of(reached, after, stop);
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
            const m16 done = m_without(reached, blended);
            if (__builtin_expect(m_any(done), 0)) {
                state.alive[block] = m_without(state.alive[block], done);
                if (!m_any(state.alive[block])) open &= ~(1u << block);
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
