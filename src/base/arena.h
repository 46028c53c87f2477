/*
 * arena: memory that is freed all at once.
 *
 * One arena holds everything that lives equally long: a loaded set of packs, or one request.
 *     struct arena a = {0};
 *     char *p = arena_alloc(&a, 100);
 *     arena_reset(&a);      keeps the largest block for the next request
 *     arena_release(&a);    gives everything back
 *
 * Allocation never fails (see mem.h). What is returned is aligned for any type, and zeroed but for arena_raw's.
 */
#ifndef DOCENT_BASE_ARENA_H
#define DOCENT_BASE_ARENA_H

#include "base/str.h"

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *top;
};

void *arena_alloc(struct arena *a, size_t size_bytes);
void *arena_array(struct arena *a, size_t count, size_t each_bytes);
void *arena_raw(struct arena *a, size_t size_bytes); /* for what is written whole before it is read */
struct str arena_str(struct arena *a, struct str s); /* a copy, with a NUL behind it */
struct str arena_fmt(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct str arena_vfmt(struct arena *a, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
struct str arena_join(struct arena *a, const struct str *parts, size_t n); /* one behind the other, and a NUL */
#define ARENA_JOIN(a, ...) \
    arena_join((a), (const struct str[]){__VA_ARGS__}, sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str))
size_t arena_used(const struct arena *a); /* bytes in use over all blocks */
void arena_reset(struct arena *a);

/* Gives back what was allocated since the mark, for work whose result is small. */
struct arena_mark {
    struct arena_block *top;
    size_t used;
};
struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark mark);
void arena_release(struct arena *a);

/*
 * Growing arrays in an arena: pointer, count and capacity stand side by side in the owner.
 *     struct thing *things; size_t n_things, cap_things;
 *     *ARENA_PUSH(&arena, o->things, o->n_things, o->cap_things) = (struct thing){…};
 * Where something else was allocated in between, the old copy stays in the arena until it is released.
 */
#define ARENA_PUSH(a, items, n, cap) \
    ((n) < (cap) ? (void)0 : (void)((items) = arena_grow((a), (items), (n), &(cap), sizeof *(items))), (items) + (n)++)
void *arena_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t each_bytes);

#endif
