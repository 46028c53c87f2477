/*
 * discord_call: one call of Discord's REST API after the other, for commands that do nothing else meanwhile.
 */
#ifndef DOCENT_CMD_NET_DISCORD_CALL_H
#define DOCENT_CMD_NET_DISCORD_CALL_H

#include "base/json.h"
#include "cmd/net/fetch.h"
#include "cmd/secrets.h"

#include <stdbool.h>

struct discord_caller {
    struct fetch *fetch;
    const struct secrets *secrets;
    struct arena *arena;
};

struct discord_got {
    int status;          /* 0: no reply came */
    cJSON *tree;         /* what was answered; for cJSON_Delete. NULL: no JSON */
    const char *problem; /* Discord's words, or why no reply came; never a secret. In the arena */
    const char *advice;  /* one sentence; NULL: nothing in particular */
    struct str date;     /* when Discord thinks it is, as its header says. In the arena */
};

/* route: below the API's address, without a slash in front. free: without the bot's token */
struct discord_got discord_call(const struct discord_caller *c, const char *method, const char *route, struct str body,
                                bool free);
bool discord_is_good(const struct discord_got *got);

/* The application's id, from the environment or from Discord itself; empty and *got says why. */
struct str discord_application(const struct discord_caller *c, struct discord_got *got);

#endif
