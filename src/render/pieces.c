#include "render/pieces.h"

#include "base/utf8.h"

#include <assert.h>
#include <string.h>

/* Where a text may be cut, the best places last. */
enum rank {
    RANK_ANY, /* between two characters */
    RANK_WORD,
    RANK_SENTENCE,
    RANK_LINE,
    RANK_BLOCK, /* before or behind a fence */
    RANK_PARAGRAPH,
    RANKS
};

enum { FENCE_UNITS = 4 }; /* of "```\n" before a piece, and of "\n```" behind it */

/* A place in the text that is being cut. */
struct place {
    size_t at, units; /* bytes, and units from the start of the piece */
    bool in_fence;    /* units of what would close it are not among these */
};

/* The text from the start of a piece on, read once. */
struct scan {
    struct str text;
    size_t limit;
    struct place here;
    struct place last[RANKS]; /* the last place of at least that rank that the piece can reach */
    size_t beyond[RANKS];     /* units at the first place of at least that rank behind it; 0: not found */
};

static size_t with_close(const struct place *p)
{
    return p->units + (p->in_fence ? FENCE_UNITS : 0);
}

static size_t units_of(int32_t c)
{
    return c > 0xFFFF ? 2 : 1;
}

size_t pieces_units(struct str text)
{
    size_t units = 0;
    while (text.n)
        units += units_of(utf8_next(&text));
    return units;
}

/* --- what is never cut -------------------------------------------------------------------------------------- */

static char byte_at(struct str s, size_t i)
{
    return i < s.n ? s.p[i] : '\0';
}

/* Bytes up to and with `close`, when it comes on this line and before `not`; else 0. */
static size_t closed_by(struct str s, char close, char not_before)
{
    for (size_t i = 1; i < s.n && s.p[i] != '\n'; i++) {
        if (s.p[i] == close)
            return i + 1;
        if (s.p[i] == not_before)
            return 0;
    }
    return 0;
}

/* `&amp;` */
static size_t entity(struct str s)
{
    enum { ENTITY_MAX = 12 };
    size_t n = closed_by(str_sub(s, 0, ENTITY_MAX), ';', ' ');
    for (size_t i = 1; i + 1 < n; i++)
        if (!ch_alnum(s.p[i]) && s.p[i] != '#')
            return 0;
    return n > 2 ? n : 0;
}

/* Words between marks, as in **bold** or `code`: the marks touch the words inside and do not touch words outside. */
static size_t marked(struct str s, char before)
{
    char mark = s.p[0];
    size_t width = 1;
    while (width < 3 && byte_at(s, width) == mark)
        width++;
    if (ch_alnum(before) || ch_space(byte_at(s, width)) || width >= s.n)
        return 0;
    for (size_t i = width; i + width <= s.n && s.p[i] != '\n'; i++)
        if (i > width && memcmp(s.p + i, s.p, width) == 0 && !ch_space(s.p[i - 1]) && !ch_alnum(byte_at(s, i + width)))
            return i + width;
    return 0;
}

/* A character with what is combined with it: not without bound, a stranger may have stacked thousands of accents. */
static size_t character(struct str s)
{
    enum { COMBINED_MAX = 40 };
    s = str_sub(s, 0, COMBINED_MAX);
    struct str rest = s;
    int32_t c = utf8_next(&rest);
    while (rest.n) {
        struct str next = rest;
        bool joined = c == 0x200D;
        c = utf8_next(&next);
        if (!joined && (c < 0x80 || utf8_columns(c) != 0))
            break;
        rest = next;
    }
    return s.n - rest.n;
}

/* Bytes of what begins here and is not to be cut. before: the byte before it, NUL at the start. */
static size_t atom(struct str s, char before, size_t limit)
{
    size_t n = 0;
    s = str_sub(s, 0, 4 * limit);
    switch (s.p[0]) {
    case '\\':
        n = s.n > 1 && s.p[1] != '\n' ? 1 + character(str_sub(s, 1, s.n)) : 0;
        break;
    case '&':
        n = entity(s);
        break;
    case '<':
        n = closed_by(s, '>', '<');
        break;
    case '*':
    case '_':
    case '~':
    case '`':
        n = marked(s, before);
        break;
    default:
        break;
    }
    return n && pieces_units(str_sub(s, 0, n)) <= limit ? n : character(s);
}

/* --- where it may be cut ------------------------------------------------------------------------------------ */

static bool is_fence(struct str s, size_t at)
{
    return str_starts(str_sub(s, at, s.n), STR("```"));
}

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

static bool ends_sentence(struct str s, size_t at)
{
    while (at && is_one_of(s.p[at - 1], ")\"'*_"))
        at--;
    return at && is_one_of(s.p[at - 1], ".!?");
}

/* The line that ends at `at` begins a fence, or ends one. */
static bool is_fence_line(struct str s, size_t at)
{
    while (at && s.p[at - 1] != '\n')
        at--;
    return is_fence(s, at);
}

/* Whether, and how well, the text can be cut at a place where white space begins. RANK_ANY: not there. */
static enum rank rank_at(struct str s, const struct place *here)
{
    size_t at = here->at, behind = at + 1;
    if (s.p[at] != '\n')
        return s.p[at] != ' ' ? RANK_ANY : !here->in_fence && ends_sentence(s, at) ? RANK_SENTENCE : RANK_WORD;
    bool fence_before = is_fence_line(s, at), fence_behind = is_fence(s, behind);
    if (here->in_fence)
        return fence_before || fence_behind ? RANK_ANY : RANK_LINE; /* no fence without a line */
    while (behind < s.n && (s.p[behind] == ' ' || s.p[behind] == '\t'))
        behind++;
    if (byte_at(s, behind) == '\n')
        return RANK_PARAGRAPH;
    return fence_before || fence_behind ? RANK_BLOCK : RANK_LINE;
}

static void note(struct scan *s, enum rank rank)
{
    for (int r = 0; r <= (int)rank; r++) {
        if (with_close(&s->here) <= s->limit)
            s->last[r] = s->here;
        else if (!s->beyond[r])
            s->beyond[r] = s->here.units;
    }
}

static struct scan scan_from(struct str text, bool in_fence, size_t limit)
{
    return (struct scan){text, limit, .here = {.units = in_fence ? FENCE_UNITS : 0, .in_fence = in_fence}};
}

/* Bytes of the next thing that is not to be cut. */
static size_t step(const struct scan *s)
{
    struct str rest = str_sub(s->text, s->here.at, s->text.n);
    if (s->here.in_fence && rest.p[0] != '&')
        return character(rest);
    return atom(rest, s->here.at ? rest.p[-1] : '\0', s->limit);
}

/* Reads on until the piece is full and it is known what stands behind it. False: all of the text fits. */
static bool read_on(struct scan *s)
{
    struct place *here = &s->here;
    while (here->at < s->text.n && here->units <= 2 * (s->limit + FENCE_UNITS)) {
        char c = s->text.p[here->at];
        enum rank rank = c == ' ' || c == '\n' ? rank_at(s->text, here) : RANK_ANY;
        if (here->at)
            note(s, rank);
        bool line_starts = here->at == 0 || s->text.p[here->at - 1] == '\n';
        bool fence = line_starts && is_fence(s->text, here->at);
        size_t n = fence ? 3 : step(s);
        here->units += pieces_units(str_sub(s->text, here->at, here->at + n));
        here->at += n;
        here->in_fence ^= fence;
    }
    if (here->at == s->text.n && with_close(here) <= s->limit)
        return false;
    if (here->at == s->text.n)
        note(s, RANK_PARAGRAPH);
    return true;
}

static struct str trim_end(struct str s)
{
    while (s.n && ch_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* Without the line ends and blank lines before it. Spaces that indent its first line stay, unless a line was cut there. */
static struct str trim_start(struct str s, bool in_line)
{
    size_t blank = 0;
    while (blank < s.n && ch_space(s.p[blank]))
        blank++;
    size_t start = blank;
    while (!in_line && start && s.p[start - 1] != '\n')
        start--;
    return str_sub(s, blank == s.n ? s.n : start, s.n);
}

/* What is left of the text when it was cut there. */
static struct str rest_behind(struct str text, size_t at)
{
    return trim_start(str_sub(text, at, text.n), byte_at(text, at) != '\n');
}

/*
 * The best place to end a piece: of the highest rank for which what would be cut in two otherwise, the paragraph or line
 * or word that crosses the limit, has room in a piece of its own.
 */
static struct place choose(const struct scan *s)
{
    for (int r = RANKS - 1; r > RANK_ANY; r--) {
        const struct place *end = &s->last[r];
        if (!end->at || !s->beyond[r])
            continue;
        size_t dropped = s->text.n - end->at - rest_behind(s->text, end->at).n;
        size_t wanted = s->beyond[r] - end->units - dropped + (end->in_fence ? 2 * FENCE_UNITS : 0);
        if (wanted <= s->limit)
            return *end;
    }
    return s->last[RANK_ANY];
}

/* --- cutting ------------------------------------------------------------------------------------------------ */

static struct str framed(struct str s, bool opened, bool open, const char *more, struct arena *a)
{
    if (!opened && !open && !*more)
        return s;
    return arena_fmt(a, "%s%.*s%s%s", opened ? "```\n" : "", STR_FMT(s), more, open ? "\n```" : "");
}

struct str *pieces_cut(struct str text, size_t limit, size_t max, struct arena *a, size_t *n)
{
    assert(limit >= PIECES_LIMIT_MIN && max >= 1);
    struct str *pieces = arena_array(a, max, sizeof *pieces);
    bool in_fence = false;
    *n = 0;
    for (text = trim_end(trim_start(text, false)); text.n;) {
        bool is_last = *n + 1 == max;
        struct scan s = scan_from(text, in_fence, limit);
        if (!read_on(&s)) {
            pieces[(*n)++] = framed(text, in_fence, s.here.in_fence, "", a);
            break;
        }
        if (is_last) { /* once more, with room for the dots */
            s = scan_from(text, in_fence, limit - 1);
            read_on(&s);
        }
        struct place end = choose(&s);
        struct str piece = trim_end(str_sub(text, 0, end.at));
        if (piece.n) /* else it was white space that indents a line */
            pieces[(*n)++] = framed(piece, in_fence, end.in_fence, is_last ? "…" : "", a);
        if (piece.n && is_last)
            break;
        in_fence = end.in_fence;
        text = rest_behind(text, end.at);
    }
    return pieces;
}

struct str pieces_short(struct str text, size_t limit, struct arena *a)
{
    char *line = arena_alloc(a, text.n + sizeof "…");
    struct place here = {0}, fits = {0}, word = {0}; /* the last two with room for the dots */
    text = str_trim(text);
    while (text.n) {
        size_t n = character(text);
        struct str c = ch_space(text.p[0]) ? STR(" ") : str_sub(text, 0, n);
        text = str_sub(text, n, text.n);
        if (str_eq(c, STR(" ")) && line[here.at - 1] == ' ')
            continue;
        if (here.units < limit)
            fits = here;
        if (here.units < limit && str_eq(c, STR(" ")))
            word = here;
        memcpy(line + here.at, c.p, c.n);
        here.at += c.n;
        here.units += pieces_units(c);
    }
    if (here.units <= limit)
        return (struct str){line, here.at};
    size_t n = word.units >= limit / 2 ? word.at : fits.at;
    memcpy(line + n, "…", sizeof "…");
    return (struct str){line, n + sizeof "…" - 1};
}
