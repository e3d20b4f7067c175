// Attention maps of edges: tanh of queries times keys, over all heads and in both directions.

typedef struct {
    size_t i, j;
} KIND(pair);
#define Pair KIND(pair)

// Adds the maps' lanes of `count` edges from `at` on, for one vector of lanes.
INLINE void KIND(add_pairs)(int depth, const float *table, size_t step, size_t n, Pair at, size_t count, float *to) {
    while (count > 0) {
        const size_t run = n - at.j < count ? n - at.j : count;
        const float *one = table + at.i * step, *other = table + at.j * step;
        lanes mine[16];
        if (depth <= 8)
            for (int d = 0; d < 2 * depth; d++) mine[d] = load(one + 16 * d);
        for (size_t r = 0; r < run; r++, other += step, to += 16) {
            lanes there = 0.0f, back = 0.0f;
            for (int d = 0; d < depth; d++) {
                there = there + (depth <= 8 ? mine[d] : load(one + 16 * d)) * load(other + 16 * (depth + d));
                back = back + (depth <= 8 ? mine[depth + d] : load(one + 16 * (depth + d))) * load(other + 16 * d);
            }
            store(to, load(to) + (KIND(tangent_scaled)(there) + KIND(tangent_scaled)(back)));
        }
        count -= run;
        at.i++;
        at.j = at.i + 1;
    }
}

static void KIND(add_some)(int depth, const float *table, size_t step, size_t n, Pair at, size_t count, float *to) {
    switch (depth) {
#define DEPTH(depth)                                                                                                   \
    case depth:                                                                                                        \
        KIND(add_pairs)(depth, table, step, n, at, count, to);                                                         \
        break;
        DEPTH(1)
        DEPTH(2)
        DEPTH(3)
        DEPTH(4)
        DEPTH(5)
        DEPTH(6)
        DEPTH(7)
        DEPTH(8)
#undef DEPTH
        default: KIND(add_pairs)(depth, table, step, n, at, count, to);
    }
}

// The maps of a block of edges, each a row of 16 * vectors numbers. `lane` is room for a block of lanes.
static void KIND(maps)(
    const GDSSGroup *group, const float *table, size_t n, Pair at, size_t count, int vectors, float *lane, float *to) {
    const size_t size = 32 * (size_t)group->depth, step = size * (size_t)group->vectors;
    memset(lane, 0, (size_t)vectors * 16 * 16 * sizeof(float));
    for (int32_t v = 0; v < group->vectors; v++)
        KIND(add_some)(group->depth, table + (size_t)v * size, step, n, at, count, lane);
    for (int v = 0; v < vectors; v++) {
        lanes r[16];
        for (int i = 0; i < 16; i++) r[i] = load(lane + (v * 16 + i) * 16);
        KIND(transpose)(r);
        for (int32_t m = 0; m < group->maps; m++) {
            lanes sum = r[m];
            for (int32_t s = 1; s < group->slots; s++) sum += r[s * group->maps + m];
            store(to + (group->first + m) * vectors * 16 + v * 16, sum);
        }
    }
}

// Queries and keys of up to TILE_ROWS nodes, from their convolved features with lanes abreast.
INLINE void KIND(lane_tile)(
    int rows, int outputs, size_t inputs, const float *from, const float *weights, const float *bias, float *to,
    size_t step) {
    lanes sum[8][3];
    for (int r = 0; r < rows; r++)
        for (int o = 0; o < outputs; o++) sum[r][o] = load(bias + 16 * o);
    for (size_t k = 0; k < inputs; k++) {
        lanes w[3];
        for (int o = 0; o < outputs; o++) w[o] = load(weights + ((size_t)o * inputs + k) * 16);
        for (int r = 0; r < rows; r++) {
            const lanes x = load(from + ((size_t)r * inputs + k) * 16);
            for (int o = 0; o < outputs; o++) sum[r][o] = sum[r][o] + x * w[o];
        }
    }
    for (int r = 0; r < rows; r++)
        for (int o = 0; o < outputs; o++) store(to + (size_t)r * step + 16 * (size_t)o, sum[r][o]);
}

static void KIND(lane_some)(
    int rows, int outputs, size_t inputs, const float *from, const float *weights, const float *bias, float *to,
    size_t step) {
    switch (rows * 4 + outputs) {
#define LANES(rows, outputs)                                                                                           \
    case rows * 4 + outputs:                                                                                           \
        KIND(lane_tile)(rows, outputs, inputs, from, weights, bias, to, step);                                         \
        break;
        LANES(1, 1)
        LANES(2, 1)
        LANES(3, 1)
        LANES(4, 1)
#if TILE_ROWS > 4
        LANES(5, 1)
        LANES(6, 1)
        LANES(7, 1)
        LANES(8, 1)
        LANES(1, 2)
        LANES(2, 2)
        LANES(3, 2)
        LANES(4, 2)
        LANES(5, 2)
        LANES(6, 2)
        LANES(7, 2)
        LANES(8, 2)
        LANES(1, 3)
        LANES(2, 3)
        LANES(3, 3)
        LANES(4, 3)
        LANES(5, 3)
        LANES(6, 3)
        LANES(7, 3)
        LANES(8, 3)
#endif
#undef LANES
    }
}

// The table [node][vector][query, key][depth] of lanes that maps are made from.
static void KIND(queries)(
    const GDSSGroup *group, const GDSSLayer *layer, size_t n, const float *convolved, float *lane, float *table) {
    const size_t inputs = (size_t)layer->inputs, stride = (size_t)(layer->channels * layer->padded);
    const size_t outputs = (size_t)(group->vectors * 2 * group->depth), step = outputs * 16;
    const size_t pieces = (n + TILE_ROWS - 1) / TILE_ROWS;
    for (size_t piece = 0, first = 0; piece < pieces; piece++) {
        const size_t end = n * (piece + 1) / pieces;
        for (size_t i = first; i < end; i++)
            for (size_t k = 0; k < inputs; k += 16) {
                lanes r[16];
                for (int t = 0; t < 16; t++) r[t] = load(convolved + i * stride + (size_t)group->lane[t] + k);
                KIND(transpose)(r);
                const size_t some = inputs - k < 16 ? inputs - k : 16;
                for (size_t t = 0; t < some; t++) store(lane + ((i - first) * inputs + k + t) * 16, r[t]);
            }
        for (size_t o = 0; o < outputs;) {
            const size_t left = outputs - o;
            const size_t tile = left == 4 && TILE_VECTORS > 2 ? 2 : left < TILE_VECTORS ? left : TILE_VECTORS;
            KIND(lane_some)((int)(end - first), (int)tile, inputs, lane, group->weights + o * inputs * 16,
                            group->bias + o * 16, table + first * step + o * 16, step);
            o += tile;
        }
        first = end;
    }
}

// The same where queries and keys come from small networks.
static void KIND(small_queries)(
    const GDSSGroup *group, size_t n, size_t attention, const float *nodes, size_t stride, float *rows, float *table) {
    const size_t step = (size_t)(group->vectors * 2 * group->depth) * 16;
    memset(table, 0, n * step * sizeof(float));
    for (int32_t which = 0; which < 2 * group->maps; which++) {
        const GDSSDense *first = group->small + 2 * which, *second = first + 1;
        const size_t inside = (size_t)first->columns, outside = (size_t)second->columns;
        float *out = rows + n * inside;
        KIND(dense)(first, n, nodes, stride, rows, inside);
        KIND(all_tangent)(rows, n * inside);
        KIND(dense)(second, n, rows, inside, out, outside);
        const int32_t *place = group->place + (size_t)which * attention;
        for (size_t i = 0; i < n; i++)
            for (size_t a = 0; a < attention; a++)
                if (place[a] >= 0) table[i * step + (size_t)place[a]] = out[i * outside + a];
    }
}
