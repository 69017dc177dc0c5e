/* Loaded before the C library: the clock of the day stands at CLOCK, in seconds since 1970. Clocks that measure how long something
 * takes go on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static time_t set(void) { return atoll(getenv("CLOCK")); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    if (clock != CLOCK_REALTIME) return real(clock, now);
    now->tv_sec = set();
    now->tv_nsec = 0;
    return 0;
}

int gettimeofday(struct timeval *now, void *zone) {
    now->tv_sec = set();
    now->tv_usec = 0;
    return 0;
}

time_t time(time_t *now) {
    if (now) *now = set();
    return set();
}
