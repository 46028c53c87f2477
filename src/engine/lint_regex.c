#include "engine/lint_regex.h"

#include "base/buf.h"

#include <string.h>

enum { SAMPLES_MAX = 48, CLASS_SHOWN = 8, NESTING_MAX = 40 };

enum regex_kind { RX_CHARS, RX_ROW, RX_EITHER, RX_REPEAT, RX_NOTHING };

struct set {
    uint64_t bits[4];
};

struct regex {
    enum regex_kind kind;
    struct set chars;     /* RX_CHARS */
    struct regex **items; /* of a row, alternatives, or the one that is repeated */
    size_t n, cap;
    size_t min;         /* RX_REPEAT */
    bool endless, once; /* once: at most once */
    bool opaque;        /* RX_NOTHING: stands for something that is not understood */
    size_t at;
};

/* --- sets of bytes ------------------------------------------------------------------------------------------ */

static void set_add(struct set *s, unsigned char c)
{
    s->bits[c / 64] |= UINT64_C(1) << c % 64;
}

static bool set_has(const struct set *s, unsigned char c)
{
    return s->bits[c / 64] >> c % 64 & 1;
}

static void set_range(struct set *s, unsigned char from, unsigned char to)
{
    for (unsigned c = from; c <= to; c++)
        set_add(s, (unsigned char)c);
}

static void set_join(struct set *s, const struct set *other)
{
    for (size_t i = 0; i < 4; i++)
        s->bits[i] |= other->bits[i];
}

static void set_invert(struct set *s)
{
    for (size_t i = 0; i < 4; i++)
        s->bits[i] = ~s->bits[i];
    s->bits[0] &= ~(UINT64_C(1) << ' '); /* a word holds no space */
}

static bool sets_meet(const struct set *a, const struct set *b)
{
    for (size_t i = 0; i < 4; i++)
        if (a->bits[i] & b->bits[i])
            return true;
    return false;
}

/* \d \w \s and their opposites; false for other letters. */
static bool set_of_escape(char letter, struct set *s)
{
    switch (ch_lower(letter)) {
    case 'd':
        set_range(s, '0', '9');
        break;
    case 'w':
        set_range(s, '0', '9');
        set_range(s, 'a', 'z');
        set_range(s, 'A', 'Z');
        set_add(s, '_');
        break;
    case 's':
        set_range(s, '\t', '\r');
        break;
    default:
        return false;
    }
    if (letter != ch_lower(letter))
        set_invert(s);
    return true;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

struct parse {
    struct str text;
    size_t at, depth;
    struct arena *a;
};

static struct regex *node(struct parse *p, enum regex_kind kind, size_t at)
{
    struct regex *r = arena_alloc(p->a, sizeof *r);
    r->kind = kind;
    r->at = at;
    return r;
}

static void add_item(struct parse *p, struct regex *to, struct regex *item)
{
    *ARENA_PUSH(p->a, to->items, to->n, to->cap) = item;
}

static char ahead(const struct parse *p, size_t n)
{
    return p->at + n < p->text.n ? p->text.p[p->at + n] : '\0';
}

static struct regex *read_either(struct parse *p);

static struct regex *opaque(struct parse *p, size_t at)
{
    struct regex *r = node(p, RX_NOTHING, at);
    r->opaque = true;
    return r;
}

static unsigned char class_char(struct parse *p, struct set *s, bool *is_set)
{
    char c = ahead(p, 0);
    p->at++;
    *is_set = false;
    if (c == '\\' && p->at < p->text.n) {
        c = ahead(p, 0);
        p->at++;
        *is_set = set_of_escape(c, s);
    }
    return (unsigned char)c;
}

static struct regex *read_class(struct parse *p)
{
    struct regex *r = node(p, RX_CHARS, p->at++);
    bool inverted = ahead(p, 0) == '^', first = true;
    p->at += inverted;
    while (p->at < p->text.n && (ahead(p, 0) != ']' || first)) {
        bool is_set;
        unsigned char from = class_char(p, &r->chars, &is_set);
        first = false;
        if (is_set)
            continue;
        unsigned char to = from;
        if (ahead(p, 0) == '-' && ahead(p, 1) && ahead(p, 1) != ']') {
            p->at++;
            to = class_char(p, &r->chars, &is_set);
        }
        set_range(&r->chars, from, to < from ? from : to);
    }
    p->at += p->at < p->text.n;
    if (inverted)
        set_invert(&r->chars);
    return r;
}

static struct regex *read_escape(struct parse *p)
{
    size_t at = p->at++;
    char c = ahead(p, 0);
    p->at += p->at < p->text.n;
    struct regex *r = node(p, RX_CHARS, at);
    if (set_of_escape(c, &r->chars))
        return r;
    if (c == 'b' || c == 'B' || c == 'A' || c == 'z' || c == 'Z')
        return node(p, RX_NOTHING, at);
    if (ch_alnum(c))
        return opaque(p, at);
    set_add(&r->chars, (unsigned char)c);
    return r;
}

static void skip_group(struct parse *p)
{
    for (size_t depth = 0; p->at < p->text.n; p->at++) {
        char c = ahead(p, 0);
        if (c == '\\')
            p->at++;
        depth += c == '(';
        if (c == ')' && --depth == 0) {
            p->at++;
            return;
        }
    }
}

static struct regex *read_group(struct parse *p)
{
    size_t at = p->at;
    bool plain = ahead(p, 1) != '?' && ahead(p, 1) != '*';
    bool shy = ahead(p, 1) == '?' && (ahead(p, 2) == ':' || ahead(p, 2) == '>');
    if ((!plain && !shy) || p->depth > NESTING_MAX) {
        skip_group(p);
        return opaque(p, at);
    }
    p->at += shy ? 3 : 1;
    p->depth++;
    struct regex *r = read_either(p);
    p->depth--;
    p->at += ahead(p, 0) == ')';
    return r;
}

static struct regex *read_atom(struct parse *p)
{
    size_t at = p->at;
    char c = ahead(p, 0);
    if (c == '(')
        return read_group(p);
    if (c == '[')
        return read_class(p);
    if (c == '\\')
        return read_escape(p);
    p->at++;
    if (c == '^' || c == '$')
        return node(p, RX_NOTHING, at);
    struct regex *r = node(p, RX_CHARS, at);
    if (c == '.')
        set_invert(&r->chars);
    else
        set_add(&r->chars, (unsigned char)c);
    return r;
}

/* {2}, {2,}, {2,5}: false when it is none, the brace then stands for itself. */
static bool read_counts(struct parse *p, size_t *min, size_t *max, bool *endless)
{
    size_t i = p->at + 1, counts[2] = {0, 0}, digits[2] = {0, 0}, which = 0;
    for (; i < p->text.n && p->text.p[i] != '}'; i++) {
        char c = p->text.p[i];
        if (c == ',' && which == 0)
            which = 1;
        else if (ch_digit(c) && digits[which] < 6)
            counts[which] = counts[which] * 10 + (size_t)(c - '0'), digits[which]++;
        else
            return false;
    }
    if (i >= p->text.n || (!digits[0] && !digits[1]))
        return false;
    *min = counts[0];
    *endless = which == 1 && !digits[1];
    *max = which == 1 ? counts[1] : counts[0];
    p->at = i + 1;
    return true;
}

static struct regex *read_repeat(struct parse *p, struct regex *atom)
{
    size_t at = p->at, min = 0, max = 1;
    bool endless = false;
    char c = ahead(p, 0);
    if (c == '*' || c == '+' || c == '?')
        min = c == '+', endless = c != '?', p->at++;
    else if (c != '{' || !read_counts(p, &min, &max, &endless))
        return atom;
    if (ahead(p, 0) == '?' || ahead(p, 0) == '+') /* lazy or possessive: the same texts */
        p->at++;
    struct regex *r = node(p, RX_REPEAT, at);
    r->min = min;
    r->endless = endless || max > 20;
    r->once = !endless && max == 1;
    add_item(p, r, atom);
    return r;
}

static struct regex *read_row(struct parse *p)
{
    struct regex *row = node(p, RX_ROW, p->at);
    while (p->at < p->text.n && ahead(p, 0) != '|' && ahead(p, 0) != ')') {
        struct regex *item = read_atom(p);
        for (struct regex *again; (again = read_repeat(p, item)) != item;)
            item = again;
        add_item(p, row, item);
    }
    return row;
}

static struct regex *read_either(struct parse *p)
{
    struct regex *either = node(p, RX_EITHER, p->at);
    add_item(p, either, read_row(p));
    while (ahead(p, 0) == '|') {
        p->at++;
        add_item(p, either, read_row(p));
    }
    return either;
}

struct regex *regex_read(struct str word, struct arena *a)
{
    struct parse p = {.text = word, .a = a};
    return read_either(&p);
}

/* --- what it matches ---------------------------------------------------------------------------------------- */

struct samples {
    struct str items[SAMPLES_MAX];
    size_t n;
    bool exact;
};

static void keep(struct samples *s, struct str text)
{
    if (s->n < SAMPLES_MAX)
        s->items[s->n++] = text;
    else
        s->exact = false;
}

static void join_samples(struct samples *s, const struct samples *more, struct arena *a)
{
    struct samples *old = arena_alloc(a, sizeof *old);
    *old = *s;
    s->n = 0;
    s->exact = old->exact && more->exact;
    for (size_t i = 0; i < old->n; i++)
        for (size_t k = 0; k < more->n; k++)
            keep(s, arena_fmt(a, "%.*s%.*s", STR_FMT(old->items[i]), STR_FMT(more->items[k])));
}

static struct samples *sample(const struct regex *r, struct arena *a);

static void sample_chars(const struct regex *r, struct samples *s, struct arena *a)
{
    static const char likely[] = "aeinort0123456789bcdfghjklmpqsuvwxyz";
    size_t count = 0;
    for (unsigned c = 1; c < 256; c++)
        count += set_has(&r->chars, (unsigned char)c);
    s->exact = count <= CLASS_SHOWN;
    for (const char *c = likely; *c && !s->exact; c++)
        if (s->n < 2 && set_has(&r->chars, (unsigned char)*c))
            keep(s, arena_str(a, (struct str){c, 1}));
    for (unsigned c = 1; c < 256 && (s->exact || !s->n); c++)
        if (set_has(&r->chars, (unsigned char)c))
            keep(s, arena_str(a, (struct str){(const char[]){(char)c}, 1}));
}

static void sample_repeat(const struct regex *r, struct samples *s, struct arena *a)
{
    const struct samples *one = sample(r->items[0], a);
    size_t least = r->min < 3 ? r->min : 3;
    struct samples row = {.items = {{"", 0}}, .n = 1, .exact = true};
    for (size_t i = 0; i <= least + (least == 0 || r->endless); i++) {
        if (i >= least)
            for (size_t k = 0; k < row.n; k++)
                keep(s, row.items[k]);
        join_samples(&row, one, a);
        if (!r->endless && r->min > 0 && i == least)
            break;
    }
    s->exact = s->exact && one->exact && r->once;
}

static struct samples *sample(const struct regex *r, struct arena *a)
{
    struct samples *s = arena_alloc(a, sizeof *s);
    s->exact = true;
    switch (r->kind) {
    case RX_CHARS:
        sample_chars(r, s, a);
        break;
    case RX_REPEAT:
        sample_repeat(r, s, a);
        break;
    case RX_EITHER:
        for (size_t i = 0; i < r->n; i++) {
            const struct samples *one = sample(r->items[i], a);
            s->exact = s->exact && one->exact;
            for (size_t k = 0; k < one->n; k++)
                keep(s, one->items[k]);
        }
        break;
    case RX_ROW:
    case RX_NOTHING:
        keep(s, (struct str){"", 0});
        for (size_t i = 0; i < r->n; i++)
            join_samples(s, sample(r->items[i], a), a);
        s->exact = s->exact && !r->opaque;
        break;
    }
    return s;
}

size_t regex_samples(const struct regex *r, struct arena *a, struct str *out, size_t max, bool *exact)
{
    const struct samples *s = sample(r, a);
    size_t n = s->n < max ? s->n : max;
    memcpy(out, s->items, n * sizeof *out);
    *exact = s->exact && n == s->n;
    return n;
}

static const struct regex *only_item(const struct regex *r)
{
    while ((r->kind == RX_EITHER || r->kind == RX_ROW) && r->n == 1)
        r = r->items[0];
    return r;
}

bool regex_matches_any_word(const struct regex *r)
{
    r = only_item(r);
    const struct regex *c = r->kind == RX_REPEAT && r->endless ? only_item(r->items[0]) : NULL;
    if (!c || c->kind != RX_CHARS)
        return false;
    for (char letter = 'a'; letter <= 'z'; letter++)
        if (!set_has(&c->chars, (unsigned char)letter))
            return false;
    return true;
}

/* --- where it is slow --------------------------------------------------------------------------------------- */

static bool can_be_empty(const struct regex *r)
{
    switch (r->kind) {
    case RX_CHARS:
        return false;
    case RX_REPEAT:
        return r->min == 0 || can_be_empty(r->items[0]);
    case RX_EITHER:
        for (size_t i = 0; i < r->n; i++)
            if (can_be_empty(r->items[i]))
                return true;
        return false;
    default:
        for (size_t i = 0; i < r->n; i++)
            if (!can_be_empty(r->items[i]))
                return false;
        return true;
    }
}

/* The characters that a text of it begins with, or (with `all`) holds anywhere. */
static struct set chars_of(const struct regex *r, bool all)
{
    struct set s = r->chars;
    for (size_t i = 0; i < r->n; i++) {
        struct set inner = chars_of(r->items[i], all);
        set_join(&s, &inner);
        if (r->kind == RX_ROW && !all && !can_be_empty(r->items[i]))
            break;
    }
    return s;
}

static bool is_endless(const struct regex *r)
{
    return r->kind == RX_REPEAT && r->endless;
}

/*
 * Is there an endless repeat at the end of a text of `r` that could as well be the beginning of the next one, whose
 * first characters are given? Then each division of a long text is tried: (a+)+, (aa*)+, (a|b+)*.
 */
static const struct regex *runs_into_next(const struct regex *r, const struct set *next)
{
    if (is_endless(r)) {
        struct set own = chars_of(r->items[0], false);
        if (sets_meet(&own, next))
            return r;
    }
    for (size_t i = r->n; i-- > 0;) {
        const struct regex *found = runs_into_next(r->items[i], next);
        if (found)
            return found;
        if (r->kind == RX_ROW && !can_be_empty(r->items[i]))
            break;
    }
    return NULL;
}

static const struct regex *find_nested(const struct regex *r)
{
    if (is_endless(r)) {
        struct set first = chars_of(r->items[0], false);
        const struct regex *inner = runs_into_next(r->items[0], &first);
        if (inner)
            return r;
    }
    for (size_t i = 0; i < r->n; i++) {
        const struct regex *found = find_nested(r->items[i]);
        if (found)
            return found;
    }
    return NULL;
}

/* Two endless repeats in a row of which the first can take all that stands up to the second, and of the second. */
static const struct regex *find_overlapping(const struct regex *r)
{
    for (size_t i = 0; r->kind == RX_ROW && i < r->n; i++) {
        const struct regex *first = only_item(r->items[i]);
        if (!is_endless(first))
            continue;
        struct set own = chars_of(first->items[0], true);
        for (size_t k = i + 1; k < r->n; k++) {
            struct set begins = chars_of(r->items[k], false);
            const struct regex *second = only_item(r->items[k]);
            if (!sets_meet(&own, &begins) && !can_be_empty(r->items[k]))
                break;
            if (is_endless(second) && sets_meet(&own, &begins))
                return second;
        }
    }
    for (size_t i = 0; i < r->n; i++) {
        const struct regex *found = find_overlapping(r->items[i]);
        if (found)
            return found;
    }
    return NULL;
}

enum regex_slowness regex_slow(const struct regex *r, size_t *at)
{
    const struct regex *nested = find_nested(r), *overlapping = find_overlapping(r);
    const struct regex *worst = nested ? nested : overlapping;
    if (worst)
        *at = worst->at;
    return nested ? REGEX_NESTED : overlapping ? REGEX_OVERLAPPING : REGEX_FAST;
}

/* --- making it slow ----------------------------------------------------------------------------------------- */

static bool add_pumped(const struct regex *r, struct buf *out, struct arena *a, size_t length)
{
    if (is_endless(r)) {
        const struct samples *s = sample(r->items[0], a);
        struct str one = {NULL, 0};
        for (size_t i = 0; i < s->n && !one.n; i++)
            one = s->items[i];
        while (one.n && out->n + one.n <= length)
            buf_add(out, one);
        return one.n > 0;
    }
    bool pumped = false;
    for (size_t i = 0; i < r->n; i++)
        if (r->kind != RX_EITHER || !pumped)
            pumped = add_pumped(r->items[i], out, a, length) || pumped;
    if (r->kind == RX_CHARS && out->n < length) {
        const struct samples *s = sample(r, a);
        if (s->n)
            buf_add(out, s->items[0]);
    }
    return pumped;
}

struct str regex_pumped(const struct regex *r, struct arena *a, size_t length)
{
    struct buf out;
    buf_init(&out, length + 64);
    bool pumped = add_pumped(r, &out, a, length);
    struct str word = pumped ? arena_str(a, buf_str(&out)) : (struct str){NULL, 0};
    buf_release(&out);
    return word;
}
