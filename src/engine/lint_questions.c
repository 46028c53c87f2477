/*
 * lint_questions: every example and every suggestion is asked, each in a conversation of its own.
 *
 * Who wins depends on all intents together, so only asking tells. A question that two intents claim is found before
 * that, by its words.
 */
#include "engine/lint_parts.h"

#include "base/utf8.h"

#include "engine/observe.h"
#include "engine/pattern.h"
#include "engine/split.h"

#include <stdlib.h>
#include <string.h>

/* --- the same question twice -------------------------------------------------------------------------------- */

struct asked {
    uint64_t hash; /* of the words */
    uint16_t intent;
    size_t example;
};

static int by_hash(const void *left, const void *right)
{
    const struct asked *a = left, *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    if (a->intent != b->intent)
        return a->intent < b->intent ? -1 : 1;
    return (a->example > b->example) - (a->example < b->example);
}

static uint64_t hash_question(struct lint *l, struct str text)
{
    arena_reset(&l->scratch);
    struct words w = normalise(l->d, text, false, &l->scratch);
    uint64_t hash = STR_HASH_START;
    for (size_t i = 0; i < w.n; i++)
        hash = str_hash_more(str_hash_more(hash, w.items[i].text), STR(" "));
    return hash;
}

static void report_duplicate(struct lint *l, const struct asked *first, const struct asked *again)
{
    const struct intent *a = &l->d->intents[first->intent], *b = &l->d->intents[again->intent];
    struct str where = place_text(l, a->examples[first->example].place);
    if (a == b)
        LINT_WARN(l, "duplicate-question", b->examples[again->example].place, JSON_WHOLE, "take one of the two out",
                  "this intent has the same question already (%.*s): they differ in nothing that docent reads",
                  STR_FMT(where));
    else
        LINT_ERROR(l, "duplicate-question", b->examples[again->example].place, JSON_WHOLE,
                   "keep it where it belongs: a question can be answered in one way only",
                   "intent '%.*s' has the same question (%.*s)", STR_FMT(a->id), STR_FMT(where));
}

static void check_duplicates(struct lint *l)
{
    size_t n = 0, total = 0;
    for (size_t i = 0; i < l->d->n_intents; i++)
        total += l->d->intents[i].n_examples;
    struct asked *all = arena_array(&l->arena, total, sizeof *all);
    for (size_t i = 0; i < l->d->n_intents; i++)
        for (size_t e = 0; e < l->d->intents[i].n_examples; e++)
            all[n++] = (struct asked){hash_question(l, l->d->intents[i].examples[e].text), (uint16_t)i, e};
    if (n)
        qsort(all, n, sizeof *all, by_hash);
    for (size_t i = 1, first = 0; i < n; i++)
        if (all[i].hash == all[first].hash)
            report_duplicate(l, &all[first], &all[i]);
        else
            first = i;
}

/* --- whose question it is ----------------------------------------------------------------------------------- */

enum {
    PATTERN_SHOWN = 100, /* bytes: enough to know it again */
    BUTTON_MAX = 75,     /* characters on a button on Slack; on Discord 80 */
};

/* What won the question for the thief: the pattern, or nothing when its examples did. */
static struct str by_pattern(struct lint *l, const struct trace *why, struct str thief)
{
    for (size_t q = 0; why && q < why->n_questions; q++)
        for (size_t c = 0; c < why->questions[q].n_candidates; c++) {
            const struct candidate *x = &why->questions[q].candidates[c];
            if (x->intent.p != thief.p || !x->pattern.n)
                continue;
            struct str shown = str_sub(x->pattern, 0, PATTERN_SHOWN);
            return arena_fmt(&l->diags->arena, "pattern \"%.*s%s\" (%.*s:%zu)", STR_FMT(shown),
                             shown.n < x->pattern.n ? " ..." : "", STR_FMT(x->file), x->line);
        }
    return (struct str){NULL, 0};
}

/* A pattern that steals is wrong; where only examples are alike, the question wants a pattern of its own. */
static void report_theft(struct lint *l, const struct intent *intent, const struct example *x, const struct trace *why,
                         struct str thief)
{
    struct str pattern = by_pattern(l, why, thief);
    if (pattern.n)
        LINT_ERROR(l, "stolen-question", x->place, JSON_WHOLE,
                   "narrow what takes it, or give this intent a pattern that accounts for more of the question",
                   "intent '%.*s' takes this question of '%.*s', by %.*s", STR_FMT(thief), STR_FMT(intent->id),
                   STR_FMT(pattern));
    else
        LINT_WARN(l, "stolen-question", x->place, JSON_WHOLE, "give this intent a pattern that matches it",
                  "intent '%.*s' takes this question of '%.*s', by its examples, without a pattern", STR_FMT(thief),
                  STR_FMT(intent->id));
}

/* Does the reply ask which of two intents is meant, rather than for a slot? */
static bool asks_which(const struct docent *d, const struct reply *r)
{
    if (r->outcome != OUTCOME_CLARIFY || r->n_suggestions < 2)
        return false;
    for (size_t i = 0; i < d->n_intents; i++)
        if (r->suggestions[1].p == d->intents[i].title.p)
            return true;
    return false;
}

/*
 * Examples teach by degrees, and what one of them gains another may lose by a hair: that the own intent comes out first,
 * if not surely, or second to one that has no pattern for the question either, is no fault of the author's.
 */
static bool is_near(const struct trace *why, const struct intent *intent, bool taken)
{
    for (size_t c = 0; why && why->n_questions && c < why->questions[0].n_candidates && c < (taken ? 2 : 1); c++)
        if (why->questions[0].candidates[c].intent.p == intent->id.p)
            return true;
    return false;
}

/* Says who takes the example instead of its own intent. Asked once more, for what `why` tells takes its time. */
static void report_lost(struct lint *l, const struct intent *intent, const struct example *x)
{
    struct dialog fresh = {0};
    const struct reply *r = docent_ask_why(l->d, &fresh, x->text, &l->scratch);
    const struct trace *why = r->why;
    struct str winner = {NULL, 0}, nearest = {NULL, 0};
    for (size_t i = 0; i < r->n_parts && !winner.n; i++)
        winner = r->parts[i].intent;
    if (why && why->n_questions && why->questions[0].n_candidates)
        nearest = why->questions[0].candidates[0].intent;
    if (is_near(why, intent, winner.n) && !by_pattern(l, why, winner).n)
        return;
    struct str claim = nearest.p != intent->id.p ? by_pattern(l, why, nearest) : STR("");
    if (winner.n)
        report_theft(l, intent, x, why, winner);
    else if (claim.n)
        LINT_ERROR(l, "stolen-question", x->place, JSON_WHOLE,
                   "narrow what claims it, or give this intent a pattern that accounts for more of the question",
                   "intent '%.*s' claims this question of '%.*s', by %.*s, and docent answers neither",
                   STR_FMT(nearest), STR_FMT(intent->id), STR_FMT(claim));
    else
        LINT_WARN(l, "unclear-example", x->place, JSON_WHOLE,
                  "add a pattern that matches it, or more examples that are like it",
                  "docent declines this question: no intent is likely enough%s%.*s%s",
                  nearest.n ? ", nearest is '" : "", STR_FMT(nearest), nearest.n ? "'" : "");
}

/* True if the example's own intent takes it. */
static bool check_example(struct lint *l, const struct intent *intent, const struct example *x)
{
    struct dialog fresh = {0};
    arena_reset(&l->scratch);
    const struct reply *r = docent_ask(l->d, &fresh, x->text, &l->scratch);
    bool won = false;
    for (size_t i = 0; i < r->n_parts; i++)
        won = won || r->parts[i].intent.p == intent->id.p;
    if (asks_which(l->d, r))
        LINT_WARN(l, "unclear-example", x->place, JSON_WHOLE,
                  "make one of the two patterns narrower, or this one's say more",
                  "docent cannot decide between \"%.*s\" and \"%.*s\" for this question", STR_FMT(r->suggestions[0]),
                  STR_FMT(r->suggestions[1]));
    else if (!won)
        report_lost(l, intent, x);
    return won;
}

/* --- which patterns the examples reach ---------------------------------------------------------------------- */

static void mark_range(struct lint *l, uint16_t intent, const struct words *w, size_t from, size_t to)
{
    struct observed seen;
    struct match_stats stats = {0};
    struct hit *hits;
    observe(l->d, w->items + from, to - from, &l->scratch, &seen);
    size_t n = patterns_match(l->d, &seen, NONE, &l->scratch, &hits, &stats);
    for (size_t i = 0; i < n; i++)
        if (hits[i].intent == intent)
            l->reached[hits[i].pattern] = true;
}

static void mark_patterns(struct lint *l, uint16_t intent, struct str question)
{
    struct segment segments[SEGMENTS_MAX];
    arena_reset(&l->scratch);
    struct words w = normalise(l->d, question, false, &l->scratch);
    size_t n = split(l->d, &w, segments);
    mark_range(l, intent, &w, 0, w.n);
    for (size_t i = 0; i < n; i++)
        mark_range(l, intent, &w, segments[i].from, segments[i].to);
}

/* --- intents ------------------------------------------------------------------------------------------------ */

static bool is_linked(const struct docent *d, uint16_t intent)
{
    for (size_t i = 0; i < d->n_intents; i++)
        if (d->intents[i].why == intent || d->intents[i].more == intent)
            return true;
    return false;
}

static void check_intent(struct lint *l, uint16_t number)
{
    const struct intent *intent = &l->d->intents[number];
    struct place id = lint_member(l, intent->place, "id");
    size_t won = 0;
    for (size_t e = 0; e < intent->n_examples; e++) {
        won += check_example(l, intent, &intent->examples[e]);
        mark_patterns(l, number, intent->examples[e].text);
    }
    if (!intent->n_patterns && !intent->n_examples) {
        if (!is_linked(l->d, number))
            LINT_ERROR(l, "unreachable-intent", id, JSON_WHOLE, "add examples and patterns, or take the intent out",
                       "nothing leads to intent '%.*s': it has no pattern and no example", STR_FMT(intent->id));
    } else if (intent->n_examples && !won) {
        LINT_ERROR(l, "unreachable-intent", id, JSON_WHOLE, "see what is said of its examples",
                   "intent '%.*s' wins none of its own examples", STR_FMT(intent->id));
    } else if (!intent->n_examples) {
        LINT_WARN(l, "no-example", id, JSON_WHOLE, "add \"examples\": the first is what docent offers and lists",
                  "intent '%.*s' has no example question", STR_FMT(intent->id));
    }
    if (intent->why == number || intent->more == number)
        LINT_WARN(l, "links-itself", lint_member(l, intent->place, intent->why == number ? "why" : "more"), JSON_WHOLE,
                  "name another intent, or take it out", "intent '%.*s' leads back to itself", STR_FMT(intent->id));
}

/* --- suggestions -------------------------------------------------------------------------------------------- */

/* What came of asking a suggestion; asked once, however many answers offer it. */
struct outcome_of {
    bool asked;
    enum outcome outcome;
    struct str intent;
    struct str branch_file;
    size_t branch_line;
};

static const struct outcome_of *ask_suggestion(struct lint *l, struct outcome_of *all, uint16_t suggestion)
{
    struct outcome_of *o = &all[suggestion];
    if (o->asked)
        return o;
    struct dialog fresh = {0};
    arena_reset(&l->scratch);
    const struct reply *r = docent_ask_why(l->d, &fresh, l->d->suggestions[suggestion], &l->scratch);
    const struct trace *why = r->why;
    *o = (struct outcome_of){.asked = true, .outcome = r->outcome, .intent = r->parts[0].intent};
    if (why && why->n_questions == 1) {
        o->branch_file = why->questions[0].branch_file;
        o->branch_line = why->questions[0].branch_line;
    }
    return o;
}

/* A suggestion becomes a button; what does not fit on it is cut off. https://docs.slack.dev/reference/block-kit/ */
static void check_button(struct lint *l, struct str text, struct place at)
{
    size_t n = utf8_count(text);
    if (n > BUTTON_MAX)
        LINT_WARN(l, "long-button", at, JSON_WHOLE, "shorten it",
                  "this is %zu characters long; a button on Slack shows %d", n, BUTTON_MAX);
}

static void check_suggestion(struct lint *l, struct outcome_of *all, struct place object, size_t item,
                             uint16_t suggestion, const struct branch *from)
{
    if (suggestion == NONE)
        return;
    check_button(l, l->d->suggestions[suggestion], lint_item(l, object, "next", item));
    const struct outcome_of *o = ask_suggestion(l, all, suggestion);
    struct place at = lint_item(l, object, "next", item);
    if (o->outcome == OUTCOME_DECLINE)
        LINT_ERROR(l, "unanswered-suggestion", at, JSON_WHOLE, "offer only what is answered when it is asked by itself",
                   "docent declines this question that it offers");
    else if (o->outcome == OUTCOME_CLARIFY)
        LINT_ERROR(l, "unanswered-suggestion", at, JSON_WHOLE, "say in it all that the answer turns on",
                   "docent asks back when this question that it offers is asked");
    else if (from && o->intent.p == l->d->intents[from->intent].id.p && from->place.source &&
             str_eq(o->branch_file, from->place.source->name) && o->branch_line == place_line(from->place))
        LINT_WARN(l, "circular-suggestion", at, JSON_WHOLE, "offer something else",
                  "this question is answered by the very answer that offers it");
}

static void check_suggestions(struct lint *l)
{
    const struct docent *d = l->d;
    struct outcome_of *all = arena_array(&l->arena, d->n_suggestions, sizeof *all);
    for (size_t p = 0; p < d->n_packs; p++)
        for (size_t i = 0; i < d->packs[p].n_next; i++)
            check_suggestion(l, all, d->packs[p].place, i, d->packs[p].next[i], NULL);
    for (size_t b = 0; b < d->n_branches; b++)
        for (size_t i = 0; i < d->branches[b]->n_next; i++)
            check_suggestion(l, all, d->branches[b]->place, i, d->branches[b]->next[i], d->branches[b]);
}

/* A question about another subject that is answered all the same. */
static void check_other_subject(struct lint *l, const struct example *x)
{
    struct dialog fresh = {0};
    arena_reset(&l->scratch);
    const struct reply *r = docent_ask_why(l->d, &fresh, x->text, &l->scratch);
    struct str intent = r->parts[0].intent, pattern = by_pattern(l, r->why, intent);
    if (r->outcome == OUTCOME_ANSWER || r->outcome == OUTCOME_CLARIFY)
        LINT_WARN(l, "answered-elsewhere", x->place, JSON_WHOLE,
                  "narrow what answers it, or take the question out if it is about the subject",
                  "intent '%.*s' answers this question about another subject, by %.*s", STR_FMT(intent),
                  STR_FMT(pattern.n ? pattern : STR("its examples")));
}

void lint_questions(struct lint *l)
{
    check_duplicates(l);
    for (size_t p = 0; p < l->d->n_packs; p++)
        for (size_t e = 0; e < l->d->packs[p].n_others; e++)
            check_other_subject(l, &l->d->packs[p].others[e]);
    for (size_t i = 0; i < l->d->n_intents; i++)
        check_intent(l, (uint16_t)i);
    check_suggestions(l);
}
