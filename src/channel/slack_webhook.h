/*
 * slack_webhook: posts to an incoming webhook, and what its replies mean.
 *
 * Success is 200 with the body "ok"; a failure is a status with one word of text (docs.slack.dev, "Sending messages
 * using incoming webhooks"). Slack's page does not pair words with statuses, so the word counts.
 */
#ifndef DOCENT_CHANNEL_SLACK_WEBHOOK_H
#define DOCENT_CHANNEL_SLACK_WEBHOOK_H

#include "base/arena.h"
#include "channel/webhook.h"

/* Bodies to post, one after the other: an answer as on Slack itself, without buttons; or a text in docent's markup. */
size_t slack_webhook_reply(const struct reply *r, struct str asked, struct arena *a,
                           struct str bodies[WEBHOOK_POSTS_MAX]);
size_t slack_webhook_text(struct str text, struct arena *a, struct str bodies[WEBHOOK_POSTS_MAX]);

struct webhook_said slack_webhook_read(const struct http_reply *reply);

/*
 * Where to post: the address as it was pasted. On failure the result is empty and *fault one sentence for people.
 * api_url  empty: Slack's own; on a loopback address (tests) webhooks may be there, too: see slack_target.h
 */
struct str slack_webhook_url(struct str pasted, struct str api_url, struct arena *a, const char **fault);

#endif
