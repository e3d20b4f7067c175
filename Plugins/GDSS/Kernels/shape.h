// Shapes of layers.
#ifndef GDSS_SHAPE_H
#define GDSS_SHAPE_H

#include "include/cgdss.h"

// A layer of attention: widths of nodes and of queries, channels, width of the layer's networks, numbers of a head.
typedef struct {
    int32_t inputs, attention, outputs, in, out, width, head;
} GDSSLayerShape;

GDSSLayerShape gdss_layer_shape(const GDSSShape *shape, int32_t layer);
int32_t gdss_final_inputs(const GDSSShape *shape);

#endif
