/*
 * slack: a reply as messages for Slack: text in Slack's mrkdwn, and the same laid out in Block Kit.
 *
 *     struct slack_frame frame = {.key = question->key};
 *     struct slack_message messages[SLACK_MESSAGES_MAX];
 *     size_t n = slack_reply(reply, &frame, SLACK_MESSAGES_MAX, &arena, messages);
 *
 * `text` says all that the blocks say: it is what notifications and screen readers get, and what is left when Slack
 * refuses the blocks. Everything from packs and people is escaped, so that it can neither mention anybody nor make a
 * link, and marks in it are kept from formatting. Everything returned lies in the arena.
 *
 * Limits (docs.slack.dev, "Block Kit", 2026-08): a section 3,000 characters, a message 50 blocks, text 4,000.
 */
#ifndef DOCENT_RENDER_SLACK_H
#define DOCENT_RENDER_SLACK_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "docent.h"

#include <stdbool.h>
#include <stddef.h>

enum { SLACK_MESSAGES_MAX = 4, SLACK_TEXT_UNITS = 3900, SLACK_MESSAGE_BYTES = 48 << 10 };

struct slack_frame {  /* what stands around an answer; all of it may be missing */
    struct str asked; /* the question, said above the answer */
    struct str asker; /* id of whose question it was; empty: "You" */
    bool anybody;     /* nobody in particular asked */
    struct str key;   /* the question's: buttons that say whether the answer helped */
    bool share;       /* with a button that shows it to everybody; needs the key */
    bool bare;        /* no buttons at all: nobody would hear of a click */
};

struct slack_message {
    struct str text;
    struct str blocks; /* a JSON array */
};

/* Returns how many messages were made, at least 1, at most max and SLACK_MESSAGES_MAX. */
size_t slack_reply(const struct reply *r, const struct slack_frame *frame, size_t max, struct arena *a,
                   struct slack_message *out);

/* What `/ask help` says: where to ask, and some questions to begin with. command: with its slash */
struct slack_message slack_help(const struct docent *d, struct str command, struct arena *a);

/* A text of one's own, escaped, as one message. */
struct slack_message slack_notice(struct str text, struct arena *a);

void slack_escape(struct buf *out, struct str text); /* one line of anybody's text */
void slack_markup(struct buf *out, struct str text); /* neutral markup as mrkdwn */

#endif
