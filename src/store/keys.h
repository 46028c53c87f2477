/*
 * keys: the hashes of the last acts that were taken, so that none is taken twice.
 *
 *     struct keys keys = {0};
 *     if (keys_add(&keys, str_hash(key))) … it is new …
 *     keys_take_back(&keys, 1);           … but could not be kept
 *     keys_release(&keys);
 *
 * The last KEYS_MAX are remembered. A hash of 64 bits stands for a key: that a new act looks like one of so many others
 * happens once in 10^14. Memory grows with their number, to 2 MB.
 */
#ifndef DOCENT_STORE_KEYS_H
#define DOCENT_STORE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEYS_MAX = 1 << 17 };

struct keys {
    uint64_t *hashes;  /* a ring; number i lies at i modulo its size */
    uint32_t *slots;   /* open addressing, twice the ring's size: place in the ring + 1, or 0 */
    size_t size;       /* of the ring: a power of two */
    uint64_t from, to; /* numbers of the oldest, and of the next to come */
};

bool keys_add(struct keys *k, uint64_t hash);  /* false: it is there already */
void keys_take_back(struct keys *k, size_t n); /* forget the n newest */
size_t keys_count(const struct keys *k);
void keys_release(struct keys *k);

#endif
