#include "render/markup.h"

struct parser {
    struct arena *arena;
    struct markup *markup;
    struct str rest; /* lines not read yet */
    bool after_blank;
};

/* --- inside a line ------------------------------------------------------------------------------------------ */

static void add_span(struct parser *p, struct inlines *to, struct str text, bool bold)
{
    if (text.n)
        *ARENA_PUSH(p->arena, to->spans, to->n, to->cap) = (struct span){text, bold};
}

/* Where the next "**" is, from `from` on; s.n when there is none. */
static size_t find_stars(struct str s, size_t from)
{
    for (size_t i = from; i + 1 < s.n; i++)
        if (s.p[i] == '*' && s.p[i + 1] == '*')
            return i;
    return s.n;
}

static void add_inlines(struct parser *p, struct inlines *to, struct str text)
{
    size_t plain_from = 0, open = find_stars(text, 0);
    while (open < text.n) {
        size_t inner = open + 2, close = find_stars(text, inner);
        bool is_bold = close < text.n && close > inner && !ch_space(text.p[inner]) && !ch_space(text.p[close - 1]);
        if (!is_bold) {
            open = find_stars(text, inner);
            continue;
        }
        add_span(p, to, str_sub(text, plain_from, open), false);
        add_span(p, to, str_sub(text, inner, close), true);
        plain_from = close + 2;
        open = find_stars(text, plain_from);
    }
    add_span(p, to, str_sub(text, plain_from, text.n), false);
}

/* --- blocks ------------------------------------------------------------------------------------------------- */

static struct block *last_block(const struct parser *p)
{
    return p->markup->n ? &p->markup->blocks[p->markup->n - 1] : NULL;
}

static struct block *begin_block(struct parser *p, enum block_kind kind)
{
    struct markup *m = p->markup;
    struct block *b = ARENA_PUSH(p->arena, m->blocks, m->n, m->cap);
    *b = (struct block){.kind = kind, .tight = !p->after_blank && m->n > 1};
    return b;
}

static struct inlines *add_item(struct parser *p, struct block *b)
{
    struct inlines *item = ARENA_PUSH(p->arena, b->items, b->n, b->cap);
    *item = (struct inlines){0};
    return item;
}

static struct inlines *last_item(struct block *b)
{
    return &b->items[b->n - 1];
}

static void continue_inlines(struct parser *p, struct inlines *item, struct str line)
{
    add_span(p, item, STR(" "), false);
    add_inlines(p, item, line);
}

/* --- tables ------------------------------------------------------------------------------------------------- */

static bool is_row(struct str line)
{
    return line.n > 1 && line.p[0] == '|';
}

static struct str row_inside(struct str line)
{
    line = str_sub(line, 1, line.n);
    return line.n && line.p[line.n - 1] == '|' ? str_sub(line, 0, line.n - 1) : line;
}

static size_t count_cells(struct str line)
{
    size_t n = 0;
    struct str inside = row_inside(line), cell;
    while (str_cut(&inside, '|', &cell))
        n++;
    return n;
}

/* |---|:--:|---| */
static bool is_ruler(struct str line)
{
    bool dashes = false;
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] != '|' && line.p[i] != '-' && line.p[i] != ':' && line.p[i] != ' ')
            return false;
        dashes = dashes || line.p[i] == '-';
    }
    return dashes && is_row(line);
}

static struct str next_line(struct parser *p)
{
    struct str line = {NULL, 0};
    str_cut(&p->rest, '\n', &line);
    return line;
}

static struct str peek_line(const struct parser *p)
{
    struct parser ahead = *p;
    return str_trim(next_line(&ahead));
}

/* Rows that are too short get empty cells; what is too much in a row is left out. */
static void add_row(struct parser *p, struct block *table, struct str line)
{
    struct str inside = row_inside(line), cell;
    for (size_t i = 0; i < table->columns; i++) {
        struct inlines *item = add_item(p, table);
        if (str_cut(&inside, '|', &cell))
            add_inlines(p, item, str_trim(cell));
    }
}

static void parse_table(struct parser *p, struct str header)
{
    struct block *table = begin_block(p, BLOCK_TABLE);
    table->columns = count_cells(header);
    add_row(p, table, header);
    next_line(p); /* the ruler */
    while (is_row(peek_line(p)))
        add_row(p, table, str_trim(next_line(p)));
}

/* --- lines -------------------------------------------------------------------------------------------------- */

static bool is_item(struct str line)
{
    return line.n > 2 && line.p[0] == '-' && line.p[1] == ' ';
}

static void parse_line(struct parser *p, struct str raw)
{
    struct str line = str_trim(raw);
    struct block *last = last_block(p);
    bool indented = raw.n && ch_space(raw.p[0]);
    if (is_item(line)) {
        bool same_list = last && last->kind == BLOCK_LIST && !p->after_blank;
        struct block *list = same_list ? last : begin_block(p, BLOCK_LIST);
        add_inlines(p, add_item(p, list), str_trim(str_sub(line, 2, line.n)));
    } else if (is_row(line) && is_ruler(peek_line(p))) {
        parse_table(p, line);
    } else if (last && !p->after_blank && last->kind == BLOCK_LIST && indented) {
        continue_inlines(p, last_item(last), line);
    } else if (last && !p->after_blank && last->kind == BLOCK_PARAGRAPH) {
        continue_inlines(p, last_item(last), line);
    } else {
        add_inlines(p, add_item(p, begin_block(p, BLOCK_PARAGRAPH)), line);
    }
}

struct markup *markup_parse(struct str text, struct arena *a)
{
    struct parser p = {a, arena_alloc(a, sizeof *p.markup), text, false};
    while (p.rest.p) {
        struct str line = next_line(&p);
        bool blank = str_trim(line).n == 0;
        if (!blank)
            parse_line(&p, line);
        p.after_blank = blank;
    }
    return p.markup;
}
