#include "render/render.h"

#include "render/layout.h"

struct writer {
    struct buf *out;
    const char *bold, *dim, *off;
};

static void put_corrections(const struct writer *w, const struct trace *t)
{
    for (size_t i = 0; i < t->n_corrections; i++) {
        const struct correction *c = &t->corrections[i];
        buf_adds(w->out, "  read '");
        layout_safe(w->out, c->from);
        buf_adds(w->out, "' as '");
        layout_safe(w->out, c->to);
        buf_addf(w->out, "' %s(%s)%s\n", w->dim, c->reason ? c->reason : "", w->off);
    }
}

static void put_place(const struct writer *w, struct str file, size_t line)
{
    buf_adds(w->out, w->dim);
    layout_safe(w->out, file);
    buf_addf(w->out, ":%zu%s", line, w->off);
}

/* Columns of the widest name among the candidates. */
static size_t widest_intent(const struct question_trace *q)
{
    struct buf scratch;
    size_t widest = 0;
    buf_init(&scratch, RENDER_MAX);
    for (size_t i = 0; i < q->n_candidates; i++) {
        size_t columns = layout_safe(&scratch, q->candidates[i].intent);
        if (columns > widest)
            widest = columns;
    }
    buf_release(&scratch);
    return widest;
}

static void put_candidate(const struct writer *w, const struct candidate *c, size_t intent_columns)
{
    bool won = !c->lost;
    buf_adds(w->out, won ? "  > " : "    ");
    buf_adds(w->out, won ? w->bold : "");
    size_t columns = layout_safe(w->out, c->intent);
    buf_adds(w->out, won ? w->off : "");
    buf_fill(w->out, ' ', intent_columns - columns);
    buf_addf(w->out, "  %5.2f  %8.2f  %7.2f  %6.2f  %4.2f  %5.2f", c->score, c->strength, c->pattern_score,
             c->learnt_score, c->own, c->start);
    if (c->lost)
        buf_addf(w->out, "  %s%s%s", w->dim, c->lost, w->off);
    buf_addc(w->out, '\n');
    if (!c->pattern.n)
        return;
    buf_adds(w->out, "      ");
    layout_safe(w->out, c->pattern);
    buf_adds(w->out, "  ");
    put_place(w, c->file, c->line);
    buf_addc(w->out, '\n');
}

static void put_slot(const struct writer *w, const struct slot_trace *s)
{
    buf_adds(w->out, "  slot ");
    layout_safe(w->out, s->slot.entity);
    for (size_t i = 0; i < s->slot.n; i++) {
        buf_adds(w->out, i ? ", " : " = ");
        layout_safe(w->out, s->slot.values[i]);
    }
    buf_addf(w->out, "  %s%s", w->dim, s->from ? s->from : "");
    if (s->words.n) {
        buf_adds(w->out, " by '");
        layout_safe(w->out, s->words);
        buf_addc(w->out, '\'');
    }
    buf_addf(w->out, "%s\n", w->off);
}

/* Of a message in several pieces, those that are asked and those that are only said. */
static void put_pieces(const struct writer *w, const struct trace *t)
{
    for (size_t i = 0; t->n_pieces > 1 && i < t->n_pieces; i++) {
        buf_addf(w->out, "  %s  ", t->pieces[i].asked ? "asked" : "said ");
        layout_safe(w->out, t->pieces[i].text);
        buf_addc(w->out, '\n');
    }
}

static void put_question(const struct writer *w, const struct question_trace *q)
{
    buf_addf(w->out, "%squestion%s  ", w->bold, w->off);
    layout_safe(w->out, q->normalised);
    buf_addc(w->out, '\n');
    for (size_t i = 0; i < q->n_slots; i++)
        put_slot(w, &q->slots[i]);
    if (q->n_candidates) {
        size_t columns = widest_intent(q);
        buf_adds(w->out, w->dim);
        buf_fill(w->out, ' ', columns + 4);
        buf_addf(w->out, "   sure  strength  pattern  learnt   own  start%s\n", w->off);
        for (size_t i = 0; i < q->n_candidates; i++)
            put_candidate(w, &q->candidates[i], columns);
    }
    buf_addf(w->out, "%sdecided%s   %s\n", w->bold, w->off, q->decision ? q->decision : "");
    if (!q->branch_file.n)
        return;
    buf_addf(w->out, "%sanswer%s    ", w->bold, w->off);
    put_place(w, q->branch_file, q->branch_line);
    buf_addc(w->out, '\n');
}

void why_text(struct buf *out, const struct trace *t, bool color)
{
    struct writer w = {out, color ? "\033[1m" : "", color ? "\033[2m" : "", color ? "\033[22m" : ""};
    put_corrections(&w, t);
    put_pieces(&w, t);
    for (size_t i = 0; i < t->n_questions; i++) {
        buf_adds(out, i || t->n_corrections || t->n_pieces > 1 ? "\n" : "");
        put_question(&w, &t->questions[i]);
    }
    buf_addf(out, "%s%zu patterns tried", w.dim, t->patterns_tried);
    if (t->patterns_limited)
        buf_addf(out, ", %zu stopped by a limit", t->patterns_limited);
    buf_addf(out, "%s\n", w.off);
}
