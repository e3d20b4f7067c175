#define _GNU_SOURCE
#include "reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int hdf5_fail(hdf5_reader *reader, const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(reader->message, sizeof reader->message, format, list);
    va_end(list);
    return GENERA_HDF5_BAD_FILE;
}

int hdf5_append(hdf5_reader *reader, hdf5_answer *answer, const void *bytes, size_t count) {
    if (count > HDF5_LARGEST_ANSWER - answer->count)
        return hdf5_fail(reader, "more than %d MB in one answer", HDF5_LARGEST_ANSWER >> 20);
    if (answer->count + count > answer->capacity) {
        size_t capacity = 2 * answer->capacity > answer->count + count ? 2 * answer->capacity : answer->count + count;
        uint8_t *grown = realloc(answer->bytes, capacity);
        if (!grown) {
            hdf5_fail(reader, "no memory for %zu bytes", capacity);
            return GENERA_HDF5_SYSTEM;
        }
        answer->bytes = grown;
        answer->capacity = capacity;
    }
    if (count) memcpy(answer->bytes + answer->count, bytes, count);
    answer->count += count;
    return GENERA_HDF5_FINE;
}

int hdf5_reader_open(hdf5_reader *reader, const char *path) {
    const hdf5_library *h5 = &reader->library;
    unsigned major = 0, minor = 0, release = 0;
    if (h5->H5open() < 0 || h5->H5get_libversion(&major, &minor, &release) < 0) {
        hdf5_fail(reader, "it does not start");
        return GENERA_HDF5_UNAVAILABLE;
    }
    if (major < 1 || (major == 1 && minor < 10)) {
        // Identifiers had 32 bits before 1.10.
        hdf5_fail(reader, "it is version %u.%u.%u, 1.10 or newer is needed", major, minor, release);
        return GENERA_HDF5_UNAVAILABLE;
    }
    h5->H5Eset_auto2(0, NULL, NULL);
    hdf5_add_lzf(h5);
    hid_t access = h5->H5Pcreate(*h5->file_access);
    // Blocks of up to 64 MB are expanded once, not once for each piece of rows.
    h5->H5Pset_cache(access, 0, 12421, 64 << 20, 0.75);
    // Folders without locks, such as many network drives, are fine.
    if (h5->H5Pset_file_locking) h5->H5Pset_file_locking(access, 1, 1);
    reader->file = h5->H5Fopen(path, 0, access);
    h5->H5Pclose(access);
    if (reader->file < 0) return hdf5_fail(reader, "HDF5 cannot open it: it is damaged, cut short or of another kind");
    return GENERA_HDF5_FINE;
}

/// The link called `name` in `group`: FINE where it is a hard one or missing.
static int check_link(hdf5_reader *reader, hid_t group, const char *name, int *is_there) {
    const hdf5_library *h5 = &reader->library;
    *is_there = h5->H5Lexists(group, name, 0) > 0;
    if (!*is_there) return GENERA_HDF5_FINE;
    // Both versions of the structure begin with the kind; neither has more than 48 bytes.
    union { int kind; uint64_t room[16]; } info = {.room = {0}};
    if (h5->get_link_info(group, name, &info, 0) < 0) return hdf5_fail(reader, "the link '%.100s' is damaged", name);
    switch (info.kind) {
        case H5L_TYPE_HARD: return GENERA_HDF5_FINE;
        case H5L_TYPE_SOFT: return hdf5_fail(reader, "'%.100s' is a soft link, which is not followed", name);
        case H5L_TYPE_EXTERNAL:
            return hdf5_fail(reader, "'%.100s' is a link to another file, which is not followed", name);
        default: return hdf5_fail(reader, "'%.100s' is a link of a kind that is not followed", name);
    }
}

int hdf5_object(hdf5_reader *reader, const char *path, hid_t *object, int *is_there) {
    const hdf5_library *h5 = &reader->library;
    char *copy = strdup(path), *rest = NULL;
    if (!copy) return GENERA_HDF5_SYSTEM;
    hid_t here = h5->H5Oopen(reader->file, "/", 0);
    int status = here < 0 ? hdf5_fail(reader, "its first group is damaged") : GENERA_HDF5_FINE;
    *is_there = 1;
    for (char *part = strtok_r(copy, "/", &rest); !status && *is_there && part; part = strtok_r(NULL, "/", &rest)) {
        if (h5->H5Iget_type(here) != H5I_GROUP || !strcmp(part, ".")) { *is_there = 0; break; }
        status = check_link(reader, here, part, is_there);
        if (status || !*is_there) break;
        hid_t next = h5->H5Oopen(here, part, 0);
        if (next < 0) { status = hdf5_fail(reader, "'%.100s' is damaged", part); break; }
        h5->H5Oclose(here);
        here = next;
    }
    free(copy);
    if ((status || !*is_there) && here >= 0) h5->H5Oclose(here);
    *object = status || !*is_there ? -1 : here;
    return status;
}

int hdf5_dataset(hdf5_reader *reader, const char *path, hid_t *dataset) {
    const hdf5_library *h5 = &reader->library;
    for (unsigned i = 0; i < 4; i++) {
        if (reader->kept[i].path && !strcmp(reader->kept[i].path, path)) {
            *dataset = reader->kept[i].id;
            return GENERA_HDF5_FINE;
        }
    }
    hid_t object;
    int is_there, status = hdf5_object(reader, path, &object, &is_there);
    if (status) return status;
    if (!is_there) return hdf5_fail(reader, "it is not in the file");
    if (h5->H5Iget_type(object) != H5I_DATASET) {
        h5->H5Oclose(object);
        return hdf5_fail(reader, "it is not a data set");
    }
    status = hdf5_check_storage(reader, object);
    char *copy = status ? NULL : strdup(path);
    if (!copy) {
        h5->H5Oclose(object);
        return status ? status : GENERA_HDF5_SYSTEM;
    }
    unsigned place = reader->next++ % 4;
    if (reader->kept[place].path) {
        free(reader->kept[place].path);
        h5->H5Oclose(reader->kept[place].id);
    }
    reader->kept[place].path = copy;
    reader->kept[place].id = *dataset = object;
    return GENERA_HDF5_FINE;
}

int32_t hdf5_kind_of(const hdf5_library *library, hid_t type) {
    switch (library->H5Tget_class(type)) {
        case H5T_INTEGER: return GENERA_HDF5_INTEGER;
        case H5T_FLOAT: return GENERA_HDF5_FLOAT;
        case H5T_STRING: return GENERA_HDF5_TEXT;
        case H5T_COMPOUND: return GENERA_HDF5_RECORD;
        case H5T_ENUM: return GENERA_HDF5_NAMED;
        default: return GENERA_HDF5_OTHER;
    }
}

/// The shape and class of a data set; `type` is to be closed.
int hdf5_layout(hdf5_reader *reader, hid_t dataset, genera_hdf5_layout *layout, hid_t *type) {
    const hdf5_library *h5 = &reader->library;
    hsize_t sizes[32] = {0};
    hid_t space = h5->H5Dget_space(dataset);
    memset(layout, 0, sizeof *layout);
    int rank = space < 0 ? -1 : h5->H5Sget_simple_extent_ndims(space);
    int shape = space < 0 ? -1 : h5->H5Sget_simple_extent_type(space);
    if (rank >= 0 && rank <= 32 && shape == H5S_SIMPLE) h5->H5Sget_simple_extent_dims(space, sizes, NULL);
    if (space >= 0) h5->H5Sclose(space);
    if (shape == H5S_NULL) {  // no elements at all
        rank = 1;
    } else if (rank < 0 || rank > 32 || (shape != H5S_SCALAR && shape != H5S_SIMPLE)) {
        return hdf5_fail(reader, "its shape is damaged");
    }
    *type = h5->H5Dget_type(dataset);
    if (*type < 0) return hdf5_fail(reader, "the type of its elements is damaged");
    layout->kind = hdf5_kind_of(h5, *type);
    layout->rank = rank;
    for (int i = 0; i < rank; i++) layout->shape[i] = sizes[i];
    return GENERA_HDF5_FINE;
}

static int answer_layout(hdf5_reader *reader, const char *path, hdf5_answer *answer) {
    const hdf5_library *h5 = &reader->library;
    genera_hdf5_layout layout;
    hid_t dataset, type;
    int status = hdf5_dataset(reader, path, &dataset);
    if (status || (status = hdf5_layout(reader, dataset, &layout, &type))) return status;
    status = hdf5_append(reader, answer, &layout, sizeof layout);
    int count = layout.kind == GENERA_HDF5_RECORD ? h5->H5Tget_nmembers(type) : 0;
    for (int i = 0; !status && i < count; i++) {
        hid_t member = h5->H5Tget_member_type(type, (unsigned)i);
        char *name = h5->H5Tget_member_name(type, (unsigned)i);
        if (member < 0 || !name) {
            status = hdf5_fail(reader, "its field %d is damaged", i);
        } else {
            uint8_t kind = (uint8_t)('0' + hdf5_kind_of(h5, member));
            status = hdf5_append(reader, answer, &kind, 1);
            if (!status) status = hdf5_append(reader, answer, name, strlen(name) + 1);
        }
        if (member >= 0) h5->H5Tclose(member);
        if (name) h5->H5free_memory(name);
    }
    h5->H5Tclose(type);
    return status;
}

typedef struct {
    hdf5_reader *reader;
    hdf5_answer *answer;
    int status;
} visit;

static int add_name(hid_t group, const char *name, const void *info, void *context) {
    (void)group, (void)info;
    visit *here = context;
    here->status = hdf5_append(here->reader, here->answer, name, strlen(name) + 1);
    return here->status ? 1 : 0;
}

static int answer_names(hdf5_reader *reader, const char *path, hdf5_answer *answer) {
    const hdf5_library *h5 = &reader->library;
    hid_t object;
    int is_there, status = hdf5_object(reader, path, &object, &is_there);
    if (status) return status;
    if (!is_there) return hdf5_fail(reader, "it is not in the file");
    visit here = {reader, answer, GENERA_HDF5_FINE};
    if (h5->H5Iget_type(object) != H5I_GROUP) {
        here.status = hdf5_fail(reader, "it is not a group");
    } else if (h5->visit_links(object, 0, 0, NULL, add_name, &here) < 0) {
        here.status = hdf5_fail(reader, "the group is damaged");
    }
    h5->H5Oclose(object);
    return here.status;
}

static int answer_kind(hdf5_reader *reader, const char *path, hdf5_answer *answer) {
    hid_t object;
    int is_there, status = hdf5_object(reader, path, &object, &is_there);
    if (status) return status;
    int type = is_there ? reader->library.H5Iget_type(object) : 0;
    int32_t kind = !is_there ? 0 : type == H5I_GROUP ? 1 : type == H5I_DATASET ? 2 : 3;
    if (is_there) reader->library.H5Oclose(object);
    return hdf5_append(reader, answer, &kind, sizeof kind);
}

int hdf5_reader_answer(hdf5_reader *reader, const genera_hdf5_request *request, hdf5_answer *answer) {
    switch (request->question) {
        case GENERA_HDF5_KIND: return answer_kind(reader, request->path, answer);
        case GENERA_HDF5_NAMES: return answer_names(reader, request->path, answer);
        case GENERA_HDF5_LAYOUT: return answer_layout(reader, request->path, answer);
        case GENERA_HDF5_ATTRIBUTE: return hdf5_read_attribute(reader, request, answer);
        default: return hdf5_read_rows(reader, request, answer);
    }
}
