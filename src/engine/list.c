#include "engine/list.h"

#include <string.h>

static bool pins_beside_values(const struct reading *r, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < r->seen.n; i++) {
        bool in_mention = false;
        for (size_t m = 0; m < r->seen.n_mentions; m++)
            in_mention = in_mention || (i >= r->seen.mentions[m].from && i < r->seen.mentions[m].to);
        bool function = r->seen.ids[i] == 0;
        if (!in_mention && !function && r->items[0].pinned[i / 64] >> i % 64 & 1)
            return true;
    }
    return false;
}

/* "billers", "the CCS": but not "certificates", where the intent means something else by it than the entity does. */
static bool is_mere_value(const struct docent *d, const struct reading *r)
{
    if (!names_only_values(d, &r->seen))
        return false;
    for (size_t m = 0; m < r->seen.n_mentions; m++) {
        uint16_t entity = r->seen.mentions[m].entity;
        if (d->entities[entity].carry || intent_listens(&d->intents[r->items[0].intent], entity))
            return true;
    }
    return false;
}

/* Part of a list may be as short as "pay": what counts is that it speaks of one thing only, and that this is no guess. */
static bool is_list_item(const struct docent *d, const struct reading *r)
{
    if (!r->n || d->intents[r->items[0].intent].kind != KIND_ANSWER || is_mere_value(d, r) || !r->seen.n_content)
        return false;
    bool pattern = r->items[0].pattern != NONE, plain = is_clear(r) && pattern && r->items[0].score > 0.9;
    if (r->items[0].own < (plain ? 0.7 : 0.99)) /* "I need the work environment" */
        return false;
    return (is_clear(r) && (pattern || r->items[0].learnt >= 0)) || (pattern && r->items[0].score >= 0.2) ||
           r->items[0].learnt >= 0.85;
}

static bool joins_items(const struct word *w)
{
    return str_is(w->text, "and") || str_is(w->text, "plus");
}

static void add_item(struct list *l, size_t from, size_t to)
{
    if (from < to && l->n < LIST_MAX)
        l->from[l->n] = from, l->to[l->n++] = to;
}

/* The pieces between commas and "and"; where `only` is not 0, cut at that word alone. */
static struct list cut_list(const struct asking *q, size_t from, size_t to, size_t only)
{
    struct list l = {.n = 0};
    size_t start = from;
    for (size_t i = from + 1; i < to; i++) {
        bool joins = joins_items(&q->words.items[i]), comma = q->words.items[i].brk == BRK_WEAK;
        if (only ? i != only : !joins && !comma)
            continue;
        add_item(&l, start, i);
        start = joins ? i + 1 : i;
    }
    add_item(&l, start, to);
    return l;
}

static bool begins_question(const struct asking *q, size_t at)
{
    const struct word *w = &q->words.items[at];
    return w->id && q->d->lexicon.words[w->id].flags & WORD_QUESTION;
}

/* Is each piece a question of its own, and does no pattern of the whole bind them all together? */
static bool is_list(struct asking *q, const struct list *l, size_t from, size_t to)
{
    uint16_t intents[LIST_MAX];
    const struct reading *last = NULL;
    size_t again = 0;
    for (size_t i = 0; i < l->n; i++) {
        const struct reading *r = last = read_range(q, l->from[i], l->to[i]);
        if (!is_list_item(q->d, r))
            return false;
        intents[i] = r->items[0].intent;
        for (size_t k = 0; k < i; k++)
            again += intents[k] == intents[i];
    }
    if (again && l->n < again + 3) /* "an overview of coding: definition, training, pay" */
        return false;
    const struct reading *whole = read_range(q, from, to);
    if (!whole->n || whole->items[0].pattern == NONE)
        return true;
    bool all = whole->items[0].own > 0.99, asked = begins_question(q, from);
    if (!all && !asked)
        return true;
    if (all && asked && is_clear(whole) && content_words(q->d, &last->seen) <= 1)
        return false; /* "do I deal with insurers and patients": one object of the verb and another */
    size_t bound = 0;
    for (size_t i = 0; i < l->n; i++)
        bound += pins_beside_values(whole, l->from[i] - from, l->to[i] - from);
    return bound < l->n;
}

/* "Coder: tasks, salary", "an overview of billing: duties, pay": what the list is about is no item of it. */
static bool is_heading(struct asking *q, size_t from, size_t to)
{
    const struct reading *r = read_range(q, from, to);
    return names_only_values(q->d, &r->seen) || (r->seen.n_mentions && !is_clear(r));
}

static void drop_first(struct list *l)
{
    l->n--;
    memmove(l->from, l->from + 1, l->n * sizeof *l->from);
    memmove(l->to, l->to + 1, l->n * sizeof *l->to);
}

enum { LIST_WORDS_MAX = 80 }; /* a longer question is a story */

struct list find_list(struct asking *q, size_t from, size_t to)
{
    if (to - from > LIST_WORDS_MAX)
        return (struct list){.n = 0};
    struct list l = cut_list(q, from, to, 0);
    if (l.n >= 3 && is_heading(q, l.from[0], l.to[0]))
        drop_first(&l);
    if (l.n >= 2 && is_list(q, &l, from, to))
        return l;
    for (size_t i = from + 1; l.n > 2 && i + 1 < to; i++)
        if (joins_items(&q->words.items[i])) {
            struct list two = cut_list(q, from, to, i);
            if (is_list(q, &two, from, to))
                return two;
        }
    return (struct list){.n = 0};
}
