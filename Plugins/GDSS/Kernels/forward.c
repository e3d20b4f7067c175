// A network's computation, on the best instruction set that the processor has.
#include <levels.h>
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "network.h"

#include "at_levels.h"

void gdss_forward(
    const GDSSNetwork *network, size_t nodes, const float *x, const float *a, float *out, float *scratch) {
    if (nodes == 0) return;
    const unsigned long before = genera_flush_small();
#if GENERA_HAS_LEVELS
    if (network->level == 2) gdss_forward_avx512(network, nodes, x, a, out, scratch);
    else if (network->level == 1) gdss_forward_avx2(network, nodes, x, a, out, scratch);
    else gdss_forward_plain(network, nodes, x, a, out, scratch);
#else
    gdss_forward_plain(network, nodes, x, a, out, scratch);
#endif
    genera_restore_small(before);
}
