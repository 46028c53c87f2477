/* reply: a reply as tests see it, on one line or as plain text. */
#ifndef DOCENT_CMD_REPLY_H
#define DOCENT_CMD_REPLY_H

#include "base/arena.h"
#include "base/buf.h"
#include "docent.h"

#include <stdbool.h>

enum { TALK_REPLY_MAX = 64 * 1024 };

struct str reply_plain(const struct reply *reply, struct arena *a); /* all parts, joined by a blank line */
bool reply_rests_on(const struct reply *reply, struct str section); /* does any part? */
/* "answer, intent salary role=coding, sources a, b" */
struct str reply_summary(const struct reply *reply, struct arena *a);

/* Sections behind the reply, each once, with `between` before all but the first. */
void reply_add_sources(struct buf *out, const struct reply *reply, const char *between);
void reply_add_values(struct buf *out, const struct slot *slot); /* "coding,billing" */
void reply_add_slots(struct buf *out, const struct part *part);  /* each slot as " name=value,value" */

/* The beginning of a text on one line, cut at a character. */
struct str text_beginning(struct str text, size_t max_bytes, struct arena *a);

#endif
