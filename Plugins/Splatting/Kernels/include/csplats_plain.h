// The slow way, for measuring and testing.
#ifndef CSPLATS_PLAIN_H
#define CSPLATS_PLAIN_H

#include "csplats.h"

#ifdef __cplusplus
extern "C" {
#endif

// Draws colours through a pinhole as the published rasteriser does, one pixel at a time on one thread: no antialiasing, no shapes, degrees of
// harmonics to 3, planes and transmittance alone. 0, or -1 if memory ran out.
int splat_plain_render(const SplatPlanes *scene, const SplatCamera *camera, const SplatRules *rules, const SplatPicture *picture);

#ifdef __cplusplus
}
#endif
#endif
