// Whole adjacency matrices from planes of edges: normalised as graph convolutions want them, and powers.

// Numbers of the edges (i, i + 1), (i, i + 2), ... begin here in a plane.
INLINE size_t KIND(row_of)(size_t n, size_t i) { return i * (2 * n - i - 1) / 2; }

// Divides each entry by the roots of its row's and column's sums, which are at least 1; the diagonal counts as 1. Sums
// are taken down the columns, which in a symmetric matrix are the rows, so that no vector is summed across.
static void KIND(normalise)(size_t n, size_t stride, float *matrix, float *scale) {
    for (size_t i = 0; i < n; i++) matrix[i * stride + i] = 1;
    for (size_t j = 0; j < stride; j += 16) {
        lanes even = 0.0f, odd = 0.0f;
        for (size_t i = 0; i + 1 < n; i += 2) {
            even += load(matrix + i * stride + j);
            odd += load(matrix + (i + 1) * stride + j);
        }
        if (n % 2) even += load(matrix + (n - 1) * stride + j);
        const lanes sum = even + odd;
        store(scale + j, 1.0f / __builtin_elementwise_sqrt(1.0f > sum ? (lanes)1.0f : sum));
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < stride; j += 16)
            store(matrix + i * stride + j, load(matrix + i * stride + j) * scale[i] * load(scale + j));
}

// A symmetric matrix with rows of whole vectors, zeros behind them, from a plane of edges.
static void KIND(unfold)(size_t n, size_t stride, const float *plane, float *matrix) {
    for (size_t i = 0; i < n; i++) {
        float *row = matrix + i * stride;
        memset(row + n, 0, (stride - n) * sizeof(float));
        row[i] = 0;
        const float *from = plane + KIND(row_of)(n, i) - i - 1;
        for (size_t j = i + 1; j < n; j++) row[j] = from[j], matrix[j * stride + i] = from[j];
    }
}

static void KIND(fill)(size_t n, size_t stride, float value, float *matrix) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < stride; j++) matrix[i * stride + j] = j < n ? value : 0;
}

static void KIND(fold_edges)(size_t n, size_t stride, const float *matrix, float *plane) {
    for (size_t i = 0; i + 1 < n; i++)
        memcpy(plane + KIND(row_of)(n, i), matrix + i * stride + i + 1, (n - i - 1) * sizeof(float));
    const size_t edges = n * (n - 1) / 2;
    memset(plane + edges, 0, (gdss_round(edges) - edges) * sizeof(float));
}

// Copies [n][width] to rows of whole vectors, with zeros behind.
static void KIND(pad)(size_t n, size_t width, size_t stride, const float *from, float *to) {
    for (size_t i = 0; i < n; i++) {
        memcpy(to + i * stride, from + i * width, width * sizeof(float));
        memset(to + i * stride + width, 0, (stride - width) * sizeof(float));
    }
}
