/*
 * spell: words that people mistype -> words of the packs.
 *
 * Only words that neither the packs nor an ordinary English word list know are touched, and they become words of the
 * packs only. How far a word may be from its correction grows with its length; where two words are equally near,
 * nothing is done. Which words of English are ordinary comes from a table made when docent is built (words/mkwords.c).
 */
#ifndef DOCENT_ENGINE_SPELL_H
#define DOCENT_ENGINE_SPELL_H

#include "base/arena.h"
#include "base/str.h"
#include "engine/lexicon.h"

#include <stdbool.h>
#include <stdint.h>

struct speller;

/* Lives in the arena, which must be there as long as it; reads the lexicon when the first word is to be corrected. */
struct speller *speller_new(const struct lexicon *lex, struct arena *a);

bool english_knows(struct str word); /* lower case, as typed; a few wrong words in a thousand pass too */

struct spelling {
    uint32_t word;      /* the number of the word that was meant, or 0 */
    uint32_t rival;     /* another that is hardly farther, or as near as one more; 0: there is none */
    unsigned tenths;    /* of a slip between the two; what is said seldom is a little farther */
    const char *reason; /* a short phrase */
};

/* word  lower case, as typed, not folded, no apostrophes */
struct spelling spell_word(const struct speller *s, struct str word);

/* Two words of the packs that were run together: "salaryof". False when it is not so in one way only. */
bool spell_split(const struct speller *s, struct str word, uint32_t parts[2]);

#endif
