// Makes a packed network out of what a draft has found to vary and to be used.
#include <levels.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"

// Which lane and place a number of a head has among its group's vectors; a map's live heads come first.
typedef struct {
    int32_t map, channel, slot;
} Lane;

static size_t vector_of(const GDSSGroup *group, int32_t slot, int32_t which, int32_t depth) {
    return (size_t)((slot / group->slots * 2 + which) * group->depth + depth);
}

static void pack_head(GDSSPacking *p, GDSSGroup *group, const GDSSDraft *draft, Lane at, int32_t head, size_t inputs) {
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
                group->place[(2 * at.map + which) * attention + i] = (int32_t)(vector * 16 + lane);
                continue;
            }
            const double by = which ? scale : 1;
            const double *row = chain->weights[0] + (size_t)i * inputs;
            float *to = group->weights + vector * inputs * 16 + lane;
            for (size_t k = 0; k < inputs; k++) to[k * 16] = (float)(by * row[k]);
            group->bias[vector * 16 + lane] = (float)(by * chain->bias[0][i]);
        }
        depth++;
    }
}

static void pack_small(GDSSPacking *p, GDSSGroup *group, const GDSSDraft *draft, int32_t map, int32_t channel) {
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
static void pack_group(
    GDSSPacking *p, GDSSLayer *layer, GDSSGroup *group, const GDSSDraft *draft, const int32_t *channels) {
    const GDSSLayerShape *shape = &draft->shape;
    const size_t inputs = (size_t)shape->inputs;
    int32_t heads = 0;
    for (int32_t m = 0; m < group->maps; m++) {
        const uint8_t *alive = draft->alive + channels[m] * shape->attention;
        heads = gdss_live_heads(draft, channels[m]) > heads ? gdss_live_heads(draft, channels[m]) : heads;
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
            pack_head(p, group, draft, (Lane){m, channels[m], slot++}, h, inputs);
        }
        int32_t place = 0;
        for (int32_t c = 0; c < channels[m]; c++) place += draft->convolved[c];
        for (int32_t lane = 0; lane < 16; lane++)
            if (lane % group->maps == m) group->lane[lane] = place * layer->padded;
    }
}

static void pack_groups(GDSSPacking *p, GDSSLayer *layer, const GDSSDraft *draft) {
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

static void pack_edges(GDSSPacking *p, GDSSLayer *layer, const GDSSDraft *draft, const int32_t *in, int32_t *out) {
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

static void pack_nodes(GDSSPacking *p, GDSSLayer *layer, const GDSSDraft *draft) {
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

static void pack_layer(GDSSPacking *p, int32_t l, int has_nodes, const int32_t *in, int32_t *out) {
    const GDSSDraft *draft = &p->drafts[l];
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
        .live_channels = gdss_living(draft->edges.live[draft->edges.count], shape->out),
        .has_live_nodes = has_nodes && !draft->has_constant_nodes,
    };
    for (int32_t c = 0; c < shape->in; c++)
        if (draft->edges.live[0][c]) pruning->live_heads += gdss_live_heads(draft, c);
}

static void pack_attention(GDSSPacking *p) {
    GDSSNetwork *network = p->network;
    const GDSSShape *s = &network->shape;
    const uint8_t *has_nodes = gdss_draft(p);
    network->layers = gdss_keep(network, (size_t)s->layers, sizeof(GDSSLayer));
    const int32_t inputs = gdss_final_inputs(s);
    int32_t *planes = gdss_keep(p->scrap, (size_t)(gdss_final_place(s, s->layers) + s->final), sizeof(int32_t));
    network->powers = gdss_keep(network, (size_t)s->initial, sizeof(int32_t));
    for (int32_t c = 0; c < s->initial; c++) {
        const int is_wanted = p->drafts[0].in_wanted[c] || (s->kind == GDSS_EDGES && p->last.live[0][c]);
        network->powers[c] = planes[c] = is_wanted ? network->planes++ : -1;
    }
    for (int32_t l = 0; l < s->layers; l++) {
        const int32_t *in = planes + (l ? gdss_final_place(s, l - 1) : 0);
        pack_layer(p, l, has_nodes[l + 1], in, planes + gdss_final_place(s, l));
    }
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
    network->level = genera_level_but(spared);
    GDSSPacking p = {.network = network, .scrap = scrap, .reader = {parameters, scrap, 0}};
    if (shape->kind == GDSS_NODES) {
        network->convolutions = gdss_keep(network, (size_t)shape->layers, sizeof(GDSSDense));
        for (int32_t l = 0; l < shape->layers; l++) {
            const int32_t width = l ? shape->hidden : shape->features;
            const GDSSChain chain = gdss_take_convolution(&p.reader, width, shape->hidden);
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
