/* Loaded before the C library: only THREADS threads can be started. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

typedef int start(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*work)(void *), void *with) {
    static start *real;
    static int started;
    if (!real) real = (start *)dlsym(RTLD_NEXT, "pthread_create");
    if (__sync_fetch_and_add(&started, 1) >= atoi(getenv("THREADS"))) return EAGAIN;
    return real(thread, how, work, with);
}
