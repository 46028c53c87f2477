/*
 * complete: the questions that fit what somebody has typed so far.
 *
 *     struct complete *c = complete_new(questions, n);
 *     n = complete_find(c, STR("how mcuh do cod"), out, 25);      // How much do coders earn?, …
 *
 * The last word typed may be the beginning of one; a word may have one typing error (a letter wrong, missing, too
 * many, or two changed places). Rare words count for more than common ones. The time goes with the number of different
 * words, not with that of questions: some microseconds for a hundred questions.
 */
#ifndef DOCENT_CHANNEL_COMPLETE_H
#define DOCENT_CHANNEL_COMPLETE_H

#include "base/str.h"
#include "docent.h"

#include <stddef.h>

struct complete;

/* Questions are copied; one that comes twice is kept once. The order breaks ties. */
struct complete *complete_new(const struct str *questions, size_t n);
/*
 * Of packs: a question for each topic first, then what replies suggest; all those that get an answer when they are
 * asked out of the blue.
 */
struct complete *complete_covered(const struct docent *d);
void complete_free(struct complete *c);

/* Best first. With nothing typed: the first ones. Texts live as long as c. NULL is an index without questions. */
size_t complete_find(const struct complete *c, struct str typed, struct str *out, size_t max);

#endif
