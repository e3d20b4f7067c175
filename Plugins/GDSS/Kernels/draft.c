// Reads a network of attention, folds what is constant and marks what is used.
#include "draft.h"

#include <math.h>
#include <string.h>

static double largest(const double *values, int32_t count, double atLeast) {
    for (int32_t i = 0; i < count; i++)
        if (!(fabs(values[i]) <= atLeast)) atLeast = fabs(values[i]);
    return atLeast;
}

GDSSChain gdss_take_convolution(GDSSReader *reader, int32_t inputs, int32_t outputs) {
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
static void find_alive(GDSSDraft *draft, int32_t channel) {
    const int32_t width = draft->shape.attention;
    for (int32_t i = 0; i < width; i++) {
        double size = 1;
        for (int32_t which = 0; which < 2; which++) {
            const GDSSChain *chain = &draft->query[2 * channel + which];
            const int32_t last = chain->count - 1, in = chain->width[last];
            size *= largest(chain->weights[last] + (size_t)i * (size_t)in, in, fabs(chain->bias[last][i]));
        }
        // Also what is not a number.
        draft->alive[channel * width + i] = !(size <= GDSS_DEAD);
    }
}

int32_t gdss_live_heads(const GDSSDraft *draft, int32_t channel) {
    int32_t heads = 0;
    for (int32_t h = 0; h < draft->shape.attention / draft->shape.head; h++)
        heads += memchr(draft->alive + channel * draft->shape.attention + h * draft->shape.head, 1,
                        (size_t)draft->shape.head) != NULL;
    return heads;
}

// Merges channels: the first of its two layers takes the values W_v x of every channel, so that W_v goes into it.
static GDSSChain take_merge(GDSSPacking *p, const GDSSLayerShape *shape, const GDSSChain *values) {
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

static void read_layer(GDSSPacking *p, int32_t l) {
    const GDSSShape *s = &p->network->shape;
    GDSSDraft *draft = &p->drafts[l];
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
                : gdss_take_convolution(&p->reader, shape.inputs, shape.attention);
        values[c] = gdss_take_convolution(&p->reader, shape.inputs, shape.outputs);
        find_alive(draft, c);
    }
    draft->edges = gdss_take_chain(&p->reader, s->linears, 2 * shape.in, shape.width, shape.out);
    draft->merge = take_merge(p, &shape, values);
}

// Scales the edges' network, so that it takes sums over heads and both directions and gives E + E', and folds it.
static void fold_layer(GDSSPacking *p, int32_t l) {
    GDSSDraft *draft = &p->drafts[l];
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
        constant[c] = gdss_live_heads(draft, c) == 0;
        if (l == 0) continue;
        constant[shape->in + c] = p->drafts[l - 1].out_constant[c];
        value[shape->in + c] = p->drafts[l - 1].out_value[c];
    }
    gdss_fold(edges, constant, value, draft->out_constant, draft->out_value);
    uint8_t *still = gdss_keep(p->scrap, (size_t)shape->outputs, 1);
    gdss_fold(&draft->merge, NULL, NULL, still, draft->node_value);
    draft->has_constant_nodes = memchr(still, 0, (size_t)shape->outputs) == NULL;
}

int32_t gdss_final_place(const GDSSShape *s, int32_t layer) { return s->initial + s->inner * layer; }

static void fold_last(GDSSPacking *p) {
    const GDSSShape *s = &p->network->shape;
    if (s->kind != GDSS_EDGES) return;
    uint8_t *constant = gdss_keep(p->scrap, (size_t)gdss_final_inputs(s), 1);
    double *value = gdss_keep(p->scrap, (size_t)gdss_final_inputs(s), sizeof(double));
    for (int32_t l = 0; l < s->layers; l++)
        for (int32_t c = 0; c < p->drafts[l].shape.out; c++) {
            constant[gdss_final_place(s, l) + c] = p->drafts[l].out_constant[c];
            value[gdss_final_place(s, l) + c] = p->drafts[l].out_value[c];
        }
    gdss_fold(&p->last, constant, value, NULL, NULL);
    gdss_mark(&p->last, &(uint8_t){1});
}

// What of a layer is used, given whether the nodes that come out are; returns whether those that come in are.
static int mark_layer(GDSSPacking *p, int32_t l, int has_nodes) {
    const GDSSShape *s = &p->network->shape;
    GDSSDraft *draft = &p->drafts[l];
    const GDSSLayerShape *shape = &draft->shape;
    uint8_t *wanted = gdss_keep(p->scrap, (size_t)shape->out, 1);
    for (int32_t c = 0; c < shape->out; c++) {
        wanted[c] = s->kind == GDSS_EDGES && p->last.live[0][gdss_final_place(s, l) + c];
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

uint8_t *gdss_draft(GDSSPacking *p) {
    const GDSSShape *s = &p->network->shape;
    p->drafts = gdss_keep(p->scrap, (size_t)s->layers, sizeof(GDSSDraft));
    for (int32_t l = 0; l < s->layers; l++) read_layer(p, l);
    const int32_t inputs = gdss_final_inputs(s);
    p->last = gdss_take_chain(&p->reader, 3, inputs, 2 * inputs, s->kind == GDSS_EDGES ? 1 : s->features);
    for (int32_t l = 0; l < s->layers; l++) fold_layer(p, l);
    fold_last(p);
    const uint8_t all = s->kind == GDSS_ATTENTIVE_NODES;
    uint8_t *has_nodes = gdss_keep(p->scrap, (size_t)s->layers + 1, 1);
    has_nodes[s->layers] = all;
    for (int32_t l = s->layers - 1; l >= 0; l--) has_nodes[l] = (uint8_t)(mark_layer(p, l, has_nodes[l + 1]) || all);
    return has_nodes;
}
