#include "base/csv.h"

#include <string.h>

void csv_init(struct csv *csv, struct str text, char separator)
{
    *csv = (struct csv){.text = text, .separator = separator};
    if (str_starts(text, STR(CSV_MARK)))
        csv->at = sizeof CSV_MARK - 1;
}

static bool ends_row(const struct csv *csv, size_t at)
{
    struct str t = csv->text;
    return at >= t.n || t.p[at] == '\n' || (t.p[at] == '\r' && (at + 1 == t.n || t.p[at + 1] == '\n'));
}

static bool fault(struct csv *csv, size_t at, const char *message)
{
    csv->fault = message;
    csv->fault_at = at;
    return false;
}

/* A cell that begins with a quote; csv->at stands on it and then behind the closing one. */
static bool read_quoted(struct csv *csv, struct arena *a, struct str *cell)
{
    size_t open = csv->at++, doubled = 0, end;
    for (;; csv->at++) {
        const char *quote = csv->at < csv->text.n ? memchr(csv->text.p + csv->at, '"', csv->text.n - csv->at) : NULL;
        if (!quote)
            return fault(csv, open, "a quoted cell never ends");
        end = csv->at = (size_t)(quote - csv->text.p);
        if (++csv->at == csv->text.n || csv->text.p[csv->at] != '"')
            break;
        doubled++;
    }
    if (!ends_row(csv, csv->at) && csv->text.p[csv->at] != csv->separator)
        return fault(csv, csv->at, "a quoted cell goes on behind its closing quote");
    *cell = str_sub(csv->text, open + 1, end);
    if (!doubled)
        return true;
    char *p = arena_alloc(a, cell->n);
    size_t n = 0;
    for (size_t i = 0; i < cell->n; i++) {
        p[n++] = cell->p[i];
        i += cell->p[i] == '"';
    }
    *cell = (struct str){p, n};
    return true;
}

static void read_plain(struct csv *csv, struct str *cell)
{
    size_t from = csv->at;
    while (!ends_row(csv, csv->at) && csv->text.p[csv->at] != csv->separator)
        csv->at++;
    *cell = str_sub(csv->text, from, csv->at);
}

bool csv_next(struct csv *csv, struct arena *a, struct csv_row *row)
{
    size_t cap_cells = 0, cap_offsets = 0, n_offsets = 0;
    *row = (struct csv_row){.cells = NULL};
    if (csv->fault || csv->at >= csv->text.n)
        return false;
    for (;; csv->at++) {
        struct str cell;
        *ARENA_PUSH(a, row->offsets, n_offsets, cap_offsets) = csv->at;
        if (csv->at < csv->text.n && csv->text.p[csv->at] == '"') {
            if (!read_quoted(csv, a, &cell))
                return false;
        } else {
            read_plain(csv, &cell);
        }
        *ARENA_PUSH(a, row->cells, row->n, cap_cells) = cell;
        if (ends_row(csv, csv->at))
            break;
    }
    csv->at += csv->at < csv->text.n && csv->text.p[csv->at] == '\r';
    csv->at += csv->at < csv->text.n && csv->text.p[csv->at] == '\n';
    return true;
}

void csv_cell(struct buf *out, struct str cell, char separator, bool quoted)
{
    for (size_t i = 0; i < cell.n && !quoted; i++)
        quoted = cell.p[i] == separator || cell.p[i] == '"' || cell.p[i] == '\n' || cell.p[i] == '\r';
    if (!quoted) {
        buf_add(out, cell);
        return;
    }
    buf_addc(out, '"');
    for (size_t i = 0; i < cell.n; i++) {
        if (cell.p[i] == '"')
            buf_addc(out, '"');
        buf_addc(out, cell.p[i]);
    }
    buf_addc(out, '"');
}
