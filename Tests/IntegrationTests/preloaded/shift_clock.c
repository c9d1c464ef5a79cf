/* Shifts the wall clock of the program that it is preloaded into.
 *
 * CLOCK_SHIFT_FILE names a file of one 64-bit word, mapped and shared: by how many microseconds. Whoever changes the
 * word moves every program that has the file, at once. The clocks that count since boot go on as they are. */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "words.h"

enum { MICROS = 1000000, NANOS_A_MICRO = 1000, NANOS = 1000000000 };

static _Atomic long *shift;

__attribute__((constructor)) static void map_shift(void) { shift = map_words("CLOCK_SHIFT_FILE", sizeof *shift); }

static bool tells_the_date(clockid_t clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    int status = (int)syscall(SYS_clock_gettime, clock, time);
    /* Another library's constructor may ask before ours has run. */
    if (status != 0 || !tells_the_date(clock) || !shift)
        return status;
    long micros = atomic_load(shift);
    time->tv_sec += micros / MICROS;
    time->tv_nsec += micros % MICROS * NANOS_A_MICRO;
    if (time->tv_nsec >= NANOS)
        time->tv_sec += 1, time->tv_nsec -= NANOS;
    if (time->tv_nsec < 0)
        time->tv_sec -= 1, time->tv_nsec += NANOS;
    return 0;
}

int gettimeofday(struct timeval *restrict result, void *restrict zone)
{
    (void)zone;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    result->tv_sec = now.tv_sec;
    result->tv_usec = now.tv_nsec / NANOS_A_MICRO;
    return 0;
}

time_t time(time_t *result)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result)
        *result = now.tv_sec;
    return now.tv_sec;
}
