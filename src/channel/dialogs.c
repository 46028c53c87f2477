#include "channel/dialogs.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct entry *newer, *older;    /* by last use */
    struct entry *next;             /* in the same bucket */
    uint64_t hash, used_ms;
    struct dialog dialog;
    struct str name;                /* its bytes follow the struct */
};

struct dialogs {
    struct entry *newest, *oldest;
    struct entry **buckets;
    size_t n_buckets;               /* a power of two */
    size_t n, max;
    uint64_t ttl_ms;
};

struct dialogs *dialogs_new(size_t max, uint64_t ttl_ms)
{
    assert(max > 0);
    struct dialogs *all = mem_alloc(sizeof *all);
    *all = (struct dialogs){.max = max, .ttl_ms = ttl_ms, .n_buckets = 16};
    while (all->n_buckets < max)
        all->n_buckets *= 2;
    all->buckets = mem_alloc(all->n_buckets * sizeof *all->buckets);
    return all;
}

void dialogs_free(struct dialogs *all)
{
    if (!all)
        return;
    for (struct entry *e = all->newest, *older; e; e = older) {
        older = e->older;
        free(e);
    }
    free(all->buckets);
    free(all);
}

/* The link that leads to the entry of that name, or that a new one would be hung on. */
static struct entry **find(struct dialogs *all, struct str name, uint64_t hash)
{
    struct entry **link = &all->buckets[hash & (all->n_buckets - 1)];
    while (*link && !((*link)->hash == hash && str_eq((*link)->name, name)))
        link = &(*link)->next;
    return link;
}

static void put_newest(struct dialogs *all, struct entry *e)
{
    e->newer = NULL;
    e->older = all->newest;
    if (all->newest)
        all->newest->newer = e;
    else
        all->oldest = e;
    all->newest = e;
}

static void take_out(struct dialogs *all, struct entry *e)
{
    if (e->newer)
        e->newer->older = e->older;
    else
        all->newest = e->older;
    if (e->older)
        e->older->newer = e->newer;
    else
        all->oldest = e->newer;
}

static void drop(struct dialogs *all, struct entry *e)
{
    *find(all, e->name, e->hash) = e->next;
    take_out(all, e);
    free(e);
    all->n--;
}

static struct entry *add(struct dialogs *all, struct str name, uint64_t hash)
{
    if (all->n == all->max)
        drop(all, all->oldest);
    struct entry *e = mem_alloc(sizeof *e + name.n);
    char *copy = (char *)(e + 1);
    if (name.n)
        memcpy(copy, name.p, name.n);
    e->name = (struct str){copy, name.n};
    e->hash = hash;
    struct entry **link = find(all, name, hash);
    e->next = *link;
    *link = e;
    put_newest(all, e);
    all->n++;
    return e;
}

struct dialog *dialogs_get(struct dialogs *all, struct str name, uint64_t now_ms)
{
    uint64_t hash = str_hash(name);
    struct entry *e = *find(all, name, hash);
    if (!e) {
        e = add(all, name, hash);
    } else {
        if (all->ttl_ms && now_ms - e->used_ms >= all->ttl_ms)
            e->dialog = (struct dialog){0};
        take_out(all, e);
        put_newest(all, e);
    }
    e->used_ms = now_ms;
    return &e->dialog;
}

void dialogs_forget(struct dialogs *all, struct str name)
{
    struct entry *e = *find(all, name, str_hash(name));
    if (e)
        drop(all, e);
}

size_t dialogs_count(const struct dialogs *all)
{
    return all->n;
}
