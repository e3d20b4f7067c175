#define _GNU_SOURCE
#include "reader.h"

#include <stdlib.h>
#include <string.h>

/// By how much a filter can make bytes more, about; 0 for one whose name is not known.
static uint64_t ratio_of(int filter) {
    switch (filter) {
        case H5Z_FILTER_DEFLATE: return 1032;
        case H5Z_FILTER_LZF: return 88;
        case H5Z_FILTER_SHUFFLE: case H5Z_FILTER_FLETCHER32: return 1;
        default: return 65536;
    }
}

static const char *name_of(int filter) {
    switch (filter) {
        case H5Z_FILTER_DEFLATE: return "gzip";
        case H5Z_FILTER_SZIP: return "szip";
        case H5Z_FILTER_LZF: return "lzf";
        case H5Z_FILTER_BLOSC: return "blosc";
        case H5Z_FILTER_ZSTD: return "zstd";
        default: return "a filter";
    }
}

/// The product of sizes and of `width`, or the largest number where it does not fit.
static uint64_t product(const hsize_t *sizes, int rank, uint64_t width) {
    uint64_t result = width;
    for (int i = 0; i < rank; i++)
        if (__builtin_mul_overflow(result, (uint64_t)sizes[i], &result)) return UINT64_MAX;
    return result;
}

static int check_filters(hdf5_reader *reader, hid_t plan, uint64_t *ratio) {
    const hdf5_library *h5 = &reader->library;
    int count = h5->H5Pget_nfilters(plan);
    for (int i = 0; i < count; i++) {
        unsigned flags, config;
        size_t values = 0;
        int filter = h5->H5Pget_filter2(plan, (unsigned)i, &flags, &values, NULL, 0, NULL, &config);
        if (filter < 0) return hdf5_fail(reader, "its list of filters is damaged");
        if (h5->H5Zfilter_avail(filter) <= 0) {
            return hdf5_fail(
                reader, "it is compressed by %s (filter %d), which this HDF5 library cannot expand; "
                "write it anew with gzip", name_of(filter), filter);
        }
        *ratio = *ratio > UINT64_MAX / ratio_of(filter) ? UINT64_MAX : *ratio * ratio_of(filter);
    }
    return GENERA_HDF5_FINE;
}

/// Refuses what reads other files, and shapes that announce more than the bytes of the file can hold.
///
/// The layout is looked at first: to ask a virtual data set for its shape would open the files it is made of.
int hdf5_check_storage(hdf5_reader *reader, hid_t dataset) {
    const hdf5_library *h5 = &reader->library;
    hid_t plan = h5->H5Dget_create_plist(dataset);
    if (plan < 0) return hdf5_fail(reader, "its layout is damaged");
    int layout = h5->H5Pget_layout(plan);
    hsize_t block[32] = {0};
    uint64_t ratio = 1;
    int status = GENERA_HDF5_FINE;
    if (layout < 0) status = hdf5_fail(reader, "its layout is damaged");
    if (layout == H5D_VIRTUAL) status = hdf5_fail(reader, "it is made of parts of other files, which is not read");
    if (!status && h5->H5Pget_external_count(plan) != 0)
        status = hdf5_fail(reader, "its data are in another file, which is not read");
    int rank = !status && layout == H5D_CHUNKED ? h5->H5Pget_chunk(plan, 32, block) : 0;
    if (!status && layout == H5D_CHUNKED && (rank < 1 || rank > 32))
        status = hdf5_fail(reader, "its blocks are damaged");
    if (!status) status = check_filters(reader, plan, &ratio);
    h5->H5Pclose(plan);
    if (status) return status;

    genera_hdf5_layout found;
    hid_t type;
    if ((status = hdf5_layout(reader, dataset, &found, &type))) return status;
    uint64_t width = h5->H5Tget_size(type);
    h5->H5Tclose(type);
    if (layout == H5D_CHUNKED && product(block, rank, width) > (uint64_t)1 << 30)
        return hdf5_fail(reader, "its blocks are larger than 1 GiB each");
    hsize_t sizes[32];
    for (int i = 0; i < found.rank; i++) sizes[i] = found.shape[i];
    uint64_t wanted = product(sizes, found.rank, width), there = h5->H5Dget_storage_size(dataset);
    uint64_t held = there > UINT64_MAX / ratio ? UINT64_MAX : there * ratio;
    // A small data set may be unwritten: then all is its fill value.
    if (wanted > 1 << 20 && wanted > held)
        return hdf5_fail(
            reader, "its shape needs %llu bytes, the file holds %llu of it", (unsigned long long)wanted,
            (unsigned long long)there);
    return GENERA_HDF5_FINE;
}

/// Memory for the texts of one answer, given back all at once.
typedef struct block {
    struct block *next;
    max_align_t bytes[];
} block;

typedef struct {
    block *blocks;
    size_t used;
} arena;

static void *take(size_t size, void *context) {
    arena *here = context;
    if (size > HDF5_LARGEST_ANSWER - here->used) return NULL;
    block *fresh = malloc(sizeof(block) + size);
    if (!fresh) return NULL;
    here->used += size;
    fresh->next = here->blocks;
    here->blocks = fresh;
    return fresh->bytes;
}

static void keep(void *memory, void *context) { (void)memory, (void)context; }

static void drop(arena *here) {
    while (here->blocks) {
        block *next = here->blocks->next;
        free(here->blocks);
        here->blocks = next;
    }
}

/// Appends texts that lie in memory as `type` says: pointers, or bytes of fixed length padded by zeros or spaces.
static int append_texts(hdf5_reader *reader, hid_t type, const uint8_t *bytes, size_t count, hdf5_answer *answer) {
    const hdf5_library *h5 = &reader->library;
    size_t width = h5->H5Tget_size(type);
    int is_variable = h5->H5Tis_variable_str(type) > 0, padding = is_variable ? 0 : h5->H5Tget_strpad(type);
    for (size_t i = 0; i < count; i++) {
        const char *text = (const char *)bytes + i * width;
        size_t length;
        if (is_variable) {
            memcpy(&text, bytes + i * sizeof text, sizeof text);
            length = text ? strlen(text) : 0;
        } else {
            length = strnlen(text, width);
            while (padding == H5T_STR_SPACEPAD && length > 0 && text[length - 1] == ' ') length--;
        }
        uint32_t written = (uint32_t)length;
        int status = length > INT32_MAX ? hdf5_fail(reader, "a text is too long")
            : hdf5_append(reader, answer, &written, sizeof written);
        if (!status) status = hdf5_append(reader, answer, text, length);
        if (status) return status;
    }
    return GENERA_HDF5_FINE;
}

/// The types of a reading: as the elements lie in the file, a record's field in it, what is asked of HDF5 in memory,
/// and what one element there is. -1 where there is none; only `whole`, `field` and `made` are to be closed.
typedef struct {
    hid_t whole, field, made, memory, element;
} types;

static void close_types(const hdf5_library *h5, const types *types) {
    if (types->made >= 0) h5->H5Tclose(types->made);
    if (types->field >= 0) h5->H5Tclose(types->field);
    if (types->whole >= 0) h5->H5Tclose(types->whole);
}

/// Chooses the types for a question; `whole` is given.
static int choose_types(hdf5_reader *reader, const char *field, uint32_t question, types *types) {
    const hdf5_library *h5 = &reader->library;
    if (h5->H5Tget_class(types->whole) == H5T_COMPOUND) {
        int index = field ? h5->H5Tget_member_index(types->whole, field) : -1;
        if (index < 0) return hdf5_fail(reader, "its elements are records, and a field of theirs must be named");
        types->field = h5->H5Tget_member_type(types->whole, (unsigned)index);
        if (types->field < 0) return hdf5_fail(reader, "the field '%.100s' is damaged", field);
    } else if (field) {
        return hdf5_fail(reader, "it has no field '%.100s'", field);
    }
    hid_t source = field ? types->field : types->whole;
    int32_t kind = hdf5_kind_of(h5, source);
    int is_number = kind == GENERA_HDF5_INTEGER || kind == GENERA_HDF5_FLOAT || kind == GENERA_HDF5_NAMED;
    if (question == GENERA_HDF5_TEXTS && kind != GENERA_HDF5_TEXT) return hdf5_fail(reader, "it does not hold texts");
    if (question != GENERA_HDF5_TEXTS && !is_number) return hdf5_fail(reader, "it does not hold numbers");
    types->element = question == GENERA_HDF5_DOUBLES ? *h5->native_double
        : question == GENERA_HDF5_INTEGERS ? *h5->native_int64
        : source;
    types->memory = types->element;
    if (!field) return GENERA_HDF5_FINE;
    size_t width = h5->H5Tget_size(types->element);
    types->memory = types->made = h5->H5Tcreate(H5T_COMPOUND, width ? width : 1);
    if (types->made < 0 || h5->H5Tinsert(types->made, field, 0, types->element) < 0)
        return hdf5_fail(reader, "the field '%.100s' cannot be read", field);
    return GENERA_HDF5_FINE;
}

/// Selects `count` rows from `first` on; the number of elements in them, or -1.
static int select_rows(
    hdf5_reader *reader, const genera_hdf5_layout *layout, hid_t dataset, uint64_t first, uint64_t count,
    size_t width, hid_t *file_space, hid_t *memory_space, size_t *elements
) {
    const hdf5_library *h5 = &reader->library;
    hsize_t start[32] = {0}, sizes[32];
    for (int i = 0; i < layout->rank; i++) sizes[i] = layout->shape[i];
    uint64_t rows = layout->rank ? layout->shape[0] : 1;
    if (first > rows || count > rows - first)
        return hdf5_fail(
            reader, "%llu rows from row %llu on were wanted, it has %llu", (unsigned long long)count,
            (unsigned long long)first, (unsigned long long)rows);
    start[0] = first;
    if (layout->rank) sizes[0] = count;
    uint64_t bytes = product(sizes, layout->rank, width);
    if (bytes > HDF5_LARGEST_ANSWER)
        return hdf5_fail(reader, "%llu bytes were wanted at once", (unsigned long long)bytes);
    *elements = layout->rank || count ? (size_t)product(sizes, layout->rank, 1) : 0;
    *file_space = *memory_space = 0;
    if (!layout->rank || !*elements) return GENERA_HDF5_FINE;
    hsize_t total = *elements;
    *file_space = h5->H5Dget_space(dataset);
    *memory_space = h5->H5Screate_simple(1, &total, NULL);
    if (*file_space < 0 || *memory_space < 0
        || h5->H5Sselect_hyperslab(*file_space, 0, start, NULL, sizes, NULL) < 0)
        return hdf5_fail(reader, "its rows cannot be selected");
    return GENERA_HDF5_FINE;
}

/// Reads `count` elements of the selected rows into fresh memory and appends them.
static int read_elements(
    hdf5_reader *reader, hid_t dataset, const types *types, hid_t file_space, hid_t memory_space, size_t count,
    uint32_t question, hdf5_answer *answer
) {
    const hdf5_library *h5 = &reader->library;
    arena texts = {NULL, 0};
    int status;
    size_t width = h5->H5Tget_size(types->element);
    hid_t transfer = h5->H5Pcreate(*h5->transfer);
    uint8_t *bytes = calloc(count, width);
    if (transfer < 0 || !bytes || h5->H5Pset_vlen_mem_manager(transfer, take, &texts, keep, &texts) < 0) {
        hdf5_fail(reader, "no memory for %zu elements", count);
        status = GENERA_HDF5_SYSTEM;
    } else if (h5->H5Dread(dataset, types->memory, memory_space, file_space, transfer, bytes) < 0) {
        status = hdf5_fail(reader, "its elements cannot be read: the file is damaged, cut short or too large");
    } else if (question == GENERA_HDF5_TEXTS) {
        status = append_texts(reader, types->element, bytes, count, answer);
    } else {
        status = hdf5_append(reader, answer, bytes, count * width);
    }
    free(bytes);
    drop(&texts);
    if (transfer >= 0) h5->H5Pclose(transfer);
    return status;
}

int hdf5_read_rows(hdf5_reader *reader, const genera_hdf5_request *request, hdf5_answer *answer) {
    const hdf5_library *h5 = &reader->library;
    genera_hdf5_layout layout;
    types types = {-1, -1, -1, -1, -1};
    hid_t dataset, file_space = 0, memory_space = 0;
    size_t count = 0;
    int status = hdf5_dataset(reader, request->path, &dataset);
    if (status || (status = hdf5_layout(reader, dataset, &layout, &types.whole))) return status;
    status = choose_types(reader, request->name, request->question, &types);
    if (!status) {
        size_t width = h5->H5Tget_size(types.element);
        status = select_rows(
            reader, &layout, dataset, request->first, request->count, width, &file_space, &memory_space, &count);
    }
    if (!status && count)
        status = read_elements(reader, dataset, &types, file_space, memory_space, count, request->question, answer);
    if (file_space > 0) h5->H5Sclose(file_space);
    if (memory_space > 0) h5->H5Sclose(memory_space);
    close_types(h5, &types);
    return status;
}

int hdf5_read_attribute(hdf5_reader *reader, const genera_hdf5_request *request, hdf5_answer *answer) {
    const hdf5_library *h5 = &reader->library;
    hid_t object;
    int is_there, status = hdf5_object(reader, request->path, &object, &is_there);
    if (status) return status;
    if (!is_there) return hdf5_fail(reader, "it is not in the file");
    hid_t attribute = h5->H5Aexists(object, request->name) > 0 ? h5->H5Aopen(object, request->name, 0) : -1;
    if (attribute < 0) {
        h5->H5Oclose(object);
        return GENERA_HDF5_FINE;
    }
    hid_t type = h5->H5Aget_type(attribute), space = h5->H5Aget_space(attribute);
    hsize_t sizes[32] = {0};
    int rank = space < 0 ? -1 : h5->H5Sget_simple_extent_ndims(space);
    int shape = space < 0 ? -1 : h5->H5Sget_simple_extent_type(space);
    if (rank >= 0 && rank <= 32 && shape == H5S_SIMPLE) h5->H5Sget_simple_extent_dims(space, sizes, NULL);
    int32_t kind = type < 0 ? GENERA_HDF5_OTHER : hdf5_kind_of(h5, type);
    int is_text = kind == GENERA_HDF5_TEXT;
    size_t width = type < 0 ? 0 : is_text ? h5->H5Tget_size(type) : sizeof(double);
    int is_empty = rank < 0 || rank > 32 || shape == H5S_NULL;
    uint64_t size = is_empty ? 0 : product(sizes, shape == H5S_SCALAR ? 0 : rank, width);
    if (type < 0 || space < 0) {
        status = hdf5_fail(reader, "its attribute '%.100s' is damaged", request->name);
    } else if (size > 16 << 20) {
        status = hdf5_fail(reader, "its attribute '%.100s' is too large", request->name);
    } else if (kind == GENERA_HDF5_OTHER || kind == GENERA_HDF5_RECORD) {
        status = hdf5_fail(reader, "its attribute '%.100s' holds neither texts nor numbers", request->name);
    } else {
        uint8_t tag = is_text ? 't' : 'n', *bytes = calloc(1, size ? size : 1);
        status = hdf5_append(reader, answer, &tag, 1);
        if (!bytes) status = GENERA_HDF5_SYSTEM;
        if (!status && size && h5->H5Aread(attribute, is_text ? type : *h5->native_double, bytes) < 0)
            status = hdf5_fail(reader, "its attribute '%.100s' cannot be read", request->name);
        // What the library allocates for texts of any length stays until the process ends: it is as much as was read.
        if (!status && size) {
            status = is_text ? append_texts(reader, type, bytes, size / width, answer)
                : hdf5_append(reader, answer, bytes, size);
        }
        free(bytes);
    }
    if (space >= 0) h5->H5Sclose(space);
    if (type >= 0) h5->H5Tclose(type);
    h5->H5Aclose(attribute);
    h5->H5Oclose(object);
    return status;
}
