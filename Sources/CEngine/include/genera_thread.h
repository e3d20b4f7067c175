// What belongs to the calling thread, whether there is an engine or not.
#ifndef GENERA_THREAD_H
#define GENERA_THREAD_H

#include <stdatomic.h>

extern _Atomic int genera_waiting_threads;

/// How many threads have asked something of the engine that is not done yet. A thread that waits itself sees at least 1.
static inline int genera_waiting(void) { return atomic_load_explicit(&genera_waiting_threads, memory_order_relaxed); }

/// Adds to that number.
void genera_count_waiting(int change);

/// The object that the calling thread keeps, or null.
void *genera_thread_object(void);

/// Gives the calling thread an object to keep, which `release` gets when the thread ends.
void genera_set_thread_object(void *object, void (*release)(void *));

/// Sets whether numbers too small for full accuracy count as 0 on the calling thread; 0 where the processor has no such switch.
/// Returns what was set before.
int genera_flush_denormals(int on);

#endif
