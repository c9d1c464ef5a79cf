#ifndef TOLLGATE_BENCH_REQUESTS_H
#define TOLLGATE_BENCH_REQUESTS_H

#include <stddef.h>
#include <stdint.h>

/* Every request the generator may send, encoded as RESP ahead of time, so that choosing one costs a copy. */
struct requests {
    char *bytes;
    size_t *starts; /* count + 1 offsets into bytes */
    uint32_t count;
    size_t longest;
};

/*
 * Encodes `template`, words parted by single spaces, once for each key 0 ..< keys. `{k}` in a word becomes the key
 * as twelve digits, the form redis-benchmark gives `__rand_int__`, so both generators name the same keys.
 * A template without `{k}` is encoded once. Exits with a message on a template that cannot be encoded.
 */
struct requests requests_encode(const char *template, uint32_t keys);

void requests_free(struct requests *requests);

#endif
