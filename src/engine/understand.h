/*
 * understand: the words of one question -> the intents that it may mean, in order.
 *
 * The order is total and does not depend on files: first the score, then the words that the best pattern accounts for,
 * then the name of the intent. The score puts together
 *     pattern   how many words of content the best matching pattern accounts for, and how much of the question that is,
 *     learnt    the classifier's decision value, as a probability,
 *     known     how much of the question consists of words that the packs know at all.
 * A `decline` intent whose pattern accounts for a word that an answer's pattern leaves over goes before that answer:
 * "how much do coders make in Canada" is about Canada.
 */
#ifndef DOCENT_ENGINE_UNDERSTAND_H
#define DOCENT_ENGINE_UNDERSTAND_H

#include "engine/observe.h"
#include "engine/pack.h"
#include "engine/pattern.h"

struct evidence {               /* what speaks for one intent */
    uint16_t intent;
    uint16_t pattern;           /* the best that matched; NONE */
    double strength;            /* what the order goes by */
    double score;               /* how sure, 0 to 1 */
    double pattern_score;       /* 0 to 1; 0 without a pattern */
    double own;                 /* share of the question's content that the intent speaks of */
    double learnt;              /* decision value */
    double pinned_weight;
    const uint64_t *pinned;     /* words that the pattern pins down, a set of OBSERVED_WORDS bits */
};

enum { EVIDENCE_MAX = 12 };

enum verdict { VERDICT_CLEAR, VERDICT_TIE, VERDICT_UNSURE, VERDICT_UNKNOWN };

struct reading {
    struct observed seen;
    struct evidence items[EVIDENCE_MAX];    /* best first */
    size_t n;
    double known;               /* share of the content words that the packs know, 0 to 1 */
    enum verdict verdict;       /* of items[0] */
    uint64_t pinned[EVIDENCE_MAX][OBSERVED_WORDS / 64];     /* what the items' patterns pin down */
};

/* How sure is sure enough; see the comment in understand.c for where the figures come from. */
extern const double ANSWER_FROM, SUGGEST_FROM, TIE_WITHIN;

/* The reading and all in it live in the arena. */
const struct reading *understand(const struct docent *d, const struct word *words, size_t n, uint16_t last_intent,
                                 struct arena *a, struct match_stats *stats);

#endif
