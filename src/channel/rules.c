#include "channel/rules.h"

#include "base/mem.h"

#include <stdlib.h>
#include <sys/random.h>

static bool is_among(struct str channel, const struct str *channels, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(channels[i], channel))
            return true;
    return false;
}

enum rules_verdict rules_decide(const struct rules *rules, const struct incoming *in, bool takes_part)
{
    bool for_us = in->direct || in->mentioned || (in->reply && rules->threads && takes_part) ||
                  is_among(in->channel, rules->everything, rules->n_everything);
    if (!for_us)
        return RULES_NOT_FOR_US;
    if (is_among(in->channel, rules->denied, rules->n_denied))
        return RULES_CHANNEL;
    if (rules->n_allowed && !is_among(in->channel, rules->allowed, rules->n_allowed))
        return RULES_CHANNEL;
    return RULES_ANSWER;
}

/* --- cool-down ---------------------------------------------------------------------------------------------- */

/*
 * Keys in sets of a few, by their hash; in a full set the key makes room that has been quiet for longest. What is kept of a
 * key is one number: when its bucket will be full again. A key whose bucket is full is like one that was never seen.
 */
enum { WAYS = 8, MINUTE_MS = 60 * 1000 };

struct cooldown {
    uint64_t seed;
    size_t sets; /* a power of two */
    struct {
        uint64_t hash;
        int64_t full_ms;
    } keys[];
};

struct cooldown *cooldown_new(size_t keys_max)
{
    size_t sets = 1;
    while (sets * WAYS < keys_max)
        sets *= 2;
    struct cooldown *c = mem_alloc(sizeof *c + sets * WAYS * sizeof c->keys[0]);
    c->sets = sets;
    /* Keys come from strangers: with a seed of its own, nobody can choose keys that share a set. */
    if (getrandom(&c->seed, sizeof c->seed, GRND_NONBLOCK) != (ssize_t)sizeof c->seed)
        c->seed = (uint64_t)(uintptr_t)c;
    return c;
}

void cooldown_free(struct cooldown *c)
{
    free(c);
}

bool cooldown_ok(struct cooldown *c, struct str key, int per_minute, int64_t now_ms)
{
    if (per_minute <= 0)
        return true;
    uint64_t hash = str_hash_more(STR_HASH_START ^ c->seed, key);
    size_t first = (size_t)(hash ^ hash >> 32) % c->sets * WAYS, at = first;
    for (size_t i = first; i < first + WAYS; i++) {
        if (c->keys[i].hash == hash) {
            at = i;
            break;
        }
        if (c->keys[i].full_ms < c->keys[at].full_ms)
            at = i;
    }
    int64_t each_ms = MINUTE_MS / per_minute, full_ms = c->keys[at].hash == hash ? c->keys[at].full_ms : now_ms;
    if (full_ms < now_ms)
        full_ms = now_ms;
    if (full_ms + each_ms - now_ms > MINUTE_MS)
        return false;
    c->keys[at].hash = hash;
    c->keys[at].full_ms = full_ms + each_ms;
    return true;
}
