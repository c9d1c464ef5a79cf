#ifndef TOLLGATE_BENCH_UNIX_CONNECT_H
#define TOLLGATE_BENCH_UNIX_CONNECT_H

/* A blocking connection to a Unix socket, each read and write of it bounded by the timeout. Exits on failure. */
int unix_connect(const char *path, int timeout_seconds);

#endif
