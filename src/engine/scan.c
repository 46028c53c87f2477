#include "engine/scan.h"

#include "base/utf8.h"

#include <string.h>
#include <utf8proc.h>

/* --- folding ------------------------------------------------------------------------------------------------ */

/* Punctuation that keyboards and word processors put in the place of ASCII's; 0 for any other character. */
static char ascii_punctuation(int32_t c)
{
    switch (c) {
    case 0x2018:
    case 0x2019:
    case 0x201B:
    case 0x02BC:
    case 0x00B4:
    case 0xFF07:
    case 0x2032:
        return '\'';
    case 0x2010:
    case 0x2011:
    case 0x2212:
    case 0xFE63:
    case 0xFF0D:
        return '-';
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2026:
    case 0x00B7:
    case 0x2022:
    case 0xFF0C:
    case 0x3001:
    case 0xFF1A:
        return ',';
    case 0x00BF:
    case 0xFF1F:
    case 0x061F:
    case 0x037E:
        return '?';
    case 0x3002:
    case 0xFF0E:
    case 0xFF01:
    case 0x00A1:
        return '.';
    default:
        return 0;
    }
}

static bool is_letter_or_number(int32_t c)
{
    utf8proc_category_t kind = utf8proc_category(c);
    return (kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO) ||
           (kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO);
}

enum { FOLDED_MAX = 18 * 4 }; /* the longest compatibility decomposition in Unicode has 18 characters */

static size_t fold_character(int32_t c, char out[FOLDED_MAX])
{
    out[0] = ascii_punctuation(c);
    if (out[0])
        return 1;
    utf8proc_int32_t parts[18];
    int boundary = 0;
    utf8proc_ssize_t n = utf8proc_decompose_char(c, parts, 18,
                                                 UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
                                                     UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE,
                                                 &boundary);
    if (n < 0 || n > 18 || c == UTF8_REPLACEMENT) {
        out[0] = ' ';
        return 1;
    }
    size_t len = 0;
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        if (parts[i] >= 0x80 && !is_letter_or_number(parts[i]))
            out[len++] = ' ';
        else
            len += utf8_put(parts[i], out + len);
    }
    return len;
}

/* Small letters, digits and plain punctuation: most of what packs hold, and most of what people type. */
static bool is_folded(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c >= 0x7F || (c < 0x20 && c != '\n') || (c >= 'A' && c <= 'Z') || c == '`')
            return false;
    }
    return true;
}

struct str fold_text(struct str text, struct arena *a)
{
    if (is_folded(text))
        return text;
    size_t cap = text.n + FOLDED_MAX + 1, n = 0;
    char *out = arena_raw(a, cap);
    while (text.n) {
        unsigned char c = (unsigned char)*text.p;
        if (n + FOLDED_MAX >= cap) { /* only a text full of ligatures gets here */
            char *larger = arena_raw(a, cap * 2);
            memcpy(larger, out, n);
            out = larger;
            cap *= 2;
        }
        if (c < 0x80) {
            out[n++] = c == '`' ? '\'' : c == '\n' ? '\n' : c < 0x20 || c == 0x7F ? ' ' : ch_lower((char)c);
            text.p++, text.n--;
        } else {
            n += fold_character(utf8_next(&text), out + n);
        }
    }
    return (struct str){out, n};
}

/* --- tokens ------------------------------------------------------------------------------------------------- */

static char peek(const struct scan *s, size_t ahead)
{
    return ahead < s->rest.n ? s->rest.p[ahead] : ' ';
}

static bool word_char(char c)
{
    return (unsigned char)c >= 0x80 || ch_alnum(c);
}

static size_t word_length(struct str s)
{
    size_t n = 0;
    while (n < s.n && word_char(s.p[n]))
        n++;
    return n;
}

static void skip(struct scan *s, size_t n)
{
    s->rest = str_sub(s->rest, n, s->rest.n);
}

static enum brk break_of(const struct scan *s)
{
    switch (peek(s, 0)) {
    case '?':
        return BRK_QUESTION;
    case '!':
    case ';':
        return BRK_STRONG;
    case '.':
        return word_char(peek(s, 1)) ? BRK_NONE : BRK_STRONG;
    case ',':
    case ':':
    case '(':
    case ')':
        return BRK_WEAK;
    case '-':
        return peek(s, 1) == ' ' || peek(s, 1) == '-' ? BRK_WEAK : BRK_NONE;
    case '/':
    case '+':
        return peek(s, 1) == ' ' ? BRK_WEAK : BRK_NONE;
    case '\n':
        return peek(s, 1) == '\n' ? BRK_STRONG : BRK_WEAK;
    default:
        return BRK_NONE;
    }
}

/* Symbols that are read as words. */
static const char *symbol(const struct scan *s)
{
    char c = peek(s, 0);
    return c == '&'                                                 ? "and"
           : c == '%'                                               ? "percent"
           : c == '$' && !ch_digit(peek(s, 1)) && peek(s, 1) != '$' ? "money"
                                                                    : NULL;
}

/* Characters between two of a word that are passed over (',' in 42,000; '.' in u.s.) or kept ("'" in don't). */
static size_t joint(const struct scan *s, struct str word)
{
    char c = peek(s, 0), last = word.p[word.n - 1];
    if (c == '\'' && ch_alpha(peek(s, 1)))
        return 1;
    if (c == ',' && ch_digit(last) && ch_digit(peek(s, 1)) && ch_digit(peek(s, 2)) && ch_digit(peek(s, 3)))
        return 1;
    if (c == '/' && word.n == 1 && last == 'w' && peek(s, 1) == 'o' && !word_char(peek(s, 2))) /* w/o */
        return 1;
    if (c == '.' && word.n <= 2 && ch_alpha(last) && ch_alpha(peek(s, 1)) && !word_char(peek(s, 2)))
        return 1;
    return 0;
}

/* 42k -> 42000 */
static void write_out_thousands(struct token *t)
{
    size_t n = t->text.n;
    if (n < 2 || n > 6 || t->bytes[n - 1] != 'k')
        return;
    for (size_t i = 0; i + 1 < n; i++)
        if (!ch_digit(t->bytes[i]))
            return;
    memcpy(t->bytes + n - 1, "000", 3);
    t->text.n = n + 2;
}

static void note_break(struct scan *s, enum brk brk)
{
    if (brk > s->brk)
        s->brk = brk;
}

/* Is the next word the number of the next item of a list: "1)", or "1." that does not end a sentence? */
static bool is_item_number(const struct scan *s)
{
    if (peek(s, 0) != '1' + s->items || s->items > 8 || peek(s, 2) != ' ' || !word_char(peek(s, 3)))
        return false;
    return peek(s, 1) == ')' || (peek(s, 1) == '.' && (s->items || !s->begun || s->brk != BRK_NONE));
}

/* Takes note of what stands before the next token; false at the end of the text. */
static bool skip_to_token(struct scan *s)
{
    while (s->rest.n && !symbol(s)) {
        bool number = is_item_number(s);
        if (!number && word_char(peek(s, 0)))
            break;
        s->items += number;
        note_break(s, number ? BRK_ITEM : break_of(s));
        skip(s, number ? 2 : 1);
    }
    return s->rest.n > 0;
}

bool scan_token(struct scan *s, struct token *t)
{
    if (!skip_to_token(s))
        return false;
    const char *word = symbol(s);
    t->brk = s->brk;
    s->brk = BRK_NONE;
    s->begun = true;
    t->text = (struct str){t->bytes, 0};
    if (word) {
        t->text.n = strlen(word);
        memcpy(t->bytes, word, t->text.n);
        skip(s, 1);
        return true;
    }
    for (;;) {
        size_t run = word_length(s->rest), kept = run < TOKEN_MAX - t->text.n ? run : TOKEN_MAX - t->text.n;
        memcpy(t->bytes + t->text.n, s->rest.p, kept);
        t->text.n += kept;
        skip(s, run);
        size_t passed = s->rest.n ? joint(s, t->text) : 0;
        if (!passed)
            break;
        if (peek(s, 0) == '\'' && t->text.n < TOKEN_MAX)
            t->bytes[t->text.n++] = '\'';
        skip(s, passed);
    }
    if (t->text.n == TOKEN_MAX) { /* a character may have been cut in two: take it away */
        while (((unsigned char)t->bytes[t->text.n - 1] & 0xC0) == 0x80)
            t->text.n--;
        if ((unsigned char)t->bytes[t->text.n - 1] >= 0xC0)
            t->text.n--;
    }
    write_out_thousands(t);
    return true;
}
