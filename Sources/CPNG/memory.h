/* libpng's allocations under a budget, so that no file makes it take more. */
#ifndef CPNG_MEMORY_H
#define CPNG_MEMORY_H

#include <png.h>
#include <stddef.h>

typedef struct {
    size_t used;
    size_t limit;
    int exceeded;
} cpng_budget;

png_voidp cpng_budget_malloc(png_structp png, png_alloc_size_t size);
void cpng_budget_free(png_structp png, png_voidp block);

#endif
