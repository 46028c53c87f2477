/*
 * discord_starts: when a link may start a new session, for all links of a process together.
 *
 * Discord lets a bot identify some 1,000 times a day, and takes its token away when it does so more often; and only
 * max_concurrency at a time, one of each group (shard % max_concurrency) in five seconds. Both stand in the answer to
 * GET /gateway/bot. Source: Discord's documentation, "Gateway", Session Start Limit and Sharding Max Concurrency.
 *
 *     wait_ms = discord_starts_wait(s, shard, now_ms);
 *     if (!wait_ms) { … connect; at hello: discord_starts_identified(s, shard, now_ms) … }
 *     discord_starts_end(s, shard);           the link is gone, identified or not
 *
 * Times are of one clock that does not go back.
 */
#ifndef DOCENT_CHANNEL_DISCORD_STARTS_H
#define DOCENT_CHANNEL_DISCORD_STARTS_H

#include "base/json.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    STARTS_GROUPS_MAX = 64, /* of max_concurrency; more are used as if they were so many */
    STARTS_RESERVE = 50,    /* identifies that are left to an administrator who looks for the fault */
    STARTS_APART_MS = 5500, /* five seconds, and what the way there may vary */
};

struct discord_starts {
    bool known;    /* everything below has been learnt */
    char url[256]; /* wss:// address for new sessions */
    int shards;    /* how many Discord recommends */
    int64_t total, remaining, reset_at_ms;
    int groups;
    struct {
        int holder;      /* shard + 1 that is about to identify; 0: none */
        int64_t next_ms; /* not before */
    } group[STARTS_GROUPS_MAX];
};

/* Takes the answer to GET /gateway/bot; false when it is none, and nothing changes. */
bool discord_starts_learn(struct discord_starts *s, const cJSON *answer, int64_t now_ms);

/* 0: go ahead, the turn is this shard's until it identifies or ends; else how long to wait before asking again. */
int64_t discord_starts_wait(struct discord_starts *s, int shard, int64_t now_ms);
void discord_starts_identified(struct discord_starts *s, int shard, int64_t now_ms);
void discord_starts_end(struct discord_starts *s, int shard);
bool discord_starts_used_up(const struct discord_starts *s, int64_t now_ms);

/* Which shards a process runs. */
struct discord_range {
    int first, last, count; /* count 0: as many as Discord recommends, all of them */
};

/* "auto" or "FIRST-LAST/COUNT", such as "0-3/16"; false for anything else. */
bool discord_range_read(struct str text, struct discord_range *out);

#endif
