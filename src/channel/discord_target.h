/*
 * discord_target: where an answer goes, as JSON that lives in the store between question and answer.
 */
#ifndef DOCENT_CHANNEL_DISCORD_TARGET_H
#define DOCENT_CHANNEL_DISCORD_TARGET_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct discord_target {
    struct str channel; /* id; of a message always, of an interaction where it is known */
    struct str message; /* id of the message that asked; empty for an interaction */
    bool unread;        /* what was written did not come with the message: Discord keeps it from us */
    bool direct;        /* in a direct message: no need to quote what is answered */

    struct str interaction;        /* its id; empty for a message */
    struct str application, token; /* the token lives 15 minutes and opens this one interaction */
    bool quiet;                    /* only the asker sees the answer */
    bool over_http;                /* came as an HTTP request, which the first answer may go back in */
};

struct str discord_target_write(const struct discord_target *target, struct arena *a);

/* False when it is not what discord_target_write wrote. Texts lie in the arena. */
bool discord_target_read(struct str json, struct arena *a, struct discord_target *out);

/* An id of Discord's: 1 to 20 digits. Checked before an id becomes part of an address. */
bool discord_is_id(struct str s);
/* The token of an interaction: letters, digits and - . _ ~ + =, at most 1,000 of them. */
bool discord_is_token(struct str s);
/* When an id was made, Unix time in milliseconds; 0 if it is none. */
int64_t discord_id_ms(struct str id);

#endif
