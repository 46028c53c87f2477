#include "channel/posts.h"

#include <assert.h>
#include <string.h>

/* FORM, then of each post: whether it may be sent again (one byte), then its texts: length (four bytes), bytes. */
enum { FORM = 1, TEXTS = 4, TEXT_MAX_BYTES = 1 << 20 };

static void texts_of(const struct post *post, struct str texts[TEXTS])
{
    texts[0] = post->lane;
    texts[1] = post->method;
    texts[2] = post->route;
    texts[3] = post->body;
}

struct str posts_pack(const struct posts *posts, struct arena *a)
{
    struct str texts[TEXTS];
    size_t size = 1;
    for (size_t i = 0; i < posts->n; i++) {
        texts_of(&posts->items[i], texts);
        size += 1;
        for (size_t t = 0; t < TEXTS; t++)
            size += sizeof(uint32_t) + texts[t].n;
    }
    char *p = arena_alloc(a, size), *end = p;
    *end++ = FORM;
    for (size_t i = 0; i < posts->n; i++) {
        texts_of(&posts->items[i], texts);
        *end++ = posts->items[i].again;
        for (size_t t = 0; t < TEXTS; t++) {
            assert(texts[t].n <= TEXT_MAX_BYTES);
            uint32_t n = (uint32_t)texts[t].n;
            memcpy(end, &n, sizeof n);
            end += sizeof n;
            if (n)
                memcpy(end, texts[t].p, n);
            end += n;
        }
    }
    return (struct str){p, size};
}

static bool take_text(struct str *rest, struct str *text)
{
    uint32_t n;
    if (rest->n < sizeof n)
        return false;
    memcpy(&n, rest->p, sizeof n);
    if (n > rest->n - sizeof n)
        return false;
    *text = str_sub(*rest, sizeof n, sizeof n + n);
    *rest = str_sub(*rest, sizeof n + n, rest->n);
    return true;
}

bool posts_unpack(struct str packed, struct posts *out)
{
    *out = (struct posts){.n = 0};
    if (!packed.n || packed.p[0] != FORM)
        return false;
    for (packed = str_sub(packed, 1, packed.n); packed.n; out->n++) {
        if (out->n == POSTS_MAX)
            return false;
        struct post *post = &out->items[out->n];
        post->again = packed.p[0] != 0;
        packed = str_sub(packed, 1, packed.n);
        if (!take_text(&packed, &post->lane) || !take_text(&packed, &post->method) ||
            !take_text(&packed, &post->route) || !take_text(&packed, &post->body))
            return false;
    }
    return true;
}
