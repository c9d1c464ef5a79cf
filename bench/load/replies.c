#include "replies.h"

#include <string.h>

static const int64_t largest_length = INT64_C(1) << 30;

/* Reads the integer between the type byte and the line's end; false if it is not one. */
static bool read_integer(const char *digits, const char *end, int64_t *value) {
    bool is_negative = digits < end && *digits == '-';
    digits += is_negative;
    if (digits == end || end - digits > 18) {
        return false;
    }
    int64_t number = 0;
    for (; digits < end; digits++) {
        if (*digits < '0' || *digits > '9') {
            return false;
        }
        number = number * 10 + (*digits - '0');
    }
    *value = is_negative ? -number : number;
    return true;
}

static void keep_first_error(struct reply_counts *counts, const char *text, size_t length) {
    if (counts->first_error[0] != '\0') {
        return;
    }
    size_t kept = length < sizeof counts->first_error ? length : sizeof counts->first_error - 1;
    memcpy(counts->first_error, text, kept);
}

struct element {
    char type;
    int64_t number; /* of integers, and the length of bulk strings and arrays; -1 is null */
    size_t size;    /* 0: more bytes are needed */
};

static bool read_element(const char *bytes, size_t length, struct element *element) {
    element->type = bytes[0];
    const char *feed = memchr(bytes, '\n', length);
    if (feed == NULL) {
        return strchr("+-:$*", bytes[0]) != NULL && bytes[0] != '\0';
    }
    size_t line = (size_t)(feed - bytes) + 1;
    if (line < 3 || feed[-1] != '\r') {
        return false;
    }
    if (element->type == '+' || element->type == '-') {
        element->size = line;
        return true;
    }
    if (!read_integer(bytes + 1, feed - 1, &element->number)) {
        return false;
    }
    if (element->type == ':') {
        element->size = line;
        return true;
    }
    bool is_length = element->number >= -1 && element->number <= largest_length;
    if (element->type == '*') {
        element->size = line;
        return is_length;
    }
    if (element->type != '$' || !is_length) {
        return false;
    }
    size_t body = element->number < 0 ? 0 : (size_t)element->number + 2;
    if (length - line < body) {
        return true;
    }
    element->size = line + body;
    return body == 0 || memcmp(bytes + element->size - 2, "\r\n", 2) == 0;
}

static void take_element(
    struct reply_parser *parser, const struct element *element, const char *bytes, struct reply_counts *counts) {
    bool is_reply_start = parser->missing_elements == 0;
    bool is_array = element->type == '*' && element->number > 0;
    if (is_reply_start) {
        parser->missing_elements = 1;
    }
    if (element->type == '-') {
        parser->has_error = true;
        keep_first_error(counts, bytes + 1, element->size - 3);
    }
    if (parser->is_verdict_next && element->type == ':') {
        counts->allowed += element->number == 1;
        counts->refused += element->number == 0;
    }
    parser->is_verdict_next = is_reply_start && is_array;
    parser->missing_elements += is_array ? (uint64_t)element->number : 0;
    parser->missing_elements -= 1;
    if (parser->missing_elements == 0) {
        counts->replies += 1;
        counts->errors += parser->has_error;
        parser->has_error = false;
    }
}

ssize_t replies_parse(
    struct reply_parser *parser, const char *bytes, size_t length, struct reply_counts *counts) {
    size_t taken = 0;
    while (taken < length) {
        struct element element = {0};
        if (!read_element(bytes + taken, length - taken, &element)) {
            return -1;
        }
        if (element.size == 0) {
            break;
        }
        take_element(parser, &element, bytes + taken, counts);
        taken += element.size;
    }
    return (ssize_t)taken;
}
