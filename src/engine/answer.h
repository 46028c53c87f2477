/* answer: a turn (an intent with slots) -> text, sources and what to ask next. Only chooses and fills in. */
#ifndef DOCENT_ENGINE_ANSWER_H
#define DOCENT_ENGINE_ANSWER_H

#include "engine/coverage.h"
#include "engine/dialog.h"
#include "engine/understand.h"

/* What one question led to, while the reply is put together. */
struct telling {
    struct reply *reply;
    uint16_t offered[DOCENT_SUGGEST_MAX]; /* suggestions + 1, beside reply->suggestions */
    struct dialog_turn choices[DOCENT_SUGGEST_MAX];
    size_t n_choices;
    struct coverage *coverage; /* NULL: nobody wants to know */
    struct arena *a;
};

/*
 * Adds a part that answers the turn; asks back when a slot is missing without which no answer is right.
 * hash  of the question: chooses between wordings
 * Returns the branch chosen, NULL when it asked back.
 */
const struct branch *answer_turn(const struct docent *d, const struct dialog_turn *turn, double score, uint64_t hash,
                                 struct telling *t);

/* The branch of the intent that fits the slots of the turn best; NULL: there is none for them. */
const struct branch *answer_choose(const struct intent *intent, const struct dialog_turn *turn);

/* Adds a part that declines, with what is near (by the reading, which may be NULL) or else the pack's own offers. */
void answer_decline(const struct docent *d, const struct reading *r, uint64_t hash, struct telling *t);

/* Adds a part that says that something else was asked, too, and is not answered: not covered, or one question too many. */
void answer_rest(const struct docent *d, uint64_t hash, struct telling *t);

/* Adds a part that asks which of the first few intents was meant; `turns` are these intents with their slots. */
void answer_which(const struct docent *d, const struct dialog_turn *turns, size_t n, double score, uint64_t hash,
                  struct telling *t);

void answer_unclear(const struct docent *d, uint64_t hash, struct telling *t); /* nothing readable was typed */

#endif
