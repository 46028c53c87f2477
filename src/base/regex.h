/*
 * regex: a PCRE2 pattern that somebody outside the packs wrote, searched in a text.
 *
 * Patterns are UTF, case-insensitive and always run under a match, depth and heap limit.
 *     struct regex_fault fault;
 *     struct regex *r = regex_new(STR("42,?000"), &fault);
 *     if (!r)  … fault.message, at byte fault.offset of the pattern …
 *     regex_find(r, STR("from $42,000"));     // true
 *     regex_free(r);
 */
#ifndef DOCENT_BASE_REGEX_H
#define DOCENT_BASE_REGEX_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    REGEX_PATTERN_MAX = 8 * 1024, /* bytes of a pattern */
    REGEX_MATCH_LIMIT = 1000000,  /* PCRE2's steps for one search */
    REGEX_DEPTH_LIMIT = 10000,
    REGEX_HEAP_LIMIT_KB = 8 * 1024,
};

struct regex_fault {
    size_t offset; /* bytes into the pattern where compiling stopped */
    char message[256];
};

struct regex;

/* NULL when the pattern does not compile; then *fault tells why. */
struct regex *regex_new(struct str pattern, struct regex_fault *fault);
void regex_free(struct regex *r);

/* Whether the pattern is found anywhere in the text. A search stopped by a limit, or in text that is no UTF-8, finds nothing. */
bool regex_find(const struct regex *r, struct str text);

#endif
