#include "cmd/sheet.h"

#include "base/csv.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { SLUG_MAX = 60 };

static const char *const column_names[N_COLUMNS] = {"intent", "question", "answer", "source"};

struct sheet_layout sheet_layout_plain(void)
{
    return (struct sheet_layout){
        .columns = {COLUMN_INTENT, COLUMN_QUESTION, COLUMN_ANSWER, COLUMN_SOURCE}, .n = N_COLUMNS, .separator = ','};
}

struct str sheet_slug(struct str text, struct arena *a)
{
    struct buf out;
    buf_init(&out, SLUG_MAX + 1);
    bool gap = false;
    for (size_t i = 0; i < text.n && out.n < SLUG_MAX; i++) {
        bool apostrophe = text.p[i] == '\'' || (i + 2 < text.n && memcmp(text.p + i, "\xE2\x80\x99", 3) == 0);
        if (ch_alnum(text.p[i])) {
            if (gap && out.n)
                buf_addc(&out, '-');
            buf_addc(&out, ch_lower(text.p[i]));
            gap = false;
        } else if (apostrophe) {
            i += text.p[i] == '\'' ? 0 : 2;
        } else {
            gap = true;
        }
    }
    struct str slug = arena_str(a, buf_str(&out));
    buf_release(&out);
    return slug;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

struct named { /* a sheet_intent by its name, for finding it again */
    struct str name;
    size_t at; /* index + 1; 0: free */
};

struct reading {
    const struct source *source;
    struct arena *a;
    struct sheet *sheet;
    struct diags *diags;
    struct named *names, *ids; /* open tables, a power of two large */
    size_t table;
    size_t at[N_COLUMNS]; /* cell of each column; NO_CELL where the sheet has none */
    size_t line;          /* of the row */
    bool all_quoted;
};

static const size_t NO_CELL = (size_t)-1;

/* The message may hold one "%.*s", for the subject. */
static void problem(struct reading *r, enum diag_level level, size_t offset, const char *rule, const char *hint,
                    const char *message, struct str subject)
{
    const char *gap = strstr(message, "%.*s");
    struct str before = gap ? str_sub(str_of(message), 0, (size_t)(gap - message)) : str_of(message);
    struct str shown = gap ? str_sub(subject, 0, 60) : STR("");
    diag_addf(r->diags, level, rule, r->source, offset, hint, "%.*s%.*s%s", STR_FMT(before), STR_FMT(shown),
              gap ? gap + 4 : "");
}

static struct named *look_up(struct named *table, size_t size, struct str name)
{
    size_t i = str_hash(name) & (size - 1);
    while (table[i].at && !str_eq(table[i].name, name))
        i = (i + 1) & (size - 1);
    return &table[i];
}

static bool same_letters(struct str cell, const char *name)
{
    cell = str_trim(cell);
    if (cell.n != strlen(name))
        return false;
    for (size_t i = 0; i < cell.n; i++)
        if (ch_lower(cell.p[i]) != name[i])
            return false;
    return true;
}

/* Which cell of a header row is which column? Returns how many of the needed ones were found. */
static size_t find_columns(const struct csv_row *row, size_t at[N_COLUMNS])
{
    for (size_t c = 0; c < N_COLUMNS; c++) {
        at[c] = NO_CELL;
        for (size_t i = row->n; i-- > 0;)
            if (same_letters(row->cells[i], column_names[c]))
                at[c] = i;
    }
    return (at[COLUMN_INTENT] != NO_CELL) + (size_t)(at[COLUMN_QUESTION] != NO_CELL);
}

static void note_other_columns(struct reading *r, const struct csv_row *row)
{
    for (size_t i = 0; i < row->n; i++) {
        bool taken = !str_trim(row->cells[i]).n;
        for (size_t c = 0; c < N_COLUMNS; c++)
            taken = taken || r->at[c] == i;
        if (!taken)
            problem(r, DIAG_WARNING, row->offsets[i], "sheet-column", "columns are intent, question, answer and source",
                    "column '%.*s' is left out", row->cells[i]);
    }
}

static bool is_quoted(const struct reading *r, const struct csv_row *row)
{
    struct str text = r->source->text;
    for (size_t i = 0; i < row->n; i++)
        if (row->offsets[i] >= text.n || text.p[row->offsets[i]] != '"')
            return false;
    return true;
}

/* The separator is the one of comma, semicolon and tab under which the first line names the columns needed. */
static bool read_header(struct reading *r, struct csv *csv)
{
    static const char separators[] = {',', ';', '\t'};
    struct sheet_layout *l = &r->sheet->layout;
    for (size_t s = 0; s < sizeof separators; s++) {
        struct csv_row row;
        csv_init(csv, r->source->text, separators[s]);
        if (!csv_next(csv, r->a, &row) || find_columns(&row, r->at) < 2)
            continue;
        *l = (struct sheet_layout){.separator = separators[s], .mark = str_starts(r->source->text, STR(CSV_MARK))};
        l->crlf = r->source->text.p[csv->at - 1] == '\n' && csv->at > 1 && r->source->text.p[csv->at - 2] == '\r';
        r->all_quoted = is_quoted(r, &row);
        for (size_t i = 0; i < row.n; i++)
            for (size_t c = 0; c < N_COLUMNS; c++)
                if (r->at[c] == i)
                    l->columns[l->n++] = (enum sheet_column)c;
        note_other_columns(r, &row);
        return true;
    }
    diag_addf(r->diags, DIAG_ERROR, "sheet-header", r->source, 0,
              "write: intent,question,answer,source (the last two may be missing)",
              "the first line does not name the columns intent and question");
    return false;
}

static struct str cell_of(const struct reading *r, const struct csv_row *row, enum sheet_column column)
{
    size_t at = r->at[column];
    return at != NO_CELL && at < row->n ? row->cells[at] : STR("");
}

/* Line ends inside a cell are line feeds. */
static struct str without_returns(struct reading *r, struct str cell)
{
    if (!cell.n || !memchr(cell.p, '\r', cell.n))
        return cell;
    char *p = arena_alloc(r->a, cell.n);
    size_t n = 0;
    for (size_t i = 0; i < cell.n; i++)
        if (cell.p[i] != '\r' || i + 1 == cell.n || cell.p[i + 1] != '\n')
            p[n++] = cell.p[i];
    return (struct str){p, n};
}

static void grow_tables(struct reading *r)
{
    size_t size = r->table ? 2 * r->table : 256;
    struct named *names = arena_array(r->a, size, sizeof *names), *ids = arena_array(r->a, size, sizeof *ids);
    for (size_t i = 0; i < r->table; i++) {
        if (r->names[i].at)
            *look_up(names, size, r->names[i].name) = r->names[i];
        if (r->ids[i].at)
            *look_up(ids, size, r->ids[i].name) = r->ids[i];
    }
    r->names = names;
    r->ids = ids;
    r->table = size;
}

static struct str free_id(struct reading *r, struct str name)
{
    struct str slug = sheet_slug(name, r->a), id;
    if (!slug.n)
        slug = STR("intent");
    id = slug;
    for (size_t k = 2; look_up(r->ids, r->table, id)->at; k++)
        id = arena_fmt(r->a, "%.*s-%zu", STR_FMT(slug), k);
    return id;
}

static struct sheet_intent *intent_of(struct reading *r, struct str name)
{
    struct sheet *s = r->sheet;
    struct named *found = look_up(r->names, r->table, name);
    if (found->at)
        return &s->intents[found->at - 1];
    struct str id = free_id(r, name);
    *ARENA_PUSH(r->a, s->intents, s->n, s->cap) = (struct sheet_intent){.name = name, .id = id};
    *found = (struct named){name, s->n};
    *look_up(r->ids, r->table, id) = (struct named){id, s->n};
    if (2 * s->n > r->table)
        grow_tables(r);
    return &s->intents[s->n - 1];
}

static bool has_line(struct str lines, struct str line)
{
    struct str one;
    while (str_cut(&lines, '\n', &one))
        if (str_eq(one, line))
            return true;
    return false;
}

static void take_sources(struct reading *r, struct sheet_intent *intent, struct str cell)
{
    struct str one;
    while (str_cut(&cell, '\n', &one)) {
        one = str_trim(one);
        if (!one.n || has_line(intent->source, one))
            continue;
        intent->source = intent->source.n ? arena_fmt(r->a, "%.*s\n%.*s", STR_FMT(intent->source), STR_FMT(one)) : one;
    }
}

static void take_answer(struct reading *r, struct sheet_intent *intent, struct str cell, size_t offset)
{
    if (!str_trim(cell).n || str_eq(cell, intent->answer))
        return;
    if (intent->answer.n) {
        diag_addf(r->diags, DIAG_ERROR, "sheet-answer", r->source, offset,
                  "an intent has one answer: give the questions of the other one an intent of their own",
                  "intent '%.*s' has another answer in line %zu", (int)(intent->name.n < 60 ? intent->name.n : 60),
                  intent->name.p, intent->answer_line);
        return;
    }
    intent->answer = cell;
    intent->answer_line = r->line;
}

static void read_row(struct reading *r, const struct csv_row *row)
{
    struct str name = str_trim(cell_of(r, row, COLUMN_INTENT));
    struct str question = str_trim(without_returns(r, cell_of(r, row, COLUMN_QUESTION)));
    struct str answer = without_returns(r, cell_of(r, row, COLUMN_ANSWER));
    struct str source = without_returns(r, cell_of(r, row, COLUMN_SOURCE));
    size_t start = row->offsets[0];
    if (!name.n && !question.n && !str_trim(answer).n && !str_trim(source).n)
        return;
    r->all_quoted = r->all_quoted && is_quoted(r, row);
    if (!name.n || !question.n) {
        problem(r, DIAG_ERROR, start, "sheet-row", "every row names its intent and has a question",
                name.n ? "a question is missing in this row of intent '%.*s'"
                       : "the intent is missing in the row of '%.*s'",
                name.n ? name : question);
        return;
    }
    struct sheet_intent *intent = intent_of(r, name);
    *ARENA_PUSH(r->a, intent->questions, intent->n, intent->cap) = question;
    *ARENA_PUSH(r->a, intent->lines, intent->n_lines, intent->cap_lines) = r->line;
    r->sheet->n_questions++;
    size_t at = r->at[COLUMN_ANSWER];
    take_answer(r, intent, answer, at != NO_CELL && at < row->n ? row->offsets[at] : start);
    take_sources(r, intent, source);
}

/* Once everything is read: do the rows of an intent repeat its answer, and its source? */
static void see_repetition(struct reading *r)
{
    struct sheet_layout *l = &r->sheet->layout;
    struct csv csv;
    struct csv_row row;
    struct arena a = {0};
    csv_init(&csv, r->source->text, l->separator);
    csv_next(&csv, &a, &row);
    l->answers_each = l->sources_each = true;
    while (csv_next(&csv, &a, &row)) {
        struct str name = str_trim(cell_of(r, &row, COLUMN_INTENT));
        struct named *found = name.n ? look_up(r->names, r->table, name) : NULL;
        if (found && found->at) {
            const struct sheet_intent *intent = &r->sheet->intents[found->at - 1];
            bool answered = str_trim(cell_of(r, &row, COLUMN_ANSWER)).n > 0,
                 sourced = cell_of(r, &row, COLUMN_SOURCE).n > 0;
            l->answers_each = l->answers_each && answered == (intent->answer.n > 0);
            l->sources_each = l->sources_each && sourced == (intent->source.n > 0);
        }
        arena_reset(&a);
    }
    arena_release(&a);
}

static size_t lines_in(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

void sheet_read(const struct source *source, struct arena *a, struct sheet *sheet, struct diags *diags)
{
    struct reading r = {.source = source, .a = a, .sheet = sheet, .diags = diags};
    struct csv csv;
    struct csv_row row;
    *sheet = (struct sheet){.intents = NULL};
    if (!utf8_valid(source->text)) {
        diag_addf(diags, DIAG_ERROR, "sheet-encoding", source, DIAG_WHOLE, "save the sheet as CSV in UTF-8",
                  "the sheet is not UTF-8");
        return;
    }
    grow_tables(&r);
    if (!read_header(&r, &csv))
        return;
    size_t counted = 0;
    r.line = 1;
    for (;;) {
        r.line += lines_in(str_sub(source->text, counted, csv.at));
        counted = csv.at;
        if (!csv_next(&csv, a, &row))
            break;
        read_row(&r, &row);
    }
    if (csv.fault)
        diag_addf(diags, DIAG_ERROR, "sheet-quote", source, csv.fault_at, "within quotes a quote is written twice",
                  "%s", csv.fault);
    else if (!sheet->n && !diags->errors)
        diag_addf(diags, DIAG_ERROR, "sheet-empty", source, DIAG_WHOLE, "", "the sheet has no questions");
    sheet->layout.quoted = r.all_quoted;
    see_repetition(&r);
}

/* --- writing ------------------------------------------------------------------------------------------------ */

static void end_line(struct buf *out, const struct sheet_layout *l)
{
    buf_adds(out, l->crlf ? "\r\n" : "\n");
}

static void write_row(struct buf *out, const struct sheet_layout *l, const struct sheet_intent *intent, size_t k)
{
    for (size_t c = 0; c < l->n; c++) {
        struct str cell = STR("");
        if (c)
            buf_addc(out, l->separator);
        switch (l->columns[c]) {
        case COLUMN_INTENT:
            cell = intent->name;
            break;
        case COLUMN_QUESTION:
            cell = intent->questions[k];
            break;
        case COLUMN_ANSWER:
            cell = k == 0 || l->answers_each ? intent->answer : cell;
            break;
        default:
            cell = k == 0 || l->sources_each ? intent->source : cell;
            break;
        }
        csv_cell(out, cell, l->separator, l->quoted);
    }
    end_line(out, l);
}

void sheet_write(struct buf *out, const struct sheet *sheet)
{
    const struct sheet_layout *l = &sheet->layout;
    buf_adds(out, l->mark ? CSV_MARK : "");
    for (size_t c = 0; c < l->n; c++) {
        if (c)
            buf_addc(out, l->separator);
        csv_cell(out, str_of(column_names[l->columns[c]]), l->separator, l->quoted);
    }
    end_line(out, l);
    for (size_t i = 0; i < sheet->n; i++)
        for (size_t k = 0; k < sheet->intents[i].n; k++)
            write_row(out, l, &sheet->intents[i], k);
}

/* --- the layout as a comment -------------------------------------------------------------------------------- */

static const char layout_mark[] = "// sheet: ";

static const char *separator_name(char separator)
{
    return separator == ',' ? "comma" : separator == ';' ? "semicolon" : "tab";
}

void sheet_layout_put(struct buf *out, const struct sheet_layout *l)
{
    buf_addf(out, "%scolumns", layout_mark);
    for (size_t c = 0; c < l->n; c++)
        buf_addf(out, "%c%s", c ? '+' : ' ', column_names[l->columns[c]]);
    buf_addf(out, ", separator %s%s%s%s%s%s\n", separator_name(l->separator), l->crlf ? ", crlf" : "",
             l->quoted ? ", quoted" : "", l->mark ? ", marked" : "", l->answers_each ? ", answers repeated" : "",
             l->sources_each ? ", sources repeated" : "");
}

static void read_columns(struct str names, struct sheet_layout *l)
{
    struct str name;
    while (str_cut(&names, '+', &name))
        for (size_t c = 0; c < N_COLUMNS; c++)
            if (str_is(name, column_names[c]) && l->n < N_COLUMNS)
                l->columns[l->n++] = (enum sheet_column)c;
}

static void read_trait(struct str trait, struct sheet_layout *l)
{
    if (str_starts(trait, STR("columns ")))
        read_columns(str_sub(trait, sizeof "columns " - 1, trait.n), l);
    l->separator = str_is(trait, "separator semicolon") ? ';' : str_is(trait, "separator tab") ? '\t' : l->separator;
    l->crlf = l->crlf || str_is(trait, "crlf");
    l->quoted = l->quoted || str_is(trait, "quoted");
    l->mark = l->mark || str_is(trait, "marked");
    l->answers_each = l->answers_each || str_is(trait, "answers repeated");
    l->sources_each = l->sources_each || str_is(trait, "sources repeated");
}

bool sheet_layout_find(struct str pack_text, struct sheet_layout *layout)
{
    struct str line, trait;
    while (str_cut(&pack_text, '\n', &line)) {
        line = str_trim(line);
        if (!str_starts(line, STR("// sheet: ")))
            continue;
        struct sheet_layout l = {.separator = ','};
        struct str rest = str_sub(line, sizeof layout_mark - 1, line.n);
        while (str_cut(&rest, ',', &trait))
            read_trait(str_trim(trait), &l);
        if (l.n >= 2)
            *layout = l;
        return l.n >= 2;
    }
    return false;
}
