/* A small door to libpng: no longjmp leaves it, and every failure is a message. */
#ifndef CPNG_H
#define CPNG_H

#include <stddef.h>
#include <stdint.h>

/* What a file holds, after palettes, transparency and small bit depths are expanded. */
typedef struct {
    uint32_t width;
    uint32_t height;
    uint8_t channels;  /* 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA */
    uint8_t bit_depth; /* 8 or 16 */
} cpng_header;

/* One text chunk. The bytes belong to the reader. */
typedef struct {
    const char *keyword;
    const char *value;
    size_t length;
    int is_utf8; /* iTXt is UTF-8, tEXt and zTXt are Latin-1 */
} cpng_text;

typedef struct cpng_reader cpng_reader;

/* Reads everything before the pixels. The bytes must outlive the reader.
   Returns NULL only when memory is out; look at cpng_message for a failure. */
cpng_reader *cpng_open(const uint8_t *bytes, size_t count, size_t chunk_limit, size_t memory_limit);

/* The reason of the last failure, or NULL when there was none. */
const char *cpng_message(const cpng_reader *reader);

cpng_header cpng_reader_header(const cpng_reader *reader);

/* Decodes all rows and checks the file up to its end. 16-bit samples come in the machine's byte order.
   Returns 0 for success. */
int cpng_read_pixels(cpng_reader *reader, uint8_t *pixels, size_t count);

size_t cpng_text_count(const cpng_reader *reader);
cpng_text cpng_text_at(const cpng_reader *reader, size_t index);
void cpng_close(cpng_reader *reader);

/* Encodes with fixed filters and a fixed compression level. On success gives bytes to free with cpng_free and
   returns 0; else fills `message`. */
int cpng_encode(
    cpng_header header, const uint8_t *pixels, uint8_t **bytes, size_t *count, char *message, size_t message_size);
void cpng_free(uint8_t *bytes);

/* The CRC-32 of ISO 3309 over `count` bytes, continuing from `crc` (0 to begin). */
uint32_t cpng_crc32(uint32_t crc, const uint8_t *bytes, size_t count);

#endif
