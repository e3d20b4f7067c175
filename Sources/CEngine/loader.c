#define _GNU_SOURCE
#include "genera_loader.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const ge_api *fail(int *code, int value, char *message, size_t capacity, const char *text) {
    *code = value;
    snprintf(message, capacity, "%s", text);
    return NULL;
}

const ge_api *genera_engine_load(const char *path, int *code, char *message, size_t capacity) {
    setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) return fail(code, GE_CANNOT_OPEN, message, capacity, dlerror());
    ge_entry entry = (ge_entry)dlsym(library, "genera_engine_entry");
    if (!entry) return fail(code, GE_NOT_AN_ENGINE, message, capacity, "it has no genera_engine_entry");

    char text[160];
    const ge_api *api = entry(GE_ABI);
    if (!api || api->abi != GE_ABI) {
        const ge_api *other = api ? api : entry(0);
        snprintf(text, sizeof text, "it speaks interface %u, this program speaks %u", other ? other->abi : 0u, (unsigned)GE_ABI);
        return fail(code, GE_WRONG_ABI, message, capacity, text);
    }
    if (api->size < sizeof(ge_api)) {
        snprintf(text, sizeof text, "its table has %u bytes, %zu are needed", api->size, sizeof(ge_api));
        return fail(code, GE_INCOMPLETE, message, capacity, text);
    }
    void *const *functions = (void *const *)((const char *)api + offsetof(ge_api, torch_version));
    size_t count = (sizeof(ge_api) - offsetof(ge_api, torch_version)) / sizeof(void *);
    for (size_t i = 0; i < count; i++) {
        if (functions[i]) continue;
        snprintf(text, sizeof text, "function %zu of its table is missing", i);
        return fail(code, GE_INCOMPLETE, message, capacity, text);
    }
    *code = GE_LOADED;
    return api;
}

int genera_image_path(char *out, size_t capacity) {
    Dl_info info;
    char resolved[PATH_MAX];
    if (!dladdr((void *)genera_image_path, &info) || !info.dli_fname) return 1;
    const char *path = realpath(info.dli_fname, resolved) ? resolved : info.dli_fname;
    snprintf(out, capacity, "%s", path);
    return 0;
}
