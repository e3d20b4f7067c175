// Opens an engine library and hands out its table of functions.
#ifndef GENERA_LOADER_H
#define GENERA_LOADER_H

#include "genera_engine.h"

/// Why a load failed.
enum { GE_LOADED = 0, GE_CANNOT_OPEN = 1, GE_NOT_AN_ENGINE = 2, GE_WRONG_ABI = 3, GE_INCOMPLETE = 4 };

/// Loads the library at `path`. On failure the result is null, `code` says why and `message` (capacity bytes) holds the
/// system's words or the numbers that disagree. Sets OMP_WAIT_POLICY=PASSIVE before the library is opened unless the
/// environment already has a value: the OpenMP library reads it once, when it is loaded.
const ge_api *genera_engine_load(const char *path, int *code, char *message, size_t capacity);

/// The file that this code was loaded from: the executable, or the shared library that holds the core.
int genera_image_path(char *out, size_t capacity);

#endif
