/*
 * slack_text: what somebody wrote on Slack, as plain words.
 *
 *     slack_plain(STR("<@U0DOCENT1> when are *you* open &amp; where?"), own, &a)      // when are you open & where?
 *
 * Slack writes names of people, channels and links as <…>, and only & < > as entities. Of people only a label is kept,
 * of channels the name, of links the label or else the address. Marks of formatting go where they stand at a word's
 * edge. Source: docs.slack.dev, "Formatting message text", "Retrieving formatted messages".
 */
#ifndef DOCENT_CHANNEL_SLACK_TEXT_H
#define DOCENT_CHANNEL_SLACK_TEXT_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>

/* own: id of the user that we are, whose name is left out. The result lies in the arena. */
struct str slack_plain(struct str text, struct str own, struct arena *a);

/* Does the raw text name this user, as <@U…> or <@U…|label>? */
bool slack_names(struct str text, struct str user);

#endif
