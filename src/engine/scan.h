/*
 * scan: bytes -> folded text -> tokens.
 *
 * The first two steps of reading, for questions and for the texts of packs alike.
 *     struct scan s = {fold_text(text, arena)};
 *     struct token t;
 *     while (scan_token(&s, &t)) …
 */
#ifndef DOCENT_ENGINE_SCAN_H
#define DOCENT_ENGINE_SCAN_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>

/*
 * Folds any bytes: lower case by Unicode case folding (CaseFolding.txt, C and F), compatibility forms and marks gone
 * (utf8proc: NFKD, strip marks), punctuation of word processors as ASCII's, other symbols and control characters as
 * spaces, zero-width characters gone. Invalid UTF-8 becomes U+FFFD, which is a symbol. Never fails.
 * The result is in the arena, or the text itself where nothing is to be folded.
 */
struct str fold_text(struct str text, struct arena *a);

/* nothing; , : ( ) or line end; . ! ; or empty line; the number of a list, "2)"; ? */
enum brk { BRK_NONE, BRK_WEAK, BRK_STRONG, BRK_ITEM, BRK_QUESTION };

struct scan {
    struct str rest; /* folded text not yet read */
    enum brk brk;    /* seen since the last token; after the last one: what ends the text */
    int items;       /* numbered items seen so far: "1) … 2) …" */
    bool begun;      /* a token has been read */
};

enum { TOKEN_MAX = 48 };

struct token {
    struct str text; /* a word without punctuation, but for apostrophes inside; figures as digits (42k -> 42000) */
    enum brk brk;    /* what stood before it */
    char bytes[TOKEN_MAX]; /* holds text; the rest of a longer word is dropped */
};

bool scan_token(struct scan *s, struct token *t);

#endif
