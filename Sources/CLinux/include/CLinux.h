#ifndef TOLLGATE_CLINUX_H
#define TOLLGATE_CLINUX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* `struct ucred` and accept4 are hidden from Swift without _GNU_SOURCE, which the Glibc module does not set. */
struct tollgate_peer { int32_t pid; uint32_t uid; uint32_t gid; };

/* Returns 0 and fills `peer`, or -1 with errno set. */
int tollgate_peer_credentials(int fd, struct tollgate_peer *peer);

/* accept4 with SOCK_NONBLOCK | SOCK_CLOEXEC. */
int tollgate_accept(int listener);

/* The calling thread's errno: a function, so that Swift cannot read it late through a cached address. */
int tollgate_errno(void);

#endif
