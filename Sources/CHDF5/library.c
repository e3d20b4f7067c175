#include "library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

// Debian and Ubuntu name the library without parallel I/O `serial`; the numbers are those of 1.10, 1.12 and 1.14.
static const char *const usual_names[] = {
#ifdef __APPLE__
    "libhdf5.dylib", "/opt/homebrew/lib/libhdf5.dylib", "/usr/local/lib/libhdf5.dylib", "/opt/local/lib/libhdf5.dylib",
#else
    "libhdf5_serial.so.103", "libhdf5_serial.so.310", "libhdf5_serial.so.320", "libhdf5.so.103", "libhdf5.so.200",
    "libhdf5.so.310", "libhdf5.so.320", "libhdf5_serial.so", "libhdf5.so",
#endif
};

static int fill(hdf5_library *library, void *handle, char *message, size_t capacity) {
    const char *missing = NULL;
    memset(library, 0, sizeof *library);
#define TAKE(field, name) \
    do { \
        *(void **)&library->field = dlsym(handle, name); \
        if (!library->field && !missing) missing = name; \
    } while (0)
#define FUNCTION(name) TAKE(name, #name)
    FUNCTION(H5open); FUNCTION(H5get_libversion); FUNCTION(H5Eset_auto2); FUNCTION(H5Fopen); FUNCTION(H5Pcreate);
    FUNCTION(H5Pset_cache); FUNCTION(H5Pset_vlen_mem_manager); FUNCTION(H5Pget_layout);
    FUNCTION(H5Pget_external_count); FUNCTION(H5Pget_chunk); FUNCTION(H5Pget_nfilters); FUNCTION(H5Pget_filter2);
    FUNCTION(H5Pclose); FUNCTION(H5Zfilter_avail); FUNCTION(H5Zregister); FUNCTION(H5Lexists); FUNCTION(H5Oopen);
    FUNCTION(H5Oclose);
    FUNCTION(H5Iget_type); FUNCTION(H5Iinc_ref); FUNCTION(H5Dget_space); FUNCTION(H5Dget_type);
    FUNCTION(H5Dget_create_plist); FUNCTION(H5Dget_storage_size); FUNCTION(H5Dread);
    FUNCTION(H5Sget_simple_extent_type); FUNCTION(H5Sget_simple_extent_dims); FUNCTION(H5Sget_simple_extent_ndims);
    FUNCTION(H5Screate_simple); FUNCTION(H5Sselect_hyperslab); FUNCTION(H5Sclose); FUNCTION(H5Tget_class);
    FUNCTION(H5Tget_size); FUNCTION(H5Tget_strpad); FUNCTION(H5Tis_variable_str); FUNCTION(H5Tget_nmembers);
    FUNCTION(H5Tget_member_index); FUNCTION(H5Tget_member_name); FUNCTION(H5Tget_member_type); FUNCTION(H5Tcreate);
    FUNCTION(H5Tinsert); FUNCTION(H5Tclose); FUNCTION(H5allocate_memory); FUNCTION(H5free_memory); FUNCTION(H5Aexists);
    FUNCTION(H5Aopen);
    FUNCTION(H5Aget_space); FUNCTION(H5Aget_type); FUNCTION(H5Aread); FUNCTION(H5Aclose);
    TAKE(native_double, "H5T_NATIVE_DOUBLE_g");
    TAKE(native_int64, "H5T_NATIVE_INT64_g");
    TAKE(file_access, "H5P_CLS_FILE_ACCESS_ID_g");
    TAKE(transfer, "H5P_CLS_DATASET_XFER_ID_g");
    // A name, then the names that it has in later versions.
#define RENAMED(field, later, first) \
    do { \
        *(void **)&library->field = dlsym(handle, later); \
        if (!library->field) TAKE(field, first); \
    } while (0)
    RENAMED(get_link_info, "H5Lget_info2", "H5Lget_info");
    RENAMED(visit_links, "H5Literate2", "H5Literate");
    *(void **)&library->H5Pset_file_locking = dlsym(handle, "H5Pset_file_locking");
    if (!missing) return 0;
    snprintf(message, capacity, "it has no %s", missing);
    return 1;
}

int hdf5_load(const char *name, hdf5_library *library, char *message, size_t capacity) {
    size_t count = name ? 1 : sizeof usual_names / sizeof *usual_names;
    for (size_t i = 0; i < count; i++) {
        // Never closed: the library keeps threads' keys and handlers of its own.
        void *handle = dlopen(name ? name : usual_names[i], RTLD_NOW | RTLD_LOCAL);
        if (handle) return fill(library, handle, message, capacity);
    }
    snprintf(message, capacity, name ? "it cannot be opened" : "it is not on this machine");
    return 1;
}
