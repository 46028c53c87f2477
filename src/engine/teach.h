/*
 * teach: what the packs' words and examples say besides what the classifier learns from them: which words there are,
 * which of them are of the subject, which an intent's examples hold, and whether questions of a pack usually name its
 * subject.
 *
 * Reading phrases, patterns and thousands of examples would take half of a start. What comes of it is kept with the
 * model (model.h), and they are read only where there is none.
 */
#ifndef DOCENT_ENGINE_TEACH_H
#define DOCENT_ENGINE_TEACH_H

#include "engine/pack.h"

void teach(struct docent *d); /* reads the examples, once phrases and patterns have been read */

/*
 * Takes all that came of reading before, phrases and patterns and their index among it, in place of reading. The bytes
 * are used where they lie, and must outlive the docent. False: they do not fit, and all must be read.
 */
bool taught_read(struct docent *d, struct str bytes);
struct str taught_write(const struct docent *d, struct arena *a); /* once all is read, and there is an index */

/*
 * The intents whose examples hold a word of content with these first letters, a bit set of all intents that may hold a few
 * too many. Tells whether a question is about more than an intent is. A word that few intents hold says more than one
 * that many do.
 */
static inline const uint64_t *word_owners(const struct docent *d, uint32_t word_start)
{
    return d->owners + word_start % WORD_STARTS * (d->n_intents / 64 + 1);
}

/* 1: no intent holds it; near 0: almost all do. */
static inline double word_tells(const struct docent *d, uint32_t word_start)
{
    return d->tells[d->n_owners[word_start % WORD_STARTS]];
}

#endif
