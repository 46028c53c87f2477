/*
 * normalise: a message as typed -> words ready for matching.
 *
 * Contractions are written out, typing errors corrected, plurals folded, a pack's replacements made, filler dropped.
 * Everything returned lives in the arena.
 *     struct words w = normalise(d, STR("Hi, how much do coders EARN?"), &a);   // how much do coder earn
 *
 * text  any bytes; past DOCENT_TEXT_MAX characters it is cut. Never fails.
 * bold  ordinary English words that no pack knows may be typing errors too ("manger"): for a second try only
 */
#ifndef DOCENT_ENGINE_NORMALISE_H
#define DOCENT_ENGINE_NORMALISE_H

#include "base/arena.h"
#include "base/str.h"
#include "docent.h"
#include "engine/scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct word {
    struct str text; /* folded */
    uint32_t id;     /* in the lexicon; 0: unknown */
    enum brk brk;    /* what stands before it */
    bool doubtful;   /* a second try, see bold, may take it for another word */
};

struct words {
    struct word *items;
    size_t n;
    enum brk end; /* what stands behind the last word */
    struct correction *corrections;
    size_t n_corrections;
    bool cut; /* the message was too long */
};

struct words normalise(const struct docent *d, struct str text, bool bold, struct arena *a);

/* Length of the longest phrase of the kind that begins at words[at], or 0; *owner (if not NULL) is whose it is. */
size_t phrase_of_kind(const struct docent *d, const struct word *words, size_t n, size_t at, int kind, uint16_t *owner);

/* Words [from, to) without openers in front ("can you tell me") and closers behind ("thanks"), unless nothing were left. */
void trim_chatter(const struct docent *d, const struct word *words, size_t *from, size_t *to);

#endif
