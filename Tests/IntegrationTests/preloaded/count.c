/* Counts the heap allocations of the thread named "gate", when preloaded into tollgate.
 *
 * ALLOCATION_COUNT_FILE names a file of two 64-bit words, mapped and shared: how many allocations there were, and of
 * how many of the next ones standard error is to show where they come from. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "words.h"

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

enum { MOST_FRAMES = 32 };

struct counts {
    _Atomic long allocations;
    _Atomic long to_show;
};

static struct counts *counts;
/* Of this model, since another would allocate when it is touched first. */
static __thread bool is_gate __attribute__((tls_model("initial-exec")));

__attribute__((constructor)) static void map_counts(void)
{
    counts = map_words("ALLOCATION_COUNT_FILE", sizeof *counts);
    /* The first call loads a library. */
    void *frame;
    backtrace(&frame, 1);
}

static void count(void)
{
    if (!is_gate)
        return;
    atomic_fetch_add(&counts->allocations, 1);
    if (atomic_load(&counts->to_show) <= 0)
        return;
    atomic_fetch_sub(&counts->to_show, 1);
    /* What showing takes does not count. */
    is_gate = false;
    void *frames[MOST_FRAMES];
    int depth = backtrace(frames, MOST_FRAMES);
    static const char head[] = "allocation:\n";
    if (write(STDERR_FILENO, head, sizeof head - 1) > 0)
        backtrace_symbols_fd(frames, depth, STDERR_FILENO);
    is_gate = true;
}

int pthread_setname_np(pthread_t thread, const char *name)
{
    int (*next)(pthread_t, const char *) = (int (*)(pthread_t, const char *))dlsym(RTLD_NEXT, "pthread_setname_np");
    if (pthread_equal(thread, pthread_self()))
        is_gate = strcmp(name, "gate") == 0;
    return next ? next(thread, name) : ENOSYS;
}

void *malloc(size_t size)
{
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size)
{
    count();
    return __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t number, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(number, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, bytes);
}

void *memalign(size_t alignment, size_t size)
{
    count();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size)
{
    void *memory = memalign(alignment, size);
    if (!memory)
        return ENOMEM;
    *result = memory;
    return 0;
}
