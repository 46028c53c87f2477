#include "base/diag.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

static void find_place(struct diag *d)
{
    struct str text = d->source->text;
    size_t at = d->offset < text.n ? d->offset : text.n;
    size_t line_start = 0;
    d->line = 1;
    for (const char *end; (end = memchr(text.p + line_start, '\n', at - line_start)) != NULL;)
        d->line++, line_start = (size_t)(end - text.p) + 1;
    d->column = utf8_count(str_sub(text, line_start, at)) + 1;
}

void diag_add(struct diags *d, enum diag_level level, const char *rule, const struct source *source, size_t offset,
              struct str message, struct str hint)
{
    struct diag item = {
        .level = level,
        .source = source,
        .offset = offset,
        .rule = rule,
        .message = arena_str(&d->arena, message),
        .hint = arena_str(&d->arena, hint),
    };
    if (source && offset != DIAG_WHOLE)
        find_place(&item);
    *ARENA_PUSH(&d->arena, d->items, d->n, d->cap) = item;
    if (level == DIAG_ERROR)
        d->errors++;
    else
        d->warnings++;
}

void diag_addf(struct diags *d, enum diag_level level, const char *rule, const struct source *source, size_t offset,
               const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str message = arena_vfmt(&d->arena, format, args);
    va_end(args);
    diag_add(d, level, rule, source, offset, message, str_of(hint));
}

static int by_place(const void *left, const void *right)
{
    const struct diag *a = left, *b = right;
    int names =
        a->source && b->source ? str_cmp(a->source->name, b->source->name) : (a->source != NULL) - (b->source != NULL);
    if (names)
        return names;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return str_cmp(a->message, b->message);
}

void diags_sort(struct diags *d)
{
    if (d->n)
        qsort(d->items, d->n, sizeof *d->items, by_place);
}

/* The text of a line is shown without control characters, and not more than some 160 characters of it. */
static void print_line(struct buf *out, const struct diag *d)
{
    enum { SHOWN = 160 };
    struct str text = d->source->text;
    size_t at = d->offset < text.n ? d->offset : text.n, from = at, to = at;
    while (from > 0 && text.p[from - 1] != '\n')
        from--;
    while (to < text.n && text.p[to] != '\n')
        to++;
    size_t column = d->column - 1, skip = column > SHOWN - 40 ? column - (SHOWN - 40) : 0;
    struct str line = str_sub(text, from, to);
    line = str_sub(line, utf8_at(line, skip), line.n);
    line = str_sub(line, 0, utf8_at(line, SHOWN));

    buf_addf(out, "%6zu | ", d->line);
    size_t cells = 0, before = column - skip;
    for (size_t i = 0; line.n; i++) {
        char bytes[4];
        int32_t c = utf8_next(&line);
        if (c < 0x20 || (c >= 0x7F && c < 0xA0))
            c = ' ';
        if (i < before)
            cells += (size_t)utf8_columns(c);
        buf_add(out, (struct str){bytes, utf8_put(c, bytes)});
    }
    buf_adds(out, "\n       | ");
    buf_fill(out, ' ', cells);
    buf_adds(out, "^\n");
}

void diag_print(struct buf *out, const struct diag *d, bool color)
{
    const char *bold = color ? "\033[1m" : "", *plain = color ? "\033[0m" : "";
    const char *mark = !color ? "" : d->level == DIAG_ERROR ? "\033[1;31m" : "\033[1;35m";
    if (d->source && d->line)
        buf_addf(out, "%s%.*s:%zu:%zu:%s ", bold, STR_FMT(d->source->name), d->line, d->column, plain);
    else if (d->source)
        buf_addf(out, "%s%.*s:%s ", bold, STR_FMT(d->source->name), plain);
    buf_addf(out, "%s%s:%s %.*s\n", mark, d->level == DIAG_ERROR ? "error" : "warning", plain, STR_FMT(d->message));
    if (d->source && d->line)
        print_line(out, d);
    if (d->hint.n)
        buf_addf(out, "   hint: %.*s\n", STR_FMT(d->hint));
}

void diags_release(struct diags *d)
{
    arena_release(&d->arena);
    *d = (struct diags){0};
}
