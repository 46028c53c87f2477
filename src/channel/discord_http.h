/*
 * discord_http: interactions that Discord sends as HTTP requests. Its signature is checked before anything is read.
 *
 * The answer goes back in the reply to the request: within the turn of the loop in which it came, as a rule. If it is
 * not ready then, the reply says "thinking…", and the answer follows as an edit.
 */
#ifndef DOCENT_CHANNEL_DISCORD_HTTP_H
#define DOCENT_CHANNEL_DISCORD_HTTP_H

#include "base/err.h"
#include "channel/discord.h"
#include "channel/discord_event.h"

#include <stdbool.h>

struct discord_http;

bool discord_http_key_ok(const char *public_key, struct err *err);
struct discord_http *discord_http_new(struct discord *d, const struct discord_options *options);
void discord_http_free(struct discord_http *h); /* NULL is fine; no request may wait any more */
void discord_http_serve(struct discord_http *h, struct http_exchange *x, bool draining);

/* Does the request of this interaction still wait? */
bool discord_http_waits(const struct discord_http *h, struct str interaction);
/* Its answer, once the turn's transaction is on disk. False: nobody waits. */
bool discord_http_answer(struct discord_http *h, struct str interaction, struct str body);

/* --- of discord.c, for this file ---------------------------------------------------------------------------- */

struct discord_self discord_self(const struct discord *d);
struct str discord_completion(struct discord *d, struct str typed, struct arena *a);
void discord_resolve(const struct discord *d, struct discord_event *e); /* a hash -> the question in the packs */
void discord_tell_posts(struct discord *d, const struct posts *posts, size_t from);

/* What is said to an interaction that is not answered: not allowed, too much to do; made by an older docent. */
struct str discord_not_now(enum desk_taken taken);
extern const struct str discord_outdated;

#endif
