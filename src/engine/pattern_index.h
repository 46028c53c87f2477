/*
 * pattern_index: which patterns may match a question.
 *
 * Each pattern is posted under the signals of one of its clauses, the one that is said least often; its other clauses
 * are tested against the question's signals. What is left over are candidates, for PCRE2 to confirm.
 */
#ifndef DOCENT_ENGINE_PATTERN_INDEX_H
#define DOCENT_ENGINE_PATTERN_INDEX_H

#include "engine/observe.h"
#include "engine/pattern_read.h"

struct pattern_index {
    struct arena loading; /* for what is needed until the index is built */
    uint32_t *early;      /* while packs are loaded: pattern by pattern its clauses, see pattern_index.c */
    size_t n_early, cap_early;
    const uint32_t *clauses;     /* all but those posted under */
    const uint32_t *clauses_of;  /* by pattern: where its clauses begin; one more at the end */
    const uint32_t *posted_from; /* by signal: where its patterns begin in `posted`; one more at the end */
    const uint16_t *posted;
    const uint16_t *always; /* patterns without a clause */
    size_t n_always, n_patterns;
};

void index_add(struct pattern_index *index, const struct pattern_reading *pattern); /* in the order of patterns */

void index_build(struct pattern_index *index, struct docent *d); /* once all are added */
void index_release(struct pattern_index *index);

/* A built index in rows, and the same from these. False: they are not of so many patterns, or damaged. */
void index_keep(const struct pattern_index *index, const struct docent *d, struct buf *out);
bool index_take(struct pattern_index *index, const struct docent *d, struct kept *k, size_t n_patterns);

/* The candidates for what was seen, each once, in no order that means anything. Returns how many. */
size_t index_candidates(const struct pattern_index *index, const struct observed *seen, struct arena *a,
                        uint16_t **out);

#endif
