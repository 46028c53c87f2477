#include "render/discord.h"

#include "base/json.h"
#include "render/discord_button.h"
#include "render/layout.h"
#include "render/markup.h"
#include "render/pieces.h"
#include "render/render.h"

#include <string.h>

enum {
    GRID_COLUMNS = 56, /* of a table in a code block: wider ones are broken on telephones and in narrow windows */
    COMPONENTS_MAX = 8 << 10,
    QUOTE_MAX = 300, /* of a question that is said again, in UTF-16 units */
};

enum { BUTTON_PRIMARY = 1, BUTTON_SECONDARY = 2 };

#define ZERO_WIDTH_SPACE "\xE2\x80\x8B"
#define GRAVE_LETTER "\xCB\x8B" /* U+02CB, looks like a backtick */

/* --- escaping ----------------------------------------------------------------------------------------------- */

/* Length of the address that s begins with: it is shown and linked as it stands; or 0. */
static size_t link_length(struct str s)
{
    if (!str_starts(s, STR("http://")) && !str_starts(s, STR("https://")))
        return 0;
    size_t n = 0;
    while (n < s.n && s.p[n] != ' ' && s.p[n] != '<' && s.p[n] != '>' && s.p[n] != '"' && s.p[n] != '`')
        n++;
    return n;
}

/* Does a token of Discord's begin here, or a mention of many? A space of no width behind its start ends it. */
static bool begins_token(struct str s)
{
    static const char *const starts[] = {"<@", "<#", "<:", "<a:", "<t:", "</", "<id:", "@everyone", "@here"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (str_starts(s, str_of(starts[i])))
            return true;
    return false;
}

static bool is_special(char c)
{
    return c && strchr("\\*_~|`[", c);
}

/* "1." at the beginning of a line makes a list: where its dot stands; else 0. */
static size_t numbering(struct str s)
{
    size_t n = 0;
    while (n < s.n && ch_digit(s.p[n]))
        n++;
    return n && n < s.n && (s.p[n] == '.' || s.p[n] == ')') ? n : 0;
}

static void escape_line(struct buf *out, struct str s, bool line_start)
{
    size_t dot = line_start ? numbering(s) : 0;
    for (size_t i = 0; i < s.n;) {
        struct str rest = str_sub(s, i, s.n);
        size_t link = link_length(rest);
        if (link) {
            buf_add(out, str_sub(rest, 0, link));
            i += link;
            continue;
        }
        bool mark = line_start && i == 0 && strchr("#->+", s.p[0]);
        if (is_special(s.p[i]) || mark || (dot && i == dot))
            buf_addc(out, '\\');
        buf_addc(out, s.p[i]);
        if (begins_token(rest))
            buf_adds(out, ZERO_WIDTH_SPACE);
        i++;
    }
}

void discord_escape(struct buf *out, struct str text, bool line_start)
{
    struct buf safe;
    buf_init(&safe, RENDER_MAX);
    layout_safe(&safe, text);
    struct str line = buf_str(&safe);
    while (line_start && line.n && line.p[0] == ' ')
        line = str_sub(line, 1, line.n);
    escape_line(out, line, line_start);
    buf_release(&safe);
}

/* --- blocks ------------------------------------------------------------------------------------------------- */

static void put_inlines(struct buf *out, const struct inlines *in, bool line_start)
{
    for (size_t i = 0; i < in->n; i++) {
        const struct span *span = &in->spans[i];
        buf_adds(out, span->bold ? "**" : "");
        discord_escape(out, span->text, line_start && i == 0 && !span->bold);
        buf_adds(out, span->bold ? "**" : "");
    }
}

static void put_list(struct buf *out, const struct block *list)
{
    for (size_t i = 0; i < list->n; i++) {
        buf_adds(out, i ? "\n- " : "- ");
        put_inlines(out, &list->items[i], true);
    }
}

/* A table too wide for a code block: each row as a paragraph, headed by its first cell. */
static void put_records(struct buf *out, const struct block *table)
{
    for (size_t row = 1; row < table->n / table->columns; row++) {
        const struct inlines *cells = &table->items[row * table->columns];
        buf_adds(out, row > 1 ? "\n\n**" : "**");
        for (size_t i = 0; i < cells[0].n; i++)
            discord_escape(out, cells[0].spans[i].text, false);
        buf_adds(out, "**");
        for (size_t c = 1; c < table->columns; c++) {
            if (!cells[c].n)
                continue;
            buf_adds(out, "\n- ");
            put_inlines(out, &table->items[c], true);
            buf_adds(out, table->items[c].n ? ": " : "");
            put_inlines(out, &cells[c], !table->items[c].n);
        }
    }
}

static void put_table(struct buf *out, const struct block *table)
{
    static const struct layout_style style = {"", "", "", "", "- ", "-", GRID_COLUMNS};
    struct buf grid;
    buf_init(&grid, RENDER_MAX);
    if (layout_grid(&grid, table, &style)) {
        buf_adds(out, "```\n");
        for (size_t i = 0; i < grid.n; i++)
            buf_add(out, grid.p[i] == '`' ? STR(GRAVE_LETTER) : (struct str){grid.p + i, 1});
        buf_adds(out, "\n```");
    } else {
        put_records(out, table);
    }
    buf_release(&grid);
}

static void put_text(struct buf *out, struct str text, struct arena *a)
{
    const struct markup *m = markup_parse(text, a);
    for (size_t i = 0; i < m->n; i++) {
        const struct block *b = &m->blocks[i];
        if (i)
            buf_adds(out, layout_close(m, i) ? "\n" : "\n\n");
        if (b->kind == BLOCK_LIST)
            put_list(out, b);
        else if (b->kind == BLOCK_TABLE)
            put_table(out, b);
        else
            put_inlines(out, &b->items[0], true);
    }
}

static void put_sources(struct buf *out, const struct reply *r)
{
    struct buf line;
    buf_init(&line, RENDER_MAX);
    if (layout_sources(&line, r)) {
        buf_adds(out, "\n\n-# ");
        discord_escape(out, buf_str(&line), false);
    }
    buf_release(&line);
}

/* --- buttons ------------------------------------------------------------------------------------------------ */

static void put_button(struct buf *out, int style, struct str label, const struct discord_button *button,
                       struct arena *a)
{
    struct buf id;
    buf_init(&id, 4 * DISCORD_CUSTOM_ID_MAX + DOCENT_TEXT_MAX);
    discord_button_write(&id, button);
    buf_addf(out, "%s{\"type\":2,\"style\":%d,\"label\":", out->p[out->n - 1] == '[' ? "" : ",", style);
    json_quote(out, pieces_short(label, DISCORD_LABEL_MAX, a));
    buf_adds(out, ",\"custom_id\":");
    json_quote(out, buf_str(&id));
    buf_addc(out, '}');
    buf_release(&id);
}

static void put_suggestions(struct buf *out, const struct reply *r, struct arena *a)
{
    buf_adds(out, "{\"type\":1,\"components\":[");
    for (size_t i = 0; i < r->n_suggestions; i++) {
        struct discord_button ask = {.kind = DISCORD_BUTTON_ASK, .text = r->suggestions[i]};
        put_button(out, r->choices ? BUTTON_PRIMARY : BUTTON_SECONDARY, r->suggestions[i], &ask, a);
    }
    buf_adds(out, "]}");
}

static void put_feedback(struct buf *out, const struct reply *r, const struct discord_look *look, struct arena *a)
{
    struct str intent = layout_leading(r)->intent;
    buf_adds(out, "{\"type\":1,\"components\":[");
    if (r->outcome == OUTCOME_ANSWER) {
        put_button(out, BUTTON_SECONDARY, STR("Helpful"),
                   &(struct discord_button){.kind = DISCORD_BUTTON_HELPFUL, .of = look->of, .intent = intent}, a);
        put_button(out, BUTTON_SECONDARY, STR("Not helpful"),
                   &(struct discord_button){.kind = DISCORD_BUTTON_UNHELPFUL, .of = look->of, .intent = intent}, a);
    }
    if (look->share)
        put_button(out, BUTTON_SECONDARY, STR("Share"),
                   &(struct discord_button){.kind = DISCORD_BUTTON_SHARE, .of = look->of}, a);
    buf_adds(out, "]}");
}

static struct str buttons(const struct reply *r, const struct discord_look *look, struct arena *a)
{
    bool feedback = r->outcome == OUTCOME_ANSWER || look->share;
    struct buf out;
    buf_init(&out, COMPONENTS_MAX);
    if (look->bare || (!r->n_suggestions && !feedback))
        return (struct str){NULL, 0};
    buf_addc(&out, '[');
    if (r->n_suggestions)
        put_suggestions(&out, r, a);
    if (r->n_suggestions && feedback)
        buf_addc(&out, ',');
    if (feedback)
        put_feedback(&out, r, look, a);
    buf_addc(&out, ']');
    struct str components = out.full ? (struct str){NULL, 0} : arena_str(a, buf_str(&out));
    buf_release(&out);
    return components;
}

/* --- whole messages ----------------------------------------------------------------------------------------- */

static size_t cut(struct str text, struct arena *a, struct discord_piece out[DISCORD_PIECES_MAX])
{
    size_t n;
    const struct str *pieces = pieces_cut(arena_str(a, text), DISCORD_CONTENT_MAX, DISCORD_PIECES_MAX, a, &n);
    for (size_t i = 0; i < n; i++)
        out[i] = (struct discord_piece){.content = pieces[i]};
    if (n)
        return n;
    out[0] = (struct discord_piece){.content = STR("…")}; /* Discord refuses a message without text */
    return 1;
}

size_t discord_render(const struct reply *reply, const struct discord_look *look, struct arena *a,
                      struct discord_piece out[DISCORD_PIECES_MAX])
{
    struct buf text;
    buf_init(&text, RENDER_MAX);
    if (look->quote.n) {
        buf_adds(&text, "> ");
        discord_escape(&text, pieces_short(look->quote, QUOTE_MAX, a), true);
        buf_addc(&text, '\n');
    }
    for (size_t i = 0; i < reply->n_parts; i++) {
        buf_adds(&text, i ? "\n\n" : "");
        put_text(&text, reply->parts[i].text, a);
    }
    put_sources(&text, reply);
    if (look->note.n) {
        buf_adds(&text, "\n\n-# ");
        discord_escape(&text, look->note, false);
    }
    size_t n = cut(buf_str(&text), a, out);
    out[n - 1].components = buttons(reply, look, a);
    buf_release(&text);
    return n;
}

/* The questions of one section, below its heading; of a section without an id: those that rest on none for sure. */
static void put_section(struct buf *out, const struct source_ref *section, const struct topic *topics, size_t n)
{
    bool begun = false;
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(topics[i].section, section->id) || (section->id.n && !str_eq(topics[i].pack, section->pack)))
            continue;
        if (!begun) {
            buf_adds(out, out->n ? "\n\n**" : "**");
            discord_escape(out, section->heading, false);
            buf_adds(out, "**");
        }
        begun = true;
        buf_adds(out, "\n- ");
        discord_escape(out, topics[i].question, true);
    }
}

size_t discord_render_topics(const struct docent *d, struct arena *a, struct discord_piece out[DISCORD_PIECES_MAX])
{
    size_t n = docent_topics(d, NULL, 0), n_sections = docent_sections(d, NULL, 0);
    struct topic *topics = arena_array(a, n + 1, sizeof *topics);
    struct source_ref *sections = arena_array(a, n_sections + 1, sizeof *sections);
    struct buf text;
    buf_init(&text, RENDER_MAX);
    docent_topics(d, topics, n);
    docent_sections(d, sections, n_sections);
    for (size_t i = 0; i < n_sections; i++)
        put_section(&text, &sections[i], topics, n);
    put_section(&text, &(struct source_ref){.heading = STR("More")}, topics, n);
    size_t pieces = cut(buf_str(&text), a, out);
    buf_release(&text);
    return pieces;
}
