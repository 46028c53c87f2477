#include "store/keys.h"

#include "base/mem.h"

#include <stdlib.h>

enum { SIZE_MIN = 1024 };

static uint64_t *at(const struct keys *k, uint64_t number)
{
    return &k->hashes[number & (k->size - 1)];
}

static size_t slots_mask(const struct keys *k)
{
    return 2 * k->size - 1;
}

/* Where a hash is looked for first. Multiplied, since the low bits of FNV-1a are its weakest. */
static size_t home(const struct keys *k, uint64_t hash)
{
    return (size_t)(hash * UINT64_C(0x9E3779B97F4A7C15) >> 32) & slots_mask(k);
}

/* The slot that holds a hash, or the empty one where it would go. */
static size_t find(const struct keys *k, uint64_t hash)
{
    size_t i = home(k, hash);
    while (k->slots[i] && k->hashes[k->slots[i] - 1] != hash)
        i = (i + 1) & slots_mask(k);
    return i;
}

/* Empties a slot, and closes the gap for those behind it that had to step aside. */
static void drop(struct keys *k, uint64_t number)
{
    size_t gap = find(k, *at(k, number));
    for (size_t i = gap;;) {
        i = (i + 1) & slots_mask(k);
        if (!k->slots[i])
            break;
        size_t wanted = home(k, k->hashes[k->slots[i] - 1]);
        if (((i - wanted) & slots_mask(k)) >= ((i - gap) & slots_mask(k))) {
            k->slots[gap] = k->slots[i];
            gap = i;
        }
    }
    k->slots[gap] = 0;
}

static void put(struct keys *k, size_t slot, uint64_t hash)
{
    *at(k, k->to) = hash;
    k->slots[slot] = (uint32_t)(k->to & (k->size - 1)) + 1;
    k->to++;
}

static void grow(struct keys *k)
{
    struct keys old = *k;
    k->size = old.size ? 2 * old.size : SIZE_MIN;
    k->hashes = mem_resize(NULL, k->size, sizeof *k->hashes);
    k->slots = mem_alloc(2 * k->size * sizeof *k->slots);
    k->from = k->to = 0;
    for (uint64_t i = old.from; i < old.to; i++)
        put(k, find(k, *at(&old, i)), *at(&old, i));
    keys_release(&old);
}

bool keys_add(struct keys *k, uint64_t hash)
{
    if (k->size && k->slots[find(k, hash)])
        return false;
    if (keys_count(k) == k->size && k->size < KEYS_MAX)
        grow(k);
    else if (keys_count(k) == k->size)
        drop(k, k->from++);
    put(k, find(k, hash), hash);
    return true;
}

void keys_take_back(struct keys *k, size_t n)
{
    for (; n && k->to > k->from; n--)
        drop(k, --k->to);
}

size_t keys_count(const struct keys *k)
{
    return (size_t)(k->to - k->from);
}

void keys_release(struct keys *k)
{
    free(k->hashes);
    free(k->slots);
    *k = (struct keys){0};
}
