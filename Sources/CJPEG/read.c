#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <jerror.h>

/* A progressive file says in how many passes it comes. Each costs time over the whole picture, and few bytes. */
enum { scan_limit = 100 };

struct cjpeg_reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf leave;
    cjpeg_header header;
    int failed;
    char message[JMSG_LENGTH_MAX];
};

static void fail(j_common_ptr jpeg) {
    cjpeg_reader *reader = jpeg->client_data;
    jpeg->err->format_message(jpeg, reader->message);
    reader->failed = 1;
    longjmp(reader->leave, 1);
}

static void fail_with(cjpeg_reader *reader, const char *text) {
    snprintf(reader->message, sizeof reader->message, "%s", text);
    reader->failed = 1;
    longjmp(reader->leave, 1);
}

/* libjpeg fills up what is missing with grey and warns. A picture that is half grey is not what the file should hold. */
static void warn(j_common_ptr jpeg, int level) {
    if (level >= 0) return;
    switch (jpeg->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_JPEG_EOF: fail_with(jpeg->client_data, "the file ends too early, or part of it is missing"); break;
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC: fail(jpeg); break;
    default: break;
    }
}

static void say_nothing(j_common_ptr jpeg) { (void)jpeg; }

static void count_scans(j_common_ptr jpeg) {
    j_decompress_ptr decoder = (j_decompress_ptr)jpeg;
    if (decoder->input_scan_number > scan_limit) fail_with(jpeg->client_data, "it comes in more than 100 passes");
}

static void begin(cjpeg_reader *reader, const uint8_t *bytes, size_t count) {
    j_decompress_ptr jpeg = &reader->jpeg;
    if (setjmp(reader->leave)) return;
    jpeg_create_decompress(jpeg);
    jpeg->client_data = reader;
    jpeg->progress = &reader->progress;
    reader->progress.progress_monitor = count_scans;
    jpeg_mem_src(jpeg, bytes, count);
    jpeg_read_header(jpeg, TRUE);
    switch (jpeg->jpeg_color_space) {
    case JCS_GRAYSCALE: jpeg->out_color_space = JCS_GRAYSCALE; break;
    case JCS_RGB:
    case JCS_YCbCr: jpeg->out_color_space = JCS_RGB; break;
    case JCS_CMYK:
    case JCS_YCCK: jpeg->out_color_space = JCS_CMYK; break;
    default: fail_with(reader, "its colours are neither grey nor RGB, YCbCr, CMYK or YCCK");
    }
    reader->header.width = jpeg->image_width;
    reader->header.height = jpeg->image_height;
    reader->header.channels =
        jpeg->out_color_space == JCS_GRAYSCALE ? 1 : jpeg->out_color_space == JCS_RGB ? 3 : 4;
    reader->header.is_inverted = jpeg->saw_Adobe_marker;
    reader->header.is_arithmetic = jpeg->arith_code;
}

cjpeg_reader *cjpeg_open(const uint8_t *bytes, size_t count) {
    cjpeg_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) return NULL;
    reader->jpeg.err = jpeg_std_error(&reader->errors);
    reader->jpeg.client_data = reader; /* jpeg_create_decompress keeps these two, and may itself fail */
    reader->errors.error_exit = fail;
    reader->errors.emit_message = warn;
    reader->errors.output_message = say_nothing;
    begin(reader, bytes, count);
    return reader;
}

int cjpeg_read_pixels(cjpeg_reader *reader, uint8_t *pixels, size_t count, size_t memory_limit) {
    j_decompress_ptr jpeg = &reader->jpeg;
    if (setjmp(reader->leave)) return 1;
    size_t stride = (size_t)reader->header.width * reader->header.channels;
    if (stride == 0 || count / stride < reader->header.height) fail_with(reader, "the pixel buffer is too small");
    jpeg->mem->max_memory_to_use = (long)memory_limit;
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = pixels + jpeg->output_scanline * stride;
        jpeg_read_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_decompress(jpeg);
    return 0;
}

const char *cjpeg_message(const cjpeg_reader *reader) { return reader->failed ? reader->message : NULL; }

cjpeg_header cjpeg_reader_header(const cjpeg_reader *reader) { return reader->header; }

void cjpeg_close(cjpeg_reader *reader) {
    if (reader == NULL) return;
    jpeg_destroy_decompress(&reader->jpeg);
    free(reader);
}
