#include "engine/pattern_names.h"

#include "engine/pattern_read.h"

#include <stdlib.h>
#include <string.h>

struct pattern_names {
    struct arena arena;
    struct str *made; /* groups first, then entities, then values; empty: not yet */
};

struct pattern_names *pattern_names_new(const struct docent *d, struct arena *a)
{
    struct pattern_names *names = arena_alloc(a, sizeof *names);
    names->made = arena_array(a, d->n_groups + d->n_entities + d->n_values, sizeof *names->made);
    return names;
}

void pattern_names_free(struct pattern_names *names)
{
    if (names)
        arena_release(&names->arena);
}

void expression_char(struct buf *out, char c)
{
    if (!ch_alnum(c) && c != ' ' && (unsigned char)c < 0x80)
        buf_addc(out, '\\');
    buf_addc(out, c);
}

/* Sorted texts as one expression that shares their beginnings; the longest text is preferred. */
static void add_trie(struct buf *out, const struct str *texts, size_t n, size_t depth)
{
    bool ends = texts[0].n == depth;
    if (ends)
        texts++, n--;
    if (!n)
        return;
    size_t first_end = 0;
    while (first_end < n && texts[first_end].p[depth] == texts[0].p[depth])
        first_end++;
    bool many = first_end < n || ends;
    if (many)
        buf_adds(out, "(?:");
    for (size_t i = 0; i < n;) {
        size_t end = i;
        while (end < n && texts[end].p[depth] == texts[i].p[depth])
            end++;
        if (i)
            buf_addc(out, '|');
        expression_char(out, texts[i].p[depth]);
        add_trie(out, texts + i, end - i, depth + 1);
        i = end;
    }
    if (many)
        buf_adds(out, ends ? ")?" : ")");
}

static int by_text(const void *left, const void *right)
{
    return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

/* A phrase as folded words with a space behind each. */
static struct str phrase_text(const struct docent *d, const struct phrase *p, struct arena *a)
{
    size_t length = 0, at = 0;
    for (size_t i = 0; i < p->n; i++)
        length += d->lexicon.words[p->words[i]].text.n + 1;
    char *text = arena_alloc(a, length);
    for (size_t i = 0; i < p->n; i++) {
        struct str w = d->lexicon.words[p->words[i]].text;
        memcpy(text + at, w.p, w.n);
        text[at + w.n] = ' ';
        at += w.n + 1;
    }
    return (struct str){text, length};
}

static struct str make(const struct docent *d, struct phrase_range range, struct arena *keep)
{
    struct arena scratch = {0};
    struct buf out;
    size_t kept = 0;
    struct str *texts = arena_array(&scratch, range.n, sizeof *texts);
    for (size_t i = 0; i < range.n; i++)
        texts[i] = phrase_text(d, &d->lexicon.phrases[range.first + i], &scratch);
    if (range.n)
        qsort(texts, range.n, sizeof *texts, by_text);
    for (size_t i = 0; i < range.n; i++)
        if (!kept || !str_eq(texts[kept - 1], texts[i]))
            texts[kept++] = texts[i];
    buf_init(&out, EXPRESSION_MAX);
    if (kept)
        add_trie(&out, texts, kept, 0);
    struct str made = arena_str(keep, buf_str(&out));
    buf_release(&out);
    arena_release(&scratch);
    return made;
}

static struct str expression(const struct docent *d, size_t number, struct phrase_range range)
{
    struct pattern_names *names = d->pattern_names;
    if (!names->made[number].p)
        names->made[number] = make(d, range, &names->arena);
    return names->made[number];
}

struct str expression_of_group(const struct docent *d, uint16_t group)
{
    return expression(d, group, d->groups[group].range);
}

struct str expression_of_entity(const struct docent *d, uint16_t entity)
{
    const struct entity *e = &d->entities[entity];
    const struct phrase_range *first = &e->values[0].range, *last = &e->values[e->n_values - 1].range;
    struct phrase_range all = {.first = first->first,
                               .n = last->first + last->n - first->first}; /* values' phrases lie in a row */
    return expression(d, d->n_groups + entity, all);
}

struct str expression_of_value(const struct docent *d, uint16_t entity, uint16_t value)
{
    const struct entity *e = &d->entities[entity];
    return expression(d, d->n_groups + d->n_entities + e->first_value + value, e->values[value].range);
}
