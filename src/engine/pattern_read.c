#include "engine/pattern_read.h"

#include "engine/pattern_names.h"

#include <string.h>

enum { KIND_WORD, KIND_GROUP, KIND_ENTITY, KIND_VALUE, KIND_DIGITS, KIND_SHIFT = 28 };
#define EARLY_SIGNAL(kind, index) ((uint32_t)(kind) << KIND_SHIFT | (uint32_t)(index))

/* One pass over a pattern. */
struct reader {
    struct docent *d;
    struct arena *a;
    const struct pattern *pattern;
    struct str text;
    size_t at;
    struct buf *out;            /* NULL: no expression is wanted */
    bool quiet;                 /* inside a negated part: nothing is required there */
    bool keep_bits;
    bool lean;                  /* leave out what signals tell of */
    size_t captures;
    size_t words;               /* that what was read since the row began matches at most; WORDS_ANY: no bound */
    bool ends;                  /* the row read last ends with "$" */
    struct pattern_reading *got;
};

static void fault(struct reader *r, size_t at, const char *message, const char *hint)
{
    if (!r->got->fault)
        r->got->fault = message, r->got->hint = hint, r->got->fault_at = at;
}

static void count_words(struct reader *r, size_t n)
{
    r->words = n < WORDS_ANY - r->words ? r->words + n : WORDS_ANY;
}

static char look(const struct reader *r, size_t ahead)
{
    return r->at + ahead < r->text.n ? r->text.p[r->at + ahead] : '\0';
}

/* Notes what stands at [from, r->at). The bit returned is to be filled in further. */
static struct pattern_bit *note(struct reader *r, enum pattern_bit_kind kind, size_t from, size_t expression_at)
{
    struct pattern_bit *bit = r->got->bits;
    if (r->keep_bits || !bit)
        bit = ARENA_PUSH(r->a, r->got->bits, r->got->n_bits, r->got->cap_bits);
    *bit = (struct pattern_bit){.kind = kind, .from = from, .to = r->at, .expression_at = expression_at,
                                .group = NONE, .entity = NONE, .value = NONE};
    return bit;
}

static size_t written(const struct reader *r)
{
    return r->out ? r->out->n : 0;
}

static void require(struct reader *r, const uint32_t *signals, size_t n)
{
    if (r->quiet || r->got->n_clauses == CLAUSES_MAX || !n)
        return;
    uint32_t *copy = arena_raw(r->a, n * sizeof *copy);
    memcpy(copy, signals, n * sizeof *copy);
    r->got->clauses[r->got->n_clauses++] = (struct clause){copy, (uint32_t)n};
}

static void require_one(struct reader *r, uint32_t signal)
{
    require(r, &signal, 1);
}

static size_t longest_of(const struct entity *e)
{
    size_t longest = 0;
    for (size_t v = 0; v < e->n_values; v++)
        longest = e->values[v].range.longest > longest ? e->values[v].range.longest : longest;
    return longest;
}

static uint32_t signal_of_name(const struct reader *r, uint16_t entity, uint16_t value)
{
    return value == NONE ? EARLY_SIGNAL(KIND_ENTITY, entity)
                         : EARLY_SIGNAL(KIND_VALUE, r->d->entities[entity].first_value + value);
}

static void add_entity(struct reader *r, uint16_t entity, uint16_t value, struct str value_name, size_t at)
{
    const struct entity *e = &r->d->entities[entity];
    if (value_name.n && value == NONE) {
        fault(r, at, "the entity has no such value", value_hint(e, value_name, "", r->a));
        return;
    }
    count_words(r, value_name.n ? e->values[value].range.longest : longest_of(e));
    require_one(r, signal_of_name(r, entity, value));
    if (r->out)
        buf_add(r->out, value_name.n ? expression_of_value(r->d, entity, value) : expression_of_entity(r->d, entity));
}

static void add_group(struct reader *r, uint16_t group)
{
    count_words(r, r->d->groups[group].range.longest);
    require_one(r, EARLY_SIGNAL(KIND_GROUP, group));
    if (r->out)
        buf_add(r->out, expression_of_group(r->d, group));
}

struct named {                  /* what a name in <> stands for; NONE where it is not of that kind */
    uint16_t group, entity, value;
    struct str value_name;
};

static struct named find_name(const struct reader *r, struct str name)
{
    struct named found = {NONE, NONE, NONE, {NULL, 0}};
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == ':') {
            found.value_name = str_sub(name, i + 1, name.n);
            name = str_sub(name, 0, i);
        }
    uint16_t pack = r->d->intents[r->pattern->intent].pack;
    found.entity = entity_named(r->d, pack, name);
    if (found.entity != NONE && found.value_name.n)
        found.value = value_named(&r->d->entities[found.entity], found.value_name);
    else if (found.entity == NONE && !found.value_name.n)
        found.group = group_named(r->d, pack, name);
    return found;
}

/* What a name may have meant that is neither a group's nor an entity's. */
static const char *hint_for(const struct reader *r, struct str name)
{
    uint16_t pack = r->d->intents[r->pattern->intent].pack;
    const char *group = name_hint(r->d, NAME_GROUP, pack, name, NULL, r->a);
    return group ? group : name_hint(r->d, NAME_ENTITY, pack, name, "define it under \"words\" or \"entities\"", r->a);
}

/* <group>, <entity> or <entity:value> */
static void read_name(struct reader *r)
{
    size_t open = r->at, end = r->at + 1;
    while (end < r->text.n && r->text.p[end] != '>')
        end++;
    if (end == r->text.n) {
        fault(r, open, "a name never ends", "close it with >");
        r->at = end;
        return;
    }
    struct named named = find_name(r, str_sub(r->text, open + 1, end));
    r->at = end + 1;
    struct pattern_bit *bit = note(r, BIT_NAME, open, written(r));
    bit->entity = named.entity;
    bit->group = named.group;
    bit->value = named.value;
    if (named.entity != NONE)
        add_entity(r, named.entity, named.value, named.value_name, open);
    else if (named.group != NONE)
        add_group(r, named.group);
    else
        fault(r, open, "there is no word group and no entity of this name", hint_for(r, str_sub(r->text, open + 1, end)));
}

static bool plain_char(char c)
{
    return ch_alnum(c) || c == '\'' || c == '-' || c == ',' || (unsigned char)c >= 0x80;
}

/* Letters that stand for themselves: folded the way questions are. A word of filler gives nothing. */
static void add_plain(struct reader *r, struct str token)
{
    uint32_t words[16];
    size_t n = r->out ? lexicon_look(&r->d->lexicon, token, words, 16)
                      : lexicon_read(&r->d->lexicon, token, WORD_SUBJECT, words, 16);
    count_words(r, n);
    for (size_t i = 0; i < n; i++) {
        require(r, &words[i], 1);
        if (r->out) {
            for (size_t k = 0; k < r->d->lexicon.words[words[i]].text.n; k++)
                expression_char(r->out, r->d->lexicon.words[words[i]].text.p[k]);
            buf_addc(r->out, ' ');
        }
    }
}

/* May what stands in front of this be missing? */
static bool is_optional(struct str token, size_t at)
{
    return at < token.n && (token.p[at] == '?' || token.p[at] == '*' || token.p[at] == '{');
}

/* Does PCRE2 inside a word ask for a digit wherever it matches? "\d{5}", "20[12]\d". What stands in ( or [ is not looked at. */
static bool needs_digit(struct str token)
{
    size_t depth = 0;
    bool set = false;
    for (size_t i = 0; i < token.n; i++) {
        char c = token.p[i];
        bool escaped = c == '\\' && i + 1 < token.n;
        if (escaped)
            c = token.p[++i];
        if (set) {
            set = escaped || c != ']';
            continue;
        }
        set = !escaped && c == '[';
        depth += !escaped && c == '(';
        depth -= !escaped && c == ')' && depth > 0;
        bool digit = escaped ? c == 'd' : ch_digit(c);
        bool counted = i + 2 < token.n && token.p[i + 1] == '{' && token.p[i + 2] >= '1' && token.p[i + 2] <= '9';
        if (digit && !depth && (counted || !is_optional(token, i + 1)))
            return true;
        while (!escaped && c == '{' && i < token.n && token.p[i] != '}') /* its figures are no letters */
            i++;
    }
    return false;
}

/* PCRE2 inside a word: groups do not capture, a dot is no space. */
static void add_raw(struct reader *r, struct str token)
{
    r->got->raw = true;
    count_words(r, WORDS_ANY);
    if (needs_digit(token))
        require_one(r, EARLY_SIGNAL(KIND_DIGITS, 0));
    if (!r->out)
        return;
    buf_adds(r->out, "(?:");
    for (size_t i = 0; i < token.n; i++) {
        char c = token.p[i];
        if (c == '\\' && i + 1 < token.n) {
            buf_addc(r->out, c);
            buf_addc(r->out, token.p[++i]);
        } else if (c == '(' && !(i + 1 < token.n && token.p[i + 1] == '?')) {
            buf_adds(r->out, "(?:");
        } else if (c == '.') {
            buf_adds(r->out, "[^ ]");
        } else {
            buf_addc(r->out, c);
        }
    }
    buf_adds(r->out, ") ");
}

static bool quantifier(char c)
{
    return c == '?' || c == '*' || c == '+';
}

/*
 * Does the parenthesis here open a group of words? It does where a space or an end stands on either side, "(a|b) c", and
 * where a space stands inside, "why( is that)?". Otherwise it belongs to a word: "certif(y|ied)".
 */
static bool opens_word_group(const struct reader *r, bool inside_word)
{
    size_t depth = 0, i = r->at;
    for (; i < r->text.n; i++) {
        char c = r->text.p[i];
        if (c == '\\')
            i++;
        if (c == ' ')
            return true;
        depth += c == '(';
        if (c == ')' && --depth == 0)
            break;
    }
    if (i >= r->text.n)
        return true; /* never ends: read_group says so */
    if (i + 1 < r->text.n && quantifier(r->text.p[i + 1]))
        i++;
    char behind = i + 1 < r->text.n ? r->text.p[i + 1] : ' ';
    return !inside_word && (behind == ' ' || behind == ')' || behind == '|' || behind == '$' || behind == '(');
}

/* A word: up to the next space or the end of the group around it; parentheses and brackets inside belong to it. */
static void read_word(struct reader *r)
{
    size_t from = r->at, depth = 0;
    bool plain = true, small = true, set = false;
    for (; r->at < r->text.n; r->at++) {
        char c = r->text.p[r->at];
        if (c >= 'a' && c <= 'z')
            continue; /* most are */
        small = false;
        if (c == '\\') {
            plain = false;
            r->at += r->at + 1 < r->text.n;
            continue;
        }
        if (set) {
            set = c != ']';
            continue;
        }
        if (depth == 0 && (c == ' ' || c == ')' || c == '|' || c == '<' || c == '$' || (c == '(' && opens_word_group(r, true))))
            break;
        set = c == '[';
        depth += c == '(';
        depth -= c == ')' && depth > 0;
        plain = plain && plain_char(c);
    }
    struct str token = str_sub(r->text, from, r->at);
    for (size_t i = 0; !small && i < token.n; i++)
        if (token.p[i] >= 'A' && token.p[i] <= 'Z' && !(i && token.p[i - 1] == '\\'))
            fault(r, from + i, "a capital letter can never match: questions are folded to small letters", "write it small");
    if (depth)
        fault(r, from, "a group never ends", "close it with )");
    note(r, plain ? BIT_WORD : BIT_RAW, from, written(r));
    if (plain)
        add_plain(r, token);
    else
        add_raw(r, token);
}

static void read_alternatives(struct reader *r, size_t depth);

/* How often a clause will hold, roughly: words of grammar are in most questions. */
static size_t commonness(const struct docent *d, const struct clause *c)
{
    size_t sum = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        bool word = c->signals[i] >> KIND_SHIFT == KIND_WORD;
        sum += word && d->lexicon.words[c->signals[i]].flags & WORD_FUNCTION ? 20 : 1;
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
    if (depth > 20)
        fault(r, open, "groups nest too deeply", "");
    note(r, BIT_OPEN, open, written(r));
    if (r->out)
        buf_adds(r->out, "(?:");
    if (!r->got->fault)
        read_alternatives(r, depth + 1);
    count_words(r, words);
    if (look(r, 0) == ')')
        r->at++;
    else
        fault(r, open, "missing closing parenthesis", "close the group that opens here");
    if (r->out)
        buf_addc(r->out, ')');
    char q = look(r, 0);
    note(r, BIT_CLOSE, open, written(r))->quantifier = quantifier(q) ? q : '\0';
    if (quantifier(q)) {
        r->at++;
        if (r->out)
            buf_addc(r->out, q);
        if (q != '+')
            r->got->n_clauses = before;
        if (q != '?') {
            r->got->raw = true;
            count_words(r, WORDS_ANY);
        }
    }
}

/* Rows of words between gaps are captured, so that a match tells which words it accounts for. */
static void open_row(struct reader *r, size_t depth, bool *open)
{
    if (depth == 0 && !*open && r->out && ++r->captures <= PATTERN_CAPTURES)
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
        char c = look(r, 0);
        if (c == ' ' || c == '?') { /* "a ?b" says no more than "a b": spaces need no care */
            r->at++;
            continue;
        }
        if (c == ')' || c == '|' || (depth == 0 && c == '&'))
            break;
        r->ends = c == '$';
        if (c == '.' && look(r, 1) == '.' && look(r, 2) == '.') {
            r->at += 3;
            note(r, BIT_GAP, r->at - 3, written(r));
            close_row(r, &open);
            count_words(r, PATTERN_GAP);
            if (r->out)
                buf_addf(r->out, "(?:[^ ]+ ){0,%d}?", PATTERN_GAP);
        } else if (c == '.' && look(r, 1) == '*') {
            r->at += 2;
            note(r, BIT_ANY, r->at - 2, written(r));
            close_row(r, &open);
            count_words(r, WORDS_ANY);
            if (r->out)
                buf_adds(r->out, "(?:[^ ]+ )*?");
        } else if (c == '$') {
            r->at++;
            note(r, BIT_END, r->at - 1, written(r));
            close_row(r, &open);
            if (r->out)
                buf_addc(r->out, '$');
        } else {
            open_row(r, depth, &open);
            if (c == '(' && opens_word_group(r, false))
                read_group(r, depth);
            else if (c == '<')
                read_name(r);
            else
                read_word(r);
        }
    }
    close_row(r, &open);
}

/* What every alternative requires is put together: one signal of each alternative's sharpest clause. */
static void read_alternatives(struct reader *r, size_t depth)
{
    size_t before = r->got->n_clauses, n = 0, cap = 0;
    uint32_t *either = NULL;
    bool all = true;
    size_t alternatives = 0, words = 0;
    bool end = true;
    for (;;) {
        size_t start = r->out ? r->out->n : 0;
        read_row(r, depth);
        words = r->words > words ? r->words : words;
        end = end && r->ends;
        bool empty = r->out && r->out->n == start; /* an alternative of filler only: it must not match everything */
        if (empty && start && r->out->p[start - 1] == '|')
            buf_cut(r->out, start - 1);
        alternatives++;
        const struct clause *c = sharpest(r->d, r->got->clauses + before, r->got->n_clauses - before);
        if (alternatives == 1 && look(r, 0) != '|')
            return; /* a single row keeps all of its clauses */
        all = all && c;
        for (size_t i = 0; c && i < c->n; i++)
            *ARENA_PUSH(r->a, either, n, cap) = c->signals[i];
        r->got->n_clauses = before;
        if (look(r, 0) != '|')
            break;
        r->at++;
        note(r, BIT_OR, r->at - 1, written(r));
        if (r->out && !(empty && alternatives == 1))
            buf_addc(r->out, '|');
        else if (r->out)
            alternatives = 0; /* the first one was empty: begin anew */
    }
    r->words = words;
    r->ends = end;
    if (all)
        require(r, either, n);
}

/* --- what must not occur ------------------------------------------------------------------------------------ */

/*
 * "!(<region>|abroad|far away)": that the first two do not occur is told by the question's signals. They are forbidden
 * to the index, and only the others are left to PCRE2, for which long lists to be looked for everywhere are hard work.
 */
struct negation {
    size_t from, to;            /* the alternatives */
    size_t end;                 /* of the part */
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
    for (size_t depth = 0; at < text.n; at++) {
        char c = text.p[at];
        if (depth == 0 && (c == '|' || c == ')'))
            break;
        at += c == '\\' && at + 1 < text.n;
        depth += c == '(';
        depth -= c == ')';
    }
    return at;
}

/* Is the negated part that begins here a list of alternatives in parentheses, or a single one? */
static bool find_negation(const struct reader *r, struct negation *n)
{
    bool list = look(r, 0) == '(' && opens_word_group(r, false);
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
        struct named named = find_name(r, str_sub(text, 1, text.n - 1));
        if (named.entity != NONE && (named.value != NONE) == (named.value_name.n > 0))
            *signal = signal_of_name(r, named.entity, named.value);
        else if (named.group != NONE)
            *signal = EARLY_SIGNAL(KIND_GROUP, named.group);
        else
            return false;
        return true;
    }
    for (size_t i = 0; i < text.n; i++)
        if (!plain_char(text.p[i]))
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

#define FROM_ANY_WORD "(?:[^ ]+ )*?"

/* Writes the alternatives that no signal tells of. */
static void read_rest(struct reader *r, const struct negation *n)
{
    struct str whole = r->text;
    bool any = false;
    for (size_t at = n->from, end; at < n->to; at = end + 1) {
        uint32_t signal;
        end = end_of_alternative(str_sub(whole, 0, n->to), at);
        if (find_signal(r, str_sub(whole, at, end), &signal))
            continue;
        r->text = str_sub(whole, 0, end);
        r->at = at;
        buf_adds(r->out, any ? "|" : "(?!" FROM_ANY_WORD "(?:");
        size_t start = r->out->n;
        read_row(r, 1);
        if (r->out->n == start) /* filler only: it must not match everything */
            buf_cut(r->out, any ? start - 1 : start - strlen("(?!" FROM_ANY_WORD "(?:"));
        else
            any = true;
    }
    if (any)
        buf_adds(r->out, "))");
    r->text = whole;
    r->at = n->end;
}

/* --- whole patterns ----------------------------------------------------------------------------------------- */

/* FROM_ANY_WORD goes by whole words: as good as trying at every place, and many times as fast. */
static void begin_part(struct reader *r, bool single, bool negated, bool anchored)
{
    buf_adds(r->out, single ? "^" : negated ? "(?!" : "(?=");
    buf_adds(r->out, anchored ? "" : FROM_ANY_WORD);
    buf_adds(r->out, single ? "(?:" : "");
}

/* One part of "a & b & !c". Parts of several stand in look-aheads, so that their order does not matter. */
static void read_part(struct reader *r, bool single)
{
    while (look(r, 0) == ' ')
        r->at++;
    bool negated = look(r, 0) == '!';
    r->at += negated;
    while (look(r, 0) == ' ')
        r->at++;
    bool anchored = look(r, 0) == '^';
    r->at += anchored;
    r->quiet = negated;
    size_t from = r->at;
    struct pattern_bit *bit = note(r, BIT_PART, from, written(r));
    bit->negated = negated;
    bit->anchored = anchored;
    struct negation negation;
    bool listed = negated && !single && !anchored && find_negation(r, &negation);
    if (listed && r->lean && forbid_signals(r, &negation)) {
        read_rest(r, &negation);
        r->quiet = false;
        return;
    }
    if (r->out)
        begin_part(r, single, negated, anchored);
    read_alternatives(r, 0);
    if (listed && !r->lean && !r->got->fault)
        forbid_signals(r, &negation);
    if (r->out)
        buf_addc(r->out, ')');
    r->quiet = false;
    if (anchored && r->ends && !negated && r->words < r->got->words_max)
        r->got->words_max = (uint16_t)r->words;
    if (str_trim(str_sub(r->text, from, r->at)).n == 0)
        fault(r, from < r->text.n ? from : r->text.n, "there is nothing here to match", "");
    if (single && negated)
        fault(r, 0, "a pattern cannot only say what must not occur", "add a part that must, with &");
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
    if (r->out && !single)
        buf_addc(r->out, '^');
    for (;;) {
        read_part(r, single);
        if (look(r, 0) != '&' || r->got->fault)
            break;
        r->at++;
    }
    if (look(r, 0) == ')')
        fault(r, r->at, "a ) that closes nothing", "");
}

void pattern_read(struct docent *d, const struct pattern *pattern, enum pattern_use use, struct arena *a, struct buf *expression,
                  struct pattern_reading *out)
{
    *out = (struct pattern_reading){.words_max = WORDS_ANY};
    struct reader r = {.d = d, .a = a, .pattern = pattern, .text = pattern->text, .out = expression, .got = out};
    r.keep_bits = use == PATTERN_BITS;
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
