/*
 * lexicon: every word that docent knows, numbered, with what is known of it.
 *
 * Words are kept in folded form (see word_fold). The number of a word is its place in `words`; 0 stands for a word that
 * nobody knows. Filled while packs are loaded, only read afterwards; everything lives in the arena of the packs.
 */
#ifndef DOCENT_ENGINE_LEXICON_H
#define DOCENT_ENGINE_LEXICON_H

#include "base/arena.h"
#include "base/str.h"
#include "engine/keep.h"

#include <stdbool.h>
#include <stdint.h>

enum word_flag {
    WORD_SUBJECT = 1,    /* in patterns, groups, entities, examples or facts of a pack */
    WORD_FUNCTION = 2,   /* a word of grammar: says nothing about the subject */
    WORD_FILLER = 4,     /* left out wherever it stands */
    WORD_QUESTION = 8,   /* begins a question */
    WORD_REFERRING = 16, /* points back: it, they, that */
    WORD_PLURAL = 32,    /* packs say it with an -s, too */
};

struct lex_word {
    struct str text;
    uint32_t flags;
    uint32_t count;            /* how often packs say it */
    uint32_t anchors;          /* bit set of packs (the first 32) whose subject it shows a question to be about */
    uint32_t begins, n_begins; /* the phrases that begin with it: from where in lexicon.ordered, and how many */
    uint32_t start;            /* hash of its first letters: words that begin alike are mostly forms of one */
};

/* What a phrase is found for: a pack's groups and entities first, then a pack's replacements, then what English says. */
enum phrase_kind {
    PHRASE_GROUP,
    PHRASE_ENTITY,
    PHRASE_REPLACE,
    PHRASE_OPENER,
    PHRASE_CLOSER, /* not part of the question */
    PHRASE_AND,
    PHRASE_RATHER,
    PHRASE_BACK, /* beginnings: and what about …; no, I meant …; back to … */
    PHRASE_MORE,
    PHRASE_WHY,
    PHRASE_BOTH,
    PHRASE_EITHER,
    PHRASE_OTHER,
    PHRASE_ORDINAL, /* whole questions; ordinal: owner counts from 1, 0 is the last */
};

/* The flag of words that begin a phrase of this kind. */
static inline uint32_t word_begins(int kind)
{
    return UINT32_C(256) << kind;
}

enum { START_LETTERS = 5 };
uint32_t word_start(struct str word); /* what `start` is */

struct phrase { /* a row of words that stands for something */
    const uint32_t *words;
    uint32_t second; /* the second of them, by which most with the same first one are told apart; 0: there is none */
    uint16_t n;
    uint16_t owner; /* group or entity index; for a replacement the index of what takes its place */
    uint16_t value; /* value of the entity */
    uint8_t kind;
};

struct word_row { /* words that take the place of others */
    const uint32_t *words;
    uint16_t n;
};

struct spoken { /* a form that is written out: "dont" */
    struct str form;
    struct word_row row;
};

struct lexicon {
    struct arena *arena;
    struct lex_word *words;
    size_t n_words, cap_words;
    uint32_t *table; /* word numbers by hash, open addressing */
    size_t table_size;
    struct phrase *phrases;
    size_t n_phrases, cap_phrases;
    struct phrase *ordered; /* the same by first word, then longer ones first, then in the order in which they came */
    struct word_row *replacements;
    size_t n_replacements, cap_replacements;
    struct form_seen {
        struct str form;
        uint32_t word, hash;
    } * forms; /* forms read while loading, and their words */
    size_t n_forms, forms_size;
    struct arena of_forms; /* their texts */
    struct arena scratch;  /* for folding, while loading */
    struct spoken *spoken; /* open addressing by hash of the form */
    size_t spoken_size;
};

void lexicon_init(struct lexicon *lex, struct arena *a); /* with the words of English in it */

/* All of it in rows, once packs are loaded; and the same from these. False: they are damaged. */
void lexicon_keep(const struct lexicon *lex, struct buf *out);
bool lexicon_take(struct lexicon *lex, struct kept *k, struct arena *a);

/*
 * A single word in the form that words are compared in: plural and third-person -s taken off, some irregular forms
 * and British spellings replaced. Idempotent. `out` has room for WORD_MAX bytes; longer words are cut.
 */
enum { WORD_MAX = 48 };
struct str word_fold(struct str word, char out[WORD_MAX]);

uint32_t lexicon_find(const struct lexicon *lex, struct str folded); /* 0: unknown */
uint32_t lexicon_add(struct lexicon *lex, struct str folded, uint32_t flags);
const struct word_row *lexicon_spoken(const struct lexicon *lex, struct str form); /* NULL: stands for itself */
void lexicon_speak(struct lexicon *lex, struct str form, struct word_row row);     /* the form stands for these */

/*
 * Reads a text as a pack's author writes it into words, the way questions are read, filler left out.
 * Returns the number of words, at most max.
 */
size_t lexicon_read(struct lexicon *lex, struct str text, uint32_t flags, uint32_t *out, size_t max);

/* The same once packs are loaded: adds none, 0 stands for words that nobody knows. */
size_t lexicon_look(const struct lexicon *lex, struct str text, uint32_t *out, size_t max);

void lexicon_phrase(struct lexicon *lex, enum phrase_kind kind, uint16_t owner, uint16_t value, const uint32_t *words,
                    size_t n);
void lexicon_replace(struct lexicon *lex, struct str from, struct str to); /* a pack's own replacement */

void lexicon_done(struct lexicon *lex);  /* loading is over: gives back what only that needs */
void lexicon_order(struct lexicon *lex); /* … and phrases can be found: puts them in order */

/* The next phrase of these kinds that may begin with a word and its follower, see phrase_next. */
static inline const struct phrase *phrase_beginning(const struct lexicon *lex, uint32_t word, uint32_t follower,
                                                    uint32_t kinds, uint32_t *i)
{
    const struct lex_word *w = &lex->words[word];
    if (!(w->flags & kinds))
        return NULL;
    while (*i < w->n_begins) {
        const struct phrase *p = &lex->ordered[w->begins + (*i)++];
        if ((!p->second || p->second == follower) && word_begins(p->kind) & kinds)
            return p;
    }
    return NULL;
}

/* Does the phrase stand in words[at…]? The words are numbers. */
static inline bool phrase_at(const struct phrase *p, const uint32_t *words, size_t n, size_t at)
{
    if (p->n > n - at)
        return false;
    for (size_t i = 0; i < p->n; i++)
        if (p->words[i] != words[at + i])
            return false;
    return true;
}

/*
 * The next phrase that stands in words[at…], longer ones first; NULL: there is none left. *i begins at 0.
 * kinds  word_begins() of each that is wanted
 */
static inline const struct phrase *phrase_next(const struct lexicon *lex, const uint32_t *words, size_t n, size_t at,
                                               uint32_t kinds, uint32_t *i)
{
    const struct phrase *p;
    while ((p = phrase_beginning(lex, words[at], at + 1 < n ? words[at + 1] : 0, kinds, i)) != NULL)
        if (p->n <= 2 || phrase_at(p, words, n, at)) /* two words have been compared */
            return p;
    return NULL;
}

#endif
