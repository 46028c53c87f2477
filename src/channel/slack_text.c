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

static void add_decoded(struct buf *out, struct str s)
{
    while (s.n) {
        char c = s.p[0];
        size_t taken = entity_at(s, &c);
        buf_addc(out, c);
        s = str_sub(s, taken ? taken : 1, s.n);
    }
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
    while (text.n) {
        const char *close = text.p[0] == '<' ? memchr(text.p, '>', text.n) : NULL;
        char c = text.p[0];
        size_t taken = 1;
        if (close) {
            taken = (size_t)(close - text.p) + 1;
            add_token(out, str_sub(text, 1, taken - 1), own);
        } else {
            size_t entity = entity_at(text, &c);
            taken = entity ? entity : 1;
            buf_addc(out, c);
        }
        text = str_sub(text, taken, text.n);
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
    struct buf decoded, out;
    buf_init(&decoded, 2 * text.n + 1);     /* a token becomes at most two bytes longer than its inside */
    buf_init(&out, 2 * text.n + 1);
    add_plain(&decoded, text, own);
    struct str s = buf_str(&decoded);
    for (size_t i = 0; i < s.n; i++) {
        bool space = ch_space(s.p[i]);
        if (is_formatting(s, i) || (space && (!out.n || out.p[out.n - 1] == ' ')))
            continue;
        buf_addc(&out, space ? ' ' : s.p[i]);
    }
    struct str plain = arena_str(a, str_trim(buf_str(&out)));
    buf_release(&decoded);
    buf_release(&out);
    return plain;
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
