/*
 * buf: bytes that grow, up to a maximum that they are born with.
 *
 *     struct buf b;
 *     buf_init(&b, REPLY_MAX);
 *     buf_addf(&b, "%d sections", n);
 *     fwrite(b.p, 1, b.n, stdout);
 *     buf_release(&b);
 *
 * What does not fit is left out and `full` is set; what is there stays NUL-terminated.
 */
#ifndef DOCENT_BASE_BUF_H
#define DOCENT_BASE_BUF_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *p;
    size_t n, cap, max;
    bool full;
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_add(struct buf *b, struct str s);
void buf_adds(struct buf *b, const char *text);
static inline void buf_addc(struct buf *b, char c)
{
    if (b->n + 1 >= b->cap) { /* grows, or is full */
        buf_add(b, (struct str){&c, 1});
        return;
    }
    b->p[b->n++] = c;
    b->p[b->n] = '\0';
}
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_fill(struct buf *b, char c, size_t times);
struct str buf_str(const struct buf *b); /* a view, until the next change */
void buf_clear(struct buf *b);           /* empty, memory kept */
void buf_cut(struct buf *b, size_t n);   /* keep the first n bytes */
void buf_release(struct buf *b);

#endif
