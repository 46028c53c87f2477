#include "render/render.h"

#include "base/json.h"
#include "render/layout.h"

#include <math.h>

/* --- values: each behind what was written before it ---------------------------------------------------------- */

/* A comma, unless an object or a list has just begun. */
static void separate(struct buf *out)
{
    char last = out->n ? out->p[out->n - 1] : '[';
    if (last != '{' && last != '[' && last != '\n')
        buf_addc(out, ',');
}

static void put_key(struct buf *out, const char *key)
{
    separate(out);
    buf_addc(out, '"');
    buf_adds(out, key);
    buf_adds(out, "\":");
}

static void put_text(struct buf *out, const char *key, struct str s)
{
    put_key(out, key);
    json_quote(out, s);
}

static void put_item(struct buf *out, struct str s)
{
    separate(out);
    json_quote(out, s);
}

static void put_number(struct buf *out, const char *key, double number)
{
    put_key(out, key);
    buf_addf(out, "%.15g", number);
}

static void put_score(struct buf *out, const char *key, double score)
{
    put_number(out, key, round(score * 100) / 100);
}

/* --- parts -------------------------------------------------------------------------------------------------- */

static void put_slots(struct buf *out, const struct part *part)
{
    put_key(out, "slots");
    buf_addc(out, '{');
    for (size_t i = 0; i < part->n_slots; i++) {
        const struct slot *slot = &part->slots[i];
        put_item(out, slot->entity);
        buf_addc(out, ':');
        if (slot->n == 1) {
            json_quote(out, slot->values[0]);
            continue;
        }
        buf_addc(out, '[');
        for (size_t v = 0; v < slot->n; v++)
            put_item(out, slot->values[v]);
        buf_addc(out, ']');
    }
    buf_addc(out, '}');
}

static bool names_source(const struct part *part, size_t n, struct str id)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(part->sources[i].id, id))
            return true;
    return false;
}

/* The sections behind some parts, each once. */
static void put_sources(struct buf *out, const struct part *parts, size_t n)
{
    put_key(out, "sources");
    buf_addc(out, '[');
    for (size_t p = 0; p < n; p++)
        for (size_t i = 0; i < parts[p].n_sources; i++) {
            struct str id = parts[p].sources[i].id;
            bool told = names_source(&parts[p], i, id);
            for (size_t before = 0; before < p; before++)
                told = told || names_source(&parts[before], parts[before].n_sources, id);
            if (!told)
                put_item(out, id);
        }
    buf_addc(out, ']');
}

/* The texts of some parts as plain text. */
static void put_texts(struct buf *out, const struct part *parts, size_t n)
{
    struct buf text;
    buf_init(&text, RENDER_MAX);
    for (size_t i = 0; i < n; i++) {
        buf_adds(&text, i ? "\n\n" : "");
        plain_text(&text, parts[i].text, 0);
    }
    put_text(out, "text", buf_str(&text));
    buf_release(&text);
}

static void put_part(struct buf *out, const struct part *part)
{
    separate(out);
    buf_addc(out, '{');
    put_text(out, "outcome", str_of(outcome_name(part->outcome)));
    put_text(out, "intent", part->intent);
    put_slots(out, part);
    put_sources(out, part, 1);
    put_texts(out, part, 1);
    put_score(out, "score", part->score);
    buf_addc(out, '}');
}

/* --- why ---------------------------------------------------------------------------------------------------- */

static void put_place(struct buf *out, struct str file, size_t line)
{
    if (!file.n)
        return;
    put_text(out, "file", file);
    put_number(out, "line", (double)line);
}

static void put_candidate(struct buf *out, const struct candidate *c)
{
    separate(out);
    buf_addc(out, '{');
    put_text(out, "intent", c->intent);
    put_score(out, "score", c->score);
    put_score(out, "strength", c->strength);
    put_score(out, "pattern_score", c->pattern_score);
    put_score(out, "learnt_score", c->learnt_score);
    put_score(out, "own", c->own);
    put_score(out, "start", c->start);
    if (c->pattern.n) {
        put_text(out, "pattern", c->pattern);
        put_place(out, c->file, c->line);
    }
    if (c->lost)
        put_text(out, "lost", str_of(c->lost));
    buf_addc(out, '}');
}

static void put_slot(struct buf *out, const struct slot_trace *s)
{
    separate(out);
    buf_addc(out, '{');
    put_text(out, "entity", s->slot.entity);
    put_key(out, "values");
    buf_addc(out, '[');
    for (size_t i = 0; i < s->slot.n; i++)
        put_item(out, s->slot.values[i]);
    buf_addc(out, ']');
    put_text(out, "from", str_of(s->from));
    if (s->words.n)
        put_text(out, "words", s->words);
    buf_addc(out, '}');
}

static void put_question(struct buf *out, const struct question_trace *q)
{
    separate(out);
    buf_addc(out, '{');
    put_text(out, "normalised", q->normalised);
    put_score(out, "known", q->known);
    put_key(out, "slots");
    buf_addc(out, '[');
    for (size_t i = 0; i < q->n_slots; i++)
        put_slot(out, &q->slots[i]);
    buf_addc(out, ']');
    put_key(out, "candidates");
    buf_addc(out, '[');
    for (size_t i = 0; i < q->n_candidates; i++)
        put_candidate(out, &q->candidates[i]);
    buf_addc(out, ']');
    put_text(out, "decision", str_of(q->decision));
    put_place(out, q->branch_file, q->branch_line);
    buf_addc(out, '}');
}

static void put_correction(struct buf *out, const struct correction *c)
{
    separate(out);
    buf_addc(out, '{');
    put_text(out, "from", c->from);
    put_text(out, "to", c->to);
    put_text(out, "reason", str_of(c->reason));
    buf_addc(out, '}');
}

static void put_piece(struct buf *out, struct str text, bool asked)
{
    separate(out);
    buf_addc(out, '{');
    put_text(out, "text", text);
    put_key(out, "asked");
    buf_adds(out, asked ? "true" : "false");
    buf_addc(out, '}');
}

static void put_trace(struct buf *out, const struct trace *t)
{
    put_key(out, "why");
    buf_addc(out, '{');
    put_key(out, "corrections");
    buf_addc(out, '[');
    for (size_t i = 0; i < t->n_corrections; i++)
        put_correction(out, &t->corrections[i]);
    buf_addc(out, ']');
    put_key(out, "split");
    buf_addc(out, '[');
    for (size_t i = 0; i < t->n_pieces; i++)
        put_piece(out, t->pieces[i].text, t->pieces[i].asked);
    buf_addc(out, ']');
    put_key(out, "questions");
    buf_addc(out, '[');
    for (size_t i = 0; i < t->n_questions; i++)
        put_question(out, &t->questions[i]);
    buf_addc(out, ']');
    put_number(out, "patterns_tried", (double)t->patterns_tried);
    put_number(out, "patterns_limited", (double)t->patterns_limited);
    buf_addc(out, '}');
}

/* --- the whole reply ---------------------------------------------------------------------------------------- */

void json_reply(struct buf *out, const struct reply *r, struct str conversation)
{
    const struct part *leading = layout_leading(r);
    buf_addc(out, '{');
    if (conversation.p)
        put_text(out, "conversation", conversation);
    put_text(out, "outcome", str_of(outcome_name(r->outcome)));
    put_text(out, "intent", leading->intent);
    put_slots(out, leading);
    put_sources(out, r->parts, r->n_parts);
    put_texts(out, r->parts, r->n_parts);
    put_key(out, "suggestions");
    buf_addc(out, '[');
    for (size_t i = 0; i < r->n_suggestions; i++)
        put_item(out, r->suggestions[i]);
    buf_addc(out, ']');
    put_score(out, "score", leading->score);
    if (r->n_parts > 1) {
        put_key(out, "parts");
        buf_addc(out, '[');
        for (size_t i = 0; i < r->n_parts; i++)
            put_part(out, &r->parts[i]);
        buf_addc(out, ']');
    }
    if (r->why)
        put_trace(out, r->why);
    buf_adds(out, "}\n");
}

void json_error(struct buf *out, const char *message)
{
    buf_addc(out, '{');
    put_text(out, "error", str_of(message));
    buf_adds(out, "}\n");
}
