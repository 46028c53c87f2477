/*
 * features: what the classifier sees of a question: its words, pairs of words next to each other, pieces of four letters
 * of words of content, and the entities, values and word groups that occur.
 *
 * Each is a hash. Features come in blocks; each block is brought to length 1, so that a feature's value depends only on
 * its block and on how many features that has.
 */
#ifndef DOCENT_ENGINE_FEATURES_H
#define DOCENT_ENGINE_FEATURES_H

#include "engine/observe.h"
#include "engine/pack.h"

enum block { BLOCK_WORDS, BLOCK_PIECES, BLOCK_TAGS, BLOCKS };
enum { FEATURES_SEEN_MAX = 4096 };

struct feature {
    uint32_t hash; /* neither 0 nor FEATURE_BIAS */
    uint32_t block;
};

struct features {
    struct feature *items;
    size_t n;
    float values[BLOCKS]; /* of a feature of each block; 0 where there is none */
};

#define FEATURE_BIAS UINT32_C(0xFFFFFFFF) /* stands for a feature that every question has */

/* At most FEATURES_SEEN_MAX, in the arena. */
struct features features_of(const struct docent *d, const struct observed *seen, struct arena *a);

/* From here on, several threads may call features_of at a time. */
void features_prepare(const struct docent *d);

#endif
