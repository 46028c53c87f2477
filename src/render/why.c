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
    buf_addf(w->out, "  %5.2f  %7.2f  %6.2f", c->score, c->pattern_score, c->learnt_score);
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

static void put_question(const struct writer *w, const struct question_trace *q)
{
    buf_addf(w->out, "%squestion%s  ", w->bold, w->off);
    layout_safe(w->out, q->normalised);
    buf_addc(w->out, '\n');
    if (q->n_candidates) {
        size_t columns = widest_intent(q);
        buf_adds(w->out, w->dim);
        buf_fill(w->out, ' ', columns + 4);
        buf_addf(w->out, "  score  pattern  learnt%s\n", w->off);
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
    for (size_t i = 0; i < t->n_questions; i++) {
        buf_adds(out, i || t->n_corrections ? "\n" : "");
        put_question(&w, &t->questions[i]);
    }
    buf_addf(out, "%s%zu patterns tried", w.dim, t->patterns_tried);
    if (t->patterns_limited)
        buf_addf(out, ", %zu stopped by a limit", t->patterns_limited);
    buf_addf(out, "%s\n", w.off);
}
