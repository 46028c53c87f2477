#include "engine/normalise.h"

#include "base/utf8.h"
#include "engine/pack.h"
#include "engine/spell.h"

#include <string.h>

struct making {
    const struct docent *d;
    struct arena *a;
    bool bold;
    struct words out;
    size_t cap, cap_corrections;
    enum brk brk; /* to stand before the next word that is kept */
};

static struct word *push(struct making *m, uint32_t id, struct str text)
{
    const struct lexicon *lex = &m->d->lexicon;
    if (id && lex->words[id].flags & WORD_FILLER)
        return NULL;
    struct word w = {.id = id, .text = id ? lex->words[id].text : arena_str(m->a, text), .brk = m->brk};
    m->brk = BRK_NONE;
    struct word *at = ARENA_PUSH(m->a, m->out.items, m->out.n, m->cap);
    *at = w;
    return at;
}

static void note(struct making *m, struct str from, struct str to, const char *reason)
{
    *ARENA_PUSH(m->a, m->out.corrections, m->out.n_corrections, m->cap_corrections) =
        (struct correction){arena_str(m->a, from), arena_str(m->a, to), reason};
}

static struct str rest_of(const struct making *m, const struct word_row *row)
{
    struct str all = {NULL, 0};
    for (size_t i = 0; i < row->n; i++)
        all =
            arena_fmt(m->a, "%.*s%s%.*s", STR_FMT(all), i ? " " : "", STR_FMT(m->d->lexicon.words[row->words[i]].text));
    return all;
}

static bool all_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ch_digit(s.p[i]))
            return false;
    return s.n > 0;
}

/* "bill ing": the word before and this one, neither known, make a known one. */
static bool join_with_last(struct making *m, struct str text)
{
    const struct lexicon *lex = &m->d->lexicon;
    if (m->brk != BRK_NONE || !m->out.n)
        return false;
    struct word *last = &m->out.items[m->out.n - 1];
    char joined[2 * TOKEN_MAX], folded[WORD_MAX];
    if (last->text.n + text.n > sizeof joined || last->text.n < 2)
        return false;
    memcpy(joined, last->text.p, last->text.n);
    memcpy(joined + last->text.n, text.p, text.n);
    struct str whole = {joined, last->text.n + text.n};
    uint32_t id = lexicon_find(lex, word_fold(whole, folded));
    if (!id || !(lex->words[id].flags & WORD_SUBJECT) || whole.n < 5)
        return false;
    note(m, arena_fmt(m->a, "%.*s %.*s", STR_FMT(last->text), STR_FMT(text)), lex->words[id].text, "split word");
    last->id = id;
    last->text = lex->words[id].text;
    return true;
}

/* The word with letters that stand there three times and more only `times` times, where it is one; else empty. */
static struct str shortened_to(const struct making *m, struct str text, size_t times)
{
    char *out = arena_alloc(m->a, text.n + 1), folded[WORD_MAX];
    size_t n = 0;
    for (size_t i = 0, run; i < text.n; i += run) {
        for (run = 1; i + run < text.n && text.p[i + run] == text.p[i]; run++)
            ;
        size_t kept = run >= 3 && ch_alpha(text.p[i]) ? times : run;
        memset(out + n, text.p[i], kept);
        n += kept;
    }
    struct str word = {out, n};
    bool is_word = n < text.n && n < WORD_MAX && lexicon_find(&m->d->lexicon, word_fold(word, folded));
    return is_word ? word : (struct str){NULL, 0};
}

/* "goood", "sooo", "heyyy": a word that is drawn out. Empty when it is none. */
static struct str shortened(const struct making *m, struct str text)
{
    bool drawn_out = false;
    for (size_t i = 2; i < text.n && !drawn_out; i++)
        drawn_out = ch_alpha(text.p[i]) && text.p[i] == text.p[i - 1] && text.p[i] == text.p[i - 2];
    if (!drawn_out)
        return (struct str){NULL, 0};
    struct str twice = shortened_to(m, text, 2);
    return twice.n ? twice : shortened_to(m, text, 1);
}

/* Another word may have been meant that shows what the packs are about: "coer" is no core, but a coder. */
static bool has_better_rival(const struct making *m, const struct spelling *meant)
{
    const struct lex_word *words = m->d->lexicon.words;
    return meant->rival && (!meant->word || (words[meant->rival].anchors && !words[meant->word].anchors));
}

static void push_doubtful(struct making *m, uint32_t id, struct str text, bool doubtful)
{
    struct word *w = push(m, id, text);
    if (w)
        w->doubtful = doubtful;
}

static void push_unknown(struct making *m, struct str text, struct str folded)
{
    const struct lexicon *lex = &m->d->lexicon;
    enum {
        SPLIT_FROM = 14, /* "whatis": two known words lie nearer than one that is so many tenths of a slip away */
        BOLD_LETTERS = 4 /* what is shorter is near to too many words */
    };
    uint32_t parts[2];
    bool ordinary = english_knows(text) && !(m->bold && text.n >= BOLD_LETTERS);
    if (text.n < 3 || all_digits(text) || ordinary) {
        bool odd_before = m->out.n && !m->out.items[m->out.n - 1].id && !english_knows(m->out.items[m->out.n - 1].text);
        if (!((text.n <= 3 || odd_before) && join_with_last(m, text)))
            push_doubtful(m, 0, folded, text.n >= BOLD_LETTERS && !all_digits(text));
        return;
    }
    if (join_with_last(m, text))
        return;
    struct spelling meant = spell_word(m->d->speller, text);
    bool rival = has_better_rival(m, &meant);
    if (m->bold && rival)
        meant.word = meant.rival;
    bool near = meant.word && meant.tenths < SPLIT_FROM;
    if (!near && spell_split(m->d->speller, text, parts)) {
        note(m, text,
             arena_fmt(m->a, "%.*s %.*s", STR_FMT(lex->words[parts[0]].text), STR_FMT(lex->words[parts[1]].text)),
             "words run together");
        push(m, parts[0], text);
        push(m, parts[1], text);
    } else if (meant.word) {
        note(m, text, lex->words[meant.word].text, meant.reason);
        push_doubtful(m, meant.word, text, rival);
    } else {
        push_doubtful(m, 0, folded, rival);
    }
}

/* "75 thousand" -> 75000 */
static bool thousands(struct making *m, struct str text)
{
    if (!m->out.n || m->brk != BRK_NONE || !(str_is(text, "thousand") || str_is(text, "grand")))
        return false;
    struct word *last = &m->out.items[m->out.n - 1];
    if (!all_digits(last->text) || last->text.n > 3)
        return false;
    last->text = arena_fmt(m->a, "%.*s000", STR_FMT(last->text));
    last->id = lexicon_find(&m->d->lexicon, last->text);
    return true;
}

static void push_token(struct making *m, struct str text)
{
    const struct lexicon *lex = &m->d->lexicon;
    const struct word_row *row = lexicon_spoken(lex, text);
    if (row) {
        for (size_t i = 0; i < row->n; i++)
            push(m, row->words[i], text);
        if (text.n > 1 && !memchr(text.p, '\'', text.n))
            note(m, text, rest_of(m, row), "written out");
        return;
    }
    struct str once = shortened(m, text);
    if (once.n) {
        note(m, text, once, "drawn out");
        text = once;
    }
    char buffer[WORD_MAX];
    struct str folded = word_fold(text, buffer);
    uint32_t id = lexicon_find(lex, folded);
    if (thousands(m, text))
        return;
    if (id)
        push(m, id, folded);
    else
        push_unknown(m, text, folded);
}

static bool begins(const struct docent *d, const struct word *w, int kind)
{
    return w->id && d->lexicon.words[w->id].flags & word_begins(kind);
}

static bool any_begins(const struct docent *d, const struct words *words, int kind)
{
    for (size_t i = 0; i < words->n; i++)
        if (begins(d, &words->items[i], kind))
            return true;
    return false;
}

/* A pack's replacements, made in place: longest phrase first. */
static void replace_phrases(struct making *m)
{
    const struct lexicon *lex = &m->d->lexicon;
    if (!any_begins(m->d, &m->out, PHRASE_REPLACE))
        return;
    struct words old = m->out;
    uint32_t *ids = arena_array(m->a, old.n, sizeof *ids);
    for (size_t i = 0; i < old.n; i++)
        ids[i] = old.items[i].id;
    m->out.items = NULL;
    m->out.n = m->cap = 0;
    for (size_t i = 0; i < old.n;) {
        uint32_t next = 0;
        const struct phrase *found = phrase_next(lex, ids, old.n, i, word_begins(PHRASE_REPLACE), &next);
        if (!found) {
            *ARENA_PUSH(m->a, m->out.items, m->out.n, m->cap) = old.items[i++];
            continue;
        }
        const struct word_row *row = &lex->replacements[found->owner];
        m->brk = old.items[i].brk;
        for (size_t k = 0; k < row->n; k++)
            push(m, row->words[k], (struct str){NULL, 0});
        i += found->n;
    }
}

struct words normalise(const struct docent *d, struct str text, bool bold, struct arena *a)
{
    struct making m = {.d = d, .a = a, .bold = bold};
    size_t limit = text.n > DOCENT_TEXT_MAX ? utf8_at(text, DOCENT_TEXT_MAX) : text.n;
    m.out.cut = limit < text.n;
    struct scan scan = {.rest = fold_text(str_sub(text, 0, limit), a)};
    struct token token;
    while (scan_token(&scan, &token)) {
        if (token.brk > m.brk)
            m.brk = token.brk;
        push_token(&m, token.text);
    }
    m.out.end = scan.brk > m.brk ? scan.brk : m.brk;
    replace_phrases(&m);
    return m.out;
}

size_t phrase_of_kind(const struct docent *d, const struct word *words, size_t n, size_t at, int kind, uint16_t *owner)
{
    const struct phrase *phrase;
    uint32_t follower = at + 1 < n ? words[at + 1].id : 0, i = 0;
    while (at < n && (phrase = phrase_beginning(&d->lexicon, words[at].id, follower, word_begins(kind), &i)) != NULL) {
        if (phrase->n > n - at)
            continue;
        size_t same = 0;
        while (same < phrase->n && words[at + same].id == phrase->words[same])
            same++;
        if (same == phrase->n) {
            if (owner)
                *owner = phrase->owner;
            return phrase->n;
        }
    }
    return 0;
}

static bool is_be(const struct word *w)
{
    return str_is(w->text, "is") || str_is(w->text, "be") || str_is(w->text, "was");
}

/* "would a degree help me": the verb of the question. */
static bool asks_for_help(const struct word *first, const struct word *end)
{
    return str_is(end->text, "help") && (str_is(first->text, "do") || str_is(first->text, "will") ||
                                         str_is(first->text, "would") || str_is(first->text, "could"));
}

/* "is right", "what is in it for me", "is coding for me": without its end the question would ask something else, or nothing. */
static bool belongs(const struct word *words, size_t from, size_t at)
{
    const struct word *last = &words[at - 1];
    bool in_it = at - from > 1 && str_is(last->text, "it") && str_is(last[-1].text, "in");
    bool for_me = str_is(words[at].text, "for") && (str_is(last->text, "right") || str_is(last->text, "do") || in_it);
    return is_be(last) || for_me || asks_for_help(&words[from], &words[at]) || (at - from == 2 && is_be(&words[from]));
}

void trim_chatter(const struct docent *d, const struct word *words, size_t *from, size_t *to)
{
    for (size_t len; *from < *to && (len = phrase_of_kind(d, words, *to, *from, PHRASE_OPENER, NULL)) > 0;) {
        if (*from + len >= *to)
            break;
        *from += len;
    }
    for (bool again = true; again;) {
        again = false;
        for (size_t at = *to > *from + 6 ? *to - 6 : *from + 1; at < *to && !again; at++)
            if (phrase_of_kind(d, words, *to, at, PHRASE_CLOSER, NULL) == *to - at && !belongs(words, *from, at)) {
                *to = at;
                again = true;
            }
    }
}
