// Every stage for one target. The including file says which: SPLAT_NAME, SPLAT_SYMBOL and the features of the processor.
#include <stdlib.h>

#include "frame.h"
#include "vector.h"

#define TARGET(name) name
#include "projection.h"
#include "listing.h"
#include "blending.h"
#include "derivatives.h"
#include "projection_derivatives.h"

const SplatTarget SPLAT_SYMBOL = {
    .name = SPLAT_NAME, .project = project, .list = list, .blend = blend, .backward = backward, .gather = gather,
    .project_backward = project_backward, .adam = adam, .harmonics = harmonics,
};
