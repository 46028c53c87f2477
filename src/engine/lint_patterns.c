/*
 * lint_patterns: what patterns can never match, what they match too easily, and what makes them slow.
 *
 * A pattern is looked at as written, as a tree of words and groups; regular expressions inside words are lint_regex.c's.
 */
#include "engine/lint_parts.h"

#include "engine/lint_regex.h"
#include "engine/pattern.h"
#include "engine/scan.h"

#include <stdlib.h>
#include <string.h>

enum { NEVER = 1000, SAMPLES_MAX = 32, TRIAL_WORDS = 240, SAMPLE_WORDS = 24 };

struct row;

struct item {
    const struct pattern_bit *bit;
    struct row *rows; /* of a group: its alternatives */
    size_t n_rows;
    char quantifier;
    const struct regex *regex; /* of a raw word */
};

struct row {
    struct item *items;
    size_t n, cap;
};

struct side { /* of "&" */
    const struct pattern_bit *bit;
    struct row *rows;
    size_t n_rows;
};

struct look { /* a pattern that is looked at */
    struct lint *l;
    const struct pattern *pattern;
    uint16_t number;
    const struct pattern_bit *bits;
    size_t n_bits, at;
    struct side *sides;
    size_t n_sides;
};

static struct str text_of(const struct look *k, const struct pattern_bit *bit)
{
    return str_sub(k->pattern->text, bit->from, bit->to);
}

#define ERROR_AT(k, rule, from, hint, ...) LINT_ERROR((k)->l, rule, (k)->pattern->place, from, hint, __VA_ARGS__)
#define WARN_AT(k, rule, from, hint, ...) LINT_WARN((k)->l, rule, (k)->pattern->place, from, hint, __VA_ARGS__)

/* --- the tree ----------------------------------------------------------------------------------------------- */

static struct row *read_rows(struct look *k, size_t *n);

static struct item read_item(struct look *k)
{
    struct item item = {.bit = &k->bits[k->at++]};
    if (item.bit->kind == BIT_RAW)
        item.regex = regex_read(text_of(k, item.bit), &k->l->scratch);
    if (item.bit->kind != BIT_OPEN)
        return item;
    item.rows = read_rows(k, &item.n_rows);
    if (k->at < k->n_bits && k->bits[k->at].kind == BIT_CLOSE)
        item.quantifier = k->bits[k->at++].quantifier;
    return item;
}

static struct row *read_rows(struct look *k, size_t *n)
{
    struct arena *a = &k->l->scratch;
    struct row *rows = NULL;
    size_t cap = 0;
    *n = 0;
    for (;;) {
        struct row row = {.n = 0};
        while (k->at < k->n_bits && k->bits[k->at].kind != BIT_OR && k->bits[k->at].kind != BIT_CLOSE &&
               k->bits[k->at].kind != BIT_PART) {
            struct item item = read_item(k);
            *ARENA_PUSH(a, row.items, row.n, row.cap) = item;
        }
        *ARENA_PUSH(a, rows, *n, cap) = row;
        if (k->at == k->n_bits || k->bits[k->at].kind != BIT_OR)
            return rows;
        k->at++;
    }
}

static void read_tree(struct look *k)
{
    struct pattern_bit *bits;
    size_t cap = 0;
    k->n_bits = pattern_bits(k->l->d, k->number, &k->l->scratch, &bits);
    k->bits = bits;
    while (k->at < k->n_bits) {
        struct side side = {.bit = &k->bits[k->at++]};
        side.rows = read_rows(k, &side.n_rows);
        *ARENA_PUSH(&k->l->scratch, k->sides, k->n_sides, cap) = side;
    }
}

/* Calls `each` for all items of the rows, those inside groups too. */
static void for_items(struct look *k, const struct row *rows, size_t n,
                      void (*each)(struct look *k, const struct item *item))
{
    for (size_t r = 0; r < n; r++)
        for (size_t i = 0; i < rows[r].n; i++) {
            each(k, &rows[r].items[i]);
            for_items(k, rows[r].items[i].rows, rows[r].items[i].n_rows, each);
        }
}

/* --- words that no question holds --------------------------------------------------------------------------- */

static bool is_filler(const struct look *k, const struct item *item)
{
    uint32_t words[LINT_WORDS_MAX];
    return item->bit->kind == BIT_WORD && lint_read(k->l->d, text_of(k, item->bit), words) == 0;
}

static bool is_filler_row(const struct look *k, const struct row *row)
{
    for (size_t i = 0; i < row->n; i++)
        if (!is_filler(k, &row->items[i]))
            return false;
    return row->n > 0;
}

static bool has_letters(struct str text)
{
    struct arena scratch = {0};
    struct scan scan = {.rest = fold_text(text, &scratch)};
    struct token token;
    bool found = scan_token(&scan, &token);
    arena_release(&scratch);
    return found;
}

static void check_plain(struct look *k, const struct item *item)
{
    struct str text = text_of(k, item->bit);
    if (!has_letters(text)) {
        ERROR_AT(k, "pattern-punctuation", item->bit->from, "take it out",
                 "'%.*s' holds no letter and no digit, so it says nothing", STR_FMT(text));
        return;
    }
    for (size_t i = 0; i < text.n; i++) {
        bool in_number = i > 0 && i + 1 < text.n && ch_digit(text.p[i - 1]) && ch_digit(text.p[i + 1]);
        if (text.p[i] == ',' && !in_number)
            ERROR_AT(k, "pattern-punctuation", item->bit->from + i,
                     "take it out, or write ... where other words may stand",
                     "questions reach patterns without punctuation: a comma is never there");
    }
}

/* Does the text come out of reading a question as it is, as one word? */
static bool can_occur(struct look *k, struct str text)
{
    const struct lexicon *lex = &k->l->d->lexicon;
    struct scan scan = {.rest = fold_text(text, &k->l->scratch)};
    struct token token;
    char folded[WORD_MAX];
    if (!scan_token(&scan, &token) || !str_eq(token.text, text) || lexicon_spoken(lex, text))
        return false;
    struct str word = word_fold(text, folded);
    uint32_t number = lexicon_find(lex, word);
    size_t at, count;
    struct str by;
    return str_eq(word, text) && !(lex->words[number].flags & WORD_FILLER) &&
           !(number && lint_replaced(k->l->d, &number, 1, &at, &count, &by, &k->l->scratch));
}

static const char *why_never(struct look *k, struct str text)
{
    struct scan scan = {.rest = fold_text(text, &k->l->scratch)};
    struct token token;
    bool word = scan_token(&scan, &token);
    if (!word || token.text.n != text.n)
        return "questions hold words only, without punctuation";
    if (!str_eq(token.text, text))
        return "questions are folded: small letters without accents";
    const struct word_row *row = lexicon_spoken(&k->l->d->lexicon, text);
    char folded[WORD_MAX];
    struct str becomes = row && row->n ? k->l->d->lexicon.words[row->words[0]].text : word_fold(text, folded);
    if (row || !str_eq(becomes, text))
        return arena_fmt(&k->l->diags->arena, "questions say '%.*s%s' in its place", STR_FMT(becomes),
                         row && row->n > 1 ? " ..." : "")
            .p;
    return "it is left out of questions or replaced in them";
}

static void check_raw(struct look *k, const struct item *item)
{
    struct str text = text_of(k, item->bit), samples[SAMPLES_MAX];
    bool exact, plain = text.n > 1 && text.p[text.n - 1] == '?';
    for (size_t i = 0; i + 1 < text.n; i++)
        plain = plain && ch_alnum(text.p[i]);
    if (plain && text.p[text.n - 2] != 's')
        WARN_AT(k, "pattern-question-mark", item->bit->to - 1,
                "leave the question mark out; for a word that may be missing write (word)?",
                "this reads as '%.*s' or '%.*s': a question mark makes the letter before it optional",
                (int)(text.n - 1), text.p, (int)(text.n - 2), text.p);
    size_t n = regex_samples(item->regex, &k->l->scratch, samples, SAMPLES_MAX, &exact);
    for (size_t i = 0; i < n; i++)
        if (can_occur(k, samples[i]))
            return;
    bool odd = n > 0; /* of what is not known whole only characters that no word holds are sure */
    for (size_t i = 0; i < n && !exact; i++) {
        struct scan scan = {.rest = fold_text(samples[i], &k->l->scratch)};
        struct token token;
        odd = odd && samples[i].n && !(scan_token(&scan, &token) && str_eq(token.text, samples[i]));
    }
    if (n && odd)
        ERROR_AT(k, "pattern-never", item->bit->from, why_never(k, samples[0]), "'%.*s' can never match",
                 STR_FMT(text));
}

static void check_word(struct look *k, const struct item *item)
{
    if (item->bit->kind == BIT_WORD)
        check_plain(k, item);
    else if (item->bit->kind == BIT_RAW)
        check_raw(k, item);
    else if (item->bit->kind == BIT_NAME && item->bit->group != NONE)
        k->l->groups[item->bit->group] = true;
    else if (item->bit->kind == BIT_NAME && item->bit->entity != NONE)
        k->l->entities[item->bit->entity] = true;
}

/* An alternative of filler only is not there for docent: "(a|this) job" never matches "a job". */
static void check_alternatives(struct look *k, const struct row *rows, size_t n, bool optional)
{
    for (size_t r = 0; r < n; r++)
        if (!optional && is_filler_row(k, &rows[r]) && (n > 1 || rows[r].n))
            WARN_AT(k, "pattern-filler", rows[r].items[0].bit->from,
                    n > 1 ? "take it out, and write (...)? around the others if they may be missing" : "take it out",
                    "'%.*s' is left out of questions before patterns see them: this alternative is never the one",
                    (int)(rows[r].items[rows[r].n - 1].bit->to - rows[r].items[0].bit->from),
                    k->pattern->text.p + rows[r].items[0].bit->from);
}

static void check_group(struct look *k, const struct item *item)
{
    if (item->bit->kind == BIT_OPEN)
        check_alternatives(k, item->rows, item->n_rows, item->quantifier == '?' || item->quantifier == '*');
}

/* Words side by side, of which a replacement leaves no trace in questions. */
static void check_replaced(struct look *k, const struct row *rows, size_t n)
{
    for (size_t r = 0; r < n; r++) {
        uint32_t words[LINT_WORDS_MAX * 2];
        size_t from[LINT_WORDS_MAX * 2], count = 0, at, length;
        struct str by;
        for (size_t i = 0; i <= rows[r].n; i++) {
            const struct item *item = i < rows[r].n ? &rows[r].items[i] : NULL;
            if (item && item->bit->kind == BIT_WORD && count < LINT_WORDS_MAX) {
                size_t more = lint_read(k->l->d, text_of(k, item->bit), words + count);
                while (more--)
                    from[count++] = item->bit->from;
                continue;
            }
            if (count && lint_replaced(k->l->d, words, count, &at, &length, &by, &k->l->scratch))
                ERROR_AT(k, "pattern-replaced", from[at], "write what takes its place, or take it out of \"replace\"",
                         "\"replace\" turns this into '%.*s' before patterns see it, so it can never match",
                         STR_FMT(by));
            count = 0;
            if (item)
                check_replaced(k, item->rows, item->n_rows);
        }
    }
}

/* --- what matches too easily -------------------------------------------------------------------------------- */

static size_t common_words(const struct look *k, const uint32_t *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!words[i] || !(k->l->d->lexicon.words[words[i]].flags & WORD_FUNCTION))
            return NEVER;
    return n;
}

static size_t least_of_phrases(const struct look *k, const struct str *phrases, size_t n)
{
    size_t least = NEVER;
    for (size_t i = 0; i < n; i++) {
        uint32_t words[LINT_WORDS_MAX];
        size_t read = lint_read(k->l->d, phrases[i], words), count = common_words(k, words, read);
        if (read && count < least)
            least = count;
    }
    return least;
}

static size_t least_of_name(const struct look *k, const struct pattern_bit *bit)
{
    const struct docent *d = k->l->d;
    size_t least = NEVER;
    if (bit->group != NONE)
        return least_of_phrases(k, d->groups[bit->group].phrases, d->groups[bit->group].n_phrases);
    for (size_t v = 0; bit->entity != NONE && v < d->entities[bit->entity].n_values; v++) {
        const struct value *value = &d->entities[bit->entity].values[v];
        size_t count =
            bit->value == NONE || bit->value == v ? least_of_phrases(k, value->phrases, value->n_phrases) : NEVER;
        least = count < least ? count : least;
    }
    return least;
}

static size_t least_of_raw(const struct look *k, const struct item *item)
{
    struct str samples[SAMPLES_MAX];
    bool exact;
    if (regex_matches_any_word(item->regex))
        return 1;
    size_t n = regex_samples(item->regex, &k->l->scratch, samples, SAMPLES_MAX, &exact);
    for (size_t i = 0; i < n; i++) {
        uint32_t word = lexicon_find(&k->l->d->lexicon, samples[i]);
        if (word && common_words(k, &word, 1) == 1)
            return 1;
    }
    return NEVER;
}

/* The fewest words, all of them words of grammar, that the rows can match; NEVER when a word of content must be there. */
static size_t least_common(const struct look *k, const struct row *rows, size_t n);

static size_t least_of_item(const struct look *k, const struct item *item)
{
    uint32_t words[LINT_WORDS_MAX];
    switch (item->bit->kind) {
    case BIT_WORD:
        return common_words(k, words, lint_read(k->l->d, text_of(k, item->bit), words));
    case BIT_RAW:
        return least_of_raw(k, item);
    case BIT_NAME:
        return least_of_name(k, item->bit);
    case BIT_OPEN:
        return item->quantifier == '?' || item->quantifier == '*' ? 0 : least_common(k, item->rows, item->n_rows);
    default:
        return 0;
    }
}

static size_t least_common(const struct look *k, const struct row *rows, size_t n)
{
    size_t least = NEVER;
    bool all_filler = true;
    for (size_t r = 0; r < n; r++)
        all_filler = all_filler && is_filler_row(k, &rows[r]);
    for (size_t r = 0; r < n; r++) {
        size_t sum = 0;
        if (!all_filler && is_filler_row(k, &rows[r]))
            continue;
        for (size_t i = 0; i < rows[r].n; i++)
            sum += least_of_item(k, &rows[r].items[i]);
        least = sum < least ? sum : least;
    }
    return least < NEVER ? least : NEVER;
}

/* Must the question consist of nothing else? Of small talk the beginning says enough: "^thanks". */
static bool is_whole(const struct look *k)
{
    bool anchored = k->n_sides == 1 && k->sides[0].bit->anchored, ends = k->n_sides == 1;
    for (size_t r = 0; ends && r < k->sides[0].n_rows; r++) {
        const struct row *row = &k->sides[0].rows[r];
        ends = row->n && row->items[row->n - 1].bit->kind == BIT_END;
    }
    return k->l->d->intents[k->pattern->intent].kind == KIND_CHAT ? anchored || ends : anchored && ends;
}

static void check_ease(struct look *k)
{
    size_t least = 0;
    for (size_t p = 0; p < k->n_sides; p++)
        if (!k->sides[p].bit->negated)
            least += least_common(k, k->sides[p].rows, k->sides[p].n_rows);
    if (least == 0)
        ERROR_AT(k, "pattern-empty", 0, "name a word that must be there",
                 "this pattern matches the empty text, and with it every question");
    else if (least == 1 && k->pattern->after == NONE && !is_whole(k))
        WARN_AT(k, "pattern-common", 0, "ask for a word of the subject as well, or for the whole question: ^...$",
                "one common word is enough to match this pattern");
    else if (pattern_is_always_tried(k->l->d, k->number))
        WARN_AT(k, "pattern-anywhere", 0, "name a word, <group> or <entity> that must be there",
                "no word has to be there for this pattern, so it is tried with every question");
}

/* --- what is slow ------------------------------------------------------------------------------------------- */

static void check_regex_speed(struct look *k, const struct item *item)
{
    size_t at = 0;
    enum regex_slowness slow = item->regex ? regex_slow(item->regex, &at) : REGEX_FAST;
    if (slow == REGEX_NESTED)
        ERROR_AT(k, "pattern-backtracks", item->bit->from + at, "repeat once: (a+)+ says no more than a+",
                 "a repeat of a repeat: a long word could be tried in more ways than there is time for");
    else if (slow == REGEX_OVERLAPPING)
        WARN_AT(k, "pattern-backtracks", item->bit->from + at,
                "let the two repeats take different letters, or leave one out",
                "two repeats can take the same letters, and all ways to share them are tried");
}

static bool is_open_gap(const struct item *item)
{
    return item->bit->kind == BIT_ANY || item->bit->kind == BIT_GAP;
}

static bool repeats(const struct item *item)
{
    return item->bit->kind == BIT_OPEN && (item->quantifier == '*' || item->quantifier == '+');
}

static const struct pattern_bit *repeat_inside(const struct row *rows, size_t n)
{
    for (size_t r = 0; r < n; r++)
        for (size_t i = 0; i < rows[r].n; i++) {
            const struct item *item = &rows[r].items[i];
            if (is_open_gap(item) || repeats(item))
                return item->bit;
            const struct pattern_bit *deeper = repeat_inside(item->rows, item->n_rows);
            if (deeper)
                return deeper;
        }
    return NULL;
}

static void check_repeats(struct look *k, const struct item *item)
{
    const struct pattern_bit *inner = repeats(item) ? repeat_inside(item->rows, item->n_rows) : NULL;
    if (inner)
        ERROR_AT(
            k, "pattern-backtracks", inner->from, "repeat either the group or what is in it",
            "a repeat inside a group that repeats: a long question could be tried in more ways than there is time for");
}

/* How many ".*" stand on one way through the rows; *second is where the second stands. */
static size_t wide_gaps(const struct row *rows, size_t n, size_t before, const struct pattern_bit **second)
{
    size_t most = 0;
    for (size_t r = 0; r < n; r++) {
        size_t count = 0;
        for (size_t i = 0; i < rows[r].n; i++) {
            const struct item *item = &rows[r].items[i];
            count +=
                item->rows ? wide_gaps(item->rows, item->n_rows, before + count, second) : item->bit->kind == BIT_ANY;
            if (before + count >= 2 && !*second)
                *second = item->bit;
        }
        most = count > most ? count : most;
    }
    return most;
}

static void check_gaps(struct look *k)
{
    for (size_t p = 0; p < k->n_sides; p++) {
        const struct pattern_bit *second = NULL;
        wide_gaps(k->sides[p].rows, k->sides[p].n_rows, 0, &second);
        if (second)
            WARN_AT(k, "pattern-backtracks", second->from, "write ... for a few words, or & between parts in any order",
                    "a second .* in one pattern: all ways to share a long question between the two are tried");
    }
}

/* --- trying it on long texts -------------------------------------------------------------------------------- */

struct trial { /* words that the pattern asks for, one after another */
    struct str words[SAMPLE_WORDS];
    size_t n;
};

static void add_word(struct trial *t, struct str word)
{
    if (word.n && t->n < SAMPLE_WORDS)
        t->words[t->n++] = word;
}

static void add_read(const struct look *k, struct trial *t, struct str text)
{
    uint32_t words[LINT_WORDS_MAX];
    size_t n = lint_read(k->l->d, text, words);
    for (size_t i = 0; i < n; i++)
        add_word(t, k->l->d->lexicon.words[words[i]].text);
}

static void add_sample(struct look *k, struct trial *t, const struct row *row);

static void add_item_sample(struct look *k, struct trial *t, const struct item *item)
{
    const struct docent *d = k->l->d;
    const struct pattern_bit *bit = item->bit;
    struct str samples[SAMPLES_MAX];
    bool exact;
    if (bit->kind == BIT_WORD)
        add_read(k, t, text_of(k, bit));
    else if (bit->kind == BIT_NAME && bit->group != NONE && d->groups[bit->group].n_phrases)
        add_read(k, t, d->groups[bit->group].phrases[0]);
    else if (bit->kind == BIT_NAME && bit->entity != NONE)
        add_read(k, t, d->entities[bit->entity].values[bit->value == NONE ? 0 : bit->value].phrases[0]);
    else if (bit->kind == BIT_OPEN && item->n_rows)
        add_sample(k, t, &item->rows[0]);
    else if (bit->kind == BIT_RAW && regex_samples(item->regex, &k->l->scratch, samples, SAMPLES_MAX, &exact))
        add_word(t, samples[0]);
}

static void add_sample(struct look *k, struct trial *t, const struct row *row)
{
    for (size_t i = 0; i < row->n; i++)
        add_item_sample(k, t, &row->items[i]);
}

static bool is_stopped(struct look *k, const struct buf *text)
{
    return pattern_try(k->l->d, k->number, buf_str(text)) == TRIAL_LIMIT;
}

/* Each word many times, or all in turn, without the last one: the match fails as late as it can. */
static bool stops_on_words(struct look *k, const struct trial *t, struct buf *text, bool in_turn)
{
    size_t n = t->n > 1 ? t->n - 1 : t->n;
    buf_clear(text);
    for (size_t i = 0; n && i < TRIAL_WORDS; i++) {
        buf_add(text, t->words[in_turn ? i % n : i * n / TRIAL_WORDS]);
        buf_addc(text, ' ');
    }
    return n && is_stopped(k, text);
}

/* A word as long as they get, behind as many of the others as may be asked for before it. */
static bool stops_on_long_word(struct look *k, const struct trial *t, struct buf *text, struct str word, char last)
{
    for (size_t before = 0; before <= t->n; before++) {
        buf_clear(text);
        for (size_t i = 0; i < before; i++)
            buf_addf(text, "%.*s ", STR_FMT(t->words[i]));
        buf_addf(text, "%.*s%c ", STR_FMT(word), last);
        if (is_stopped(k, text))
            return true;
    }
    return false;
}

static void try_long_words(struct look *k, const struct trial *t, struct buf *text, const struct row *rows, size_t n)
{
    for (size_t r = 0; r < n; r++)
        for (size_t i = 0; i < rows[r].n; i++) {
            const struct item *item = &rows[r].items[i];
            struct str word = item->regex ? regex_pumped(item->regex, &k->l->scratch, TOKEN_MAX - 2) : STR("");
            if (word.n && (stops_on_long_word(k, t, text, word, '0') || stops_on_long_word(k, t, text, word, 'z')))
                WARN_AT(k, "pattern-limit", item->bit->from, "let each repeat take other letters than its neighbours",
                        "a match of this against a long word was stopped at PCRE2's limit, and would not count");
            try_long_words(k, t, text, item->rows, item->n_rows);
        }
}

static void check_trials(struct look *k)
{
    struct trial t = {.n = 0};
    struct buf text;
    buf_init(&text, 64 << 10);
    for (size_t p = 0; p < k->n_sides; p++)
        if (!k->sides[p].bit->negated)
            add_sample(k, &t, &k->sides[p].rows[0]);
    if (stops_on_words(k, &t, &text, false) || stops_on_words(k, &t, &text, true))
        WARN_AT(k, "pattern-limit", 0, "fewer ... and optional words, or & between parts in any order",
                "a match of this pattern against a long question was stopped at PCRE2's limit, and would not count");
    for (size_t p = 0; p < k->n_sides; p++)
        try_long_words(k, &t, &text, k->sides[p].rows, k->sides[p].n_rows);
    buf_release(&text);
}

/* --- all patterns ------------------------------------------------------------------------------------------- */

static void check_pattern(struct lint *l, uint16_t number)
{
    struct look k = {.l = l, .pattern = pattern_get(l->d, number), .number = number};
    arena_reset(&l->scratch);
    read_tree(&k);
    for (size_t p = 0; p < k.n_sides; p++) {
        for_items(&k, k.sides[p].rows, k.sides[p].n_rows, check_word);
        for_items(&k, k.sides[p].rows, k.sides[p].n_rows, check_group);
        for_items(&k, k.sides[p].rows, k.sides[p].n_rows, check_regex_speed);
        for_items(&k, k.sides[p].rows, k.sides[p].n_rows, check_repeats);
        check_alternatives(&k, k.sides[p].rows, k.sides[p].n_rows, k.sides[p].n_rows == 1);
        check_replaced(&k, k.sides[p].rows, k.sides[p].n_rows);
    }
    check_ease(&k);
    check_gaps(&k);
    check_trials(&k);
    const struct intent *intent = &l->d->intents[k.pattern->intent];
    if (k.pattern->after == NONE && intent->n_examples && !l->reached[number])
        WARN_AT(&k, "unreached-pattern", JSON_WHOLE, "add a question that it is for to \"examples\", or take it out",
                "no example of intent '%.*s' reaches this pattern", STR_FMT(intent->id));
    if (k.pattern->after != NONE && !l->d->afters[k.pattern->after].n)
        ERROR_AT(&k, "pattern-never", JSON_WHOLE, "name the intents that it follows",
                 "this pattern counts after no intent at all");
}

struct made { /* what a pattern comes to */
    uint64_t hash;
    uint16_t pattern;
};

static int by_hash(const void *left, const void *right)
{
    const struct made *a = left, *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return (a->pattern > b->pattern) - (a->pattern < b->pattern);
}

static void check_twins(struct lint *l)
{
    size_t n = patterns_count(l->d);
    struct made *all = arena_array(&l->arena, n, sizeof *all);
    for (uint16_t i = 0; i < n; i++) {
        arena_reset(&l->scratch);
        uint16_t after = pattern_get(l->d, i)->after;
        uint64_t hash = str_hash(pattern_expression(l->d, i, &l->scratch));
        all[i] = (struct made){str_hash_more(hash, (struct str){(const char *)&after, sizeof after}), i};
    }
    if (n)
        qsort(all, n, sizeof *all, by_hash);
    for (size_t i = 1; i < n; i++) {
        if (all[i].hash != all[i - 1].hash)
            continue;
        const struct pattern *first = pattern_get(l->d, all[i - 1].pattern), *again = pattern_get(l->d, all[i].pattern);
        struct str where = place_text(l, first->place);
        if (first->intent == again->intent)
            LINT_WARN(l, "duplicate-pattern", again->place, JSON_WHOLE, "take one of the two out",
                      "this intent has a pattern that matches just the same (%.*s)", STR_FMT(where));
        else
            LINT_ERROR(l, "duplicate-pattern", again->place, JSON_WHOLE,
                       "keep it where it belongs, or let each ask for more",
                       "intent '%.*s' has a pattern that matches just the same (%.*s)",
                       STR_FMT(l->d->intents[first->intent].id), STR_FMT(where));
    }
}

void lint_patterns(struct lint *l)
{
    for (uint16_t i = 0; i < patterns_count(l->d); i++)
        check_pattern(l, i);
    check_twins(l);
}
