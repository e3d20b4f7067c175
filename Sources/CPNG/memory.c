#include "memory.h"

#include <stdlib.h>

/* Each block is preceded by its size, in a slot that keeps malloc's alignment. */
enum { slot = 16 };

png_voidp cpng_budget_malloc(png_structp png, png_alloc_size_t size) {
    cpng_budget *budget = png_get_mem_ptr(png);
    if (size > budget->limit || budget->used > budget->limit - size) {
        budget->exceeded = 1;
        return NULL;
    }
    unsigned char *block = malloc(size + slot);
    if (block == NULL) return NULL;
    *(size_t *)block = size;
    budget->used += size;
    return block + slot;
}

void cpng_budget_free(png_structp png, png_voidp pointer) {
    if (pointer == NULL) return;
    cpng_budget *budget = png_get_mem_ptr(png);
    unsigned char *block = (unsigned char *)pointer - slot;
    budget->used -= *(size_t *)block;
    free(block);
}
