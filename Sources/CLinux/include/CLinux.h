#ifndef TOLLGATE_CLINUX_H
#define TOLLGATE_CLINUX_H

#include <grp.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <sys/un.h>

/* `struct ucred` and accept4 need _GNU_SOURCE, which would give this module other definitions than the Glibc module
   has; so they are called from CLinux.c. */
struct tollgate_peer { int32_t pid; uint32_t uid; uint32_t gid; };

/* Returns 0 and fills `peer`, or -1 with errno set. */
int tollgate_peer_credentials(int fd, struct tollgate_peer *peer);

/* accept4 with SOCK_NONBLOCK | SOCK_CLOEXEC. */
int tollgate_accept(int listener);

/* The calling thread's errno: a function, so that Swift cannot read it late through a cached address. */
int tollgate_errno(void);

/* Names the calling thread, at most 15 bytes. */
void tollgate_name_thread(const char *name);

/* One aligned 64-bit store over which the compiler moves nothing, in either direction, and which for a reader in
   another process comes after all that was stored before it. Swift's own stores promise neither, nor to be one
   instruction. */
static inline void tollgate_store_word(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/* One aligned 64-bit load that nothing read after it may precede. */
static inline uint64_t tollgate_load_word(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }

#endif
