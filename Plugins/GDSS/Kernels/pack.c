// Makes a packed network: reads its parameters, finds what is constant and what is used, and packs the rest.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "levels.h"
#include "memory.h"
#include "shape.h"

// A layer of attention on its way.
typedef struct {
    GDSSLayerShape shape;
    GDSSChain *query;       // [channel][query, key], of one or two linear layers
    uint8_t *alive;         // [channel][attention]: numbers of queries and keys whose product is not always 0
    GDSSChain edges, merge;
    uint8_t *out_constant;  // of the edge channels that come out
    double *out_value;
    uint8_t *in_wanted;     // of those that come in
    uint8_t *convolved;     // channels that nodes are convolved with
    int has_constant_nodes;
    double *node_value;
} Draft;

typedef struct {
    GDSSNetwork *network, *scrap;
    GDSSReader reader;
    Draft *drafts;
    GDSSChain last;
} Packing;

static double largest(const double *values, int32_t count, double atLeast) {
    for (int32_t i = 0; i < count; i++) atLeast = fabs(values[i]) > atLeast ? fabs(values[i]) : atLeast;
    return atLeast;
}

// A graph convolution [in, out] as a linear layer [out, in].
static GDSSChain take_convolution(GDSSReader *reader, int32_t inputs, int32_t outputs) {
    GDSSChain chain = gdss_chain(reader->scrap, 1, inputs, 0, outputs);
    const double *given = gdss_take(reader, (size_t)inputs * (size_t)outputs);
    chain.weights[0] = gdss_keep(reader->scrap, (size_t)inputs * (size_t)outputs, sizeof(double));
    for (int32_t k = 0; k < inputs; k++)
        for (int32_t o = 0; o < outputs; o++)
            chain.weights[0][(size_t)o * (size_t)inputs + (size_t)k] = given[(size_t)k * (size_t)outputs + (size_t)o];
    chain.bias[0] = gdss_take(reader, (size_t)outputs);
    return chain;
}

// Which numbers of a query and its key matter: those whose product can be seen.
static void find_alive(Draft *draft, int32_t channel) {
    const int32_t width = draft->shape.attention;
    for (int32_t i = 0; i < width; i++) {
        double size = 1;
        for (int32_t which = 0; which < 2; which++) {
            const GDSSChain *chain = &draft->query[2 * channel + which];
            const int32_t last = chain->count - 1, in = chain->width[last];
            size *= largest(chain->weights[last] + (size_t)i * (size_t)in, in, fabs(chain->bias[last][i]));
        }
        draft->alive[channel * width + i] = size > GDSS_DEAD;
    }
}

static int32_t live_heads(const Draft *draft, int32_t channel) {
    int32_t heads = 0;
    for (int32_t h = 0; h < draft->shape.attention / draft->shape.head; h++)
        heads += memchr(draft->alive + channel * draft->shape.attention + h * draft->shape.head, 1,
                        (size_t)draft->shape.head) != NULL;
    return heads;
}

// Merges channels: the first of its two layers takes the values W_v x of every channel, so that W_v goes into it.
static GDSSChain take_merge(Packing *p, const GDSSLayerShape *shape, const GDSSChain *values) {
    const GDSSChain given = gdss_take_chain(&p->reader, 2, shape->in * shape->outputs, shape->width, shape->outputs);
    GDSSChain merge = given;
    const size_t inputs = (size_t)shape->in * (size_t)shape->inputs, outputs = (size_t)shape->outputs;
    merge.width = gdss_keep(p->scrap, 3, sizeof(int32_t));
    memcpy(merge.width, given.width, 3 * sizeof(int32_t));
    merge.width[0] = (int32_t)inputs;
    merge.live[0] = gdss_keep(p->scrap, inputs, 1);
    merge.weights = gdss_keep(p->scrap, 2, sizeof(double *));
    merge.weights[0] = gdss_keep(p->scrap, inputs * (size_t)shape->width, sizeof(double));
    merge.weights[1] = given.weights[1];
    for (size_t h = 0; h < (size_t)shape->width; h++)
        for (size_t c = 0; c < (size_t)shape->in; c++)
            for (size_t o = 0; o < outputs; o++) {
                const double weight = given.weights[0][h * (size_t)shape->in * outputs + c * outputs + o];
                merge.bias[0][h] += weight * values[c].bias[0][o];
                for (size_t k = 0; k < (size_t)shape->inputs; k++)
                    merge.weights[0][h * inputs + c * (size_t)shape->inputs + k]
                        += weight * values[c].weights[0][o * (size_t)shape->inputs + k];
            }
    return merge;
}

static void read_layer(Packing *p, int32_t l) {
    const GDSSShape *s = &p->network->shape;
    Draft *draft = &p->drafts[l];
    const GDSSLayerShape shape = draft->shape = gdss_layer_shape(s, l);
    GDSSNetwork *scrap = p->scrap;
    draft->query = gdss_keep(scrap, 2 * (size_t)shape.in, sizeof(GDSSChain));
    draft->alive = gdss_keep(scrap, (size_t)shape.in * (size_t)shape.attention, 1);
    draft->out_constant = gdss_keep(scrap, (size_t)shape.out, 1);
    draft->out_value = gdss_keep(scrap, (size_t)shape.out, sizeof(double));
    draft->in_wanted = gdss_keep(scrap, (size_t)shape.in, 1);
    draft->convolved = gdss_keep(scrap, (size_t)shape.in, 1);
    draft->node_value = gdss_keep(scrap, (size_t)shape.outputs, sizeof(double));
    GDSSChain *values = gdss_keep(scrap, (size_t)shape.in, sizeof(GDSSChain));
    for (int32_t c = 0; c < shape.in; c++) {
        for (int32_t which = 0; which < 2; which++)
            draft->query[2 * c + which] = s->is_mlp
                ? gdss_take_chain(&p->reader, 2, shape.inputs, 2 * shape.attention, shape.attention)
                : take_convolution(&p->reader, shape.inputs, shape.attention);
        values[c] = take_convolution(&p->reader, shape.inputs, shape.outputs);
        find_alive(draft, c);
    }
    draft->edges = gdss_take_chain(&p->reader, s->linears, 2 * shape.in, shape.width, shape.out);
    draft->merge = take_merge(p, &shape, values);
}

// Scales the edges' network, so that it takes sums over heads and both directions and gives E + E', and folds it.
static void fold_layer(Packing *p, int32_t l) {
    Draft *draft = &p->drafts[l];
    const GDSSLayerShape *shape = &draft->shape;
    GDSSChain *edges = &draft->edges;
    const int32_t in = 2 * shape->in, last = edges->count - 1;
    for (int32_t o = 0; o < edges->width[1]; o++)
        for (int32_t c = 0; c < shape->in; c++)
            edges->weights[0][o * in + c] *= 0.5 * shape->head / shape->attention;
    for (int32_t o = 0; o < shape->out; o++) {
        edges->bias[last][o] *= 2;
        for (int32_t k = 0; k < edges->width[last]; k++) edges->weights[last][o * edges->width[last] + k] *= 2;
    }
    uint8_t *constant = gdss_keep(p->scrap, (size_t)in, 1);
    double *value = gdss_keep(p->scrap, (size_t)in, sizeof(double));
    for (int32_t c = 0; c < shape->in; c++) {
        constant[c] = live_heads(draft, c) == 0;
        if (l == 0) continue;
        constant[shape->in + c] = p->drafts[l - 1].out_constant[c];
        value[shape->in + c] = p->drafts[l - 1].out_value[c];
    }
    gdss_fold(edges, constant, value, draft->out_constant, draft->out_value);
    uint8_t *still = gdss_keep(p->scrap, (size_t)shape->outputs, 1);
    gdss_fold(&draft->merge, NULL, NULL, still, draft->node_value);
    draft->has_constant_nodes = memchr(still, 0, (size_t)shape->outputs) == NULL;
}

static int32_t final_place(const Packing *p, int32_t l) {
    return p->network->shape.initial + p->network->shape.inner * l;
}

static void fold_last(Packing *p) {
    const GDSSShape *s = &p->network->shape;
    if (s->kind != GDSS_EDGES) return;
    uint8_t *constant = gdss_keep(p->scrap, (size_t)gdss_final_inputs(s), 1);
    double *value = gdss_keep(p->scrap, (size_t)gdss_final_inputs(s), sizeof(double));
    for (int32_t l = 0; l < s->layers; l++)
        for (int32_t c = 0; c < p->drafts[l].shape.out; c++) {
            constant[final_place(p, l) + c] = p->drafts[l].out_constant[c];
            value[final_place(p, l) + c] = p->drafts[l].out_value[c];
        }
    gdss_fold(&p->last, constant, value, NULL, NULL);
    gdss_mark(&p->last, &(uint8_t){1});
}

// What of a layer is used, given whether the nodes that come out are; returns whether those that come in are.
static int mark_layer(Packing *p, int32_t l, int has_nodes) {
    const GDSSShape *s = &p->network->shape;
    Draft *draft = &p->drafts[l];
    const GDSSLayerShape *shape = &draft->shape;
    uint8_t *wanted = gdss_keep(p->scrap, (size_t)shape->out, 1);
    for (int32_t c = 0; c < shape->out; c++) {
        wanted[c] = s->kind == GDSS_EDGES && p->last.live[0][final_place(p, l) + c];
        if (l + 1 < s->layers) wanted[c] |= p->drafts[l + 1].in_wanted[c];
        wanted[c] &= !draft->out_constant[c];
    }
    gdss_mark(&draft->edges, wanted);
    uint8_t *all = gdss_keep(p->scrap, (size_t)shape->outputs, 1);
    memset(all, has_nodes && !draft->has_constant_nodes, (size_t)shape->outputs);
    gdss_mark(&draft->merge, all);
    int needs_nodes = 0;
    for (int32_t c = 0; c < shape->in; c++) {
        const int is_map = draft->edges.live[0][c];
        const int is_value = memchr(draft->merge.live[0] + c * shape->inputs, 1, (size_t)shape->inputs) != NULL;
        draft->convolved[c] = (is_map && !s->is_mlp) || is_value;
        draft->in_wanted[c] = draft->edges.live[0][shape->in + c] || draft->convolved[c];
        needs_nodes |= is_map || is_value;
    }
    return needs_nodes;
}

// Which lane and place a number of a head has among its group's vectors; a map's live heads come first.
typedef struct {
    int32_t map, channel, slot, width;
} Lane;

static size_t vector_of(const GDSSGroup *group, int32_t slot, int32_t which, int32_t depth) {
    return (size_t)((slot / group->slots * 2 + which) * group->depth + depth);
}

static void pack_head(Packing *p, GDSSGroup *group, const Draft *draft, Lane at, int32_t head, size_t inputs) {
    const int32_t size = draft->shape.head, attention = draft->shape.attention;
    const double scale = 2 / log(2) / sqrt(draft->shape.outputs);
    const size_t lane = (size_t)(at.slot % group->slots * group->maps + at.map);
    int32_t depth = 0;
    for (int32_t i = head * size; i < (head + 1) * size; i++) {
        if (!draft->alive[at.channel * attention + i]) continue;
        for (int32_t which = 0; which < 2; which++) {
            const GDSSChain *chain = &draft->query[2 * at.channel + which];
            const size_t vector = vector_of(group, at.slot, which, depth);
            if (p->network->shape.is_mlp) {
                group->place[(size_t)(2 * at.map + which) * (size_t)attention + (size_t)i] = (int32_t)(vector * 16 + lane);
                continue;
            }
            const double by = which ? scale : 1;
            for (size_t k = 0; k < inputs; k++)
                group->weights[(vector * inputs + k) * 16 + lane] = (float)(by * chain->weights[0][(size_t)i * inputs + k]);
            group->bias[vector * 16 + lane] = (float)(by * chain->bias[0][i]);
        }
        depth++;
    }
}

static void pack_small(Packing *p, GDSSGroup *group, const Draft *draft, int32_t map, int32_t channel) {
    const double scale = 2 / log(2) / sqrt(draft->shape.outputs);
    for (int32_t which = 0; which < 2; which++) {
        const GDSSChain *chain = &draft->query[2 * channel + which];
        for (int32_t t = 0; t < 2; t++) {
            GDSSDense *dense = &group->small[(2 * map + which) * 2 + t];
            *dense = gdss_dense_of(p->network, chain, t);
            const double by = which && t ? scale : 1;
            const size_t count = (size_t)dense->inputs * (size_t)dense->columns;
            for (size_t i = 0; i < count; i++) dense->weights[i] = (float)(by * dense->weights[i]);
            for (int32_t i = 0; i < dense->columns; i++) dense->bias[i] = (float)(by * dense->bias[i]);
        }
    }
}

// Packs up to 16 maps together.
static void pack_group(Packing *p, GDSSLayer *layer, GDSSGroup *group, const Draft *draft, const int32_t *channels) {
    const GDSSLayerShape *shape = &draft->shape;
    const size_t inputs = (size_t)shape->inputs;
    int32_t heads = 0;
    for (int32_t m = 0; m < group->maps; m++) {
        const uint8_t *alive = draft->alive + channels[m] * shape->attention;
        heads = live_heads(draft, channels[m]) > heads ? live_heads(draft, channels[m]) : heads;
        for (int32_t h = 0; h < shape->attention; h += shape->head) {
            int32_t depth = 0;
            for (int32_t i = 0; i < shape->head; i++) depth += alive[h + i];
            group->depth = depth > group->depth ? depth : group->depth;
        }
    }
    group->slots = 16 / group->maps;
    group->vectors = (heads + group->slots - 1) / group->slots;
    const size_t vectors = (size_t)(group->vectors * 2 * group->depth);
    if (p->network->shape.is_mlp) {
        const size_t places = 2 * (size_t)group->maps * (size_t)shape->attention;
        group->small = gdss_keep(p->network, 4 * (size_t)group->maps, sizeof(GDSSDense));
        group->place = gdss_keep(p->network, places, sizeof(int32_t));
        for (size_t i = 0; i < places; i++) group->place[i] = -1;
    } else {
        group->weights = gdss_keep(p->network, vectors * inputs * 16, sizeof(float));
        group->bias = gdss_keep(p->network, vectors * 16, sizeof(float));
    }
    for (int32_t m = 0; m < group->maps; m++) {
        int32_t slot = 0;
        if (group->small) pack_small(p, group, draft, m, channels[m]);
        for (int32_t h = 0; h < shape->attention / shape->head; h++) {
            const uint8_t *alive = draft->alive + channels[m] * shape->attention + h * shape->head;
            if (!memchr(alive, 1, (size_t)shape->head)) continue;
            pack_head(p, group, draft, (Lane){m, channels[m], slot++, 0}, h, inputs);
        }
        int32_t place = 0;
        for (int32_t c = 0; c < channels[m]; c++) place += draft->convolved[c];
        for (int32_t lane = 0; lane < 16; lane++)
            if (lane % group->maps == m) group->lane[lane] = place * layer->padded;
    }
}

static void pack_groups(Packing *p, GDSSLayer *layer, const Draft *draft) {
    int32_t *channels = gdss_keep(p->scrap, (size_t)draft->shape.in, sizeof(int32_t));
    for (int32_t c = 0; c < draft->shape.in; c++)
        if (draft->edges.live[0][c]) channels[layer->maps++] = c;
    layer->groups = (layer->maps + 15) / 16;
    layer->group = gdss_keep(p->network, (size_t)layer->groups, sizeof(GDSSGroup));
    for (int32_t g = 0; g < layer->groups; g++) {
        GDSSGroup *group = &layer->group[g];
        group->first = 16 * g;
        group->maps = layer->maps - group->first < 16 ? layer->maps - group->first : 16;
        pack_group(p, layer, group, draft, channels + group->first);
    }
}

static void pack_edges(Packing *p, GDSSLayer *layer, const Draft *draft, const int32_t *in, int32_t *out) {
    layer->edges = gdss_edge_network(p->network, &draft->edges);
    const int32_t channels = draft->shape.in;
    int32_t input = 0, map = 0, output = 0;
    for (int32_t c = 0; c < channels; c++)
        if (draft->edges.live[0][c]) layer->edges.input[input++] = (GDSSInput){map++, -1};
    for (int32_t c = 0; c < channels; c++)
        if (draft->edges.live[0][channels + c]) layer->edges.input[input++] = (GDSSInput){-1, in[c]};
    for (int32_t c = 0; c < draft->shape.out; c++) {
        out[c] = draft->edges.live[draft->edges.count][c] ? p->network->planes++ : -1;
        if (out[c] >= 0) layer->edges.output[output++] = out[c];
    }
}

static void pack_nodes(Packing *p, GDSSLayer *layer, const Draft *draft) {
    GDSSNetwork *network = p->network;
    const GDSSLayerShape *shape = &draft->shape;
    if (draft->has_constant_nodes) {
        layer->constant = gdss_keep(network, gdss_round((size_t)shape->outputs), sizeof(float));
        for (int32_t o = 0; o < shape->outputs; o++) layer->constant[o] = (float)tanh(draft->node_value[o]);
        return;
    }
    layer->out = gdss_dense_of(network, &draft->merge, 1);
    const size_t width = (size_t)shape->width, rows = (size_t)(layer->channels * layer->padded);
    double *weights = gdss_keep(p->scrap, rows * width, sizeof(double));
    size_t first = 0;
    for (int32_t c = 0; c < shape->in; c++) {
        if (!draft->convolved[c]) continue;
        for (size_t k = 0; k < (size_t)shape->inputs; k++)
            for (size_t h = 0; h < width; h++)
                weights[(first + k) * width + h] = draft->merge.weights[0]
                    [h * (size_t)draft->merge.width[0] + (size_t)(c * shape->inputs) + k];
        first += (size_t)layer->padded;
    }
    layer->merge = gdss_dense(network, (int32_t)rows, shape->width, weights, draft->merge.bias[0]);
}

static int32_t count(const uint8_t *flags, int32_t width) {
    int32_t sum = 0;
    for (int32_t i = 0; i < width; i++) sum += flags[i];
    return sum;
}

static void pack_layer(Packing *p, int32_t l, int has_nodes, const int32_t *in, int32_t *out) {
    const Draft *draft = &p->drafts[l];
    const GDSSLayerShape *shape = &draft->shape;
    GDSSLayer *layer = &p->network->layers[l];
    layer->inputs = shape->inputs;
    layer->attention = shape->attention;
    layer->padded = (int32_t)gdss_round((size_t)shape->inputs);
    layer->channel = gdss_keep(p->network, (size_t)shape->in, sizeof(GDSSChannel));
    for (int32_t c = 0; c < shape->in; c++)
        if (draft->convolved[c])
            layer->channel[layer->channels++]
                = (GDSSChannel){in[c], l > 0 && in[c] < 0 ? (float)p->drafts[l - 1].out_value[c] : 0};
    pack_groups(p, layer, draft);
    pack_edges(p, layer, draft, in, out);
    layer->has_nodes = has_nodes;
    if (has_nodes) pack_nodes(p, layer, draft);
    GDSSLayerPruning *pruning = &layer->pruning;
    const int32_t heads = shape->attention / shape->head;
    *pruning = (GDSSLayerPruning){
        .maps = shape->in, .live_maps = layer->maps, .heads = heads * shape->in, .channels = shape->out,
        .live_channels = count(draft->edges.live[draft->edges.count], shape->out),
        .has_live_nodes = has_nodes && !draft->has_constant_nodes,
    };
    for (int32_t c = 0; c < shape->in; c++)
        if (draft->edges.live[0][c]) pruning->live_heads += live_heads(draft, c);
}

static void pack_attention(Packing *p) {
    GDSSNetwork *network = p->network;
    const GDSSShape *s = &network->shape;
    p->drafts = gdss_keep(p->scrap, (size_t)s->layers, sizeof(Draft));
    network->layers = gdss_keep(network, (size_t)s->layers, sizeof(GDSSLayer));
    for (int32_t l = 0; l < s->layers; l++) read_layer(p, l);
    const int32_t inputs = gdss_final_inputs(s);
    p->last = gdss_take_chain(&p->reader, 3, inputs, 2 * inputs, s->kind == GDSS_EDGES ? 1 : s->features);
    for (int32_t l = 0; l < s->layers; l++) fold_layer(p, l);
    fold_last(p);
    const int all = s->kind == GDSS_ATTENTIVE_NODES;
    uint8_t *has_nodes = gdss_keep(p->scrap, (size_t)s->layers + 1, 1);
    has_nodes[s->layers] = (uint8_t)all;
    for (int32_t l = s->layers - 1; l >= 0; l--) has_nodes[l] = (uint8_t)(mark_layer(p, l, has_nodes[l + 1]) || all);

    int32_t *planes = gdss_keep(p->scrap, (size_t)(final_place(p, s->layers) + s->final), sizeof(int32_t));
    network->powers = gdss_keep(network, (size_t)s->initial, sizeof(int32_t));
    for (int32_t c = 0; c < s->initial; c++) {
        const int is_wanted = p->drafts[0].in_wanted[c] || (s->kind == GDSS_EDGES && p->last.live[0][c]);
        network->powers[c] = planes[c] = is_wanted ? network->planes++ : -1;
    }
    for (int32_t l = 0; l < s->layers; l++)
        pack_layer(p, l, has_nodes[l + 1], l ? planes + final_place(p, l - 1) : planes, planes + final_place(p, l));
    if (s->kind != GDSS_EDGES) return;
    network->last = gdss_edge_network(network, &p->last);
    for (int32_t c = 0, input = 0; c < inputs; c++)
        if (p->last.live[0][c]) network->last.input[input++] = (GDSSInput){-1, planes[c]};
}

GDSSNetwork *gdss_pack(const GDSSShape *shape, const float *const *parameters, int spared) {
    if (gdss_parameters(shape, NULL, 0) == 0) return NULL;
    GDSSNetwork *network = calloc(1, sizeof *network), *scrap = calloc(1, sizeof *scrap);
    if (!network || !scrap) abort();
    network->shape = *shape;
    spared = spared > 0 ? spared : 0;
    network->level = gdss_level() > spared ? gdss_level() - spared : 0;
    Packing p = {.network = network, .scrap = scrap, .reader = {parameters, scrap, 0}};
    if (shape->kind == GDSS_NODES) {
        network->convolutions = gdss_keep(network, (size_t)shape->layers, sizeof(GDSSDense));
        for (int32_t l = 0; l < shape->layers; l++) {
            const GDSSChain chain = take_convolution(&p.reader, l ? shape->hidden : shape->features, shape->hidden);
            network->convolutions[l] = gdss_dense_of(network, &chain, 0);
        }
        const int32_t inputs = gdss_final_inputs(shape);
        p.last = gdss_take_chain(&p.reader, 3, inputs, 2 * inputs, shape->features);
    } else {
        pack_attention(&p);
    }
    if (shape->kind != GDSS_EDGES)
        for (int32_t i = 0; i < 3; i++) network->final[i] = gdss_dense_of(network, &p.last, i);
    network->subnormals = p.reader.subnormals;
    gdss_let_go(scrap);
    free(scrap);
    return network;
}

void gdss_free(GDSSNetwork *network) {
    if (!network) return;
    gdss_let_go(network);
    free(network);
}

size_t gdss_subnormals(const GDSSNetwork *network) { return network->subnormals; }

int gdss_pruning(const GDSSNetwork *network, int32_t layer, GDSSLayerPruning *pruning) {
    if (!network->layers || layer < 0 || layer >= network->shape.layers) return 0;
    *pruning = network->layers[layer].pruning;
    return 1;
}
