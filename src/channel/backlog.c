#include "channel/backlog.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

enum {
    SIZE_MIN = 64,
    DUE_MAX = 16, /* a turn: one to two milliseconds */
    LATE_MS = 1000,
};

static struct pending *at(const struct backlog *b, uint64_t number)
{
    return &b->items[number & (b->size - 1)];
}

static void grow(struct backlog *b)
{
    struct backlog old = *b;
    b->size = old.size ? 2 * old.size : SIZE_MIN;
    b->items = mem_resize(NULL, b->size, sizeof *b->items);
    for (uint64_t i = old.old_from; i < old.to; i++)
        *at(b, i) = *at(&old, i);
    free(old.items);
}

/* What was taken out in this turn is still in its place, since it may have to wait again. */
void backlog_add(struct backlog *b, struct pending pending)
{
    if (b->to - b->old_from == b->size)
        grow(b);
    *at(b, b->to++) = pending;
}

size_t backlog_waiting(const struct backlog *b)
{
    return (size_t)(b->to - b->from);
}

int64_t backlog_oldest_ms(const struct backlog *b, int64_t now_ms)
{
    return backlog_waiting(b) ? now_ms - at(b, b->from)->since_ms : 0;
}

size_t backlog_added(const struct backlog *b)
{
    return (size_t)(b->to - b->old_to);
}

bool backlog_pauses(const struct backlog *b, int64_t now_ms)
{
    return now_ms >= b->pause_ms;
}

size_t backlog_due(struct backlog *b, int64_t now_ms)
{
    size_t n = backlog_waiting(b), due = DUE_MAX;
    if (backlog_added(b))
        b->pause_ms = now_ms + BACKLOG_PAUSE_MS;
    if (n && !backlog_pauses(b, now_ms)) {
        int64_t late = backlog_oldest_ms(b, now_ms) / LATE_MS;
        bool none_before = b->from == b->old_to;
        due = late >= DUE_MAX ? DUE_MAX : none_before ? 1 : (size_t)late;
    }
    return due < n ? due : n;
}

struct pending backlog_next(struct backlog *b)
{
    assert(backlog_waiting(b));
    return *at(b, b->from++);
}

void backlog_end_turn(struct backlog *b, bool ok)
{
    if (!ok) {
        b->from = b->old_from;
        b->to = b->old_to;
    }
    b->old_from = b->from;
    b->old_to = b->to;
}

void backlog_release(struct backlog *b)
{
    free(b->items);
    *b = (struct backlog){0};
}
