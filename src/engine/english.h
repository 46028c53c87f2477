/*
 * english: what docent knows of the language, as tables. Nothing here is about any subject.
 *
 * All words are lower case and as people type them; the lexicon folds them with everything else.
 */
#ifndef DOCENT_ENGINE_ENGLISH_H
#define DOCENT_ENGINE_ENGLISH_H

#include <stddef.h>
#include <stdint.h>

struct english_pair {
    const char *from, *to;
};

extern const struct english_pair english_spoken[];   /* contractions, texting, number words: one word -> words */
extern const struct english_pair english_variants[]; /* beginning of a British spelling -> American one */
extern const struct english_pair english_folds[];    /* irregular forms, beside plural and third-person -s */
extern const char *const english_filler[];           /* words that say nothing wherever they stand */
extern const char *const english_openers[];          /* phrases before a question that are not part of it */
extern const char *const english_closers[];          /* phrases behind it */
extern const char *const english_function_words[];   /* words of grammar: they carry no subject */
extern const char *const english_question_words[];   /* words that begin a question */
extern const char *const english_referring[];        /* words that point back: it, they, that, … */

/* What people say about the conversation itself. Each table ends with NULL, as all of these do. */
extern const char *const english_more[];            /* tell me more */
extern const char *const english_why[];             /* why? */
extern const char *const english_both[];            /* both of them */
extern const char *const english_either[];          /* I do not mind */
extern const char *const english_other[];           /* the other one */
extern const char *const english_back[];            /* beginnings: back to … */
extern const char *const english_rather[];          /* beginnings: no, I meant … */
extern const char *const english_and[];             /* beginnings: and …, what about … */
extern const char *const *const english_ordinals[]; /* lists of ways to say last, first, second, … */

uint64_t english_hash(void); /* of all of them, and of the word list: is what was kept of words of this English? */

#endif
