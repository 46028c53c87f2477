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

static void add_spot(const struct docent *d, struct observed *o, struct spot spot, struct arena *a)
{
    if (spot.entity != NONE) {
        set_signal(o, signal_of_entity(d, spot.entity), a);
        add_mention(o, (struct mention){spot.entity, spot.value, spot.at, (uint16_t)(spot.at + spot.n)}, a);
    }
    set_signal(o, spot.signal, a);
    *ARENA_PUSH(a, o->spots, o->n_spots, o->cap_spots) = spot;
}

static void find_spots(const struct docent *d, struct observed *o, size_t at, struct arena *a)
{
    const uint32_t kinds = word_begins(PHRASE_GROUP) | word_begins(PHRASE_ENTITY);
    const struct phrase *phrase;
    uint32_t next = 0;
    while ((phrase = phrase_next(&d->lexicon, o->ids, o->n, at, kinds, &next)) != NULL) {
        struct spot spot = {.at = (uint16_t)at, .n = phrase->n, .entity = NONE, .value = NONE};
        if (phrase->kind == PHRASE_GROUP) {
            spot.signal = signal_of_group(d, phrase->owner);
        } else {
            spot.entity = phrase->owner, spot.value = phrase->value;
            spot.signal = signal_of_value(d, phrase->owner, phrase->value);
        }
        add_spot(d, o, spot, a);
    }
}

/* Those of the whole's word there that lie inside of this part of it. */
static void take_spots(const struct docent *d, struct observed *o, const struct observed *whole, size_t from, size_t at,
                       struct arena *a)
{
    for (size_t i = whole->spots_from[from + at]; i < whole->n_spots && whole->spots[i].at == from + at; i++) {
        struct spot spot = whole->spots[i];
        spot.at = (uint16_t)at;
        if (at + spot.n <= o->n)
            add_spot(d, o, spot, a);
    }
}

static void lay_out(const struct docent *d, struct observed *o, struct arena *a)
{
    size_t length = 0, at = 0;
    for (size_t i = 0; i < o->n; i++)
        length += o->words[i].text.n + 1;
    char *text = arena_raw(a, length + 1);
    uint32_t *ids = arena_raw(a, o->n * 2 * sizeof *ids), *starts = ids + o->n;
    uint16_t *offsets = arena_raw(a, (o->n + 1) * sizeof *offsets);
    for (size_t i = 0; i < o->n; i++) {
        const struct word *w = &o->words[i];
        ids[i] = w->id;
        starts[i] = w->id ? d->lexicon.words[w->id].start : word_start(w->text);
        offsets[i] = (uint16_t)at;
        memcpy(text + at, w->text.p, w->text.n);
        at += w->text.n;
        text[at++] = ' ';
    }
    offsets[o->n] = (uint16_t)at;
    o->ids = ids;
    o->starts = starts;
    o->offsets = offsets;
    o->text = (struct str){text, at};
}

static void share(struct observed *o, const struct observed *whole, size_t from)
{
    o->ids = whole->ids + from;
    o->starts = whole->starts + from;
    o->offsets = whole->offsets + from;
    o->text = str_sub(whole->text, o->offsets[0], o->offsets[o->n]);
}

void observe_part(const struct docent *d, const struct observed *whole, const struct word *words, size_t n,
                  struct arena *a, struct observed *o)
{
    bool inside = whole && words >= whole->words && words + n <= whole->words + whole->n;
    size_t from = inside ? (size_t)(words - whole->words) : 0;
    *o = (struct observed){.words = words, .n = n < OBSERVED_WORDS ? n : OBSERVED_WORDS};
    o->signals = arena_array(a, signals_count(d) / 64 + 1, sizeof *o->signals);
    o->cap_present = 16 + 4 * o->n;
    o->present = arena_raw(a, o->cap_present * sizeof *o->present);
    o->cap_spots = 8 + 2 * o->n;
    o->spots = arena_raw(a, o->cap_spots * sizeof *o->spots);
    o->spots_from = arena_raw(a, o->n * 2 * sizeof *o->spots_from);
    o->content = o->spots_from + o->n;
    if (inside)
        share(o, whole, from);
    else
        lay_out(d, o, a);
    for (size_t i = 0; i < o->n; i++) {
        double weight = word_weight(d, &words[i]);
        o->weight += weight;
        if (weight >= 1)
            o->content[o->n_content++] = (uint16_t)i;
        o->spots_from[i] = (uint16_t)o->n_spots;
        if (str_has_digit(words[i].text))
            set_signal(o, signal_of_digits(d), a);
        if (!o->ids[i])
            continue;
        set_signal(o, o->ids[i], a);
        if (inside)
            take_spots(d, o, whole, from, i, a);
        else
            find_spots(d, o, i, a);
    }
}

void observe(const struct docent *d, const struct word *words, size_t n, struct arena *a, struct observed *o)
{
    observe_part(d, NULL, words, n, a, o);
}
