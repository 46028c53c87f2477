#include "base/arena.h"

#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_MIN = 16 * 1024, ALIGN = 16 };

struct arena_block {
    struct arena_block *below;
    size_t size, used;
    _Alignas(16) char bytes[];
};

static struct arena_block *push_block(struct arena *a, size_t need)
{
    size_t size = a->top ? a->top->size * 2 : BLOCK_MIN;
    if (size > 1024 * 1024)
        size = 1024 * 1024;
    if (size < need)
        size = need;
    struct arena_block *b = mem_resize(NULL, 1, sizeof *b + size);
    *b = (struct arena_block){.below = a->top, .size = size};
    a->top = b;
    return b;
}

static size_t rounded(size_t size_bytes)
{
    if (size_bytes > SIZE_MAX / 2)
        mem_resize(NULL, SIZE_MAX, 2); /* ends the program */
    return (size_bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

void *arena_raw(struct arena *a, size_t size_bytes)
{
    size_t need = rounded(size_bytes);
    struct arena_block *b = a->top;
    if (!b || b->size - b->used < need)
        b = push_block(a, need);
    void *p = b->bytes + b->used;
    b->used += need;
    return p;
}

void *arena_alloc(struct arena *a, size_t size_bytes)
{
    return memset(arena_raw(a, size_bytes), 0, size_bytes);
}

void *arena_array(struct arena *a, size_t count, size_t each_bytes)
{
    if (each_bytes && count > SIZE_MAX / each_bytes / 2)
        mem_resize(NULL, SIZE_MAX, 2); /* ends the program */
    return arena_alloc(a, count * each_bytes);
}

/* Makes the allocation at p larger where it stands, if it was the last one and there is room. */
static bool extend(struct arena *a, void *p, size_t old_bytes, size_t new_bytes)
{
    struct arena_block *b = a->top;
    size_t old = rounded(old_bytes), more = rounded(new_bytes) - old;
    if (!p || !b || b->used < old || (char *)p != b->bytes + b->used - old || b->size - b->used < more)
        return false;
    memset((char *)p + old_bytes, 0, new_bytes - old_bytes);
    b->used += more;
    return true;
}

void *arena_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t each_bytes)
{
    if (n < *cap)
        return items;
    size_t larger = *cap ? *cap * 2 : 8;
    if (larger > SIZE_MAX / each_bytes / 2)
        mem_resize(NULL, SIZE_MAX, 2); /* ends the program */
    if (!extend(a, items, *cap * each_bytes, larger * each_bytes)) {
        void *copy = arena_raw(a, larger * each_bytes);
        if (n)
            memcpy(copy, items, n * each_bytes);
        memset((char *)copy + n * each_bytes, 0, (larger - n) * each_bytes);
        items = copy;
    }
    *cap = larger;
    return items;
}

struct str arena_str(struct arena *a, struct str s)
{
    char *p = arena_raw(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (struct str){p, s.n};
}

struct str arena_join(struct arena *a, const struct str *parts, size_t n)
{
    size_t size = 0, at = 0;
    for (size_t i = 0; i < n; i++)
        size += parts[i].n;
    char *p = arena_raw(a, size + 1);
    for (size_t i = 0; i < n; at += parts[i++].n)
        if (parts[i].n)
            memcpy(p + at, parts[i].p, parts[i].n);
    p[size] = '\0';
    return (struct str){p, size};
}

struct str arena_vfmt(struct arena *a, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    size_t size = n < 0 ? 0 : (size_t)n;
    char *p = arena_raw(a, size + 1);
    vsnprintf(p, size + 1, format, again);
    va_end(again);
    return (struct str){p, size};
}

struct str arena_fmt(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str s = arena_vfmt(a, format, args);
    va_end(args);
    return s;
}

size_t arena_used(const struct arena *a)
{
    size_t sum = 0;
    for (const struct arena_block *b = a->top; b; b = b->below)
        sum += b->used;
    return sum;
}

struct arena_mark arena_mark(const struct arena *a)
{
    return (struct arena_mark){a->top, a->top ? a->top->used : 0};
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
    while (a->top != mark.top) {
        struct arena_block *below = a->top->below;
        free(a->top);
        a->top = below;
    }
    if (a->top)
        a->top->used = mark.used;
}

void arena_reset(struct arena *a)
{
    struct arena_block *keep = a->top;
    if (!keep)
        return;
    struct arena rest = {keep->below};
    keep->below = NULL;
    keep->used = 0;
    arena_release(&rest);
}

void arena_release(struct arena *a)
{
    while (a->top) {
        struct arena_block *below = a->top->below;
        free(a->top);
        a->top = below;
    }
}
