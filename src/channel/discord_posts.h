/*
 * discord_posts: answers as the calls that bring them to people. Pure.
 *
 * A message is answered in its channel, with a nonce made of its id, so that Discord itself refuses a second one. An
 * interaction is answered once by its callback, which Discord refuses a second time, too; or, when it was deferred, by
 * an edit. What does not fit into one message follows.
 */
#ifndef DOCENT_CHANNEL_DISCORD_POSTS_H
#define DOCENT_CHANNEL_DISCORD_POSTS_H

#include "base/arena.h"
#include "base/str.h"
#include "channel/discord_target.h"
#include "channel/platform.h"
#include "docent.h"

enum discord_way {
    DISCORD_FIRST,    /* the first answer: a message, an interaction's callback */
    DISCORD_DEFERRED, /* an interaction's first answer was "thinking…": edit it */
};

void discord_compose(const struct discord_target *target, enum discord_way way, const struct question *question,
                     const struct reply *reply, struct arena *a, struct posts *out);
void discord_thank(const struct discord_target *target, enum discord_way way, bool helpful, struct arena *a,
                   struct posts *out);
void discord_share(const struct discord_target *target, enum discord_way way, struct str share, struct arena *a,
                   struct posts *out);

/* Bodies of an interaction's callback. */
struct str discord_say(struct str content, struct arena *a); /* to the asker alone */
struct str discord_defer(bool quiet, struct arena *a);
struct str discord_choices(const struct str *questions, size_t n, struct arena *a); /* of completion */
struct str discord_callback_route(const struct discord_target *target, struct arena *a);

void discord_topics_posts(const struct discord_target *target, const struct docent *d, struct arena *a,
                          struct posts *out);

#endif
