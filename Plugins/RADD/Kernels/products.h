// Products of rows of words with panels of weights, in tiles that stay in registers.
//
// Each sum runs over the inputs in order, whatever the tile: what a row gives does not depend on the rows beside it.

#if IS_SHORT
#define MULTIPLY_WORDS(sum, x, w) (lanes)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(x), (__m512bh)(w))
#else
#define MULTIPLY_WORDS(sum, x, w) MULTIPLY_ADD(x, w, sum)
#endif

// to [rows][vectors * 16] = (to +) from [rows][depth] * weights [depth][32].
INLINE void KIND(tile)(
    int rows, int vectors, size_t depth, const float *from, size_t from_row, const float *weights, float *to, size_t to_row,
    int adds) {
    lanes sum[TILE_ROWS][2];
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) sum[r][v] = adds ? load(to + (size_t)r * to_row + 16 * v) : (lanes)0.0f;
    for (size_t k = 0; k < depth; k++, weights += RADD_PANEL) {
        lanes w[2];
        for (int v = 0; v < vectors; v++) w[v] = load(weights + 16 * v);
        for (int r = 0; r < rows; r++) {
            const lanes x = (lanes)from[(size_t)r * from_row + k];
            for (int v = 0; v < vectors; v++) sum[r][v] = MULTIPLY_WORDS(sum[r][v], x, w[v]);
        }
    }
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) store(to + (size_t)r * to_row + 16 * v, sum[r][v]);
}

static void KIND(tile_of)(
    int rows, size_t depth, const float *from, size_t from_row, const float *weights, float *to, size_t to_row, int adds) {
    switch (rows) {
#define TILE(rows)                                                                                                     \
    case rows:                                                                                                         \
        for (int v = 0; v < 2; v += TILE_VECTORS)                                                                      \
            KIND(tile)(rows, TILE_VECTORS, depth, from, from_row, weights + 16 * v, to + 16 * v, to_row, adds);        \
        break;
        TILE(1)
        TILE(2)
#if TILE_ROWS > 2
        TILE(3)
        TILE(4)
        TILE(5)
        TILE(6)
#endif
#if TILE_ROWS > 6
        TILE(7)
        TILE(8)
#endif
#undef TILE
    }
}

// to [rows][32] = (to +) from [rows][depth] * one panel.
INLINE void KIND(product)(
    size_t rows, size_t depth, const float *from, size_t from_row, const float *panel, float *to, size_t to_row, int adds) {
    const size_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
    for (size_t tile = 0, r = 0; tile < tiles; tile++) {
        const size_t end = rows * (tile + 1) / tiles;
        KIND(tile_of)((int)(end - r), depth, from + r * from_row, from_row, panel, to + r * to_row, to_row, adds);
        r = end;
    }
}

INLINE const float *KIND(panel)(const RADDMatrix *by, size_t panel) { return by->words + panel * by->depth * RADD_PANEL; }

// Panels of from * by, with the bias and through GELU, as inputs of a product.
static void KIND(rise)(
    const RADDNetwork *n, const RADDMatrix *by, size_t first, size_t last, size_t rows, const float *from, float *to,
    size_t to_row) {
    float sums[RADD_CHUNK * RADD_PANEL];
    for (size_t p = first; p < last; p++) {
        KIND(product)(rows, by->depth, from, n->cells, KIND(panel)(by, p), sums, RADD_PANEL, 0);
        const lanes bias[2] = {load(by->bias + p * RADD_PANEL), load(by->bias + p * RADD_PANEL + 16)};
        for (size_t r = 0; r < rows; r++)
            for (int v = 0; v < 2; v++)
                put(to + r * to_row + ((p - first) * RADD_PANEL + 16 * (size_t)v) / PER,
                    KIND(gelu)(load(sums + r * RADD_PANEL + 16 * v) + bias[v]), n->rounds, 16);
    }
}

// One panel's sums, and a bias where there is one, to the residual stream.
INLINE void KIND(add_panel)(
    const RADDNetwork *n, const RADDMatrix *by, size_t p, size_t rows, const float *sums, size_t sums_row, float *x) {
    for (int v = 0; v < 2; v++) {
        const size_t column = p * RADD_PANEL + 16 * (size_t)v;
        const lanes bias = by->bias ? load(by->bias + column) : (lanes)0.0f;
        for (size_t r = 0; r < rows; r++) {
            float *to = x + r * n->row + column;
            store(to, load(to) + (load(sums + r * sums_row + 16 * v) + bias));
        }
    }
}

// Adds panels of from * by to the residual stream.
static void KIND(fall)(
    const RADDNetwork *n, const RADDMatrix *by, size_t first, size_t last, size_t rows, const float *from, size_t from_row,
    float *x) {
    float sums[RADD_CHUNK * RADD_PANEL];
    for (size_t p = first; p < last; p++) {
        KIND(product)(rows, by->depth, from, from_row, KIND(panel)(by, p), sums, RADD_PANEL, 0);
        KIND(add_panel)(n, by, p, rows, sums, RADD_PANEL, x);
    }
}

// The MLP of up to RADD_CHUNK rows, a slice of its inside at a time.
static void KIND(perceptron)(
    const RADDNetwork *n, const RADDBlock *block, size_t rows, const float *a, const RADDRoom *room, RADDScratch *s, float *x) {
    const RADDMatrix *down = &block->down;
    const size_t panels = block->up.panels, step = RADD_SLICE / RADD_PANEL;
    for (size_t first = 0; first < panels; first += step) {
        const size_t last = first + step < panels ? first + step : panels;
        KIND(rise)(n, &block->up, first, last, rows, a, s->inside, room->slice_cells);
        const size_t begin = first * RADD_PANEL / PER, end = last < panels ? last * RADD_PANEL / PER : down->depth;
        for (size_t p = 0; p < down->panels; p++)
            KIND(product)(rows, end - begin, s->inside, room->slice_cells, KIND(panel)(down, p) + begin * RADD_PANEL,
                          s->sums + p * RADD_PANEL, n->row, first > 0);
    }
    for (size_t p = 0; p < down->panels; p++)
        KIND(add_panel)(n, down, p, rows, s->sums + p * RADD_PANEL, n->row, x);
}
