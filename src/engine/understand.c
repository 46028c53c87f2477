#include "engine/understand.h"

#include "engine/classify.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const double ANSWER_FROM = 0.30, SUGGEST_FROM = 0.10, TIE_WITHIN = 0.02;

static const double LEARNT_WEIGHT = 0.5, DECLINE_START = 0.35, OWN_WEIGHT = 0.25;

/*
 * Weights of the logistic blend that tells how sure a reading is. Fitted once, by gradient descent on half of the dev
 * questions, on near misses and on sentences about other subjects: is the strongest intent right? They hold for any
 * pack, since nothing in them is about a subject. Fresh questions of other people check them (make score).
 */
static const double SURE_BASE = -8.0, SURE_PATTERN = 1.8, SURE_LEARNT = 2.6, SURE_AHEAD = 2.3, SURE_KNOWN = 3.2,
                    SURE_OWN = 3.3, SURE_LENGTH = -1.8, SURE_VALUE = 1.1;

static double weight_of(const struct docent *d, const struct observed *seen, const uint64_t *words)
{
    double sum = 0;
    for (size_t i = 0; i < seen->n; i++)
        if (words[i / 64] >> i % 64 & 1)
            sum += word_weight(d, &seen->words[i]);
    return sum;
}

/* A pattern that pins two words of content in a short question is good evidence, one that pins four nearly sure. */
static double pattern_score(double pinned, double total)
{
    double amount = pinned / (pinned + 0.8), share = total > 0 ? pinned / total : 0;
    return amount * (0.6 + 0.4 * share);
}

static bool is_known(const struct docent *d, const struct word *w)
{
    return w->id && d->lexicon.words[w->id].flags & (WORD_SUBJECT | WORD_FUNCTION);
}

static double known_share(const struct docent *d, const struct observed *seen)
{
    double known = 0, all = 0;
    for (size_t i = 0; i < seen->n; i++) {
        bool grammar = seen->ids[i] && d->lexicon.words[seen->ids[i]].flags & WORD_FUNCTION;
        if (grammar)
            continue;
        all += 1;
        known += is_known(d, &seen->words[i]);
    }
    return all > 0 ? known / all : 1;
}

static void take_hits(const struct docent *d, const struct observed *seen, const struct hit *hits, size_t n,
                      struct evidence *all)
{
    for (size_t h = 0; h < n; h++) {
        struct evidence *e = &all[hits[h].intent];
        double pinned = weight_of(d, seen, hits[h].pinned);
        if (e->pattern != NONE && pinned <= e->pinned_weight)
            continue;
        e->pattern = hits[h].pattern;
        e->pinned_weight = pinned;
        e->pattern_score = pattern_score(pinned, seen->weight);
        e->pinned = hits[h].pinned;
    }
}

/* Does a account for a word of content that b leaves over? */
static bool explains_more(const struct docent *d, const struct observed *seen, const struct evidence *a,
                          const struct evidence *b)
{
    for (size_t i = 0; i < seen->n; i++) {
        bool only_a = (a->pinned[i / 64] & ~b->pinned[i / 64]) >> i % 64 & 1;
        if (only_a && word_weight(d, &seen->words[i]) >= 1)
            return true;
    }
    return false;
}

/* What the order goes by. Decision values of the classifier run from about 0.4 (noise) to 1.5 (an example as it stands). */
static double strength(const struct evidence *e)
{
    return e->pattern_score + LEARNT_WEIGHT * e->learnt;
}

/* A decline that accounts for words which the best answer's pattern leaves over gets a start on it. */
static void put_declines_first(const struct docent *d, const struct observed *seen, struct evidence *all)
{
    const struct evidence *answer = NULL;
    for (size_t i = 0; i < d->n_intents; i++)
        if (d->intents[i].kind != KIND_DECLINE && (!answer || all[i].strength > answer->strength))
            answer = &all[i];
    for (size_t i = 0; answer && i < d->n_intents; i++)
        if (d->intents[i].kind == KIND_DECLINE && all[i].pattern != NONE && explains_more(d, seen, &all[i], answer))
            all[i].strength += DECLINE_START;
}

static int compare(const struct docent *d, const struct evidence *a, const struct evidence *b)
{
    if (fabs(a->strength - b->strength) > 1e-9)
        return a->strength > b->strength ? -1 : 1;
    if (fabs(a->pinned_weight - b->pinned_weight) > 1e-9)
        return a->pinned_weight > b->pinned_weight ? -1 : 1;
    if (d->intents[a->intent].pack != d->intents[b->intent].pack)
        return d->intents[a->intent].pack < d->intents[b->intent].pack ? -1 : 1;
    return str_cmp(d->intents[a->intent].id, d->intents[b->intent].id);
}

/* Keeps the best few, in order. */
static void rank(const struct docent *d, const struct evidence *all, struct reading *r)
{
    for (size_t i = 0; i < d->n_intents; i++) {
        size_t at = r->n;
        if (at == EVIDENCE_MAX && all[i].strength < r->items[at - 1].strength - 1e-9)
            continue; /* most are far behind */
        while (at > 0 && compare(d, &all[i], &r->items[at - 1]) < 0)
            at--;
        if (at == EVIDENCE_MAX)
            continue;
        size_t moved = (r->n < EVIDENCE_MAX ? r->n : EVIDENCE_MAX - 1) - at; /* the last one falls off */
        memmove(&r->items[at + 1], &r->items[at], moved * sizeof *r->items);
        r->items[at] = all[i];
        if (r->n < EVIDENCE_MAX)
            r->n++;
    }
}

/* Share of the words of content that the intent speaks of, or that name values which it listens to. */
static double own_share(const struct docent *d, const struct observed *seen, const struct intent *intent)
{
    double own = 0, all = 0;
    for (size_t i = 0; i < seen->n; i++) {
        if (word_weight(d, &seen->words[i]) < 1)
            continue;
        bool owned = intent_owns(intent, seen->words[i].text);
        for (size_t m = 0; m < seen->n_mentions && !owned; m++)
            owned = i >= seen->mentions[m].from && i < seen->mentions[m].to && intent_listens(intent, seen->mentions[m].entity);
        all += 1;
        own += owned;
    }
    return all > 0 ? own / all : 1;
}

/* The few that are left are ordered once more, by how much of the question each speaks of. */
static void weigh_own_words(const struct docent *d, struct reading *r)
{
    for (size_t i = 0; i < r->n; i++) {
        struct evidence e = r->items[i];
        e.own = own_share(d, &r->seen, &d->intents[e.intent]);
        e.strength += OWN_WEIGHT * e.own;
        size_t at = i;
        for (; at > 0 && compare(d, &e, &r->items[at - 1]) < 0; at--)
            r->items[at] = r->items[at - 1];
        r->items[at] = e;
    }
}

/* How sure the reading is of e, of which `rival` is the strongest other intent. */
static double confidence(const struct reading *r, const struct evidence *e, const struct evidence *rival)
{
    double ahead = e->strength - (rival ? rival->strength : 0), words = r->seen.n < 12 ? (double)r->seen.n : 12;
    double x = SURE_BASE + SURE_PATTERN * e->pattern_score + SURE_LEARNT * e->learnt + SURE_AHEAD * ahead +
               SURE_KNOWN * r->known + SURE_OWN * e->own + SURE_LENGTH * words / 12 + SURE_VALUE * (r->seen.n_mentions > 0);
    return 1 / (1 + exp(-x));
}

static enum verdict judge(const struct docent *d, const struct reading *r)
{
    if (!r->n || r->items[0].score < SUGGEST_FROM)
        return VERDICT_UNKNOWN;
    const struct evidence *first = &r->items[0], *second = r->n > 1 ? &r->items[1] : NULL;
    if (first->score < ANSWER_FROM)
        return VERDICT_UNSURE;
    bool tie = second && first->strength - second->strength < TIE_WITHIN && first->pattern != NONE && second->pattern != NONE &&
               d->intents[first->intent].kind == KIND_ANSWER && d->intents[second->intent].kind == KIND_ANSWER &&
               fabs(first->learnt - second->learnt) < 0.05;
    return tie ? VERDICT_TIE : VERDICT_CLEAR;
}

/* Ranks all intents; what that takes besides the result is given back. */
static void rank_all(const struct docent *d, uint16_t last_intent, struct arena *a, struct match_stats *stats, struct reading *r)
{
    static const uint64_t nothing[OBSERVED_WORDS / 64];
    struct arena_mark before = arena_mark(a);
    struct hit *hits;
    size_t n_hits = patterns_match(d, &r->seen, last_intent, a, &hits, stats);
    struct evidence *all = arena_raw(a, d->n_intents * sizeof *all);
    float *learnt = arena_raw(a, d->n_intents * sizeof *learnt);
    classifier_score(d, d->classifier, &r->seen, learnt, a);
    for (size_t i = 0; i < d->n_intents; i++)
        all[i] = (struct evidence){.intent = (uint16_t)i, .pattern = NONE, .learnt = (double)learnt[i], .pinned = nothing};
    take_hits(d, &r->seen, hits, n_hits, all);
    for (size_t i = 0; i < d->n_intents; i++)
        all[i].strength = strength(&all[i]);
    put_declines_first(d, &r->seen, all);
    rank(d, all, r);
    for (size_t i = 0; i < r->n; i++) {
        memcpy(r->pinned[i], r->items[i].pinned, sizeof r->pinned[i]);
        r->items[i].pinned = r->pinned[i];
    }
    arena_rewind(a, before);
}

const struct reading *understand(const struct docent *d, const struct word *words, size_t n, uint16_t last_intent,
                                 struct arena *a, struct match_stats *stats)
{
    struct reading *r = arena_raw(a, sizeof *r);
    r->n = 0;
    observe(d, words, n, a, &r->seen);
    r->known = known_share(d, &r->seen);
    rank_all(d, last_intent, a, stats, r);
    weigh_own_words(d, r);
    for (size_t i = 0; i < r->n; i++)
        r->items[i].score = confidence(r, &r->items[i], i ? &r->items[0] : r->n > 1 ? &r->items[1] : NULL);
    r->verdict = judge(d, r);
    return r;
}
