#include "engine/point.h"

/* The first, second, … of the values that the last question named beside each other, or that its answer lists. */
static struct dialog_turn listed(struct asking *q, uint16_t ordinal)
{
    if (dialog_last_intent(q->dialog) == NONE)
        return turn_of(NONE);
    struct observed seen;
    struct word *said = arena_array(q->a, DIALOG_WORDS, sizeof *said);
    observe(q->d, said, dialog_last_words(q->d, q->dialog, said), q->a, &seen);
    struct dialog_turn nth = dialog_nth(q->d, &seen, true, ordinal);
    if (nth.n_slots)
        return nth;
    struct telling again = {.reply = arena_alloc(q->a, sizeof *again.reply), .a = q->a};
    answer_turn(q->d, &q->dialog->turns[0], 0, 0, &again);
    struct words answer = normalise(q->d, again.reply->parts[0].text, false, q->a);
    observe(q->d, answer.items, answer.n, q->a, &seen);
    return dialog_nth(q->d, &seen, false, ordinal);
}

void point_take_value(struct asking *q)
{
    uint16_t ordinal = 0;
    size_t at = 0;
    if (q->nearby.n_slots > 1)
        return;
    while (at < q->words.n && !(q->words.items[at].text.n > 1 && !ch_digit(q->words.items[at].text.p[0]) &&
                                phrase_of_kind(q->d, q->words.items, q->words.n, at, PHRASE_ORDINAL, &ordinal)))
        at++;
    if (at == q->words.n)
        return;
    struct dialog_turn nth = listed(q, ordinal);
    for (size_t i = 0; i < nth.n_slots; i++)
        if (!turn_slot(&q->nearby, nth.slots[i].entity))
            turn_set(&q->nearby, nth.slots[i].entity, nth.slots[i].values[0], false);
}

struct str point_written_out(struct asking *q, const struct chosen *chosen)
{
    struct dialog_turn nth = chosen->ordinal != NONE ? listed(q, chosen->ordinal) : turn_of(NONE);
    if (nth.n_slots) {
        const struct value *value = &q->d->entities[nth.slots[0].entity].values[nth.slots[0].values[0]];
        return arena_fmt(q->a, "what about %.*s", STR_FMT(value->phrases[0]));
    }
    return chosen->suggestion != NONE ? q->d->suggestions[chosen->suggestion] : (struct str){NULL, 0};
}
