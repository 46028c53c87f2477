#include "engine/understand.h"

#include "engine/classify.h"
#include "engine/teach.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const double ANSWER_FROM = 0.32, SUGGEST_FROM = 0.10, TIE_WITHIN = 0.5;
static const double NEAR_WITHIN = 0.3; /* times the trust in the examples: small packs know little */

static const double LEARNT_MOST = 4.0, LEARNT_HALF = 10, DECLINE_START = 0.7, OWN_WEIGHT = 2.0, PATTERN_WEIGHT = 2.0,
                    PATTERN_TEACHES = 0.4,
                    GATED_START = 5; /* a pattern for what is asked next fits better than one that is for any time */

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
    return amount * (0.2 + 1.2 * share * share);
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

/* Weight of the words that a pattern should pin down: naming what the pack is about is never beside the point. */
static double weight_to_pin(const struct docent *d, const struct observed *seen, const uint64_t *pinned)
{
    double sum = seen->weight;
    for (size_t m = 0; m < seen->n_mentions; m++)
        for (size_t i = seen->mentions[m].from; d->entities[seen->mentions[m].entity].carry && i < seen->mentions[m].to;
             i++)
            if (!(pinned[i / 64] >> i % 64 & 1))
                sum -= word_weight(d, &seen->words[i]);
    return sum;
}

/* Evidence while it is put together: intents with a pattern that matched by themselves, for most have none. */
struct found {
    const float *learnt; /* by intent */
    double *strength;    /* by intent */
    uint16_t *at;        /* by intent: which item, plus 1; 0: none */
    struct evidence *items;
    size_t n;
};

static const uint64_t no_words[OBSERVED_WORDS / 64];

static struct evidence by_examples(const struct docent *d, const struct found *f, size_t intent)
{
    double learnt = (double)f->learnt[intent];
    return (struct evidence){.intent = (uint16_t)intent,
                             .pattern = NONE,
                             .learnt = learnt,
                             .pinned = no_words,
                             .strength = d->trust * learnt};
}

static struct evidence evidence_for(const struct docent *d, const struct found *f, size_t intent)
{
    return f->at[intent] ? f->items[f->at[intent] - 1] : by_examples(d, f, intent);
}

static void take_hit(const struct docent *d, const struct observed *seen, const struct hit *hit, struct found *f)
{
    if (!f->at[hit->intent]) {
        f->items[f->n++] = by_examples(d, f, hit->intent);
        f->at[hit->intent] = (uint16_t)f->n;
    }
    struct evidence *e = &f->items[f->at[hit->intent] - 1];
    double pinned = weight_of(d, seen, hit->pinned);
    if (e->pattern != NONE && pinned <= e->pinned_weight)
        return;
    e->pattern = hit->pattern;
    e->pinned_weight = pinned;
    e->pattern_score = pattern_score(pinned, weight_to_pin(d, seen, hit->pinned));
    e->pinned = hit->pinned;
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

/* Does its pattern count only right after certain intents? */
static bool is_gated(const struct docent *d, const struct evidence *e)
{
    return e->pattern != NONE && pattern_get(d, e->pattern)->after != NONE;
}

static size_t pinned_content(const struct observed *seen, const struct evidence *e)
{
    size_t n = 0;
    for (size_t k = 0; k < seen->n_content; k++)
        n += e->pinned[seen->content[k] / 64] >> seen->content[k] % 64 & 1;
    return n;
}

/* A single word that many other intents' examples hold can drive the decision value far below; a pattern bears this much. */
static const double LEARNT_LEAST = -1.2;

/* What the order goes by. Decision values of the classifier run from about -1 (noise) to 1 (an example as it stands). */
static void add_up(const struct docent *d, const struct observed *seen, struct evidence *e)
{
    bool follows =
        is_gated(d, e) && pinned_content(seen, e) * 2 >= seen->n_content; /* not "which is less" of "… stressful" */
    e->start = follows ? GATED_START * (1 + e->pattern_score) : 0;
    e->strength = PATTERN_WEIGHT * e->pattern_score + d->trust * fmax(e->learnt, LEARNT_LEAST) + e->start;
}

/*
 * A decline that accounts for words which the best answer's pattern leaves over gets a start on it; one that accounts for
 * all of them goes before an answer that only examples speak for.
 */
static void put_declines_first(const struct docent *d, const struct observed *seen, struct found *f)
{
    size_t best = SIZE_MAX;
    bool any = false;
    for (size_t i = 0; i < f->n; i++)
        any = any || d->intents[f->items[i].intent].kind == KIND_DECLINE;
    for (size_t i = 0; any && i < d->n_intents; i++)
        if ((best == SIZE_MAX || f->strength[i] > f->strength[best]) && d->intents[i].kind != KIND_DECLINE)
            best = i;
    if (best == SIZE_MAX)
        return;
    struct evidence answer = evidence_for(d, f, best);
    for (size_t i = 0; i < f->n; i++)
        if (d->intents[f->items[i].intent].kind == KIND_DECLINE && explains_more(d, seen, &f->items[i], &answer)) {
            bool whole = answer.pattern == NONE && pinned_content(seen, &f->items[i]) == seen->n_content;
            double start = DECLINE_START;
            if (whole && answer.strength > f->items[i].strength)
                start += answer.strength - f->items[i].strength;
            f->items[i].start += start;
            f->items[i].strength += start;
            f->strength[f->items[i].intent] = f->items[i].strength;
        }
}

static const double SAME_WITHIN = 1e-9;

static int compare(const struct docent *d, const struct evidence *a, const struct evidence *b)
{
    if (fabs(a->strength - b->strength) > SAME_WITHIN)
        return a->strength > b->strength ? -1 : 1;
    if (fabs(a->pinned_weight - b->pinned_weight) > SAME_WITHIN)
        return a->pinned_weight > b->pinned_weight ? -1 : 1;
    if (d->intents[a->intent].pack != d->intents[b->intent].pack)
        return d->intents[a->intent].pack < d->intents[b->intent].pack ? -1 : 1;
    return str_cmp(d->intents[a->intent].id, d->intents[b->intent].id);
}

/* Of two that are equally strong. */
static bool wins_tie(const struct docent *d, const struct found *f, size_t a, size_t b)
{
    struct evidence for_a = evidence_for(d, f, a), for_b = evidence_for(d, f, b);
    return compare(d, &for_a, &for_b) < 0;
}

static bool goes_before(const struct docent *d, const struct found *f, size_t a, size_t b)
{
    double ahead = f->strength[a] - f->strength[b];
    return ahead > SAME_WITHIN || (ahead >= -SAME_WITHIN && wins_tie(d, f, a, b));
}

/* The best few are at least so strong: the least of as many intents' strengths, each the greatest of its share of all. */
static double least_of_best(const struct docent *d, const struct found *f)
{
    double most[EVIDENCE_MAX], least = INFINITY;
    for (size_t k = 0; k < EVIDENCE_MAX; k++)
        most[k] = -INFINITY;
    for (size_t i = 0; i + EVIDENCE_MAX <= d->n_intents; i += EVIDENCE_MAX)
        for (size_t k = 0; k < EVIDENCE_MAX; k++)
            most[k] = f->strength[i + k] > most[k] ? f->strength[i + k] : most[k];
    for (size_t k = 0; k < EVIDENCE_MAX; k++)
        least = most[k] < least ? most[k] : least;
    return least;
}

/* Keeps the best few, in order; most intents are far behind. */
static void rank(const struct docent *d, const struct found *f, struct reading *r)
{
    size_t best[EVIDENCE_MAX], n = 0;
    double behind = least_of_best(d, f) - SAME_WITHIN;
    for (size_t i = 0; i < d->n_intents; i++) {
        if (f->strength[i] < behind || (n == EVIDENCE_MAX && !goes_before(d, f, i, best[n - 1])))
            continue;
        size_t at = n < EVIDENCE_MAX ? n++ : n - 1; /* the last one falls off */
        for (; at > 0 && goes_before(d, f, i, best[at - 1]); at--)
            best[at] = best[at - 1];
        best[at] = i;
    }
    for (; r->n < n; r->n++)
        r->items[r->n] = evidence_for(d, f, best[r->n]);
}

/* A word of content, and what of it is the same for all intents. */
struct content_word {
    uint16_t at;            /* which of the words seen */
    bool carried;           /* it names a value of an entity that carries, which is what the pack is about */
    double tells;           /* see word_tells */
    const uint64_t *owners; /* see word_owners */
};

static bool is_inside(const struct mention *m, size_t word)
{
    return word >= m->from && word < m->to;
}

/* Returns what all of them tell. */
static double list_content(const struct docent *d, const struct observed *seen, struct content_word *out)
{
    double all = 0;
    for (size_t k = 0; k < seen->n_content; k++) {
        uint16_t at = seen->content[k];
        out[k] = (struct content_word){
            .at = at, .tells = word_tells(d, seen->starts[at]), .owners = word_owners(d, seen->starts[at])};
        for (size_t m = 0; m < seen->n_mentions; m++)
            out[k].carried |= is_inside(&seen->mentions[m], at) && d->entities[seen->mentions[m].entity].carry;
        all += out[k].tells;
    }
    return all;
}

/* Does e account for the word: by its pattern, by its intent's examples, or by a value that its intent listens to? */
static bool accounts_for(const struct docent *d, const struct observed *seen, const struct evidence *e,
                         const struct content_word *w)
{
    if (w->carried || e->pinned[w->at / 64] >> w->at % 64 & 1 || w->owners[e->intent / 64] >> e->intent % 64 & 1)
        return true;
    for (size_t m = 0; m < seen->n_mentions; m++)
        if (is_inside(&seen->mentions[m], w->at) && intent_listens(&d->intents[e->intent], seen->mentions[m].entity))
            return true;
    return false;
}

/* Finds the words of content that e accounts for, as a set, how many there are, and what they tell. */
static size_t account(const struct docent *d, const struct observed *seen, const struct content_word *content,
                      struct evidence *e, uint64_t out[OBSERVED_WORDS / 64])
{
    size_t n = 0;
    memset(out, 0, OBSERVED_WORDS / 8);
    e->accounted = out;
    e->told = 0;
    for (size_t k = 0; k < seen->n_content; k++) {
        if (!accounts_for(d, seen, e, &content[k]))
            continue;
        out[content[k].at / 64] |= UINT64_C(1) << content[k].at % 64;
        e->told += content[k].tells;
        n++;
    }
    return n;
}

/* How much the classifier counts beside patterns: the more, the more examples it learnt from. */
double trust_in_examples(size_t examples, size_t intents)
{
    double each = intents ? (double)examples / (double)intents : 0;
    return LEARNT_MOST * each / (each + LEARNT_HALF);
}

/* The few that are left are ordered once more, by how much of the question each speaks of. */
static void weigh_own_words(const struct docent *d, struct reading *r)
{
    struct content_word content[OBSERVED_WORDS];
    size_t all = r->seen.n_content;
    r->to_tell = list_content(d, &r->seen, content);
    for (size_t i = 0; i < r->n; i++) {
        struct evidence e = r->items[i];
        size_t n = account(d, &r->seen, content, &e, r->accounted[i]);
        e.left = (double)(all - n);
        e.own = all ? (double)n / (double)all : 1;
        e.strength += OWN_WEIGHT * e.own;
        size_t at = i;
        for (; at > 0 && compare(d, &e, &r->items[at - 1]) < 0; at--)
            r->items[at] = r->items[at - 1];
        r->items[at] = e;
    }
}

static double at_most(double x, double most)
{
    return x < most ? x : most;
}

void sure_signs(const struct docent *d, const struct reading *r, size_t of, double out[SURE_N])
{
    const struct evidence *e = &r->items[of], *rival = of ? &r->items[0] : r->n > 1 ? &r->items[1] : NULL;
    const struct intent *intent = &d->intents[e->intent];
    bool shown = r->around.anchors & anchor_bit(intent->pack), elsewhere = r->around.anchors && !shown;
    bool loose = !shown && intent->kind != KIND_CHAT && (d->packs[intent->pack].anchored || elsewhere);
    out[SURE_BASE] = 1;
    out[SURE_PATTERN] = e->pattern_score;
    out[SURE_LEARNT] = at_most(e->learnt, 1.2);
    out[SURE_LENGTH] = at_most((double)r->seen.n, 12) / 12;
    out[SURE_LEFT] = at_most(e->left, 6) / 6;
    out[SURE_TELLS] = r->to_tell > 0 ? e->told / r->to_tell : 1;
    out[SURE_AMOUNT] = at_most(e->told, 2) / 2;
    out[SURE_LOOSE] = loose;
    out[SURE_LOOSE_AMOUNT] = loose ? out[SURE_AMOUNT] : 0;
    out[SURE_LOOSE_UNKNOWN] = loose ? r->around.unknown : 0;
    out[SURE_OTHER] = r->other;
    out[SURE_LOOSE_TERSE] = loose && r->seen.n <= 4 && e->left <= 0;
    out[SURE_STORY] = r->story;
    out[SURE_DECLINE] = intent->kind == KIND_DECLINE;
    out[SURE_CHAT] = intent->kind == KIND_CHAT;
    out[SURE_LEARNT_SQUARE] = out[SURE_LEARNT] * out[SURE_LEARNT];
    out[SURE_LEFT_SQUARE] = out[SURE_LEFT] * out[SURE_LEFT];
    out[SURE_AHEAD_TELLS] = (e->strength - (rival ? rival->strength : 0)) * out[SURE_TELLS];
    out[SURE_LENGTH_TELLS] = out[SURE_LENGTH] * out[SURE_TELLS];
    out[SURE_DECLINE_TELLS] = out[SURE_DECLINE] * out[SURE_TELLS];
}

static const double GATED_SURE = 0.8;

static double confidence(const struct docent *d, const struct reading *r, size_t of)
{
    static const double weights[SURE_N] = {
#define X(name, weight) weight,
        SURE_SIGNS(X)
#undef X
    };
    const struct evidence *e = &r->items[of];
    if (is_gated(d, e) && of == 0)
        return GATED_SURE;
    double signs[SURE_N], even = 0, odd = 0; /* two sums, so that neither waits for the other */
    _Static_assert(SURE_N % 2 == 0, "a sign is left over");
    sure_signs(d, r, of, signs);
    for (size_t i = 0; i < SURE_N; i += 2) {
        even += weights[i] * signs[i];
        odd += weights[i + 1] * signs[i + 1];
    }
    return 1 / (1 + exp(-even - odd));
}

bool names_only_values(const struct docent *d, const struct observed *seen)
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

bool names_only_subject(const struct docent *d, const struct observed *seen)
{
    for (size_t m = 0; m < seen->n_mentions; m++)
        if (!d->entities[seen->mentions[m].entity].carry)
            return false;
    return names_only_values(d, seen);
}

/* Of "CPT?" examples say little: an intent with a pattern for it goes before those without. */
static void put_pattern_first(struct reading *r)
{
    size_t k = 0;
    while (k < r->n && r->items[k].pattern == NONE)
        k++;
    if (!k || k == r->n || r->items[k].score < ANSWER_FROM)
        return;
    struct evidence first = r->items[k];
    memmove(r->items + 1, r->items, k * sizeof *r->items);
    r->items[0] = first;
}

static enum verdict judge(const struct docent *d, const struct reading *r)
{
    if (!r->n || r->items[0].score < SUGGEST_FROM)
        return VERDICT_UNKNOWN;
    const struct evidence *first = &r->items[0], *second = r->n > 1 ? &r->items[1] : NULL;
    if (first->score < ANSWER_FROM)
        return VERDICT_UNSURE;
    bool tie = second && !is_gated(d, first) && first->strength - second->strength < TIE_WITHIN &&
               first->pattern != NONE && second->pattern != NONE &&
               fabs(first->pattern_score - second->pattern_score) < 0.02 &&
               d->intents[first->intent].kind == KIND_ANSWER && d->intents[second->intent].kind == KIND_ANSWER &&
               fabs(first->learnt - second->learnt) < 0.15;
    return tie ? VERDICT_TIE : VERDICT_CLEAR;
}

bool accounts_for_all(const struct reading *r, const struct evidence *e)
{
    bool all = e->pattern != NONE;
    for (size_t i = 0; all && i < r->seen.n; i++)
        all = e->pinned[i / 64] >> i % 64 & 1;
    return all;
}

bool is_near(const struct docent *d, const struct reading *r)
{
    const struct evidence *first = &r->items[0], *second = &r->items[1];
    if (r->n < 2 || (second->pattern == NONE && accounts_for_all(r, first)))
        return false;
    return first->strength - second->strength < NEAR_WITHIN * d->trust && first->score >= ANSWER_FROM &&
           second->score >= ANSWER_FROM && !is_gated(d, first) && d->intents[first->intent].kind == KIND_ANSWER &&
           d->intents[second->intent].kind == KIND_ANSWER &&
           d->intents[first->intent].pack == d->intents[second->intent].pack;
}

struct around around_words(const struct docent *d, const struct word *words, size_t n)
{
    struct around around = {.anchors = 0};
    double content = 0, unknown = 0;
    for (size_t i = 0; i < n; i++) {
        if (word_weight(d, &words[i]) < 1)
            continue;
        around.anchors |= words[i].id ? d->lexicon.words[words[i].id].anchors : 0;
        content++;
        unknown += !is_known(d, &words[i]);
    }
    around.unknown = content > 0 ? unknown / content : 0;
    return around;
}

static const struct observed *observe_view(const struct docent *d, const struct around *around, const struct view *view,
                                           struct arena *a)
{
    struct observed *o = arena_raw(a, sizeof *o);
    observe_part(d, around->message, view->words, view->n, a, o);
    return o;
}

/*
 * The classifier's decision values for the words seen, the one for other subjects last; with views, the best that it says
 * to any of them.
 */
static float *learnt_values(const struct docent *d, const struct reading *r, const struct view *views, size_t n_views,
                            struct arena *a)
{
    const struct observed *seen = &r->seen;
    size_t n = d->n_intents + 1;
    float *best = arena_array(a, n, sizeof *best);
    if (!n_views)
        classifier_score(d, d->classifier, seen, best, a);
    for (size_t v = 0; v < n_views; v++) {
        if (v && views[v].words == views[v - 1].words && views[v].n == views[v - 1].n)
            continue;
        const struct observed *o = seen;
        float *one = arena_array(a, n, sizeof *one);
        if (views[v].words != seen->words || views[v].n != seen->n)
            o = observe_view(d, &r->around, &views[v], a);
        classifier_score(d, d->classifier, o, one, a);
        for (size_t i = 0; i < d->n_intents; i++)
            best[i] = v && best[i] > one[i] ? best[i] : one[i];
        best[n - 1] = v && best[n - 1] < one[n - 1] ? best[n - 1] : one[n - 1];
    }
    return best;
}

/* Ranks all intents; what that takes besides the result is given back. */
static void rank_all(const struct docent *d, const struct view *views, size_t n_views, uint16_t last_intent,
                     struct arena *a, struct match_stats *stats, struct reading *r)
{
    struct arena_mark before = arena_mark(a);
    struct hit *hits;
    size_t n_hits = patterns_match(d, &r->seen, last_intent, a, &hits, stats);
    struct found f = {.learnt = learnt_values(d, r, views, n_views, a),
                      .strength = arena_raw(a, d->n_intents * sizeof *f.strength),
                      .at = arena_array(a, d->n_intents, sizeof *f.at),
                      .items = arena_raw(a, n_hits * sizeof *f.items)};
    for (size_t i = 0; i < d->n_intents; i++)
        f.strength[i] = d->trust * (double)f.learnt[i];
    for (size_t h = 0; h < n_hits; h++)
        take_hit(d, &r->seen, &hits[h], &f);
    for (size_t i = 0; i < f.n; i++) {
        struct evidence *e = &f.items[i];
        if (!d->classifier || !d->intents[e->intent].n_examples)
            e->learnt = PATTERN_TEACHES; /* where there is nothing to learn from, the pattern stands for examples */
        add_up(d, &r->seen, e);
        f.strength[e->intent] = e->strength;
    }
    put_declines_first(d, &r->seen, &f);
    rank(d, &f, r);
    r->other = (double)f.learnt[d->n_intents];
    for (size_t i = 0; i < r->n; i++) {
        memcpy(r->pinned[i], r->items[i].pinned, sizeof r->pinned[i]);
        r->items[i].pinned = r->pinned[i];
    }
    arena_rewind(a, before);
}

const struct reading *understand_views(const struct docent *d, const struct word *words, size_t n,
                                       const struct view *views, size_t n_views, struct around around,
                                       uint16_t last_intent, struct arena *a, struct match_stats *stats)
{
    struct reading *r = arena_raw(a, sizeof *r);
    r->n = 0;
    r->around = around;
    r->story = n_views > 0;
    observe_part(d, around.message, words, n, a, &r->seen);
    r->known = known_share(d, &r->seen);
    rank_all(d, views, n_views, last_intent, a, stats, r);
    weigh_own_words(d, r);
    for (size_t i = 0; i < r->n; i++)
        r->items[i].score = confidence(d, r, i);
    if (names_only_values(d, &r->seen))
        put_pattern_first(r);
    r->verdict = judge(d, r);
    if (r->verdict == VERDICT_TIE &&
        str_cmp(d->intents[r->items[0].intent].id, d->intents[r->items[1].intent].id) > 0) {
        struct evidence first = r->items[0]; /* choices always stand in the same order */
        r->items[0] = r->items[1];
        r->items[1] = first;
    }
    return r;
}

const struct reading *understand(const struct docent *d, const struct word *words, size_t n, struct around around,
                                 uint16_t last_intent, struct arena *a, struct match_stats *stats)
{
    return understand_views(d, words, n, NULL, 0, around, last_intent, a, stats);
}
