/*
 * pattern_reader: one pass over a pattern, shared by the files that read it: pattern_words.c has its words and names,
 * pattern_read.c what holds them together. Not for others.
 */
#ifndef DOCENT_ENGINE_PATTERN_READER_H
#define DOCENT_ENGINE_PATTERN_READER_H

#include "engine/pattern_read.h"

enum { KIND_WORD, KIND_GROUP, KIND_ENTITY, KIND_VALUE, KIND_DIGITS, KIND_SHIFT = 28 };
#define EARLY_SIGNAL(kind, index) ((uint32_t)(kind) << KIND_SHIFT | (uint32_t)(index))

/* The signals one of which stands where a match of what was read begins. */
struct starts {
    uint32_t *signals;
    size_t n, cap;
    bool open; /* so far it may match nothing: what is read next can be what it begins with */
    bool any;  /* it may begin with something that no signal tells */
};

/* One pass over a pattern. */
struct reader {
    struct docent *d;
    struct arena *a;
    const struct pattern *pattern;
    struct str text;
    size_t at;
    struct buf *out; /* NULL: no expression is wanted */
    bool quiet;      /* inside a negated part: nothing is required there */
    bool keep_bits;
    bool lean; /* leave out what signals tell of */
    size_t captures;
    size_t words; /* that what was read since the row began matches at most; WORDS_ANY: no bound */
    bool ends;    /* the row read last ends with "$" */
    struct starts starts;
    struct pattern_reading *got;
};

void reader_fault(struct reader *r, size_t at, const char *message, const char *hint); /* the first one is kept */
char reader_look(const struct reader *r, size_t ahead); /* what is to be read next, or NUL at the end */
size_t reader_written(const struct reader *r);          /* bytes of the expression */
void reader_count(struct reader *r, size_t words);      /* notes how many words what was read matches at most */
void reader_require(struct reader *r, const uint32_t *signals, size_t n); /* one of these must be there */

/* Notes what stands here, in case that a match begins with it: a signal, or something that no signal tells. */
void reader_start(struct reader *r, uint32_t signal);
void reader_start_any(struct reader *r);

/* Notes what stands at [from, r->at). The bit returned is to be filled in further. */
struct pattern_bit *reader_note(struct reader *r, enum pattern_bit_kind kind, size_t from, size_t expression_at);

struct named { /* what a name in <> stands for; NONE where it is not of that kind */
    uint16_t group, entity, value;
    struct str value_name;
};
struct named reader_find_name(const struct reader *r, struct str name);
uint32_t reader_signal(const struct reader *r, uint16_t entity, uint16_t value); /* of a value, or of any: NONE */

void reader_name(struct reader *r); /* <group>, <entity> or <entity:value> */
void reader_word(struct reader *r); /* up to the next space or the end of the group around it */

bool reader_plain_char(char c); /* does it stand for itself? */
bool reader_quantifier(char c);
bool reader_opens_group(const struct reader *r, bool inside_word); /* is the "(" here one of a group of words? */

#endif
