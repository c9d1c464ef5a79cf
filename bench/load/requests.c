#include "requests.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char placeholder[] = "{k}";
enum { PLACEHOLDER_LENGTH = sizeof placeholder - 1, WORD_LIMIT = 4096 };

/* Writes the word with its placeholders filled in; returns its length. */
static size_t fill_in(char *out, const char *word, size_t length, uint32_t key) {
    size_t written = 0;
    size_t read = 0;
    while (read < length) {
        if (written + 16 > WORD_LIMIT) {
            errx(2, "a word of the template is longer than %d bytes", WORD_LIMIT);
        }
        if (length - read >= PLACEHOLDER_LENGTH && memcmp(word + read, placeholder, PLACEHOLDER_LENGTH) == 0) {
            written += (size_t)snprintf(out + written, 16, "%012" PRIu32, key);
            read += PLACEHOLDER_LENGTH;
        } else {
            out[written++] = word[read++];
        }
    }
    return written;
}

static void encode_one(FILE *out, const char *template, unsigned words, uint32_t key) {
    char word[WORD_LIMIT];
    fprintf(out, "*%u\r\n", words);
    for (const char *start = template;; start++) {
        size_t length = strcspn(start, " ");
        size_t filled = fill_in(word, start, length, key);
        fprintf(out, "$%zu\r\n", filled);
        fwrite(word, 1, filled, out);
        fputs("\r\n", out);
        start += length;
        if (*start == '\0') {
            return;
        }
    }
}

static unsigned count_words(const char *template) {
    unsigned words = 1;
    for (const char *c = template; *c != '\0'; c++) {
        words += *c == ' ';
    }
    return words;
}

struct requests requests_encode(const char *template, uint32_t keys) {
    struct requests requests = {.count = strstr(template, placeholder) != NULL ? keys : 1};
    size_t size = 0;
    FILE *out = open_memstream(&requests.bytes, &size);
    requests.starts = calloc((size_t)requests.count + 1, sizeof *requests.starts);
    if (out == NULL || requests.starts == NULL) {
        err(2, "no memory for %" PRIu32 " requests", requests.count);
    }
    unsigned words = count_words(template);
    for (uint32_t key = 0; key < requests.count; key++) {
        encode_one(out, template, words, key);
        if (fflush(out) != 0) {
            err(2, "no memory for %" PRIu32 " requests", requests.count);
        }
        requests.starts[key + 1] = size;
        size_t length = size - requests.starts[key];
        requests.longest = length > requests.longest ? length : requests.longest;
    }
    if (fclose(out) != 0) {
        err(2, "no memory for %" PRIu32 " requests", requests.count);
    }
    return requests;
}

void requests_free(struct requests *requests) {
    free(requests->bytes);
    free(requests->starts);
    *requests = (struct requests){0};
}
