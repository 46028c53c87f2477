/*
 * slack_posts: answers as requests to Slack. Pure: see channel/platform.h for what each function is.
 *
 * An answer goes where its target says: into the thread by chat.postMessage, or to one person through the response_url
 * of the command or click (at most five posts in 30 minutes), or by chat.postEphemeral where there is none.
 */
#ifndef DOCENT_CHANNEL_SLACK_POSTS_H
#define DOCENT_CHANNEL_SLACK_POSTS_H

#include "channel/platform.h"

#include <stdbool.h>

void slack_compose(const struct question *question, const struct reply *reply, struct arena *a, struct posts *out);
void slack_thank(const struct question *question, bool helpful, struct arena *a, struct posts *out);
void slack_share(const struct question *question, struct str share, struct arena *a, struct posts *out);

/* Is the route of a post a response_url, or a method of the Web API? */
bool slack_is_hook(struct str route);

/* What goes back at once in the answer to a command: an ephemeral message, as JSON. */
struct str slack_ephemeral(struct str text, struct str blocks, struct arena *a);

#endif
