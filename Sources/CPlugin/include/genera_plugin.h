/// What a program and a model plugin that it opens at run time say to each other.
///
/// A plugin is a shared library with two functions of C:
///
///     const char *genera_plugin_info(void);                 its tag, from genera_plugin_tag()
///     int32_t genera_plugin_register(genera_plugin_host *); hands over its families
///
/// Swift on Linux has no stable binary interface, so a plugin fits a program only if version, compiler and system are the
/// same. The tag says which they were. It must be an inline function of a header: compiled into the plugin, it tells what
/// the plugin was built against, whereas a constant of the core would be read from the core that happens to be loaded.
///
/// Beside the tag a plugin holds a digest of the sources of the core that it was built against, behind the same mark and
/// `core=`. `PluginEntry.register`, which the second function calls, brings it.
#ifndef GENERA_PLUGIN_H
#define GENERA_PLUGIN_H

#include <stdint.h>

/// The version of Genera, as in its tags.
#ifndef GENERA_VERSION
#define GENERA_VERSION "0.3.0"
#endif

/// The number of this interface; it grows with every change of what crosses it.
#ifndef GENERA_PLUGIN_ABI
#define GENERA_PLUGIN_ABI 2
#endif

/// The compiler: Swift's version as a number, for example 60301, and the toolchain's own words.
#ifndef GENERA_PLUGIN_COMPILER
#ifdef __swift__
#define GENERA_PLUGIN_COMPILER GENERA_TEXT(__swift__) " " __VERSION__
#else
#define GENERA_PLUGIN_COMPILER "0 " __VERSION__
#endif
#endif

#if defined(__APPLE__)
#define GENERA_PLUGIN_OS "macos"
#elif defined(__linux__)
#define GENERA_PLUGIN_OS "linux"
#else
#define GENERA_PLUGIN_OS "other"
#endif

#if defined(__x86_64__)
#define GENERA_PLUGIN_CPU "x86_64"
#elif defined(__aarch64__)
#define GENERA_PLUGIN_CPU "aarch64"
#else
#define GENERA_PLUGIN_CPU "other"
#endif

#define GENERA_TEXT(value) GENERA_TEXT_(value)
#define GENERA_TEXT_(value) #value

/// The words a tag begins with, by which it is found in a file that nobody has opened as a library yet.
#define GENERA_PLUGIN_MARK "@(#)genera-plugin"

/// The tag of whatever this is compiled into.
static inline const char *genera_plugin_tag(void) {
    return GENERA_PLUGIN_MARK " abi=" GENERA_TEXT(GENERA_PLUGIN_ABI) "; genera=" GENERA_VERSION
        "; system=" GENERA_PLUGIN_OS "-" GENERA_PLUGIN_CPU "; compiler=" GENERA_PLUGIN_COMPILER;
}

/// The version of Genera in the headers that this is compiled with.
static inline const char *genera_version(void) { return GENERA_VERSION; }

/// What a program hands to `genera_plugin_register`.
typedef struct genera_plugin_host {
    /// Bytes of this structure.
    uint32_t size;
    /// `GENERA_PLUGIN_ABI` of the program.
    uint32_t abi;
    /// `genera_core_identity()` of the program's core.
    const void *core;
    /// The program's own; the core that made it knows what it is.
    void *context;
} genera_plugin_host;

enum {
    /// The families were handed over.
    GENERA_PLUGIN_REGISTERED = 0,
    /// The plugin threw an error, which the context holds.
    GENERA_PLUGIN_FAILED = 1,
    /// The plugin carries a core of its own, with types and a registry of its own.
    GENERA_PLUGIN_OTHER_CORE = 2,
    /// The plugin was built against another build of the core.
    GENERA_PLUGIN_OTHER_BUILD = 3,
};

/// An address that each loaded copy of the core has for itself.
const void *genera_core_identity(void);

/// The place of a pattern among bytes; -1 if it is not there.
int64_t genera_find(const void *bytes, uint64_t count, const void *pattern, uint64_t length);

/// Whether Swift's runtime is a shared library in this process, as plugins need.
int genera_runtime_is_shared(void);

#endif
