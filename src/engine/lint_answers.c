/*
 * lint_answers: which answers slots can reach, which slots reach none, and how long answers get.
 *
 * What chooses among an intent's answers are its slots alone. So all states that make a difference (not named, each
 * value that a condition names, one that none does, each list of values) are put together in all ways, and the engine's
 * own choice is asked of each.
 */
#include "engine/lint_parts.h"

#include "base/utf8.h"
#include "engine/answer.h"

#include <string.h>

enum { STATES_MAX = 300, COMBINATIONS_MAX = 20000, NAMED_MAX = 6 };

/* Characters that one message may have, https://api.slack.com/reference/block-kit/blocks#section and
   https://discord.com/developers/docs/resources/message#create-message (2024). */
enum { DISCORD_MAX = 2000, SLACK_MAX = 3000 };

struct state {               /* of one slot */
    struct dialog_slot slot; /* n is 0: not named */
    bool other;              /* stands for all values that no condition names */
};

struct dimension {
    struct state *states;
    size_t n, at;
    bool missed[STATES_MAX]; /* no answer in this state, though there is one in others */
};

struct space { /* all states of an intent's slots */
    struct lint *l;
    const struct intent *intent;
    struct dimension slots[DOCENT_SLOTS_MAX];
    bool *chosen; /* branches that some state chooses */
};

/* --- values that can be named ------------------------------------------------------------------------------- */

static bool can_be_named(const struct docent *d, uint16_t entity, uint16_t value)
{
    for (size_t i = 0; i < d->lexicon.n_phrases; i++) {
        const struct phrase *p = &d->lexicon.phrases[i];
        if (p->kind == PHRASE_ENTITY && p->owner == entity && p->value == value)
            return true;
    }
    return false;
}

static const struct condition *condition_on(const struct branch *b, uint16_t entity)
{
    for (size_t i = 0; i < b->n_when; i++)
        if (b->when[i].entity == entity)
            return &b->when[i];
    return NULL;
}

static bool is_in_a_condition(const struct intent *intent, uint16_t entity, uint16_t value)
{
    for (size_t b = 0; b < intent->n_branches; b++) {
        const struct condition *c = condition_on(&intent->branches[b], entity);
        for (size_t i = 0; c && i < c->n; i++)
            if (c->values[i] == value)
                return true;
    }
    return false;
}

/* --- the states --------------------------------------------------------------------------------------------- */

static void add_state(struct dimension *dim, struct state state)
{
    if (dim->n < STATES_MAX)
        dim->states[dim->n++] = state;
}

static void add_single_values(const struct docent *d, const struct intent *intent, uint16_t entity,
                              struct dimension *dim)
{
    bool other = false;
    for (uint16_t v = 0; v < d->entities[entity].n_values; v++) {
        bool named = is_in_a_condition(intent, entity, v);
        if ((!named && other) || !can_be_named(d, entity, v))
            continue;
        other = other || !named;
        add_state(dim, (struct state){{.entity = (uint8_t)entity, .n = 1, .values = {(uint8_t)v}}, !named});
    }
}

static void add_lists(const struct intent *intent, uint16_t entity, struct dimension *dim)
{
    for (size_t b = 0; b < intent->n_branches; b++) {
        const struct condition *c = condition_on(&intent->branches[b], entity);
        if (!c || c->n < 2)
            continue;
        struct state s = {{.entity = (uint8_t)entity, .n = c->n}, false};
        for (size_t i = 0; i < c->n; i++)
            s.slot.values[i] = (uint8_t)c->values[i];
        add_state(dim, s);
    }
}

/* False when there are more combinations than are worth the time. */
static bool lay_out(struct space *s)
{
    size_t product = 1;
    for (size_t i = 0; i < s->intent->n_slots; i++) {
        struct dimension *dim = &s->slots[i];
        uint16_t entity = s->intent->slots[i];
        dim->states = arena_array(&s->l->scratch, STATES_MAX, sizeof *dim->states);
        if (!s->intent->ask[i].n) /* else docent asks for it */
            add_state(dim, (struct state){{.entity = (uint8_t)entity}, false});
        add_single_values(s->l->d, s->intent, entity, dim);
        add_lists(s->intent, entity, dim);
        if (!dim->n || product > COMBINATIONS_MAX / dim->n)
            return false;
        product *= dim->n;
    }
    return true;
}

static const struct branch *choose(const struct space *s)
{
    struct dialog_turn turn = {.intent = 1};
    for (size_t i = 0; i < s->intent->n_slots; i++) {
        const struct state *state = &s->slots[i].states[s->slots[i].at];
        if (state->slot.n)
            turn.slots[turn.n_slots++] = state->slot;
    }
    return answer_choose(s->intent, &turn);
}

static bool next_combination(struct space *s)
{
    for (size_t i = 0; i < s->intent->n_slots; i++) {
        if (++s->slots[i].at < s->slots[i].n)
            return true;
        s->slots[i].at = 0;
    }
    return false;
}

/* There is no answer here: which slot is to blame is seen by giving each another state. */
static void blame(struct space *s)
{
    for (size_t i = 0; i < s->intent->n_slots; i++)
        if (s->slots[i].states[s->slots[i].at].slot.n > 1)
            return; /* several values that no answer is for together are answered one by one */
    for (size_t i = 0; i < s->intent->n_slots; i++) {
        struct dimension *dim = &s->slots[i];
        size_t here = dim->at;
        bool answered = false;
        for (dim->at = 0; dim->at < dim->n && !answered; dim->at++)
            answered = dim->states[dim->at].slot.n < 2 && choose(s);
        dim->at = here;
        if (answered)
            dim->missed[here] = true;
    }
}

static void visit(struct space *s)
{
    do {
        const struct branch *b = choose(s);
        if (b)
            s->chosen[b - s->intent->branches] = true;
        else
            blame(s);
    } while (next_combination(s));
}

/* --- what is said of them ----------------------------------------------------------------------------------- */

static void add_name(struct buf *out, size_t *n, struct str name)
{
    if ((*n)++ < NAMED_MAX)
        buf_addf(out, "%s'%.*s'", *n > 1 ? ", " : "", STR_FMT(name));
}

static void report_values(struct space *s, size_t slot)
{
    const struct entity *e = &s->l->d->entities[s->intent->slots[slot]];
    struct buf names;
    size_t n = 0;
    buf_init(&names, 1000);
    for (size_t i = 0; i < s->slots[slot].n; i++) {
        const struct state *state = &s->slots[slot].states[i];
        if (!s->slots[slot].missed[i] || !state->slot.n)
            continue;
        for (uint16_t v = 0; v < e->n_values; v++)
            if (state->other ? !is_in_a_condition(s->intent, state->slot.entity, v) : v == state->slot.values[0])
                add_name(&names, &n, e->values[v].name);
    }
    if (n)
        LINT_ERROR(s->l, "missing-variant", lint_member(s->l, s->intent->place, "answers"), JSON_KEY,
                   "add an answer for each, or one for any value: \"when\": {\"...\": \"*\"}, or one without \"when\"",
                   "no answer of '%.*s' is for %.*s %.*s%s", STR_FMT(s->intent->id), STR_FMT(e->name),
                   STR_FMT(buf_str(&names)), n > NAMED_MAX ? " and others" : "");
    buf_release(&names);
}

static void report_missing(struct space *s)
{
    for (size_t i = 0; i < s->intent->n_slots; i++) {
        const struct dimension *dim = &s->slots[i];
        struct str name = s->l->d->entities[s->intent->slots[i]].name;
        if (dim->n && !dim->states[0].slot.n && dim->missed[0])
            LINT_ERROR(s->l, "missing-question", lint_item(s->l, s->intent->place, "slots", i), JSON_WHOLE,
                       "add \"ask\": {\"slot\": \"question\"}, or an answer that does not need it",
                       "no answer of '%.*s' is for questions that name no %.*s, and nothing asks for it",
                       STR_FMT(s->intent->id), STR_FMT(name));
        report_values(s, i);
    }
}

static bool same_conditions(const struct branch *a, const struct branch *b)
{
    for (size_t i = 0; i < a->n_when; i++) {
        const struct condition *c = condition_on(b, a->when[i].entity);
        if (!c || c->kind != a->when[i].kind || c->n != a->when[i].n ||
            memcmp(c->values, a->when[i].values, c->n * sizeof *c->values) != 0)
            return false;
    }
    return a->n_when == b->n_when;
}

/* The condition of the branch that no slot can meet; NULL: there is none. */
static const struct condition *impossible(const struct docent *d, const struct branch *b)
{
    for (size_t i = 0; i < b->n_when; i++) {
        const struct condition *c = &b->when[i];
        if (c->kind == WHEN_ALL && !c->n)
            return c;
        for (size_t v = 0; v < c->n; v++)
            if (!can_be_named(d, c->entity, c->values[v]))
                return c;
    }
    return NULL;
}

static void report_unreachable(struct space *s, const struct branch *b)
{
    struct place when = lint_member(s->l, b->place, "when");
    for (const struct branch *a = s->intent->branches; a < b; a++)
        if (same_conditions(a, b)) {
            LINT_ERROR(s->l, "unreachable-answer", when, JSON_KEY,
                       "put the texts together with \"or\", or change what it is for",
                       "this answer is never given: an earlier one is for the same (%.*s)",
                       STR_FMT(place_text(s->l, a->place)));
            return;
        }
    LINT_ERROR(s->l, "unreachable-answer", when, JSON_KEY, "take it out, or change what it is for",
               "this answer is never given: whatever is named, another one fits better");
}

static void check_conditions(struct lint *l, const struct branch *b, const struct condition *c)
{
    struct place when = lint_member(l, b->place, "when");
    struct str entity = l->d->entities[c->entity].name;
    LINT_ERROR(l, "impossible-condition", lint_member(l, when, entity.p), JSON_KEY,
               c->n ? "give the value a phrase that is more than filler" : "name at least one value, or \"*\" for any",
               "this answer is never given: no question can name %.*s so", STR_FMT(entity));
}

static void check_branches(struct lint *l, const struct intent *intent)
{
    struct space s = {.l = l, .intent = intent};
    arena_reset(&l->scratch);
    s.chosen = arena_array(&l->scratch, intent->n_branches, sizeof *s.chosen);
    bool whole = lay_out(&s);
    if (whole) {
        visit(&s);
        report_missing(&s);
    }
    for (size_t b = 0; b < intent->n_branches; b++) {
        const struct condition *never = impossible(l->d, &intent->branches[b]);
        if (never)
            check_conditions(l, &intent->branches[b], never);
        else if (whole && !s.chosen[b])
            report_unreachable(&s, &intent->branches[b]);
    }
}

/* --- how long answers get ----------------------------------------------------------------------------------- */

/* Slack counts &, < and > as &amp;, &lt; and &gt;. */
struct length {
    size_t characters, escaped;
};

static struct length length_of(struct str text)
{
    struct length n = {utf8_count(text), 0};
    n.escaped = n.characters;
    for (size_t i = 0; i < text.n; i++)
        n.escaped += text.p[i] == '&' ? 4 : text.p[i] == '<' || text.p[i] == '>' ? 3 : 0;
    return n;
}

static struct length longer(struct length a, struct length b)
{
    return a.escaped > b.escaped ? a : b;
}

static struct length sum(struct length a, struct length b)
{
    return (struct length){a.characters + b.characters, a.escaped + b.escaped};
}

static struct length length_of_fact(const struct fact *f, bool bullets)
{
    struct length n = {0, 0};
    struct str between = bullets ? STR("\n- ") : STR(", and ");
    for (size_t i = 0; i < f->n_items; i++)
        n = sum(sum(n, length_of(f->items[i])), length_of(i || bullets ? between : STR("")));
    return n;
}

static size_t count_facts(const struct docent *d, const struct piece *p)
{
    size_t n = 1;
    for (size_t h = 0; h < p->n_holes; h++)
        n *= d->entities[p->holes[h]].n_values;
    return n;
}

static struct length length_of_form(const struct docent *d, const struct branch *b, const struct piece *p)
{
    const struct entity *e = &d->entities[p->entity];
    const struct condition *c = condition_on(b, p->entity);
    struct length longest = {0, 0}, all = {0, 0};
    for (uint16_t v = 0; v < e->n_values; v++) {
        bool here = !c || c->kind == WHEN_ANY;
        for (size_t i = 0; !here && i < c->n; i++)
            here = c->values[i] == v;
        for (size_t f = 0; here && f < e->values[v].n_forms; f++)
            if (str_eq(e->values[v].forms[f].name, p->form)) {
                longest = longer(longest, length_of(e->values[v].forms[f].text));
                all = sum(all, sum(length_of(e->values[v].forms[f].text), length_of(STR(", "))));
            }
    }
    return c && c->kind == WHEN_ALL ? all : longest;
}

/* The longest that the wording can get. Notes the facts, sections and entities that it uses. */
static struct length read_wording(struct lint *l, const struct branch *b, const struct template *t)
{
    struct length all = {0, 0};
    for (size_t i = 0; i < t->n; i++) {
        const struct piece *p = &t->pieces[i];
        struct length n = {0, 0};
        if (p->kind == PIECE_TEXT)
            n = length_of(p->text);
        for (size_t f = 0; p->kind == PIECE_FACT && f < count_facts(l->d, p); f++) {
            if (p->facts[f] == NONE)
                continue;
            const struct fact *fact = &l->d->facts[p->facts[f]];
            l->facts[p->facts[f]] = l->sections[fact->section] = true;
            n = longer(n, length_of_fact(fact, p->bullets));
        }
        if (p->kind == PIECE_FORM)
            n = length_of_form(l->d, b, p);
        all = sum(all, n);
    }
    return all;
}

static void check_wordings(struct lint *l, const struct branch *b)
{
    for (size_t i = 0; i < b->n_sources; i++)
        l->sections[b->sources[i]] = true;
    for (size_t t = 0; t < b->n_texts; t++) {
        struct length n = read_wording(l, b, &b->texts[t]);
        if (n.characters > DISCORD_MAX || n.escaped > SLACK_MAX)
            LINT_WARN(l, "long-reply", b->texts[t].place, JSON_WHOLE,
                      "shorten it, or give part of it to another intent and link it by \"more\"",
                      "this answer can get %zu characters long; %s", n.escaped > SLACK_MAX ? n.escaped : n.characters,
                      n.escaped > SLACK_MAX ? "Slack shows 3,000 in one section, Discord 2,000 in one message"
                                            : "Discord takes 2,000 in one message");
    }
}

void lint_answers(struct lint *l)
{
    for (size_t i = 0; i < l->d->n_intents; i++) {
        const struct intent *intent = &l->d->intents[i];
        check_branches(l, intent);
        for (size_t s = 0; s < intent->n_slots; s++)
            l->entities[intent->slots[s]] = true;
        for (size_t b = 0; b < intent->n_branches; b++)
            check_wordings(l, &intent->branches[b]);
    }
}
