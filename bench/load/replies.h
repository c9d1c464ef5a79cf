#ifndef TOLLGATE_BENCH_REPLIES_H
#define TOLLGATE_BENCH_REPLIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct reply_counts {
    uint64_t replies;
    uint64_t errors;  /* replies that were, or held, a RESP error */
    uint64_t allowed; /* array replies that begin with :1 */
    uint64_t refused; /* array replies that begin with :0 */
    char first_error[160];
};

/* Where one connection stands within a reply. All zero: between two replies. */
struct reply_parser {
    uint64_t missing_elements;
    bool is_verdict_next; /* the next element is the first of an array reply */
    bool has_error;
};

/*
 * Takes every whole RESP2 element at the front of `bytes`, nested arrays included, and adds each reply completed by
 * them to `counts`. Returns the bytes taken, which may be none; the rest is to be given again with more behind it.
 * Returns -1 if the bytes are not RESP2.
 */
ssize_t replies_parse(
    struct reply_parser *parser, const char *bytes, size_t length, struct reply_counts *counts);

#endif
