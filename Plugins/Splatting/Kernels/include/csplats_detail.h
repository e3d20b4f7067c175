// Level of detail: a tree of merged splats over a scene, and cuts through it.
#ifndef CSPLATS_DETAIL_H
#define CSPLATS_DETAIL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Nodes of all levels in one set of planes, each level at a multiple of 64; level 0 is the scene itself along a curve that keeps
// neighbours together, and node k of a level stands for nodes 4 k...4 k + 3 of the level below.
typedef struct {
    float *planes;         // [planes, stride], as those of a scene
    float *reach;          // [stride]: how far from its centre what a node stands for lies, splats up to one deviation
    uint16_t *chosen;      // [stride / 16]: a bit for each node that the last cut draws
    uint16_t *open;        // [stride / 16]
    int64_t *order;        // [count]: the splat of the scene that a node of level 0 is
    int64_t stride, count; // numbers in a plane; splats of the scene
    int64_t starts[20], counts[20];
    int levels, degree;
} SplatTree;

// A camera as far as a cut looks at it.
typedef struct {
    float rotation[9], translation[3];
    float focal;           // the greater focal length in pixels
    float near_plane;
    int orthographic;
} SplatEye;

// A tree over a scene whose scales are multiplied by `scale`, and by 2 sigmoid(shape_strength shape) where that is above 0. Null if there is
// no memory.
SplatTree *splat_tree_create(const float *planes, int64_t stride, int64_t count, int degree, float scale, float shape_strength);
void splat_tree_free(SplatTree *tree);

// Chooses nodes so that all that a node stands for is at most `pixels` from its centre on the screen, and every splat is in one of them.
// Returns how many, and the greatest distance that was allowed.
int64_t splat_tree_cut(SplatTree *tree, const SplatEye *eye, float pixels, float *deviation);

#ifdef __cplusplus
}
#endif
#endif
