#include "cmd/talk.h"

#include "base/regex.h"
#include "cmd/reply.h"
#include "engine/coverage.h"

static struct str keep(struct buf *out, struct arena *a)
{
    struct str kept = arena_str(a, buf_str(out));
    buf_release(out);
    return kept;
}

/* --- judging ------------------------------------------------------------------------------------------------ */

static bool has_intent(const struct reply *reply, struct str intent)
{
    for (size_t i = 0; i < reply->n_parts; i++)
        if (str_eq(reply->parts[i].intent, intent))
            return true;
    return false;
}

static bool slot_has(const struct slot *slot, struct str value)
{
    for (size_t i = 0; i < slot->n; i++)
        if (str_eq(slot->values[i], value))
            return true;
    return false;
}

/* values  joined by commas, in any order: all of them and no other */
static bool slot_is(const struct slot *slot, struct str values)
{
    size_t n = 0;
    struct str rest = values, one;
    while (str_cut(&rest, ',', &one)) {
        if (!slot_has(slot, one))
            return false;
        n++;
    }
    return n == slot->n;
}

static bool has_slot(const struct reply *reply, struct str entity, struct str values)
{
    bool filled = false;
    for (size_t i = 0; i < reply->n_parts; i++)
        for (size_t k = 0; k < reply->parts[i].n_slots; k++) {
            const struct slot *slot = &reply->parts[i].slots[k];
            if (!str_eq(slot->entity, entity))
                continue;
            filled = true;
            if (values.n && slot_is(slot, values))
                return true;
        }
    return !values.n && !filled;
}

static bool alternative_holds(const struct term *term, const struct reply *reply, struct str wanted)
{
    switch (term->kind) {
    case TERM_OUTCOME:
        return str_is(wanted, outcome_name(reply->outcome));
    case TERM_SOURCE:
        return reply_rests_on(reply, wanted);
    case TERM_INTENT:
        return has_intent(reply, wanted);
    case TERM_SLOT:
        break;
    }
    return has_slot(reply, term->name, wanted);
}

static bool term_holds(const struct term *term, const struct reply *reply)
{
    struct str rest = term->wanted, one;
    if (!rest.n)
        return alternative_holds(term, reply, rest);
    while (str_cut(&rest, '|', &one))
        if (alternative_holds(term, reply, one))
            return true;
    return false;
}

static bool equals_hold(const struct talk_turn *turn, const struct reply *reply)
{
    for (size_t i = 0; i < turn->n_terms; i++)
        if (!term_holds(&turn->terms[i], reply))
            return false;
    return true;
}

static bool said_holds(const struct said *said, struct str text)
{
    return regex_find(said->regex, text) != said->absent;
}

static void add_term(struct buf *out, const struct term *term)
{
    if (term->name.n)
        buf_addf(out, "%.*s=", STR_FMT(term->name));
    buf_add(out, term->wanted);
}

/* Only what did not hold. */
static struct str broken_demands(const struct talk_turn *turn, const struct reply *reply, struct str text,
                                 struct arena *a)
{
    struct buf out;
    buf_init(&out, TALK_REPLY_MAX);
    for (size_t i = 0; i < turn->n_terms; i++)
        if (!term_holds(&turn->terms[i], reply)) {
            buf_adds(&out, out.n ? ", " : "");
            add_term(&out, &turn->terms[i]);
        }
    for (size_t i = 0; i < turn->n_said; i++)
        if (!said_holds(&turn->said[i], text))
            buf_addf(&out, "%s%s /%.*s/", out.n ? ", " : "", turn->said[i].absent ? "no" : "text",
                     STR_FMT(turn->said[i].pattern));
    return keep(&out, a);
}

static void add_candidate(struct buf *out, const struct candidate *c)
{
    if (c->pattern.n)
        buf_addf(out, "pattern \"%.*s\" of %.*s (%.*s:%zu)", STR_FMT(c->pattern), STR_FMT(c->intent), STR_FMT(c->file),
                 c->line);
    else
        buf_addf(out, "%.*s, learnt from examples (%.2f)", STR_FMT(c->intent), c->learnt_score);
}

/* What decided, question by question: the winning pattern and its place, or the sentence that the engine gives. */
static struct str reasons(const struct reply *reply, struct arena *a)
{
    struct buf out;
    buf_init(&out, TALK_REPLY_MAX);
    for (size_t i = 0; reply->why && i < reply->why->n_questions; i++) {
        const struct question_trace *q = &reply->why->questions[i];
        buf_adds(&out, i ? "; " : "");
        if (q->n_candidates && !q->candidates[0].lost)
            add_candidate(&out, &q->candidates[0]);
        else if (q->decision)
            buf_adds(&out, q->decision);
        buf_addf(&out, ", read as \"%.*s\"", STR_FMT(q->normalised));
    }
    return keep(&out, a);
}

/* --- playing ------------------------------------------------------------------------------------------------ */

struct talk_result *talk_result_add(struct talk_run *run, struct arena *a, bool passed)
{
    struct talk_result *r = ARENA_PUSH(a, run->results, run->n, run->cap);
    *r = (struct talk_result){.passed = passed};
    *(passed ? &run->passed : &run->failed) += 1;
    return r;
}

static void judge(const struct talk_file *file, const struct talk_turn *turn, const struct reply *reply,
                  struct arena *a, struct talk_run *run)
{
    struct arena scratch = {0};
    struct str text = reply_plain(reply, &scratch), expected = broken_demands(turn, reply, text, &scratch);
    struct talk_result *r = talk_result_add(run, a, expected.n == 0);
    r->file = file;
    r->turn = turn;
    r->name = turn->question;
    r->where = arena_fmt(a, "%.*s:%zu", STR_FMT(file->source->name), turn->line);
    if (!r->passed) {
        r->expected = arena_str(a, expected);
        r->came = reply_summary(reply, a);
        r->text = text_beginning(text, TALK_SHOWN_MAX, a);
        r->why = reasons(reply, a);
        r->equals_failed = !equals_hold(turn, reply);
        r->blessed = talk_blessed_line(turn, reply, a);
    }
    arena_release(&scratch);
}

static bool contains(struct str text, struct str part)
{
    for (size_t i = 0; i + part.n <= text.n; i++) {
        size_t k = 0;
        while (k < part.n && ch_lower(text.p[i + k]) == ch_lower(part.p[k]))
            k++;
        if (k == part.n)
            return true;
    }
    return false;
}

bool filter_lets(struct str filter, struct str file, struct str question)
{
    return contains(file, filter) || contains(question, filter);
}

void talk_play(const struct talk_file *file, struct str filter, const struct docent *docent, struct arena *a,
               struct talk_run *run)
{
    struct arena request = {0};
    for (size_t i = 0; i < file->n_talks; i++) {
        const struct talk *talk = &file->talks[i];
        if (!filter_lets(filter, file->source->name, talk->turns[0].question))
            continue;
        struct dialog dialog = {0};
        for (size_t k = 0; k < talk->n_turns; k++) {
            const struct reply *reply =
                docent_ask_covering(docent, &dialog, talk->turns[k].question, &request, run->coverage);
            judge(file, &talk->turns[k], reply, a, run);
            arena_reset(&request);
        }
    }
    arena_release(&request);
}

/* --- recording ---------------------------------------------------------------------------------------------- */

static void record_turn(struct buf *out, struct str question, const struct reply *reply)
{
    buf_addf(out, "> %.*s\n= %s", STR_FMT(question), outcome_name(reply->outcome));
    size_t before = out->n;
    buf_addc(out, ' ');
    reply_add_sources(out, reply, " ");
    if (out->n == before + 1)
        buf_cut(out, before);
    talk_bless_intent(out, reply);
    reply_add_slots(out, &reply->parts[0]);
    buf_addc(out, '\n');
}

void talk_record(struct buf *out, struct str questions, const struct docent *docent)
{
    struct arena request = {0};
    struct dialog dialog = {0};
    bool any = false;
    while (questions.n) {
        struct str line = talk_line(&questions), question = str_trim(line);
        if (!question.n || question.p[0] == '#')
            continue;
        if (any && !ch_space(line.p[0])) {
            dialog = (struct dialog){0};
            buf_addc(out, '\n');
        }
        record_turn(out, question, docent_ask(docent, &dialog, question, &request));
        arena_reset(&request);
        any = true;
    }
    arena_release(&request);
}
