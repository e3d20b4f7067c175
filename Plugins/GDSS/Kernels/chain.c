// Chains of linear layers: reading, folding of what is constant, marking of what is used, packing.
#include "chain.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void *gdss_keep(GDSSNetwork *network, size_t count, size_t size) {
    if (network->kept_count == network->kept_capacity) {
        network->kept_capacity = network->kept_capacity * 2 + 64;
        network->kept = realloc(network->kept, network->kept_capacity * sizeof(void *));
        if (!network->kept) abort();
    }
    const size_t bytes = (count * size + 127) & ~(size_t)63;
    void *memory = aligned_alloc(64, bytes);
    if (!memory) abort();
    memset(memory, 0, bytes);
    network->kept[network->kept_count++] = memory;
    return memory;
}

void gdss_let_go(GDSSNetwork *network) {
    for (size_t i = 0; i < network->kept_count; i++) free(network->kept[i]);
    free(network->kept);
}

double *gdss_take(GDSSReader *reader, size_t count) {
    const float *from = *reader->next++;
    double *values = gdss_keep(reader->scrap, count, sizeof(double));
    for (size_t i = 0; i < count; i++) {
        const int is_subnormal = from[i] != 0 && fabsf(from[i]) < FLT_MIN;
        reader->subnormals += (size_t)is_subnormal;
        values[i] = is_subnormal ? 0 : (double)from[i];
    }
    return values;
}

GDSSChain gdss_chain(GDSSNetwork *scrap, int32_t count, int32_t inputs, int32_t inside, int32_t outputs) {
    GDSSChain chain = {.count = count};
    chain.width = gdss_keep(scrap, (size_t)count + 1, sizeof(int32_t));
    chain.weights = gdss_keep(scrap, (size_t)count, sizeof(double *));
    chain.bias = gdss_keep(scrap, (size_t)count, sizeof(double *));
    chain.live = gdss_keep(scrap, (size_t)count + 1, sizeof(uint8_t *));
    for (int32_t i = 0; i <= count; i++) {
        chain.width[i] = i == 0 ? inputs : i == count ? outputs : inside;
        chain.live[i] = gdss_keep(scrap, (size_t)chain.width[i], 1);
    }
    return chain;
}

GDSSChain gdss_take_chain(GDSSReader *reader, int32_t count, int32_t inputs, int32_t inside, int32_t outputs) {
    GDSSChain chain = gdss_chain(reader->scrap, count, inputs, inside, outputs);
    for (int32_t i = 0; i < count; i++) {
        chain.weights[i] = gdss_take(reader, (size_t)chain.width[i] * (size_t)chain.width[i + 1]);
        chain.bias[i] = gdss_take(reader, (size_t)chain.width[i + 1]);
    }
    return chain;
}

void gdss_fold(
    GDSSChain *chain, const uint8_t *constant, const double *value, uint8_t *out_constant, double *out_value) {
    size_t widest = 0;
    for (int32_t i = 0; i <= chain->count; i++)
        if ((size_t)chain->width[i] > widest) widest = (size_t)chain->width[i];
    uint8_t *is_constant = calloc(widest + 1, 1);
    double *values = calloc(widest + 1, sizeof(double));
    if (!is_constant || !values) abort();
    for (int32_t k = 0; constant && k < chain->width[0]; k++) is_constant[k] = constant[k], values[k] = value[k];
    for (int32_t t = 0; t < chain->count; t++) {
        const int32_t in = chain->width[t], out = chain->width[t + 1];
        for (int32_t o = 0; o < out; o++) {
            double *row = chain->weights[t] + (size_t)o * (size_t)in;
            for (int32_t k = 0; k < in; k++) {
                if (is_constant[k]) chain->bias[t][o] += row[k] * values[k], row[k] = 0;
                if (fabs(row[k]) < GDSS_DEAD) row[k] = 0;
            }
        }
        for (int32_t o = 0; o < out; o++) {
            const double *row = chain->weights[t] + (size_t)o * (size_t)in;
            const double bias = chain->bias[t][o];
            int is_live = 0;
            for (int32_t k = 0; k < in; k++) is_live |= row[k] != 0;
            is_constant[o] = !is_live;
            values[o] = t + 1 < chain->count && bias < 0 ? expm1(bias) : bias;
        }
    }
    for (int32_t o = 0; out_constant && o < chain->width[chain->count]; o++)
        out_constant[o] = is_constant[o], out_value[o] = values[o];
    free(is_constant);
    free(values);
}

void gdss_mark(GDSSChain *chain, const uint8_t *wanted) {
    for (int32_t o = 0; o < chain->width[chain->count]; o++) chain->live[chain->count][o] = wanted[o];
    for (int32_t t = chain->count - 1; t >= 0; t--) {
        const int32_t in = chain->width[t];
        for (int32_t k = 0; k < in; k++) {
            chain->live[t][k] = 0;
            for (int32_t o = 0; o < chain->width[t + 1]; o++)
                chain->live[t][k]
                    |= chain->live[t + 1][o] && chain->weights[t][(size_t)o * (size_t)in + (size_t)k] != 0;
        }
    }
}

GDSSDense gdss_dense(GDSSNetwork *network, int32_t inputs, int32_t outputs, const double *weights, const double *bias) {
    GDSSDense dense = {.inputs = inputs, .outputs = outputs, .columns = (int32_t)gdss_round((size_t)outputs)};
    const size_t columns = (size_t)dense.columns;
    dense.weights = gdss_keep(network, (size_t)inputs * columns, sizeof(float));
    dense.bias = gdss_keep(network, columns, sizeof(float));
    for (size_t k = 0; k < (size_t)inputs; k++)
        for (size_t o = 0; o < (size_t)outputs; o++)
            dense.weights[k * columns + o] = (float)weights[k * (size_t)outputs + o];
    for (size_t o = 0; o < (size_t)outputs; o++) dense.bias[o] = (float)bias[o];
    return dense;
}

GDSSDense gdss_dense_of(GDSSNetwork *network, const GDSSChain *chain, int32_t layer) {
    const size_t in = (size_t)chain->width[layer], out = (size_t)chain->width[layer + 1];
    double *turned = calloc(in * out + 1, sizeof(double));
    if (!turned) abort();
    for (size_t o = 0; o < out; o++)
        for (size_t k = 0; k < in; k++) turned[k * out + o] = chain->weights[layer][o * in + k];
    GDSSDense dense = gdss_dense(network, (int32_t)in, (int32_t)out, turned, chain->bias[layer]);
    free(turned);
    return dense;
}

int32_t gdss_living(const uint8_t *live, int32_t width) {
    int32_t count = 0;
    for (int32_t i = 0; i < width; i++) count += live[i];
    return count;
}

static GDSSMix mix(GDSSNetwork *network, const GDSSChain *chain, int32_t t) {
    const int32_t in = chain->width[t], out = chain->width[t + 1];
    GDSSMix mix = {.inputs = gdss_living(chain->live[t], in), .outputs = gdss_living(chain->live[t + 1], out)};
    mix.weights = gdss_keep(network, (size_t)mix.inputs * (size_t)(mix.outputs + 7), sizeof(float));
    mix.bias = gdss_keep(network, (size_t)mix.outputs + 8, sizeof(float));
    for (int32_t o = 0, row = 0; o < out; o++) {
        if (!chain->live[t + 1][o]) continue;
        const int32_t first = row & ~7, rest = mix.outputs - first, tile = rest > 4 ? 8 : rest > 1 ? 4 : 1;
        float *to = mix.weights + (size_t)first * (size_t)mix.inputs + (row - first);
        for (int32_t k = 0, column = 0; k < in; k++)
            if (chain->live[t][k])
                to[(size_t)tile * (size_t)column++] = (float)chain->weights[t][(size_t)o * (size_t)in + (size_t)k];
        mix.bias[row++] = (float)chain->bias[t][o];
    }
    return mix;
}

GDSSEdgeNetwork gdss_edge_network(GDSSNetwork *network, const GDSSChain *chain) {
    GDSSEdgeNetwork edges = {.count = chain->count};
    edges.mixes = gdss_keep(network, (size_t)chain->count, sizeof(GDSSMix));
    for (int32_t t = 0; t < chain->count; t++) edges.mixes[t] = mix(network, chain, t);
    edges.inputs = edges.mixes[0].inputs;
    edges.input = gdss_keep(network, (size_t)edges.inputs, sizeof(GDSSInput));
    edges.output = gdss_keep(network, (size_t)edges.mixes[chain->count - 1].outputs, sizeof(int32_t));
    return edges;
}
