/*
 * discord_limits: which calls of Discord's REST API may go now, by what its answers say. Pure.
 *
 *     if ((wait = discord_limits_wait(l, method, route, now_ms)).ms) … later …
 *     discord_limits_sent(l, method, route, now_ms);
 *     … the answer comes …
 *     wait = discord_limits_answer(l, method, route, &answer, now_ms);
 *
 * A bucket is what Discord names in X-RateLimit-Bucket, for one channel, server or webhook; until it is known, the
 * call's method and form. Besides, all calls together stay below 50 a second, and invalid ones (401, 403, 429) far
 * below the 10,000 in ten minutes for which Discord locks an address out. Routes are paths below the API's address,
 * without a slash in front. Tables are bounded: what was used longest ago is forgotten. Source: Discord's
 * documentation, "Rate Limits".
 */
#ifndef DOCENT_CHANNEL_DISCORD_LIMITS_H
#define DOCENT_CHANNEL_DISCORD_LIMITS_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    LIMITS_A_SECOND = 45,      /* of the 50 that Discord allows: clocks differ */
    LIMITS_INVALID_MAX = 1000, /* of the 10,000 in ten minutes that it allows */
};

/* What came back from a call. */
struct discord_answer {
    int status; /* 0: nothing */
    struct str body;
    struct str bucket, remaining, reset_after, scope, global; /* X-RateLimit-…; empty when missing */
    int64_t retry_after_ms;                                   /* Retry-After; -1: none */
};

struct discord_wait {
    int64_t ms; /* 0: go ahead */
    bool all;   /* holds for all calls that are not about interactions */
};

struct discord_limits;

struct discord_limits *discord_limits_new(void);
void discord_limits_free(struct discord_limits *l);

struct discord_wait discord_limits_wait(struct discord_limits *l, const char *method, struct str route, int64_t now_ms);
void discord_limits_sent(struct discord_limits *l, const char *method, struct str route, int64_t now_ms);

/* Learns from an answer. After a 429 the result says how long to wait; else it is 0. */
struct discord_wait discord_limits_answer(struct discord_limits *l, const char *method, struct str route,
                                          const struct discord_answer *answer, int64_t now_ms);

/* Whether docent was shut out of that channel (403) a short while ago: asking again only does harm. */
bool discord_limits_forbidden(const struct discord_limits *l, const char *method, struct str route, int64_t now_ms);

/* Calls on behalf of an interaction carry their own token and do not count against the limit of all. */
bool discord_is_free_route(struct str route);

#endif
