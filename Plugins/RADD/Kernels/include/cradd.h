// Kernels of the family of texts: a transformer's forward pass.
#ifndef CRADD_H
#define CRADD_H
#include <stdint.h>

// 2 for AVX-512, 1 for AVX2, 0 for any processor.
int radd_level(void);

#endif
