/*
 * markup: the neutral text of an answer, cut into blocks that every surface can draw in its own way.
 *
 *     paragraph       lines in a row; a blank line ends it
 *     **bold**        inside a line; stars without a partner stand for themselves
 *     - item          a list; a line indented below an item continues it
 *     | a | b |       a table: the line below its first row is |---|---|
 *
 * Everything returned lies in the arena given; texts are views into the text parsed.
 *     const struct markup *m = markup_parse(part->text, &arena);
 */
#ifndef DOCENT_RENDER_MARKUP_H
#define DOCENT_RENDER_MARKUP_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct span {
    struct str text;
    bool bold;
};

struct inlines { /* a paragraph, an item or a cell; where its lines meet stands a space */
    struct span *spans;
    size_t n, cap;
};

enum block_kind { BLOCK_PARAGRAPH, BLOCK_LIST, BLOCK_TABLE };

struct block {
    enum block_kind kind;
    bool tight;            /* no blank line stood before it */
    struct inlines *items; /* a paragraph's one; a list's items; a table's cells, row by row, the header first */
    size_t n, cap;
    size_t columns; /* of a table; every row has as many cells */
};

struct markup {
    struct block *blocks;
    size_t n, cap;
};

/* Never fails: what is no markup is text. */
struct markup *markup_parse(struct str text, struct arena *a);

#endif
