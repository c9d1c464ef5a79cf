/* Counts the calls of fdatasync of the thread named "gate", when preloaded into tollgate, and fails them when asked to.
 *
 * SYNC_COUNT_FILE names a file of two 64-bit words, mapped and shared: how many calls there were, and whether the next
 * ones fail. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "words.h"

struct counts {
    _Atomic long syncs;
    _Atomic long fails;
};

static struct counts *counts;

__attribute__((constructor)) static void map_counts(void)
{
    counts = map_words("SYNC_COUNT_FILE", sizeof *counts);
}

int fdatasync(int file)
{
    char name[16];
    if (pthread_getname_np(pthread_self(), name, sizeof name) != 0 || strcmp(name, "gate") != 0)
        return (int)syscall(SYS_fdatasync, file);
    atomic_fetch_add(&counts->syncs, 1);
    if (atomic_load(&counts->fails)) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, file);
}
