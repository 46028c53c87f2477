/*
 * pieces: a text that was rendered for a platform, cut to the lengths that the platform takes.
 *
 *     size_t n;
 *     const struct str *pieces = pieces_cut(text, 2000, POSTS_MAX, &arena, &n);
 *
 * Lengths are in UTF-16 units, which is what Slack and Discord are thought to count in: never fewer than characters.
 *
 * A piece ends where a paragraph ends; where a paragraph is too long for a piece of its own, where a line ends; then a
 * sentence; then a word; then anywhere. What belongs together in mrkdwn or Markdown is never cut, unless it alone is too
 * long for a piece: `&amp;`, `<…>`, a backslash and what it escapes, **bold** *and* `code`, a character and what is
 * combined with it. A ``` fence that must be cut is closed at the end of a piece and opened again in the next.
 */
#ifndef DOCENT_RENDER_PIECES_H
#define DOCENT_RENDER_PIECES_H

#include "base/arena.h"
#include "base/str.h"

#include <stddef.h>

enum { PIECES_LIMIT_MIN = 40 };

/* Bytes that are no UTF-8 count as one unit each. */
size_t pieces_units(struct str text);

/*
 * The pieces, without white space at their ends, none of them empty; in the arena, or views into text.
 * limit  units of a piece, at least PIECES_LIMIT_MIN
 * max    pieces, at least 1; when there would be more, the last one ends in "…"
 */
struct str *pieces_cut(struct str text, size_t limit, size_t max, struct arena *a, size_t *n);

/* One line of at most that many units, for buttons and the like: cut at a word, with "…" behind it, if it is longer. */
struct str pieces_short(struct str text, size_t limit, struct arena *a);

#endif
