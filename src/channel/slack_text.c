#include "channel/slack_text.h"

#include "base/buf.h"

#include <string.h>

/* --- tokens and entities ------------------------------------------------------------------------------------ */

/* One of the three entities at the front of s: what it stands for, and its length; 0: none. */
static size_t entity_at(struct str s, char *means)
{
    static const struct {
        struct str text;
        char means;
    } entities[] = {{{"&lt;", 4}, '<'}, {{"&gt;", 4}, '>'}, {{"&amp;", 5}, '&'}};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (str_starts(s, entities[i].text)) {
            *means = entities[i].means;
            return entities[i].text.n;
        }
    return 0;
}

/* Moves what stands for itself, up to the first < or &, from the front of s to the end of out. */
static void move_run(struct buf *out, struct str *s)
{
    size_t n = 0;
    while (n < s->n && s->p[n] != '<' && s->p[n] != '&')
        n++;
    buf_add(out, str_sub(*s, 0, n));
    *s = str_sub(*s, n, s->n);
}

/* The same with one character: an entity, or a byte that stands for itself after all. */
static void move_one(struct buf *out, struct str *s)
{
    char c = s->p[0];
    size_t taken = entity_at(*s, &c);
    buf_addc(out, c);
    *s = str_sub(*s, taken ? taken : 1, s->n);
}

static void add_decoded(struct buf *out, struct str s)
{
    for (move_run(out, &s); s.n; move_run(out, &s))
        move_one(out, &s);
}

/* What stands between < and >. */
static void add_token(struct buf *out, struct str inside, struct str own)
{
    struct str label = inside, id;
    str_cut(&label, '|', &id);
    char kind = id.n ? id.p[0] : '\0';
    if (kind == '@' && str_eq(str_sub(id, 1, id.n), own))
        label = STR("");
    if (kind == '@' && label.n && label.p[0] != '@')
        buf_addc(out, '@');
    if (kind == '#' && label.n)
        buf_addc(out, '#');
    bool is_link = kind != '@' && kind != '#' && kind != '!';
    add_decoded(out, label.n || !is_link ? label : id);
    /* "<@U1>when" are two words */
    buf_addc(out, ' ');
}

static void add_plain(struct buf *out, struct str text, struct str own)
{
    for (move_run(out, &text); text.n; move_run(out, &text)) {
        const char *close = text.p[0] == '<' ? memchr(text.p, '>', text.n) : NULL;
        if (close) {
            size_t taken = (size_t)(close - text.p) + 1;
            add_token(out, str_sub(text, 1, taken - 1), own);
            text = str_sub(text, taken, text.n);
        } else {
            move_one(out, &text);
        }
    }
}

/* --- marks and white space ---------------------------------------------------------------------------------- */

static bool is_mark(char c)
{
    return c == '*' || c == '_' || c == '~' || c == '`';
}

/* Bytes of characters beyond ASCII count as letters. */
static bool in_word(char c)
{
    return ch_alnum(c) || (unsigned char)c >= 0x80;
}

static bool is_formatting(struct str s, size_t i)
{
    bool before = i > 0 && in_word(s.p[i - 1]), behind = i + 1 < s.n && in_word(s.p[i + 1]);
    return is_mark(s.p[i]) && !(before && behind);
}

struct str slack_plain(struct str text, struct str own, struct arena *a)
{
    struct buf decoded;
    buf_init(&decoded, 2 * text.n + 1); /* a token becomes at most two bytes longer than its inside */
    add_plain(&decoded, text, own);
    struct str s = buf_str(&decoded);
    char *out = arena_raw(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool space = ch_space(s.p[i]);
        if (!is_formatting(s, i) && !(space && (!n || out[n - 1] == ' ')))
            out[n++] = space ? ' ' : s.p[i];
    }
    if (n && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
    buf_release(&decoded);
    return (struct str){out, n};
}

bool slack_names(struct str text, struct str user)
{
    for (size_t i = 0; user.n && i + user.n + 2 < text.n; i++) {
        struct str rest = str_sub(text, i, text.n);
        if (rest.p[0] != '<' || rest.p[1] != '@' || !str_starts(str_sub(rest, 2, rest.n), user))
            continue;
        char behind = rest.p[2 + user.n];
        if (behind == '>' || behind == '|')
            return true;
    }
    return false;
}
