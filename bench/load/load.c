/*
 * A closed-loop load generator for RESP servers on a Unix socket. Each connection sends `depth` requests in one
 * write, waits for all their replies, and sends the next. One thread, so that on a core of its own it costs less
 * than the server it measures. Sockets block: the loop is level-triggered and reads once an event, so a read never
 * waits, and one connection needs no epoll at all (a plain ping-pong).
 *
 * With --rate the measured phase is paced instead: a batch is due at even intervals and goes out on any connection
 * that has none in flight. Its latency runs from when it was due, so that a server that stalls is charged for all
 * whom it kept waiting.
 *
 * Two phases: a warm-up, and the measured one; each ends when every request sent is answered. With --step the
 * measured phase waits for a line on standard input, so that the caller can read the server's CPU clock between
 * the two. Prints one line of JSON.
 */
#include "histogram.h"
#include "options.h"
#include "replies.h"
#include "report.h"
#include "requests.h"
#include "unix_connect.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READ_BYTES = 16384, REPLY_TIMEOUT_SECONDS = 10, BATCH_LIMIT_BYTES = 65536, EVENTS = 128 };

struct connection {
    int fd;
    uint64_t batch_replies; /* counted so far of the batch in flight */
    uint64_t sent_at;
    size_t held; /* bytes of an unfinished element at the front of the buffer */
    struct reply_parser parser;
    char buffer[READ_BYTES];
};

struct load {
    struct options options;
    struct requests requests;
    struct connection *connections;
    int epoll;
    uint64_t random, next_key;
    uint64_t issued, issue_limit, deadline;
    uint64_t interval, due; /* nanoseconds between two batches, and when the next one goes; interval 0: not paced */
    struct connection **idle; /* while paced: the connections without a batch */
    uint32_t idle_count, open_batches;
    struct reply_counts counts;
    struct histogram latency;
    char *batch;
};

static uint64_t clock_nanoseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* splitmix64: well mixed from any seed, and a few instructions. */
static uint64_t next_random(uint64_t *state) {
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

static uint64_t choose_key(struct load *load) {
    if (load->options.is_sequential) {
        return load->next_key++ % load->requests.count;
    }
    return ((next_random(&load->random) >> 32) * load->requests.count) >> 32;
}

static void send_batch(struct load *load, struct connection *connection, uint64_t now) {
    size_t length = 0;
    for (uint32_t i = 0; i < load->options.depth; i++) {
        uint64_t key = choose_key(load);
        size_t start = load->requests.starts[key];
        size_t size = load->requests.starts[key + 1] - start;
        memcpy(load->batch + length, load->requests.bytes + start, size);
        length += size;
    }
    connection->sent_at = now;
    connection->batch_replies = 0;
    load->open_batches++;
    load->issued += load->options.depth;
    for (size_t sent = 0; sent < length;) {
        ssize_t count = send(connection->fd, load->batch + sent, length - sent, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR) {
            err(1, "send");
        }
        sent += count < 0 ? 0 : (size_t)count;
    }
}

static bool may_send(const struct load *load, uint64_t now) {
    return now < load->deadline && load->issued < load->issue_limit;
}

static void receive(struct load *load, struct connection *connection) {
    ssize_t count = read(connection->fd, connection->buffer + connection->held, READ_BYTES - connection->held);
    if (count < 0 && errno == EINTR) {
        return;
    }
    if (count < 0 && errno == EAGAIN) {
        errx(1, "no reply within %d s", REPLY_TIMEOUT_SECONDS);
    }
    if (count < 0) {
        err(1, "read");
    }
    if (count == 0) {
        errx(1, "the server closed a connection after %" PRIu64 " replies", load->counts.replies);
    }
    uint64_t now = clock_nanoseconds(CLOCK_MONOTONIC);
    uint64_t before = load->counts.replies;
    size_t length = connection->held + (size_t)count;
    ssize_t taken = replies_parse(&connection->parser, connection->buffer, length, &load->counts);
    if (taken < 0 || (taken == 0 && length == READ_BYTES)) {
        errx(1, "a reply is not RESP2, or an element of it is longer than %d bytes", READ_BYTES);
    }
    connection->held = length - (size_t)taken;
    memmove(connection->buffer, connection->buffer + taken, connection->held);
    uint64_t completed = load->counts.replies - before;
    if (completed == 0) {
        return;
    }
    connection->batch_replies += completed;
    histogram_add(&load->latency, now - connection->sent_at, completed);
    if (connection->batch_replies > load->options.depth) {
        errx(1, "more replies than requests");
    }
    if (connection->batch_replies < load->options.depth) {
        return;
    }
    load->open_batches--;
    if (load->interval > 0) {
        load->idle[load->idle_count++] = connection;
    } else if (may_send(load, now)) {
        send_batch(load, connection, now);
    }
}

/* Sends what is due, as far as connections are free. Returns the nanoseconds until there is more to send. */
static uint64_t send_due(struct load *load) {
    uint64_t now = clock_nanoseconds(CLOCK_MONOTONIC);
    while (load->due <= now && load->idle_count > 0 && may_send(load, load->due)) {
        send_batch(load, load->idle[--load->idle_count], load->due);
        load->due += load->interval;
    }
    bool is_waiting = load->idle_count > 0 && may_send(load, load->due);
    return is_waiting ? load->due - now : REPLY_TIMEOUT_SECONDS * UINT64_C(1000000000);
}

static void begin_paced(struct load *load, uint64_t started) {
    load->interval = (uint64_t)(1e9 * load->options.depth / load->options.rate);
    load->due = started;
    load->idle_count = 0;
    for (uint32_t i = 0; i < load->options.connections; i++) {
        load->idle[load->idle_count++] = &load->connections[i];
    }
}

/* Waits for replies, and takes them. */
static void receive_ready(struct load *load, uint64_t timeout) {
    struct epoll_event events[EVENTS];
    struct timespec limit = {.tv_sec = (time_t)(timeout / 1000000000), .tv_nsec = (long)(timeout % 1000000000)};
    int ready = epoll_pwait2(load->epoll, events, EVENTS, &limit, NULL);
    if (ready == 0 && limit.tv_sec >= REPLY_TIMEOUT_SECONDS) {
        errx(1, "no reply within %d s", REPLY_TIMEOUT_SECONDS);
    }
    if (ready < 0 && errno != EINTR) {
        err(1, "epoll_pwait2");
    }
    for (int i = 0; i < ready; i++) {
        receive(load, events[i].data.ptr);
    }
}

/* Returns the nanoseconds from the first request to the last reply. */
static uint64_t run_phase(struct load *load, double seconds, uint64_t request_limit, bool is_paced) {
    uint64_t started = clock_nanoseconds(CLOCK_MONOTONIC);
    load->counts = (struct reply_counts){0};
    histogram_reset(&load->latency);
    load->issued = 0;
    load->issue_limit = request_limit;
    load->deadline = started + (uint64_t)(seconds * 1e9);
    load->interval = 0;
    if (is_paced) {
        begin_paced(load, started);
    } else {
        for (uint32_t i = 0; i < load->options.connections; i++) {
            send_batch(load, &load->connections[i], clock_nanoseconds(CLOCK_MONOTONIC));
        }
    }
    while (load->open_batches > 0 || (is_paced && may_send(load, load->due))) {
        if (is_paced) {
            receive_ready(load, send_due(load));
        } else if (load->options.connections == 1) {
            receive(load, &load->connections[0]);
        } else {
            receive_ready(load, REPLY_TIMEOUT_SECONDS * UINT64_C(1000000000));
        }
    }
    return clock_nanoseconds(CLOCK_MONOTONIC) - started;
}

static void open_connections(struct load *load) {
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    load->connections = calloc(load->options.connections, sizeof *load->connections);
    load->idle = calloc(load->options.connections, sizeof(struct connection *));
    load->batch = malloc(BATCH_LIMIT_BYTES);
    if (load->epoll < 0 || load->connections == NULL || load->idle == NULL || load->batch == NULL) {
        err(1, "cannot prepare %" PRIu32 " connections", load->options.connections);
    }
    for (uint32_t i = 0; i < load->options.connections; i++) {
        struct connection *connection = &load->connections[i];
        connection->fd = unix_connect(load->options.socket, REPLY_TIMEOUT_SECONDS);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0) {
            err(1, "epoll_ctl");
        }
    }
}

static void close_connections(struct load *load) {
    for (uint32_t i = 0; i < load->options.connections; i++) {
        close(load->connections[i].fd);
    }
    close(load->epoll);
    free(load->connections);
    free(load->idle);
    free(load->batch);
    requests_free(&load->requests);
}

static void wait_for_step(void) {
    puts("warm");
    fflush(stdout);
    int character;
    while ((character = getchar()) != '\n') {
        if (character == EOF) {
            errx(1, "standard input ended before the measured phase");
        }
    }
}

int main(int argc, char **argv) {
    static struct load load;
    load.options = options_parse(argc, argv);
    load.random = load.options.seed;
    load.requests = requests_encode(load.options.template, load.options.keys);
    if (load.requests.longest * load.options.depth > BATCH_LIMIT_BYTES) {
        errx(2, "a batch is longer than %d bytes: lower --depth", BATCH_LIMIT_BYTES);
    }
    open_connections(&load);
    /* The kernel may delay a sleeper by 50 microseconds, which a paced load would count against the server. */
    prctl(PR_SET_TIMERSLACK, 1);
    if (load.options.warmup_seconds > 0) {
        run_phase(&load, load.options.warmup_seconds, UINT64_MAX, false);
    }
    if (load.options.is_stepped) {
        wait_for_step();
    }
    uint64_t cpu = clock_nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t request_limit = load.options.requests != 0 ? load.options.requests : UINT64_MAX;
    uint64_t elapsed = run_phase(&load, load.options.seconds, request_limit, load.options.rate > 0);
    report_print(&load.counts, &load.latency, elapsed, clock_nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    close_connections(&load);
    return 0;
}
