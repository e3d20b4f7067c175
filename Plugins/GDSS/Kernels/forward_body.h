// A network's whole computation, for one instruction set.
#include "lanes.h"

#include "products.h"

#include "attention.h"

#include "matrices.h"

// One graph on its way.
typedef struct {
    const GDSSNetwork *network;
    size_t n, stride, edges, edgeStride;  // edges: the strict upper triangle, row by row
    float *scratch;
    GDSSScratch at;
} KIND(graph);
#define Graph KIND(graph)

// The last network of nodes, on blocks of rows.
static void KIND(finish_nodes)(const Graph *g, size_t stride, float *out) {
    const GDSSDense *final = g->network->final;
    const size_t width = (size_t)final[0].columns, features = (size_t)final[2].outputs;
    float *one = g->scratch + g->at.final, *other = one + GDSS_BLOCK * width;
    for (size_t i = 0; i < g->n; i += GDSS_BLOCK) {
        const size_t rows = g->n - i < GDSS_BLOCK ? g->n - i : GDSS_BLOCK;
        KIND(dense)(&final[0], rows, g->scratch + g->at.features + i * stride, stride, one, width);
        KIND(all_elu)(one, rows * width);
        KIND(dense)(&final[1], rows, one, width, other, width);
        KIND(all_elu)(other, rows * width);
        KIND(dense)(&final[2], rows, other, width, one, width);
        for (size_t r = 0; r < rows; r++)
            memcpy(out + (i + r) * features, one + r * width, features * sizeof(float));
    }
}

static void KIND(nodes)(const Graph *g, const float *x, const float *a, float *out) {
    const GDSSShape *s = &g->network->shape;
    const size_t n = g->n, features = (size_t)s->features, hidden = (size_t)s->hidden;
    const size_t stride = gdss_round(features + (size_t)s->layers * hidden + 16);
    float *matrix = g->scratch + g->at.matrix, *feature = g->scratch + g->at.features;
    float *convolved = g->scratch + g->at.convolved;
    KIND(pad)(n, n, g->stride, a, matrix);
    KIND(normalise)(n, g->stride, matrix, convolved);
    for (size_t i = 0; i < n; i++) memcpy(feature + i * stride, x + i * features, features * sizeof(float));
    for (int32_t l = 0; l < s->layers; l++) {
        const GDSSDense *by = &g->network->convolutions[l];
        const size_t width = gdss_round((size_t)by->inputs);
        const float *from = feature + (l ? features + (size_t)(l - 1) * hidden : 0);
        float *to = feature + features + (size_t)l * hidden;
        KIND(product)(n, width, n, matrix, g->stride, from, stride, NULL, convolved, width);
        KIND(dense)(by, n, convolved, width, to, stride);
        for (size_t i = 0; i < n; i++) KIND(all_tangent)(to + i * stride, (size_t)by->columns);
    }
    KIND(finish_nodes)(g, stride, out);
}

// The powers of the adjacency that are used, as planes.
static void KIND(powers)(const Graph *g, const float *a) {
    const size_t n = g->n;
    float *first = g->scratch + g->at.adjacency, *power = first;
    float *other = g->scratch + g->at.power, *spare = g->scratch + g->at.matrix;
    KIND(pad)(n, n, g->stride, a, first);
    for (int32_t p = 0; p < g->network->shape.initial; p++) {
        if (p > 0) {
            KIND(product)(n, g->stride, n, power, g->stride, first, g->stride, NULL, other, g->stride);
            float *next = power == first ? spare : power;
            power = other;
            other = next;
        }
        const int32_t plane = g->network->powers[p];
        if (plane >= 0)
            KIND(fold_edges)(n, g->stride, power, g->scratch + g->at.planes + (size_t)plane * g->edgeStride);
    }
}

// Each of a layer's channels, normalised, times the nodes: [node][channel][feature].
static void KIND(convolve)(const Graph *g, const GDSSLayer *layer) {
    float *matrix = g->scratch + g->at.matrix, *nodes = g->scratch + g->at.nodes, *scale = g->scratch + g->at.next;
    const size_t width = (size_t)layer->padded, stride = (size_t)layer->channels * width;
    for (int32_t c = 0; c < layer->channels; c++) {
        const GDSSChannel channel = layer->channel[c];
        if (channel.plane < 0) KIND(fill)(g->n, g->stride, channel.constant, matrix);
        else KIND(unfold)(g->n, g->stride, g->scratch + g->at.planes + (size_t)channel.plane * g->edgeStride, matrix);
        KIND(normalise)(g->n, g->stride, matrix, scale);
        KIND(product)(g->n, width, g->n, matrix, g->stride, nodes, width, NULL,
                      g->scratch + g->at.convolved + (size_t)c * width, stride);
    }
}

// The network of edges on one block of them; gives where its last layer's sums are.
static const float *KIND(edge_block)(const Graph *g, const GDSSEdgeNetwork *by, size_t first, int vectors) {
    const size_t size = 16 * (size_t)vectors;
    const float **from = (const float **)(g->scratch + g->at.pointers);
    for (int32_t k = 0; k < by->inputs; k++)
        from[k] = by->input[k].map >= 0
            ? g->scratch + g->at.maps + (size_t)by->input[k].map * size
            : g->scratch + g->at.planes + (size_t)by->input[k].plane * g->edgeStride + first;
    float *room = g->scratch + g->at.edges, *to = room;
    for (int32_t t = 0; t < by->count; t++) {
        const GDSSMix *mix = &by->mixes[t];
        KIND(mix)(mix, vectors, from, to);
        if (t + 1 == by->count) break;
        KIND(all_elu)(to, (size_t)mix->outputs * size);
        for (int32_t k = 0; k < mix->outputs; k++) from[k] = to + (size_t)k * size;
        to = t % 2 ? room : room + g->at.half;
    }
    return to;
}

static void KIND(move_on)(size_t n, size_t count, Pair *at) {
    at->j += count;
    while (at->j >= n && at->i + 1 < n) {
        at->i++;
        at->j = at->j - n + at->i + 1;
    }
}

// A layer's new channels of edges.
static void KIND(renew_edges)(const Graph *g, const GDSSLayer *layer) {
    const GDSSEdgeNetwork *by = &layer->edges;
    const int32_t outputs = by->mixes[by->count - 1].outputs;
    if (outputs == 0) return;
    float *maps = g->scratch + g->at.maps, *lane = maps + (size_t)layer->maps * GDSS_BLOCK;
    Pair at = {0, 1};
    for (size_t first = 0; first < g->edges; first += GDSS_BLOCK) {
        const size_t count = g->edges - first < GDSS_BLOCK ? g->edges - first : GDSS_BLOCK;
        const int vectors = (int)((count + 15) / 16);
        const float *table = g->scratch + g->at.attention;
        for (int32_t i = 0; i < layer->groups; i++) {
            const GDSSGroup *group = &layer->group[i];
            KIND(maps)(group, table, g->n, at, count, vectors, lane, maps);
            table += g->n * (size_t)(group->vectors * 32 * group->depth);
        }
        KIND(move_on)(g->n, count, &at);
        const float *made = KIND(edge_block)(g, by, first, vectors);
        for (int32_t o = 0; o < outputs; o++)
            memcpy(g->scratch + g->at.planes + (size_t)by->output[o] * g->edgeStride + first,
                   made + (size_t)o * 16 * (size_t)vectors, 16 * (size_t)vectors * sizeof(float));
    }
}

// A layer's new features of nodes, tanh once or twice.
static void KIND(renew_nodes)(const Graph *g, const GDSSLayer *layer, int times) {
    const size_t n = g->n, hidden = gdss_round((size_t)g->network->shape.hidden);
    float *nodes = g->scratch + g->at.nodes, *rows = g->scratch + g->at.rows;
    if (layer->constant) {
        for (size_t i = 0; i < n; i++) memcpy(nodes + i * hidden, layer->constant, hidden * sizeof(float));
        times--;
    } else {
        const size_t width = (size_t)layer->merge.columns;
        KIND(dense)(&layer->merge, n, g->scratch + g->at.convolved, (size_t)layer->merge.inputs, rows, width);
        KIND(all_elu)(rows, n * width);
        KIND(dense)(&layer->out, n, rows, width, nodes, hidden);
    }
    for (; times > 0; times--) KIND(all_tangent)(nodes, n * hidden);
}

static void KIND(renew)(const Graph *g, const GDSSLayer *layer) {
    if (layer->channels > 0) KIND(convolve)(g, layer);
    float *table = g->scratch + g->at.attention;
    for (int32_t i = 0; i < layer->groups; i++) {
        const GDSSGroup *group = &layer->group[i];
        if (group->small)
            KIND(small_queries)(group, g->n, (size_t)layer->attention,
                                g->scratch + g->at.nodes, (size_t)layer->padded, g->scratch + g->at.rows, table);
        else KIND(queries)(group, layer, g->n, g->scratch + g->at.convolved, g->scratch + g->at.abreast, table);
        table += g->n * (size_t)(group->vectors * 32 * group->depth);
    }
    KIND(renew_edges)(g, layer);
}

// The last network of edges, and its matrix.
static void KIND(finish_edges)(const Graph *g, float *out) {
    const size_t n = g->n;
    Pair at = {0, 1};
    for (size_t i = 0; i < n; i++) out[i * n + i] = 0;
    for (size_t first = 0; first < g->edges; first += GDSS_BLOCK) {
        const size_t count = g->edges - first < GDSS_BLOCK ? g->edges - first : GDSS_BLOCK;
        const float *made = KIND(edge_block)(g, &g->network->last, first, (int)((count + 15) / 16));
        for (size_t e = 0; e < count; e++) {
            out[at.i * n + at.j] = out[at.j * n + at.i] = made[e];
            if (++at.j == n) at.i++, at.j = at.i + 1;
        }
    }
}

static void KIND(attend)(const Graph *g, const float *x, const float *a, float *out) {
    const GDSSShape *s = &g->network->shape;
    const int is_nodes = s->kind == GDSS_ATTENTIVE_NODES;
    const size_t n = g->n, features = (size_t)s->features, hidden = (size_t)s->hidden;
    const size_t stride = gdss_round((size_t)features + (size_t)s->layers * hidden + 16);
    float *nodes = g->scratch + g->at.nodes, *feature = g->scratch + g->at.features;
    KIND(powers)(g, a);
    KIND(pad)(n, features, gdss_round(features), x, nodes);
    for (size_t i = 0; is_nodes && i < n; i++) memcpy(feature + i * stride, x + i * features, features * sizeof(float));
    for (int32_t l = 0; l < s->layers; l++) {
        const GDSSLayer *layer = &g->network->layers[l];
        KIND(renew)(g, layer);
        if (layer->has_nodes) KIND(renew_nodes)(g, layer, is_nodes ? 2 : 1);
        float *to = feature + features + (size_t)l * hidden;
        for (size_t i = 0; is_nodes && i < n; i++)
            memcpy(to + i * stride, nodes + i * gdss_round(hidden), hidden * sizeof(float));
    }
    if (is_nodes) KIND(finish_nodes)(g, stride, out);
    else KIND(finish_edges)(g, out);
}

void KIND(gdss_forward)(
    const GDSSNetwork *network, size_t n, const float *x, const float *a, float *out, float *scratch) {
    Graph g = {network, n, gdss_round(n), n * (n - 1) / 2, gdss_round(n * (n - 1) / 2), NULL, {0}};
    if (!gdss_lay_out(network, n, &g.at)) return;
    g.scratch = (float *)(((uintptr_t)scratch + 63) & ~(uintptr_t)63);
    if (network->shape.kind == GDSS_NODES) KIND(nodes)(&g, x, a, out);
    else KIND(attend)(&g, x, a, out);
}

#undef Graph
#undef Pair
#undef lanes
#undef whole
#undef load
#undef store
#undef INLINE
#undef ROUNDING
