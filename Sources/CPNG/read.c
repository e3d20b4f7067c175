#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CPNG.h"
#include "memory.h"

struct cpng_reader {
    png_structp png;
    png_infop info;
    const uint8_t *bytes;
    size_t count;
    size_t offset;
    cpng_header header;
    cpng_budget budget;
    int failed;
    char message[256];
};

static void fail(png_structp png, png_const_charp text) {
    cpng_reader *reader = png_get_error_ptr(png);
    if (reader->budget.exceeded) text = "its metadata needs more memory than the limit allows";
    snprintf(reader->message, sizeof reader->message, "%s", text);
    reader->failed = 1;
    png_longjmp(png, 1);
}

/* libpng drops a damaged text chunk with a warning; a lost recipe is an error here. */
static void warn(png_structp png, png_const_charp text) {
    static const char *const chunks[] = {"tEXt", "zTXt", "iTXt"};
    for (int index = 0; index < 3; index++)
        if (strncmp(text, chunks[index], 4) == 0) fail(png, text);
}

static void pull(png_structp png, png_bytep into, size_t count) {
    cpng_reader *reader = png_get_io_ptr(png);
    if (count > reader->count - reader->offset) png_error(png, "the file ends too early");
    memcpy(into, reader->bytes + reader->offset, count);
    reader->offset += count;
}

static void expand(cpng_reader *reader) {
    png_structp png = reader->png;
    png_set_expand(png); /* palette to RGB, tRNS to alpha, 1, 2 and 4 bits to 8 */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    png_set_swap(png);
#endif
    png_set_interlace_handling(png);
    png_read_update_info(png, reader->info);
    reader->header.channels = png_get_channels(png, reader->info);
    reader->header.bit_depth = png_get_bit_depth(png, reader->info);
}

static void begin(cpng_reader *reader, size_t chunk_limit) {
    if (setjmp(png_jmpbuf(reader->png))) return;
    png_structp png = reader->png;
    png_set_read_fn(png, reader, pull);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_chunk_malloc_max(png, chunk_limit);
    png_set_chunk_cache_max(png, 1000);
    png_read_info(png, reader->info);
    reader->header.width = png_get_image_width(png, reader->info);
    reader->header.height = png_get_image_height(png, reader->info);
    expand(reader);
}

cpng_reader *cpng_open(const uint8_t *bytes, size_t count, size_t chunk_limit, size_t memory_limit) {
    cpng_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) return NULL;
    reader->bytes = bytes;
    reader->count = count;
    reader->budget.limit = memory_limit;
    reader->png = png_create_read_struct_2(
        PNG_LIBPNG_VER_STRING, reader, fail, warn, &reader->budget, cpng_budget_malloc, cpng_budget_free);
    if (reader->png != NULL) reader->info = png_create_info_struct(reader->png);
    if (reader->info == NULL) {
        cpng_close(reader);
        return NULL;
    }
    begin(reader, chunk_limit);
    return reader;
}

int cpng_read_pixels(cpng_reader *reader, uint8_t *pixels, size_t count) {
    uint8_t **volatile rows = NULL;
    if (setjmp(png_jmpbuf(reader->png))) {
        free((void *)rows);
        return 1;
    }
    size_t stride = png_get_rowbytes(reader->png, reader->info);
    size_t height = reader->header.height;
    if (stride == 0 || count / stride < height) png_error(reader->png, "the pixel buffer is too small");
    rows = malloc(height * sizeof *rows);
    if (rows == NULL) png_error(reader->png, "out of memory");
    for (size_t row = 0; row < height; row++) rows[row] = pixels + row * stride;
    png_read_image(reader->png, rows);
    png_read_end(reader->png, reader->info);
    free((void *)rows);
    return 0;
}

const char *cpng_message(const cpng_reader *reader) { return reader->failed ? reader->message : NULL; }

cpng_header cpng_reader_header(const cpng_reader *reader) { return reader->header; }

size_t cpng_text_count(const cpng_reader *reader) {
    png_textp texts = NULL;
    int count = png_get_text(reader->png, reader->info, &texts, NULL);
    return count > 0 ? (size_t)count : 0;
}

cpng_text cpng_text_at(const cpng_reader *reader, size_t index) {
    png_textp texts = NULL;
    png_get_text(reader->png, reader->info, &texts, NULL);
    const png_text *text = &texts[index];
    int is_utf8 = text->compression >= PNG_ITXT_COMPRESSION_NONE;
    size_t length = is_utf8 ? text->itxt_length : text->text_length;
    return (cpng_text){text->key, text->text, text->text == NULL ? 0 : length, is_utf8};
}

void cpng_close(cpng_reader *reader) {
    if (reader == NULL) return;
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
    free(reader);
}
