#include "engine/pattern_index.h"

#include <string.h>

/*
 * What is known of a pattern lies in a row of numbers: for each clause how many signals, then these, term by term; a 0; how
 * many signals are forbidden, then these.
 *     for (const uint32_t *c = first; *c; c += 1 + *c)  … c[1] to c[*c] …
 */
static void push(struct pattern_index *index, uint32_t number)
{
    *ARENA_PUSH(&index->loading, index->early, index->n_early, index->cap_early) = number;
}

static void push_signals(struct pattern_index *index, const uint32_t *signals, size_t n)
{
    push(index, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        push(index, signals[i]);
}

void index_add(struct pattern_index *index, const struct pattern_reading *pattern)
{
    for (size_t c = 0; c < pattern->n_clauses; c++)
        push_signals(index, pattern->clauses[c].signals, pattern->clauses[c].n);
    push(index, 0);
    push_signals(index, pattern->forbidden, pattern->n_forbidden);
    index->n_patterns++;
}

/* --- building ----------------------------------------------------------------------------------------------- */

/*
 * How often each signal is there, going by how often the packs say the words, in their examples above all: it is good to
 * be posted under rare ones. A phrase is there no more often than its rarest word.
 */
static uint32_t *signals_commonness(const struct docent *d, struct arena *a)
{
    const struct lexicon *lex = &d->lexicon;
    uint32_t *common = arena_array(a, signals_count(d), sizeof *common);
    for (size_t w = 0; w < lex->n_words; w++) {
        common[w] = 1 + lex->words[w].count;
        if (str_has_digit(lex->words[w].text))
            common[signal_of_digits(d)] += common[w];
    }
    for (size_t i = 0; i < lex->n_phrases; i++) {
        const struct phrase *p = &lex->phrases[i];
        uint32_t least = UINT32_MAX;
        for (size_t k = 0; k < p->n; k++)
            least = common[p->words[k]] < least ? common[p->words[k]] : least;
        if (p->kind == PHRASE_GROUP)
            common[signal_of_group(d, p->owner)] += least;
        if (p->kind == PHRASE_ENTITY) {
            common[signal_of_entity(d, p->owner)] += least;
            common[signal_of_value(d, p->owner, p->value)] += least;
        }
    }
    return common;
}

/* The rarest signal of the term that begins here; moves on to its last. */
static uint32_t rarest_of_term(const uint32_t **at, const uint32_t *common)
{
    uint32_t rarest = **at & ~WITH_NEXT;
    while (**at & WITH_NEXT) {
        uint32_t next = *++*at & ~WITH_NEXT;
        if (common[next] < common[rarest])
            rarest = next;
    }
    return rarest;
}

static size_t commonness(const uint32_t *clause, const uint32_t *common)
{
    size_t sum = 0;
    for (const uint32_t *c = clause + 1; c <= clause + *clause; c++)
        sum += common[rarest_of_term(&c, common)];
    return sum;
}

static bool has_long_term(const uint32_t *clause)
{
    for (uint32_t i = 1; i <= *clause; i++)
        if (clause[i] & WITH_NEXT)
            return true;
    return false;
}

static const uint32_t *best_to_post(const uint32_t *clauses, const uint32_t *common)
{
    const uint32_t *best = NULL;
    size_t least = 0;
    for (const uint32_t *c = clauses; *c; c += 1 + *c) {
        size_t often = commonness(c, common);
        if (!best || often < least)
            best = c, least = often;
    }
    return best;
}

/* Signals get their final numbers. */
static void settle_signals(struct pattern_index *index, const struct docent *d)
{
    uint32_t *c = index->early;
    for (size_t i = 0; i < index->n_patterns; i++) {
        for (; *c; c += 1 + *c)
            for (uint32_t k = 1; k <= *c; k++)
                c[k] = late_signal(d, c[k] & ~WITH_NEXT) | (c[k] & WITH_NEXT);
        c++;
        for (uint32_t k = 1; k <= *c; k++)
            c[k] = late_signal(d, c[k]);
        c += 1 + *c;
    }
}

/* A pattern's clauses in the order in which to test them, the shortest first: they cost least and hold least often. */
static size_t order_clauses(const uint32_t *clauses, const uint32_t *ordered[CLAUSES_MAX])
{
    size_t n = 0;
    for (const uint32_t *c = clauses; *c && n < CLAUSES_MAX; c += 1 + *c) {
        size_t at = n++;
        for (; at > 0 && *c < *ordered[at - 1]; at--)
            ordered[at] = ordered[at - 1];
        ordered[at] = c;
    }
    return n;
}

/* Copies those that are to be tested, in order; returns where the next number goes. */
static uint32_t *copy_clauses(const uint32_t *clauses, const uint32_t *posted, uint32_t *to)
{
    const uint32_t *ordered[CLAUSES_MAX] = {clauses};
    size_t n = order_clauses(clauses, ordered);
    for (size_t c = 0; c < n; c++)
        if (ordered[c] != posted || has_long_term(ordered[c])) {
            memcpy(to, ordered[c], (1 + *ordered[c]) * sizeof *to);
            to += 1 + *ordered[c];
        }
    return to;
}

/*
 * Notes in posts[pattern] which clause it is posted under. Found by it, the pattern need not be tested for it again, unless
 * one of its terms asks for more than the signal that it is posted under.
 */
static void choose_posts(struct pattern_index *index, struct docent *d, const uint32_t *common, const uint32_t **posts)
{
    uint32_t *clauses = arena_array(&d->arena, index->n_early, sizeof *clauses), *to = clauses;
    uint32_t *clauses_of = arena_array(&d->arena, index->n_patterns + 1, sizeof *clauses_of);
    uint16_t *always = arena_array(&d->arena, index->n_patterns, sizeof *always);
    const uint32_t *from = index->early;
    for (size_t i = 0; i < index->n_patterns; i++) {
        clauses_of[i] = (uint32_t)(to - clauses);
        posts[i] = best_to_post(from, common);
        if (posts[i])
            to = copy_clauses(from, posts[i], to);
        else
            always[index->n_always++] = (uint16_t)i; /* it has no clauses */
        while (*from)
            from += 1 + *from;
        *to++ = 0;
        memcpy(to, from + 1, (1 + from[1]) * sizeof *to); /* what is forbidden */
        to += 1 + from[1];
        from += 2 + from[1];
    }
    clauses_of[index->n_patterns] = (uint32_t)(to - clauses);
    index->clauses = clauses;
    index->clauses_of = clauses_of;
    index->always = always;
}

/* Counts, then places: patterns by signal, in order. */
static void post_all(struct pattern_index *index, struct docent *d, const uint32_t *common,
                     const uint32_t *const *posts)
{
    size_t signals = signals_count(d);
    uint32_t *from = arena_array(&d->arena, signals + 2, sizeof *from);
    for (size_t i = 0; i < index->n_patterns; i++)
        for (const uint32_t *c = posts[i]; c && ++c <= posts[i] + *posts[i];)
            from[rarest_of_term(&c, common) + 2]++;
    for (size_t s = 0; s < signals; s++)
        from[s + 2] += from[s + 1];
    uint16_t *posted = arena_array(&d->arena, from[signals + 1], sizeof *posted);
    for (size_t i = 0; i < index->n_patterns; i++)
        for (const uint32_t *c = posts[i]; c && ++c <= posts[i] + *posts[i];)
            posted[from[rarest_of_term(&c, common) + 1]++] = (uint16_t)i;
    index->posted_from = from;
    index->posted = posted;
}

void index_build(struct pattern_index *index, struct docent *d)
{
    struct arena scratch = {0};
    const uint32_t *common = signals_commonness(d, &scratch), **posts;
    posts = arena_array(&scratch, index->n_patterns, sizeof *posts);
    settle_signals(index, d);
    choose_posts(index, d, common, posts);
    post_all(index, d, common, posts);
    arena_release(&scratch);
    index_release(index);
}

void index_release(struct pattern_index *index)
{
    arena_release(&index->loading);
    index->early = NULL;
    index->n_early = index->cap_early = 0;
}

/* --- keeping ------------------------------------------------------------------------------------------------ */

void index_keep(const struct pattern_index *index, const struct docent *d, struct buf *out)
{
    size_t signals = signals_count(d);
    keep_row(out, index->clauses, index->clauses_of[index->n_patterns], sizeof *index->clauses);
    keep_row(out, index->clauses_of, index->n_patterns + 1, sizeof *index->clauses_of);
    keep_row(out, index->posted_from, signals + 1, sizeof *index->posted_from);
    keep_row(out, index->posted, index->posted_from[signals], sizeof *index->posted);
    keep_row(out, index->always, index->n_always, sizeof *index->always);
}

/* Is the run that begins here, how many signals and then these, one of signals that there are? Its length, or 0. */
static size_t run_length(const uint32_t *run, size_t left, size_t signals)
{
    if (!left || *run >= left)
        return 0;
    bool sound = !*run || !(run[*run] & WITH_NEXT);
    for (uint32_t i = 1; i <= *run; i++)
        sound &= (run[i] & ~WITH_NEXT) < signals;
    return sound ? 1 + (size_t)*run : 0;
}

/* Are these n numbers the clauses of one pattern, and what is forbidden to it? */
static bool are_clauses(const uint32_t *c, size_t n, size_t signals)
{
    size_t at = 0, length = 1;
    for (bool clauses = true; clauses && length; at += length) {
        clauses = at < n && c[at] != 0;
        length = run_length(c + at, n - at, signals);
    }
    return length && at + run_length(c + at, n - at, signals) == n && at < n;
}

static bool are_rows(const uint32_t *from, size_t n, size_t end)
{
    for (size_t i = 0; i < n; i++)
        if (from[i] > from[i + 1])
            return false;
    return from[n] == end;
}

static bool all_patterns(const uint16_t *patterns, size_t n, size_t n_patterns)
{
    bool all = true;
    for (size_t i = 0; i < n; i++)
        all &= patterns[i] < n_patterns;
    return all;
}

bool index_take(struct pattern_index *index, const struct docent *d, struct kept *k, size_t n_patterns)
{
    size_t signals = signals_count(d), n_clauses, n_posted;
    struct pattern_index taken = {.n_patterns = n_patterns};
    taken.clauses = kept_row(k, &n_clauses, sizeof *taken.clauses);
    taken.clauses_of = kept_row_of(k, n_patterns + 1, sizeof *taken.clauses_of);
    taken.posted_from = kept_row_of(k, signals + 1, sizeof *taken.posted_from);
    taken.posted = kept_row(k, &n_posted, sizeof *taken.posted);
    taken.always = kept_row(k, &taken.n_always, sizeof *taken.always);
    bool sound = !k->damaged && are_rows(taken.clauses_of, n_patterns, n_clauses) &&
                 are_rows(taken.posted_from, signals, n_posted) && all_patterns(taken.posted, n_posted, n_patterns) &&
                 all_patterns(taken.always, taken.n_always, n_patterns);
    for (size_t i = 0; sound && i < n_patterns; i++)
        sound =
            are_clauses(taken.clauses + taken.clauses_of[i], taken.clauses_of[i + 1] - taken.clauses_of[i], signals);
    if (sound)
        *index = taken;
    return sound;
}

/* --- looking up --------------------------------------------------------------------------------------------- */

static bool holds(const uint32_t *clause, const struct observed *seen)
{
    for (uint32_t i = 1; i <= *clause; i++) {
        bool all = signal_set(seen, clause[i] & ~WITH_NEXT);
        while (clause[i] & WITH_NEXT)
            all &= signal_set(seen, clause[++i] & ~WITH_NEXT);
        if (all)
            return true;
    }
    return false;
}

static bool may_match(const uint32_t *c, const struct observed *seen)
{
    for (; *c; c += 1 + *c)
        if (!holds(c, seen))
            return false;
    return !holds(c + 1, seen);
}

/* The patterns posted under what was seen, each once; how many. What is to be read of them next is sent for at once. */
static size_t list_posted(const struct pattern_index *index, const struct observed *seen, struct arena *a,
                          uint16_t **out)
{
    uint64_t *listed = arena_array(a, index->n_patterns / 64 + 1, sizeof *listed);
    size_t n = 0, most = index->n_always;
    for (size_t s = 0; s < seen->n_present; s++)
        most += index->posted_from[seen->present[s] + 1] - index->posted_from[seen->present[s]];
    *out = arena_raw(a, most * sizeof **out);
    for (size_t s = 0; s <= seen->n_present; s++) {
        bool rest = s == seen->n_present;
        const uint16_t *at = rest ? index->always : index->posted + index->posted_from[seen->present[s]];
        const uint16_t *end = rest ? at + index->n_always : index->posted + index->posted_from[seen->present[s] + 1];
        for (; at < end; at++) {
            uint64_t bit = UINT64_C(1) << *at % 64;
            (*out)[n] = *at;
            n += !(listed[*at / 64] & bit);
            listed[*at / 64] |= bit;
        }
    }
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(&index->clauses[index->clauses_of[(*out)[i]]]);
    return n;
}

size_t index_candidates(const struct pattern_index *index, const struct observed *seen, struct arena *a, uint16_t **out)
{
    size_t n = 0, n_posted = list_posted(index, seen, a, out);
    for (size_t i = 0; i < n_posted; i++) {
        uint16_t pattern = (*out)[i];
        (*out)[n] = pattern;
        n += may_match(index->clauses + index->clauses_of[pattern], seen);
    }
    return n;
}
