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

uint32_t signals_count(const struct docent *d)
{
    return signal_of_entity(d, (uint16_t)d->n_entities) + (uint32_t)d->n_values;
}

bool signal_set(const struct observed *o, uint32_t signal)
{
    return o->signals[signal / 64] >> signal % 64 & 1;
}

static void set_signal(struct observed *o, uint32_t signal)
{
    uint64_t bit = UINT64_C(1) << signal % 64;
    if (o->signals[signal / 64] & bit)
        return;
    o->signals[signal / 64] |= bit;
    o->present[o->n_present++] = signal;
}

double word_weight(const struct docent *d, const struct word *w)
{
    return w->id && d->lexicon.words[w->id].flags & WORD_FUNCTION ? 0.2 : 1.0;
}

/* Of overlapping phrases the longer counts, of equally long ones both (they may be of different entities). */
static void add_mention(struct observed *o, struct mention m)
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
        bool covered = old.entity == m.entity && old.from >= m.from && old.to <= m.to && old.to - old.from < m.to - m.from;
        if (!covered)
            o->mentions[kept++] = old;
    }
    o->n_mentions = kept;
    if (o->n_mentions < OBSERVED_WORDS)
        o->mentions[o->n_mentions++] = m;
}

void observe(const struct docent *d, const struct word *words, size_t n, struct arena *a, struct observed *o)
{
    const struct lexicon *lex = &d->lexicon;
    size_t bits = signals_count(d), length = 0;
    memset(o, 0, offsetof(struct observed, ids));
    o->words = words;
    o->n = n < OBSERVED_WORDS ? n : OBSERVED_WORDS;
    o->n_present = 0;
    o->n_mentions = 0;
    o->weight = 0;
    o->signals = arena_array(a, bits / 64 + 1, sizeof *o->signals);
    o->mentions = arena_raw(a, OBSERVED_WORDS * sizeof *o->mentions);
    for (size_t i = 0; i < o->n; i++)
        length += words[i].text.n + 1;
    char *text = arena_raw(a, length + 1);
    size_t at = 0, most = o->n;
    for (size_t i = 0; i < o->n; i++) {
        o->ids[i] = words[i].id;
        o->offsets[i] = (uint16_t)at;
        memcpy(text + at, words[i].text.p, words[i].text.n);
        at += words[i].text.n;
        text[at++] = ' ';
        o->weight += word_weight(d, &words[i]);
        for (uint32_t p = words[i].id ? lex->words[words[i].id].phrases : 0; p; p = lex->phrases[p - 1].next)
            most += 2;
    }
    o->offsets[o->n] = (uint16_t)at;
    o->text = (struct str){text, at};
    o->present = arena_raw(a, most * sizeof *o->present);
    for (size_t i = 0; i < o->n; i++) {
        if (!o->ids[i])
            continue;
        set_signal(o, o->ids[i]);
        for (uint32_t p = lex->words[o->ids[i]].phrases; p; p = lex->phrases[p - 1].next) {
            const struct phrase *phrase = &lex->phrases[p - 1];
            if (phrase->kind > PHRASE_ENTITY || !phrase_at(phrase, o->ids, o->n, i))
                continue;
            if (phrase->kind == PHRASE_GROUP) {
                set_signal(o, signal_of_group(d, phrase->owner));
                continue;
            }
            set_signal(o, signal_of_entity(d, phrase->owner));
            set_signal(o, signal_of_value(d, phrase->owner, phrase->value));
            add_mention(o, (struct mention){phrase->owner, phrase->value, (uint16_t)i, (uint16_t)(i + phrase->n)});
        }
    }
}
