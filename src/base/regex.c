#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/regex.h"

#include "base/mem.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

struct regex {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *limits;
};

static pcre2_code *compile(struct str pattern, struct regex_fault *fault)
{
    if (pattern.n > REGEX_PATTERN_MAX) {
        fault->offset = REGEX_PATTERN_MAX;
        snprintf(fault->message, sizeof fault->message, "longer than %d bytes", REGEX_PATTERN_MAX);
        return NULL;
    }
    int code = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code *made =
        pcre2_compile((PCRE2_SPTR)(pattern.p ? pattern.p : ""), pattern.n,
                      PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C, &code, &offset, NULL);
    if (!made) {
        fault->offset = offset <= pattern.n ? offset : pattern.n;
        pcre2_get_error_message(code, (PCRE2_UCHAR *)fault->message, sizeof fault->message);
    }
    return made;
}

struct regex *regex_new(struct str pattern, struct regex_fault *fault)
{
    pcre2_code *code = compile(pattern, fault);
    if (!code)
        return NULL;
    struct regex *r = mem_alloc(sizeof *r);
    *r = (struct regex){code, pcre2_match_data_create_from_pattern(code, NULL), pcre2_match_context_create(NULL)};
    if (!r->data || !r->limits) {
        snprintf(fault->message, sizeof fault->message, "out of memory");
        fault->offset = 0;
        regex_free(r);
        return NULL;
    }
    pcre2_set_match_limit(r->limits, REGEX_MATCH_LIMIT);
    pcre2_set_depth_limit(r->limits, REGEX_DEPTH_LIMIT);
    pcre2_set_heap_limit(r->limits, REGEX_HEAP_LIMIT_KB);
    return r;
}

void regex_free(struct regex *r)
{
    if (!r)
        return;
    pcre2_match_context_free(r->limits);
    pcre2_match_data_free(r->data);
    pcre2_code_free(r->code);
    free(r);
}

bool regex_find(const struct regex *r, struct str text)
{
    return pcre2_match(r->code, (PCRE2_SPTR)(text.p ? text.p : ""), text.n, 0, 0, r->data, r->limits) >= 0;
}
