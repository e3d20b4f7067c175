// Linear layers one after the other, as a network is made from them: what of them is dead, and how they are packed.
#ifndef GDSS_CHAIN_H
#define GDSS_CHAIN_H

#include "network.h"

// Zeroed memory at a multiple of 64 bytes that goes with the network.
void *gdss_keep(GDSSNetwork *network, size_t count, size_t size);
void gdss_let_go(GDSSNetwork *network);

// Linear layers one after the other, as [out, in] in double precision.
typedef struct {
    int32_t count;
    int32_t *width;  // count + 1
    double **weights, **bias;
    uint8_t **live;  // count + 1: what is left of each width
} GDSSChain;

// Reads parameters in their order, with subnormal ones as zeros; what it gives lives as long as the scrap.
typedef struct {
    const float *const *next;
    GDSSNetwork *scrap;
    size_t subnormals;
} GDSSReader;

double *gdss_take(GDSSReader *reader, size_t count);
GDSSChain gdss_chain(GDSSNetwork *scrap, int32_t count, int32_t inputs, int32_t inside, int32_t outputs);
GDSSChain gdss_take_chain(GDSSReader *reader, int32_t count, int32_t inputs, int32_t inside, int32_t outputs);

// Folds inputs that are constant (flag and value of each) into biases, and units that became so; fills the outputs'.
void gdss_fold(
    GDSSChain *chain, const uint8_t *constant, const double *value, uint8_t *out_constant, double *out_value);
// Marks what the wanted outputs need, back to the inputs.
void gdss_mark(GDSSChain *chain, const uint8_t *wanted);

// How many flags are set.
int32_t gdss_living(const uint8_t *live, int32_t width);

GDSSDense gdss_dense(
    GDSSNetwork *network, int32_t inputs, int32_t outputs, const double *weights, const double *bias);
GDSSDense gdss_dense_of(GDSSNetwork *network, const GDSSChain *chain, int32_t layer);
// A chain's live part; inputs and outputs are left to be filled in by who knows them.
GDSSEdgeNetwork gdss_edge_network(GDSSNetwork *network, const GDSSChain *chain);

#endif
