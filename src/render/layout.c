#include "render/layout.h"

#include "base/utf8.h"
#include "render/render.h"

#include <string.h>

/* --- characters that are safe to show ----------------------------------------------------------------------- */

static bool is_control(int32_t c)
{
    bool bidirectional = c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || bidirectional;
}

static bool is_space(int32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t add_character(struct buf *out, int32_t c)
{
    char bytes[4];
    int32_t shown = is_space(c) ? ' ' : is_control(c) ? UTF8_REPLACEMENT : c;
    buf_add(out, (struct str){bytes, utf8_put(shown, bytes)});
    return (size_t)utf8_columns(shown);
}

/* Letters, digits and signs of ASCII at the start of the text: one column each, and most of what there is. */
static size_t plain_run(struct str text)
{
    size_t n = 0;
    while (n < text.n && text.p[n] > ' ' && text.p[n] < 0x7F)
        n++;
    return n;
}

/* Adds the next word's start, or one character of another kind. Returns its columns. */
static size_t add_next(struct buf *out, struct str *text)
{
    size_t run = plain_run(*text);
    if (!run)
        return add_character(out, utf8_next(text));
    buf_add(out, str_sub(*text, 0, run));
    *text = str_sub(*text, run, text->n);
    return run;
}

size_t layout_safe(struct buf *out, struct str text)
{
    size_t columns = 0;
    while (text.n)
        columns += add_next(out, &text);
    return columns;
}

/* --- words into lines --------------------------------------------------------------------------------------- */

struct flow { /* a text while it is being broken into lines */
    struct buf *out;
    const struct layout_style *style;
    size_t indent;   /* of the lines after the first */
    size_t column;   /* where the next word would stand */
    struct buf word; /* not put out yet, switches included */
    size_t word_columns;
    bool begun; /* a word stands on this line already */
};

static void flow_begin(struct flow *f, struct buf *out, const struct layout_style *style, size_t column, size_t indent)
{
    *f = (struct flow){.out = out, .style = style, .indent = indent, .column = column};
    buf_init(&f->word, RENDER_MAX);
}

static void flow_put_word(struct flow *f)
{
    if (!f->word.n)
        return;
    size_t width = f->style->width;
    if (f->begun && width && f->column + 1 + f->word_columns > width) {
        buf_addc(f->out, '\n');
        buf_fill(f->out, ' ', f->indent);
        f->column = f->indent;
    } else if (f->begun && f->word_columns) {
        buf_addc(f->out, ' ');
        f->column++;
    }
    buf_add(f->out, buf_str(&f->word));
    f->column += f->word_columns;
    f->begun = f->begun || f->word_columns;
    buf_clear(&f->word);
    f->word_columns = 0;
}

static void flow_text(struct flow *f, struct str text)
{
    while (text.n) {
        if (is_space(text.p[0])) {
            flow_put_word(f);
            text = str_sub(text, 1, text.n);
        } else {
            f->word_columns += add_next(&f->word, &text);
        }
    }
}

static void flow_inlines(struct flow *f, const struct inlines *in)
{
    for (size_t i = 0; i < in->n; i++) {
        const struct span *span = &in->spans[i];
        if (span->bold)
            buf_adds(&f->word, f->style->bold);
        flow_text(f, span->text);
        if (span->bold)
            buf_adds(&f->word, f->style->unbold);
    }
}

/* Returns the column behind the last word. */
static size_t flow_end(struct flow *f)
{
    flow_put_word(f);
    buf_release(&f->word);
    return f->column;
}

/* Adds the text from `column` on, with further lines at `indent`; returns the column that it ends in. */
static size_t put_inlines(struct buf *out, const struct inlines *in, const struct layout_style *style, size_t column,
                          size_t indent)
{
    struct flow f;
    flow_begin(&f, out, style, column, indent);
    flow_inlines(&f, in);
    return flow_end(&f);
}

static void put_plain(struct buf *out, struct str text, const struct layout_style *style, size_t column, size_t indent)
{
    struct flow f;
    flow_begin(&f, out, style, column, indent);
    flow_text(&f, text);
    flow_end(&f);
}

/* --- tables ------------------------------------------------------------------------------------------------- */

enum { COLUMNS_MAX = 16, COLUMN_GAP = 2 };

static const struct layout_style bare = {"", "", "", "", "", "", 0};

static size_t cell_columns(const struct inlines *cell)
{
    struct buf scratch;
    buf_init(&scratch, RENDER_MAX);
    size_t columns = put_inlines(&scratch, cell, &bare, 0, 0);
    buf_release(&scratch);
    return columns;
}

/* Widths of a table's columns; returns that of all, with the gaps. */
static size_t measure_table(const struct block *table, size_t widths[COLUMNS_MAX])
{
    size_t total = 0;
    for (size_t c = 0; c < table->columns; c++) {
        widths[c] = 0;
        for (size_t i = c; i < table->n; i += table->columns) {
            size_t columns = cell_columns(&table->items[i]);
            if (columns > widths[c])
                widths[c] = columns;
        }
        total += widths[c] + (c ? COLUMN_GAP : 0);
    }
    return total;
}

static void put_row(struct buf *out, const struct block *table, size_t row, const size_t *widths,
                    const struct layout_style *unwrapped)
{
    size_t pending = 0; /* spaces, which nothing may follow */
    for (size_t c = 0; c < table->columns; c++) {
        const struct inlines *cell = &table->items[row * table->columns + c];
        if (cell->n) {
            buf_fill(out, ' ', pending);
            pending = 0;
        }
        size_t used = put_inlines(out, cell, unwrapped, 0, 0);
        pending += widths[c] - used + COLUMN_GAP;
    }
}

static void put_rule(struct buf *out, const struct block *table, const size_t *widths, const struct layout_style *style)
{
    buf_adds(out, style->dim);
    for (size_t c = 0; c < table->columns; c++) {
        buf_fill(out, ' ', c ? COLUMN_GAP : 0);
        for (size_t i = 0; i < widths[c]; i++)
            buf_adds(out, style->rule);
    }
    buf_adds(out, style->undim);
}

static void put_grid(struct buf *out, const struct block *table, const size_t *widths, const struct layout_style *style)
{
    struct layout_style unwrapped = *style;
    unwrapped.width = 0;
    buf_adds(out, style->bold);
    put_row(out, table, 0, widths, &unwrapped);
    buf_adds(out, style->unbold);
    buf_addc(out, '\n');
    put_rule(out, table, widths, style);
    for (size_t row = 1; row < table->n / table->columns; row++) {
        buf_addc(out, '\n');
        put_row(out, table, row, widths, &unwrapped);
    }
}

/* A table too wide for its surface: each row as a block of its own, headed by its first cell. */
static void put_records(struct buf *out, const struct block *table, const struct layout_style *style)
{
    for (size_t row = 1; row < table->n / table->columns; row++) {
        const struct inlines *cells = &table->items[row * table->columns];
        buf_adds(out, row > 1 ? "\n\n" : "");
        buf_adds(out, style->bold);
        put_inlines(out, &cells[0], style, 0, 0);
        buf_adds(out, style->unbold);
        for (size_t c = 1; c < table->columns; c++) {
            if (!cells[c].n)
                continue;
            buf_adds(out, "\n  ");
            struct flow f;
            flow_begin(&f, out, style, 2, 4);
            flow_inlines(&f, &table->items[c]);
            if (table->items[c].n) {
                buf_addc(&f.word, ':');
                f.word_columns++;
            }
            flow_put_word(&f);
            flow_inlines(&f, &cells[c]);
            flow_end(&f);
        }
    }
}

bool layout_grid(struct buf *out, const struct block *table, const struct layout_style *style)
{
    size_t widths[COLUMNS_MAX];
    if (table->columns > COLUMNS_MAX)
        return false;
    size_t total = measure_table(table, widths);
    if (style->width && total > style->width)
        return false;
    put_grid(out, table, widths, style);
    return true;
}

static void put_table(struct buf *out, const struct block *table, const struct layout_style *style)
{
    if (!layout_grid(out, table, style))
        put_records(out, table, style);
}

/* --- blocks ------------------------------------------------------------------------------------------------- */

static void put_list(struct buf *out, const struct block *list, const struct layout_style *style)
{
    for (size_t i = 0; i < list->n; i++) {
        buf_adds(out, i ? "\n" : "");
        buf_adds(out, style->bullet);
        put_inlines(out, &list->items[i], style, 2, 2);
    }
}

static void put_block(struct buf *out, const struct block *b, const struct layout_style *style)
{
    switch (b->kind) {
    case BLOCK_PARAGRAPH:
        put_inlines(out, &b->items[0], style, 0, 0);
        break;
    case BLOCK_LIST:
        put_list(out, b, style);
        break;
    case BLOCK_TABLE:
        put_table(out, b, style);
        break;
    }
}

/* "The certifications are:" stands right above its list. */
static bool introduces(const struct block *b, const struct block *next)
{
    const struct inlines *text = &b->items[0];
    return b->kind == BLOCK_PARAGRAPH && next->kind == BLOCK_LIST && text->n &&
           str_ends(text->spans[text->n - 1].text, STR(":"));
}

bool layout_close(const struct markup *m, size_t i)
{
    return m->blocks[i].tight || introduces(&m->blocks[i - 1], &m->blocks[i]);
}

void layout_text(struct buf *out, struct str text, const struct layout_style *style)
{
    struct arena arena = {0};
    const struct markup *m = markup_parse(text, &arena);
    for (size_t i = 0; i < m->n; i++) {
        const struct block *b = &m->blocks[i];
        if (i)
            buf_adds(out, layout_close(m, i) ? "\n" : "\n\n");
        put_block(out, b, style);
    }
    arena_release(&arena);
}

/* --- the whole reply ---------------------------------------------------------------------------------------- */

/* Sections of all parts, each once. */
static size_t collect_headings(const struct reply *r, struct str *headings)
{
    size_t n = 0;
    for (size_t p = 0; p < r->n_parts; p++)
        for (size_t s = 0; s < r->parts[p].n_sources; s++) {
            struct str heading = r->parts[p].sources[s].heading;
            bool known = false;
            for (size_t i = 0; i < n && !known; i++)
                known = str_eq(headings[i], heading);
            if (!known)
                headings[n++] = heading;
        }
    return n;
}

bool layout_sources(struct buf *out, const struct reply *r)
{
    struct str headings[DOCENT_PARTS_MAX * DOCENT_SOURCES_MAX];
    size_t n = collect_headings(r, headings);
    if (n)
        buf_adds(out, n == 1 ? "Source: " : "Sources: ");
    for (size_t i = 0; i < n; i++) {
        buf_adds(out, i ? "; " : "");
        buf_add(out, headings[i]);
    }
    return n > 0;
}

const struct part *layout_leading(const struct reply *r)
{
    for (size_t i = 0; i < r->n_parts; i++)
        if (r->parts[i].outcome == r->outcome)
            return &r->parts[i];
    return &r->parts[0];
}

static void put_sources(struct buf *out, const struct reply *r, const struct layout_style *style)
{
    struct buf line;
    buf_init(&line, RENDER_MAX);
    if (layout_sources(&line, r)) {
        buf_addc(out, '\n');
        buf_adds(out, style->dim);
        put_plain(out, buf_str(&line), style, 0, 0);
        buf_adds(out, style->undim);
        buf_addc(out, '\n');
    }
    buf_release(&line);
}

static void put_suggestions(struct buf *out, const struct reply *r, const struct layout_style *style)
{
    if (!r->n_suggestions)
        return;
    buf_addc(out, '\n');
    if (!r->choices)
        buf_addf(out, "%sYou could also ask:%s\n", style->dim, style->undim);
    for (size_t i = 0; i < r->n_suggestions; i++) {
        buf_addf(out, "  %zu. ", i + 1);
        put_plain(out, r->suggestions[i], style, 5, 5);
        buf_addc(out, '\n');
    }
}

void layout_reply(struct buf *out, const struct reply *r, const struct layout_style *style)
{
    for (size_t i = 0; i < r->n_parts; i++) {
        buf_adds(out, i ? "\n" : "");
        layout_text(out, r->parts[i].text, style);
        buf_addc(out, '\n');
    }
    put_sources(out, r, style);
    put_suggestions(out, r, style);
}
