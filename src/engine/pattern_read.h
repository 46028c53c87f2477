/*
 * pattern_read: a pattern as written -> its PCRE2 expression, and the clauses that the index goes by.
 *
 *     struct pattern_reading r;
 *     pattern_read(d, &pattern, PATTERN_WHOLE, &arena, &out, &r);  // out: "^(?:[^ ]+ )*?(?:(how much (?:do |does )…"
 *     if (r.fault) …
 */
#ifndef DOCENT_ENGINE_PATTERN_READ_H
#define DOCENT_ENGINE_PATTERN_READ_H

#include "base/buf.h"
#include "engine/pattern.h"

/* What stands in front of what may match anywhere. It goes by whole words: as good as trying everywhere, and much faster. */
#define FROM_ANY_WORD "(?:[^ ]+ )*?"

enum { CLAUSES_MAX = 24, EXPRESSION_MAX = 256 * 1024, WORDS_ANY = 0xFFFF };

/*
 * "At least one of these terms must be there." A term is a signal, or several that must be there together: all but its last
 * have the flag WITH_NEXT. While packs are loaded signals are early ones, see below.
 */
#define WITH_NEXT (UINT32_C(1) << 31)
struct clause {
    uint32_t *signals;
    uint32_t n;
};

/*
 * One side of "&", for PATTERN_LEAN; there is none where the signals forbidden tell all that it says. Its expression is
 * for the place where the match begins: in front of any word, or of the first.
 */
struct pattern_side {
    size_t from, to;                 /* bytes of the pattern */
    size_t written_from, written_to; /* bytes of the expression */
    bool negated, anchored;
    bool raw;
    uint32_t *starts; /* early signals one of which stands where a match begins; NULL: not known */
    size_t n_starts;
};

struct pattern_reading {
    struct clause clauses[CLAUSES_MAX];
    size_t n_clauses;
    uint32_t *forbidden; /* signals none of which must be there */
    size_t n_forbidden, cap_forbidden;
    uint16_t words_max;         /* of questions that it can match; WORDS_ANY: no bound */
    bool raw;                   /* holds PCRE2 of the author's own */
    struct pattern_side *sides; /* of PATTERN_LEAN */
    size_t n_sides, cap_sides;
    const char *fault, *hint; /* the first problem, and where; NULL: none */
    size_t fault_at;
    struct pattern_bit *bits; /* not of PATTERN_WHOLE */
    size_t n_bits, cap_bits;
};

/*
 * PATTERN_WHOLE  for the clauses and faults, or the expression as it reads
 * PATTERN_BITS   for what the pattern is made of, too
 * PATTERN_LEAN   the same for a question with none of the forbidden signals: the sides, without what these signals tell of,
 *                one behind the other
 */
enum pattern_use { PATTERN_WHOLE, PATTERN_BITS, PATTERN_LEAN };

/*
 * expression  gets what PCRE2 is to compile; NULL: not wanted, the clauses and faults are all
 * a           holds clauses and bits
 * Words that are new become known to the lexicon, so packs must still be loading when there is no expression to write.
 */
void pattern_read(struct docent *d, const struct pattern *pattern, enum pattern_use use, struct arena *a,
                  struct buf *expression, struct pattern_reading *out);

/* While packs are loaded the number of words grows, and signals with it: until then a signal is a kind and an index. */
uint32_t late_signal(const struct docent *d, uint32_t early);

#endif
