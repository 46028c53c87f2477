/*
 * csv: sheets as text, by RFC 4180.
 *
 *     struct csv csv;
 *     struct csv_row row;
 *     csv_init(&csv, text, ',');
 *     while (csv_next(&csv, &a, &row))
 *         … row.cells[0 … row.n - 1] …
 *     if (csv.fault)  … at csv.fault_at …
 *
 * A row is cells with a separator between; it ends with LF or CR LF. A cell in double quotes may hold separators, line
 * ends and, doubled, quotes; quotes inside a cell that begins without one stand for themselves. A byte order mark is
 * passed over.
 */
#ifndef DOCENT_BASE_CSV_H
#define DOCENT_BASE_CSV_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

#define CSV_MARK "\xEF\xBB\xBF" /* byte order mark in UTF-8: some spreadsheet programs want one */

struct csv {
    struct str text;
    size_t at; /* where the next row begins */
    char separator;
    const char *fault; /* why csv_next stopped before the end; NULL: it did not */
    size_t fault_at;
};

struct csv_row {
    struct str *cells; /* at least one; a view into the text, or into the arena where quotes were doubled */
    size_t *offsets;   /* where each cell begins in the text, its quote included */
    size_t n;
};

void csv_init(struct csv *csv, struct str text, char separator);

/* Reads the next row. false: there is none, or there is a fault. An empty line is a row of one empty cell. */
bool csv_next(struct csv *csv, struct arena *a, struct csv_row *row);

/* Adds one cell, in quotes where it needs them or `quoted` is set. Separators and line ends are the caller's. */
void csv_cell(struct buf *out, struct str cell, char separator, bool quoted);

#endif
