/*
 * discord_webhook: posts to a webhook that an administrator made in a channel's settings, and what its replies mean.
 */
#ifndef DOCENT_CHANNEL_DISCORD_WEBHOOK_H
#define DOCENT_CHANNEL_DISCORD_WEBHOOK_H

#include "base/arena.h"
#include "channel/webhook.h"

/* Bodies to post, one after the other: an answer as on Discord, without its buttons; or a text in docent's markup. */
size_t discord_webhook_reply(const struct reply *r, struct str asked, struct arena *a,
                             struct str bodies[WEBHOOK_POSTS_MAX]);
size_t discord_webhook_text(struct str text, struct arena *a, struct str bodies[WEBHOOK_POSTS_MAX]);

struct webhook_said discord_webhook_read(const struct http_reply *reply);

/*
 * Where to post: the address as it was pasted, with or without the API's version, such that failures are told
 * (wait=true). On failure the result is empty and *fault one sentence for people. api_url  empty: Discord's; on a
 * loopback address (tests) webhooks may be there, too
 */
struct str discord_webhook_url(struct str pasted, struct str api_url, struct arena *a, const char **fault);

#endif
