#include "channel/dialogs.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct entry {
    struct dialog dialog;
    struct str key; /* owned, right behind the entry */
    uint64_t hash;
    int64_t used_ms;
    struct entry *next;          /* in its bucket */
    struct entry *newer, *older; /* in the order of use */
};

struct dialogs {
    struct entry **buckets;
    size_t mask; /* buckets - 1, a power of two */
    size_t n, max;
    int64_t ttl_ms;
    uint64_t seed;
    struct entry *newest, *oldest;
};

struct dialogs *dialogs_new(size_t max, int64_t ttl_ms)
{
    struct dialogs *t = mem_alloc(sizeof *t);
    size_t buckets = 16;
    while (buckets < max)
        buckets *= 2;
    *t = (struct dialogs){.mask = buckets - 1, .max = max, .ttl_ms = ttl_ms};
    t->buckets = mem_resize(NULL, buckets, sizeof *t->buckets);
    for (size_t i = 0; i < buckets; i++)
        t->buckets[i] = NULL;
    /* Keys come from strangers: with a seed of its own, nobody can choose keys that share a bucket. */
    if (getrandom(&t->seed, sizeof t->seed, GRND_NONBLOCK) != (ssize_t)sizeof t->seed)
        t->seed = (uint64_t)(uintptr_t)t;
    return t;
}

void dialogs_free(struct dialogs *t)
{
    if (!t)
        return;
    for (struct entry *e = t->newest, *older; e; e = older) {
        older = e->older;
        free(e);
    }
    free(t->buckets);
    free(t);
}

/* The low bits of FNV-1a are its weakest: fold the high ones in. */
static uint64_t hash_key(const struct dialogs *t, struct str key)
{
    uint64_t hash = str_hash_more(STR_HASH_START ^ t->seed, key);
    return hash ^ hash >> 32;
}

/* The pointer that points to the entry of a key, or to NULL at the end of its bucket. */
static struct entry **find(struct dialogs *t, struct str key, uint64_t hash)
{
    struct entry **at = &t->buckets[hash & t->mask];
    while (*at && ((*at)->hash != hash || !str_eq((*at)->key, key)))
        at = &(*at)->next;
    return at;
}

static void unlink_use(struct dialogs *t, struct entry *e)
{
    *(e->newer ? &e->newer->older : &t->newest) = e->older;
    *(e->older ? &e->older->newer : &t->oldest) = e->newer;
}

static void link_newest(struct dialogs *t, struct entry *e)
{
    e->newer = NULL;
    e->older = t->newest;
    *(t->newest ? &t->newest->newer : &t->oldest) = e;
    t->newest = e;
}

static void drop(struct dialogs *t, struct entry **at)
{
    struct entry *e = *at;
    *at = e->next;
    unlink_use(t, e);
    t->n--;
    free(e);
}

static struct entry *add(struct dialogs *t, struct str key, uint64_t hash)
{
    if (t->n == t->max)
        drop(t, find(t, t->oldest->key, t->oldest->hash));
    struct entry *e = mem_alloc(sizeof *e + key.n);
    char *copy = (char *)(e + 1);
    if (key.n)
        memcpy(copy, key.p, key.n);
    e->key = (struct str){copy, key.n};
    e->hash = hash;
    struct entry **bucket = &t->buckets[hash & t->mask];
    e->next = *bucket;
    *bucket = e;
    link_newest(t, e);
    t->n++;
    return e;
}

struct dialog *dialogs_get(struct dialogs *t, struct str key, int64_t now_ms)
{
    uint64_t hash = hash_key(t, key);
    struct entry *e = *find(t, key, hash);
    if (!e) {
        e = add(t, key, hash);
    } else {
        if (t->ttl_ms && now_ms - e->used_ms >= t->ttl_ms)
            memset(&e->dialog, 0, sizeof e->dialog);
        unlink_use(t, e);
        link_newest(t, e);
    }
    e->used_ms = now_ms;
    return &e->dialog;
}

void dialogs_forget(struct dialogs *t, struct str key)
{
    struct entry **at = find(t, key, hash_key(t, key));
    if (*at)
        drop(t, at);
}

size_t dialogs_count(const struct dialogs *t)
{
    return t->n;
}
