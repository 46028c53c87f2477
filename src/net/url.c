#include "net/url.h"

#include <string.h>

static bool is_same(struct str s, const char *lower)
{
    size_t n = strlen(lower);
    if (s.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (ch_lower(s.p[i]) != lower[i])
            return false;
    return true;
}

static bool has_only_address_bytes(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] >= 0x7F || s.p[i] == '\\')
            return false;
    return true;
}

/* A number up to max, without leading zeros: those would make it octal for some. */
static bool is_number(struct str s, int max)
{
    int value = 0;
    if (s.n == 0 || s.n > 5 || (s.n > 1 && s.p[0] == '0'))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!ch_digit(s.p[i]))
            return false;
        value = value * 10 + (s.p[i] - '0');
    }
    return value <= max;
}

/* 127.a.b.c, written out: other spellings of it are not ours to understand. */
static bool is_loopback(struct str host)
{
    struct str rest = host, part;
    int parts = 0;
    if (is_same(host, "localhost") || str_is(host, "[::1]"))
        return true;
    if (!str_starts(host, STR("127.")) || str_ends(host, STR(".")))
        return false;
    for (; str_cut(&rest, '.', &part); parts++)
        if (!is_number(part, 255))
            return false;
    return parts == 4;
}

static bool is_made_of(struct str s, const char *set)
{
    for (size_t i = 0; i < s.n; i++)
        if (!strchr(set, s.p[i]))
            return false;
    return s.n > 0;
}

static bool is_host(struct str host)
{
    if (str_starts(host, STR("[")) && str_ends(host, STR("]")))
        return is_made_of(str_sub(host, 1, host.n - 1), "0123456789abcdefABCDEF:.");
    return is_made_of(host, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_");
}

static bool read_scheme(struct str *rest, struct url *url)
{
    const char *colon = rest->n ? memchr(rest->p, ':', rest->n) : NULL;
    if (!colon)
        return false;
    struct str scheme = str_sub(*rest, 0, (size_t)(colon - rest->p));
    *rest = str_sub(*rest, scheme.n + 1, rest->n);
    url->secure = is_same(scheme, "https") || is_same(scheme, "wss");
    if (!str_starts(*rest, STR("//")) || (!url->secure && !is_same(scheme, "http") && !is_same(scheme, "ws")))
        return false;
    *rest = str_sub(*rest, 2, rest->n);
    return true;
}

static bool read_authority(struct str authority, struct url *url)
{
    size_t end = authority.n;
    while (end && authority.p[end - 1] != ':' && authority.p[end - 1] != ']')
        end--;
    bool has_port = end && authority.p[end - 1] == ':';
    url->authority = authority;
    url->host = has_port ? str_sub(authority, 0, end - 1) : authority;
    url->port = has_port ? str_sub(authority, end, authority.n) : (struct str){"", 0};
    url->loopback = is_loopback(url->host);
    return is_host(url->host) && (!has_port || is_number(url->port, 65535));
}

bool url_parse(struct str text, struct url *url)
{
    struct str rest = text;
    size_t n = 0;
    *url = (struct url){0};
    if (!has_only_address_bytes(text) || !read_scheme(&rest, url))
        return false;
    while (n < rest.n && !strchr("/?#", rest.p[n]))
        n++;
    struct str after = str_sub(rest, n, rest.n);
    str_cut(&after, '#', &url->path);
    return read_authority(str_sub(rest, 0, n), url);
}
