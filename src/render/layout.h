/*
 * layout: a reply as lines of a monospaced surface, in a style (plain.c, ansi.c); and what every surface needs to lay out
 * a reply in its own way.
 */
#ifndef DOCENT_RENDER_LAYOUT_H
#define DOCENT_RENDER_LAYOUT_H

#include "base/buf.h"
#include "docent.h"
#include "render/markup.h"

#include <stdbool.h>
#include <stddef.h>

struct layout_style {
    const char *bold, *unbold; /* switch on and off; take no room */
    const char *dim, *undim;
    const char *bullet; /* with the space behind it */
    const char *rule;   /* one column of the line below a table's header */
    size_t width;       /* columns; 0: no limit */
};

void layout_reply(struct buf *out, const struct reply *r, const struct layout_style *style);
void layout_text(struct buf *out, struct str text, const struct layout_style *style);

/*
 * Adds text that came from outside: white space becomes a space, other control characters (ESC, C1, the bidirectional
 * overrides) and bytes that are no UTF-8 become U+FFFD. Returns the columns that it takes.
 */
size_t layout_safe(struct buf *out, struct str text);

/* A table as aligned columns; false, and nothing added, when it is wider than the style or has very many columns. */
bool layout_grid(struct buf *out, const struct block *table, const struct layout_style *style);

/* Does block i, from 1 on, follow the one before without a blank line? */
bool layout_close(const struct markup *m, size_t i);

/* "Source: …", the sections of all parts, each once; nothing and false when there are none. Not made safe. */
bool layout_sources(struct buf *out, const struct reply *r);

/* The part that the reply is known by: the first of its outcome. */
const struct part *layout_leading(const struct reply *r);

#endif
