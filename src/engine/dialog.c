#include "engine/dialog.h"

#include <string.h>

void dialog_begin(const struct docent *d, struct dialog *dialog)
{
    if (dialog->packs != d->fingerprint)
        *dialog = (struct dialog){.packs = d->fingerprint};
}

uint16_t dialog_last_intent(const struct dialog *dialog)
{
    return dialog->turns[0].intent ? (uint16_t)(dialog->turns[0].intent - 1) : NONE;
}

bool says(const struct docent *d, const struct word *words, size_t from, size_t to, int kind, uint16_t *owner)
{
    return from < to && phrase_of_kind(d, words, to, from, kind, owner) == to - from;
}

/* --- turns -------------------------------------------------------------------------------------------------- */

struct dialog_turn turn_of(uint16_t intent)
{
    return (struct dialog_turn){.intent = intent == NONE ? 0 : (uint16_t)(intent + 1)};
}

const struct dialog_slot *turn_slot_const(const struct dialog_turn *t, uint16_t entity)
{
    for (size_t i = 0; i < t->n_slots; i++)
        if (t->slots[i].entity == entity)
            return &t->slots[i];
    return NULL;
}

struct dialog_slot *turn_slot(struct dialog_turn *t, uint16_t entity)
{
    return (struct dialog_slot *)turn_slot_const(t, entity);
}

void turn_set(struct dialog_turn *t, uint16_t entity, uint16_t value, bool inherited)
{
    struct dialog_slot *s = turn_slot(t, entity);
    if (!s) {
        if (t->n_slots == DOCENT_SLOTS_MAX)
            return;
        s = &t->slots[t->n_slots++];
        *s = (struct dialog_slot){.entity = entity};
    }
    for (size_t i = 0; i < s->n; i++)
        if (s->values[i] == value)
            return;
    if (s->n < DOCENT_VALUES_MAX)
        s->values[s->n++] = (uint8_t)value;
    s->inherited = inherited;
}

bool turn_take_mentions(const struct docent *d, struct dialog_turn *t, const struct observed *seen)
{
    bool any = false;
    for (size_t i = 0; i < seen->n_mentions; i++) {
        const struct mention *m = &seen->mentions[i];
        if (t->intent && !intent_listens(&d->intents[t->intent - 1], m->entity))
            continue;
        struct dialog_slot *old = turn_slot(t, m->entity);
        if (old && old->inherited) /* what is named now takes the place of what was inherited */
            old->n = 0;
        turn_set(t, m->entity, m->value, false);
        any = true;
    }
    return any;
}

static void inherit_slot(struct dialog_turn *t, const struct dialog_slot *from)
{
    for (size_t i = 0; from && i < from->n; i++)
        turn_set(t, from->entity, from->values[i], true);
}

void turn_inherit(const struct docent *d, struct dialog_turn *t, const struct dialog *dialog,
                  const struct dialog_turn *nearby, bool leans, bool which)
{
    const struct intent *intent = &d->intents[t->intent - 1];
    for (size_t i = 0; i < intent->n_slots; i++) {
        uint16_t entity = intent->slots[i];
        if (turn_slot(t, entity) || (which && intent->compares[i]))
            continue;
        const struct dialog_slot *from = turn_slot_const(nearby, entity);
        if (!from && d->entities[entity].carry)
            from = turn_slot_const(&dialog->topic, entity);
        for (size_t k = 0; !from && leans && k < 3; k++)
            from = turn_slot_const(&dialog->turns[k], entity);
        inherit_slot(t, from);
    }
}

void dialog_remember(const struct docent *d, struct dialog *dialog, const struct dialog_turn *turn)
{
    if (!turn->intent || d->intents[turn->intent - 1].kind == KIND_CHAT)
        return;
    for (size_t i = 0; i < turn->n_slots; i++) {
        const struct dialog_slot *s = &turn->slots[i];
        if (!d->entities[s->entity].carry || s->inherited)
            continue;
        struct dialog_slot *old = turn_slot(&dialog->topic, s->entity);
        if (old)
            old->n = 0;
        for (size_t k = 0; k < s->n; k++)
            turn_set(&dialog->topic, s->entity, s->values[k], false);
    }
    if (d->intents[turn->intent - 1].kind == KIND_DECLINE)
        return; /* "who runs it, then?" still means what was talked about before */
    memmove(&dialog->turns[1], &dialog->turns[0], (DIALOG_TURNS - 1) * sizeof dialog->turns[0]);
    dialog->turns[0] = *turn;
}

void dialog_remember_words(struct dialog *dialog, const struct word *words, size_t n)
{
    dialog->n_said = 0;
    for (size_t i = 0; i < n && dialog->n_said < DIALOG_WORDS; i++)
        if (words[i].id)
            dialog->said[dialog->n_said++] = words[i].id;
}

size_t dialog_last_words(const struct docent *d, const struct dialog *dialog, struct word out[DIALOG_WORDS])
{
    size_t n = 0;
    for (size_t i = 0; i < dialog->n_said && i < DIALOG_WORDS; i++)
        if (dialog->said[i] < d->lexicon.n_words)
            out[n++] = (struct word){.id = dialog->said[i], .text = d->lexicon.words[dialog->said[i]].text};
    return n;
}

/* --- leaning on what was said ------------------------------------------------------------------------------- */

static bool strip(const struct docent *d, const struct word *words, struct leaning *l, int kind)
{
    size_t n = phrase_of_kind(d, words, l->to, l->from, kind, NULL);
    if (!n || l->from + n >= l->to)
        return false;
    l->from += n;
    return true;
}

struct leaning dialog_leaning(const struct docent *d, const struct word *words, size_t from, size_t to)
{
    struct leaning l = {.from = from, .to = to};
    l.back = strip(d, words, &l, PHRASE_BACK);
    l.rather = strip(d, words, &l, PHRASE_RATHER);
    l.continues = strip(d, words, &l, PHRASE_AND);
    l.rather = strip(d, words, &l, PHRASE_RATHER) || l.rather;
    for (size_t i = from; i < to; i++)
        l.refers = l.refers || (words[i].id && d->lexicon.words[words[i].id].flags & WORD_REFERRING);
    return l;
}

/* --- short messages ----------------------------------------------------------------------------------------- */

/* at  from 0 */
static void choose_number(const struct dialog *dialog, size_t at, struct chosen *out)
{
    if (at < dialog->n_choices)
        out->turns[out->n++] = dialog->choices[at];
    else if (!dialog->n_choices && at < dialog->n_offered && dialog->offered[at])
        out->suggestion = (uint16_t)(dialog->offered[at] - 1);
}

/* "the second one", and "what about the second one", "what is the second one", which leave out nothing but its name. */
static bool choose_ordinal(const struct docent *d, const struct dialog *dialog, const struct words *words, size_t from,
                           size_t to, struct chosen *out)
{
    struct leaning l = dialog_leaning(d, words->items, from, to);
    if (l.from == from && from + 2 < to && str_is(words->items[from].text, "what") &&
        str_is(words->items[from + 1].text, "is"))
        l.from += 2;
    uint16_t ordinal = 0;
    bool bare = says(d, words->items, from, to, PHRASE_ORDINAL, &ordinal) ||
                says(d, words->items, 0, words->n, PHRASE_ORDINAL, &ordinal);
    if (!bare && !says(d, words->items, l.from, to, PHRASE_ORDINAL, &ordinal))
        return false;
    out->points = true;
    size_t all = dialog->n_choices ? dialog->n_choices : dialog->n_offered;
    choose_number(dialog, (ordinal ? ordinal : all) - 1, out);
    if (!bare && !dialog->n_choices)
        out->ordinal = ordinal;
    return true;
}

/* Of the choices the one whose slots hold a value that the words name, and that names no other. */
static size_t choose_by_value(const struct docent *d, const struct dialog *dialog, const struct words *words,
                              struct arena *a, struct dialog_turn *out)
{
    struct observed seen;
    observe(d, words->items, words->n, a, &seen);
    size_t found = 0;
    for (size_t c = 0; c < dialog->n_choices && words->n <= 4; c++)
        for (size_t i = 0; i < seen.n_mentions; i++) {
            const struct dialog_slot *s = turn_slot_const(&dialog->choices[c], seen.mentions[i].entity);
            if (s && s->n == 1 && s->values[0] == seen.mentions[i].value && !s->inherited) {
                *out = dialog->choices[c];
                found++;
                break;
            }
        }
    return found == 1;
}

struct chosen dialog_choose(const struct docent *d, const struct dialog *dialog, const struct words *words)
{
    struct chosen out = {.suggestion = NONE, .ordinal = NONE};
    size_t from = 0, to = words->n;
    if (!words->n || words->n > 6)
        return out;
    trim_chatter(d, words->items, &from, &to);
    if (says(d, words->items, from, to, PHRASE_MORE, NULL) && !dialog_more(d, dialog).intent) {
        choose_number(dialog, dialog->n_choices, &out); /* nothing more of its own: what was offered next */
        return out;
    }
    if (choose_ordinal(d, dialog, words, from, to, &out) || !dialog->n_choices)
        return out;
    if (says(d, words->items, from, to, PHRASE_BOTH, NULL)) {
        out.n = dialog->n_choices < DOCENT_PARTS_MAX ? dialog->n_choices : DOCENT_PARTS_MAX;
        memcpy(out.turns, dialog->choices, out.n * sizeof *out.turns);
    } else if (says(d, words->items, from, to, PHRASE_EITHER, NULL)) {
        choose_number(dialog, 0, &out);
    } else {
        struct arena scratch = {0}; /* an observation of a few words */
        out.n = choose_by_value(d, dialog, words, &scratch, &out.turns[0]);
        arena_release(&scratch);
    }
    return out;
}

static bool was_told(const struct dialog *dialog, uint16_t intent)
{
    for (size_t i = 0; i < DIALOG_TURNS; i++)
        if (dialog->turns[i].intent == intent + 1)
            return true;
    return false;
}

/* Along the links "more", to the first intent that was not told yet. */
struct dialog_turn dialog_more(const struct docent *d, const struct dialog *dialog)
{
    uint16_t at = dialog_last_intent(dialog);
    struct dialog_turn turn = dialog->turns[0];
    for (size_t steps = 0; at != NONE && steps < DIALOG_TURNS + 2; steps++) {
        at = d->intents[at].more;
        if (at != NONE && !was_told(dialog, at)) {
            turn.intent = (uint16_t)(at + 1);
            return turn;
        }
    }
    return turn_of(NONE);
}

struct dialog_turn dialog_why(const struct docent *d, const struct dialog *dialog)
{
    uint16_t last = dialog_last_intent(dialog);
    struct dialog_turn turn = dialog->turns[0];
    if (last == NONE)
        return turn_of(NONE);
    if (d->intents[last].why != NONE)
        turn.intent = (uint16_t)(d->intents[last].why + 1);
    return turn;
}

struct dialog_turn dialog_both(const struct docent *d, const struct dialog *dialog)
{
    uint16_t last = dialog_last_intent(dialog);
    if (last == NONE)
        return turn_of(NONE);
    struct dialog_turn turn = dialog->turns[0];
    for (size_t i = 0; i < d->intents[last].n_slots; i++) {
        uint16_t entity = d->intents[last].slots[i];
        if (!d->entities[entity].carry || d->entities[entity].n_values > DOCENT_VALUES_MAX)
            continue;
        for (uint16_t v = 0; v < d->entities[entity].n_values; v++)
            turn_set(&turn, entity, v, false);
        return turn;
    }
    return turn_of(NONE);
}

struct dialog_turn dialog_other(const struct docent *d, const struct dialog *dialog)
{
    for (size_t i = 0; i < dialog->topic.n_slots; i++) {
        const struct dialog_slot *s = &dialog->topic.slots[i];
        uint16_t last = dialog_last_intent(dialog);
        if (d->entities[s->entity].n_values != 2 || s->n != 1 || last == NONE ||
            !intent_listens(&d->intents[last], s->entity))
            continue;
        struct dialog_turn turn = dialog->turns[0];
        struct dialog_slot *old = turn_slot(&turn, s->entity);
        if (old)
            old->n = 0;
        turn_set(&turn, s->entity, s->values[0] ? 0 : 1, false);
        return turn;
    }
    return turn_of(NONE);
}

struct dialog_turn dialog_nth(const struct docent *d, const struct observed *seen, bool carried, uint16_t ordinal)
{
    struct dialog_turn nth = turn_of(NONE);
    for (uint16_t e = 0; e < d->n_entities && !nth.n_slots; e++) {
        struct dialog_turn row = turn_of(NONE);
        for (size_t i = 0; i < seen->n_mentions; i++)
            if (seen->mentions[i].entity == e)
                turn_set(&row, e, seen->mentions[i].value, false);
        const struct dialog_slot *s = turn_slot(&row, e);
        size_t at = s ? (size_t)(ordinal ? ordinal : s->n) - 1 : 0;
        if (s && s->n >= 2 && at < s->n && (carried || !d->entities[e].carry))
            turn_set(&nth, e, s->values[at], false);
    }
    return nth;
}
