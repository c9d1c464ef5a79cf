/*
 * A network with a distance: passes bytes between each connection made to LISTEN and one of its own to UPSTREAM, and
 * holds every byte back for the same time, each way, in order. Both are Unix sockets. Between the arrival of bytes and
 * their going on lies the delay and nothing else: what has arrived meanwhile is held back at the same time, as on a
 * wire.
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PAIRS = 1024, EVENTS = 64, READ_BYTES = 65536 };
static const size_t held_limit = 8 << 20; /* of one direction; beyond it its source is not read from */

/* Bytes on their way. */
struct chunk {
    struct chunk *next;
    uint64_t due;
    size_t length, written;
    char bytes[];
};

struct direction {
    struct chunk *first, *last;
    size_t held;
    uint64_t end_due; /* when the end of the source arrives; 0: it has not ended */
    bool is_blocked;  /* the receiver's buffer is full */
    bool is_over;     /* everything was written, the end too */
};

/* ends[i] is where direction i comes from; it goes to the other one. */
struct pair {
    int ends[2];
    uint32_t interest[2];
    struct direction directions[2];
    bool is_open;
};

static struct pair pairs[PAIRS];
static size_t pair_count; /* pairs beyond it were never open */
static uint64_t delay;
static int epoll;

static uint64_t now_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct sockaddr_un address_of(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errx(2, "socket path longer than %zu bytes: %s", sizeof address.sun_path - 1, path);
    }
    strcpy(address.sun_path, path);
    return address;
}

static void close_pair(struct pair *pair) {
    for (int side = 0; side < 2; side++) {
        close(pair->ends[side]);
        for (struct chunk *chunk = pair->directions[side].first; chunk != NULL;) {
            struct chunk *next = chunk->next;
            free(chunk);
            chunk = next;
        }
    }
    *pair = (struct pair){0};
}

/* Asks for what this end can be served with now. */
static void watch(struct pair *pair, int side) {
    const struct direction *from = &pair->directions[side], *to = &pair->directions[!side];
    uint32_t wanted = (from->end_due == 0 && from->held < held_limit ? EPOLLIN : 0u) | (to->is_blocked ? EPOLLOUT : 0u);
    if (wanted == pair->interest[side]) {
        return;
    }
    pair->interest[side] = wanted;
    uint64_t tag = (uint64_t)(pair - pairs) << 1 | (uint64_t)side;
    struct epoll_event event = {.events = wanted, .data.u64 = tag};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, pair->ends[side], &event) != 0) {
        err(1, "epoll_ctl");
    }
}

/* False: the connection is broken. */
static bool take_in(struct pair *pair, int side) {
    static char input[READ_BYTES];
    struct direction *direction = &pair->directions[side];
    ssize_t count = read(pair->ends[side], input, sizeof input);
    if (count < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    uint64_t due = now_nanoseconds() + delay;
    if (count == 0) {
        direction->end_due = due;
        return true;
    }
    struct chunk *chunk = malloc(sizeof *chunk + (size_t)count);
    if (chunk == NULL) {
        err(1, "malloc");
    }
    *chunk = (struct chunk){.due = due, .length = (size_t)count};
    memcpy(chunk->bytes, input, (size_t)count);
    if (direction->first == NULL) {
        direction->first = chunk;
    } else {
        direction->last->next = chunk;
    }
    direction->last = chunk;
    direction->held += (size_t)count;
    return true;
}

/* Writes what is due. False: the connection is broken. */
static bool let_out(struct pair *pair, int side, uint64_t now) {
    struct direction *direction = &pair->directions[side];
    while (direction->first != NULL && direction->first->due <= now && !direction->is_blocked) {
        struct chunk *chunk = direction->first;
        ssize_t sent = send(pair->ends[!side], chunk->bytes + chunk->written, chunk->length - chunk->written,
                            MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            return false;
        }
        direction->is_blocked = sent < 0 && errno == EAGAIN;
        chunk->written += sent < 0 ? 0 : (size_t)sent;
        direction->held -= sent < 0 ? 0 : (size_t)sent;
        if (chunk->written == chunk->length) {
            direction->first = chunk->next;
            free(chunk);
        }
    }
    if (direction->first == NULL && direction->end_due != 0 && direction->end_due <= now && !direction->is_over) {
        direction->is_over = true;
        shutdown(pair->ends[!side], SHUT_WR);
    }
    return true;
}

/* Moves everything that is due, closes what is over, and returns the nanoseconds until more is due. */
static uint64_t move_all(void) {
    uint64_t now = now_nanoseconds(), next = now + UINT64_C(1000000000);
    for (size_t i = 0; i < pair_count; i++) {
        struct pair *pair = &pairs[i];
        if (!pair->is_open) {
            continue;
        }
        bool is_whole = let_out(pair, 0, now) && let_out(pair, 1, now);
        if (!is_whole || (pair->directions[0].is_over && pair->directions[1].is_over)) {
            close_pair(pair);
            continue;
        }
        for (int side = 0; side < 2; side++) {
            const struct direction *direction = &pair->directions[side];
            watch(pair, side);
            uint64_t due = direction->first != NULL ? direction->first->due : direction->end_due;
            if (due > now && due < next) {
                next = due;
            }
        }
    }
    return next - now;
}

static void accept_one(int listener, const struct sockaddr_un *upstream) {
    int near = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    int far = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t place = 0;
    while (place < pair_count && pairs[place].is_open) {
        place++;
    }
    /* A connection upstream does not wait, so it blocks until it stands: the delay is in the bytes. */
    if (near < 0 || far < 0 || place == PAIRS ||
        connect(far, (const struct sockaddr *)upstream, sizeof *upstream) != 0) {
        warn("cannot pass a connection on");
        close(near);
        close(far);
        return;
    }
    pairs[place] = (struct pair){.ends = {near, far}, .interest = {EPOLLIN, EPOLLIN}, .is_open = true};
    pair_count = place == pair_count ? pair_count + 1 : pair_count;
    for (int side = 0; side < 2; side++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = place << 1 | (uint64_t)side};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, pairs[place].ends[side], &event) != 0) {
            err(1, "epoll_ctl");
        }
    }
}

static void serve(struct epoll_event event) {
    struct pair *pair = &pairs[event.data.u64 >> 1];
    int side = (int)(event.data.u64 & 1);
    if (!pair->is_open) {
        return;
    }
    if (event.events & EPOLLOUT) {
        pair->directions[!side].is_blocked = false;
    }
    /* Of an end that is gone both ways what it sent last is dropped: nobody is left to hear the answer. */
    bool is_gone = (event.events & (EPOLLHUP | EPOLLERR)) != 0 && pair->directions[side].end_due != 0;
    if (is_gone || ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !take_in(pair, side))) {
        close_pair(pair);
    }
}

int main(int argc, char **argv) {
    char *end;
    double microseconds = argc == 4 ? strtod(argv[3], &end) : -1;
    if (argc != 4 || *end != '\0' || !(microseconds >= 0 && microseconds <= 1e6)) {
        errx(2, "usage: delay LISTEN UPSTREAM MICROSECONDS");
    }
    delay = (uint64_t)(microseconds * 1e3);
    /* The kernel may wake a sleeper 50 microseconds late, a tenth of the distance that is measured with. */
    prctl(PR_SET_TIMERSLACK, 1);
    struct sockaddr_un here = address_of(argv[1]), upstream = address_of(argv[2]);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&here, sizeof here) != 0 ||
        listen(listener, SOMAXCONN) != 0) {
        err(1, "%s", argv[1]);
    }
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = UINT64_MAX};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) {
        err(1, "epoll");
    }
    for (struct epoll_event events[EVENTS];;) {
        uint64_t wait = move_all();
        struct timespec limit = {.tv_sec = (time_t)(wait / 1000000000), .tv_nsec = (long)(wait % 1000000000)};
        int ready = epoll_pwait2(epoll, events, EVENTS, &limit, NULL);
        if (ready < 0 && errno != EINTR) {
            err(1, "epoll_pwait2");
        }
        for (int i = 0; i < ready; i++) {
            if (events[i].data.u64 == UINT64_MAX) {
                accept_one(listener, &upstream);
            } else {
                serve(events[i]);
            }
        }
    }
}
