/*
 * render: a reply as text for a surface.
 *
 *     struct buf out;
 *     buf_init(&out, RENDER_MAX);
 *     ansi_reply(&out, reply, 80);
 *     fwrite(out.p, 1, out.n, stdout);
 *     buf_release(&out);
 *
 * A reply is laid out as: its parts' texts, a line that names the sections they rest on, and the questions to ask next
 * (or the choices of a clarifying question), numbered. Every line ends with a line feed. Control characters of packs
 * and people are never passed on.
 */
#ifndef DOCENT_RENDER_RENDER_H
#define DOCENT_RENDER_RENDER_H

#include "base/buf.h"
#include "base/str.h"
#include "docent.h"

#include <stdbool.h>
#include <stddef.h>

enum { RENDER_MAX = 1 << 20 }; /* bytes: enough for any reply */

/* width: columns to wrap at; 0: a paragraph is one line. */
void plain_reply(struct buf *out, const struct reply *r, size_t width);
void ansi_reply(struct buf *out, const struct reply *r, size_t width);

/* Only the text of an answer (neutral markup), without a line end. */
void plain_text(struct buf *out, struct str text, size_t width);

/* A text from outside as it may be shown on a terminal: one line, without control characters. */
void plain_safe(struct buf *out, struct str text);

/*
 * The reply as one line of JSON, with a line feed.
 * conversation  copied as given; left out when its `p` is NULL
 * The trace, if the reply has one, becomes the member "why".
 */
void json_reply(struct buf *out, const struct reply *r, struct str conversation);
void json_error(struct buf *out, const char *message); /* {"error": "…"} */

/* How the reply came about, for people. */
void why_text(struct buf *out, const struct trace *t, bool color);

#endif
