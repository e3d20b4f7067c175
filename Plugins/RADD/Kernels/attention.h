// Attention of queries to the keys and values of their sequence: scores of a tile of rows at once, softmax, sums of values.

// Scores [rows][places] in powers of two to shares of the greatest, as inputs of a product, in place. Gives back 1 / sum.
INLINE float KIND(soften)(const RADDNetwork *n, float *scores, size_t places) {
    const size_t full = places / 16 * 16, padded = radd_up(places, RADD_PANEL);
    const whole lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const whole is_there = lane < (int32_t)(places - full);
    lanes most = -INFINITY, sum = 0.0f;
    for (size_t i = 0; i < full; i += 16) most = KIND(greater)(load(scores + i), most);
    if (full < places) most = KIND(greater)(is_there ? load(scores + full) : (lanes)-INFINITY, most);
    const lanes greatest = KIND(greatest)(most);
    for (size_t i = 0; i < full; i += 16) {
        const lanes e = KIND(power)(load(scores + i) - greatest);
        sum += e;
        put(scores + i / PER, e, n->rounds, 16);
    }
    if (full < places) {
        const lanes e = is_there ? KIND(power)(load(scores + full) - greatest) : (lanes)0.0f;
        sum += e;
        put(scores + full / PER, e, n->rounds, 16);
    }
    for (size_t i = radd_up(places, 16); i < padded; i += 16) put(scores + i / PER, (lanes)0.0f, 0, 16);
    return 1.0f / KIND(total)(sum);
}

// One tile of one head.
static void KIND(attend_tile)(
    const RADDRoom *room, RADDPairs pairs, size_t head, const RADDRows *rows, size_t first, size_t count, float *scores,
    float *to, size_t to_row) {
    const RADDNetwork *n = room->network;
    const size_t length = room->queries[rows->query[first]].length, padded = radd_up(length, RADD_PANEL);
    const size_t words = n->head / PER, step = room->score_cells;
    size_t most = 0, places[TILE_ROWS];
    for (size_t r = 0; r < count; r++) {
        places[r] = n->shape.is_causal ? (size_t)rows->place[first + r] + 1 : length;
        if (places[r] > most) most = places[r];
    }
    const float *q = rows->q + first * room->query_cells + head * words;
    const float *keys = pairs.keys + head * padded * words;
    for (size_t p = 0; p < most; p += RADD_PANEL)
        KIND(tile_of)((int)count, words, q, room->query_cells, keys + p * words, scores + p, step, 0);
    float scale[TILE_ROWS];
    for (size_t r = 0; r < count; r++) {
        scale[r] = KIND(soften)(n, scores + r * step, places[r]);
        for (size_t i = radd_up(places[r], RADD_PANEL); i < most; i += 16) put(scores + r * step + i / PER, (lanes)0.0f, 0, 16);
    }
    for (size_t p = 0; p < n->head_panels; p++) {
        float sums[TILE_ROWS * RADD_PANEL];
        const float *values = pairs.values + (head * n->head_panels + p) * (padded / PER) * RADD_PANEL;
        KIND(tile_of)((int)count, (most + PER - 1) / PER, scores, step, values, sums, RADD_PANEL, 0);
        for (size_t r = 0; r < count; r++)
            for (size_t i = 0; i < RADD_PANEL && p * RADD_PANEL + i < n->head; i += 16) {
                const size_t left = n->head - p * RADD_PANEL - i;
                put(to + r * to_row + (head * n->head + p * RADD_PANEL + i) / PER, load(sums + r * RADD_PANEL + i) * scale[r],
                    n->rounds, left < 16 ? (int)left : 16);
            }
    }
}

// Heads first..<last of rows that may be of several sequences.
static void KIND(attend)(
    const RADDRoom *room, size_t block, size_t first_head, size_t last_head, const RADDRows *rows, size_t first, size_t count,
    float *scores, float *to, size_t to_row) {
    for (size_t begin = first, end; begin < first + count; begin = end) {
        const int32_t query = rows->query[begin];
        for (end = begin; end < first + count && rows->query[end] == query;) end++;
        const RADDPairs pairs = radd_pairs(room, (size_t)query, block);
        const size_t tiles = (end - begin + TILE_ROWS - 1) / TILE_ROWS;
        for (size_t head = first_head; head < last_head; head++)
            for (size_t tile = 0, r = begin; tile < tiles; tile++) {
                const size_t next = begin + (end - begin) * (tile + 1) / tiles;
                KIND(attend_tile)(room, pairs, head, rows, r, next - r, scores, to + (r - first) * to_row, to_row);
                r = next;
            }
    }
}
