#include "channel/discord_text.h"

#include <string.h>

/* --- tokens: <…> -------------------------------------------------------------------------------------------- */

static size_t skip_digits(struct str s, size_t i)
{
    while (i < s.n && ch_digit(s.p[i]))
        i++;
    return i;
}

static size_t skip_name(struct str s, size_t i)
{
    while (i < s.n && s.p[i] != ':' && s.p[i] != '>' && s.p[i] != '<' && s.p[i] != '\n')
        i++;
    return i;
}

static bool at(struct str s, size_t i, char c)
{
    return i < s.n && s.p[i] == c;
}

/* `name:digits>` from i on; where it ends, or 0. */
static size_t name_and_id(struct str s, size_t i)
{
    size_t name = skip_name(s, i), id = name + 1;
    if (name == i || !at(s, name, ':'))
        return 0;
    size_t end = skip_digits(s, id);
    return end > id && at(s, end, '>') ? end + 1 : 0;
}

static size_t id_alone(struct str s, size_t i)
{
    size_t end = skip_digits(s, i);
    return end > i && at(s, end, '>') ? end + 1 : 0;
}

/* t:SECONDS or t:SECONDS:STYLE; SECONDS may be negative. */
static size_t time_stamp(struct str s, size_t i)
{
    size_t from = at(s, i, '-') ? i + 1 : i, end = skip_digits(s, from);
    if (end == from)
        return 0;
    if (at(s, end, ':') && end + 1 < s.n && ch_alpha(s.p[end + 1]))
        end += 2;
    return at(s, end, '>') ? end + 1 : 0;
}

/* Length of the token that s begins with, or 0. */
static size_t token_length(struct str s)
{
    if (str_starts(s, STR("<@!")) || str_starts(s, STR("<@&")))
        return id_alone(s, 3);
    if (str_starts(s, STR("<@")) || str_starts(s, STR("<#")))
        return id_alone(s, 2);
    if (str_starts(s, STR("</")) || str_starts(s, STR("<:")))
        return name_and_id(s, 2);
    if (str_starts(s, STR("<a:")))
        return name_and_id(s, 3);
    if (str_starts(s, STR("<t:")))
        return time_stamp(s, 3);
    if (str_starts(s, STR("<id:"))) {
        size_t end = skip_name(s, 4);
        return end > 4 && at(s, end, '>') ? end + 1 : 0;
    }
    return 0;
}

/* --- marks -------------------------------------------------------------------------------------------------- */

/* Length of the mark of a quote, a heading or small text that a line begins with, its space included; or 0. */
static size_t line_mark(struct str line)
{
    static const char *const marks[] = {"> ", ">>> ", "# ", "## ", "### ", "-# "};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (str_starts(line, str_of(marks[i])))
            return strlen(marks[i]);
    return 0;
}

static bool is_word(struct str s, size_t i)
{
    return i < s.n && (ch_alnum(s.p[i]) || (unsigned char)s.p[i] >= 0x80);
}

/* Length of the mark at i, or 0. A star or an underscore between two letters is none: 2*3, snake_case. */
static size_t inline_mark(struct str s, size_t i)
{
    struct str rest = str_sub(s, i, s.n);
    if (str_starts(rest, STR("~~")) || str_starts(rest, STR("||")))
        return 2;
    bool mark = at(s, i, '*') || at(s, i, '_') || at(s, i, '`');
    bool inside = i > 0 && is_word(s, i - 1) && is_word(s, i + 1);
    return mark && !inside ? 1 : 0;
}

static bool is_punctuation(char c)
{
    return c > ' ' && c < 0x7F && !ch_alnum(c);
}

/* --- the whole ---------------------------------------------------------------------------------------------- */

struct str discord_plain(struct str content, struct arena *a)
{
    char *out = arena_alloc(a, content.n + 1);
    size_t n = 0, i = 0;
    while (i < content.n) {
        struct str rest = str_sub(content, i, content.n);
        size_t token = token_length(rest), mark = token ? 0 : inline_mark(content, i);
        if (!token && !mark && (i == 0 || content.p[i - 1] == '\n'))
            mark = line_mark(rest);
        if (token) {
            out[n++] = ' ';
            i += token;
        } else if (mark) {
            i += mark;
        } else {
            if (content.p[i] == '\\' && i + 1 < content.n && is_punctuation(content.p[i + 1]))
                i++;
            out[n++] = content.p[i++];
        }
    }
    out[n] = '\0';
    return str_trim((struct str){out, n});
}
