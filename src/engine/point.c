#include "engine/point.h"

#include <string.h>

/*
 * The first, second, … of the values that the last question named beside each other, or that its answer lists, or the
 * answer before that.
 */
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
    for (size_t i = 0; i < DIALOG_TURNS && q->dialog->turns[i].intent && !nth.n_slots; i++) {
        struct telling again = {.reply = arena_alloc(q->a, sizeof *again.reply), .a = q->a};
        answer_turn(q->d, &q->dialog->turns[i], 0, 0, &again);
        struct words answer = normalise(q->d, again.reply->parts[0].text, false, q->a);
        observe(q->d, answer.items, answer.n, q->a, &seen);
        nth = dialog_nth(q->d, &seen, false, ordinal);
    }
    return nth;
}

static struct str name_of(const struct docent *d, const struct dialog_turn *turn)
{
    return d->entities[turn->slots[0].entity].values[turn->slots[0].values[0]].phrases[0];
}

/* Puts other words in the place of some: then the message is no longer what was typed. */
static void exchange(struct asking *q, size_t from, size_t to, const struct words *by)
{
    struct words *w = &q->words;
    struct word *items = arena_array(q->a, w->n - (to - from) + by->n, sizeof *items);
    memcpy(items, w->items, from * sizeof *items);
    memcpy(items + from, by->items, by->n * sizeof *items);
    memcpy(items + from + by->n, w->items + to, (w->n - to) * sizeof *items);
    items[from].brk = w->items[from].brk;
    w->items = items;
    w->n = w->n - (to - from) + by->n;
    q->text = (struct str){NULL, 0};
}

/* Where the first "second one" begins, and how many words it is; 0: there is none. "First" alone says many things. */
static size_t find_ordinal(const struct asking *q, size_t *at, uint16_t *ordinal)
{
    for (*at = 0; *at < q->words.n; ++*at) {
        size_t n = phrase_of_kind(q->d, q->words.items, q->words.n, *at, PHRASE_ORDINAL, ordinal);
        if (n > 1)
            return n;
    }
    return 0;
}

void point_name_value(struct asking *q)
{
    uint16_t ordinal = 0;
    size_t at = 0, n = find_ordinal(q, &at, &ordinal);
    struct dialog_turn nth = n ? listed(q, ordinal) : turn_of(NONE);
    if (!nth.n_slots)
        return;
    struct words name = normalise(q->d, name_of(q->d, &nth), false, q->a);
    if (name.n)
        exchange(q, at, at + n, &name);
}

struct str point_written_out(struct asking *q, const struct chosen *chosen)
{
    struct dialog_turn nth = chosen->ordinal != NONE ? listed(q, chosen->ordinal) : turn_of(NONE);
    if (nth.n_slots)
        return arena_fmt(q->a, "what about %.*s", STR_FMT(name_of(q->d, &nth)));
    return chosen->suggestion != NONE ? q->d->suggestions[chosen->suggestion] : (struct str){NULL, 0};
}
