#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, size_t max_bytes)
{
    *b = (struct buf){.max = max_bytes};
}

/* Makes room for n more bytes and a NUL; returns how many of the n fit. */
static size_t room_for(struct buf *b, size_t n)
{
    if (n > b->max - b->n) {
        b->full = true;
        n = b->max - b->n;
    }
    if (b->n + n + 1 > b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 64;
        if (cap < b->n + n + 1)
            cap = b->n + n + 1;
        if (cap > b->max + 1)
            cap = b->max + 1;
        b->p = mem_resize(b->p, cap, 1);
        b->cap = cap;
    }
    return n;
}

void buf_add(struct buf *b, struct str s)
{
    size_t n = room_for(b, s.n);
    if (n)
        memcpy(b->p + b->n, s.p, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void buf_adds(struct buf *b, const char *text)
{
    buf_add(b, str_of(text));
}

void buf_fill(struct buf *b, char c, size_t times)
{
    size_t n = room_for(b, times);
    if (n)
        memset(b->p + b->n, c, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void buf_addf(struct buf *b, const char *format, ...)
{
    char small[512];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int need = vsnprintf(small, sizeof small, format, args);
    if (need >= 0 && (size_t)need < sizeof small) {
        buf_add(b, (struct str){small, (size_t)need});
    } else if (need > 0) {
        char *large = mem_alloc((size_t)need + 1);
        vsnprintf(large, (size_t)need + 1, format, again);
        buf_add(b, (struct str){large, (size_t)need});
        free(large);
    }
    va_end(again);
    va_end(args);
}

struct str buf_str(const struct buf *b)
{
    return (struct str){b->p ? b->p : "", b->n};
}

void buf_clear(struct buf *b)
{
    buf_cut(b, 0);
    b->full = false;
}

void buf_cut(struct buf *b, size_t n)
{
    if (n < b->n)
        b->n = n;
    if (b->p)
        b->p[b->n] = '\0';
}

void buf_release(struct buf *b)
{
    free(b->p);
    *b = (struct buf){.max = b->max};
}
