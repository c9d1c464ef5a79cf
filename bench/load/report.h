#ifndef TOLLGATE_BENCH_REPORT_H
#define TOLLGATE_BENCH_REPORT_H

#include "histogram.h"
#include "replies.h"

#include <stdint.h>

/* Prints one line of JSON: what was answered, how fast, and what the generator itself cost (nanoseconds). */
void report_print(
    const struct reply_counts *counts, const struct histogram *latency, uint64_t elapsed, uint64_t own_cpu);

#endif
