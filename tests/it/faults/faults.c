// Put before the system's library (LD_PRELOAD), this makes chosen calls fail for the files below some folders, as a full or broken
// disk would, notes what was called, and lets the clock jump. All is said by the environment:
//
//   FAULTS_BELOW   folders, parted by `:`; other files are let be. Without it nothing fails and nothing is noted.
//   FAULTS_CALLS   the calls that count, parted by `,`: open write fsync rename mkdir unlink truncate link read
//   FAULTS_ERROR   the number of the error, as 28
//   FAULTS_FROM    the first call that fails, counted from 1 over all processes; 0 or absent: none
//   FAULTS_TO      the last; absent: all from then on
//   FAULTS_SHORT   if set, a write that would fail first takes half of its bytes
//   FAULTS_COUNT   a file of 8 bytes in which the calls are counted
//   FAULTS_LOG     a file to which each call is written: `fsync /a/b 0`, the last being the error
//   FAULTS_JUMP    seconds by which the clock jumps at each look at it, forth at one and back at the next
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static long number(const char *name, long otherwise) {
    const char *value = getenv(name);
    return value && *value ? atol(value) : otherwise;
}

static void absolute(int folder, const char *path, char *full) {
    char start[PATH_MAX] = "";
    if (path[0] != '/') {
        if (folder == AT_FDCWD) {
            if (!getcwd(start, sizeof start)) start[0] = 0;
        } else {
            char link[64];
            snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
            ssize_t length = readlink(link, start, sizeof start - 1);
            start[length < 0 ? 0 : length] = 0;
        }
        strncat(start, "/", sizeof start - strlen(start) - 1);
    }
    snprintf(full, PATH_MAX, "%s%s", start, path);
    if (strlen(full) > 2 && !strcmp(full + strlen(full) - 2, "/.")) full[strlen(full) - 2] = 0;
}

static int of_descriptor(int file, char *full) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, full, PATH_MAX - 1);
    full[length < 0 ? 0 : length] = 0;
    return length > 0;
}

static int is_below(const char *path) {
    const char *folders = getenv("FAULTS_BELOW");
    while (folders && *folders) {
        size_t length = strcspn(folders, ":");
        if (length && !strncmp(path, folders, length) && (path[length] == 0 || path[length] == '/')) return 1;
        folders += length + (folders[length] == ':');
    }
    return 0;
}

static int is_among(const char *call) {
    const char *calls = getenv("FAULTS_CALLS");
    while (calls && *calls) {
        size_t length = strcspn(calls, ",");
        if (length == strlen(call) && !strncmp(calls, call, length)) return 1;
        calls += length + (calls[length] == ',');
    }
    return 0;
}

// Counts one call of all processes; the number of this one.
static long counted(int slot) {
    static _Atomic long *shared;
    if (!shared) {
        const char *place = getenv("FAULTS_COUNT");
        if (!place) return 0;
        int file = syscall(SYS_openat, AT_FDCWD, place, O_RDWR | O_CLOEXEC, 0);
        if (file < 0) return 0;
        void *mapped = mmap(NULL, 2 * sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        syscall(SYS_close, file);
        if (mapped == MAP_FAILED) return 0;
        shared = mapped;
    }
    return atomic_fetch_add(&shared[slot], 1) + 1;
}

static void note(const char *call, const char *path, int error) {
    const char *place = getenv("FAULTS_LOG");
    if (!place) return;
    int file = syscall(SYS_openat, AT_FDCWD, place, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
    if (file < 0) return;
    char line[2 * PATH_MAX];
    int length = snprintf(line, sizeof line, "%s %s %d\n", call, path, error);
    if (syscall(SYS_write, file, line, length) < 0) abort();
    syscall(SYS_close, file);
}

// Whether this call is to fail; then errno is set.
static int fails(const char *call, const char *path) {
    int before = errno;
    if (!is_below(path)) return 0;
    int error = 0;
    if (is_among(call)) {
        long at = counted(0), from = number("FAULTS_FROM", 0), to = number("FAULTS_TO", LONG_MAX);
        if (from > 0 && at >= from && at <= to) error = (int)number("FAULTS_ERROR", EIO);
    }
    note(call, path, error);
    errno = error ? error : before;
    return error;
}

static int opening(int folder, const char *path, int flags) {
    char full[PATH_MAX];
    absolute(folder, path, full);
    int writes = (flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT;
    return fails(writes ? "open" : "read", full);
}

#define OPEN(name)                                                   \
    int name(const char *path, int flags, ...) {                     \
        va_list rest;                                                \
        va_start(rest, flags);                                       \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;    \
        va_end(rest);                                                \
        if (opening(AT_FDCWD, path, flags)) return -1;               \
        return REAL(name)(path, flags, mode);                        \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                 \
    int name(int folder, const char *path, int flags, ...) {         \
        va_list rest;                                                \
        va_start(rest, flags);                                       \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;    \
        va_end(rest);                                                \
        if (opening(folder, path, flags)) return -1;                 \
        return REAL(name)(folder, path, flags, mode);                \
    }
OPENAT(openat)
OPENAT(openat64)

static int short_of(int file, size_t length) {
    return length > 1 && getenv("FAULTS_SHORT") && lseek(file, 0, SEEK_CUR) == 0;
}

ssize_t write(int file, const void *bytes, size_t length) {
    char full[PATH_MAX];
    if (file >= 0 && of_descriptor(file, full) && fails("write", full)) {
        if (short_of(file, length)) return REAL(write)(file, bytes, length / 2);
        return -1;
    }
    return REAL(write)(file, bytes, length);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    char full[PATH_MAX];
    if (of_descriptor(file, full) && fails("write", full)) return -1;
    return REAL(writev)(file, parts, count);
}

#define OF_DESCRIPTOR(name, call, parameters, arguments)             \
    int name parameters {                                            \
        char full[PATH_MAX];                                         \
        if (of_descriptor(file, full) && fails(call, full)) return -1; \
        return REAL(name) arguments;                                 \
    }
OF_DESCRIPTOR(fsync, "fsync", (int file), (file))
OF_DESCRIPTOR(fdatasync, "fsync", (int file), (file))
OF_DESCRIPTOR(ftruncate, "truncate", (int file, off_t length), (file, length))
OF_DESCRIPTOR(ftruncate64, "truncate", (int file, off64_t length), (file, length))

#define OF_PATH(name, call, folder, path, parameters, arguments)     \
    int name parameters {                                            \
        char full[PATH_MAX];                                         \
        absolute(folder, path, full);                                \
        if (fails(call, full)) return -1;                            \
        return REAL(name) arguments;                                 \
    }
OF_PATH(rename, "rename", AT_FDCWD, to, (const char *from, const char *to), (from, to))
OF_PATH(renameat, "rename", into, to, (int folder, const char *from, int into, const char *to), (folder, from, into, to))
OF_PATH(mkdir, "mkdir", AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
OF_PATH(unlink, "unlink", AT_FDCWD, path, (const char *path), (path))
OF_PATH(rmdir, "unlink", AT_FDCWD, path, (const char *path), (path))
OF_PATH(unlinkat, "unlink", folder, path, (int folder, const char *path, int flags), (folder, path, flags))
OF_PATH(link, "link", AT_FDCWD, to, (const char *from, const char *to), (from, to))
OF_PATH(linkat, "link", into, to, (int folder, const char *from, int into, const char *to, int flags), (folder, from, into, to, flags))

DIR *opendir(const char *path) {
    char full[PATH_MAX];
    absolute(AT_FDCWD, path, full);
    if (fails("read", full)) return NULL;
    return REAL(opendir)(path);
}

// By how much the clock is wrong at this look at it.
static time_t wrong_by(void) {
    long jump = number("FAULTS_JUMP", 0);
    return jump ? (counted(1) % 2 ? jump : -jump) : 0;
}

int clock_gettime(clockid_t which, struct timespec *now) {
    int result = REAL(clock_gettime)(which, now);
    if (result == 0 && which == CLOCK_REALTIME) now->tv_sec += wrong_by();
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    int result = REAL(gettimeofday)(now, zone);
    if (result == 0) now->tv_sec += wrong_by();
    return result;
}

time_t time(time_t *now) {
    time_t found = REAL(time)(NULL) + wrong_by();
    if (now) *now = found;
    return found;
}
