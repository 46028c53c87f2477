/*
 * pattern: the language of patterns, made into PCRE2, and an index that spares most matches.
 *
 * A pattern is written in words ("how much (do|does) <role> <pay>"; intents/README.md has the language on one page).
 * It is read when a pack is loaded (pattern_read.h), and made into regular expressions, one for each side of its "&", when
 * it is first a candidate (pattern_side.h).
 *
 * The index (pattern_index.h): from each pattern follow clauses, "at least one of these signals must be there", a signal
 * being a word, a word group, an entity or a value that occurs in the question. Only patterns whose clauses all hold are
 * matched; this never changes a result, since a clause is a consequence of the pattern.
 */
#ifndef DOCENT_ENGINE_PATTERN_H
#define DOCENT_ENGINE_PATTERN_H

#include "base/diag.h"
#include "engine/pack.h"
#include "engine/observe.h"

#include <stddef.h>
#include <stdint.h>

enum {
    PATTERN_MATCH_LIMIT = 100000, /* PCRE2's steps for one match */
    PATTERN_DEPTH_LIMIT = 1000,
    PATTERN_HEAP_LIMIT_KB = 1024,
    PATTERN_GAP = 8,       /* words that "..." stands for, at most */
    PATTERN_CAPTURES = 24, /* rows of words that one side of a pattern may pin down */
};

struct pattern {
    struct str text; /* as written */
    struct place place;
    uint16_t intent;
    uint16_t after;     /* index into docent.afters; NONE: always counts */
    uint16_t words_max; /* of questions that it can match */
    bool raw;           /* holds PCRE2 of the author's own: may fail to compile */
};

struct hit { /* a pattern that matched */
    uint16_t pattern, intent;
    uint64_t pinned[OBSERVED_WORDS / 64]; /* words of the question that it accounts for */
};

struct match_stats {
    size_t tried;            /* patterns */
    size_t matches, limited; /* run by PCRE2 for them; of these, stopped by a limit */
};

struct patterns *patterns_new(struct arena *a);
void patterns_free(struct patterns *p);

/*
 * Patterns are added while packs are loaded (text lives as long as the docent), and once all are there, either read and
 * indexed or, with a model, taken from what was kept of that.
 */
void patterns_add(struct docent *d, struct diags *diags, struct str text, struct place place, uint16_t intent,
                  uint16_t after);
uint16_t patterns_count(const struct docent *d);
const struct pattern *pattern_get(const struct docent *d, uint16_t pattern);
void patterns_read(struct docent *d, struct diags *diags);
void patterns_index(struct docent *d);                       /* once all are read */
void patterns_keep(const struct docent *d, struct buf *out); /* once there is an index */
bool patterns_take(struct docent *d, struct kept *k); /* instead of both; false: not of these patterns, or damaged */

/* Compiles patterns with raw PCRE2 in them, or all, so that PCRE2's own complaints become diags. */
void patterns_compile(const struct docent *d, struct diags *diags, bool all);

/*
 * All patterns that match the words seen, those of `after` lists only where they follow last_intent (NONE: nothing said yet).
 * Returns the hits in the order of patterns, in the arena.
 */
size_t patterns_match(const struct docent *d, const struct observed *seen, uint16_t last_intent, struct arena *a,
                      struct hit **hits, struct match_stats *stats);

/* Does no word, group or entity have to be there for it? Then it is tried with every question. */
bool pattern_is_always_tried(const struct docent *d, uint16_t pattern);

/* The expression that a pattern is made into; for tests and for the curious. */
struct str pattern_expression(const struct docent *d, uint16_t pattern, struct arena *a);

/* What a pattern is made of, in the order of its text: for those who look into it. */
enum pattern_bit_kind {
    BIT_PART, /* one side of "&" begins */
    BIT_OPEN,
    BIT_OR,
    BIT_CLOSE,
    BIT_WORD, /* letters that stand for themselves */
    BIT_RAW,  /* a word with PCRE2 in it */
    BIT_NAME,
    BIT_GAP,
    BIT_ANY, /* "...", ".*" */
    BIT_END, /* "$" */
};
struct pattern_bit {
    enum pattern_bit_kind kind;
    size_t from, to;               /* bytes of the pattern */
    size_t expression_at;          /* where it begins in the expression */
    bool negated, anchored;        /* BIT_PART */
    char quantifier;               /* BIT_CLOSE: what follows the group, or 0 */
    uint16_t group, entity, value; /* BIT_NAME: what it names; the others are NONE */
};
size_t pattern_bits(const struct docent *d, uint16_t pattern, struct arena *a, struct pattern_bit **bits);

/* Would the pattern match these words, each with a space behind, if it were written like this? Nothing is kept of it. */
bool pattern_would_match(const struct docent *d, uint16_t pattern, struct str written, struct str words);

/* Does a pattern match these words, each with a space behind? Without JIT, so that the limits are PCRE2's own. */
enum pattern_trial { TRIAL_MISS, TRIAL_MATCH, TRIAL_LIMIT };
enum pattern_trial pattern_try(const struct docent *d, uint16_t pattern, struct str words);

#endif
