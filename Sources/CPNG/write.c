#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CPNG.h"

typedef struct {
    uint8_t *bytes;
    size_t count;
    size_t capacity;
    char *message;
    size_t message_size;
} sink;

static void fail(png_structp png, png_const_charp text) {
    sink *to = png_get_error_ptr(png);
    snprintf(to->message, to->message_size, "%s", text);
    png_longjmp(png, 1);
}

static void warn(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void push(png_structp png, png_bytep bytes, size_t count) {
    sink *to = png_get_io_ptr(png);
    if (count > to->capacity - to->count) {
        size_t capacity = (to->count + count) * 2;
        uint8_t *grown = realloc(to->bytes, capacity);
        if (grown == NULL) png_error(png, "out of memory");
        to->bytes = grown;
        to->capacity = capacity;
    }
    memcpy(to->bytes + to->count, bytes, count);
    to->count += count;
}

static void flush(png_structp png) { (void)png; }

static int encode(png_structp png, png_infop info, cpng_header header, const uint8_t *pixels, sink *to) {
    static const int color_types[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGBA};
    if (setjmp(png_jmpbuf(png))) return 1;
    png_set_write_fn(png, to, push, flush);
    png_set_compression_level(png, 6);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_ALL_FILTERS);
    png_set_IHDR(
        png, info, header.width, header.height, header.bit_depth, color_types[header.channels], PNG_INTERLACE_NONE,
        PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (header.bit_depth == 16) png_set_swap(png);
#endif
    size_t stride = (size_t)header.width * header.channels * (header.bit_depth / 8);
    for (size_t row = 0; row < header.height; row++) png_write_row(png, pixels + row * stride);
    png_write_end(png, info);
    return 0;
}

int cpng_encode(
    cpng_header header, const uint8_t *pixels, uint8_t **bytes, size_t *count, char *message, size_t message_size) {
    sink to = {NULL, 0, 0, message, message_size};
    snprintf(message, message_size, "out of memory");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &to, fail, warn);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    int failed = info == NULL || encode(png, info, header, pixels, &to);
    png_destroy_write_struct(&png, &info);
    if (failed) {
        free(to.bytes);
        return 1;
    }
    *bytes = to.bytes;
    *count = to.count;
    return 0;
}

void cpng_free(uint8_t *bytes) { free(bytes); }
