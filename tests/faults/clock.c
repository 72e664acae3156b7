/* Steps the time of day at every reading, by 80 years back and then forth. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <time.h>

static const long long STEP = 80LL * 365 * 24 * 60 * 60;

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    static atomic_uint readings;
    if (!real) {
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    }
    int result = real(clock, time);
    if (clock == CLOCK_REALTIME) {
        time->tv_sec += readings++ % 2 ? STEP : -STEP;
    }
    return result;
}
