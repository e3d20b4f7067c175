// What the sources that run a network share.
#ifndef RADD_FORWARD_H
#define RADD_FORWARD_H

#include "room.h"

// The widest head.
enum { RADD_HEAD_MOST = 4096 };

// Whether the processor multiplies numbers of bfloat16.
int radd_has_bfloat16(void);

// The first block's products of a row x, whose room for words is `cells`, to [q, k, v][head][head_panels * 32].
void radd_mask_queries(const RADDNetwork *network, const float *x, float *cells, float *to);

#endif
