#ifndef TOLLGATE_BENCH_OPTIONS_H
#define TOLLGATE_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
    const char *socket;
    const char *template;
    uint32_t connections, depth, keys;
    uint64_t requests; /* 0: until the time is up */
    double seconds, warmup_seconds;
    double rate; /* requests a second of the measured phase; 0: as fast as they are answered */
    uint64_t seed;
    bool is_stepped, is_sequential;
};

/* Exits with a message on what it does not understand. */
struct options options_parse(int argc, char **argv);

#endif
