// Which tiles each splat is seen in. Included once for each target.

// The columns of tiles that the ellipse of a splat touches in rows of pixels from..to.
SPLAT_INLINE void tile_span(const SplatRecord *r, float a, float b, float c, float reach, int from, int to, int *first, int *last) {
    // With q = a x^2 + 2 b x y + c y^2: x = -b/a y -+ sqrt((reach - (c - b^2/a) y^2) / a).
    const float rest = c - b * b / a, top = (float)from - r->v, bottom = (float)to - r->v;
    const float peak_y = sqrtf(reach / rest);               // the ends of the ellipse along y
    float y0 = top < -peak_y ? -peak_y : top, y1 = bottom > peak_y ? peak_y : bottom;
    if (y0 > y1) y0 = y1 = top > 0 ? peak_y : -peak_y;
    const float widest = sqrtf(reach * c / (a * c - b * b)), at = -b / c * widest;   // the right end, and its y
    float right, left;
    if (at >= y0 && at <= y1) right = widest; else {
        float y = at < y0 ? y0 : y1, square = (reach - rest * y * y) / a;
        right = -b / a * y + sqrtf(square > 0 ? square : 0);
    }
    if (-at >= y0 && -at <= y1) left = -widest; else {
        float y = -at < y0 ? y0 : y1, square = (reach - rest * y * y) / a;
        left = -b / a * y - sqrtf(square > 0 ? square : 0);
    }
    *first = (int)floorf((r->u + left - 0.05f) / SPLAT_TILE);
    *last = (int)floorf((r->u + right + 0.05f) / SPLAT_TILE);
}

SPLAT_INLINE int room_for(SplatBuffer *buffer, int64_t count, int64_t more) {
    const size_t need = (size_t)(count + more) * sizeof(SplatPair);
    if (need <= buffer->size) return 0;
    size_t size = buffer->size < 1 << 16 ? 1 << 16 : buffer->size * 2;
    if (size < need) size = need;
    void *memory = realloc(buffer->memory, size);
    if (!memory) return -1;
    buffer->memory = memory;
    buffer->size = size;
    return 0;
}

SPLAT_INLINE int add_pairs(SplatFrame *frame, int thread, int64_t *count, uint32_t record, uint32_t *counts) {
    const SplatRecord *r = frame->records + record;
    if (r->x0 > r->x1 || r->y0 > r->y1) return 0;
    const int tx0 = r->x0 >> 4, tx1 = r->x1 >> 4;
    int ty0 = r->y0 >> 4, ty1 = r->y1 >> 4;
    const int exact = !frame->rules.whole_rectangles && tx1 > tx0 && ty1 > ty0;
    const int band0 = frame->first_row / SPLAT_TILE, band1 = (frame->end_row - 1) / SPLAT_TILE;
    ty0 = ty0 > band0 ? ty0 : band0;
    ty1 = ty1 < band1 ? ty1 : band1;
    if (ty0 > ty1) return 0;
    SplatBuffer *buffer = frame->pair_buffers + thread;
    if (room_for(buffer, *count, (int64_t)(tx1 - tx0 + 1) * (ty1 - ty0 + 1))) return -1;
    SplatPair *pairs = (SplatPair *)buffer->memory + *count, *next = pairs;
    const float log2e = 1.4426950408889634f, a = -2.0f * r->a / log2e, b = -r->b / log2e, c = -2.0f * r->c / log2e;
    float reach = -2.0f * r->least / log2e;
    if (exact && frame->rules.exponential) reach = powf(reach, 2.0f / (r->beta > 0.05f ? r->beta : 0.05f));
    for (int row = ty0; row <= ty1; row++) {
        int first = tx0, last = tx1;
        if (exact) {
            tile_span(r, a, b, c, reach, row * SPLAT_TILE, row * SPLAT_TILE + SPLAT_TILE - 1, &first, &last);
            first = first > tx0 ? first : tx0;
            last = last < tx1 ? last : tx1;
        }
        for (int column = first; column <= last; column++) {
            const uint32_t tile = (uint32_t)(row * frame->tile_columns + column);
            *next++ = (SplatPair){tile, record};
            counts[tile]++;
        }
    }
    *count += next - pairs;
    return 0;
}

// Lists the tiles of the records from..<to in depth order. Their number, or -1 if memory ran out.
static int64_t TARGET(list)(SplatFrame *frame, int thread, int64_t from, int64_t to, uint32_t *counts) {
    int64_t count = 0;
    for (int64_t k = from; k < to; k++) {
        if (k + 8 < to) __builtin_prefetch(frame->records + frame->order[0][k + 8]);
        frame->first_slots[k] = (uint32_t)count;
        if (add_pairs(frame, thread, &count, frame->order[0][k], counts)) return -1;
    }
    return count;
}
