#include "engine/observe.h"

#include <string.h>

uint32_t signal_of_group(const struct docent *d, uint16_t group)
{
    return (uint32_t)d->lexicon.n_words + group;
}

uint32_t signal_of_entity(const struct docent *d, uint16_t entity)
{
    return signal_of_group(d, (uint16_t)d->n_groups) + entity;
}

uint32_t signal_of_value(const struct docent *d, uint16_t entity, uint16_t value)
{
    return signal_of_entity(d, (uint16_t)d->n_entities) + d->entities[entity].first_value + value;
}

uint32_t signal_of_digits(const struct docent *d)
{
    return signal_of_entity(d, (uint16_t)d->n_entities) + (uint32_t)d->n_values;
}

uint32_t signals_count(const struct docent *d)
{
    return signal_of_digits(d) + 1;
}

static bool has_digit(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (ch_digit(s.p[i]))
            return true;
    return false;
}

static void set_signal(struct observed *o, uint32_t signal, struct arena *a)
{
    uint64_t bit = UINT64_C(1) << signal % 64;
    if (o->signals[signal / 64] & bit)
        return;
    o->signals[signal / 64] |= bit;
    *ARENA_PUSH(a, o->present, o->n_present, o->cap_present) = signal;
}

/* Of overlapping phrases the longer counts, of equally long ones both (they may be of different entities). */
static void add_mention(struct observed *o, struct mention m, struct arena *a)
{
    for (size_t i = 0; i < o->n_mentions; i++) {
        struct mention *old = &o->mentions[i];
        bool inside = old->entity == m.entity && m.from >= old->from && m.to <= old->to;
        if (inside && (m.to - m.from < old->to - old->from || m.value == old->value))
            return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < o->n_mentions; i++) {
        struct mention old = o->mentions[i];
        bool covered =
            old.entity == m.entity && old.from >= m.from && old.to <= m.to && old.to - old.from < m.to - m.from;
        if (!covered)
            o->mentions[kept++] = old;
    }
    o->n_mentions = kept;
    if (o->n_mentions < OBSERVED_WORDS)
        *ARENA_PUSH(a, o->mentions, o->n_mentions, o->cap_mentions) = m;
}

void observe(const struct docent *d, const struct word *words, size_t n, struct arena *a, struct observed *o)
{
    const struct lexicon *lex = &d->lexicon;
    size_t bits = signals_count(d), length = 0;
    memset(&o->n_content, 0,
           sizeof *o - offsetof(struct observed, n_content)); /* the rest is written as far as words go */
    o->words = words;
    o->n = n < OBSERVED_WORDS ? n : OBSERVED_WORDS;
    o->signals = arena_array(a, bits / 64 + 1, sizeof *o->signals);
    for (size_t i = 0; i < o->n; i++)
        length += words[i].text.n + 1;
    char *text = arena_raw(a, length + 1);
    size_t at = 0;
    for (size_t i = 0; i < o->n; i++) {
        o->ids[i] = words[i].id;
        o->starts[i] = words[i].id ? lex->words[words[i].id].start : word_start(words[i].text);
        o->offsets[i] = (uint16_t)at;
        memcpy(text + at, words[i].text.p, words[i].text.n);
        at += words[i].text.n;
        text[at++] = ' ';
        double weight = word_weight(d, &words[i]);
        o->weight += weight;
        if (weight >= 1)
            o->content[o->n_content++] = (uint16_t)i;
    }
    o->offsets[o->n] = (uint16_t)at;
    o->text = (struct str){text, at};
    for (size_t i = 0; i < o->n; i++) {
        if (has_digit(words[i].text))
            set_signal(o, signal_of_digits(d), a);
        if (!o->ids[i])
            continue;
        set_signal(o, o->ids[i], a);
        for (uint32_t p = lex->words[o->ids[i]].phrases; p; p = lex->phrases[p - 1].next) {
            const struct phrase *phrase = &lex->phrases[p - 1];
            if (phrase->kind > PHRASE_ENTITY || !phrase_at(phrase, o->ids, o->n, i))
                continue;
            if (phrase->kind == PHRASE_GROUP) {
                set_signal(o, signal_of_group(d, phrase->owner), a);
                continue;
            }
            set_signal(o, signal_of_entity(d, phrase->owner), a);
            set_signal(o, signal_of_value(d, phrase->owner, phrase->value), a);
            add_mention(o, (struct mention){phrase->owner, phrase->value, (uint16_t)i, (uint16_t)(i + phrase->n)}, a);
        }
    }
}
