/* Counts the calls of fdatasync of the thread named "gate", when preloaded into tollgate, and fails them when asked to.
 *
 * SYNC_COUNT_FILE names a file of two 64-bit words, mapped and shared: how many calls there were, and whether the next
 * ones fail. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct counts {
    _Atomic long syncs;
    _Atomic long fails;
};

static struct counts *counts;

__attribute__((constructor)) static void map_counts(void)
{
    const char *path = getenv("SYNC_COUNT_FILE");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0)
        abort();
    counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (counts == MAP_FAILED)
        abort();
    close(file);
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
