/* Loaded before the C library: does something to a file just before it is read for the so manieth time.
 *
 * FAULT_PATH is the file, FAULT_AT the number of the read, and FAULT what happens: `error` (the disk fails), `truncate`,
 * `append`, `touch` (rewritten as it was), `replace` (by FAULT_OTHER), `signal` (a signal comes, and nothing was read),
 * `short` (from then on one byte a read). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int reads;

static int is_meant(int fd, const char *path) {
    char link[64], target[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, target, sizeof target - 1);
    if (length < 0) return 0;
    target[length] = 0;
    return strcmp(target, path) == 0;
}

ssize_t read(int fd, void *buffer, size_t wanted) {
    static ssize_t (*real)(int, void *, size_t);
    if (!real) real = (ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
    const char *path = getenv("FAULT_PATH"), *fault = getenv("FAULT"), *at = getenv("FAULT_AT");
    if (!path || !fault || !at || !is_meant(fd, path)) return real(fd, buffer, wanted);
    int now = __sync_add_and_fetch(&reads, 1);
    if (now > atoi(at) && !strcmp(fault, "short")) return real(fd, buffer, wanted ? 1 : 0);
    if (now != atoi(at)) return real(fd, buffer, wanted);
    if (!strcmp(fault, "error")) {
        errno = EIO;
        return -1;
    }
    if (!strcmp(fault, "signal")) {
        errno = EINTR;
        return -1;
    }
    if (!strcmp(fault, "truncate") && truncate(path, 100000)) abort();
    if (!strcmp(fault, "append")) {
        int file = open(path, O_WRONLY | O_APPEND);
        if (file < 0 || write(file, "x\n", 2) != 2 || close(file)) abort();
    }
    if (!strcmp(fault, "touch") && utimensat(AT_FDCWD, path, NULL, 0)) abort();
    if (!strcmp(fault, "replace") && rename(getenv("FAULT_OTHER"), path)) abort();
    return real(fd, buffer, wanted);
}
