// A network on its way from its parameters to what is packed: read, with what is constant and what is used found out.
#ifndef GDSS_DRAFT_H
#define GDSS_DRAFT_H

#include "chain.h"
#include "shape.h"

// A layer of attention.
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
} GDSSDraft;

typedef struct {
    GDSSNetwork *network, *scrap;
    GDSSReader reader;
    GDSSDraft *drafts;
    GDSSChain last;
} GDSSPacking;

// A graph convolution [in, out] as a linear layer [out, in].
GDSSChain gdss_take_convolution(GDSSReader *reader, int32_t inputs, int32_t outputs);
// Heads of a map that are not always 0.
int32_t gdss_live_heads(const GDSSDraft *draft, int32_t channel);
// Where a layer's channels begin among those that the last network of edges takes.
int32_t gdss_final_place(const GDSSShape *shape, int32_t layer);
// Reads all of a network of attention, and finds what is constant and what is used. Gives for each layer, and behind
// the last, whether the nodes that go in are used.
uint8_t *gdss_draft(GDSSPacking *packing);

#endif
