/*
 * dialog: what a conversation remembers, and what a short message means because of it.
 *
 *     "how much do coders make?"   "and billing?"   "what about with experience?"   "why?"   "2"   "back to pay"
 *
 * A turn is an intent with slots. Slots of entities that carry (a pack says which) stay until another value is named;
 * others are inherited only by a message that points back ("it", "and …") or names nothing of its own.
 */
#ifndef DOCENT_ENGINE_DIALOG_H
#define DOCENT_ENGINE_DIALOG_H

#include "engine/normalise.h"
#include "engine/observe.h"
#include "engine/pack.h"

/* How a message leans on what was said before. */
struct leaning {
    size_t from, to; /* the words without "and what about", "no, I meant", "back to" */
    bool continues, rather, back;
    bool refers;      /* it, they, that, … */
    bool only_values; /* nothing but values of entities, and words of grammar */
};

void dialog_begin(const struct docent *d, struct dialog *dialog); /* forgets what belongs to other packs */
struct leaning dialog_leaning(const struct docent *d, const struct word *words, size_t from, size_t to);

uint16_t dialog_last_intent(const struct dialog *dialog); /* NONE before the first answer */

/* Is the whole range one of the phrases of this kind ("tell me more")? */
bool says(const struct docent *d, const struct word *words, size_t from, size_t to, int kind, uint16_t *owner);

/* --- turns -------------------------------------------------------------------------------------------------- */

struct dialog_turn turn_of(uint16_t intent);
struct dialog_slot *turn_slot(struct dialog_turn *t, uint16_t entity); /* NULL: not filled */
const struct dialog_slot *turn_slot_const(const struct dialog_turn *t, uint16_t entity);
void turn_set(struct dialog_turn *t, uint16_t entity, uint16_t value, bool inherited); /* adds the value */

/* Puts in the values that the words name, for the entities that the turn's intent listens to. True if there was one. */
bool turn_take_mentions(const struct docent *d, struct dialog_turn *t, const struct observed *seen);

/*
 * Fills what is missing: from `nearby` (what the rest of the message names), then from the conversation.
 * which  the question asks which: where the intent compares, that is about all values
 */
void turn_inherit(const struct docent *d, struct dialog_turn *t, const struct dialog *dialog,
                  const struct dialog_turn *nearby, bool leans, bool which);

/* --- what short messages mean ------------------------------------------------------------------------------- */

/* What a message means that only points at something: one of the choices of a clarifying question, or a number. */
struct chosen {
    struct dialog_turn turns[DOCENT_PARTS_MAX];
    size_t n;
    bool points;         /* it does; if at nothing that there is, nobody knows what it means */
    uint16_t suggestion; /* one that was offered; or NONE */
    uint16_t ordinal;    /* "what about the second one": rather something that was listed, see dialog_nth; or NONE */
};
struct chosen dialog_choose(const struct docent *d, const struct dialog *dialog, const struct words *words);

/* The turn to answer for "more" or "why", or one without an intent. */
struct dialog_turn dialog_more(const struct docent *d, const struct dialog *dialog);
struct dialog_turn dialog_why(const struct docent *d, const struct dialog *dialog);

/* The last turn again, for all values of the entity that carries: "both". Without an intent when that makes no sense. */
struct dialog_turn dialog_both(const struct docent *d, const struct dialog *dialog);

/* The last turn again, for the value that it was not about, where the entity that carries has two: "the other one". */
struct dialog_turn dialog_other(const struct docent *d, const struct dialog *dialog);

/*
 * "the second", of several values of one entity that the words seen name: a turn with that value and without an intent;
 * without a slot where they name no such row. Of entities that carry only if `carried`.
 * ordinal  from 1; 0: the last
 */
struct dialog_turn dialog_nth(const struct docent *d, const struct observed *seen, bool carried, uint16_t ordinal);

void dialog_remember(const struct docent *d, struct dialog *dialog, const struct dialog_turn *turn);

/* The words of the last question that said something by itself, to be read together with a question that does not. */
void dialog_remember_words(struct dialog *dialog, const struct word *words, size_t n);
size_t dialog_last_words(const struct docent *d, const struct dialog *dialog, struct word out[DIALOG_WORDS]);

#endif
