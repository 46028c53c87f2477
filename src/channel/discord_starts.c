#include "channel/discord_starts.h"

#include <stdio.h>
#include <string.h>

enum { DAY_MS = 24 * 60 * 60 * 1000, BUSY_MS = 500, COUNT_MAX = 100 * 1000 };

/* --- the answer to GET /gateway/bot ------------------------------------------------------------------------- */

static bool number_in(const cJSON *object, const char *key, double least, double most, double *out)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(value) || !(value->valuedouble >= least && value->valuedouble <= most))
        return false;
    *out = value->valuedouble;
    return true;
}

bool discord_starts_learn(struct discord_starts *s, const cJSON *answer, int64_t now_ms)
{
    const cJSON *limit = cJSON_GetObjectItemCaseSensitive(answer, "session_start_limit");
    struct str url = json_str(answer, "url");
    double shards, total, remaining, reset, groups;
    if (!url.n || url.n >= sizeof s->url || !number_in(answer, "shards", 1, COUNT_MAX, &shards) ||
        !number_in(limit, "total", 0, 1e9, &total) || !number_in(limit, "remaining", 0, 1e9, &remaining) ||
        !number_in(limit, "reset_after", 0, 1e12, &reset) || !number_in(limit, "max_concurrency", 1, 1e6, &groups))
        return false;
    memcpy(s->url, url.p, url.n);
    s->url[url.n] = '\0';
    s->known = true;
    s->shards = (int)shards;
    s->total = (int64_t)total;
    s->remaining = (int64_t)remaining;
    s->reset_at_ms = now_ms + (int64_t)reset;
    s->groups = groups < STARTS_GROUPS_MAX ? (int)groups : STARTS_GROUPS_MAX;
    return true;
}

/* --- turns -------------------------------------------------------------------------------------------------- */

static int64_t left(const struct discord_starts *s, int64_t now_ms)
{
    return now_ms < s->reset_at_ms ? s->remaining : s->total;
}

bool discord_starts_used_up(const struct discord_starts *s, int64_t now_ms)
{
    return s->known && left(s, now_ms) <= STARTS_RESERVE;
}

static void refill(struct discord_starts *s, int64_t now_ms)
{
    if (now_ms < s->reset_at_ms)
        return;
    s->remaining = s->total;
    s->reset_at_ms = now_ms + DAY_MS;
}

int64_t discord_starts_wait(struct discord_starts *s, int shard, int64_t now_ms)
{
    if (!s->known)
        return BUSY_MS;
    refill(s, now_ms);
    if (s->remaining <= STARTS_RESERVE)
        return s->reset_at_ms - now_ms;
    int g = shard % s->groups;
    if (s->group[g].holder && s->group[g].holder != shard + 1)
        return BUSY_MS;
    if (now_ms < s->group[g].next_ms)
        return s->group[g].next_ms - now_ms;
    s->group[g].holder = shard + 1;
    return 0;
}

void discord_starts_identified(struct discord_starts *s, int shard, int64_t now_ms)
{
    int g = shard % s->groups;
    s->remaining--;
    s->group[g].next_ms = now_ms + STARTS_APART_MS;
    s->group[g].holder = 0;
}

void discord_starts_end(struct discord_starts *s, int shard)
{
    for (int g = 0; g < s->groups; g++)
        if (s->group[g].holder == shard + 1)
            s->group[g].holder = 0;
}

/* --- which shards ------------------------------------------------------------------------------------------- */

/* Digits up to `at` (NUL: the end); false when there are none or too many. */
static bool take_number(struct str *rest, char at, int *out)
{
    struct str digits = *rest;
    if (at && (!str_cut(rest, at, &digits) || !rest->p))
        return false;
    if (digits.n < 1 || digits.n > 5)
        return false;
    *out = 0;
    for (size_t i = 0; i < digits.n; i++) {
        if (!ch_digit(digits.p[i]))
            return false;
        *out = *out * 10 + digits.p[i] - '0';
    }
    return true;
}

bool discord_range_read(struct str text, struct discord_range *out)
{
    struct discord_range range = {0};
    if (str_is(text, "auto")) {
        *out = range;
        return true;
    }
    if (!take_number(&text, '-', &range.first) || !take_number(&text, '/', &range.last) ||
        !take_number(&text, '\0', &range.count))
        return false;
    if (range.first > range.last || range.last >= range.count)
        return false;
    *out = range;
    return true;
}
