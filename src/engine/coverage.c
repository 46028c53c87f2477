#include "engine/coverage.h"

#include "base/mem.h"
#include "engine/lint_parts.h"
#include "engine/pattern.h"

#include <stdlib.h>

enum { SIGNALS_MAX = 16 };

struct alternative { /* a row of words in a group of a pattern */
    uint16_t pattern;
    size_t from, to;             /* the row: bytes of the pattern */
    size_t group_from, group_to; /* the group it is one of, with its quantifier */
    char quantifier;
    bool whole;                    /* the group is a whole part of "&", without parentheses */
    size_t inside;                 /* the alternative that the group stands in, + 1; 0: none */
    uint32_t signals[SIGNALS_MAX]; /* that a question must have for it */
    size_t n_signals;
};

struct coverage {
    const struct docent *d;
    struct arena arena, scratch;
    bool *touched[COVER_KINDS];
    size_t total[COVER_KINDS];
    struct alternative *alternatives;
    size_t cap_alternatives;
    size_t *first; /* alternative of each pattern; one more at the end */
};

const char *coverage_kind_name(enum coverage_kind kind)
{
    static const char *const names[] = {
#define X(name, text) [COVER_##name] = text,
        COVERAGE_KINDS(X)
#undef X
    };
    return names[kind];
}

/* --- the alternatives of a pattern -------------------------------------------------------------------------- */

struct walk {
    struct coverage *c;
    uint16_t pattern;
    const struct pattern_bit *bits;
    size_t n, at;
};

static size_t end_of(const struct pattern_bit *bit)
{
    return bit->to + (bit->kind == BIT_CLOSE && bit->quantifier);
}

static void need_signal(struct alternative *a, uint32_t signal)
{
    if (a->n_signals < SIGNALS_MAX)
        a->signals[a->n_signals++] = signal;
}

static void need_bit(const struct walk *w, struct alternative *a, const struct pattern_bit *bit)
{
    const struct docent *d = w->c->d;
    uint32_t words[LINT_WORDS_MAX];
    if (bit->kind == BIT_NAME && bit->group != NONE)
        need_signal(a, signal_of_group(d, bit->group));
    else if (bit->kind == BIT_NAME && bit->entity != NONE)
        need_signal(a, signal_of_entity(d, bit->entity));
    else if (bit->kind == BIT_WORD) {
        size_t n = lint_read(d, str_sub(pattern_get(d, w->pattern)->text, bit->from, bit->to), words);
        for (size_t i = 0; i < n; i++)
            need_signal(a, words[i]);
    }
}

static void walk_rows(struct walk *w, size_t inside, bool whole);

/* A group: its alternatives count when there are several, or when it may be missing. */
static void walk_group(struct walk *w, size_t inside)
{
    struct coverage *c = w->c;
    size_t open = w->at++, first = c->total[COVER_ALTERNATIVES];
    walk_rows(w, inside, false);
    const struct pattern_bit *close = &w->bits[w->at++];
    for (size_t i = first; i < c->total[COVER_ALTERNATIVES]; i++)
        if (!c->alternatives[i].group_to) {
            c->alternatives[i].group_from = w->bits[open].from;
            c->alternatives[i].group_to = end_of(close);
            c->alternatives[i].quantifier = close->quantifier;
        }
}

static bool ends_rows(const struct walk *w)
{
    return w->at == w->n || w->bits[w->at].kind == BIT_CLOSE || w->bits[w->at].kind == BIT_PART;
}

/* Rows up to the end of the group or part; all but a lone row that must be there become alternatives. */
static void walk_rows(struct walk *w, size_t inside, bool whole)
{
    struct coverage *c = w->c;
    size_t start = w->at ? end_of(&w->bits[w->at - 1]) : 0;
    for (;;) {
        size_t number = c->total[COVER_ALTERNATIVES];
        *ARENA_PUSH(&c->arena, c->alternatives, c->total[COVER_ALTERNATIVES], c->cap_alternatives) =
            (struct alternative){.pattern = w->pattern, .from = start, .to = start, .whole = whole, .inside = inside};
        while (!ends_rows(w) && w->bits[w->at].kind != BIT_OR) {
            if (w->bits[w->at].kind == BIT_OPEN)
                walk_group(w, number + 1);
            else
                need_bit(w, &c->alternatives[number], &w->bits[w->at++]);
            c->alternatives[number].to = end_of(&w->bits[w->at - 1]);
        }
        if (ends_rows(w))
            return;
        start = end_of(&w->bits[w->at++]);
    }
}

static void walk_part(struct walk *w)
{
    struct coverage *c = w->c;
    const struct pattern_bit *part = &w->bits[w->at++];
    size_t first = c->total[COVER_ALTERNATIVES];
    walk_rows(w, 0, true);
    for (size_t i = first; i < c->total[COVER_ALTERNATIVES]; i++)
        if (!c->alternatives[i].group_to) {
            c->alternatives[i].group_from = part->from;
            c->alternatives[i].group_to = end_of(&w->bits[w->at - 1]);
        }
    if (part->negated)
        c->total[COVER_ALTERNATIVES] = first;
}

static void find_alternatives(struct coverage *c, uint16_t pattern)
{
    struct pattern_bit *bits;
    arena_reset(&c->scratch);
    struct walk w = {.c = c, .pattern = pattern};
    w.n = pattern_bits(c->d, pattern, &c->scratch, &bits);
    w.bits = bits;
    while (w.at < w.n)
        walk_part(&w);
}

/* A choice: one of several rows, or a row that may be missing. The others only hold groups. */
static bool is_choice(const struct coverage *c, size_t number)
{
    const struct alternative *a = &c->alternatives[number];
    size_t of_group = 0;
    for (size_t i = c->first[a->pattern]; i < c->first[a->pattern + 1]; i++)
        of_group += c->alternatives[i].group_from == a->group_from && c->alternatives[i].inside == a->inside;
    return of_group > 1 || a->quantifier == '?' || a->quantifier == '*';
}

/* --- making it ---------------------------------------------------------------------------------------------- */

struct coverage *coverage_new(const struct docent *d)
{
    struct coverage *c = mem_alloc(sizeof *c);
    c->d = d;
    c->total[COVER_SECTIONS] = d->n_sections;
    c->total[COVER_INTENTS] = d->n_intents;
    c->total[COVER_PATTERNS] = patterns_count(d);
    c->total[COVER_ANSWERS] = d->n_branches;
    c->total[COVER_FACTS] = d->n_facts;
    c->first = arena_array(&c->arena, c->total[COVER_PATTERNS] + 1, sizeof *c->first);
    for (uint16_t p = 0; p < c->total[COVER_PATTERNS]; p++) {
        c->first[p] = c->total[COVER_ALTERNATIVES];
        find_alternatives(c, p);
    }
    c->first[c->total[COVER_PATTERNS]] = c->total[COVER_ALTERNATIVES];
    for (size_t kind = 0; kind < COVER_KINDS; kind++)
        c->touched[kind] = arena_array(&c->arena, c->total[kind], sizeof(bool));
    return c;
}

void coverage_free(struct coverage *c)
{
    if (!c)
        return;
    arena_release(&c->scratch);
    arena_release(&c->arena);
    free(c);
}

/* --- noting ------------------------------------------------------------------------------------------------- */

void coverage_of_answer(struct coverage *c, const struct branch *b)
{
    if (c)
        c->touched[COVER_ANSWERS][c->d->intents[b->intent].first_branch + (b - c->d->intents[b->intent].branches)] =
            true;
}

void coverage_of_fact(struct coverage *c, uint16_t fact)
{
    if (c)
        c->touched[COVER_FACTS][fact] = true;
}

void coverage_of_section(struct coverage *c, uint16_t section)
{
    if (c)
        c->touched[COVER_SECTIONS][section] = true;
}

static bool may_be_there(const struct alternative *a, const struct observed *seen)
{
    for (size_t i = 0; i < a->n_signals; i++)
        if (!a->signals[i] || !signal_set(seen, a->signals[i]))
            return false;
    return true;
}

/* The pattern with no choice left on the way to the alternative. */
static struct str with_only(struct coverage *c, const struct alternative *a)
{
    struct str text = pattern_get(c->d, a->pattern)->text, made = str_sub(text, a->from, a->to);
    for (;; a = &c->alternatives[a->inside - 1]) {
        bool repeats = a->quantifier == '*' || a->quantifier == '+';
        if (!a->whole)
            made = arena_fmt(&c->scratch, "(%.*s)%s", STR_FMT(made), repeats ? "+" : "");
        const struct alternative *outer = a->inside ? &c->alternatives[a->inside - 1] : NULL;
        struct str before = str_sub(text, outer ? outer->from : 0, a->group_from);
        struct str behind = str_sub(text, a->group_to, outer ? outer->to : text.n);
        made = arena_fmt(&c->scratch, "%.*s%.*s%.*s", STR_FMT(before), STR_FMT(made), STR_FMT(behind));
        if (!outer)
            return made;
    }
}

static void touch_pattern(struct coverage *c, uint16_t pattern, const struct observed *seen)
{
    c->touched[COVER_PATTERNS][pattern] = true;
    for (size_t i = c->first[pattern]; i < c->first[pattern + 1]; i++) {
        bool *touched = &c->touched[COVER_ALTERNATIVES][i];
        if (!*touched && is_choice(c, i) && may_be_there(&c->alternatives[i], seen))
            *touched = pattern_would_match(c->d, pattern, with_only(c, &c->alternatives[i]), seen->text);
    }
}

void coverage_of_question(struct coverage *c, const struct observed *seen, uint16_t last_intent, uint16_t intent)
{
    if (!c)
        return;
    struct match_stats stats = {0};
    struct hit *hits;
    arena_reset(&c->scratch);
    c->touched[COVER_INTENTS][intent] = true;
    size_t n = patterns_match(c->d, seen, last_intent, &c->scratch, &hits, &stats);
    for (size_t i = 0; i < n; i++)
        if (hits[i].intent == intent)
            touch_pattern(c, hits[i].pattern, seen);
}

void coverage_ask_examples(struct coverage *c)
{
    struct arena a = {0};
    examples_wanted(c->d);
    for (size_t i = 0; i < c->d->n_intents; i++)
        for (size_t e = 0; e < c->d->intents[i].n_examples; e++) {
            struct dialog fresh = {0};
            docent_ask_covering(c->d, &fresh, c->d->intents[i].examples[e].text, &a, c);
            arena_reset(&a);
        }
    arena_release(&a);
}

/* --- telling ------------------------------------------------------------------------------------------------ */

static bool counts(const struct coverage *c, enum coverage_kind kind, size_t i)
{
    return kind != COVER_ALTERNATIVES || is_choice(c, i);
}

struct coverage_count coverage_count(const struct coverage *c, enum coverage_kind kind)
{
    struct coverage_count n = {0, 0};
    for (size_t i = 0; i < c->total[kind]; i++)
        if (counts(c, kind, i)) {
            n.total++;
            n.touched += c->touched[kind][i];
        }
    return n;
}

static struct place place_of(const struct coverage *c, enum coverage_kind kind, size_t i)
{
    const struct docent *d = c->d;
    switch (kind) {
    case COVER_SECTIONS:
        return d->sections[i].place;
    case COVER_INTENTS:
        return d->intents[i].place;
    case COVER_PATTERNS:
        return pattern_get(d, (uint16_t)i)->place;
    case COVER_ALTERNATIVES:
        return pattern_get(d, c->alternatives[i].pattern)->place;
    case COVER_ANSWERS:
        return d->branches[i]->place;
    default:
        return d->facts[i].place;
    }
}

static struct str name_of_alternative(const struct coverage *c, size_t i, struct arena *a)
{
    const struct alternative *x = &c->alternatives[i];
    struct str pattern = pattern_get(c->d, x->pattern)->text, row = str_trim(str_sub(pattern, x->from, x->to));
    return arena_fmt(a, "alternative '%.*s' of pattern \"%.*s\"", STR_FMT(row), STR_FMT(pattern));
}

static struct str name_of(const struct coverage *c, enum coverage_kind kind, size_t i, struct arena *a)
{
    const struct docent *d = c->d;
    switch (kind) {
    case COVER_SECTIONS:
        return arena_fmt(a, "section '%.*s'", STR_FMT(d->sections[i].id));
    case COVER_INTENTS:
        return arena_fmt(a, "intent '%.*s'", STR_FMT(d->intents[i].id));
    case COVER_PATTERNS:
        return arena_fmt(a, "pattern \"%.*s\"", STR_FMT(pattern_get(d, (uint16_t)i)->text));
    case COVER_ALTERNATIVES:
        return name_of_alternative(c, i, a);
    case COVER_ANSWERS:
        return arena_fmt(a, "answer %zu of intent '%.*s'",
                         (size_t)(d->branches[i] - d->intents[d->branches[i]->intent].branches) + 1,
                         STR_FMT(d->intents[d->branches[i]->intent].id));
    default:
        return arena_fmt(a, "fact '%.*s'", STR_FMT(d->facts[i].name));
    }
}

size_t coverage_untouched(const struct coverage *c, enum coverage_kind kind, struct arena *a, struct untouched **out)
{
    size_t n = 0, cap = 0;
    *out = NULL;
    for (size_t i = 0; i < c->total[kind]; i++)
        if (counts(c, kind, i) && !c->touched[kind][i]) {
            struct place p = place_of(c, kind, i);
            struct untouched u = {
                .file = p.source ? p.source->name : STR("?"), .what = name_of(c, kind, i, a), .line = place_line(p)};
            *ARENA_PUSH(a, *out, n, cap) = u;
        }
    return n;
}
