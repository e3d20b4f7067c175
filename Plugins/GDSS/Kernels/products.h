// Products of rows and of planes, in tiles that stay in registers.

// to [rows][vectors * 16] = bias + from [rows][inputs] * weights [inputs][...]: one tile.
INLINE void KIND(tile)(
    int rows, int vectors, size_t inputs, const float *from, size_t fromStride, const float *weights, size_t stride,
    const float *bias, float *to, size_t toStride) {
    lanes sum[8][3];
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) sum[r][v] = bias ? load(bias + 16 * v) : (lanes)0.0f;
    for (size_t k = 0; k < inputs; k++) {
        lanes w[3];
        for (int v = 0; v < vectors; v++) w[v] = load(weights + k * stride + 16 * (size_t)v);
        for (int r = 0; r < rows; r++) {
            const lanes x = from[(size_t)r * fromStride + k];
            for (int v = 0; v < vectors; v++) sum[r][v] = sum[r][v] + x * w[v];
        }
    }
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) store(to + (size_t)r * toStride + 16 * (size_t)v, sum[r][v]);
}

#define TILE(rows, vectors)                                                                                            \
    case rows * 4 + vectors:                                                                                           \
        KIND(tile)(rows, vectors, inputs, from, fromStride, weights, stride, bias, to, toStride);                      \
        break;

static void KIND(some_rows)(
    int rows, int vectors, size_t inputs, const float *from, size_t fromStride, const float *weights, size_t stride,
    const float *bias, float *to, size_t toStride) {
    switch (rows * 4 + vectors) {
        TILE(1, 1)
        TILE(2, 1)
        TILE(3, 1)
        TILE(4, 1)
#if TILE_ROWS > 4
        TILE(5, 1)
        TILE(6, 1)
        TILE(7, 1)
        TILE(8, 1)
        TILE(1, 2)
        TILE(2, 2)
        TILE(3, 2)
        TILE(4, 2)
        TILE(5, 2)
        TILE(6, 2)
        TILE(7, 2)
        TILE(8, 2)
        TILE(1, 3)
        TILE(2, 3)
        TILE(3, 3)
        TILE(4, 3)
        TILE(5, 3)
        TILE(6, 3)
        TILE(7, 3)
        TILE(8, 3)
#endif
    }
}
#undef TILE

// to [rows][columns] = bias + from [rows][inputs] * weights [inputs][columns]; columns are whole vectors.
static void KIND(product)(
    size_t rows, size_t columns, size_t inputs, const float *from, size_t fromStride, const float *weights,
    size_t stride, const float *bias, float *to, size_t toStride) {
    const size_t pieces = (rows + TILE_ROWS - 1) / TILE_ROWS;
    for (size_t c = 0; c < columns;) {
        const size_t left = (columns - c) / 16;
        // Four vectors are two and two rather than three and one.
        const size_t vectors = left == 4 && TILE_VECTORS > 2 ? 2 : left < TILE_VECTORS ? left : TILE_VECTORS;
        for (size_t piece = 0, r = 0; piece < pieces; piece++) {
            const size_t end = rows * (piece + 1) / pieces;
            KIND(some_rows)((int)(end - r), (int)vectors, inputs, from + r * fromStride, fromStride, weights + c,
                            stride, bias ? bias + c : NULL, to + r * toStride + c, toStride);
            r = end;
        }
        c += 16 * vectors;
    }
}

INLINE void KIND(dense)(
    const GDSSDense *by, size_t rows, const float *from, size_t fromStride, float *to, size_t toStride) {
    KIND(product)(rows, (size_t)by->columns, (size_t)by->inputs, from, fromStride, by->weights, (size_t)by->columns,
                  by->bias, to, toStride);
}

// One tile of planes: `outputs` sums over inputs for `vectors` * 16 edges.
INLINE void KIND(mix_tile)(
    int outputs, int vectors, size_t inputs, const float *const *from, const float *weights, const float *bias,
    float *to) {
    lanes sum[8][3];
    for (int o = 0; o < outputs; o++)
        for (int v = 0; v < vectors; v++) sum[o][v] = bias[o];
    for (size_t k = 0; k < inputs; k++) {
        lanes x[3];
        for (int v = 0; v < vectors; v++) x[v] = load(from[k] + 16 * v);
        for (int o = 0; o < outputs; o++) {
            const lanes w = weights[k * (size_t)outputs + (size_t)o];
            for (int v = 0; v < vectors; v++) sum[o][v] = sum[o][v] + w * x[v];
        }
    }
    for (int o = 0; o < outputs; o++)
        for (int v = 0; v < vectors; v++) store(to + (o * vectors + v) * 16, sum[o][v]);
}

static void KIND(mix_some)(
    int outputs, int vectors, size_t inputs, const float *const *from, const float *weights, const float *bias,
    float *to) {
    switch (outputs * 4 + vectors) {
#define MIX(outputs, vectors)                                                                                          \
    case outputs * 4 + vectors:                                                                                        \
        KIND(mix_tile)(outputs, vectors, inputs, from, weights, bias, to);                                             \
        break;
        MIX(1, 1)
        MIX(4, 1)
        MIX(8, 1)
        MIX(1, 2)
        MIX(4, 2)
        MIX(8, 2)
        MIX(1, 3)
        MIX(4, 3)
        MIX(8, 3)
#undef MIX
    }
}

// to [outputs][vectors * 16], and up to 7 rows behind.
INLINE void KIND(mix)(const GDSSMix *by, int vectors, const float *const *from, float *to) {
    for (int32_t o = 0; o < by->outputs; o += 8) {
        const int32_t rest = by->outputs - o;
        KIND(mix_some)(rest > 4 ? 8 : rest > 1 ? 4 : 1, vectors, (size_t)by->inputs, from,
                       by->weights + (size_t)o * (size_t)by->inputs, by->bias + o, to + o * vectors * 16);
    }
}

static void KIND(all_elu)(float *values, size_t count) {
    for (size_t i = 0; i < count; i += 16) store(values + i, KIND(elu)(load(values + i)));
}

static void KIND(all_tangent)(float *values, size_t count) {
    for (size_t i = 0; i < count; i += 16) store(values + i, KIND(tangent)(load(values + i)));
}
