#include "reader.h"

#include <string.h>

/// Expands LZF: a byte below 32 is followed by so many bytes and one more as they are; any other has a length in its
/// upper three bits (7: and the next byte more) and, with the byte behind, how far back the same bytes lie.
///
/// The number of bytes, or 0 where the data are damaged or do not fit.
static size_t expand(const uint8_t *in, size_t count, uint8_t *out, size_t room) {
    size_t at = 0, made = 0;
    while (at < count) {
        unsigned control = in[at++];
        if (control < 32) {
            size_t length = control + 1;
            if (length > count - at || length > room - made) return 0;
            memcpy(out + made, in + at, length);
            at += length;
            made += length;
        } else {
            size_t length = control >> 5;
            if (length == 7) {
                if (at == count) return 0;
                length += in[at++];
            }
            length += 2;
            if (at == count) return 0;
            size_t back = ((size_t)(control & 31) << 8 | in[at++]) + 1;
            if (back > made || length > room - made) return 0;
            // Byte by byte: what is copied may be what was just written.
            for (size_t i = 0; i < length; i++, made++) out[made] = out[made - back];
        }
    }
    return made;
}

static const hdf5_library *library_in_use;

/// HDF5's interface of a filter: gives the new number of bytes, 0 for a failure.
static size_t run(unsigned flags, size_t count, const unsigned *values, size_t bytes, size_t *size, void **buffer) {
    enum { REVERSE = 0x100 };
    // The third value is the size of a whole block. Without it the room is doubled until it does.
    size_t room = count >= 3 && values[2] ? values[2] : *size;
    if (!(flags & REVERSE) || !bytes) return 0;
    for (; room <= (size_t)1 << 30; room = 2 * room + 64) {
        uint8_t *out = library_in_use->H5allocate_memory(room, 0);
        if (!out) return 0;
        size_t made = expand(*buffer, bytes, out, room);
        if (made) {
            library_in_use->H5free_memory(*buffer);
            *buffer = out;
            *size = room;
            return made;
        }
        library_in_use->H5free_memory(out);
        if (count >= 3 && values[2]) return 0;
    }
    return 0;
}

void hdf5_add_lzf(const hdf5_library *library) {
    /// HDF5's description of a filter, `H5Z_class2_t`.
    static const struct {
        int version, id;
        unsigned has_encoder, has_decoder;
        const char *name;
        void *can_apply, *set_local;
        size_t (*run)(unsigned, size_t, const unsigned *, size_t, size_t *, void **);
    } filter = {1, H5Z_FILTER_LZF, 0, 1, "lzf", NULL, NULL, run};
    library_in_use = library;
    if (library->H5Zfilter_avail(H5Z_FILTER_LZF) <= 0) library->H5Zregister(&filter);
}
