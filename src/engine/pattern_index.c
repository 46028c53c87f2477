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

/* --- keeping what was read ---------------------------------------------------------------------------------- */

struct str index_kept(const struct pattern_index *index)
{
    return (struct str){(const char *)index->early, index->n_early * sizeof *index->early};
}

/* Is the run that begins here, how many signals and then these, one of signals that there are? Its length, or 0. */
static size_t run_length(const struct docent *d, const uint32_t *run, size_t left)
{
    if (!left || *run >= left)
        return 0;
    for (uint32_t i = 1; i <= *run; i++)
        if (!early_signal_is(d, run[i] & ~WITH_NEXT))
            return 0;
    return *run && run[*run] & WITH_NEXT ? 0 : 1 + (size_t)*run;
}

/* Are these the rows of so many patterns, and no more? */
static bool is_whole(const struct docent *d, const uint32_t *rows, size_t n, size_t n_patterns)
{
    size_t at = 0, length;
    for (size_t i = 0; i < n_patterns; i++) {
        bool clauses = true;
        while (clauses) {
            clauses = at < n && rows[at] != 0;
            length = run_length(d, rows + at, n - at);
            at += length;
            if (!length)
                return false;
        }
        length = run_length(d, rows + at, n - at); /* what is forbidden */
        at += length;
        if (!length)
            return false;
    }
    return at == n;
}

bool index_take(struct pattern_index *index, const struct docent *d, struct str kept, size_t n_patterns)
{
    size_t n = kept.n / sizeof *index->early;
    uint32_t *rows = arena_raw(&index->loading, kept.n + sizeof *rows);
    if (kept.n)
        memcpy(rows, kept.p, kept.n);
    if (kept.n % sizeof *rows || !is_whole(d, rows, n, n_patterns))
        return false;
    index->early = rows;
    index->n_early = index->cap_early = n;
    index->n_patterns = n_patterns;
    return true;
}

/* --- building ----------------------------------------------------------------------------------------------- */

/* How often a signal is there, going by how many clauses name it; it is good to be posted under rare ones. */
static size_t signal_commonness(const struct docent *d, uint32_t signal, const uint32_t *named)
{
    bool grammar = signal < d->lexicon.n_words && d->lexicon.words[signal].flags & WORD_FUNCTION;
    return named[signal] * (size_t)(grammar ? 20 : 1);
}

/* The rarest signal of the term that begins here; moves on to its last. */
static uint32_t rarest_of_term(const struct docent *d, const uint32_t **at, const uint32_t *named)
{
    uint32_t rarest = **at & ~WITH_NEXT;
    while (**at & WITH_NEXT) {
        uint32_t next = *++*at & ~WITH_NEXT;
        if (signal_commonness(d, next, named) < signal_commonness(d, rarest, named))
            rarest = next;
    }
    return rarest;
}

static size_t commonness(const struct docent *d, const uint32_t *clause, const uint32_t *named)
{
    size_t sum = 0;
    for (const uint32_t *c = clause + 1; c <= clause + *clause; c++)
        sum += signal_commonness(d, rarest_of_term(d, &c, named), named);
    return sum;
}

static bool has_long_term(const uint32_t *clause)
{
    for (uint32_t i = 1; i <= *clause; i++)
        if (clause[i] & WITH_NEXT)
            return true;
    return false;
}

static const uint32_t *best_to_post(const struct docent *d, const uint32_t *clauses, const uint32_t *named)
{
    const uint32_t *best = NULL;
    size_t least = 0;
    for (const uint32_t *c = clauses; *c; c += 1 + *c) {
        size_t common = commonness(d, c, named);
        if (!best || common < least)
            best = c, least = common;
    }
    return best;
}

static uint32_t settle(const struct docent *d, uint32_t *signal)
{
    uint32_t late = late_signal(d, *signal & ~WITH_NEXT);
    *signal = late | (*signal & WITH_NEXT);
    return late;
}

/* Signals get their final numbers; named[signal] becomes how many clauses name it. */
static void settle_signals(struct pattern_index *index, struct docent *d, uint32_t *named)
{
    uint32_t *c = index->early;
    for (size_t i = 0; i < index->n_patterns; i++) {
        for (; *c; c += 1 + *c)
            for (uint32_t k = 1; k <= *c; k++)
                named[settle(d, &c[k])]++;
        c++;
        for (uint32_t k = 1; k <= *c; k++)
            c[k] = late_signal(d, c[k]);
        c += 1 + *c;
    }
}

/*
 * Notes in posts[pattern] which clause it is posted under. Found by it, the pattern need not be tested for it again, unless
 * one of its terms asks for more than the signal that it is posted under.
 */
static void choose_posts(struct pattern_index *index, const struct docent *d, const uint32_t *named,
                         const uint32_t **posts)
{
    const uint32_t *from = index->early;
    uint32_t *to = index->clauses;
    for (size_t i = 0; i < index->n_patterns; i++) {
        index->clauses_of[i] = (uint32_t)(to - index->clauses);
        posts[i] = best_to_post(d, from, named);
        if (!posts[i])
            index->always[index->n_always++] = (uint16_t)i;
        for (; *from; from += 1 + *from)
            if (from != posts[i] || has_long_term(from)) {
                memcpy(to, from, (1 + *from) * sizeof *to);
                to += 1 + *from;
            }
        *to++ = 0;
        memcpy(to, from + 1, (1 + from[1]) * sizeof *to); /* what is forbidden */
        to += 1 + from[1];
        from += 2 + from[1];
    }
}

/* Counts, then places: patterns by signal, in order. */
static void post_all(struct pattern_index *index, struct docent *d, const uint32_t *named, const uint32_t *const *posts)
{
    size_t signals = signals_count(d);
    uint32_t *from = index->posted_from = arena_array(&d->arena, signals + 2, sizeof *from);
    for (size_t i = 0; i < index->n_patterns; i++)
        for (const uint32_t *c = posts[i]; c && ++c <= posts[i] + *posts[i];)
            from[rarest_of_term(d, &c, named) + 2]++;
    for (size_t s = 0; s < signals; s++)
        from[s + 2] += from[s + 1];
    index->posted = arena_array(&d->arena, from[signals + 1], sizeof *index->posted);
    for (size_t i = 0; i < index->n_patterns; i++)
        for (const uint32_t *c = posts[i]; c && ++c <= posts[i] + *posts[i];)
            index->posted[from[rarest_of_term(d, &c, named) + 1]++] = (uint16_t)i;
}

void index_build(struct pattern_index *index, struct docent *d)
{
    struct arena scratch = {0};
    uint32_t *named = arena_array(&scratch, signals_count(d), sizeof *named);
    const uint32_t **posts = arena_array(&scratch, index->n_patterns, sizeof *posts);
    index->clauses = arena_array(&d->arena, index->n_early, sizeof *index->clauses);
    index->clauses_of = arena_array(&d->arena, index->n_patterns, sizeof *index->clauses_of);
    index->always = arena_array(&d->arena, index->n_patterns, sizeof *index->always);
    settle_signals(index, d, named);
    choose_posts(index, d, named, posts);
    post_all(index, d, named, posts);
    arena_release(&scratch);
    index_release(index);
}

void index_release(struct pattern_index *index)
{
    arena_release(&index->loading);
    index->early = NULL;
    index->n_early = index->cap_early = 0;
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

size_t index_candidates(const struct pattern_index *index, const struct observed *seen, struct arena *a, uint16_t **out)
{
    uint64_t *tried = arena_array(a, index->n_patterns / 64 + 1, sizeof *tried);
    uint16_t *found = NULL;
    size_t n = 0, cap = 0;
    for (size_t s = 0; s <= seen->n_present; s++) {
        bool rest = s == seen->n_present;
        const uint16_t *at = rest ? index->always : index->posted + index->posted_from[seen->present[s]];
        const uint16_t *end = rest ? at + index->n_always : index->posted + index->posted_from[seen->present[s] + 1];
        for (; at < end; at++) {
            uint64_t bit = UINT64_C(1) << *at % 64;
            if (tried[*at / 64] & bit)
                continue;
            tried[*at / 64] |= bit;
            if (may_match(index->clauses + index->clauses_of[*at], seen))
                *ARENA_PUSH(a, found, n, cap) = *at;
        }
    }
    *out = found;
    return n;
}
