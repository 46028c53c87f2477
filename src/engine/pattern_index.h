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
    uint32_t *early;      /* while packs are loaded: pattern by pattern its clauses, see clause_run */
    size_t n_early, cap_early;
    uint32_t *clauses;     /* all but those posted under */
    uint32_t *clauses_of;  /* by pattern: where its clauses begin */
    uint32_t *posted_from; /* by signal: where its patterns begin in `posted`; one more at the end */
    uint16_t *posted;
    uint16_t *always; /* patterns without a clause */
    size_t n_always, n_patterns;
};

void index_add(struct pattern_index *index, const struct pattern_reading *pattern); /* in the order of patterns */

/* What was added, as bytes, until the index is built; and the same from these. False: they are not of so many patterns. */
struct str index_kept(const struct pattern_index *index);
bool index_take(struct pattern_index *index, const struct docent *d, struct str kept, size_t n_patterns);

void index_build(struct pattern_index *index, struct docent *d); /* once all are added */
void index_release(struct pattern_index *index);

/* The candidates for what was seen, each once, in no order that means anything. Returns how many. */
size_t index_candidates(const struct pattern_index *index, const struct observed *seen, struct arena *a,
                        uint16_t **out);

#endif
