#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/pattern.h"

#include "engine/pattern_index.h"
#include "engine/pattern_read.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

/*
 * JIT compiling costs about as much as 70 interpreted matches of the same pattern, and four times the memory of its byte
 * code: it is for the patterns that are tried all the time, and no more than fit in two megabytes: twice as many made no
 * difference to 33,000 questions. (Measured with the careers pack.)
 */
enum { JIT_AFTER = 64, JIT_BYTES_MAX = 2 << 20 };

struct compiled {
    pcre2_code *code;
    uint32_t uses;
    bool broken;
};

struct patterns {
    struct arena *arena;
    struct pattern *items;
    size_t n, cap;
    struct compiled *compiled;
    struct pattern_index index;
    struct arena scratch; /* for one pattern that is read */
    pcre2_compile_context *compile_context;
    pcre2_match_context *match_context;
    pcre2_match_data *match_data;
    size_t code_bytes, jit_bytes;
};

/* --- the set ------------------------------------------------------------------------------------------------ */

struct patterns *patterns_new(struct arena *a)
{
    struct patterns *p = arena_alloc(a, sizeof *p);
    p->arena = a;
    p->compile_context = pcre2_compile_context_create(NULL);
    p->match_context = pcre2_match_context_create(NULL);
    p->match_data = pcre2_match_data_create(PATTERN_CAPTURES + 1, NULL);
    if (!p->compile_context || !p->match_context || !p->match_data)
        abort();
    pcre2_set_match_limit(p->match_context, PATTERN_MATCH_LIMIT);
    pcre2_set_depth_limit(p->match_context, PATTERN_DEPTH_LIMIT);
    pcre2_set_heap_limit(p->match_context, PATTERN_HEAP_LIMIT_KB);
    return p;
}

void patterns_free(struct patterns *p)
{
    if (!p)
        return;
    for (size_t i = 0; p->compiled && i < p->n; i++)
        pcre2_code_free(p->compiled[i].code);
    index_release(&p->index);
    arena_release(&p->scratch);
    pcre2_match_data_free(p->match_data);
    pcre2_match_context_free(p->match_context);
    pcre2_compile_context_free(p->compile_context);
}

size_t patterns_memory(const struct patterns *p)
{
    return p->code_bytes;
}

uint16_t patterns_count(const struct docent *d)
{
    return (uint16_t)d->patterns->n;
}

const struct pattern *pattern_get(const struct docent *d, uint16_t pattern)
{
    return &d->patterns->items[pattern];
}

void patterns_add(struct docent *d, struct diags *diags, struct str text, struct place place, uint16_t intent,
                  uint16_t after)
{
    struct patterns *all = d->patterns;
    if (text.n > PATTERN_MAX || all->n >= NONE - 1) {
        place_diag(diags, DIAG_ERROR, "limit", place, JSON_WHOLE, "",
                   text.n > PATTERN_MAX ? "a pattern has at most %d bytes" : "more than %d patterns",
                   text.n > PATTERN_MAX ? PATTERN_MAX : NONE - 1);
        return;
    }
    *ARENA_PUSH(all->arena, all->items, all->n, all->cap) =
        (struct pattern){.text = text, .place = place, .intent = intent, .after = after};
}

/* For its faults, its clauses, and so that its words are known. */
static void read_one(struct docent *d, struct pattern *item, struct diags *diags)
{
    struct patterns *all = d->patterns;
    struct pattern_reading r;
    arena_reset(&all->scratch);
    pattern_read(d, item, PATTERN_WHOLE, &all->scratch, NULL, &r);
    item->raw = r.raw;
    item->words_max = r.words_max;
    index_add(&all->index, &r);
    if (r.fault)
        place_diag(diags, DIAG_ERROR, "pattern-syntax", item->place, r.fault_at, r.hint, "pattern does not compile: %s",
                   r.fault);
}

void patterns_read(struct docent *d, struct diags *diags)
{
    for (size_t i = 0; i < d->patterns->n; i++)
        read_one(d, &d->patterns->items[i], diags);
    arena_release(&d->patterns->scratch);
}

void patterns_index(struct docent *d)
{
    struct patterns *all = d->patterns;
    all->compiled = arena_array(all->arena, all->n, sizeof *all->compiled);
    index_build(&all->index, d);
}

/* What is kept of each pattern, but for the index. */
struct kept_pattern {
    uint16_t words_max, raw;
};

void patterns_keep(const struct docent *d, struct buf *out)
{
    const struct patterns *all = d->patterns;
    struct arena scratch = {0};
    struct kept_pattern *kept = arena_array(&scratch, all->n, sizeof *kept);
    for (size_t i = 0; i < all->n; i++)
        kept[i] = (struct kept_pattern){all->items[i].words_max, all->items[i].raw};
    keep_row(out, kept, all->n, sizeof *kept);
    index_keep(&all->index, d, out);
    arena_release(&scratch);
}

bool patterns_take(struct docent *d, struct kept *k)
{
    struct patterns *all = d->patterns;
    const struct kept_pattern *kept = kept_row_of(k, all->n, sizeof *kept);
    if (k->damaged || !index_take(&all->index, d, k, all->n))
        return false;
    for (size_t i = 0; i < all->n; i++) {
        all->items[i].words_max = kept[i].words_max;
        all->items[i].raw = kept[i].raw;
    }
    all->compiled = arena_array(all->arena, all->n, sizeof *all->compiled);
    return true;
}

/* --- compiling ---------------------------------------------------------------------------------------------- */

static struct str expression_for(const struct docent *d, uint16_t pattern, enum pattern_use use, struct arena *a)
{
    struct buf out;
    struct pattern_reading r;
    buf_init(&out, EXPRESSION_MAX);
    pattern_read((struct docent *)d, pattern_get(d, pattern), use, a, &out, &r);
    struct str expression = out.full ? (struct str){NULL, 0} : arena_str(a, buf_str(&out));
    buf_release(&out);
    return expression;
}

struct str pattern_expression(const struct docent *d, uint16_t pattern, struct arena *a)
{
    return expression_for(d, pattern, PATTERN_WHOLE, a);
}

size_t pattern_bits(const struct docent *d, uint16_t pattern, struct arena *a, struct pattern_bit **bits)
{
    struct buf out;
    struct pattern_reading r;
    buf_init(&out, EXPRESSION_MAX);
    pattern_read((struct docent *)d, pattern_get(d, pattern), PATTERN_BITS, a, &out, &r);
    buf_release(&out);
    *bits = r.bits;
    return r.n_bits;
}

/* Where in the pattern as written stands what PCRE2 complains of: in the last raw word before that place. */
static size_t place_in_text(const struct docent *d, uint16_t pattern, size_t expression_at)
{
    struct arena scratch = {0};
    struct pattern_bit *bits;
    size_t n = pattern_bits(d, pattern, &scratch, &bits), inside = 0;
    for (size_t i = 0; i < n && bits[i].expression_at < expression_at; i++)
        if (bits[i].kind == BIT_RAW)
            inside = bits[i].from;
    arena_release(&scratch);
    return inside;
}

/*
 * Words stand in patterns as they stand in questions, byte for byte, and what may stand between them ends with a space: PCRE2
 * needs to know of UTF-8 only where an author uses more of it, and is faster where it need not.
 */
static uint32_t options_of(const struct pattern *p)
{
    return PCRE2_NEVER_BACKSLASH_C | (p->raw ? PCRE2_UTF : 0);
}

static void compile(const struct docent *d, uint16_t pattern, struct diags *diags)
{
    struct patterns *all = d->patterns;
    struct compiled *c = &all->compiled[pattern];
    struct arena scratch = {0};
    struct str expression = expression_for(d, pattern, PATTERN_LEAN, &scratch);
    int error = 0;
    size_t offset = 0, size = 0;
    c->code = expression.p ? pcre2_compile((PCRE2_SPTR)expression.p, expression.n, options_of(pattern_get(d, pattern)),
                                           &error, &offset, all->compile_context)
                           : NULL;
    c->broken = !c->code;
    if (c->code && pcre2_pattern_info(c->code, PCRE2_INFO_SIZE, &size) == 0)
        all->code_bytes += size;
    if (c->broken && diags) {
        char message[160] = "too long once its word groups are put in";
        if (expression.p)
            pcre2_get_error_message(error, (PCRE2_UCHAR *)message, sizeof message);
        place_diag(diags, DIAG_ERROR, "pattern-syntax", all->items[pattern].place, place_in_text(d, pattern, offset),
                   "within a word everything that PCRE2 knows may stand, but it must be right",
                   "pattern does not compile: %s", message);
    }
    arena_release(&scratch);
}

void patterns_compile(const struct docent *d, struct diags *diags, bool all)
{
    for (uint16_t i = 0; i < d->patterns->n; i++)
        if (!d->patterns->compiled[i].code && (all || d->patterns->items[i].raw))
            compile(d, i, diags);
}

/* --- matching ----------------------------------------------------------------------------------------------- */

static bool counts_now(const struct docent *d, const struct pattern *p, const struct observed *seen,
                       uint16_t last_intent)
{
    if (seen->n > p->words_max)
        return false;
    if (p->after == NONE)
        return true;
    const struct after *after = &d->afters[p->after];
    for (size_t i = 0; i < after->n; i++)
        if (after->intents[i] == last_intent)
            return true;
    return false;
}

static void pin_words(const struct observed *seen, size_t from, size_t to, uint64_t *pinned)
{
    const uint16_t *offsets = seen->offsets;
    for (size_t i = 0; i < seen->n && (size_t)(offsets[i] - offsets[0]) < to; i++)
        if ((size_t)(offsets[i] - offsets[0]) >= from)
            pinned[i / 64] |= UINT64_C(1) << i % 64;
}

static void compile_further(struct patterns *all, const struct compiled *c)
{
    size_t size = 0;
    if (pcre2_jit_compile(c->code, PCRE2_JIT_COMPLETE) == 0 &&
        pcre2_pattern_info(c->code, PCRE2_INFO_JITSIZE, &size) == 0)
        all->jit_bytes += size;
}

static bool confirm(const struct docent *d, uint16_t pattern, const struct observed *seen, struct hit *hit,
                    struct match_stats *stats)
{
    struct patterns *all = d->patterns;
    struct compiled *c = &all->compiled[pattern];
    if (!c->code && !c->broken)
        compile(d, pattern, NULL);
    if (c->broken)
        return false;
    if (c->uses <= JIT_AFTER && ++c->uses == JIT_AFTER && all->jit_bytes < JIT_BYTES_MAX)
        compile_further(all, c);
    stats->tried++;
    int pairs = pcre2_match(c->code, (PCRE2_SPTR)seen->text.p, seen->text.n, 0, PCRE2_NO_UTF_CHECK, all->match_data,
                            all->match_context);
    if (pairs < 0) {
        stats->limited += pairs != PCRE2_ERROR_NOMATCH;
        return false;
    }
    *hit = (struct hit){.pattern = pattern, .intent = all->items[pattern].intent};
    const PCRE2_SIZE *spans = pcre2_get_ovector_pointer(all->match_data);
    for (int i = 1; i < pairs; i++)
        if (spans[2 * i] != PCRE2_UNSET)
            pin_words(seen, spans[2 * i], spans[2 * i + 1], hit->pinned);
    return true;
}

enum pattern_trial pattern_try(const struct docent *d, uint16_t pattern, struct str words)
{
    struct patterns *all = d->patterns;
    struct compiled *c = &all->compiled[pattern];
    if (!c->code && !c->broken)
        compile(d, pattern, NULL);
    if (c->broken)
        return TRIAL_MISS;
    int pairs =
        pcre2_match(c->code, (PCRE2_SPTR)words.p, words.n, 0, PCRE2_NO_JIT, all->match_data, all->match_context);
    return pairs >= 0 ? TRIAL_MATCH : pairs == PCRE2_ERROR_NOMATCH ? TRIAL_MISS : TRIAL_LIMIT;
}

bool pattern_would_match(const struct docent *d, uint16_t pattern, struct str written, struct str words)
{
    struct patterns *all = d->patterns;
    struct pattern changed = *pattern_get(d, pattern);
    struct arena scratch = {0};
    struct pattern_reading r;
    struct buf out;
    int error = 0, pairs = -1;
    size_t offset = 0;
    changed.text = written;
    buf_init(&out, EXPRESSION_MAX);
    pattern_read((struct docent *)d, &changed, false, &scratch, &out, &r);
    pcre2_code *code = r.fault || out.full
                           ? NULL
                           : pcre2_compile((PCRE2_SPTR)out.p, out.n, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &error,
                                           &offset, all->compile_context);
    if (code)
        pairs =
            pcre2_match(code, (PCRE2_SPTR)words.p, words.n, 0, PCRE2_NO_UTF_CHECK, all->match_data, all->match_context);
    pcre2_code_free(code);
    buf_release(&out);
    arena_release(&scratch);
    return pairs >= 0;
}

static int by_pattern(const void *left, const void *right)
{
    const struct hit *a = left, *b = right;
    return (a->pattern > b->pattern) - (a->pattern < b->pattern);
}

size_t patterns_match(const struct docent *d, const struct observed *seen, uint16_t last_intent, struct arena *a,
                      struct hit **hits, struct match_stats *stats)
{
    const struct patterns *all = d->patterns;
    struct hit *found = NULL, hit;
    uint16_t *candidates;
    size_t n = 0, cap = 0, n_candidates = index_candidates(&all->index, seen, a, &candidates);
    for (size_t i = 0; i < n_candidates; i++)
        if (counts_now(d, &all->items[candidates[i]], seen, last_intent) &&
            confirm(d, candidates[i], seen, &hit, stats))
            *ARENA_PUSH(a, found, n, cap) = hit;
    if (n)
        qsort(found, n, sizeof *found, by_pattern);
    *hits = found;
    return n;
}
