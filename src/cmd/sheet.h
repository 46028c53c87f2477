/*
 * sheet: a spreadsheet of questions and answers, and the pack that says the same.
 *
 *     intent,question,answer,source
 *     hours,When are you open?,From 9 to 5.,Opening hours
 *     hours,opening times,,
 *
 * The columns stand in any order, under a header line that names them; intent and question are needed. Rows of one
 * intent belong together: their questions are its examples, and its answer and sources may stand in any of them. A
 * source cell may name several, one a line. What else the sheet is like (the order of its columns, its separator, its
 * line ends…) is its layout, which a pack keeps in a comment, so that the same sheet can be written again.
 *
 * Without an answer the intent is one that declines, with SHEET_NO_ANSWER; without a source its answer rests on the
 * section SHEET_SECTION, which stands for the sheet as a whole. Written again, both cells are empty.
 */
#ifndef DOCENT_CMD_SHEET_H
#define DOCENT_CMD_SHEET_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

#define SHEET_NO_ANSWER "There is no answer to this yet."
#define SHEET_SECTION "sheet"

enum { SHEET_MAX_BYTES = 64 << 20 };

enum sheet_column { COLUMN_INTENT, COLUMN_QUESTION, COLUMN_ANSWER, COLUMN_SOURCE, N_COLUMNS };

struct sheet_layout {
    enum sheet_column columns[N_COLUMNS]; /* in the order of the sheet */
    size_t n;
    char separator;
    bool crlf, quoted, mark;         /* line ends; every cell in quotes; begins with a byte order mark */
    bool answers_each, sources_each; /* repeated in each row, or in an intent's first row only */
};

struct sheet_intent {
    struct str name;           /* as in the sheet */
    struct str id;             /* as in a pack: differs from that of every other */
    struct str answer, source; /* empty: none; source as in its cell, names joined by line ends */
    struct str *questions;
    size_t *lines; /* of the questions, in the sheet */
    size_t n, cap, cap_lines, n_lines;
    size_t answer_line;
};

struct sheet {
    struct sheet_layout layout;
    struct sheet_intent *intents; /* in order of appearance */
    size_t n, cap;
    size_t n_questions;
};

/* Reads a sheet. What it keeps points into the source or the arena. Faults go to diags; with an error it is not whole. */
void sheet_read(const struct source *source, struct arena *a, struct sheet *sheet, struct diags *diags);

void sheet_write(struct buf *out, const struct sheet *sheet);

/* What a sheet is written like that was never read from one. */
struct sheet_layout sheet_layout_plain(void);

/* The layout as a line of comment in a pack, and back again; false: the text holds none. */
void sheet_layout_put(struct buf *out, const struct sheet_layout *layout);
bool sheet_layout_find(struct str pack_text, struct sheet_layout *layout);

/* An id of small letters, digits and hyphens made of any text. */
struct str sheet_slug(struct str text, struct arena *a);

#endif
