#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/pattern_side.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

/*
 * JIT compiling costs about as much as 70 interpreted matches of the same side, and four times the memory of its byte code:
 * it is for the sides that are matched all the time, and no more than fit in two megabytes. (Measured with the careers pack.)
 */
enum { JIT_AFTER = 64, JIT_BYTES_MAX = 2 << 20, BUCKETS = 4096 };

static const uint32_t NO_SIDE = UINT32_MAX;

struct side {
    struct str text;
    uint16_t pack;
    bool negated, anchored;
    uint32_t *starts; /* signals in order, see pattern_read.h; NULL: not known */
    size_t n_starts;
    uint64_t start_bits; /* for each of these, the bit of its number modulo 64: most others are told from them by it */
    pcre2_code *code;                     /* NULL: PCRE2 refused the expression, */
    int error;                            /* for this reason, */
    size_t error_at;                      /* at this byte */
    uint64_t question;                    /* the one that it was matched with last: */
    uint64_t pinned[OBSERVED_WORDS / 64]; /* what it accounted for, */
    bool held;                            /* if it held at all */
    uint32_t uses;
    uint32_t next; /* in the same bucket; NO_SIDE: the last */
};

struct sides {
    struct arena *arena;
    struct side *items;
    size_t n, cap;
    uint32_t buckets[BUCKETS];
    uint64_t question;
    size_t jit_bytes;
    pcre2_compile_context *compile_context;
    pcre2_match_context *match_context;
    pcre2_match_data *match_data;
};

struct sides *sides_new(struct arena *a)
{
    struct sides *sides = arena_alloc(a, sizeof *sides);
    sides->arena = a;
    for (size_t i = 0; i < BUCKETS; i++)
        sides->buckets[i] = NO_SIDE;
    sides->compile_context = pcre2_compile_context_create(NULL);
    sides->match_context = pcre2_match_context_create(NULL);
    sides->match_data = pcre2_match_data_create(PATTERN_CAPTURES + 1, NULL);
    if (!sides->compile_context || !sides->match_context || !sides->match_data)
        abort();
    pcre2_set_match_limit(sides->match_context, PATTERN_MATCH_LIMIT);
    pcre2_set_depth_limit(sides->match_context, PATTERN_DEPTH_LIMIT);
    pcre2_set_heap_limit(sides->match_context, PATTERN_HEAP_LIMIT_KB);
    return sides;
}

void sides_free(struct sides *sides)
{
    if (!sides)
        return;
    for (size_t i = 0; i < sides->n; i++)
        pcre2_code_free(sides->items[i].code);
    pcre2_match_data_free(sides->match_data);
    pcre2_match_context_free(sides->match_context);
    pcre2_compile_context_free(sides->compile_context);
}

/* --- compiling ---------------------------------------------------------------------------------------------- */

/*
 * Words stand in patterns as they stand in questions, byte for byte, and what may stand between them ends with a space: PCRE2
 * needs to know of UTF-8 only where an author uses more of it, and is faster where it need not.
 */
static pcre2_code *compile(const struct sides *sides, struct str expression, bool raw, int *error, size_t *error_at)
{
    uint32_t options = PCRE2_ANCHORED | PCRE2_NEVER_BACKSLASH_C | (raw ? PCRE2_UTF : 0);
    return pcre2_compile((PCRE2_SPTR)expression.p, expression.n, options, error, error_at, sides->compile_context);
}

/* In front of an expression that may match anywhere, where nothing tells where to try. */
static const char from_any_word[] = FROM_ANY_WORD "(?:";

static bool is_sought(const struct side *side)
{
    return !side->starts && !side->anchored;
}

static void compile_side(const struct sides *sides, struct side *side, struct str expression, bool raw)
{
    struct arena scratch = {0};
    if (is_sought(side))
        expression = ARENA_JOIN(&scratch, str_of(from_any_word), expression, STR(")"));
    side->code = compile(sides, expression, raw, &side->error, &side->error_at);
    arena_release(&scratch);
}

static int by_number(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static void take_starts(const struct sides *sides, const struct docent *d, const struct pattern_side *from,
                        struct side *side)
{
    if (!from->starts)
        return;
    side->starts = arena_raw(sides->arena, from->n_starts * sizeof *side->starts);
    side->n_starts = from->n_starts;
    for (size_t i = 0; i < from->n_starts; i++)
        side->starts[i] = late_signal(d, from->starts[i]);
    for (size_t i = 0; i < from->n_starts; i++)
        side->start_bits |= UINT64_C(1) << side->starts[i] % 64;
    qsort(side->starts, side->n_starts, sizeof *side->starts, by_number);
}

uint32_t sides_add(struct sides *sides, const struct docent *d, const struct pattern *pattern,
                   const struct pattern_side *from, struct str expression)
{
    struct side side = {.text = str_trim(str_sub(pattern->text, from->from, from->to)),
                        .pack = d->intents[pattern->intent].pack,
                        .negated = from->negated,
                        .anchored = from->anchored};
    uint32_t *bucket = &sides->buckets[(str_hash(side.text) + side.pack) % BUCKETS];
    for (uint32_t i = *bucket; i != NO_SIDE; i = sides->items[i].next)
        if (str_eq(sides->items[i].text, side.text) && sides->items[i].pack == side.pack)
            return i;
    take_starts(sides, d, from, &side);
    compile_side(sides, &side, str_sub(expression, from->written_from, from->written_to), from->raw);
    side.next = *bucket;
    *bucket = (uint32_t)sides->n;
    *ARENA_PUSH(sides->arena, sides->items, sides->n, sides->cap) = side;
    return *bucket;
}

const char *side_fault(const struct sides *sides, uint32_t side, struct arena *a, size_t *at)
{
    const struct side *s = &sides->items[side];
    if (s->code)
        return NULL;
    PCRE2_UCHAR message[160];
    pcre2_get_error_message(s->error, message, sizeof message);
    size_t before = is_sought(s) ? strlen(from_any_word) : 0;
    *at = s->error_at > before ? s->error_at - before : 0;
    return arena_str(a, str_of((const char *)message)).p;
}

static void compile_further(struct sides *sides, const struct side *side)
{
    size_t size = 0;
    if (pcre2_jit_compile(side->code, PCRE2_JIT_COMPLETE) == 0 &&
        pcre2_pattern_info(side->code, PCRE2_INFO_JITSIZE, &size) == 0)
        sides->jit_bytes += size;
}

/* --- matching ----------------------------------------------------------------------------------------------- */

void sides_next_question(struct sides *sides)
{
    sides->question++;
}

static void pin_words(const struct observed *seen, size_t from, size_t to, uint64_t *pinned)
{
    const uint16_t *offsets = seen->offsets;
    for (size_t i = 0; i < seen->n && (size_t)(offsets[i] - offsets[0]) < to; i++)
        if ((size_t)(offsets[i] - offsets[0]) >= from)
            pinned[i / 64] |= UINT64_C(1) << i % 64;
}

static enum pattern_trial trial_of(int pairs)
{
    return pairs >= 0 ? TRIAL_MATCH : pairs == PCRE2_ERROR_NOMATCH ? TRIAL_MISS : TRIAL_LIMIT;
}

static enum pattern_trial match_at(struct sides *sides, struct side *side, const struct observed *seen, size_t word,
                                   struct match_stats *stats)
{
    if (side->uses <= JIT_AFTER && ++side->uses == JIT_AFTER && sides->jit_bytes < JIT_BYTES_MAX)
        compile_further(sides, side);
    size_t at = (size_t)(seen->offsets[word] - seen->offsets[0]);
    int pairs = pcre2_match(side->code, (PCRE2_SPTR)seen->text.p, seen->text.n, at, PCRE2_NO_UTF_CHECK,
                            sides->match_data, sides->match_context);
    stats->matches++;
    stats->limited += trial_of(pairs) == TRIAL_LIMIT;
    const PCRE2_SIZE *spans = pcre2_get_ovector_pointer(sides->match_data);
    for (int i = 1; i < pairs; i++)
        if (spans[2 * i] != PCRE2_UNSET)
            pin_words(seen, spans[2 * i], spans[2 * i + 1], side->pinned);
    return trial_of(pairs);
}

static bool is_start(const struct side *side, uint32_t signal)
{
    return side->start_bits >> signal % 64 & 1 &&
           bsearch(&signal, side->starts, side->n_starts, sizeof signal, by_number);
}

static bool may_start_at(const struct docent *d, const struct side *side, const struct observed *seen, size_t word)
{
    bool may = is_start(side, seen->ids[word]);
    for (size_t i = seen->spots_from[word]; !may && i < seen->n_spots && seen->spots[i].at == word; i++) {
        const struct spot *spot = &seen->spots[i];
        may =
            is_start(side, spot->signal) || (spot->entity != NONE && is_start(side, signal_of_entity(d, spot->entity)));
    }
    return may;
}

static bool any_start(const struct side *side, const struct observed *seen)
{
    for (size_t i = 0; i < side->n_starts; i++)
        if (signal_set(seen, side->starts[i]))
            return true;
    return false;
}

static enum pattern_trial find(struct sides *sides, const struct docent *d, struct side *side,
                               const struct observed *seen, struct match_stats *stats)
{
    if (!side->starts)
        return match_at(sides, side, seen, 0, stats);
    enum pattern_trial trial = TRIAL_MISS;
    size_t n = any_start(side, seen) ? side->anchored ? 1 : seen->n : 0;
    for (size_t i = 0; trial == TRIAL_MISS && i < n; i++)
        if (may_start_at(d, side, seen, i))
            trial = match_at(sides, side, seen, i, stats);
    return trial;
}

static bool holds(const struct side *side, enum pattern_trial found)
{
    return found == (side->negated ? TRIAL_MISS : TRIAL_MATCH);
}

bool side_match(struct sides *sides, const struct docent *d, uint32_t number, const struct observed *seen,
                uint64_t pinned[OBSERVED_WORDS / 64], struct match_stats *stats)
{
    struct side *side = &sides->items[number];
    if (!side->code)
        return false;
    if (side->question != sides->question) {
        side->question = sides->question;
        memset(side->pinned, 0, sizeof side->pinned);
        side->held = holds(side, find(sides, d, side, seen, stats));
    }
    for (size_t i = 0; side->held && i < OBSERVED_WORDS / 64; i++)
        pinned[i] |= side->pinned[i];
    return side->held;
}

static enum pattern_trial try_at(const struct sides *sides, const pcre2_code *code, struct str words, size_t at)
{
    return trial_of(
        pcre2_match(code, (PCRE2_SPTR)words.p, words.n, at, PCRE2_NO_JIT, sides->match_data, sides->match_context));
}

enum pattern_trial side_try(struct sides *sides, uint32_t number, struct str words)
{
    const struct side *side = &sides->items[number];
    if (!side->code)
        return TRIAL_MISS;
    enum pattern_trial found = try_at(sides, side->code, words, 0);
    for (size_t at = 1; found == TRIAL_MISS && side->starts && !side->anchored && at < words.n; at++)
        if (words.p[at - 1] == ' ')
            found = try_at(sides, side->code, words, at);
    return found == TRIAL_LIMIT ? TRIAL_LIMIT : holds(side, found) ? TRIAL_MATCH : TRIAL_MISS;
}

enum pattern_trial expression_try(struct sides *sides, struct str expression, struct str words)
{
    int error;
    size_t at;
    pcre2_code *code = compile(sides, expression, true, &error, &at);
    enum pattern_trial trial = code ? try_at(sides, code, words, 0) : TRIAL_MISS;
    pcre2_code_free(code);
    return trial;
}
