#include "report.h"

#include <inttypes.h>
#include <stdio.h>

static void print_json_string(const char *text) {
    putchar('"');
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            printf("\\%c", *c);
        } else if (*c < 0x20 || *c > 0x7e) {
            printf("\\u%04x", *c);
        } else {
            putchar(*c);
        }
    }
    putchar('"');
}

void report_print(
    const struct reply_counts *counts, const struct histogram *latency, uint64_t elapsed, uint64_t own_cpu) {
    printf("{\"replies\": %" PRIu64 ", \"errors\": %" PRIu64 ", \"allowed\": %" PRIu64 ", \"refused\": %" PRIu64,
           counts->replies, counts->errors, counts->allowed, counts->refused);
    printf(", \"seconds\": %.6f, \"per_second\": %.1f", (double)elapsed / 1e9,
           (double)counts->replies * 1e9 / (double)elapsed);
    printf(", \"p50_us\": %.2f, \"p99_us\": %.2f, \"p999_us\": %.2f, \"max_us\": %.2f",
           (double)histogram_quantile(latency, 0.5) / 1e3, (double)histogram_quantile(latency, 0.99) / 1e3,
           (double)histogram_quantile(latency, 0.999) / 1e3, (double)latency->largest / 1e3);
    printf(", \"generator_cpu_seconds\": %.6f, \"first_error\": ", (double)own_cpu / 1e9);
    print_json_string(counts->first_error);
    puts("}");
}
