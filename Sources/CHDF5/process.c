#define _GNU_SOURCE
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

/// The number that the channel has in the process that reads.
enum { CHANNEL = 3 };

struct genera_hdf5 {
    pid_t process;
    int channel;
    /// Why there is no process any more; empty while there is.
    char ending[160];
    pthread_mutex_t lock;
};

/// What goes to the reader, followed by the path and the name with a zero behind each.
typedef struct {
    uint32_t question, path_size, name_size, has_name;
    uint64_t first, count;
} question;

/// What comes back, followed by an answer or a message.
typedef struct {
    uint32_t status, unused;
    uint64_t size;
} reply;

static int send_all(int channel, const void *bytes, size_t count) {
#ifdef MSG_NOSIGNAL
    const int flags = MSG_NOSIGNAL;
#else
    const int flags = 0;
#endif
    for (size_t done = 0; done < count;) {
        ssize_t sent = send(channel, (const char *)bytes + done, count - done, flags);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return 1;
        done += (size_t)sent;
    }
    return 0;
}

static int receive_all(int channel, void *bytes, size_t count) {
    for (size_t done = 0; done < count;) {
        ssize_t got = recv(channel, (char *)bytes + done, count - done, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return 1;
        done += (size_t)got;
    }
    return 0;
}

// ---- The process that reads

/// Gives back all that the process has of its parent's: handlers, files, room for a core.
static void leave_parent(int channel) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGPROF, SIGPIPE, SIGCHLD};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], SIG_DFL);
    // A terminal's Ctrl-C goes to both; the parent decides, and this process ends with the channel.
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);

    // The channel may have any number, also one of the first three where the parent has closed those.
    channel = fcntl(channel, F_DUPFD, 8);
    int nowhere = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3; i++) dup2(nowhere, i);
    dup2(channel, CHANNEL);
#if defined(__linux__) && defined(SYS_close_range)
    if (syscall(SYS_close_range, 4, ~0u, 0) == 0) return;
#endif
    struct rlimit files;
    int last = getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 65536 ? (int)files.rlim_cur : 65536;
    for (int i = 4; i < last; i++) close(i);
}

/// Seconds of the processor that one question may take: 2, and one more for every 4 MiB of the file.
///
/// The work of a question grows with the bytes that are expanded for it; a damaged file can make the library search
/// in a circle.
static int seconds_for(const char *path) {
    struct stat status;
    long long bytes = stat(path, &status) == 0 ? (long long)status.st_size : 0;
    return 2 + (int)(bytes >> 22 < 100000 ? bytes >> 22 : 100000);
}

/// Bounds the memory that the process may take from here on to 4 GiB.
static void bound_memory(void) {
#ifdef __linux__
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long long pages = 0;
    int is_known = file && fscanf(file, "%llu", &pages) == 1;
    if (file) fclose(file);
    if (!is_known) return;
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0) return;
    rlim_t wanted = pages * (rlim_t)sysconf(_SC_PAGESIZE) + ((rlim_t)4 << 30);
    if (limit.rlim_cur > wanted) limit.rlim_cur = wanted;
    setrlimit(RLIMIT_AS, &limit);
#endif
}

static void set_clock(int seconds) {
    struct itimerval clock = {{0, 0}, {seconds, 0}};
    setitimer(ITIMER_PROF, &clock, NULL);
}

static int answer(int channel, int status, const void *bytes, size_t size) {
    reply head = {(uint32_t)status, 0, size};
    return send_all(channel, &head, sizeof head) || send_all(channel, bytes, size);
}

static void serve(int channel, hdf5_reader *reader, int seconds) {
    question head;
    while (receive_all(channel, &head, sizeof head) == 0) {
        char *words = malloc((size_t)head.path_size + head.name_size);
        if (!words || receive_all(channel, words, (size_t)head.path_size + head.name_size)) return;
        genera_hdf5_request request = {
            head.question, words, head.has_name ? words + head.path_size : NULL, head.first, head.count};
        hdf5_answer found = {NULL, 0, 0};
        set_clock(seconds);
        int status = hdf5_reader_answer(reader, &request, &found);
        set_clock(0);
        int is_sent = status ? answer(channel, status, reader->message, strlen(reader->message))
            : answer(channel, 0, found.bytes, found.count);
        free(found.bytes);
        free(words);
        if (is_sent) return;
    }
}

static _Noreturn void child(int channel, const hdf5_library *library, const char *path) {
    leave_parent(channel);
    bound_memory();
    hdf5_reader *reader = calloc(1, sizeof *reader);
    if (!reader) _exit(1);
    reader->library = *library;
    int seconds = seconds_for(path);
    set_clock(seconds);
    int status = hdf5_reader_open(reader, path);
    set_clock(0);
    if (!answer(CHANNEL, status, reader->message, strlen(reader->message)) && !status)
        serve(CHANNEL, reader, seconds);
    _exit(0);
}

// ---- The process that asks

/// Waits for a process whose channel is closed and says how it ended.
static int ended(genera_hdf5 *file, char *message, size_t capacity) {
    int state = 0;
    pid_t waited = file->process > 0 ? waitpid(file->process, &state, 0) : -1;
    while (waited < 0 && errno == EINTR) waited = waitpid(file->process, &state, 0);
    int by = waited > 0 && WIFSIGNALED(state) ? WTERMSIG(state) : 0;
    file->process = 0;
    if (by == SIGPROF) {
        snprintf(
            file->ending, sizeof file->ending, "HDF5's library did not come to an end with it: the file is damaged");
    } else if (by == SIGKILL) {
        snprintf(file->ending, sizeof file->ending, "the process that read it was killed; is there enough memory?");
    } else if (by) {
        snprintf(file->ending, sizeof file->ending, "HDF5's library fell over it (signal %d): the file is damaged", by);
    } else {
        snprintf(file->ending, sizeof file->ending, "HDF5's library ended the process that read it");
    }
    snprintf(message, capacity, "%s", file->ending);
    return GENERA_HDF5_FELL;
}

/// Receives a reply; a message goes into `message`, an answer into fresh memory.
static int receive(
    genera_hdf5 *file, size_t largest, uint8_t **answer, size_t *size, char *message, size_t capacity
) {
    reply head;
    if (receive_all(file->channel, &head, sizeof head)) return ended(file, message, capacity);
    uint64_t most = head.status ? 4096 : largest;
    uint8_t *bytes = head.size <= most ? malloc(head.size + 1) : NULL;
    if (!bytes || receive_all(file->channel, bytes, head.size)) {
        free(bytes);
        if (file->process > 0) kill(file->process, SIGKILL);
        ended(file, message, capacity);
        snprintf(
            file->ending, sizeof file->ending, "an answer of %llu bytes came, at most %llu were expected",
            (unsigned long long)head.size, (unsigned long long)most);
        snprintf(message, capacity, "%s", file->ending);
        return GENERA_HDF5_FELL;
    }
    if (head.status) {
        bytes[head.size] = 0;
        snprintf(message, capacity, "%s", (const char *)bytes);
        free(bytes);
        return head.status <= GENERA_HDF5_SYSTEM ? (int)head.status : GENERA_HDF5_FELL;
    }
    *answer = bytes;
    *size = head.size;
    return GENERA_HDF5_FINE;
}

static int make_channel(int ends[2]) {
#ifdef SOCK_CLOEXEC
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
#else
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return -1;
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        int on = 1;
        setsockopt(ends[i], SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
    }
    return 0;
#endif
}

int genera_hdf5_open(const char *path, const char *name, genera_hdf5 **result, char *message, size_t capacity) {
    hdf5_library library;
    int ends[2];
    *result = NULL;
    // Opened here, so that the new process need not: another thread may be within the loader when it is made.
    if (hdf5_load(name, &library, message, capacity)) return GENERA_HDF5_UNAVAILABLE;
    genera_hdf5 *file = calloc(1, sizeof *file);
    if (!file || make_channel(ends) != 0) {
        snprintf(message, capacity, "no channel to a process that reads it: %s", strerror(errno));
        free(file);
        return GENERA_HDF5_SYSTEM;
    }
    file->process = fork();
    if (file->process == 0) {
        child(ends[1], &library, path);
    }
    int problem = errno;
    close(ends[1]);
    file->channel = ends[0];
    pthread_mutex_init(&file->lock, NULL);
    if (file->process < 0) {
        snprintf(message, capacity, "no process to read it: %s", strerror(problem));
        file->process = 0;
        genera_hdf5_close(file);
        return GENERA_HDF5_SYSTEM;
    }
    uint8_t *nothing = NULL;
    size_t size;
    int status = receive(file, 0, &nothing, &size, message, capacity);
    free(nothing);
    if (status) genera_hdf5_close(file);
    else *result = file;
    return status;
}

int genera_hdf5_ask(
    genera_hdf5 *file, const genera_hdf5_request *request, size_t largest, uint8_t **answer, size_t *size,
    char *message, size_t capacity
) {
    const char *name = request->name ? request->name : "";
    question head = {
        request->question, (uint32_t)strlen(request->path) + 1, (uint32_t)strlen(name) + 1, request->name != NULL,
        request->first, request->count};
    int status;
    pthread_mutex_lock(&file->lock);
    if (!file->process) {
        snprintf(message, capacity, "%s", file->ending);
        status = GENERA_HDF5_FELL;
    } else if (send_all(file->channel, &head, sizeof head) || send_all(file->channel, request->path, head.path_size)
        || send_all(file->channel, name, head.name_size)) {
        status = ended(file, message, capacity);
    } else {
        status = receive(file, largest, answer, size, message, capacity);
    }
    pthread_mutex_unlock(&file->lock);
    return status;
}

void genera_hdf5_close(genera_hdf5 *file) {
    if (!file) return;
    close(file->channel);
    if (file->process > 0) {
        // It only reads: nothing is lost.
        kill(file->process, SIGKILL);
        while (waitpid(file->process, NULL, 0) < 0 && errno == EINTR) {}
    }
    pthread_mutex_destroy(&file->lock);
    free(file);
}
