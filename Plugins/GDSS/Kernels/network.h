// A packed network, as the passes that make it and those that run it see it.
#ifndef GDSS_NETWORK_H
#define GDSS_NETWORK_H

#include "include/cgdss.h"

// Weights below this do nothing that a float would show.
#define GDSS_DEAD 1e-12
// Edges are worked on in blocks of so many, which stay in the nearest cache with all that is made of them.
#define GDSS_BLOCK 48

static inline size_t gdss_round(size_t count) { return (count + 15) & ~(size_t)15; }

// A product of rows: weights [inputs][columns], columns whole vectors of 16, with zeros behind the true outputs.
typedef struct {
    int32_t inputs, outputs, columns;
    float *weights, *bias;
} GDSSDense;

// A product of planes: tiles of 8 outputs, the last one of 8, 4 or 1, each [inputs][tile].
typedef struct {
    int32_t inputs, outputs;
    float *weights, *bias;
} GDSSMix;

// The network of each edge. Its inputs are attention maps (map >= 0) or planes of edges.
typedef struct {
    int32_t map, plane;
} GDSSInput;
typedef struct {
    int32_t count, inputs;
    GDSSMix *mixes;
    GDSSInput *input;
    int32_t *output;  // planes
} GDSSEdgeNetwork;

// Attention maps that are made together: one lane for each map and head, `slots` heads to a vector, `vectors` vectors.
typedef struct {
    int32_t maps, slots, vectors, depth;  // depth: numbers of a head
    int32_t first;                        // number of the first map among the layer's live ones
    int32_t lane[16];                     // which of the nodes' convolved features a lane reads
    float *weights, *bias;                // [vector][query, key][depth] x ([inputs] x 16), 16
    GDSSDense *small;                     // for small networks: [map][query, key][2]
    int32_t *place;                       // for small networks: [map][query, key][width] where each goes, or -1
} GDSSGroup;

// A channel of edges that nodes are convolved with: a plane, or a constant.
typedef struct {
    int32_t plane;
    float constant;
} GDSSChannel;

typedef struct {
    int32_t inputs, padded;  // width of a node, and in whole vectors
    int32_t attention;       // width of queries
    int32_t channels, groups, maps;
    GDSSChannel *channel;
    GDSSGroup *group;
    GDSSEdgeNetwork edges;
    int32_t has_nodes;     // whether nodes' new features are used
    float *constant;       // those, if they do not vary
    GDSSDense merge, out;  // else what makes them
    GDSSLayerPruning pruning;
} GDSSLayer;

struct GDSSNetwork {
    GDSSShape shape;
    int32_t level;
    int32_t planes;   // edge channels that are kept
    int32_t *powers;  // plane of each power of the adjacency, or -1
    GDSSLayer *layers;
    GDSSDense *convolutions;
    GDSSDense final[3];
    GDSSEdgeNetwork last;
    size_t subnormals;
    void **kept;
    size_t kept_count, kept_capacity;
};

// Where the parts of a scratch begin, in numbers.
typedef struct {
    size_t adjacency, power, matrix, planes, nodes, next, convolved, abreast, attention, rows, features;
    size_t final, edges, half, maps, pointers;  // half: from the one room of edges to the other
    size_t total;
} GDSSScratch;

// Lays a scratch out; returns 0 if it would be too large.
int gdss_lay_out(const GDSSNetwork *network, size_t nodes, GDSSScratch *scratch);

void gdss_forward_plain(const GDSSNetwork *, size_t, const float *, const float *, float *, float *);
void gdss_forward_avx2(const GDSSNetwork *, size_t, const float *, const float *, float *, float *);
void gdss_forward_avx512(const GDSSNetwork *, size_t, const float *, const float *, float *, float *);

#endif
