// The functions of HDF5's library that are used, as versions 1.10 to 1.14 and 2 have them.
#ifndef GENERA_HDF5_LIBRARY_H
#define GENERA_HDF5_LIBRARY_H

#include <stddef.h>
#include <stdint.h>

typedef int64_t hid_t;
typedef unsigned long long hsize_t;

enum {
    H5I_GROUP = 2, H5I_DATASET = 5,
    H5T_INTEGER = 0, H5T_FLOAT = 1, H5T_STRING = 3, H5T_COMPOUND = 6, H5T_ENUM = 8,
    H5T_STR_SPACEPAD = 2,
    H5D_CHUNKED = 2, H5D_VIRTUAL = 3,
    H5L_TYPE_HARD = 0, H5L_TYPE_SOFT = 1, H5L_TYPE_EXTERNAL = 64,
    H5S_SCALAR = 0, H5S_SIMPLE = 1, H5S_NULL = 2,
    H5Z_FILTER_DEFLATE = 1, H5Z_FILTER_SHUFFLE = 2, H5Z_FILTER_FLETCHER32 = 3, H5Z_FILTER_SZIP = 4,
    H5Z_FILTER_LZF = 32000, H5Z_FILTER_BLOSC = 32001, H5Z_FILTER_ZSTD = 32015,
};

typedef int (*link_visitor)(hid_t group, const char *name, const void *info, void *context);

typedef struct {
    int (*H5open)(void);
    int (*H5get_libversion)(unsigned *, unsigned *, unsigned *);
    int (*H5Eset_auto2)(hid_t, void *, void *);
    hid_t (*H5Fopen)(const char *, unsigned, hid_t);
    hid_t (*H5Pcreate)(hid_t);
    int (*H5Pset_cache)(hid_t, int, size_t, size_t, double);
    int (*H5Pset_vlen_mem_manager)(hid_t, void *(*)(size_t, void *), void *, void (*)(void *, void *), void *);
    int (*H5Pget_layout)(hid_t);
    int (*H5Pget_external_count)(hid_t);
    int (*H5Pget_chunk)(hid_t, int, hsize_t *);
    int (*H5Pget_nfilters)(hid_t);
    int (*H5Pget_filter2)(hid_t, unsigned, unsigned *, size_t *, unsigned *, size_t, char *, unsigned *);
    int (*H5Pclose)(hid_t);
    int (*H5Zfilter_avail)(int);
    int (*H5Zregister)(const void *);
    int (*H5Lexists)(hid_t, const char *, hid_t);
    hid_t (*H5Oopen)(hid_t, const char *, hid_t);
    int (*H5Oclose)(hid_t);
    int (*H5Iget_type)(hid_t);
    int (*H5Iinc_ref)(hid_t);
    hid_t (*H5Dget_space)(hid_t);
    hid_t (*H5Dget_type)(hid_t);
    hid_t (*H5Dget_create_plist)(hid_t);
    hsize_t (*H5Dget_storage_size)(hid_t);
    int (*H5Dread)(hid_t, hid_t, hid_t, hid_t, hid_t, void *);
    int (*H5Sget_simple_extent_type)(hid_t);
    int (*H5Sget_simple_extent_dims)(hid_t, hsize_t *, hsize_t *);
    int (*H5Sget_simple_extent_ndims)(hid_t);
    hid_t (*H5Screate_simple)(int, const hsize_t *, const hsize_t *);
    int (*H5Sselect_hyperslab)(hid_t, int, const hsize_t *, const hsize_t *, const hsize_t *, const hsize_t *);
    int (*H5Sclose)(hid_t);
    int (*H5Tget_class)(hid_t);
    size_t (*H5Tget_size)(hid_t);
    int (*H5Tget_strpad)(hid_t);
    int (*H5Tis_variable_str)(hid_t);
    int (*H5Tget_nmembers)(hid_t);
    int (*H5Tget_member_index)(hid_t, const char *);
    char *(*H5Tget_member_name)(hid_t, unsigned);
    hid_t (*H5Tget_member_type)(hid_t, unsigned);
    hid_t (*H5Tcreate)(int, size_t);
    int (*H5Tinsert)(hid_t, const char *, size_t, hid_t);
    int (*H5Tclose)(hid_t);
    void *(*H5allocate_memory)(size_t, unsigned);
    int (*H5free_memory)(void *);
    int (*H5Aexists)(hid_t, const char *);
    hid_t (*H5Aopen)(hid_t, const char *, hid_t);
    hid_t (*H5Aget_space)(hid_t);
    hid_t (*H5Aget_type)(hid_t);
    int (*H5Aread)(hid_t, hid_t, void *);
    int (*H5Aclose)(hid_t);

    // These changed their names with version 1.12.
    int (*get_link_info)(hid_t, const char *, void *, hid_t);
    int (*visit_links)(hid_t, int, int, hsize_t *, link_visitor, void *);

    // Absent before 1.10.7; NULL there.
    int (*H5Pset_file_locking)(hid_t, unsigned, unsigned);

    // Variables that the library fills when it starts.
    const hid_t *native_double, *native_int64, *file_access, *transfer;
} hdf5_library;

/// Opens the library called `name`, or the first of the usual names where that is NULL, and finds its functions.
///
/// None of them is called. Not 0 where it is missing or lacks one; `message` then says which.
int hdf5_load(const char *name, hdf5_library *library, char *message, size_t capacity);

#endif
