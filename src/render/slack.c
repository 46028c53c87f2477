#include "render/slack.h"

#include "base/json.h"
#include "base/utf8.h"
#include "render/layout.h"
#include "render/markup.h"
#include "render/pieces.h"
#include "render/slack_button.h"

#include <string.h>

enum {
    PIECE_UNITS = 2600, /* leaves room in a message's text for what stands below the answer */
    TITLE_UNITS = 80,
    ASKED_UNITS = 200,
    SOURCES_UNITS = 500,
    MARKUP_MAX = 256 << 10,
    TOPICS_MAX = 400,
    GRID_COLUMNS = 48,
};

static const char zero_width[] = "\xE2\x80\x8B"; /* U+200B ZERO WIDTH SPACE */

/* --- characters --------------------------------------------------------------------------------------------- */

struct writer {
    struct buf *out;
    int32_t last; /* character written before; 0: none on this line */
    bool after_bold;
};

static bool is_space(int32_t c)
{
    return c == 0 || c == ' ' || (c >= '\t' && c <= '\r');
}

/* Beyond ASCII everything but spaces and dashes counts as a letter. */
static bool is_letter(int32_t c)
{
    return c >= 0x80 ? !(c >= 0x2000 && c <= 0x206F) && c != 0xA0 : ch_alnum((char)c);
}

static bool is_mark(int32_t c)
{
    return c == '*' || c == '_' || c == '~' || c == '`';
}

/* Control characters, and those that turn the direction of text. */
static bool is_unsafe(int32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

static void put_character(struct writer *w, int32_t c)
{
    char bytes[4];
    if (c == '&')
        buf_adds(w->out, "&amp;");
    else if (c == '<')
        buf_adds(w->out, "&lt;");
    else if (c == '>')
        buf_adds(w->out, "&gt;");
    else
        buf_add(w->out, (struct str){bytes, utf8_put(c, bytes)});
    w->last = c;
}

/* A mark that somebody wrote, at a word's edge: Slack has no escape for it, so it is kept apart from the word. */
static void put_mark(struct writer *w, int32_t c, int32_t next)
{
    bool inside = is_letter(w->last) && is_letter(next) && c != '`';
    buf_adds(w->out, inside || is_space(w->last) ? "" : zero_width);
    put_character(w, c);
    buf_adds(w->out, inside || is_space(next) ? "" : zero_width);
}

/* Characters at the front that go out as they are, whatever stands around them: most of them. */
static size_t plain_bytes(struct str s)
{
    size_t n = 0;
    while (n < s.n && (ch_alnum(s.p[n]) || s.p[n] == ' ' || s.p[n] == ',' || s.p[n] == '.'))
        n++;
    return n;
}

static void put_plain(struct writer *w, struct str text)
{
    buf_add(w->out, text);
    w->last = (unsigned char)text.p[text.n - 1];
}

static void put_text(struct writer *w, struct str text)
{
    while (text.n) {
        size_t plain = w->after_bold ? 0 : plain_bytes(text);
        if (plain) {
            put_plain(w, str_sub(text, 0, plain));
            text = str_sub(text, plain, text.n);
            continue;
        }
        int32_t c = utf8_next(&text);
        struct str ahead = text;
        int32_t next = ahead.n ? utf8_next(&ahead) : 0;
        if (is_space(c) || is_unsafe(c))
            c = ' ';
        if (w->after_bold && is_letter(c))
            buf_adds(w->out, zero_width);
        w->after_bold = false;
        if (is_mark(c))
            put_mark(w, c, next);
        else
            put_character(w, c);
    }
}

/* Stars only count at the edges of words; a zero-width space makes an edge. */
static void put_bold(struct writer *w, struct str text)
{
    if (is_letter(w->last) || w->after_bold)
        buf_adds(w->out, zero_width);
    buf_addc(w->out, '*');
    w->last = ' ';
    w->after_bold = false;
    put_text(w, text);
    buf_addc(w->out, '*');
    w->after_bold = true;
}

void slack_escape(struct buf *out, struct str text)
{
    struct writer w = {.out = out};
    put_text(&w, text);
}

/* --- markup ------------------------------------------------------------------------------------------------- */

static void put_inlines(struct buf *out, const struct inlines *in)
{
    struct writer w = {.out = out};
    for (size_t i = 0; i < in->n; i++) {
        if (in->spans[i].bold)
            put_bold(&w, in->spans[i].text);
        else
            put_text(&w, in->spans[i].text);
    }
}

static void put_heading(struct buf *out, const struct inlines *in)
{
    struct writer w = {.out = out, .last = ' '};
    if (!in->n)
        return;
    buf_addc(out, '*');
    for (size_t i = 0; i < in->n; i++)
        put_text(&w, in->spans[i].text);
    buf_addc(out, '*');
}

/* Columns of equally wide letters, where there is room for them even on a telephone. */
static bool put_grid(struct buf *out, const struct block *table)
{
    static const struct layout_style style = {"", "", "", "", "", "-", GRID_COLUMNS};
    struct buf grid;
    buf_init(&grid, MARKUP_MAX);
    bool fits = layout_grid(&grid, table, &style);
    buf_adds(out, fits ? "```\n" : "");
    struct writer w = {.out = out};
    for (struct str rest = buf_str(&grid); rest.n;) {
        int32_t c = utf8_next(&rest);
        put_character(&w, c == '`' ? '\'' : c);
    }
    buf_adds(out, fits ? "\n```" : "");
    buf_release(&grid);
    return fits;
}

/* Slack has no tables: what is too wide for columns becomes a small list under each row's first cell. */
static void put_table(struct buf *out, const struct block *table)
{
    size_t columns = table->columns;
    if (put_grid(out, table))
        return;
    for (size_t row = 1; row < table->n / columns; row++) {
        const struct inlines *cells = &table->items[row * columns];
        buf_adds(out, row > 1 ? "\n" : "");
        put_heading(out, &cells[0]);
        for (size_t c = 1; c < columns; c++) {
            if (!cells[c].n)
                continue;
            buf_adds(out, "\n\xE2\x80\xA2 ");
            put_inlines(out, &table->items[c]);
            buf_adds(out, table->items[c].n ? ": " : "");
            put_inlines(out, &cells[c]);
        }
    }
}

static void put_list(struct buf *out, const struct block *list)
{
    for (size_t i = 0; i < list->n; i++) {
        buf_adds(out, i ? "\n\xE2\x80\xA2 " : "\xE2\x80\xA2 ");
        put_inlines(out, &list->items[i]);
    }
}

void slack_markup(struct buf *out, struct str text)
{
    struct arena arena = {0};
    const struct markup *m = markup_parse(text, &arena);
    for (size_t i = 0; i < m->n; i++) {
        const struct block *b = &m->blocks[i];
        if (i)
            buf_adds(out, layout_close(m, i) ? "\n" : "\n\n");
        if (b->kind == BLOCK_TABLE)
            put_table(out, b);
        else if (b->kind == BLOCK_LIST)
            put_list(out, b);
        else
            put_inlines(out, &b->items[0]);
    }
    arena_release(&arena);
}

/* --- blocks ------------------------------------------------------------------------------------------------- */

struct sheet { /* a message while it is being written */
    struct buf text, blocks;
    size_t n;
    struct arena *arena;
};

static void begin_sheet(struct sheet *s, struct arena *a)
{
    *s = (struct sheet){.arena = a};
    buf_init(&s->text, SLACK_MESSAGE_BYTES);
    buf_init(&s->blocks, SLACK_MESSAGE_BYTES);
    buf_addc(&s->blocks, '[');
}

static struct slack_message end_sheet(struct sheet *s)
{
    buf_addc(&s->blocks, ']');
    struct slack_message message = {arena_str(s->arena, buf_str(&s->text)), arena_str(s->arena, buf_str(&s->blocks))};
    buf_release(&s->text);
    buf_release(&s->blocks);
    return message;
}

static void begin_block(struct sheet *s, const char *type)
{
    buf_addf(&s->blocks, "%s{\"type\":\"%s\"", s->n++ ? "," : "", type);
}

static void add_to_text(struct sheet *s, struct str mrkdwn)
{
    buf_adds(&s->text, s->text.n ? "\n" : "");
    buf_add(&s->text, mrkdwn);
}

static void add_section(struct sheet *s, struct str mrkdwn)
{
    begin_block(s, "section");
    buf_adds(&s->blocks, ",\"expand\":true,\"text\":{\"type\":\"mrkdwn\",\"text\":");
    json_quote(&s->blocks, mrkdwn);
    buf_adds(&s->blocks, "}}");
    add_to_text(s, mrkdwn);
}

static void add_context(struct sheet *s, struct str mrkdwn)
{
    begin_block(s, "context");
    buf_adds(&s->blocks, ",\"elements\":[{\"type\":\"mrkdwn\",\"text\":");
    json_quote(&s->blocks, mrkdwn);
    buf_adds(&s->blocks, "}]}");
    add_to_text(s, mrkdwn);
}

static void add_asked(struct sheet *s, const struct slack_frame *frame)
{
    if (!frame->asked.n)
        return;
    struct buf line;
    buf_init(&line, MARKUP_MAX);
    if (frame->asker.n) {
        buf_adds(&line, "<@");
        slack_escape(&line, frame->asker);
        buf_adds(&line, "> asked: ");
    } else if (!frame->anybody) {
        buf_adds(&line, "You asked: ");
    }
    slack_escape(&line, pieces_short(frame->asked, ASKED_UNITS, s->arena));
    add_context(s, buf_str(&line));
    buf_release(&line);
}

static void add_sources(struct sheet *s, const struct reply *r)
{
    struct buf line, escaped;
    buf_init(&line, MARKUP_MAX);
    buf_init(&escaped, MARKUP_MAX);
    if (layout_sources(&line, r)) {
        slack_escape(&escaped, pieces_short(buf_str(&line), SOURCES_UNITS, s->arena));
        add_context(s, buf_str(&escaped));
    }
    buf_release(&line);
    buf_release(&escaped);
}

static void begin_actions(struct sheet *s)
{
    begin_block(s, "actions");
    buf_adds(&s->blocks, ",\"elements\":[");
}

static void add_button(struct sheet *s, const struct slack_button *button, struct str label, bool first)
{
    buf_adds(&s->blocks, first ? "" : ",");
    slack_button_write(&s->blocks, button, label, s->arena);
}

/* Questions as buttons; in the text, as lines. */
static void add_questions(struct sheet *s, const char *title, const struct str *questions, size_t n, bool buttons)
{
    if (!n)
        return;
    struct buf lines;
    buf_init(&lines, MARKUP_MAX);
    buf_adds(&lines, title);
    for (size_t i = 0; i < n; i++) {
        buf_adds(&lines, lines.n ? "\n\xE2\x80\xA2 " : "\xE2\x80\xA2 ");
        slack_escape(&lines, pieces_short(questions[i], TITLE_UNITS, s->arena));
    }
    if (!buttons) {
        add_context(s, buf_str(&lines));
    } else {
        struct str text = buf_str(&s->text);
        if (*title)
            add_context(s, str_of(title));
        buf_cut(&s->text, text.n);
        add_to_text(s, buf_str(&lines));
        begin_actions(s);
        for (size_t i = 0; i < n; i++)
            add_button(s, &(struct slack_button){.kind = SLACK_BUTTON_ASK, .number = i, .text = questions[i]},
                       questions[i], i == 0);
        buf_adds(&s->blocks, "]}");
    }
    buf_release(&lines);
}

static void add_feedback(struct sheet *s, const struct reply *r, const struct slack_frame *frame)
{
    struct slack_button button = {.of = frame->key, .intent = layout_leading(r)->intent};
    bool answered = r->outcome == OUTCOME_ANSWER;
    if (frame->bare || !frame->key.n || (!answered && !frame->share))
        return;
    begin_actions(s);
    if (answered) {
        button.kind = SLACK_BUTTON_HELPFUL;
        add_button(s, &button, STR("Helpful"), true);
        button.kind = SLACK_BUTTON_UNHELPFUL;
        add_button(s, &button, STR("Not helpful"), false);
    }
    if (frame->share) {
        button.kind = SLACK_BUTTON_SHARE;
        add_button(s, &button, STR("Share with the channel"), !answered);
    }
    buf_adds(&s->blocks, "]}");
}

/* --- messages ----------------------------------------------------------------------------------------------- */

static struct str whole_text(const struct reply *r, struct arena *a)
{
    struct buf text;
    buf_init(&text, MARKUP_MAX);
    for (size_t i = 0; i < r->n_parts; i++) {
        buf_adds(&text, i ? "\n\n" : "");
        slack_markup(&text, r->parts[i].text);
    }
    struct str whole = arena_str(a, buf_str(&text));
    buf_release(&text);
    return whole;
}

size_t slack_reply(const struct reply *r, const struct slack_frame *frame, size_t max, struct arena *a,
                   struct slack_message *out)
{
    size_t n;
    const struct str *pieces =
        pieces_cut(whole_text(r, a), PIECE_UNITS, max < SLACK_MESSAGES_MAX ? max : SLACK_MESSAGES_MAX, a, &n);
    static const struct str nothing = {"\xE2\x80\xA6", 3};
    if (!n)
        pieces = &nothing, n = 1; /* Slack refuses empty texts */
    for (size_t i = 0; i < n; i++) {
        struct sheet s;
        begin_sheet(&s, a);
        if (i == 0)
            add_asked(&s, frame);
        add_section(&s, pieces[i]);
        if (i + 1 == n) {
            add_sources(&s, r);
            add_questions(&s, r->choices ? "" : "You could also ask:", r->suggestions, r->n_suggestions, !frame->bare);
            add_feedback(&s, r, frame);
        }
        out[i] = end_sheet(&s);
    }
    return n;
}

/* Questions from all over the packs. */
static size_t some_questions(const struct docent *d, struct str *questions, size_t max, struct arena *a)
{
    struct topic *topics = arena_array(a, TOPICS_MAX, sizeof *topics);
    size_t n = docent_topics(d, topics, TOPICS_MAX), found = 0;
    n = n < TOPICS_MAX ? n : TOPICS_MAX;
    for (size_t i = 0; i < max && i < n; i++) {
        struct str question = topics[i * n / max].question;
        if (question.n)
            questions[found++] = question;
    }
    return found;
}

struct slack_message slack_help(const struct docent *d, struct str command, struct arena *a)
{
    struct sheet s;
    struct buf text;
    struct str questions[DOCENT_SUGGEST_MAX];
    begin_sheet(&s, a);
    buf_init(&text, MARKUP_MAX);
    buf_adds(&text, "I answer questions about *");
    slack_escape(&text, pieces_short(docent_title(d), TITLE_UNITS, a));
    buf_adds(&text, "*.\n\xE2\x80\xA2 Type `");
    slack_escape(&text, command);
    buf_adds(&text, " your question`: only you see the answer, until you share it.\n"
                    "\xE2\x80\xA2 Mention me in a channel: I answer in a thread, and you can go on asking there.\n"
                    "\xE2\x80\xA2 Or write me a direct message.");
    add_section(&s, buf_str(&text));
    add_questions(&s, "To begin with:", questions, some_questions(d, questions, DOCENT_SUGGEST_MAX, a), true);
    buf_release(&text);
    return end_sheet(&s);
}

struct slack_message slack_notice(struct str text, struct arena *a)
{
    struct sheet s;
    struct buf escaped;
    begin_sheet(&s, a);
    buf_init(&escaped, MARKUP_MAX);
    slack_escape(&escaped, pieces_short(text, PIECE_UNITS, a));
    add_section(&s, buf_str(&escaped));
    buf_release(&escaped);
    return end_sheet(&s);
}
