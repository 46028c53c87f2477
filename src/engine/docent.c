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

#include "engine/list.h"
#include "engine/meaning.h"
#include "engine/normalise.h"
#include "engine/pattern.h"
#include "engine/point.h"
#include "engine/split.h"
#include "engine/trace.h"

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

/* How sure a question must be that was read with ordinary words corrected. */
static const double BOLD_FROM = 0.6;

enum {
    FOREIGN_BELOW_PERCENT = 45, /* of a long message's words of content known: below this it is not for us */
    BOLD_WORDS_MAX = 2,         /* ordinary words that nobody expects, and that may be meant to be others */
    SECOND_MAX_BYTES = 600,     /* an answer that is given beside another, since both may be meant */
    UNDIVIDED_WORDS_MAX = 16,   /* no pattern accounts for every word of more */
};

static uint64_t hash_words(const struct words *w)
{
    uint64_t hash = STR_HASH_START;
    for (size_t i = 0; i < w->n; i++)
        hash = str_hash_more(str_hash_more(hash, w->items[i].text), STR(" "));
    return hash >> 17;
}

/* --- telling ------------------------------------------------------------------------------------------------ */

/* Two questions of one message may come to the same. */
static bool is_told(const struct asking *q, const struct dialog_turn *turn)
{
    const struct dialog_turn *before = &q->dialog->turns[0];
    if (!q->tell.reply->n_parts || turn->intent != before->intent)
        return false;
    for (size_t i = 0; i < turn->n_slots; i++) {
        const struct dialog_slot *s = &turn->slots[i], *b = turn_slot_const(before, s->entity);
        if (!b || s->n != b->n || memcmp(s->values, b->values, s->n) != 0)
            return false;
    }
    return true;
}

static bool shares_source(const struct part *a, const struct part *b)
{
    for (size_t i = 0; i < a->n_sources; i++)
        for (size_t k = 0; k < b->n_sources; k++)
            if (a->sources[i].id.p == b->sources[k].id.p)
                return true;
    return false;
}

/* Two readings may be about as likely: where the second one's answer is short and says something else, both are answered. */
static void tell_second(struct asking *q, const struct meaning *m)
{
    const struct reading *r = m->reading;
    if (m->turn.intent != r->items[0].intent + 1 || !is_near(q->d, r))
        return;
    struct dialog_turn second = turn_of(r->items[1].intent);
    turn_take_mentions(q->d, &second, &r->seen);
    turn_inherit(q->d, &second, q->dialog, &q->nearby, false, asks_which(&r->seen));
    struct telling tried = {.reply = arena_alloc(q->a, sizeof *tried.reply), .a = q->a};
    answer_turn(q->d, &second, 0, q->hash, &tried);
    const struct part *other = &tried.reply->parts[0], *first = &q->tell.reply->parts[q->tell.reply->n_parts - 1];
    if (other->outcome == OUTCOME_ANSWER && other->text.n <= SECOND_MAX_BYTES && !shares_source(first, other))
        answer_turn(q->d, &second, r->items[1].score, q->hash, &q->tell);
}

static void tell(struct asking *q, const struct meaning *m)
{
    const struct reading *r = m->reading;
    const struct branch *b = NULL;
    double score = r->n ? r->items[0].score : 0;
    if (q->tell.reply->n_parts >= DOCENT_QUESTIONS_MAX || (m->turn.intent && is_told(q, &m->turn)))
        return;
    if (m->turn.intent && r->verdict == VERDICT_TIE && m->turn.intent == r->items[0].intent + 1) {
        struct dialog_turn turns[2] = {m->turn, turn_of(r->items[1].intent)};
        turn_take_mentions(q->d, &turns[1], &r->seen);
        answer_which(q->d, turns, 2, score, q->hash, &q->tell);
    } else if (m->turn.intent) {
        double sure = m->turn.intent == (r->n ? r->items[0].intent + 1 : 0) ? score : 0.75;
        coverage_of_question(q->tell.coverage, &r->seen, dialog_last_intent(q->dialog), m->turn.intent - 1);
        b = answer_turn(q->d, &m->turn, sure, q->hash, &q->tell);
        dialog_remember(q->d, q->dialog, &m->turn);
        if (r->n && m->turn.intent == r->items[0].intent + 1 && q->d->intents[m->turn.intent - 1].kind == KIND_ANSWER)
            dialog_remember_words(q->dialog, r->seen.words, r->seen.n);
        if (r->n > 1)
            tell_second(q, m);
    } else {
        answer_decline(q->d, r, q->hash, &q->tell);
    }
    trace_question(q, m, b);
}

static bool is_listing(struct asking *q, size_t from, size_t to)
{
    return find_list(q, from, to).n > 0;
}

/* Items of a list stand beside each other: none is read as a follow-up of the one before. */
static void answer_list(struct asking *q, const struct list *l)
{
    struct meaning m[LIST_MAX] = {0};
    for (size_t i = 0; i < l->n; i++)
        m[i].reading = read_range(q, l->from[i], l->to[i]);
    for (size_t i = 0; i < l->n; i++) {
        struct leaning none = {.from = l->from[i], .to = l->to[i]};
        settle(q, &none, &m[i]);
        tell(q, &m[i]);
    }
}

static bool same_words(const struct words *a, const struct words *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = a->items[i].id == b->items[i].id;
    return same;
}

/*
 * A question that says little to the packs may hold a typing error that is an English word: "can a biller become a manger";
 * or one that was taken for the wrong word.
 */
static bool answer_boldly(struct asking *q, size_t from, size_t to)
{
    size_t unknown = 0, doubtful = 0;
    for (size_t i = from; i < to; i++) {
        unknown += !q->words.items[i].id;
        doubtful += q->words.items[i].doubtful;
    }
    if (!doubtful || unknown > BOLD_WORDS_MAX || !q->text.n)
        return false;
    struct words plain = q->words;
    q->words = normalise(q->d, q->text, true, q->a);
    if (q->words.n == plain.n && !same_words(&q->words, &plain)) {
        struct meaning m = make_out(q, from, to);
        if (m.turn.intent && m.reading->n && m.reading->items[0].pattern != NONE &&
            m.reading->items[0].score >= BOLD_FROM) {
            tell(q, &m);
            return true;
        }
    }
    q->words = plain;
    return false;
}

/* Only the examples speak for it, and not aloud. */
static bool is_faint(const struct meaning *m)
{
    const struct evidence *first = m->reading->items;
    return m->reading->n && m->turn.intent == first->intent + 1 && first->pattern == NONE && first->score < BOLD_FROM;
}

static bool answer_range(struct asking *q, size_t from, size_t to)
{
    struct list l = find_list(q, from, to);
    answer_list(q, &l);
    if (l.n)
        return true;
    struct meaning m = make_out(q, from, to);
    if (!m.turn.intent)
        return false;
    bool mistypes = q->words.n_corrections > 0; /* who does it once may have done it again */
    if (!mistypes || !is_faint(&m) || !answer_boldly(q, from, to))
        tell(q, &m);
    return true;
}

/* "My state pays little, they say. Is that right?" What is not clear by itself may be so with what is said around it. */
static bool answer_in_story(struct asking *q, const struct segment *segments, size_t n, size_t at)
{
    struct meaning m = make_out(q, segments[at].from, segments[at].to);
    const struct reading *whole = read_in_story(q, segments, n, at);
    bool by_itself =
        m.turn.intent && (whole == m.reading || !m.reading->n || m.turn.intent != m.reading->items[0].intent + 1);
    if (!by_itself) {
        struct leaning none = {.from = segments[at].from, .to = segments[at].to};
        m.turn = turn_of(NONE);
        m.reading = whole;
        if (is_clear(whole))
            settle(q, &none, &m);
    }
    if (m.turn.intent)
        tell(q, &m);
    return m.turn.intent != 0;
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
    return kind == KIND_CHAT || (kind == KIND_DECLINE && r->items[0].pattern == NONE &&
                                 content_words(d, &r->seen) <= 1 && !r->seen.n_mentions);
}

/*
 * "Thanks a lot": a greeting taken off the front may leave nothing that says anything. Then the message as a whole may be
 * small talk that a pattern knows.
 */
static bool answer_chatter(struct asking *q)
{
    const struct reading *r = read_range(q, 0, q->words.n);
    if (!is_clear(r) || q->d->intents[r->items[0].intent].kind != KIND_CHAT)
        return false;
    tell(q, &(struct meaning){.reading = r, .turn = turn_of(r->items[0].intent)});
    return true;
}

/* "A card is lost, who pays": where one pattern accounts for every word it is one question, whatever commas stand in it. */
static bool answer_undivided(struct asking *q, size_t from, size_t to)
{
    if (to - from > UNDIVIDED_WORDS_MAX)
        return false;
    const struct reading *r = read_range(q, from, to);
    if (r->verdict != VERDICT_CLEAR || !accounts_for_all(r, &r->items[0]))
        return false;
    struct meaning m = make_out(q, from, to);
    if (m.turn.intent)
        tell(q, &m);
    return m.turn.intent != 0;
}

/* "I make 30k" says something; "pay for coders" does not. */
static bool is_sentence(const struct asking *q, const struct segment *s)
{
    static const char *const signs[] = {"i", "we", "you", "he", "she", "they", "it", "my", "is", "was", NULL};
    for (size_t i = s->from; i < s->to; i++)
        for (const char *const *sign = signs; *sign; sign++)
            if (str_is(q->words.items[i].text, *sign))
                return true;
    return false;
}

/* "Starting pay for both jobs. Plus is a high school diploma enough?": before "plus" a request may be as short as that. */
static bool is_request_in_short(struct asking *q, const struct segment *segments, size_t n, size_t at)
{
    const struct segment *s = &segments[at];
    if (at + 1 >= n || !segments[at + 1].asked || s->to - s->from > 6)
        return false;
    const struct word *next = &q->words.items[segments[at + 1].whole_from];
    if (is_listing(q, s->from, s->to))
        return true;
    const struct reading *r = read_range(q, s->from, s->to);
    bool joined = str_is(next->text, "plus") || str_is(next->text, "and") || str_is(next->text, "also") ||
                  (next->brk == BRK_WEAK && !names_only_values(q->d, &r->seen) && !is_sentence(q, s));
    return joined && is_clear(r) && r->items[0].pattern != NONE && r->items[0].own > 0.99;
}

/* "ok that helps, thank you": what is left of it says nothing, not even about the conversation. */
static bool is_all_chatter(struct asking *q, const struct segment *s)
{
    if (s->to - s->from == q->words.n || has_content(q->d, &read_range(q, s->from, s->to)->seen))
        return false;
    for (int kind = PHRASE_MORE; kind <= PHRASE_ORDINAL; kind++)
        if (says(q->d, q->words.items, s->from, s->to, kind, NULL))
            return false;
    return true;
}

/* "How much would a coder and how much would a biller be making": neither half says it all. */
static bool is_halved(const struct asking *q, const struct segment *segments, size_t n, size_t at)
{
    return at + 1 < n && segments[at + 1].asked && q->words.items[segments[at + 1].whole_from].brk < BRK_STRONG;
}

/* Asks about what stands just before it? */
static bool points_back(const struct asking *q, const struct segment *s)
{
    return dialog_leaning(q->d, q->words.items, s->from, s->to).refers;
}

/* "Define coding for me. Now billing." The same again, for what is named only. */
static bool goes_on(struct asking *q, const struct segment *s)
{
    struct leaning l = dialog_leaning(q->d, q->words.items, s->from, s->to);
    return l.continues && names_only_values(q->d, &read_range(q, l.from, l.to)->seen);
}

/* Is plainly a question of its own, and not only "right?" or "can you help me?" */
static bool is_left_out(struct asking *q, const struct segment *s)
{
    const struct word *first = &q->words.items[s->from];
    enum brk behind = s->whole_to < q->words.n ? q->words.items[s->whole_to].brk : q->words.end;
    bool plainly = behind == BRK_QUESTION && first->id && q->d->lexicon.words[first->id].flags & WORD_QUESTION;
    return plainly && has_content(q->d, &read_range(q, s->from, s->to)->seen);
}

/* "Do you know?", "Does your guide say anything about that?" */
static bool is_mere_request(const struct asking *q, const struct segment *s)
{
    size_t n = s->to - s->from;
    return phrase_of_kind(q->d, q->words.items, s->to, s->from, PHRASE_CLOSER, NULL) == n ||
           phrase_of_kind(q->d, q->words.items, s->to, s->from, PHRASE_OPENER, NULL) == n;
}

/* "I have no idea which one pays more. Does your guide say anything about that?": what is asked is the sentence before. */
static void ask_what_is_said(struct asking *q, struct segment *segments, size_t n)
{
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        struct segment *s = &segments[i];
        if (s->asked && !is_mere_request(q, s))
            return;
        any = any || s->how == ASKS_INSIDE;
    }
    for (size_t i = 0; any && i < n; i++)
        segments[i].asked = segments[i].how == ASKS_INSIDE;
}

/* Which of the segments ask something that is to be answered; how many. */
static size_t mark_asked(struct asking *q, struct segment *segments, size_t n)
{
    size_t asked = 0;
    ask_what_is_said(q, segments, n);
    for (size_t i = 0; i < n; i++) {
        segments[i].asked = segments[i].asked || is_request_in_short(q, segments, n, i);
        if (n > 1 && segments[i].asked &&
            (is_mere_request(q, &segments[i]) || is_aside(q->d, read_range(q, segments[i].from, segments[i].to))))
            segments[i].asked = false;
        segments[i].asked = segments[i].asked || (i > 0 && segments[i - 1].asked && goes_on(q, &segments[i]));
        asked += segments[i].asked;
    }
    return asked;
}

/*
 * Answers segments[at], if need be together with those around it. How many segments that took; 0: no answer.
 * lost  the question just before is not understood, and nothing was talked about before: "it" means nothing that we know
 */
static size_t answer_segment(struct asking *q, const struct segment *segments, size_t n, size_t at, size_t asked,
                             bool lost)
{
    const struct segment *s = &segments[at];
    bool alone = n == 1 || asked > 1 || is_listing(q, s->from, s->to), back = alone && at > 0 && points_back(q, s);
    if (back && (lost || !s[-1].asked) && answer_in_story(q, s - 1, 2, 1)) /* "And anatomy, do I need that as well?" */
        return 1;
    if (back && lost)
        return 0;
    if (alone ? answer_range(q, s->from, s->to) : answer_in_story(q, segments, n, at))
        return 1;
    if (is_halved(q, segments, n, at) && answer_range(q, s->from, s[1].to))
        return 2;
    return back && s[-1].asked && answer_in_story(q, s - 1, 2, 1);
}

/* No question of the message was answered as it stands; the first is the one at `missed`, SEGMENTS_MAX: there is none. */
static void answer_otherwise(struct asking *q, const struct segment *segments, size_t n, size_t missed, size_t asked)
{
    bool none = missed == SEGMENTS_MAX;
    size_t from = none ? 0 : segments[missed].from, to = none ? q->words.n : segments[missed].to;
    if (!none && (answer_boldly(q, from, to) || (asked > 1 && answer_in_story(q, segments, n, missed)) ||
                  (n == 1 && answer_chatter(q))))
        return;
    struct meaning m = {.reading = read_range(q, from, to), .turn = turn_of(NONE)};
    if (none && is_clear(m.reading))
        m.turn = turn_of(m.reading->items[0].intent); /* small talk only */
    tell(q, &m);
}

static void answer_questions(struct asking *q)
{
    struct segment segments[SEGMENTS_MAX];
    size_t n = split(q->d, &q->words, segments), missed = SEGMENTS_MAX;
    bool left_out = false;
    if (answer_undivided(q, 0, q->words.n) || answer_undivided(q, segments[0].from, segments[n - 1].to))
        return;
    size_t asked = mark_asked(q, segments, n);
    trace_split(q, segments, n);
    if (n == 1 && is_all_chatter(q, &segments[0]) && answer_chatter(q))
        return;
    bool begins = dialog_last_intent(q->dialog) == NONE, lost = false;
    for (size_t i = 0, took; i < n; i += took ? took : 1) {
        bool full = q->tell.reply->n_parts == DOCENT_QUESTIONS_MAX;
        took = segments[i].asked && !full ? answer_segment(q, segments, n, i, asked, lost) : 0;
        lost = begins && segments[i].asked && !took;
        if (!segments[i].asked || took)
            continue;
        left_out = left_out || is_left_out(q, &segments[i]);
        missed = missed == SEGMENTS_MAX ? i : missed;
    }
    if (!q->tell.reply->n_parts)
        answer_otherwise(q, segments, n, missed, asked);
    else if (left_out)
        answer_rest(q->d, q->hash, &q->tell);
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
    trace_end(q);
    r->why = q->trace;
}

static void tell_choice(struct asking *q, const struct dialog_turn *turns, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct reading *r = arena_alloc(q->a, sizeof *r);
        r->verdict = VERDICT_CLEAR;
        observe(q->d, q->words.items, q->words.n, q->a, &r->seen);
        struct meaning m = {.reading = r, .turn = turns[i], .decision = "the choice that was offered"};
        tell(q, &m);
    }
}

/* "The second one" of nothing. But "nice one, thanks", which a pattern knows, means what it says. */
static bool points_at_nothing(struct asking *q, const struct chosen *chosen, struct str meant)
{
    if (!chosen->points || chosen->n || meant.n)
        return false;
    const struct reading *r = read_range(q, 0, q->words.n);
    return !is_clear(r) || r->items[0].pattern == NONE;
}

static struct reply *ask(const struct docent *d, struct dialog *dialog, struct str text, struct arena *a, bool why,
                         struct coverage *c)
{
    struct asking q = {.d = d, .dialog = dialog, .a = a, .text = text, .tell = {.a = a, .coverage = c}};
    q.tell.reply = arena_alloc(a, sizeof *q.tell.reply);
    q.trace = why ? arena_alloc(a, sizeof *q.trace) : NULL;
    dialog_begin(d, dialog);
    q.words = normalise(d, text, false, a);
    q.hash = hash_words(&q.words);

    struct chosen chosen = dialog_choose(d, dialog, &q.words);
    struct str meant = point_written_out(&q, &chosen);
    if (meant.n) {
        q.text = meant;
        q.words = normalise(d, meant, false, a);
    }
    if (!chosen.points)
        point_name_value(&q);
    q.around = around_words(d, q.words.items, q.words.n);
    if (dialog_last_intent(dialog) != NONE && q.around.unknown <= 0)
        q.around.anchors |= anchor_bit(d->intents[dialog_last_intent(dialog)].pack);
    struct observed seen;
    if (q.words.n) {
        observe(d, q.words.items, q.words.n, a, &seen);
        q.around.message = &seen;
        turn_take_mentions(d, &q.nearby, &seen);
    }
    if (!q.words.n || points_at_nothing(&q, &chosen, meant))
        answer_unclear(d, q.hash, &q.tell);
    else if (is_foreign_document(&q))
        answer_decline(d, NULL, q.hash, &q.tell);
    else if (chosen.n)
        tell_choice(&q, chosen.turns, chosen.n);
    else
        answer_questions(&q);
    finish(&q);
    return q.tell.reply;
}

struct reply *docent_ask(const struct docent *d, struct dialog *dialog, struct str text, struct arena *a)
{
    return ask(d, dialog, text, a, false, NULL);
}

struct reply *docent_ask_why(const struct docent *d, struct dialog *dialog, struct str text, struct arena *a)
{
    return ask(d, dialog, text, a, true, NULL);
}

struct reply *docent_ask_covering(const struct docent *d, struct dialog *dialog, struct str text, struct arena *a,
                                  struct coverage *c)
{
    return ask(d, dialog, text, a, true, c);
}
