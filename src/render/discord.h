/*
 * discord: a reply as Discord's messages: Markdown that stays within its limits, and buttons.
 *
 *     struct discord_piece pieces[DISCORD_PIECES_MAX];
 *     size_t n = discord_render(reply, &look, &arena, pieces);
 *
 * Everything that came from packs or people is escaped: nothing becomes bold, a heading, a mention or a link by
 * accident. Sources: Discord's documentation, "Message", "Component Reference", "Reference"; which characters are
 * special: the escapers of discord.js.
 */
#ifndef DOCENT_RENDER_DISCORD_H
#define DOCENT_RENDER_DISCORD_H

#include "base/arena.h"
#include "base/buf.h"
#include "docent.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    DISCORD_CONTENT_MAX = 2000, /* UTF-16 units of a message */
    DISCORD_PIECES_MAX = 4,     /* messages of an answer; what is longer ends in "…" */
    DISCORD_LABEL_MAX = 80,     /* of a button */
};

/* One message: its content, and its buttons as a JSON array; empty: none. In the arena. */
struct discord_piece {
    struct str content, components;
};

struct discord_look {
    struct str of;    /* the question, for its buttons: "m" or "i" and an id */
    struct str quote; /* what was asked, where it stands nowhere else to be read; else empty */
    struct str note;  /* something to be said below it, in small letters; else empty */
    bool share;       /* only one person sees it: with a button that shows it to everybody */
    bool bare;        /* no buttons at all */
};

/* At least one piece. Buttons are on the last. */
size_t discord_render(const struct reply *reply, const struct discord_look *look, struct arena *a,
                      struct discord_piece out[DISCORD_PIECES_MAX]);

/* What can be asked, by section of the guide. */
size_t discord_render_topics(const struct docent *d, struct arena *a, struct discord_piece out[DISCORD_PIECES_MAX]);

/* A text from outside, on one line, so that Discord shows it as it stands. line_start: it begins a line. */
void discord_escape(struct buf *out, struct str text, bool line_start);

#endif
