#include "base/utf8.h"

#include <utf8proc.h>

static bool continues(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

int32_t utf8_next(struct str *s)
{
    const unsigned char *p = (const unsigned char *)s->p;
    int32_t c = p[0];
    size_t len = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
    bool good = len > 0 && len <= s->n;
    for (size_t i = 1; good && i < len; i++)
        good = continues(p[i]);
    if (good && len == 2)
        c = (c & 0x1F) << 6 | (p[1] & 0x3F);
    else if (good && len == 3)
        c = (c & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    else if (good && len == 4)
        c = (c & 0x07) << 18 | (p[1] & 0x3F) << 12 | (p[2] & 0x3F) << 6 | (p[3] & 0x3F);
    if (good &&
        ((len == 3 && (c < 0x800 || (c >= 0xD800 && c < 0xE000))) || (len == 4 && (c < 0x10000 || c > 0x10FFFF))))
        good = false;
    if (!good)
        len = 1, c = UTF8_REPLACEMENT;
    s->p += len;
    s->n -= len;
    return c;
}

size_t utf8_put(int32_t character, char out[4])
{
    if (character < 0 || character > 0x10FFFF || (character >= 0xD800 && character < 0xE000))
        character = UTF8_REPLACEMENT;
    return (size_t)utf8proc_encode_char(character, (utf8proc_uint8_t *)out);
}

bool utf8_valid(struct str s)
{
    while (s.n) {
        struct str before = s;
        if (utf8_next(&s) == UTF8_REPLACEMENT && before.n - s.n == 1)
            return false;
    }
    return true;
}

size_t utf8_count(struct str s)
{
    size_t n = 0;
    while (s.n) {
        utf8_next(&s);
        n++;
    }
    return n;
}

size_t utf8_at(struct str s, size_t count)
{
    struct str rest = s;
    while (rest.n && count) {
        utf8_next(&rest);
        count--;
    }
    return s.n - rest.n;
}

size_t utf8_cut(struct str s, size_t max_bytes)
{
    if (s.n <= max_bytes)
        return s.n;
    size_t n = max_bytes;
    while (n && continues((unsigned char)s.p[n]))
        n--;
    return n;
}

int utf8_columns(int32_t character)
{
    return utf8proc_charwidth(character);
}
