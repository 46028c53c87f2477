#include "channel/waiters.h"

#include "base/mem.h"

#include <stdlib.h>

enum { CAP_MIN = 64 };

struct waiter {
    void (*fn)(void *arg, bool ok);
    void *arg;
    enum waiters_need need;
};

void waiters_add(struct waiters *w, void (*fn)(void *arg, bool ok), void *arg, enum waiters_need need)
{
    if (!fn)
        return;
    if (w->n == w->cap) {
        w->cap = w->cap ? 2 * w->cap : CAP_MIN;
        w->items = mem_resize(w->items, w->cap, sizeof *w->items);
    }
    w->items[w->n++] = (struct waiter){fn, arg, need};
}

void waiters_tell(struct waiters *w, bool ok)
{
    struct waiters told = *w;
    *w = (struct waiters){0};
    for (size_t i = 0; i < told.n; i++)
        told.items[i].fn(told.items[i].arg, ok || told.items[i].need == WAITERS_IN_ANY_CASE);
    if (w->items)
        free(told.items);
    else
        *w = (struct waiters){.items = told.items, .cap = told.cap};
}

void waiters_release(struct waiters *w)
{
    free(w->items);
    *w = (struct waiters){0};
}
