#ifndef TOLLGATE_BENCH_HISTOGRAM_H
#define TOLLGATE_BENCH_HISTOGRAM_H

#include <stdint.h>

/*
 * A log-linear histogram of nanoseconds: each power of two is cut into 128 equal buckets, so a reported value is
 * at most 1/128 (0.8 %) above the true one, at any magnitude and without a range to choose beforehand.
 */
enum {
    HISTOGRAM_SUBBUCKET_BITS = 7,
    HISTOGRAM_BUCKET_COUNT = (65 - HISTOGRAM_SUBBUCKET_BITS) << HISTOGRAM_SUBBUCKET_BITS
};

struct histogram {
    uint64_t total;
    uint64_t largest;
    uint64_t buckets[HISTOGRAM_BUCKET_COUNT];
};

void histogram_reset(struct histogram *histogram);

/* Counts `times` samples of the same value. */
void histogram_add(struct histogram *histogram, uint64_t value, uint64_t times);

/* The smallest value that at least `fraction` (0 to 1) of the samples do not exceed; 0 when there are none. */
uint64_t histogram_quantile(const struct histogram *histogram, double fraction);

#endif
