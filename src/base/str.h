/*
 * str: a view of bytes that somebody else owns.
 *
 * Not necessarily NUL-terminated; `p` may be NULL when `n` is 0. Pass it by value.
 *     struct str s = STR("how much");
 *     printf("%.*s\n", STR_FMT(s));
 */
#ifndef DOCENT_BASE_STR_H
#define DOCENT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_FMT(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct str str_of(const char *text) /* of a C string; NULL gives the empty view */
{
    return (struct str){text, text ? strlen(text) : 0};
}

static inline struct str str_sub(struct str s, size_t from, size_t to)
{
    to = to < s.n ? to : s.n;
    from = from < to ? from : to;
    return s.n ? (struct str){s.p + from, to - from} : s;
}

struct str str_trim(struct str s); /* without ASCII white space at both ends */
static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool str_is(struct str a, const char *text)
{
    return str_eq(a, str_of(text));
}
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
int str_cmp(struct str a, struct str b);                   /* byte order, shorter first */
bool str_cut(struct str *rest, char at, struct str *head); /* next piece up to `at`; false at the end */

#define STR_HASH_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t str_hash_more(uint64_t hash, struct str s) /* continue a hash with further bytes */
{
    for (size_t i = 0; i < s.n; i++)
        hash = (hash ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static inline uint64_t str_hash(struct str s) /* FNV-1a, 64 bit: for tables and choices, not for secrets */
{
    return str_hash_more(STR_HASH_START, s);
}

uint64_t str_hash_much(uint64_t hash, struct str s); /* continues a hash, too, with other results: for many bytes */

/* Character classes of ASCII only, whatever the locale, for any char value. */
static inline bool ch_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool ch_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ch_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool ch_alnum(char c)
{
    return ch_alpha(c) || ch_digit(c);
}

static inline char ch_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline bool str_has_digit(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (ch_digit(s.p[i]))
            return true;
    return false;
}

#endif
