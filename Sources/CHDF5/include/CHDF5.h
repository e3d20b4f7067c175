// Reads HDF5 files by HDF5's C library, which is opened when the first file is.
//
// The library is large and trusts its files more than we do, so it works in a process of its own, one for each open
// file: a file that makes it fall, hang or ask for memory without end costs that process and comes back as an error.
// Names of objects are paths inside the file, such as "obs/cell_type". Only plain (hard) links are followed; external
// storage and virtual data sets, which would read other files, are refused.
#ifndef CHDF5_H
#define CHDF5_H

#include <stddef.h>
#include <stdint.h>

/// A file that is open in a process of its own.
typedef struct genera_hdf5 genera_hdf5;

/// How an answer ended.
enum {
    GENERA_HDF5_FINE = 0,
    /// The library is not there or too old.
    GENERA_HDF5_UNAVAILABLE = 1,
    /// The file or the object asked for is not as it should be.
    GENERA_HDF5_BAD_FILE = 2,
    /// The library's process ended, by a signal or by itself.
    GENERA_HDF5_FELL = 3,
    /// The system refused a process, a pipe or memory.
    GENERA_HDF5_SYSTEM = 4,
};

/// What is asked. All numbers of an answer are of this machine.
enum {
    /// int32: 0 nothing there, 1 a group, 2 a data set, 3 something else.
    GENERA_HDF5_KIND = 1,
    /// The names in a group, each with a zero behind it, in the order of their bytes.
    GENERA_HDF5_NAMES = 2,
    /// A `genera_hdf5_layout`, and for records the fields: class (one digit), name and a zero behind it.
    GENERA_HDF5_LAYOUT = 3,
    /// Rows of a data set as double. Whole numbers beyond 2^53 are rounded.
    GENERA_HDF5_DOUBLES = 4,
    /// Rows of a data set as int64.
    GENERA_HDF5_INTEGERS = 5,
    /// Rows of a data set of texts: for each its length in bytes as uint32, then its bytes.
    GENERA_HDF5_TEXTS = 6,
    /// An attribute: nothing where it is missing; else one byte, `t` and texts as above, or `n` and doubles.
    GENERA_HDF5_ATTRIBUTE = 7,
};

/// Classes of elements.
enum {
    GENERA_HDF5_OTHER = 0,
    GENERA_HDF5_INTEGER = 1,
    GENERA_HDF5_FLOAT = 2,
    GENERA_HDF5_TEXT = 3,
    GENERA_HDF5_RECORD = 4,
    /// An enumeration of whole numbers; truth values are written so.
    GENERA_HDF5_NAMED = 5,
};

/// What a data set holds.
typedef struct {
    /// One of the classes above.
    int32_t kind;
    /// Number of axes, at most 32; 0 for a single element.
    int32_t rank;
    /// Sizes of the axes, slowest first.
    uint64_t shape[32];
} genera_hdf5_layout;

/// A question about one object.
typedef struct {
    /// One of the questions above.
    uint32_t question;
    /// The object's path in the file.
    const char *path;
    /// A field of a record, or the attribute's name; may be NULL.
    const char *name;
    /// First row and number of rows, for the questions that read a data set.
    uint64_t first, count;
} genera_hdf5_request;

/// Opens `path` with the library called `library`, or the first of the usual names where that is NULL.
///
/// `message` gets one sentence when the result is not FINE.
int genera_hdf5_open(
    const char *path, const char *library, genera_hdf5 **file, char *message, size_t capacity);

/// Answers a question. `answer` is to be freed by `free`; it is not larger than `largest` bytes.
///
/// Questions about one file from several threads are answered one after the other.
int genera_hdf5_ask(
    genera_hdf5 *file, const genera_hdf5_request *request, size_t largest, uint8_t **answer, size_t *size,
    char *message, size_t capacity);

/// Closes the file and ends its process. NULL is fine.
void genera_hdf5_close(genera_hdf5 *file);

#endif
