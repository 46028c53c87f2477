/*
 * slips: how far a typed word is from one that may have been meant, letter by letter and by ear.
 *
 * Counted in tenths of a slip: letters that are swapped, doubled, dropped, added, changed for another, best for one whose key
 * lies next to it, or moved. Words are lower case. Nothing is near an empty word, or one of more than WORD_MAX letters.
 */
#ifndef DOCENT_ENGINE_SLIPS_H
#define DOCENT_ENGINE_SLIPS_H

#include "base/str.h"
#include "engine/lexicon.h"

#include <stdbool.h>
#include <stdint.h>

enum { LETTERS = 27 }; /* the last one stands for all that are none */

struct typed { /* a word that is compared with many */
    struct str text;
    uint32_t letters;
    uint64_t places[LETTERS]; /* of each letter, as bits */
};

bool is_vowel(char c);
uint32_t letters_of(struct str word); /* a bit for each letter that occurs */
struct typed typed_of(struct str word);

/* What it costs to have typed one letter where another was meant. */
void slips_fill(uint8_t changes[LETTERS][LETTERS]);

/* Tenths of a slip between what was typed and a word; `most` + 1 where they are more than `most`. */
unsigned slips(const uint8_t changes[LETTERS][LETTERS], const struct typed *typed, struct str word, uint32_t letters,
               unsigned most);

/* At least so many lie between words of these letters. */
unsigned least_slips(uint32_t a, uint32_t b);

/*
 * What is added where another letter stands in front, which is seldom a slip: in "tkae" and "atke" for "take" two letters
 * are out of order, and neither has a wrong one there. Part of slips().
 */
unsigned slip_in_front(struct str a, struct str b);

/* A word written as it sounds, with its vowels: "phone" -> "fone", "school" -> "skool". A view into out. */
struct str by_ear(struct str word, char out[WORD_MAX]);

/* Roughly how a word sounds: consonants as one letter for all that sound alike, vowels only at the start. Its length. */
enum { SOUND_MAX = 16 };
size_t sound_of(struct str word, char out[SOUND_MAX]);

#endif
