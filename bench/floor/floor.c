/*
 * The floor: the least a RESP server on a Unix socket can cost. It reads requests (arrays of bulk strings, however
 * split or pipelined), counts the complete ones, and answers each with +OK: one read and at most one write a
 * readable event, no keyspace, no allocation. What another server costs above this is its own work.
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CONNECTIONS = 1024, EVENTS = 128, READ_BYTES = 65536, REPLY_BYTES = 5, LARGEST_LENGTH = 1 << 20 };

/* → the byte expected next. Each header line moves on at its line feed. */
enum state { ARRAY_TYPE, ARRAY_COUNT, BULK_TYPE, BULK_LENGTH, BULK_BODY };

struct connection {
    enum state state;
    uint32_t number;        /* the header's digits so far, then the bytes left of the body and its CRLF */
    uint32_t missing_bulks; /* of the request being read */
    size_t unsent;          /* reply bytes not written yet */
};

static struct connection connections[CONNECTIONS];
static char input[READ_BYTES];
static char replies[READ_BYTES]; /* one read's requests are longer than their replies */

/* Goes through the bytes, resuming where the last ones ended; adds the requests they complete. False: not RESP. */
static bool parse(struct connection *connection, const char *bytes, size_t length, size_t *completed) {
    for (size_t i = 0; i < length; i++) {
        char byte = bytes[i];
        switch (connection->state) {
        case ARRAY_TYPE:
        case BULK_TYPE:
            if (byte != (connection->state == ARRAY_TYPE ? '*' : '$')) {
                return false;
            }
            connection->state++;
            connection->number = 0;
            break;
        case ARRAY_COUNT:
        case BULK_LENGTH:
            if (byte >= '0' && byte <= '9' && connection->number <= LARGEST_LENGTH) {
                connection->number = connection->number * 10 + (uint32_t)(byte - '0');
            } else if (byte == '\n' && connection->state == ARRAY_COUNT) {
                connection->missing_bulks = connection->number;
                connection->state = connection->number > 0 ? BULK_TYPE : ARRAY_TYPE;
            } else if (byte == '\n') {
                connection->number += 2;
                connection->state = BULK_BODY;
            } else if (byte != '\r') {
                return false;
            }
            break;
        case BULK_BODY: {
            size_t skipped = length - i < connection->number ? length - i : connection->number;
            connection->number -= (uint32_t)skipped;
            i += skipped - 1;
            if (connection->number == 0) {
                bool is_last = --connection->missing_bulks == 0;
                *completed += is_last;
                connection->state = is_last ? ARRAY_TYPE : BULK_TYPE;
            }
            break;
        }
        }
    }
    return true;
}

static void watch(int epoll, int operation, int fd, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(epoll, operation, fd, &event) != 0) {
        err(1, "epoll_ctl");
    }
}

/* Writes what is owed. All replies are alike, so the length alone tells which bytes of them are still to go. */
static bool flush(int fd, struct connection *connection) {
    const char *start = replies + (REPLY_BYTES - connection->unsent % REPLY_BYTES) % REPLY_BYTES;
    ssize_t sent = send(fd, start, connection->unsent, MSG_NOSIGNAL | MSG_DONTWAIT);
    connection->unsent -= sent < 0 ? 0 : (size_t)sent;
    return sent >= 0 || errno == EAGAIN;
}

/* False: the connection is at its end. */
static bool serve(int epoll, int fd, struct connection *connection) {
    if (connection->unsent > 0) {
        bool is_alive = flush(fd, connection);
        if (connection->unsent == 0) {
            watch(epoll, EPOLL_CTL_MOD, fd, EPOLLIN);
        }
        return is_alive;
    }
    ssize_t count = read(fd, input, sizeof input);
    if (count <= 0) {
        return false;
    }
    size_t completed = 0;
    if (!parse(connection, input, (size_t)count, &completed)) {
        return false;
    }
    if (completed == 0) {
        return true;
    }
    connection->unsent = completed * REPLY_BYTES;
    bool is_alive = flush(fd, connection);
    if (connection->unsent > 0) {
        /* A peer that does not read its replies is not read from either, which bounds what is owed to it. */
        watch(epoll, EPOLL_CTL_MOD, fd, EPOLLOUT);
    }
    return is_alive;
}

static int listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errx(2, "socket path longer than %zu bytes: %s", sizeof address.sun_path - 1, path);
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, SOMAXCONN) != 0) {
        err(1, "%s", path);
    }
    return fd;
}

static void accept_one(int epoll, int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) {
        warn("accept");
        return;
    }
    if (fd >= CONNECTIONS) {
        close(fd);
        return;
    }
    connections[fd] = (struct connection){0};
    watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        errx(2, "usage: floor SOCKET");
    }
    for (size_t i = 0; i < sizeof replies; i++) {
        replies[i] = "+OK\r\n"[i % REPLY_BYTES];
    }
    int listener = listen_at(argv[1]);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
        err(1, "epoll_create1");
    }
    watch(epoll, EPOLL_CTL_ADD, listener, EPOLLIN);
    for (struct epoll_event events[EVENTS];;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                accept_one(epoll, listener);
            } else if (!serve(epoll, fd, &connections[fd])) {
                close(fd);
            }
        }
    }
}
