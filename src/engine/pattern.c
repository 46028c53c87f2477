#include "engine/pattern.h"

#include "engine/pattern_index.h"
#include "engine/pattern_read.h"
#include "engine/pattern_side.h"

#include <stdlib.h>

struct compiled { /* once the pattern was a candidate: */
    uint32_t *sides;
    uint16_t n;
    bool done, too_long;
};

struct patterns {
    struct arena *arena;
    struct pattern *items;
    size_t n, cap;
    struct compiled *compiled;
    struct sides *sides;
    struct pattern_index index;
    struct arena scratch; /* for one pattern that is read */
};

/* --- the set ------------------------------------------------------------------------------------------------ */

struct patterns *patterns_new(struct arena *a)
{
    struct patterns *p = arena_alloc(a, sizeof *p);
    p->arena = a;
    p->sides = sides_new(a);
    return p;
}

void patterns_free(struct patterns *p)
{
    if (!p)
        return;
    sides_free(p->sides);
    index_release(&p->index);
    arena_release(&p->scratch);
}

uint16_t patterns_count(const struct docent *d)
{
    return (uint16_t)d->patterns->n;
}

const struct pattern *pattern_get(const struct docent *d, uint16_t pattern)
{
    return &d->patterns->items[pattern];
}

void patterns_add(struct docent *d, struct diags *diags, struct str text, struct place place, uint16_t intent,
                  uint16_t after)
{
    struct patterns *all = d->patterns;
    if (text.n > PATTERN_MAX || all->n >= NONE - 1) {
        place_diag(diags, DIAG_ERROR, "limit", place, JSON_WHOLE, "",
                   text.n > PATTERN_MAX ? "a pattern has at most %d bytes" : "more than %d patterns",
                   text.n > PATTERN_MAX ? PATTERN_MAX : NONE - 1);
        return;
    }
    *ARENA_PUSH(all->arena, all->items, all->n, all->cap) =
        (struct pattern){.text = text, .place = place, .intent = intent, .after = after};
}

/* For its faults, its clauses, and so that its words are known. */
static void read_one(struct docent *d, struct pattern *item, struct diags *diags)
{
    struct patterns *all = d->patterns;
    struct pattern_reading r;
    arena_reset(&all->scratch);
    pattern_read(d, item, PATTERN_WHOLE, &all->scratch, NULL, &r);
    item->raw = r.raw;
    item->words_max = r.words_max;
    index_add(&all->index, &r);
    if (r.fault)
        place_diag(diags, DIAG_ERROR, "pattern-syntax", item->place, r.fault_at, r.hint, "pattern does not compile: %s",
                   r.fault);
}

void patterns_read(struct docent *d, struct diags *diags)
{
    for (size_t i = 0; i < d->patterns->n; i++)
        read_one(d, &d->patterns->items[i], diags);
    arena_release(&d->patterns->scratch);
}

void patterns_index(struct docent *d)
{
    struct patterns *all = d->patterns;
    all->compiled = arena_array(all->arena, all->n, sizeof *all->compiled);
    index_build(&all->index, d);
}

/* What is kept of each pattern, but for the index. */
struct kept_pattern {
    uint16_t words_max, raw;
};

void patterns_keep(const struct docent *d, struct buf *out)
{
    const struct patterns *all = d->patterns;
    struct arena scratch = {0};
    struct kept_pattern *kept = arena_array(&scratch, all->n, sizeof *kept);
    for (size_t i = 0; i < all->n; i++)
        kept[i] = (struct kept_pattern){all->items[i].words_max, all->items[i].raw};
    keep_row(out, kept, all->n, sizeof *kept);
    index_keep(&all->index, d, out);
    arena_release(&scratch);
}

bool patterns_take(struct docent *d, struct kept *k)
{
    struct patterns *all = d->patterns;
    const struct kept_pattern *kept = kept_row_of(k, all->n, sizeof *kept);
    if (k->damaged || !index_take(&all->index, d, k, all->n))
        return false;
    for (size_t i = 0; i < all->n; i++) {
        all->items[i].words_max = kept[i].words_max;
        all->items[i].raw = kept[i].raw;
    }
    all->compiled = arena_array(all->arena, all->n, sizeof *all->compiled);
    return true;
}

/* --- compiling ---------------------------------------------------------------------------------------------- */

/* Reads a pattern and its expression, which lives in the arena; NULL: it is too long. */
static struct str expression_for(const struct docent *d, const struct pattern *pattern, enum pattern_use use,
                                 struct arena *a, struct pattern_reading *r)
{
    struct buf out;
    buf_init(&out, EXPRESSION_MAX);
    pattern_read((struct docent *)d, pattern, use, a, &out, r);
    struct str expression = out.full ? (struct str){NULL, 0} : arena_str(a, buf_str(&out));
    buf_release(&out);
    return expression;
}

struct str pattern_expression(const struct docent *d, uint16_t pattern, struct arena *a)
{
    struct pattern_reading r;
    return expression_for(d, pattern_get(d, pattern), PATTERN_WHOLE, a, &r);
}

size_t pattern_bits(const struct docent *d, uint16_t pattern, struct arena *a, struct pattern_bit **bits)
{
    struct pattern_reading r;
    expression_for(d, pattern_get(d, pattern), PATTERN_BITS, a, &r);
    *bits = r.bits;
    return r.n_bits;
}

/* Where in the pattern as written stands what PCRE2 complains of: in the last raw word before that place. */
static size_t place_in_text(const struct pattern_reading *r, size_t expression_at)
{
    size_t inside = 0;
    for (size_t i = 0; i < r->n_bits && r->bits[i].expression_at < expression_at; i++)
        if (r->bits[i].kind == BIT_RAW)
            inside = r->bits[i].from;
    return inside;
}

static void say_fault(struct diags *diags, const struct pattern *pattern, size_t at, const char *message)
{
    place_diag(diags, DIAG_ERROR, "pattern-syntax", pattern->place, at,
               "within a word everything that PCRE2 knows may stand, but it must be right",
               "pattern does not compile: %s", message);
}

static const struct compiled *compile(const struct docent *d, uint16_t number, struct diags *diags)
{
    struct patterns *all = d->patterns;
    struct compiled *c = &all->compiled[number];
    const struct pattern *pattern = pattern_get(d, number);
    struct arena scratch = {0};
    struct pattern_reading r;
    struct str expression = expression_for(d, pattern, PATTERN_LEAN, &scratch, &r);
    *c = (struct compiled){.done = true, .too_long = !expression.p};
    c->sides = arena_array(all->arena, r.n_sides, sizeof *c->sides);
    if (c->too_long && diags)
        say_fault(diags, pattern, 0, "too long once its word groups are put in");
    for (size_t i = 0; i < r.n_sides && !c->too_long; i++) {
        uint32_t added = sides_add(all->sides, d, pattern, &r.sides[i], expression);
        size_t at;
        const char *fault = side_fault(all->sides, added, &scratch, &at);
        if (fault && diags)
            say_fault(diags, pattern, place_in_text(&r, r.sides[i].written_from + at), fault);
        c->sides[c->n++] = added;
    }
    arena_release(&scratch);
    return c;
}

static const struct compiled *compiled(const struct docent *d, uint16_t pattern)
{
    const struct compiled *c = &d->patterns->compiled[pattern];
    return c->done ? c : compile(d, pattern, NULL);
}

void patterns_compile(const struct docent *d, struct diags *diags, bool all)
{
    for (uint16_t i = 0; i < d->patterns->n; i++)
        if (!d->patterns->compiled[i].done && (all || d->patterns->items[i].raw))
            compile(d, i, diags);
}

/* --- matching ----------------------------------------------------------------------------------------------- */

static bool counts_now(const struct docent *d, const struct pattern *p, const struct observed *seen,
                       uint16_t last_intent)
{
    if (seen->n > p->words_max)
        return false;
    if (p->after == NONE)
        return true;
    const struct after *after = &d->afters[p->after];
    for (size_t i = 0; i < after->n; i++)
        if (after->intents[i] == last_intent)
            return true;
    return false;
}

static bool confirm(const struct docent *d, uint16_t pattern, const struct observed *seen, struct hit *hit,
                    struct match_stats *stats)
{
    const struct compiled *c = compiled(d, pattern);
    *hit = (struct hit){.pattern = pattern, .intent = pattern_get(d, pattern)->intent};
    bool holds = !c->too_long;
    stats->tried++;
    for (size_t i = 0; holds && i < c->n; i++)
        holds = side_match(d->patterns->sides, d, c->sides[i], seen, hit->pinned, stats);
    return holds;
}

enum pattern_trial pattern_try(const struct docent *d, uint16_t pattern, struct str words)
{
    const struct compiled *c = compiled(d, pattern);
    enum pattern_trial trial = c->too_long ? TRIAL_MISS : TRIAL_MATCH;
    for (size_t i = 0; trial == TRIAL_MATCH && i < c->n; i++)
        trial = side_try(d->patterns->sides, c->sides[i], words);
    return trial;
}

bool pattern_would_match(const struct docent *d, uint16_t pattern, struct str written, struct str words)
{
    struct pattern changed = *pattern_get(d, pattern);
    struct arena scratch = {0};
    struct pattern_reading r;
    changed.text = written;
    struct str expression = expression_for(d, &changed, PATTERN_WHOLE, &scratch, &r);
    bool matches = expression.p && !r.fault && expression_try(d->patterns->sides, expression, words) == TRIAL_MATCH;
    arena_release(&scratch);
    return matches;
}

bool pattern_is_always_tried(const struct docent *d, uint16_t pattern)
{
    const struct pattern_index *index = &d->patterns->index;
    for (size_t i = 0; i < index->n_always; i++)
        if (index->always[i] == pattern)
            return true;
    return false;
}

static int by_pattern(const void *left, const void *right)
{
    const struct hit *a = left, *b = right;
    return (a->pattern > b->pattern) - (a->pattern < b->pattern);
}

size_t patterns_match(const struct docent *d, const struct observed *seen, uint16_t last_intent, struct arena *a,
                      struct hit **hits, struct match_stats *stats)
{
    const struct patterns *all = d->patterns;
    struct hit *found = NULL, hit;
    uint16_t *candidates;
    size_t n = 0, cap = 0, n_candidates = index_candidates(&all->index, seen, a, &candidates);
    sides_next_question(all->sides);
    for (size_t i = 0; i < n_candidates; i++) {
        __builtin_prefetch(&all->items[candidates[i]].after);
        __builtin_prefetch(&all->compiled[candidates[i]]);
    }
    for (size_t i = 0; i < n_candidates; i++)
        if (counts_now(d, &all->items[candidates[i]], seen, last_intent) &&
            confirm(d, candidates[i], seen, &hit, stats))
            *ARENA_PUSH(a, found, n, cap) = hit;
    if (n)
        qsort(found, n, sizeof *found, by_pattern);
    *hits = found;
    return n;
}
