#include "histogram.h"

#include <string.h>

static const uint64_t subbuckets = UINT64_C(1) << HISTOGRAM_SUBBUCKET_BITS;

static unsigned bucket_of(uint64_t value) {
    if (value < subbuckets) {
        return (unsigned)value;
    }
    unsigned shift = 63 - (unsigned)__builtin_clzll(value) - HISTOGRAM_SUBBUCKET_BITS;
    return (shift << HISTOGRAM_SUBBUCKET_BITS) + (unsigned)(value >> shift);
}

/* The largest value that falls into the bucket. */
static uint64_t upper_edge(unsigned bucket) {
    if (bucket < subbuckets) {
        return bucket;
    }
    unsigned shift = (bucket >> HISTOGRAM_SUBBUCKET_BITS) - 1;
    uint64_t position = bucket - ((uint64_t)shift << HISTOGRAM_SUBBUCKET_BITS);
    return ((position + 1) << shift) - 1;
}

void histogram_reset(struct histogram *histogram) {
    memset(histogram, 0, sizeof *histogram);
}

void histogram_add(struct histogram *histogram, uint64_t value, uint64_t times) {
    histogram->buckets[bucket_of(value)] += times;
    histogram->total += times;
    if (value > histogram->largest) {
        histogram->largest = value;
    }
}

uint64_t histogram_quantile(const struct histogram *histogram, double fraction) {
    double wanted = fraction * (double)histogram->total;
    uint64_t seen = 0;
    for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKET_COUNT; bucket++) {
        seen += histogram->buckets[bucket];
        if (seen > 0 && (double)seen >= wanted) {
            uint64_t edge = upper_edge(bucket);
            return edge < histogram->largest ? edge : histogram->largest;
        }
    }
    return histogram->largest;
}
