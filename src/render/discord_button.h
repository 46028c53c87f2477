/*
 * discord_button: what stands in the custom_id of a button, which Discord gives back untouched when it is clicked.
 *
 *     d1:q:How much do coders earn?       asks this
 *     d1:h:0123456789abcdef               asks the question of this hash, one too long to stand here
 *     d1:up:m1100000000000000009:salary   the answer to that question, by this intent, was helpful; d1:no: it was not
 *     d1:sh:i1100000000000000101          show the answer to that question to everybody
 *
 * "d1" is the version: messages live for years, and a click on one of an older docent must not be misread.
 */
#ifndef DOCENT_RENDER_DISCORD_BUTTON_H
#define DOCENT_RENDER_DISCORD_BUTTON_H

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { DISCORD_CUSTOM_ID_MAX = 100 }; /* Discord's limit, in characters; kept in bytes */

enum discord_button_kind {
    DISCORD_BUTTON_ASK,
    DISCORD_BUTTON_HELPFUL,
    DISCORD_BUTTON_UNHELPFUL,
    DISCORD_BUTTON_SHARE,
};

struct discord_button {
    enum discord_button_kind kind;
    struct str text;   /* of ASK; empty: only its hash is known */
    uint64_t hash;     /* of ASK: str_hash of the text */
    struct str of;     /* the question that the others are about: "m" or "i" and an id */
    struct str intent; /* of HELPFUL and UNHELPFUL; empty when it was too long */
};

/* Adds the custom_id, at most DISCORD_CUSTOM_ID_MAX bytes. `hash` need not be filled in. */
void discord_button_write(struct buf *out, const struct discord_button *button);

/* False for what no docent wrote. Texts are views into custom_id. */
bool discord_button_read(struct str custom_id, struct discord_button *out);

#endif
