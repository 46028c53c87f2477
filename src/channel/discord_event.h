/*
 * discord_event: what happened on Discord, in docent's words.
 *
 *     struct discord_event e = discord_read_message(d, &self, &arena);
 *     if (e.act == DISCORD_TAKE)
 *         desk_take(desk, &e.in, kept, arg);
 *
 * Pure: nothing is sent and nothing is looked up. Texts of the result are views into the JSON tree or lie in the arena.
 * Sources: Discord's documentation, "Message", "Receiving and Responding"; which messages are for us is decided in this
 * order: kind of message, who wrote it, whether it addresses us.
 */
#ifndef DOCENT_CHANNEL_DISCORD_EVENT_H
#define DOCENT_CHANNEL_DISCORD_EVENT_H

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "channel/discord_target.h"
#include "channel/incoming.h"

#include <stdint.h>

struct discord_self {
    struct str bot, application; /* our ids: equal for most applications, not for all */
};

enum discord_act {
    DISCORD_IGNORE,   /* not for us */
    DISCORD_TAKE,     /* for the desk */
    DISCORD_PING,     /* over HTTP only: answer with a pong */
    DISCORD_COMPLETE, /* in.text is what was typed so far: offer questions */
    DISCORD_TOPICS,   /* /topics: list what can be asked */
    DISCORD_STRANGE,  /* an interaction that no docent of this version asked for: say so */
};

struct discord_event {
    enum discord_act act;
    struct incoming in;
    struct discord_target target; /* in.target is the same, as JSON */
    uint64_t hash;                /* of a click on a question that was too long for its button: in.text is its label */
};

/* `d` of a MESSAGE_CREATE. A message that names us and says nothing is the question "help". */
struct discord_event discord_read_message(const cJSON *d, const struct discord_self *self, struct arena *a);

/* `d` of an INTERACTION_CREATE, or the body of an HTTP interaction. */
struct discord_event discord_read_interaction(const cJSON *d, bool over_http, struct arena *a);

#endif
