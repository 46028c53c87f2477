/*
 * pattern_side: the expressions that patterns are made of. This file alone knows PCRE2.
 *
 * "<pay> & <role> & !abroad" has three sides. Many patterns share a side: it is compiled once, when the first of them is a
 * candidate, given to the JIT compiler once it was matched often, and matched once for a question, however many patterns
 * ask. Those caches are all that changes in an open docent. Where it is known what a match begins with, it is tried only in
 * front of such words.
 *
 * Match, depth and heap limits are always set; a match that hits one does not count.
 */
#ifndef DOCENT_ENGINE_PATTERN_SIDE_H
#define DOCENT_ENGINE_PATTERN_SIDE_H

#include "engine/pattern.h"
#include "engine/pattern_read.h"

struct sides;

struct sides *sides_new(struct arena *a);
void sides_free(struct sides *sides);

/*
 * Compiles the expression of a side, unless there is one of the same text in a pattern of the same pack.
 * pattern     the side's; outlives the sides
 * expression  all of the pattern's
 */
uint32_t sides_add(struct sides *sides, const struct docent *d, const struct pattern *pattern,
                   const struct pattern_side *side, struct str expression);

/* What PCRE2 complained of, and at which byte of the side's expression; NULL: of nothing. */
const char *side_fault(const struct sides *sides, uint32_t side, struct arena *a, size_t *at);

void sides_next_question(struct sides *sides); /* matches from here on are of another question */

/* Does the side hold for what was seen? If so, adds the words that it accounts for to `pinned`. A faulty side never does. */
bool side_match(struct sides *sides, const struct docent *d, uint32_t side, const struct observed *seen,
                uint64_t pinned[OBSERVED_WORDS / 64], struct match_stats *stats);

/* The same of words with a space behind each, which nobody remembers. Without JIT, so that the limits are PCRE2's own. */
enum pattern_trial side_try(struct sides *sides, uint32_t side, struct str words);
enum pattern_trial expression_try(struct sides *sides, struct str expression, struct str words);

#endif
