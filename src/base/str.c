#include "base/str.h"

#include <string.h>

struct str str_trim(struct str s)
{
    while (s.n && ch_space(s.p[0]))
        s.p++, s.n--;
    while (s.n && ch_space(s.p[s.n - 1]))
        s.n--;
    return s;
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

enum { LANES = 4 };

static uint64_t mix(uint64_t hash, uint64_t eight)
{
    hash = (hash ^ eight) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 32;
}

/* Four hashes side by side, since each multiplication waits for the one before. */
uint64_t str_hash_much(uint64_t hash, struct str s)
{
    uint64_t lanes[LANES] = {hash, 1, 2, 3}, eight[LANES];
    size_t at = 0;
    for (; at + sizeof eight <= s.n; at += sizeof eight) {
        memcpy(eight, s.p + at, sizeof eight);
        for (size_t i = 0; i < LANES; i++)
            lanes[i] = mix(lanes[i], eight[i]);
    }
    for (size_t i = 1; i < LANES; i++)
        lanes[0] = mix(lanes[0], lanes[i]);
    return str_hash_more(lanes[0], str_sub(s, at, s.n));
}
