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
