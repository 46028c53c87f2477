#include "engine/answer.h"

#include "base/buf.h"

#include <string.h>

enum { ANSWER_MAX = 24 * 1024, COMBINATIONS_MAX = 4 };

static struct part *new_part(struct telling *t, enum outcome outcome, double score)
{
    struct part *p = &t->reply->parts[t->reply->n_parts++];
    *p = (struct part){.outcome = outcome, .score = score};
    return p;
}

static void suggest(const struct docent *d, struct telling *t, uint16_t suggestion)
{
    struct reply *r = t->reply;
    if (suggestion == NONE || r->n_suggestions == DOCENT_SUGGEST_MAX || t->n_choices)
        return;
    for (size_t i = 0; i < r->n_suggestions; i++)
        if (t->offered[i] == suggestion + 1)
            return;
    t->offered[r->n_suggestions] = (uint16_t)(suggestion + 1);
    r->suggestions[r->n_suggestions++] = d->suggestions[suggestion];
}

static void add_source(const struct docent *d, struct telling *t, struct part *p, uint16_t section)
{
    coverage_of_section(t->coverage, section);
    const struct section *s = &d->sections[section];
    for (size_t i = 0; i < p->n_sources; i++)
        if (str_eq(p->sources[i].id, s->id) && str_eq(p->sources[i].pack, d->packs[s->pack].name))
            return;
    if (p->n_sources < DOCENT_SOURCES_MAX)
        p->sources[p->n_sources++] = (struct source_ref){s->id, s->heading, d->packs[s->pack].name};
}

static void tell_slots(const struct docent *d, const struct dialog_turn *turn, struct part *p)
{
    for (size_t i = 0; i < turn->n_slots; i++) {
        const struct entity *e = &d->entities[turn->slots[i].entity];
        struct slot s = {.entity = e->name, .inherited = turn->slots[i].inherited};
        for (size_t k = 0; k < turn->slots[i].n; k++)
            s.values[s.n++] = e->values[turn->slots[i].values[k]].name;
        if (s.n)
            p->slots[p->n_slots++] = s;
    }
}

/* --- choosing a branch -------------------------------------------------------------------------------------- */

static bool has_value(const struct dialog_slot *s, uint16_t value)
{
    for (size_t i = 0; s && i < s->n; i++)
        if (s->values[i] == value)
            return true;
    return false;
}

/* Points for a condition that holds, 0 for one that does not. */
static int condition_points(const struct condition *c, const struct dialog_turn *turn)
{
    const struct dialog_slot *s = turn_slot_const(turn, c->entity);
    if (!s || !s->n)
        return 0;
    if (c->kind == WHEN_ANY)
        return s->n == 1 ? 1 : 0;
    for (size_t i = 0; i < c->n; i++)
        if (!has_value(s, c->values[i]))
            return 0;
    return c->kind == WHEN_ALL ? 3 : s->n == 1 ? 2 : 0;
}

const struct branch *answer_choose(const struct intent *intent, const struct dialog_turn *turn)
{
    const struct branch *best = NULL;
    int most = -1;
    for (size_t i = 0; i < intent->n_branches; i++) {
        const struct branch *b = &intent->branches[i];
        int points = 0;
        bool fits = true;
        for (size_t k = 0; fits && k < b->n_when; k++) {
            int p = condition_points(&b->when[k], turn);
            fits = p > 0;
            points += p;
        }
        if (fits && points > most)
            most = points, best = b;
    }
    return best;
}

static bool depends_on(const struct branch *b, uint16_t entity)
{
    for (size_t i = 0; b && i < b->n_when; i++)
        if (b->when[i].entity == entity)
            return true;
    return false;
}

/* --- filling in --------------------------------------------------------------------------------------------- */

static void add_fact(const struct docent *d, const struct piece *p, const struct dialog_turn *turn, struct telling *t,
                     struct buf *out, struct part *part)
{
    size_t at = 0;
    for (size_t h = 0; h < p->n_holes; h++) {
        const struct dialog_slot *s = turn_slot_const(turn, p->holes[h]);
        size_t value = s && s->n ? s->values[0] : 0;
        at = h == 0 ? value : at * d->entities[p->holes[1]].n_values + value;
    }
    if (p->facts[at] == NONE)
        return; /* the branch would not have been chosen */
    const struct fact *f = &d->facts[p->facts[at]];
    coverage_of_fact(t->coverage, p->facts[at]);
    add_source(d, t, part, f->section);
    for (size_t i = 0; i < f->n_items; i++) {
        if (p->bullets)
            buf_adds(out, i ? "\n- " : "- ");
        else if (i)
            buf_adds(out, i + 1 < f->n_items ? ", " : f->n_items > 2 ? ", and " : " and ");
        buf_add(out, f->items[i]);
    }
}

static void add_form(const struct docent *d, const struct piece *p, const struct dialog_turn *turn, struct buf *out)
{
    const struct dialog_slot *s = turn_slot_const(turn, p->entity);
    for (size_t i = 0; s && i < s->n; i++) {
        const struct value *v = &d->entities[p->entity].values[s->values[i]];
        if (i)
            buf_adds(out, i + 1 < s->n ? ", " : " and ");
        for (size_t k = 0; k < v->n_forms; k++)
            if (str_eq(v->forms[k].name, p->form)) {
                buf_add(out, v->forms[k].text);
                break;
            }
    }
}

static void fill_in(const struct docent *d, const struct branch *b, const struct dialog_turn *turn, uint64_t hash,
                    struct telling *t, struct buf *out, struct part *part)
{
    const struct template *text = &b->texts[hash % b->n_texts];
    for (size_t i = 0; i < b->n_sources; i++)
        add_source(d, t, part, b->sources[i]);
    coverage_of_answer(t->coverage, b);
    for (size_t i = 0; i < text->n; i++) {
        const struct piece *p = &text->pieces[i];
        if (p->kind == PIECE_TEXT)
            buf_add(out, p->text);
        else if (p->kind == PIECE_FACT)
            add_fact(d, p, turn, t, out, part);
        else
            add_form(d, p, turn, out);
    }
}

/* The turn once for each value of the slots of which it holds several. */
static size_t single_turns(const struct dialog_turn *turn, struct dialog_turn out[COMBINATIONS_MAX])
{
    size_t n = 1;
    out[0] = *turn;
    for (size_t s = 0; s < turn->n_slots; s++) {
        size_t values = turn->slots[s].n;
        if (values < 2 || n * values > COMBINATIONS_MAX)
            continue;
        struct dialog_turn old[COMBINATIONS_MAX];
        memcpy(old, out, sizeof old);
        for (size_t k = 0; k < n; k++)
            for (size_t v = 0; v < values; v++) {
                out[k * values + v] = old[k];
                out[k * values + v].slots[s].values[0] = turn->slots[s].values[v];
                out[k * values + v].slots[s].n = 1;
            }
        n *= values;
    }
    return n;
}

static bool is_for_all(const struct branch *b, const struct dialog_turn *turn)
{
    for (size_t s = 0; s < turn->n_slots; s++) {
        bool covered = turn->slots[s].n < 2;
        for (size_t i = 0; b && i < b->n_when; i++)
            covered = covered || (b->when[i].entity == turn->slots[s].entity && b->when[i].kind == WHEN_ALL);
        if (!covered)
            return false;
    }
    return true;
}

static bool differs(const struct branch *b, const struct dialog_turn *x, const struct dialog_turn *y)
{
    for (size_t s = 0; s < x->n_slots; s++)
        if (x->slots[s].values[0] != y->slots[s].values[0] && depends_on(b, x->slots[s].entity))
            return true;
    return false;
}

/* Writes the turn's answer and returns the (first) branch of it. */
static const struct branch *write_answer(const struct docent *d, const struct intent *intent,
                                         const struct dialog_turn *turn, uint64_t hash, struct telling *t,
                                         struct part *part)
{
    struct dialog_turn singles[COMBINATIONS_MAX];
    const struct branch *whole = answer_choose(intent, turn), *first = NULL, *told[COMBINATIONS_MAX];
    size_t n = 1;
    singles[0] = *turn;
    if (!is_for_all(whole, turn))
        n = single_turns(turn, singles);
    struct buf out;
    buf_init(&out, ANSWER_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct branch *b = told[i] = n == 1 ? whole : answer_choose(intent, &singles[i]);
        bool repeated = !b;
        for (size_t k = 0; b && k < i; k++)
            repeated = repeated || (told[k] == b && !differs(b, &singles[i], &singles[k]));
        if (repeated)
            continue;
        if (out.n)
            buf_adds(&out, "\n\n");
        fill_in(d, b, &singles[i], hash, t, &out, part);
        for (size_t k = 0; k < b->n_next; k++)
            suggest(d, t, b->next[k]);
        first = first ? first : b;
    }
    part->text = arena_str(t->a, buf_str(&out));
    buf_release(&out);
    return first;
}

/* --- asking back -------------------------------------------------------------------------------------------- */

static void offer_choice(struct telling *t, const struct dialog_turn *turn, struct str label)
{
    if (t->n_choices == DOCENT_SUGGEST_MAX)
        return;
    t->choices[t->n_choices++] = *turn;
    t->reply->suggestions[t->n_choices - 1] = label;
    t->reply->n_suggestions = t->n_choices;
    t->reply->choices = true;
}

/* Asks for the first slot that is missing and needed; the choices are the entity's values. */
static bool ask_for_slot(const struct docent *d, const struct intent *intent, const struct dialog_turn *turn,
                         struct telling *t, double score)
{
    for (size_t i = 0; i < intent->n_slots; i++) {
        const struct entity *e = &d->entities[intent->slots[i]];
        if (!intent->ask[i].n || turn_slot_const(turn, intent->slots[i]))
            continue;
        struct part *p = new_part(t, OUTCOME_CLARIFY, score);
        p->intent = intent->id;
        p->text = intent->ask[i];
        tell_slots(d, turn, p);
        t->n_choices = 0;
        for (uint16_t v = 0; v < e->n_values; v++) {
            struct dialog_turn choice = *turn;
            turn_set(&choice, intent->slots[i], v, false);
            offer_choice(t, &choice, e->values[v].label);
        }
        return true;
    }
    return false;
}

static struct str message(const struct messages *m, uint64_t hash, const char *otherwise)
{
    return m->n ? m->texts[hash % m->n] : str_of(otherwise);
}

const struct branch *answer_turn(const struct docent *d, const struct dialog_turn *turn, double score, uint64_t hash,
                                 struct telling *t)
{
    static const enum outcome outcomes[] = {OUTCOME_ANSWER, OUTCOME_DECLINE, OUTCOME_CHAT};
    const struct intent *intent = &d->intents[turn->intent - 1];
    if (ask_for_slot(d, intent, turn, t, score))
        return NULL;
    struct part *p = new_part(t, outcomes[intent->kind], score);
    p->intent = intent->id;
    tell_slots(d, turn, p);
    const struct branch *b = write_answer(d, intent, turn, hash, t, p);
    if (b)
        return b;
    p->outcome = OUTCOME_DECLINE; /* no branch is for these slots: docent check reports such intents */
    p->text = message(&d->packs[intent->pack].decline, hash, "The guide does not say.");
    return NULL;
}

void answer_decline(const struct docent *d, const struct reading *r, uint64_t hash, struct telling *t)
{
    const struct pack *pack = &d->packs[0];
    struct part *p = new_part(t, OUTCOME_DECLINE, r && r->n ? r->items[0].score : 0);
    size_t before = t->reply->n_suggestions;
    for (size_t i = 0; r && i < r->n && t->reply->n_suggestions < 3; i++) {
        const struct intent *intent = &d->intents[r->items[i].intent];
        if (intent->kind == KIND_ANSWER && r->items[i].score >= SUGGEST_FROM)
            suggest(d, t, intent->question);
    }
    bool near = t->reply->n_suggestions > before;
    for (size_t i = 0; !near && i < pack->n_next; i++)
        suggest(d, t, pack->next[i]);
    p->text = near && pack->decline_near.n
                  ? message(&pack->decline_near, hash, "")
                  : message(&pack->decline, hash, "Sorry, the guide that I answer from does not cover that.");
}

void answer_rest(const struct docent *d, uint64_t hash, struct telling *t)
{
    bool too_many = t->reply->n_parts == DOCENT_QUESTIONS_MAX;
    struct part *p = new_part(t, OUTCOME_DECLINE, 0);
    p->text = too_many ? message(&d->packs[0].too_many, hash,
                                 "I answer three questions at a time; please ask the others again.")
                       : message(&d->packs[0].rest, hash, "I find no answer to the rest of your message.");
}

void answer_which(const struct docent *d, const struct dialog_turn *turns, size_t n, double score, uint64_t hash,
                  struct telling *t)
{
    struct part *p = new_part(t, OUTCOME_CLARIFY, score);
    p->intent = d->intents[turns[0].intent - 1].id;
    p->text = message(&d->packs[0].clarify, hash, "Which of these do you mean?");
    t->n_choices = 0;
    for (size_t i = 0; i < n; i++)
        offer_choice(t, &turns[i], d->intents[turns[i].intent - 1].title);
}

void answer_unclear(const struct docent *d, uint64_t hash, struct telling *t)
{
    struct part *p = new_part(t, OUTCOME_DECLINE, 0);
    p->text = message(&d->packs[0].unclear, hash, "I could not read a question in that.");
    for (size_t i = 0; i < d->packs[0].n_next; i++)
        suggest(d, t, d->packs[0].next[i]);
}
