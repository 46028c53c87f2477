/*
 * meaning: what the words of one question mean, because of themselves and of what was said before.
 *
 * A message is looked at from several sides: as questions, as parts of a list, as statements around a question. Each is
 * a range of its words; make_out tells what it means. A range is read once, however often it is looked at.
 */
#ifndef DOCENT_ENGINE_MEANING_H
#define DOCENT_ENGINE_MEANING_H

#include "engine/answer.h"
#include "engine/dialog.h"
#include "engine/split.h"
#include "engine/understand.h"

struct read_before { /* a range of words that was understood already */
    const struct word *words;
    size_t from, to;
    uint16_t last;
    const struct reading *reading;
};

struct asking { /* a message while it is being answered */
    const struct docent *d;
    struct dialog *dialog;
    struct arena *a;
    struct str text; /* what the words were read from; empty: not from a text */
    struct words words;
    struct around around;
    struct dialog_turn nearby; /* values that the message names anywhere */
    struct telling tell;
    struct trace *trace; /* NULL: nobody asked why */
    struct match_stats stats;
    struct read_before *read;
    size_t n_read, cap_read, words_read;
    uint64_t hash;
};

struct meaning { /* what one question turned out to mean */
    const struct reading *reading;
    struct dialog_turn turn; /* without an intent: nothing clear */
    const char *decision;
};

const struct reading *read_range(struct asking *q, size_t from, size_t to); /* lives as long as the message */

/* Of a message of several sentences: segments[at] alone where that is clear, else together with what is said around it. */
const struct reading *read_in_story(struct asking *q, const struct segment *segments, size_t n, size_t at);

bool is_clear(const struct reading *r);

bool has_content(const struct docent *d, const struct observed *seen); /* is there a word that is no word of grammar? */

bool asks_which(const struct observed *seen); /* or who */

size_t content_words(const struct docent *d, const struct observed *seen); /* besides the values of entities */

/* The words [from, to) as one question. */
struct meaning make_out(struct asking *q, size_t from, size_t to);

/* Takes the best intent of the reading for what is meant, with the slots that are named or carried over. */
void settle(struct asking *q, const struct leaning *l, struct meaning *m);

#endif
