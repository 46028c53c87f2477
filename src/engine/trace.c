#include "engine/trace.h"

#include "engine/normalise.h"
#include "engine/pattern.h"

#include <string.h>

static struct str words_text(struct asking *q, const struct word *words, size_t from, size_t to)
{
    size_t size = 0, n = 0;
    for (size_t i = from; i < to; i++)
        size += words[i].text.n + 1;
    char *text = arena_alloc(q->a, size + 1);
    for (size_t i = from; i < to; i++) {
        memcpy(text + n, words[i].text.p, words[i].text.n);
        n += words[i].text.n;
        text[n++] = ' ';
    }
    return (struct str){text, n ? n - 1 : 0};
}

void trace_split(struct asking *q, const struct segment *segments, size_t n)
{
    if (!q->trace)
        return;
    q->trace->pieces = arena_array(q->a, n, sizeof *q->trace->pieces);
    for (size_t i = 0; i < n; i++)
        q->trace->pieces[i] =
            (struct piece_trace){.text = words_text(q, q->words.items, segments[i].whole_from, segments[i].whole_to),
                                 .asked = segments[i].asked};
    q->trace->n_pieces = n;
}

/* --- candidates --------------------------------------------------------------------------------------------- */

/* winner  NULL: none of the candidates */
static const char *why_lost(const struct meaning *m, const struct evidence *e, const struct evidence *winner)
{
    const struct reading *r = m->reading;
    if (!m->turn.intent)
        return "not sure enough";
    if (!winner || winner->strength < e->strength)
        return "what was said before decides";
    if (r->verdict == VERDICT_TIE && e == &r->items[1])
        return "as strong as the first";
    if (e->pattern == NONE && winner->pattern != NONE)
        return "no pattern matches";
    if (winner->start > e->start && winner->strength - winner->start <= e->strength - e->start)
        return "the other has a start";
    if (e->pattern != NONE && e->pattern_score < winner->pattern_score - 1e-9)
        return "its pattern accounts for less of the question";
    if (e->learnt < winner->learnt)
        return "its examples are less like the question";
    return "it speaks of less of the question";
}

static void take_candidates(struct asking *q, const struct meaning *m, struct question_trace *t)
{
    const struct reading *r = m->reading;
    const struct evidence *winner = NULL;
    for (size_t i = 0; i < r->n; i++)
        if (m->turn.intent == r->items[i].intent + 1)
            winner = &r->items[i];
    for (size_t i = 0; i < r->n; i++) {
        const struct evidence *e = &r->items[i];
        struct candidate *c = &t->candidates[t->n_candidates++];
        *c = (struct candidate){.intent = q->d->intents[e->intent].id,
                                .score = e->score,
                                .strength = e->strength,
                                .pattern_score = e->pattern_score,
                                .learnt_score = e->learnt,
                                .own = e->own,
                                .start = e->start,
                                .lost = e == winner ? NULL : why_lost(m, e, winner)};
        if (e->pattern == NONE)
            continue;
        const struct pattern *p = pattern_get(q->d, e->pattern);
        c->pattern = p->text;
        c->file = p->place.source ? p->place.source->name : (struct str){NULL, 0};
        c->line = place_line(p->place);
    }
}

/* --- slots -------------------------------------------------------------------------------------------------- */

static bool names(const struct dialog_slot *s, uint16_t entity, uint16_t value)
{
    for (size_t i = 0; s->entity == entity && i < s->n; i++)
        if (s->values[i] == value)
            return true;
    return false;
}

/* Where the slot's value was taken from, and the words that named it, where there are any. */
static void find_origin(struct asking *q, const struct observed *seen, const struct dialog_slot *s,
                        struct slot_trace *t)
{
    for (size_t i = 0; i < seen->n_mentions; i++) {
        const struct mention *m = &seen->mentions[i];
        if (!names(s, m->entity, m->value))
            continue;
        t->from = "named in the question";
        t->words = arena_fmt(q->a, "%.*s%s%.*s", STR_FMT(t->words), t->words.n ? ", " : "",
                             STR_FMT(words_text(q, seen->words, m->from, m->to)));
    }
    if (t->words.n)
        return;
    t->from = s->inherited                       ? "from what was said before"
              : turn_slot(&q->nearby, s->entity) ? "named elsewhere in the message"
                                                 : "chosen";
}

static void take_slots(struct asking *q, const struct meaning *m, struct question_trace *t)
{
    for (size_t i = 0; i < m->turn.n_slots; i++) {
        const struct dialog_slot *s = &m->turn.slots[i];
        const struct entity *e = &q->d->entities[s->entity];
        struct slot_trace *out = &t->slots[t->n_slots++];
        *out = (struct slot_trace){.slot = {.entity = e->name, .inherited = s->inherited}};
        for (size_t k = 0; k < s->n; k++)
            out->slot.values[out->slot.n++] = e->values[s->values[k]].name;
        find_origin(q, &m->reading->seen, s, out);
    }
}

/* --- a question --------------------------------------------------------------------------------------------- */

void trace_question(struct asking *q, const struct meaning *m, const struct branch *b)
{
    if (!q->trace || q->trace->n_questions == DOCENT_QUESTIONS_MAX)
        return;
    struct question_trace *t = &q->trace->questions[q->trace->n_questions++];
    t->normalised = arena_str(q->a, str_trim(m->reading->seen.text));
    t->known = m->reading->known;
    t->names_value = m->reading->seen.n_mentions > 0;
    t->decision = m->decision ? m->decision : "nothing is sure enough";
    take_candidates(q, m, t);
    take_slots(q, m, t);
    if (b) {
        t->branch_file = b->place.source ? b->place.source->name : (struct str){NULL, 0};
        t->branch_line = place_line(b->place);
    }
}

void trace_end(struct asking *q)
{
    if (!q->trace)
        return;
    q->trace->corrections = q->words.corrections;
    q->trace->n_corrections = q->words.n_corrections;
    q->trace->patterns_tried = q->stats.tried;
    q->trace->matches = q->stats.matches;
    q->trace->patterns_limited = q->stats.limited;
}
