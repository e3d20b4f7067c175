// What every processor of the architecture has: SSE2, or NEON.
#if defined(__aarch64__)
#define SPLAT_HAS_FMA 1
#endif
#define SPLAT_NAME "base"
#define SPLAT_SYMBOL splat_target_base
#include "target.h"
