#include "options.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>

static _Noreturn void usage(void) {
    errx(2, "usage: load --socket PATH --template 'WORD …{k}… WORD' [--connections N] [--depth P] [--keys K]\n"
            "            [--seconds S] [--requests R] [--warmup S] [--rate R] [--seed N] [--step] [--sequential]\n"
            "  {k} is a random key of K, as twelve digits, or with --sequential one key after the other;\n"
            "  --requests ends the measured phase early; --rate paces it, in requests a second");
}

static uint64_t integer_within(const char *text, uint64_t smallest, uint64_t largest) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || *text == '-' || value < smallest || value > largest) {
        errx(2, "%s: expected an integer from %" PRIu64 " to %" PRIu64, text, smallest, largest);
    }
    return value;
}

static double number_within(const char *text, double largest) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= 0 && value <= largest)) {
        errx(2, "%s: expected a number from 0 to %g", text, largest);
    }
    return value;
}

struct options options_parse(int argc, char **argv) {
    static const struct option names[] = {
        {"socket", required_argument, NULL, 's'},  {"template", required_argument, NULL, 't'},
        {"connections", required_argument, NULL, 'c'}, {"depth", required_argument, NULL, 'P'},
        {"keys", required_argument, NULL, 'k'},    {"seconds", required_argument, NULL, 'd'},
        {"requests", required_argument, NULL, 'n'}, {"warmup", required_argument, NULL, 'w'},
        {"seed", required_argument, NULL, 'r'},    {"step", no_argument, NULL, 'S'},
        {"rate", required_argument, NULL, 'R'},    {"sequential", no_argument, NULL, 'q'},
        {NULL, 0, NULL, 0},
    };
    struct options options = {.connections = 1, .depth = 1, .keys = 1, .seconds = 1, .seed = 1};
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (option) {
        case 's': options.socket = optarg; break;
        case 't': options.template = optarg; break;
        case 'c': options.connections = (uint32_t)integer_within(optarg, 1, 10000); break;
        case 'P': options.depth = (uint32_t)integer_within(optarg, 1, 1024); break;
        case 'k': options.keys = (uint32_t)integer_within(optarg, 1, 10000000); break;
        case 'd': options.seconds = number_within(optarg, 600); break;
        case 'n': options.requests = integer_within(optarg, 1, UINT64_C(1000000000)); break;
        case 'w': options.warmup_seconds = number_within(optarg, 600); break;
        case 'r': options.seed = integer_within(optarg, 0, UINT64_MAX); break;
        case 'R': options.rate = number_within(optarg, 1e7); break;
        case 'S': options.is_stepped = true; break;
        case 'q': options.is_sequential = true; break;
        default: usage();
        }
    }
    if (options.socket == NULL || options.template == NULL || optind != argc) {
        usage();
    }
    return options;
}
