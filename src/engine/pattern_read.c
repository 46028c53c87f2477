#include "engine/pattern_read.h"

#include "engine/pattern_reader.h"

#include <string.h>

static void read_alternatives(struct reader *r, size_t depth);

/* How often a signal will be there, roughly: words of grammar are in most questions. */
static size_t signal_commonness(const struct docent *d, uint32_t signal)
{
    signal &= ~WITH_NEXT;
    bool word = signal >> KIND_SHIFT == KIND_WORD;
    return word && d->lexicon.words[signal].flags & WORD_FUNCTION ? 20 : 1;
}

/* The same of a clause: of each term its rarest signal counts. */
static size_t commonness(const struct docent *d, const struct clause *c)
{
    size_t sum = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        size_t least = signal_commonness(d, c->signals[i]);
        while (c->signals[i] & WITH_NEXT) {
            size_t next = signal_commonness(d, c->signals[++i]);
            least = next < least ? next : least;
        }
        sum += least;
    }
    return sum;
}

/* Of a row of clauses the one that says most. */
static const struct clause *sharpest(const struct docent *d, const struct clause *clauses, size_t n)
{
    const struct clause *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (!best || commonness(d, &clauses[i]) < commonness(d, best))
            best = &clauses[i];
    return best;
}

/* A group of words: "(…)", perhaps with ?, * or + behind. */
static void read_group(struct reader *r, size_t depth)
{
    size_t open = r->at++, before = r->got->n_clauses, words = r->words;
    bool starts = r->starts.open;
    if (depth > 20)
        reader_fault(r, open, "groups nest too deeply", "");
    reader_note(r, BIT_OPEN, open, reader_written(r));
    if (r->out)
        buf_adds(r->out, "(?:");
    if (!r->got->fault)
        read_alternatives(r, depth + 1);
    reader_count(r, words);
    if (reader_look(r, 0) == ')')
        r->at++;
    else
        reader_fault(r, open, "missing closing parenthesis", "close the group that opens here");
    if (r->out)
        buf_addc(r->out, ')');
    char q = reader_look(r, 0);
    reader_note(r, BIT_CLOSE, open, reader_written(r))->quantifier = reader_quantifier(q) ? q : '\0';
    if (reader_quantifier(q)) {
        r->at++;
        if (r->out)
            buf_addc(r->out, q);
        if (q != '+') {
            r->got->n_clauses = before;
            r->starts.open = starts;
        }
        if (q != '?') {
            r->got->raw = true;
            reader_count(r, WORDS_ANY);
        }
    }
}

/* Rows of words between gaps are captured, so that a match tells which words it accounts for. What must not be has none. */
static void open_row(struct reader *r, size_t depth, bool *open)
{
    if (depth == 0 && !*open && r->out && !r->quiet && ++r->captures <= PATTERN_CAPTURES)
        buf_addc(r->out, '('), *open = true;
}

static void close_row(struct reader *r, bool *open)
{
    if (*open)
        buf_addc(r->out, ')');
    *open = false;
}

static void read_row(struct reader *r, size_t depth)
{
    bool open = false;
    r->words = 0;
    r->ends = false;
    while (r->at < r->text.n && !r->got->fault) {
        char c = reader_look(r, 0);
        if (c == ' ' || c == '?') { /* "a ?b" says no more than "a b": spaces need no care */
            r->at++;
            continue;
        }
        if (c == ')' || c == '|' || (depth == 0 && c == '&'))
            break;
        r->ends = c == '$';
        if (c == '.' && reader_look(r, 1) == '.' && reader_look(r, 2) == '.') {
            r->at += 3;
            reader_note(r, BIT_GAP, r->at - 3, reader_written(r));
            close_row(r, &open);
            reader_count(r, PATTERN_GAP);
            reader_start_any(r);
            if (r->out)
                buf_addf(r->out, "(?:[^ ]+ ){0,%d}?", PATTERN_GAP);
        } else if (c == '.' && reader_look(r, 1) == '*') {
            r->at += 2;
            reader_note(r, BIT_ANY, r->at - 2, reader_written(r));
            close_row(r, &open);
            reader_count(r, WORDS_ANY);
            reader_start_any(r);
            if (r->out)
                buf_adds(r->out, FROM_ANY_WORD);
        } else if (c == '$') {
            r->at++;
            reader_note(r, BIT_END, r->at - 1, reader_written(r));
            close_row(r, &open);
            reader_start_any(r);
            if (r->out)
                buf_addc(r->out, '$');
        } else {
            open_row(r, depth, &open);
            if (c == '(' && reader_opens_group(r, false))
                read_group(r, depth);
            else if (c == '<')
                reader_name(r);
            else
                reader_word(r);
        }
    }
    close_row(r, &open);
}

/* Terms that are put together of alternatives, while they are read. */
struct either {
    uint32_t *signals;
    size_t n, cap;
};

enum { TOGETHER_MAX = 3, TERMS_EACH_MAX = 16 };

/*
 * What an alternative requires, of the clauses that it has: the terms of its sharpest one, each together with the signals
 * that must be there besides. False if it requires nothing.
 */
static bool add_alternative(struct reader *r, const struct clause *clauses, size_t n, struct either *e)
{
    const struct clause *c = sharpest(r->d, clauses, n);
    uint32_t besides[TOGETHER_MAX];
    size_t n_besides = 0;
    for (size_t i = 0; c && c->n <= TERMS_EACH_MAX && i < n && n_besides < TOGETHER_MAX; i++)
        if (&clauses[i] != c && clauses[i].n == 1)
            besides[n_besides++] = clauses[i].signals[0];
    for (size_t i = 0; c && i < c->n; i++) {
        bool last = !(c->signals[i] & WITH_NEXT);
        *ARENA_PUSH(r->a, e->signals, e->n, e->cap) = c->signals[i] | (last && n_besides ? WITH_NEXT : 0);
        for (size_t k = 0; last && k < n_besides; k++)
            *ARENA_PUSH(r->a, e->signals, e->n, e->cap) = besides[k] | (k + 1 < n_besides ? WITH_NEXT : 0);
    }
    return c;
}

/* What the alternatives require is put together into one clause. */
static void read_alternatives(struct reader *r, size_t depth)
{
    size_t before = r->got->n_clauses;
    struct either either = {.n = 0};
    bool all = true;
    size_t alternatives = 0, words = 0;
    bool end = true, starts = r->starts.open, open = false;
    for (;;) {
        r->starts.open = starts;
        size_t start = r->out ? r->out->n : 0;
        read_row(r, depth);
        words = r->words > words ? r->words : words;
        end = end && r->ends;
        open |= r->starts.open;
        bool empty = r->out && r->out->n == start; /* an alternative of filler only: it must not match everything */
        if (empty && start && r->out->p[start - 1] == '|')
            buf_cut(r->out, start - 1);
        alternatives++;
        if (alternatives == 1 && reader_look(r, 0) != '|')
            return; /* a single row keeps all of its clauses */
        all = add_alternative(r, r->got->clauses + before, r->got->n_clauses - before, &either) && all;
        r->got->n_clauses = before;
        if (reader_look(r, 0) != '|')
            break;
        r->at++;
        reader_note(r, BIT_OR, r->at - 1, reader_written(r));
        if (r->out && !(empty && alternatives == 1))
            buf_addc(r->out, '|');
        else if (r->out)
            alternatives = 0; /* the first one was empty: begin anew */
    }
    r->words = words;
    r->ends = end;
    r->starts.open = open;
    if (all)
        reader_require(r, either.signals, either.n);
}

/* --- what must not occur ------------------------------------------------------------------------------------ */

/*
 * "!(<region>|abroad|far away)": that the first two do not occur is told by the question's signals. They are forbidden
 * to the index, and only the others are left to PCRE2, for which long lists to be looked for everywhere are hard work.
 */
struct negation {
    size_t from, to; /* the alternatives */
    size_t end;      /* of the side */
};

static size_t skip_spaces(struct str text, size_t at)
{
    while (at < text.n && text.p[at] == ' ')
        at++;
    return at;
}

/* The end of the alternative that begins here: at a "|" or a ")" of the group around it, or at the end of the text. */
static size_t end_of_alternative(struct str text, size_t at)
{
    for (size_t depth = 0; text.p && at < text.n; at++) {
        char c = text.p[at];
        if (depth == 0 && (c == '|' || c == ')'))
            break;
        at += c == '\\' && at + 1 < text.n;
        depth += c == '(';
        depth -= c == ')';
    }
    return at;
}

/* Is the negated side that begins here a list of alternatives in parentheses, or a single one? */
static bool find_negation(const struct reader *r, struct negation *n)
{
    bool list = reader_look(r, 0) == '(' && reader_opens_group(r, false);
    size_t close = list ? r->at + 1 : r->at;
    *n = (struct negation){.from = close};
    if (list)
        while (close = end_of_alternative(r->text, close), close < r->text.n && r->text.p[close] == '|')
            close++;
    else
        while (close < r->text.n && !strchr(" (|)&[", r->text.p[close]))
            close++;
    n->to = close;
    n->end = skip_spaces(r->text, list ? close + 1 : close);
    bool sets = n->to > n->from && memchr(r->text.p + n->from, '[', n->to - n->from);
    return n->to > n->from && !sets && (n->end >= r->text.n || r->text.p[n->end] == '&');
}

/* The signal that tells whether an alternative occurs; false if none does. */
static bool find_signal(const struct reader *r, struct str text, uint32_t *signal)
{
    text = str_trim(text);
    if (text.n > 2 && text.p[0] == '<' && memchr(text.p, '>', text.n) == text.p + text.n - 1) {
        struct named named = reader_find_name(r, str_sub(text, 1, text.n - 1));
        if (named.entity != NONE && (named.value != NONE) == (named.value_name.n > 0))
            *signal = reader_signal(r, named.entity, named.value);
        else if (named.group != NONE)
            *signal = EARLY_SIGNAL(KIND_GROUP, named.group);
        else
            return false;
        return true;
    }
    for (size_t i = 0; i < text.n; i++)
        if (!reader_plain_char(text.p[i]))
            return false;
    uint32_t words[2];
    if (lexicon_look(&r->d->lexicon, text, words, 2) != 1 || !words[0])
        return false;
    *signal = words[0]; /* KIND_WORD */
    return true;
}

/* Forbids what signals tell of. False if that is nothing. */
static bool forbid_signals(struct reader *r, const struct negation *n)
{
    struct str text = str_sub(r->text, 0, n->to);
    size_t before = r->got->n_forbidden;
    for (size_t at = n->from, end; at < n->to; at = end + 1) {
        uint32_t signal;
        end = end_of_alternative(text, at);
        if (find_signal(r, str_sub(text, at, end), &signal))
            *ARENA_PUSH(r->a, r->got->forbidden, r->got->n_forbidden, r->got->cap_forbidden) = signal;
    }
    return r->got->n_forbidden > before;
}

/* Writes the alternatives that no signal tells of. */
static void read_rest(struct reader *r, const struct negation *n)
{
    struct str whole = r->text;
    size_t before = r->out->n;
    for (size_t at = n->from, end; at < n->to; at = end + 1) {
        uint32_t signal;
        end = end_of_alternative(str_sub(whole, 0, n->to), at);
        if (find_signal(r, str_sub(whole, at, end), &signal))
            continue;
        r->text = str_sub(whole, 0, end);
        r->at = at;
        size_t start = r->out->n;
        if (start > before)
            buf_addc(r->out, '|');
        size_t written = r->out->n;
        r->starts.open = true;
        read_row(r, 1);
        if (r->out->n == written) /* filler only: it must not match everything */
            buf_cut(r->out, start);
        else
            reader_start_any(r);
    }
    r->text = whole;
    r->at = n->end;
}

/* --- whole patterns ----------------------------------------------------------------------------------------- */

static bool take(struct reader *r, char c)
{
    r->at = skip_spaces(r->text, r->at);
    bool there = reader_look(r, 0) == c;
    r->at += there;
    return there;
}

/* Sides of several stand in look-aheads, so that their order does not matter. */
static void begin_side(struct reader *r, const struct pattern_side *side, bool single)
{
    if (!r->out || r->lean)
        return;
    buf_adds(r->out, single ? "^" : side->negated ? "(?!" : "(?=");
    buf_adds(r->out, side->anchored ? "(?:" : FROM_ANY_WORD "(?:");
}

static void read_whole_side(struct reader *r, const struct pattern_side *side, bool single)
{
    begin_side(r, side, single);
    read_alternatives(r, 0);
    reader_start_any(r);
    if (r->out && !r->lean)
        buf_adds(r->out, single ? ")" : "))");
    if (side->anchored && r->ends && !side->negated && r->words < r->got->words_max)
        r->got->words_max = (uint16_t)r->words;
}

static void add_side(struct reader *r, struct pattern_side *side)
{
    side->written_to = r->out->n;
    if (!r->starts.any) {
        side->starts = r->starts.signals;
        side->n_starts = r->starts.n;
    }
    *ARENA_PUSH(r->a, r->got->sides, r->got->n_sides, r->got->cap_sides) = *side;
}

/* One side of "a & b & !c". */
static void read_side(struct reader *r, bool single)
{
    struct pattern_side side = {.from = r->at, .written_from = reader_written(r)};
    bool raw = r->got->raw;
    side.negated = take(r, '!');
    side.anchored = take(r, '^');
    size_t from = r->at;
    struct pattern_bit *bit = reader_note(r, BIT_PART, from, reader_written(r));
    bit->negated = r->quiet = side.negated;
    bit->anchored = side.anchored;
    r->captures = 0;
    r->starts = (struct starts){.open = true};
    r->got->raw = false;
    struct negation negation;
    bool listed = side.negated && !single && !side.anchored && find_negation(r, &negation);
    bool told = listed && r->lean && forbid_signals(r, &negation);
    if (told)
        read_rest(r, &negation);
    else
        read_whole_side(r, &side, single);
    if (listed && !r->lean && !r->got->fault)
        forbid_signals(r, &negation);
    side.to = r->at;
    side.raw = r->got->raw;
    r->got->raw |= raw;
    r->quiet = false;
    if (r->lean && !(told && side.written_from == r->out->n))
        add_side(r, &side);
    if (str_trim(str_sub(r->text, from, r->at)).n == 0)
        reader_fault(r, from < r->text.n ? from : r->text.n, "there is nothing here to match", "");
    if (single && side.negated)
        reader_fault(r, 0, "a pattern cannot only say what must not occur", "add a part that must, with &");
}

static bool has_parts(struct str text)
{
    for (size_t i = 1; i + 1 < text.n; i++)
        if (text.p[i] == '&' && text.p[i - 1] == ' ' && text.p[i + 1] == ' ')
            return true;
    return false;
}

static void read_pattern(struct reader *r)
{
    bool single = !has_parts(r->text);
    if (r->out && !r->lean && !single)
        buf_addc(r->out, '^');
    for (;;) {
        read_side(r, single);
        if (reader_look(r, 0) != '&' || r->got->fault)
            break;
        r->at++;
    }
    if (reader_look(r, 0) == ')')
        reader_fault(r, r->at, "a ) that closes nothing", "");
}

void pattern_read(struct docent *d, const struct pattern *pattern, enum pattern_use use, struct arena *a,
                  struct buf *expression, struct pattern_reading *out)
{
    *out = (struct pattern_reading){.words_max = WORDS_ANY};
    struct reader r = {.d = d, .a = a, .pattern = pattern, .text = pattern->text, .out = expression, .got = out};
    r.keep_bits = use != PATTERN_WHOLE;
    r.lean = use == PATTERN_LEAN;
    read_pattern(&r);
}

uint32_t late_signal(const struct docent *d, uint32_t early)
{
    uint32_t index = early & (EARLY_SIGNAL(1, 0) - 1);
    switch (early >> KIND_SHIFT) {
    case KIND_GROUP:
        return signal_of_group(d, (uint16_t)index);
    case KIND_ENTITY:
        return signal_of_entity(d, (uint16_t)index);
    case KIND_VALUE:
        return signal_of_entity(d, (uint16_t)d->n_entities) + index;
    case KIND_DIGITS:
        return signal_of_digits(d);
    default:
        return index;
    }
}
