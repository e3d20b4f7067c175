// What a shape of a network asks for: the parameters in their order, and room for one graph.
#include "network.h"
#include "shape.h"

GDSSLayerShape gdss_layer_shape(const GDSSShape *s, int32_t layer) {
    GDSSLayerShape shape = {
        .inputs = layer == 0 ? s->features : s->hidden, .attention = layer == 0 ? s->hidden : s->attention,
        .outputs = s->hidden, .in = layer == 0 ? s->initial : s->inner,
        .out = layer == s->layers - 1 ? s->final : s->inner,
    };
    shape.width = 2 * (shape.in > shape.out ? shape.in : shape.out);
    shape.head = shape.attention / s->heads > 1 ? shape.attention / s->heads : 1;
    return shape;
}

int32_t gdss_final_inputs(const GDSSShape *s) {
    return s->kind == GDSS_EDGES ? s->initial + s->inner * (s->layers - 1) + s->final
                                 : s->features + s->layers * s->hidden;
}

static int is_between(int32_t value, int32_t most) { return value >= 1 && value <= most; }

static int is_possible(const GDSSShape *s) {
    if (s->kind < GDSS_NODES || s->kind > GDSS_EDGES || !is_between(s->features, 16384)) return 0;
    if (!is_between(s->layers, 256) || !is_between(s->hidden, 4096)) return 0;
    if (s->kind == GDSS_NODES) return 1;
    if (!is_between(s->linears, 64) || !is_between(s->heads, 4096) || !is_between(s->attention, 4096)) return 0;
    if (!is_between(s->initial, 256) || !is_between(s->inner, 256) || !is_between(s->final, 256)) return 0;
    for (int32_t layer = 0; layer < 2; layer++) {
        const GDSSLayerShape shape = gdss_layer_shape(s, layer);
        if (shape.attention % shape.head || (int64_t)shape.in * shape.inputs * shape.width > 1 << 27) return 0;
    }
    return s->layers > 1;
}

typedef struct {
    size_t *sizes, capacity, count;
} List;

static void add(List *list, int64_t weights, int64_t bias) {
    if (list->count < list->capacity) list->sizes[list->count] = (size_t)weights;
    if (list->count + 1 < list->capacity) list->sizes[list->count + 1] = (size_t)bias;
    list->count += 2;
}

static void add_chain(List *list, int32_t count, int64_t inputs, int64_t inside, int64_t outputs) {
    for (int32_t i = 0; i < count; i++) {
        const int64_t in = i == 0 ? inputs : inside, out = i == count - 1 ? outputs : inside;
        add(list, in * out, out);
    }
}

size_t gdss_parameters(const GDSSShape *s, size_t *sizes, size_t capacity) {
    if (!is_possible(s)) return 0;
    List list = {sizes, capacity, 0};
    for (int32_t l = 0; l < s->layers; l++) {
        if (s->kind == GDSS_NODES) {
            add(&list, (int64_t)(l == 0 ? s->features : s->hidden) * s->hidden, s->hidden);
            continue;
        }
        const GDSSLayerShape shape = gdss_layer_shape(s, l);
        for (int32_t c = 0; c < shape.in; c++) {
            for (int32_t which = 0; which < 2; which++)
                if (s->is_mlp) add_chain(&list, 2, shape.inputs, 2 * shape.attention, shape.attention);
                else add(&list, (int64_t)shape.inputs * shape.attention, shape.attention);
            add(&list, (int64_t)shape.inputs * shape.outputs, shape.outputs);
        }
        add_chain(&list, s->linears, 2 * shape.in, shape.width, shape.out);
        add_chain(&list, 2, (int64_t)shape.in * shape.outputs, shape.width, shape.outputs);
    }
    const int32_t inputs = gdss_final_inputs(s);
    add_chain(&list, 3, inputs, 2 * inputs, s->kind == GDSS_EDGES ? 1 : s->features);
    return list.count;
}

// A place for rows * columns more numbers, and a little behind them for whole vectors; counts what overflows.
static size_t place(GDSSScratch *scratch, size_t rows, size_t columns, int *is_over) {
    size_t count, at = scratch->total;
    *is_over |= __builtin_mul_overflow(rows, columns, &count);
    *is_over |= __builtin_add_overflow(count, 64 + 15, &count);
    count &= ~(size_t)15;
    *is_over |= __builtin_add_overflow(scratch->total, count, &scratch->total);
    return at;
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static size_t widest(const GDSSEdgeNetwork *edges) {
    size_t width = 0;
    for (int32_t i = 0; i < edges->count; i++) width = larger(width, (size_t)edges->mixes[i].outputs);
    return width;
}

// The largest of what a network's layers need.
typedef struct {
    size_t convolved, lanes, transposed, rows, edges, maps, inputs;
} Needs;

static Needs needs_of(const GDSSNetwork *network) {
    const GDSSShape *s = &network->shape;
    Needs most = {.edges = widest(&network->last), .inputs = (size_t)network->last.inputs};
    for (int32_t l = 0; network->layers && l < s->layers; l++) {
        const GDSSLayer *layer = &network->layers[l];
        most.convolved = larger(most.convolved, (size_t)layer->channels * (size_t)layer->padded);
        most.transposed = larger(most.transposed, 8 * 16 * (size_t)layer->padded);
        most.rows = larger(most.rows, (size_t)layer->merge.columns);
        most.edges = larger(most.edges, widest(&layer->edges));
        most.inputs = larger(most.inputs, (size_t)layer->edges.inputs);
        most.maps = larger(most.maps, (size_t)layer->maps);
        size_t together = 0;
        for (int32_t g = 0; g < layer->groups; g++) {
            const GDSSGroup *group = &layer->group[g];
            together += (size_t)group->vectors * 32 * (size_t)group->depth;
            for (int32_t i = 0; group->small && i < 4 * group->maps; i += 2)
                most.rows = larger(most.rows, (size_t)(group->small[i].columns + group->small[i + 1].columns));
        }
        most.lanes = larger(most.lanes, together);
    }
    most.inputs = larger(most.inputs, most.edges);
    return most;
}

int gdss_lay_out(const GDSSNetwork *network, size_t nodes, GDSSScratch *scratch) {
    const GDSSShape *s = &network->shape;
    int is_over = nodes > ((size_t)1 << 24);
    const size_t n = is_over ? 1 : nodes, stride = gdss_round(n), inputs = (size_t)gdss_final_inputs(s);
    const size_t width = gdss_round((size_t)(s->features > s->hidden ? s->features : s->hidden));
    const Needs needs = needs_of(network);
    *scratch = (GDSSScratch){0};
    scratch->matrix = place(scratch, n, stride, &is_over);
    scratch->convolved = place(scratch, n, larger(needs.convolved, width), &is_over);
    scratch->rows = place(scratch, n, needs.rows, &is_over);
    if (s->kind != GDSS_EDGES) {
        scratch->features = place(scratch, n, gdss_round(inputs + 16), &is_over);
        scratch->final = place(scratch, 2 * GDSS_BLOCK, gdss_round(2 * inputs), &is_over);
    }
    if (s->kind == GDSS_NODES) return !is_over;
    scratch->adjacency = place(scratch, n, stride, &is_over);
    scratch->power = place(scratch, n, stride, &is_over);
    scratch->planes = place(scratch, (size_t)network->planes, gdss_round(n * (n - (n > 0)) / 2), &is_over);
    scratch->nodes = place(scratch, n, width, &is_over);
    scratch->next = place(scratch, n, width, &is_over);
    scratch->abreast = place(scratch, 1, needs.transposed, &is_over);
    scratch->attention = place(scratch, n, needs.lanes, &is_over);
    scratch->edges = place(scratch, 2 * (needs.edges + 8), GDSS_BLOCK, &is_over);
    scratch->half = (needs.edges + 8) * GDSS_BLOCK;
    scratch->pointers = place(scratch, needs.inputs, sizeof(void *) / sizeof(float), &is_over);
    scratch->maps = place(scratch, needs.maps + 16, GDSS_BLOCK, &is_over);
    return !is_over;
}

size_t gdss_scratch(const GDSSNetwork *network, size_t nodes) {
    GDSSScratch scratch;
    return gdss_lay_out(network, nodes, &scratch) ? scratch.total + 16 : SIZE_MAX;
}
