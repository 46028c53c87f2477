/*
 * split: a message -> the questions in it.
 *
 * Messages hold greetings, stories, several questions with or without a question mark between them. What is asked is
 * told from what is only said by three signs, the strongest that occurs counting: a question mark or a question word in
 * front; a question word somewhere; neither.
 */
#ifndef DOCENT_ENGINE_SPLIT_H
#define DOCENT_ENGINE_SPLIT_H

#include "engine/normalise.h"

enum { SEGMENTS_MAX = 48 };

enum asks { ASKS_NOTHING, ASKS_INSIDE, ASKS_PLAINLY };

struct segment {
    size_t from, to; /* words, chatter trimmed */
    size_t whole_from, whole_to;
    enum asks how;
    bool asked; /* to be answered; else only said */
};

/* At least one segment where there is a word at all; at most SEGMENTS_MAX, the last then holding the rest. */
size_t split(const struct docent *d, const struct words *words, struct segment out[SEGMENTS_MAX]);

#endif
