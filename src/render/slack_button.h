/*
 * slack_button: what stands in a button's action_id and value, which Slack gives back when it is clicked.
 *
 *     docent_ask_0      How much do coders earn?                        asks this
 *     docent_helpful    {"of":"slack:T1:C1:1.2","intent":"salary"}      the answer to that question helped
 *     docent_unhelpful  likewise: it did not
 *     docent_share      {"of":"slack:T1:command:1.2.a"}                 show the answer to that question to everybody
 */
#ifndef DOCENT_RENDER_SLACK_BUTTON_H
#define DOCENT_RENDER_SLACK_BUTTON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Slack's limits, in characters; docent's texts are shorter by far, and kept below them in bytes. */
enum { SLACK_BUTTON_TEXT_MAX = 75, SLACK_BUTTON_VALUE_MAX = 2000 };

enum slack_button_kind { SLACK_BUTTON_ASK, SLACK_BUTTON_HELPFUL, SLACK_BUTTON_UNHELPFUL, SLACK_BUTTON_SHARE };

struct slack_button {
    enum slack_button_kind kind;
    size_t number;         /* of ASK: which of a message's, from 0 */
    struct str text;       /* of ASK: the question */
    struct str of, intent; /* of the others: the question's key, its intent */
};

/* The button as a Block Kit element. label: of any length, cut to Slack's limit at a word. */
void slack_button_write(struct buf *out, const struct slack_button *button, struct str label, struct arena *a);

/* False for what no docent wrote. Texts lie in the arena or are views into value. */
bool slack_button_read(struct str action_id, struct str value, struct arena *a, struct slack_button *out);

#endif
