/*
 * discord_api: what Discord's REST API says to a call, and what to do about it. Pure.
 *
 * The table of codes is that of Discord's documentation, "Opcodes and Status Codes", JSON Error Codes, by what helps:
 * see discord_api.c.
 */
#ifndef DOCENT_CHANNEL_DISCORD_API_H
#define DOCENT_CHANNEL_DISCORD_API_H

#include "base/arena.h"
#include "base/str.h"
#include "channel/discord_limits.h"
#include "channel/platform.h"

#include <stdbool.h>
#include <stdint.h>

struct discord_call {
    struct str body; /* what was sent */
    bool again;      /* may be sent twice: see struct post */
    bool free;       /* carries an interaction's or a webhook's own token, not the bot's */
    bool edit;       /* of an interaction's first answer, or after it */
    int64_t age_ms;  /* of the interaction */
};

/*
 * What became of a post. The answer has a status (HTTP_DONE); wait is what discord_limits_answer said. The reason lies
 * in the arena or is a literal, and names Discord's code, never people's words.
 */
struct sent discord_sent(const struct discord_call *call, const struct discord_answer *answer, struct discord_wait wait,
                         struct arena *a);

/* What a person can do about this answer, one sentence; NULL: nothing in particular. */
const char *discord_advice(const struct discord_answer *answer);

#endif
