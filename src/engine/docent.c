/*
 * Read this file first: docent_ask() calls the stages of the engine in order.
 *
 *     normalise   bytes -> words
 *     split       words -> the questions in them
 *     understand  a question -> intents, best first
 *     dialog      what short messages mean, because of what was said before
 *     answer      an intent with slots -> text, sources, what to ask next
 */
#include "docent.h"

#include "engine/answer.h"
#include "engine/classify.h"
#include "engine/dialog.h"
#include "engine/normalise.h"
#include "engine/pack.h"
#include "engine/pattern.h"
#include "engine/split.h"
#include "engine/understand.h"

#include <stdlib.h>
#include <string.h>

const char *outcome_name(enum outcome outcome)
{
    static const char *const names[] = {
#define X(name, text) [OUTCOME_##name] = text,
        OUTCOMES(X)
#undef X
    };
    return names[outcome];
}

/* --- one message -------------------------------------------------------------------------------------------- */

enum { READ_MAX = 32 };

struct read_before {                /* a range of words that was understood already */
    const struct word *words;
    size_t from, to;
    uint16_t last;
    const struct reading *reading;
};

struct asking {                     /* a message while it is being answered */
    const struct docent *d;
    struct dialog *dialog;
    struct arena *a;
    struct str text;
    struct words words;
    struct dialog_turn nearby;      /* values that the message names anywhere */
    struct telling tell;
    struct trace *trace;            /* NULL: nobody asked why */
    struct match_stats stats;
    struct read_before read[READ_MAX];
    size_t n_read;
    uint64_t hash;
};

/* How sure a question must be that was read with ordinary words corrected. */
static const double BOLD_FROM = 0.6;

enum { FOREIGN_BELOW_PERCENT = 45 };    /* of a long message's words of content known: below this it is not for us */

struct meaning {                    /* what one question turned out to mean */
    struct reading reading;
    struct dialog_turn turn;        /* without an intent: nothing clear */
    const char *decision;
};

static uint64_t hash_words(const struct words *w)
{
    uint64_t hash = STR_HASH_START;
    for (size_t i = 0; i < w->n; i++)
        hash = str_hash_more(str_hash_more(hash, w->items[i].text), STR(" "));
    return hash >> 17;
}

/* A range of words is looked at from several sides; it is read once. */
static struct reading read_range(struct asking *q, size_t from, size_t to)
{
    uint16_t last = dialog_last_intent(q->dialog);
    for (size_t i = 0; i < q->n_read; i++)
        if (q->read[i].words == q->words.items && q->read[i].from == from && q->read[i].to == to && q->read[i].last == last)
            return *q->read[i].reading;
    struct reading *r = arena_alloc(q->a, sizeof *r);
    *r = understand(q->d, q->words.items + from, to - from, last, q->a, &q->stats);
    if (q->n_read < READ_MAX)
        q->read[q->n_read++] = (struct read_before){q->words.items, from, to, last, r};
    return *r;
}

static bool is_clear(const struct reading *r)
{
    return r->verdict == VERDICT_CLEAR || r->verdict == VERDICT_TIE;
}

/* In a conversation that is under way, words that are all known are likely about it. */
static bool is_clear_here(const struct asking *q, const struct reading *r)
{
    bool likely = dialog_last_intent(q->dialog) != NONE && r->known > 0.99 && r->n && r->items[0].own > 0.99;
    return is_clear(r) || (likely && r->items[0].score >= ANSWER_FROM * 0.5);
}

static bool is_gated(const struct docent *d, const struct reading *r)
{
    return r->n && r->items[0].pattern != NONE && pattern_get(d, r->items[0].pattern)->after != NONE;
}

/* Are there words of content besides the values of entities? */
static bool names_only_values(const struct docent *d, const struct observed *seen)
{
    for (size_t i = 0; i < seen->n; i++) {
        bool in_mention = false;
        for (size_t m = 0; m < seen->n_mentions; m++)
            in_mention = in_mention || (i >= seen->mentions[m].from && i < seen->mentions[m].to);
        if (!in_mention && word_weight(d, &seen->words[i]) >= 1)
            return false;
    }
    return seen->n_mentions > 0;
}

static bool has_content(const struct docent *d, const struct observed *seen)
{
    for (size_t i = 0; i < seen->n; i++)
        if (word_weight(d, &seen->words[i]) >= 1)
            return true;
    return false;
}

static bool has_question_word(const struct docent *d, const struct observed *seen)
{
    for (size_t i = 0; i < seen->n; i++)
        if (seen->ids[i] && d->lexicon.words[seen->ids[i]].flags & WORD_QUESTION && !str_is(seen->words[i].text, "with"))
            return true;
    return false;
}

/* "and billing?": the last question again, with what is named now in place of what was. */
static bool continue_last(struct asking *q, const struct reading *r, struct meaning *m)
{
    m->turn = q->dialog->turns[0];
    for (size_t s = 0; s < m->turn.n_slots; s++)
        m->turn.slots[s].inherited = true;
    m->decision = m->turn.intent && turn_take_mentions(q->d, &m->turn, &r->seen)
                      ? "names only values of slots: the last question again, with these"
                      : "names only values that the last answer does not turn on: it holds for these, too";
    return m->turn.intent != 0;
}

/* "back to pay": of the questions asked before the one that fits best, with its slots. */
static bool go_back(struct asking *q, const struct reading *r, struct meaning *m)
{
    double best = 0.15;
    for (size_t i = 0; i < DIALOG_TURNS; i++)
        for (size_t k = 0; k < r->n && q->dialog->turns[i].intent; k++)
            if (r->items[k].intent + 1 == q->dialog->turns[i].intent && r->items[k].score > best) {
                best = r->items[k].score;
                m->turn = q->dialog->turns[i];
                for (size_t s = 0; s < m->turn.n_slots; s++)
                    m->turn.slots[s].inherited = true;
                turn_take_mentions(q->d, &m->turn, &r->seen);
                m->decision = "goes back to what was talked about before";
            }
    return m->turn.intent != 0;
}

/* What is said about the conversation itself: "more", "why", "both". */
static bool conversation_act(struct asking *q, size_t from, size_t to, struct meaning *m)
{
    const struct word *w = q->words.items;
    if (says(q->d, w, from, to, PHRASE_MORE, NULL)) {
        m->turn = dialog_more(q->d, q->dialog);
        m->decision = "asks for more about the last answer";
    } else if (says(q->d, w, from, to, PHRASE_WHY, NULL)) {
        m->turn = dialog_why(q->d, q->dialog);
        m->decision = "asks why, about the last answer";
    } else if (says(q->d, w, from, to, PHRASE_BOTH, NULL)) {
        m->turn = dialog_both(q->d, q->dialog);
        m->decision = "asks for both";
    } else if (says(q->d, w, from, to, PHRASE_OTHER, NULL)) {
        m->turn = dialog_other(q->d, q->dialog);
        m->decision = "asks for the other one";
    }
    return m->turn.intent != 0;
}

static void settle(struct asking *q, const struct leaning *l, struct meaning *m)
{
    const struct reading *r = &m->reading;
    m->turn = turn_of(r->items[0].intent);
    turn_take_mentions(q->d, &m->turn, &r->seen);
    bool leans = l->continues || l->refers || l->rather || m->turn.intent == q->dialog->turns[0].intent;
    turn_inherit(q->d, &m->turn, q->dialog, &q->nearby, leans);
    m->decision = r->items[0].pattern != NONE ? "the pattern and the examples speak for it" : "the examples speak for it";
}

/* The words [from, to) as one question. */
static struct meaning make_out(struct asking *q, size_t from, size_t to)
{
    struct meaning m = {.turn = turn_of(NONE)};
    struct leaning l = dialog_leaning(q->d, q->words.items, from, to);
    bool asked_before = dialog_last_intent(q->dialog) != NONE;
    m.reading = read_range(q, from, to);
    if (asked_before && is_clear(&m.reading) && is_gated(q->d, &m.reading)) {
        settle(q, &l, &m);
        return m;
    }
    if (asked_before && (conversation_act(q, from, to, &m) || conversation_act(q, l.from, l.to, &m)))
        return m;
    if (l.from > from) {
        struct reading rest = read_range(q, l.from, l.to);
        if (rest.n && (!m.reading.n || rest.items[0].score > m.reading.items[0].score || l.rather || l.back))
            m.reading = rest;
    }
    if (l.back && go_back(q, &m.reading, &m))
        return m;
    const struct observed *seen = &m.reading.seen;
    bool only_values = names_only_values(q->d, seen);
    bool elliptic = only_values && (l.continues || l.rather || !has_question_word(q->d, seen));
    if (asked_before && elliptic && continue_last(q, &m.reading, &m))
        return m;
    bool says_little = only_values || !has_content(q->d, seen);
    bool bare = says_little && m.reading.n && m.reading.items[0].pattern == NONE; /* "billers", "what about it" ask nothing */
    if (is_clear_here(q, &m.reading) && !(bare && (only_values || !asked_before)))
        settle(q, &l, &m);
    else if (asked_before && (only_values || ((l.continues || l.rather) && seen->n_mentions && seen->n <= 5)))
        continue_last(q, &m.reading, &m);
    return m;
}

/* --- salary and training: two subjects in one question ------------------------------------------------------ */

static bool pins_beside_values(const struct reading *r, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < r->seen.n; i++) {
        bool in_mention = false;
        for (size_t m = 0; m < r->seen.n_mentions; m++)
            in_mention = in_mention || (i >= r->seen.mentions[m].from && i < r->seen.mentions[m].to);
        bool function = r->seen.ids[i] == 0;
        if (!in_mention && !function && r->items[0].pinned[i / 64] >> i % 64 & 1)
            return true;
    }
    return false;
}

/* Part of a list may be as short as "pay": what counts is that it speaks of one thing only. */
static bool is_list_item(const struct docent *d, const struct reading *r)
{
    if (!r->n || d->intents[r->items[0].intent].kind != KIND_ANSWER || r->items[0].own < 0.99 || names_only_values(d, &r->seen))
        return false;
    return is_clear(r) || (r->items[0].pattern != NONE && r->items[0].score >= 0.2) || r->items[0].learnt >= 0.85;
}

enum { LIST_MAX = 4 };

struct list {               /* "salary, training and remote work for coders" */
    size_t from[LIST_MAX], to[LIST_MAX];
    size_t n;
};

static bool joins_items(const struct word *w)
{
    return str_is(w->text, "and") || str_is(w->text, "plus");
}

static void add_item(struct list *l, size_t from, size_t to)
{
    if (from < to && l->n < LIST_MAX)
        l->from[l->n] = from, l->to[l->n++] = to;
}

/* The pieces between commas and "and"; where `only` is not 0, cut at that word alone. */
static struct list cut_list(const struct asking *q, size_t from, size_t to, size_t only)
{
    struct list l = {.n = 0};
    size_t start = from;
    for (size_t i = from + 1; i < to; i++) {
        bool and = joins_items(&q->words.items[i]), comma = q->words.items[i].brk == BRK_WEAK;
        if (only ? i != only : !and && !comma)
            continue;
        add_item(&l, start, i);
        start = and ? i + 1 : i;
    }
    add_item(&l, start, to);
    return l;
}

/* Is each piece a question of its own, and does no pattern of the whole bind two of them together? */
static bool is_list(struct asking *q, const struct list *l, size_t from, size_t to)
{
    uint16_t intents[LIST_MAX];
    for (size_t i = 0; i < l->n; i++) {
        struct reading r = read_range(q, l->from[i], l->to[i]);
        if (!is_list_item(q->d, &r))
            return false;
        intents[i] = r.items[0].intent;
        for (size_t k = 0; k < i; k++)
            if (intents[k] == intents[i])
                return false;
    }
    struct reading whole = read_range(q, from, to);
    if (!whole.n || whole.items[0].pattern == NONE)
        return true;
    size_t bound = 0;
    for (size_t i = 0; i < l->n; i++)
        bound += pins_beside_values(&whole, l->from[i] - from, l->to[i] - from);
    return bound < 2;
}

static struct list find_list(struct asking *q, size_t from, size_t to)
{
    struct list l = cut_list(q, from, to, 0);
    if (l.n >= 2 && is_list(q, &l, from, to))
        return l;
    for (size_t i = from + 1; l.n > 2 && i + 1 < to; i++)
        if (joins_items(&q->words.items[i])) {
            struct list two = cut_list(q, from, to, i);
            if (is_list(q, &two, from, to))
                return two;
        }
    return (struct list){.n = 0};
}

/* --- telling ------------------------------------------------------------------------------------------------ */

static void trace_question(struct asking *q, const struct meaning *m, const struct branch *b)
{
    if (!q->trace || q->trace->n_questions == DOCENT_PARTS_MAX)
        return;
    struct question_trace *t = &q->trace->questions[q->trace->n_questions++];
    const struct reading *r = &m->reading;
    t->normalised = arena_str(q->a, str_trim(r->seen.text));
    t->known = r->known;
    t->names_value = r->seen.n_mentions > 0;
    t->decision = m->decision ? m->decision : "nothing is sure enough";
    for (size_t i = 0; i < r->n && i < DOCENT_CANDIDATES_MAX; i++) {
        const struct evidence *e = &r->items[i];
        struct candidate *c = &t->candidates[t->n_candidates++];
        *c = (struct candidate){.intent = q->d->intents[e->intent].id,
                                .score = e->score,
                                .pattern_score = e->pattern_score,
                                .learnt_score = e->learnt,
                                .own = e->own};
        if (e->pattern != NONE) {
            const struct pattern *p = pattern_get(q->d, e->pattern);
            c->pattern = p->text;
            c->file = p->place.source ? p->place.source->name : (struct str){NULL, 0};
            c->line = place_line(p->place);
        }
        bool won = m->turn.intent == e->intent + 1;
        c->lost = won ? NULL
                  : e->pattern == NONE ? "no pattern matches"
                  : e->score < ANSWER_FROM ? "not sure enough"
                                           : "its pattern accounts for less of the question";
    }
    if (b) {
        t->branch_file = b->place.source ? b->place.source->name : (struct str){NULL, 0};
        t->branch_line = place_line(b->place);
    }
}

static void tell(struct asking *q, const struct meaning *m)
{
    const struct reading *r = &m->reading;
    const struct branch *b = NULL;
    double score = r->n ? r->items[0].score : 0;
    if (q->tell.reply->n_parts == DOCENT_PARTS_MAX)
        return;
    if (m->turn.intent && r->verdict == VERDICT_TIE && m->turn.intent == r->items[0].intent + 1) {
        struct dialog_turn turns[2] = {m->turn, turn_of(r->items[1].intent)};
        turn_take_mentions(q->d, &turns[1], &r->seen);
        answer_which(q->d, turns, 2, score, q->hash, &q->tell);
    } else if (m->turn.intent) {
        double sure = m->turn.intent == (r->n ? r->items[0].intent + 1 : 0) ? score : 0.75;
        b = answer_turn(q->d, &m->turn, sure, q->hash, &q->tell);
        dialog_remember(q->d, q->dialog, &m->turn);
    } else {
        answer_decline(q->d, r, q->hash, &q->tell);
    }
    trace_question(q, m, b);
}

static bool answer_range(struct asking *q, size_t from, size_t to)
{
    struct list l = find_list(q, from, to);
    for (size_t i = 0; i < l.n; i++) {
        struct meaning m = make_out(q, l.from[i], l.to[i]);
        if (!m.turn.intent && m.reading.n) { /* an item too short to be clear by itself */
            struct leaning none = {.from = l.from[i], .to = l.to[i]};
            settle(q, &none, &m);
        }
        tell(q, &m);
    }
    if (l.n)
        return true;
    struct meaning m = make_out(q, from, to);
    if (!m.turn.intent)
        return false;
    tell(q, &m);
    return true;
}

/* What is only said may tell what is meant: "My state pays little, they say. Is that right?" The clearest statement counts. */
static bool answer_statement(struct asking *q, const struct segment *segments, size_t n)
{
    struct meaning best = {.turn = turn_of(NONE)};
    for (size_t i = 0; i < n; i++) {
        if (segments[i].asked)
            continue;
        struct meaning m = make_out(q, segments[i].from, segments[i].to);
        bool sound = m.turn.intent && m.reading.n && m.reading.items[0].pattern != NONE &&
                     q->d->intents[m.turn.intent - 1].kind == KIND_ANSWER;
        if (sound && (!best.turn.intent || m.reading.items[0].score > best.reading.items[0].score))
            best = m;
    }
    if (best.turn.intent)
        tell(q, &best);
    return best.turn.intent != 0;
}

/* A question that is not clear by itself may be so together with what was said right before it, or with all. */
static bool answer_in_context(struct asking *q, const struct segment *segments, size_t n, size_t at)
{
    for (size_t from = at; from-- > 0 && at - from <= 2;) {
        struct meaning m = make_out(q, segments[from].from, segments[at].to);
        if (m.turn.intent && q->d->intents[m.turn.intent - 1].kind == KIND_ANSWER) {
            tell(q, &m);
            return true;
        }
    }
    if (answer_statement(q, segments, n))
        return true;
    struct meaning m = make_out(q, segments[0].from, segments[n - 1].to);
    if (n > 1 && m.turn.intent)
        tell(q, &m);
    return n > 1 && m.turn.intent;
}

/*
 * "My phone bill is too high. Can you lower it?" A question that only examples speak for, and that names no value, must
 * still be one together with what was said right before it.
 */
static bool holds_in_context(struct asking *q, const struct segment *segments, size_t at)
{
    struct reading r = read_range(q, segments[at].from, segments[at].to);
    if (at == 0 || segments[at - 1].asked || !is_clear(&r) || r.items[0].pattern != NONE || r.seen.n_mentions)
        return true;
    struct reading both = read_range(q, segments[at - 1].from, segments[at].to);
    return is_clear(&both) && q->d->intents[both.items[0].intent].kind == q->d->intents[r.items[0].intent].kind;
}

/* A long text of which the packs know little is somebody's document, not a question. */
static bool is_foreign_document(const struct asking *q)
{
    size_t content = 0, known = 0;
    for (size_t i = 0; i < q->words.n; i++)
        if (word_weight(q->d, &q->words.items[i]) >= 1) {
            content++;
            known += q->words.items[i].id && q->d->lexicon.words[q->words.items[i].id].flags & WORD_SUBJECT;
        }
    return content > 30 && known * 100 < content * FOREIGN_BELOW_PERCENT;
}

/* Among other sentences a greeting needs no answer of its own, and "is that right?" means what the others are about. */
static bool is_aside(const struct docent *d, const struct reading *r)
{
    if (!is_clear(r))
        return false;
    enum intent_kind kind = d->intents[r->items[0].intent].kind;
    return kind == KIND_CHAT || (kind == KIND_DECLINE && r->items[0].pattern == NONE);
}

/* A question that says nothing to the packs may hold a typing error that is an English word: "can a biller become a manger". */
static bool answer_boldly(struct asking *q, size_t from, size_t to)
{
    struct words plain = q->words;
    size_t n_plain = plain.n_corrections;
    q->words = normalise(q->d, q->text, true, q->a);
    if (q->words.n_corrections > n_plain && q->words.n == plain.n) {
        struct meaning m = make_out(q, from, to);
        if (m.turn.intent && m.reading.n && m.reading.items[0].pattern != NONE && m.reading.items[0].score >= BOLD_FROM) {
            tell(q, &m);
            return true;
        }
    }
    q->words = plain;
    return false;
}

static void answer_questions(struct asking *q)
{
    struct segment segments[SEGMENTS_MAX];
    size_t n = split(q->d, &q->words, segments), missed = 0, missed_at = 0;
    for (size_t i = 0; i < n && q->tell.reply->n_parts < DOCENT_PARTS_MAX; i++) {
        if (!segments[i].asked)
            continue;
        if (n > 1) {
            struct reading r = read_range(q, segments[i].from, segments[i].to);
            if (is_aside(q->d, &r))
                continue;
        }
        bool answered = holds_in_context(q, segments, i) && answer_range(q, segments[i].from, segments[i].to);
        if (!answered && missed++ == 0)
            missed_at = i;
    }
    if (q->tell.reply->n_parts)
        return;
    if (missed && (answer_boldly(q, segments[missed_at].from, segments[missed_at].to) ||
                   answer_in_context(q, segments, n, missed_at)))
        return;
    size_t from = missed ? segments[missed_at].from : 0, to = missed ? segments[missed_at].to : q->words.n;
    struct meaning m = {.reading = read_range(q, from, to), .turn = turn_of(NONE)};
    if (!missed && is_clear(&m.reading))
        m.turn = turn_of(m.reading.items[0].intent); /* small talk only */
    tell(q, &m);
}

/* --- putting the reply together ----------------------------------------------------------------------------- */

static void finish(struct asking *q)
{
    struct reply *r = q->tell.reply;
    static const enum outcome order[] = {OUTCOME_ANSWER, OUTCOME_CLARIFY, OUTCOME_DECLINE, OUTCOME_CHAT};
    for (size_t o = sizeof order / sizeof *order; o-- > 0;)
        for (size_t i = 0; i < r->n_parts; i++)
            if (r->parts[i].outcome == order[o])
                r->outcome = order[o];
    q->dialog->n_choices = (uint8_t)q->tell.n_choices;
    memcpy(q->dialog->choices, q->tell.choices, sizeof q->dialog->choices);
    q->dialog->n_offered = (uint8_t)(q->tell.n_choices ? 0 : r->n_suggestions);
    memcpy(q->dialog->offered, q->tell.offered, sizeof q->dialog->offered);
    if (q->trace) {
        q->trace->corrections = q->words.corrections;
        q->trace->n_corrections = q->words.n_corrections;
        q->trace->patterns_tried = q->stats.tried;
        q->trace->patterns_limited = q->stats.limited;
    }
    r->why = q->trace;
}

static void tell_choice(struct asking *q, const struct dialog_turn *turns, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct meaning m = {.turn = turns[i], .decision = "the choice that was offered"};
        m.reading = (struct reading){.verdict = VERDICT_CLEAR};
        observe(q->d, q->words.items, q->words.n, q->a, &m.reading.seen);
        tell(q, &m);
    }
}

/* "who offers the first of those": a value that the last answer named takes the place of a value named now. */
static void take_listed(struct asking *q)
{
    uint16_t number = 0;
    size_t at = 0;
    uint16_t last = dialog_last_intent(q->dialog);
    if (last == NONE || q->nearby.n_slots > 1)
        return;
    while (at < q->words.n && !(q->words.items[at].text.n > 1 && !ch_digit(q->words.items[at].text.p[0]) &&
                                phrase_of_kind(q->d, q->words.items, q->words.n, at, PHRASE_ORDINAL, &number)))
        at++;
    if (at == q->words.n)
        return;
    struct telling again = {.reply = arena_alloc(q->a, sizeof *again.reply), .a = q->a};
    answer_turn(q->d, &q->dialog->turns[0], 0, 0, &again);
    struct dialog_turn listed = dialog_listed(q->d, again.reply->parts[0].text, number, q->a);
    for (size_t i = 0; i < listed.n_slots; i++)
        if (!turn_slot(&q->nearby, listed.slots[i].entity))
            turn_set(&q->nearby, listed.slots[i].entity, listed.slots[i].values[0], false);
}

static struct reply *ask(const struct docent *d, struct dialog *dialog, struct str text, struct arena *a, bool why)
{
    struct asking q = {.d = d, .dialog = dialog, .a = a, .text = text, .tell = {.a = a}};
    q.tell.reply = arena_alloc(a, sizeof *q.tell.reply);
    q.trace = why ? arena_alloc(a, sizeof *q.trace) : NULL;
    dialog_begin(d, dialog);
    q.words = normalise(d, text, false, a);
    q.hash = hash_words(&q.words);

    struct dialog_turn chosen[DOCENT_PARTS_MAX];
    uint16_t suggestion = NONE;
    size_t n_chosen = q.words.n ? dialog_choose(d, dialog, &q.words, chosen, &suggestion) : 0;
    if (suggestion != NONE)
        q.words = normalise(d, d->suggestions[suggestion], false, a);
    if (q.words.n) {
        struct observed seen;
        observe(d, q.words.items, q.words.n, a, &seen);
        turn_take_mentions(d, &q.nearby, &seen);
        if (!n_chosen)
            take_listed(&q);
    }
    if (!q.words.n)
        answer_unclear(d, q.hash, &q.tell);
    else if (is_foreign_document(&q))
        answer_decline(d, NULL, q.hash, &q.tell);
    else if (n_chosen)
        tell_choice(&q, chosen, n_chosen);
    else
        answer_questions(&q);
    finish(&q);
    return q.tell.reply;
}

struct reply *docent_ask(const struct docent *d, struct dialog *dialog, struct str text, struct arena *a)
{
    return ask(d, dialog, text, a, false);
}

struct reply *docent_ask_why(const struct docent *d, struct dialog *dialog, struct str text, struct arena *a)
{
    return ask(d, dialog, text, a, true);
}

/* --- opening and looking around ----------------------------------------------------------------------------- */

uint64_t docent_fingerprint(const struct pack_files *packs, size_t n_packs)
{
    uint64_t hash = str_hash(STR("docent 1"));
    for (size_t p = 0; p < n_packs; p++)
        for (size_t f = 0; f < packs[p].n; f++)
            hash = str_hash_more(str_hash_more(hash, STR("\1")), packs[p].files[f].text);
    return hash;
}

struct docent *docent_open(const struct pack_files *packs, size_t n_packs, struct str model, struct diags *diags)
{
    size_t errors = diags->errors;
    struct docent *d = calloc(1, sizeof *d);
    if (!d)
        abort();
    d->fingerprint = docent_fingerprint(packs, n_packs);
    d->patterns = patterns_new(&d->arena);
    lexicon_init(&d->lexicon, &d->arena);
    packs_load(d, packs, n_packs, diags);
    if (diags->errors == errors) {
        patterns_index(d);
        patterns_compile(d, diags, false);
    }
    if (diags->errors > errors) {
        docent_free(d);
        return NULL;
    }
    lexicon_done(&d->lexicon);
    d->speller = speller_new(&d->lexicon, &d->arena);
    d->classifier = classifier_of(d, model, &d->arena);
    d->model_was_used = d->classifier != NULL;
    if (!d->classifier)
        d->classifier = classifier_train(d, &d->arena);
    return d;
}

void docent_free(struct docent *d)
{
    if (!d)
        return;
    patterns_free(d->patterns);
    lexicon_done(&d->lexicon);
    arena_release(&d->arena);
    free(d);
}

struct str docent_model(const struct docent *d)
{
    return classifier_model(d->classifier);
}

bool docent_model_was_used(const struct docent *d)
{
    return d->model_was_used;
}

size_t docent_topics(const struct docent *d, struct topic *out, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n_intents; i++) {
        const struct intent *intent = &d->intents[i];
        if (intent->kind != KIND_ANSWER || intent->question == NONE)
            continue;
        struct topic t = {.id = intent->id,
                          .title = intent->title,
                          .question = d->suggestions[intent->question],
                          .pack = d->packs[intent->pack].name};
        for (size_t b = 0; b < intent->n_branches && !t.section.n; b++)
            if (intent->branches[b].n_sources) {
                const struct section *s = &d->sections[intent->branches[b].sources[0]];
                t.section = s->id;
                t.heading = s->heading;
            }
        if (n < max)
            out[n] = t;
        n++;
    }
    return n;
}

size_t docent_sections(const struct docent *d, struct source_ref *out, size_t max)
{
    for (size_t i = 0; i < d->n_sections && i < max; i++)
        out[i] = (struct source_ref){d->sections[i].id, d->sections[i].heading, d->packs[d->sections[i].pack].name};
    return d->n_sections;
}

struct str docent_title(const struct docent *d)
{
    return d->packs[0].title;
}

struct str docent_version(const struct docent *d)
{
    return d->packs[0].version;
}
