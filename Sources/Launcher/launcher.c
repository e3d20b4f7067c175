/// The program `genera`: opens the shared library that holds everything and hands it the command line.
///
/// Core, command line and families live in one library, which plugins opened at run time share. A program that linked
/// the core itself would have a second copy of it, with a registry of its own.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __APPLE__
#include <mach-o/dyld.h>
#define LIBRARY "libGenera.dylib"
#else
#include <malloc.h>
#define LIBRARY "libGenera.so"
#endif

enum { EXIT_UNAVAILABLE = 69, PATH_SIZE = 4096 };

typedef int32_t (*entry_function)(int32_t argc, char **argv);

/// The folder this program lies in, links resolved.
static int own_folder(char *folder, size_t size) {
    char path[PATH_SIZE];
#ifdef __APPLE__
    uint32_t length = sizeof path;
    if (_NSGetExecutablePath(path, &length) != 0) return -1;
    char *resolved = realpath(path, NULL);
    if (resolved == NULL || strlen(resolved) >= size) return -1;
    strcpy(folder, resolved);
    free(resolved);
#else
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length < 0 || (size_t)length >= size) return -1;
    path[length] = '\0';
    strcpy(folder, path);
#endif
    char *slash = strrchr(folder, '/');
    if (slash == NULL) return -1;
    *slash = '\0';
    return 0;
}

/// Keeps large blocks of freed memory in the process: tensors come and go in the same sizes at every step, and handing
/// them back to the system costs page faults. The user's own settings win.
static void tune_allocator(void) {
#ifdef __GLIBC__
    if (getenv("MALLOC_MMAP_THRESHOLD_") == NULL) mallopt(M_MMAP_THRESHOLD, 1 << 30);
    if (getenv("MALLOC_TRIM_THRESHOLD_") == NULL) mallopt(M_TRIM_THRESHOLD, INT_MAX);
    if (getenv("MALLOC_TOP_PAD_") == NULL) mallopt(M_TOP_PAD, 64 << 20);
#endif
}

/// Opens the library beside this program. It is asked for by its bare name, which the loader then knows it by, so that
/// plugins that need a library of that name get this very one and not a second copy.
static void *open_library(const char *folder, char *message, size_t size) {
    char path[PATH_SIZE + 64];
    snprintf(path, sizeof path, "%s/" LIBRARY, folder);
    if (access(path, F_OK) != 0) {
        snprintf(message, size, "there is no " LIBRARY " in %s. Build it with `make build`", folder);
        return NULL;
    }
#ifdef __APPLE__
    void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
#else
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_GLOBAL);
#endif
    if (library == NULL) snprintf(message, size, "%s cannot be opened: %s", path, dlerror());
    return library;
}

int main(int argc, char **argv) {
    char folder[PATH_SIZE];
    char message[PATH_SIZE * 2];
    if (own_folder(folder, sizeof folder) != 0) {
        fprintf(stderr, "genera: the folder of this program cannot be found.\n");
        return EXIT_UNAVAILABLE;
    }
    tune_allocator();
    void *library = open_library(folder, message, sizeof message);
    if (library == NULL) {
        fprintf(stderr, "genera: %s.\n", message);
        return EXIT_UNAVAILABLE;
    }
    entry_function entry;
    *(void **)&entry = dlsym(library, "genera_main");
    if (entry == NULL) {
        fprintf(stderr, "genera: %s/" LIBRARY " is of another version than this program. Build both anew.\n", folder);
        return EXIT_UNAVAILABLE;
    }
    return entry(argc, argv);
}
