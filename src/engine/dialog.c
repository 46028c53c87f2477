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
                  const struct dialog_turn *nearby, bool leans)
{
    const struct intent *intent = &d->intents[t->intent - 1];
    for (size_t i = 0; i < intent->n_slots; i++) {
        uint16_t entity = intent->slots[i];
        if (turn_slot(t, entity))
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

static size_t choose_number(const struct dialog *dialog, size_t number, struct dialog_turn out[DOCENT_PARTS_MAX],
                            uint16_t *suggestion)
{
    if (number < dialog->n_choices) {
        out[0] = dialog->choices[number];
        return 1;
    }
    if (!dialog->n_choices && number < dialog->n_offered && dialog->offered[number])
        *suggestion = (uint16_t)(dialog->offered[number] - 1);
    return 0;
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

size_t dialog_choose(const struct docent *d, const struct dialog *dialog, const struct words *words,
                     struct dialog_turn out[DOCENT_PARTS_MAX], uint16_t *suggestion)
{
    uint16_t number = 0;
    size_t from = 0, to = words->n;
    *suggestion = NONE;
    if (words->n > 6)
        return 0;
    trim_chatter(d, words->items, &from, &to);
    if (says(d, words->items, from, to, PHRASE_MORE, NULL) && !dialog_more(d, dialog).intent)
        return choose_number(dialog, dialog->n_choices, out,
                             suggestion); /* nothing more of its own: what was offered next */
    if (says(d, words->items, from, to, PHRASE_ORDINAL, &number) ||
        says(d, words->items, 0, words->n, PHRASE_ORDINAL, &number))
        return choose_number(dialog, number, out, suggestion);
    if (!dialog->n_choices)
        return 0;
    if (says(d, words->items, from, to, PHRASE_BOTH, NULL)) {
        size_t n = dialog->n_choices < DOCENT_PARTS_MAX ? dialog->n_choices : DOCENT_PARTS_MAX;
        memcpy(out, dialog->choices, n * sizeof *out);
        return n;
    }
    if (says(d, words->items, from, to, PHRASE_EITHER, NULL)) {
        out[0] = dialog->choices[0];
        return 1;
    }
    struct arena scratch = {0}; /* an observation of a few words */
    size_t n = choose_by_value(d, dialog, words, &scratch, &out[0]);
    arena_release(&scratch);
    return n;
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

struct dialog_turn dialog_listed(const struct docent *d, struct str answer, size_t number, struct arena *a)
{
    struct dialog_turn turn = turn_of(NONE);
    struct words words = normalise(d, answer, false, a);
    struct observed seen;
    observe(d, words.items, words.n, a, &seen);
    for (uint16_t e = 0; e < d->n_entities; e++) {
        struct dialog_turn row = turn_of(NONE);
        for (size_t i = 0; i < seen.n_mentions; i++)
            if (seen.mentions[i].entity == e)
                turn_set(&row, e, seen.mentions[i].value, false);
        const struct dialog_slot *s = turn_slot(&row, e);
        if (!d->entities[e].carry && s && s->n >= 2 && number < s->n) {
            turn_set(&turn, e, s->values[number], false);
            return turn;
        }
    }
    return turn;
}
