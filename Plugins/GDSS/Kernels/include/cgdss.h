// Score networks of graphs on the processor: one graph at a time, of its true size, with everything packed beforehand.
//
// A packed network is never written to after it is made, so that any number of threads may share one; each brings a
// scratch of its own.
#ifndef CGDSS_H
#define CGDSS_H

#include <stddef.h>
#include <stdint.h>

// What kind of network it is.
enum { GDSS_NODES = 0, GDSS_ATTENTIVE_NODES = 1, GDSS_EDGES = 2 };

// The shape of a network. The first layer's queries and keys are `hidden` wide, the others' `attention`; both are cut
// into heads of (width / heads) numbers, at least 1, which must divide them.
typedef struct {
    int32_t kind;
    int32_t features;   // F, of a node
    int32_t layers;
    int32_t hidden;     // of a node inside
    int32_t linears;    // layers of each edge's network
    int32_t initial;    // powers of the adjacency
    int32_t inner;      // edge channels between layers
    int32_t final;      // edge channels of the last layer
    int32_t attention;  // width of queries and keys
    int32_t heads;
    int32_t is_mlp;     // queries and keys by small networks that do not see the edges
} GDSSShape;

// What was found to be constant or unused, and left out, in one layer of attention.
typedef struct {
    int32_t maps, live_maps;          // attention maps
    int32_t heads, live_heads;
    int32_t channels, live_channels;  // edge channels that come out, and those that vary and are used
    int32_t has_live_nodes;           // whether nodes' new features vary and are used
} GDSSLayerPruning;

typedef struct GDSSNetwork GDSSNetwork;

// How many arrays of parameters a network has, and the size of each; 0 for a shape that cannot be.
//
// They come in this order, matrices of linear layers [out, in] and those of graph convolutions [in, out], each before
// its bias. A network of convolutions: its layers. One of attention, for each layer: for each edge channel the query,
// the key and the value (two linear layers for a query or key `is_mlp`), then the network of edges, then the two layers
// of that which merges the channels. At the end, of every network, the three layers of the last network.
size_t gdss_parameters(const GDSSShape *shape, size_t *sizes, size_t capacity);

// Packs a network; NULL for a shape that cannot be. `spared` instruction sets, of the best that the processor has, are
// not used: for tests.
GDSSNetwork *gdss_pack(const GDSSShape *shape, const float *const *parameters, int spared);
void gdss_free(GDSSNetwork *network);

// Parameters below 1e-38, taken for 0.
size_t gdss_subnormals(const GDSSNetwork *network);
// What was left out of a layer; returns 0 where there is no such layer of attention.
int gdss_pruning(const GDSSNetwork *network, int32_t layer, GDSSLayerPruning *pruning);

// Numbers of scratch that a graph of this many nodes needs; SIZE_MAX if there are too many.
size_t gdss_scratch(const GDSSNetwork *network, size_t nodes);

// What the network gives for a graph: x [nodes * F], a [nodes * nodes] symmetric; out [nodes * F] for a network of nodes,
// or [nodes * nodes], symmetric with zeros on its diagonal.
void gdss_forward(
    const GDSSNetwork *network, size_t nodes, const float *x, const float *a, float *out, float *scratch);

#endif
