/* A small door to libjpeg: no longjmp leaves it, and every failure is a message. */
#ifndef CJPEG_H
#define CJPEG_H

#include <stddef.h>
#include <stdint.h>

/* What a file holds, after YCbCr and YCCK are turned into RGB and CMYK. */
typedef struct {
    uint32_t width;
    uint32_t height;
    uint8_t channels; /* 1 grey, 3 RGB, 4 CMYK */
    int is_inverted;  /* CMYK where 255 is no ink, as Adobe writes it */
    int is_arithmetic;
} cjpeg_header;

typedef struct cjpeg_reader cjpeg_reader;

/* Reads everything before the pixels. The bytes must outlive the reader.
   Returns NULL only when memory is out; look at cjpeg_message for a failure. */
cjpeg_reader *cjpeg_open(const uint8_t *bytes, size_t count);

/* The reason of the last failure, or NULL when there was none. */
const char *cjpeg_message(const cjpeg_reader *reader);

cjpeg_header cjpeg_reader_header(const cjpeg_reader *reader);

/* Decodes all rows, `width * height * channels` samples, taking no more than `memory_limit` bytes beside them. Data that is cut
   short or damaged is a failure; bytes without meaning between markers, which some cameras write, are not.
   Returns 0 for success. */
int cjpeg_read_pixels(cjpeg_reader *reader, uint8_t *pixels, size_t count, size_t memory_limit);

void cjpeg_close(cjpeg_reader *reader);

#endif
