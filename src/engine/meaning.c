#include "engine/meaning.h"

#include "engine/pattern.h"

#include <string.h>

/*
 * Words that are read of one message, all ranges together. People's messages take a few hundred; those that are made to be
 * cut in a thousand ways are not read to the end.
 */
enum { READ_WORDS_MAX = 4000, READ_WORDS_EACH = 16, FOLLOW_UP_WORDS_MAX = 30 };
static const struct reading unread = {.known = 1, .verdict = VERDICT_UNKNOWN};

static bool may_read(struct asking *q, size_t n_words)
{
    n_words += READ_WORDS_EACH;
    if (q->words_read + n_words > READ_WORDS_MAX)
        return false;
    q->words_read += n_words;
    return true;
}

/* A range of words is looked at from several sides; it is read once. */
const struct reading *read_range(struct asking *q, size_t from, size_t to)
{
    uint16_t last = dialog_last_intent(q->dialog);
    for (size_t i = 0; i < q->n_read; i++)
        if (q->read[i].words == q->words.items && q->read[i].from == from && q->read[i].to == to &&
            q->read[i].last == last)
            return q->read[i].reading;
    if (!may_read(q, to - from))
        return &unread;
    const struct reading *r = understand(q->d, q->words.items + from, to - from, q->around, last, q->a, &q->stats);
    *ARENA_PUSH(q->a, q->read, q->n_read, q->cap_read) = (struct read_before){q->words.items, from, to, last, r};
    return r;
}

/* Below this decision value the examples do not speak for an intent; its one word in common with them may be chance. */
static const double GUESS_BELOW = -0.3;

/* From this one on they do, even where the words are only names and small ones: "would you take the CCS"; "why?" is nothing. */
static const double SPEAK_FROM = 0;

static bool speaks(const struct reading *r, bool refers)
{
    bool names = r->seen.n_mentions > 0 && !refers;
    return !r->n || r->items[0].pattern != NONE || (names && r->items[0].learnt >= SPEAK_FROM);
}

static bool is_guess(const struct reading *r)
{
    return r->n && r->items[0].pattern == NONE && r->items[0].learnt < GUESS_BELOW;
}

bool is_clear(const struct reading *r)
{
    return r->verdict == VERDICT_CLEAR || r->verdict == VERDICT_TIE;
}

/* Segments [near, at] as one question, for the classifier the last one and the whole message, too. */
static const struct reading *read_from(struct asking *q, const struct segment *segments, size_t n, size_t near,
                                       size_t at)
{
    const struct word *w = q->words.items;
    const struct segment *s = &segments[at], *first = &segments[near];
    if (!may_read(q, q->words.n))
        return &unread;
    const struct view views[] = {{w + s->from, s->to - s->from},
                                 {w + first->from, s->to - first->from},
                                 {w + segments[0].from, segments[n - 1].to - segments[0].from}};
    return understand_views(q->d, w + first->from, s->to - first->from, views, sizeof views / sizeof *views, q->around,
                            dialog_last_intent(q->dialog), q->a, &q->stats);
}

/* Sentences that a question may point back over: "She earns more. They have the same years. Can that be right?" */
enum { STORY_BACK = 3 };

const struct reading *read_in_story(struct asking *q, const struct segment *segments, size_t n, size_t at)
{
    if (n < 2)
        return read_range(q, segments[at].from, segments[at].to);
    const struct reading *r = read_from(q, segments, n, at ? at - 1 : at, at);
    for (size_t back = 2; back <= STORY_BACK && back <= at && !is_clear(r); back++) {
        const struct reading *further = read_from(q, segments, n, at - back, at);
        r = is_clear(further) ? further : r;
    }
    return r;
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

static bool listens_to_any(const struct docent *d, uint16_t intent, const struct observed *seen)
{
    for (size_t m = 0; m < seen->n_mentions; m++)
        if (intent_listens(&d->intents[intent], seen->mentions[m].entity))
            return true;
    return false;
}

/* Likely enough to be taken where the only other way is to guess. */
static bool is_likely(const struct docent *d, const struct reading *r)
{
    return r->n && r->items[0].score >= SUGGEST_FROM && r->items[0].own > 0.99 &&
           d->intents[r->items[0].intent].kind == KIND_ANSWER;
}

bool has_content(const struct docent *d, const struct observed *seen)
{
    for (size_t i = 0; i < seen->n; i++)
        if (word_weight(d, &seen->words[i]) >= 1)
            return true;
    return false;
}

static bool has_question_word(const struct docent *d, const struct observed *seen)
{
    for (size_t i = 0; i < seen->n; i++)
        if (seen->ids[i] && d->lexicon.words[seen->ids[i]].flags & WORD_QUESTION &&
            !str_is(seen->words[i].text, "with"))
            return true;
    return false;
}

bool asks_which(const struct observed *seen)
{
    for (size_t i = 0; i < seen->n; i++)
        if (str_is(seen->words[i].text, "which") || str_is(seen->words[i].text, "who"))
            return true;
    return false;
}

size_t content_words(const struct docent *d, const struct observed *seen)
{
    size_t n = 0;
    for (size_t i = 0; i < seen->n; i++)
        n += word_weight(d, &seen->words[i]) >= 1;
    for (size_t m = 0; m < seen->n_mentions; m++)
        for (size_t i = seen->mentions[m].from; i < seen->mentions[m].to; i++)
            n -= n > 0 && word_weight(d, &seen->words[i]) >= 1;
    return n;
}

/* "CCS", "what is it that a coder does": where the words alone say little, the pattern for just these words is meant. */
static const struct reading *prefer_pattern(struct asking *q, const struct reading *r)
{
    size_t best = 0;
    for (size_t i = 1; i < r->n; i++) {
        const struct evidence *e = &r->items[i];
        bool fits =
            e->pattern != NONE && q->d->intents[e->intent].kind == KIND_ANSWER && e->score >= r->items[best].score;
        best = fits ? i : best;
    }
    if (!best)
        return r;
    struct reading *changed = arena_raw(q->a, sizeof *changed);
    *changed = *r;
    changed->items[0] = r->items[best];
    changed->items[best] = r->items[0];
    changed->verdict = changed->items[0].score >= ANSWER_FROM ? VERDICT_CLEAR : r->verdict;
    return changed;
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

/* "and billing?" after "which certificates does a coder need", "what is the CIC": the last question that turns on it again. */
static bool continue_earlier(struct asking *q, const struct reading *r, struct meaning *m)
{
    for (size_t i = 1; i < DIALOG_TURNS && q->dialog->turns[i].intent; i++)
        if (listens_to_any(q->d, (uint16_t)(q->dialog->turns[i].intent - 1), &r->seen)) {
            m->turn = q->dialog->turns[i];
            for (size_t s = 0; s < m->turn.n_slots; s++)
                m->turn.slots[s].inherited = true;
            turn_take_mentions(q->d, &m->turn, &r->seen);
            m->decision = "names only values that an earlier question turns on: that one again, with these";
            return true;
        }
    return false;
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

/* "both, mid level" */
static bool both_with_values(struct asking *q, size_t from, size_t to, struct meaning *m)
{
    size_t n = phrase_of_kind(q->d, q->words.items, to, from, PHRASE_BOTH, NULL);
    if (!n || from + n == to || !names_only_values(q->d, &read_range(q, from + n, to)->seen))
        return false;
    m->turn = dialog_both(q->d, q->dialog);
    if (m->turn.intent)
        turn_take_mentions(q->d, &m->turn, &read_range(q, from + n, to)->seen);
    m->decision = "asks for both, with other values";
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
    } else if (says(q->d, w, from, to, PHRASE_BOTH, NULL) || says(q->d, w, from, to, PHRASE_EITHER, NULL)) {
        m->turn = dialog_both(q->d, q->dialog);
        m->decision = "asks for both";
    } else if (says(q->d, w, from, to, PHRASE_OTHER, NULL)) {
        m->turn = dialog_other(q->d, q->dialog);
        m->decision = "asks for the other one";
    }
    return m->turn.intent != 0 || both_with_values(q, from, to, m);
}

void settle(struct asking *q, const struct leaning *l, struct meaning *m)
{
    const struct reading *r = m->reading;
    m->turn = turn_of(r->items[0].intent);
    turn_take_mentions(q->d, &m->turn, &r->seen);
    bool leans = l->continues || l->refers || l->rather || m->turn.intent == q->dialog->turns[0].intent;
    turn_inherit(q->d, &m->turn, q->dialog, &q->nearby, leans, asks_which(&r->seen));
    m->decision =
        r->items[0].pattern != NONE ? "the pattern and the examples speak for it" : "the examples speak for it";
}

/* Does its best intent speak of a word of content from `from` on? */
static bool accounts_from(const struct reading *r, size_t from)
{
    for (size_t k = 0; k < r->seen.n_content; k++) {
        size_t i = r->seen.content[k];
        if (i >= from && r->items[0].accounted[i / 64] >> i % 64 & 1)
            return true;
    }
    return false;
}

/* "in what kind of role mostly?" after "can billers stay at home to work?": read together with the question before. */
static bool settle_after(struct asking *q, size_t from, size_t to, const struct observed *seen, struct meaning *m)
{
    struct word *words = arena_array(q->a, DIALOG_WORDS + (to - from), sizeof *words);
    size_t before = dialog_last_words(q->d, q->dialog, words);
    if (!before || to - from > FOLLOW_UP_WORDS_MAX || !may_read(q, 2 * (DIALOG_WORDS + to - from)) ||
        m->reading->known < 0.99) /* what the packs do not know is about something else */
        return false;
    memcpy(words + before, q->words.items + from, (to - from) * sizeof *words);
    const struct view views[] = {{words + before, to - from}, {words, before + to - from}};
    const struct reading *both = understand_views(q->d, words, before + to - from, views, sizeof views / sizeof *views,
                                                  q->around, dialog_last_intent(q->dialog), q->a, &q->stats);
    if (!is_clear(both) || (has_content(q->d, seen) && !accounts_from(both, before)))
        return false;
    m->reading = both;
    m->turn = turn_of(both->items[0].intent);
    turn_take_mentions(q->d, &m->turn, seen);
    turn_inherit(q->d, &m->turn, q->dialog, &q->nearby, true, asks_which(seen));
    m->decision = "read together with the question before";
    return true;
}

struct meaning make_out(struct asking *q, size_t from, size_t to)
{
    struct meaning m = {.turn = turn_of(NONE)};
    struct leaning l = dialog_leaning(q->d, q->words.items, from, to);
    bool asked_before = dialog_last_intent(q->dialog) != NONE;
    m.reading = read_range(q, from, to);
    if (asked_before && is_clear(m.reading) && is_gated(q->d, m.reading)) {
        settle(q, &l, &m);
        return m;
    }
    if (asked_before && (conversation_act(q, from, to, &m) || conversation_act(q, l.from, l.to, &m)))
        return m;
    if (l.from > from) {
        const struct reading *rest = read_range(q, l.from, l.to);
        bool by_pattern =
            rest->n && rest->items[0].pattern != NONE && m.reading->n && m.reading->items[0].pattern == NONE;
        bool elliptic = l.rather || l.back ||
                        (l.continues && names_only_values(q->d, &rest->seen)); /* "same question for coders" */
        if (rest->n && (!m.reading->n || rest->items[0].score > m.reading->items[0].score || by_pattern || elliptic))
            m.reading = rest;
    }
    if (l.back && go_back(q, m.reading, &m))
        return m;
    const struct observed *seen = &m.reading->seen;
    bool only_values = names_only_values(q->d, seen);
    bool of_subject = names_only_subject(q->d, seen);
    bool elliptic = only_values && (l.continues || l.rather || !has_question_word(q->d, seen));
    bool turns_on = asked_before && listens_to_any(q->d, dialog_last_intent(q->dialog), seen);
    if (elliptic && turns_on && continue_last(q, m.reading, &m))
        return m;
    bool by_name = m.reading->n && m.reading->items[0].pattern == NONE;
    if (only_values && l.continues && (by_name || of_subject) && !turns_on && continue_earlier(q, m.reading, &m))
        return m;
    bool says_little = only_values || !has_content(q->d, seen);
    if (says_little && m.reading->n && m.reading->items[0].pattern == NONE)
        m.reading = prefer_pattern(q, m.reading);
    bool bare =
        says_little && (!speaks(m.reading, asked_before && l.refers) || /* "billers", "what about it" ask nothing */
                        (of_subject && asked_before && is_guess(m.reading)));
    bool vague =
        l.refers && is_guess(m.reading) && content_words(q->d, seen) <= 1; /* "which ones exist", "do they need that" */
    if (is_clear_here(q, m.reading) && !bare && !vague)
        settle(q, &l, &m);
    else if (asked_before && only_values && !turns_on && !of_subject && is_likely(q->d, m.reading))
        settle(q, &l, &m); /* "and certificates?" after pay: a new subject */
    else if (asked_before && !(only_values && turns_on) && settle_after(q, from, to, seen, &m))
        return m;
    else if (asked_before && (says_little || ((l.continues || l.rather) && seen->n_mentions && seen->n <= 5)))
        continue_last(q, m.reading, &m);
    return m;
}
