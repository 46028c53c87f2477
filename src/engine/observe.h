/*
 * observe: what is in a question: its words, the phrases of groups and entities among them, and the signals that the
 * index of patterns goes by.
 */
#ifndef DOCENT_ENGINE_OBSERVE_H
#define DOCENT_ENGINE_OBSERVE_H

#include "engine/normalise.h"
#include "engine/pack.h"

#include <stdint.h>

enum { OBSERVED_WORDS = 256 }; /* words of one question that are looked at; the rest is left */

struct mention { /* a value of an entity, named in the question */
    uint16_t entity, value;
    uint16_t from, to; /* words, half open */
};

struct spot {               /* where a phrase of a group or of an entity's value stands */
    uint32_t signal;        /* of the group, or of the value */
    uint16_t at, n;         /* words */
    uint16_t entity, value; /* NONE: it is a group's */
};

struct observed {
    const struct word *words;
    size_t n; /* at most OBSERVED_WORDS; by word: */
    const uint32_t *ids;
    const uint32_t *starts;  /* word_start of each */
    const uint16_t *offsets; /* where it stands in text, and where that ends; to be counted from the first one's */
    uint16_t *spots_from;    /* the first of its spots */
    uint16_t *content;       /* which of the words are no words of grammar; n_content of them */
    size_t n_content;
    struct str text;   /* each word with a space behind it */
    uint64_t *signals; /* bit set over signals */
    uint32_t *present; /* the signals that are set */
    size_t n_present, cap_present;
    struct spot *spots; /* by word, the longest first */
    size_t n_spots, cap_spots;
    struct mention *mentions; /* longest first where phrases overlap; in order of the words */
    size_t n_mentions, cap_mentions;
    double weight; /* sum of word weights */
};

/* Numbers of signals: words first, then groups, entities, values, and one for words with a digit in them. */
uint32_t signal_of_group(const struct docent *d, uint16_t group);
uint32_t signal_of_entity(const struct docent *d, uint16_t entity);
uint32_t signal_of_value(const struct docent *d, uint16_t entity, uint16_t value);
uint32_t signal_of_digits(const struct docent *d);
uint32_t signals_count(const struct docent *d);

static inline bool signal_set(const struct observed *o, uint32_t signal)
{
    return o->signals[signal / 64] >> signal % 64 & 1;
}

/*
 * 1 for a word with content, less for grammar. So short a word that the packs do not know is mostly grammar, too, typed
 * wrongly: "teh", "fo"; what has a digit in it is a figure.
 */
enum { SLIGHT_LETTERS = 3 };
static inline double word_weight(const struct docent *d, const struct word *w)
{
    bool slight =
        w->id ? d->lexicon.words[w->id].flags & WORD_FUNCTION : w->text.n <= SLIGHT_LETTERS && !str_has_digit(w->text);
    return slight ? 0.2 : 1.0;
}

/* What is returned lives as long as the words and the arena. */
void observe(const struct docent *d, const struct word *words, size_t n, struct arena *a, struct observed *out);

/* The same for words that may be some of those of `whole` (NULL: they are not): what was seen there is not looked for again. */
void observe_part(const struct docent *d, const struct observed *whole, const struct word *words, size_t n,
                  struct arena *a, struct observed *out);

#endif
