#include "base/str.h"

#include <string.h>

struct str str_of(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}

struct str str_sub(struct str s, size_t from, size_t to)
{
    if (to > s.n)
        to = s.n;
    if (from > to)
        from = to;
    return (struct str){s.p ? s.p + from : NULL, to - from};
}

struct str str_trim(struct str s)
{
    while (s.n && ch_space(s.p[0]))
        s.p++, s.n--;
    while (s.n && ch_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool str_is(struct str a, const char *text)
{
    return str_eq(a, str_of(text));
}

bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_eq(str_sub(s, s.n - suffix.n, s.n), suffix);
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool str_cut(struct str *rest, char at, struct str *head)
{
    if (!rest->p)
        return false;
    const char *found = rest->n ? memchr(rest->p, at, rest->n) : NULL;
    if (found) {
        *head = (struct str){rest->p, (size_t)(found - rest->p)};
        *rest = (struct str){found + 1, rest->n - head->n - 1};
    } else {
        *head = *rest;
        *rest = (struct str){NULL, 0};
    }
    return true;
}

uint64_t str_hash_more(uint64_t hash, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        hash = (hash ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
    return hash;
}

uint64_t str_hash(struct str s)
{
    return str_hash_more(STR_HASH_START, s);
}
