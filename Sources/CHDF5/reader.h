// What the process that reads a file does.
#ifndef GENERA_HDF5_READER_H
#define GENERA_HDF5_READER_H

#include "include/CHDF5.h"
#include "library.h"

/// Bytes of one answer at most.
enum { HDF5_LARGEST_ANSWER = 1 << 28 };

/// Bytes that grow, up to HDF5_LARGEST_ANSWER.
typedef struct {
    uint8_t *bytes;
    size_t count, capacity;
} hdf5_answer;

/// A file in the process that reads it.
typedef struct {
    hdf5_library library;
    hid_t file;
    /// The data sets that were read last stay open, for they keep the blocks that they have expanded.
    struct { char *path; hid_t id; } kept[4];
    unsigned next;
    char message[512];
} hdf5_reader;

/// Starts the library and opens a file. Like all of these: FINE, or another status with a sentence in `message`.
int hdf5_reader_open(hdf5_reader *reader, const char *path);

/// Answers a question.
int hdf5_reader_answer(hdf5_reader *reader, const genera_hdf5_request *request, hdf5_answer *answer);

/// Teaches the library LZF, the quick compression of h5py, where it does not know it.
void hdf5_add_lzf(const hdf5_library *library);

/// Appends bytes; FINE, or SYSTEM where there is no room.
int hdf5_append(hdf5_reader *reader, hdf5_answer *answer, const void *bytes, size_t count);

// Between the parts of the reader.

int hdf5_fail(hdf5_reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));
int hdf5_object(hdf5_reader *reader, const char *path, hid_t *object, int *is_there);
int hdf5_dataset(hdf5_reader *reader, const char *path, hid_t *dataset);
int hdf5_layout(hdf5_reader *reader, hid_t dataset, genera_hdf5_layout *layout, hid_t *type);
int32_t hdf5_kind_of(const hdf5_library *library, hid_t type);
int hdf5_check_storage(hdf5_reader *reader, hid_t dataset);
int hdf5_read_rows(hdf5_reader *reader, const genera_hdf5_request *request, hdf5_answer *answer);
int hdf5_read_attribute(hdf5_reader *reader, const genera_hdf5_request *request, hdf5_answer *answer);

#endif
