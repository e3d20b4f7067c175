#define _GNU_SOURCE
#include "genera_plugin.h"

#include <dlfcn.h>
#include <string.h>

/// These words in a file say that it carries the core. A plugin must not.
static const char core_mark[] = "@(#)genera-core " GENERA_VERSION;

const void *genera_core_identity(void) { return core_mark; }

int64_t genera_find(const void *bytes, uint64_t count, const void *pattern, uint64_t length) {
    const char *found = memmem(bytes, count, pattern, length);
    return found ? found - (const char *)bytes : -1;
}

int genera_runtime_is_shared(void) {
    Dl_info info;
    void *symbol = dlsym(RTLD_DEFAULT, "swift_retain");
    return symbol && dladdr(symbol, &info) && info.dli_fname && strstr(info.dli_fname, "libswiftCore") != NULL;
}
