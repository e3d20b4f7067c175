// The hot loops of Gaussian splatting: projection, sorting into tiles, blending, and all derivatives.
//
// Plain C without dependencies. Every function that does work has versions for AVX-512, AVX2 and any processor, chosen at run time,
// and gives the same bits for every number of threads.
#ifndef CSPLATS_H
#define CSPLATS_H

#include <stdint.h>

#include "csplats_detail.h"
#include "csplats_fit.h"
#include "csplats_losses.h"
#include "csplats_picture.h"

#ifdef __cplusplus
extern "C" {
#endif

// Planes of a scene: 0 position, 3 log scale, 6 quaternion wxyz, 10 opacity logit, 11 shape, 12 + 3 k + c harmonics.
typedef struct {
    const float *planes;
    int64_t stride;
    int64_t count;
    int degree;
} SplatPlanes;

enum { SPLAT_PINHOLE = 0, SPLAT_ORTHOGRAPHIC = 1, SPLAT_FISHEYE = 2, SPLAT_PANORAMA = 3 };

typedef struct {
    float rotation[9];     // rows, world to camera
    float translation[3];
    float center[3];       // where the camera stands, in the world
    float fx, fy;
    float cx, cy;          // in coordinates where pixel j has its centre at j
    int width, height;
    int projection;
} SplatCamera;

enum { SPLAT_TILES_ANY = 0, SPLAT_TILES_SQUARE = 1, SPLAT_TILES_AXES = 2 };
enum { SPLAT_COLOR = 0, SPLAT_FEATURES = 1, SPLAT_DEPTH = 2, SPLAT_NORMALS = 3 };

typedef struct {
    float near_plane, far_plane;
    float clamp[4];            // least and greatest X/Z, least and greatest Y/Z that the Jacobian sees
    float dilation;            // added to the diagonal of the screen covariance
    float alpha_max;
    float alpha_min;
    float stop;                // transmittance below which a pixel is done
    float scale_modifier;
    float shape_strength;      // rho of the modification function; 0: shapes are not looked at
    float least_determinant;   // 0: splats of determinant 0 are dropped; else the determinant is raised to it
    int degree;                // active degree of the harmonics
    int tiles;                 // in which tiles a splat may be seen at all
    int whole_rectangles;      // 1: lists hold all tiles of the rectangle, as the reference's do
    int antialiased;
    int exponential;           // 1: exponents are -q^(beta/2)/2 with beta = 2 + shape
    int inria_gradient;        // 1: derivatives as the published kernels have them
    int content;               // what is composited
} SplatRules;

// Where a picture goes. Any pointer but `planes` may be null. Of a band the planes hold its rows alone, which are the same bits as in the
// whole picture; derivatives are of whole pictures.
typedef struct {
    float *planes;             // [3, height, width]
    float *transmittance;      // [height, width]
    int32_t *last;             // [height, width], 1-based place in the tile's list of the last splat blended
    float *median_depth;       // [height, width], depth where the transmittance falls below one half; 0 where it does not
    int32_t *top;              // [height, width], the splat of the greatest weight; -1 for none
    float background[3];
    int first_row, row_count;  // the band that is drawn; a count of 0 is the whole picture
} SplatPicture;

typedef struct SplatFrame SplatFrame;

// Buffers of one view, reused from view to view. Null if there is no memory.
SplatFrame *splat_frame_create(void);
void splat_frame_free(SplatFrame *frame);

// Draws of each group of 16 splats those alone whose bits are set, until the next call; null for all. The memory stays the caller's.
void splat_frame_choose(SplatFrame *frame, const uint16_t *chosen);

// 0, or -1 if memory ran out. `features` is [3, stride] for SPLAT_FEATURES.
int splat_render(
    SplatFrame *frame, const SplatPlanes *scene, const SplatCamera *camera, const SplatRules *rules, const float *features,
    const SplatPicture *picture, int threads);

// Projects only; what follows reads the results.
int splat_project(
    SplatFrame *frame, const SplatPlanes *scene, const SplatCamera *camera, const SplatRules *rules, const float *features,
    int threads);

// The tile pairs of the last view, and splats that reached them.
int64_t splat_frame_pairs(const SplatFrame *frame);
int64_t splat_frame_visible(const SplatFrame *frame);

// Radii in pixels along x and y of the last view, 0 for splats that are not seen, [2, count]. The memory is the frame's.
const int32_t *splat_frame_radii(const SplatFrame *frame);

// What projection found for each splat: u, v, A, B, C, opacity, depth, red, green, blue, compensation, 1 if it is seen; [12, count].
// Planes of splats that are not seen are 0.
void splat_frame_projected(const SplatFrame *frame, float *planes);

// Gradients of the last view. `image` is what splat_render wrote into `planes`, `transmittance` its other result (needed with
// `alpha_gradient` alone). `gradients` has the planes of the scene; all that the active degree reaches are overwritten. `screen`, null
// or [2, count], gets derivatives by u and v. Returns 0, or -1 if memory ran out.
int splat_backward(
    SplatFrame *frame, const float *image, const float *image_gradient, const float *transmittance, const float *alpha_gradient,
    float *gradients, float *screen, int threads);

// The second half alone: `rows` holds, for each splat, derivatives by u, v, A, B, C, opacity, red, green, blue, beta, depth.
int splat_project_backward(SplatFrame *frame, const float *rows, float *gradients, int threads);

enum { SPLAT_ROW = 16 };

// One step of Adam on `count` numbers of `planes` planes, each with a rate of its own; a rate of 0 leaves a plane alone. `seen`, null or
// [count], are radii: splats of radius 0 are left as they are (sparse Adam).
void splat_adam(
    float *values, const float *gradients, float *first, float *second, int64_t stride, int64_t count, int planes,
    const float *rates, double beta1, double beta2, double epsilon, int64_t step, const int32_t *seen, int threads);

// Spherical harmonics alone, for tests and tables: `directions` [3, stride] need not be of length 1, `values` [3, stride].
void splat_harmonics(const float *coefficients, const float *directions, int64_t stride, int degree, float *values);

// "avx512", "avx2" or "base": what this processor gets; and a way to ask for less, for tests. 0: none is forced.
const char *splat_target(void);
void splat_force_target(int level);

#ifdef __cplusplus
}
#endif
#endif
