/*
 * classify: a second opinion, learnt from the packs' example questions.
 *
 * A linear classifier (svm.h) over words, pairs of words, pieces of words, and the entities and word groups that occur.
 * It serves where no pattern matches, breaks near ties, and orders what a decline suggests. The same packs give the same
 * model, byte for byte.
 *
 * A model is one run of bytes, so that it can be kept in a file and used where it lies.
 */
#ifndef DOCENT_ENGINE_CLASSIFY_H
#define DOCENT_ENGINE_CLASSIFY_H

#include "engine/observe.h"
#include "engine/pack.h"

/* Uses the bytes if they are a whole model of this docent's packs, and NULL otherwise. They must outlive the docent. */
struct classifier *classifier_of(const struct docent *d, struct str model, struct arena *a);

/* Trains on all examples. NULL when fewer than three intents have examples. */
struct classifier *classifier_train(const struct docent *d, struct arena *a);

struct str classifier_model(const struct classifier *c);
struct str classifier_taught(const struct classifier *c); /* see teach.h; a view into the model */

/*
 * Decision value of each intent for the words seen: above 0 the examples speak for it, and the more the surer.
 * out  one for each intent of the docent, and one more for questions about other subjects; what has no examples gets what
 *      noise gets
 */
void classifier_score(const struct docent *d, const struct classifier *c, const struct observed *seen, float *out,
                      struct arena *a);

#endif
