/*
 * Templates: texts with {section.fact}, {entity.form} and {<entity>-section.fact} in them.
 *
 * All of them are resolved here, when a pack is loaded: a fact reference with slots in it becomes a table from the
 * slots' values to facts. A reference that could miss at answer time is a problem of the pack.
 */
#include "engine/load.h"

#include <string.h>

struct reading {
    struct loader *l;
    const struct intent *intent;
    struct branch *branch;
    const cJSON *json; /* the text, or the list of its lines */
    struct piece *pieces;
    size_t n, cap;
};

/* at  in the text with all of its lines */
static void problem(const struct reading *r, size_t at, const char *rule, const char *hint, const char *what,
                    struct str ref)
{
    const cJSON *line = cJSON_IsArray(r->json) ? r->json->child : r->json;
    for (; line->next && cJSON_IsArray(r->json) && at > json_text(line).n; line = line->next)
        at -= json_text(line).n + 1;
    place_diag(r->l->diags, DIAG_ERROR, rule, loader_place(r->l, line), at, hint, "%s '{%.*s}'", what,
               (int)(ref.n < 80 ? ref.n : 80), ref.p);
}

static void add_text(struct reading *r, struct str text)
{
    if (text.n)
        *ARENA_PUSH(&r->l->d->arena, r->pieces, r->n, r->cap) =
            (struct piece){.kind = PIECE_TEXT, .text = arena_str(&r->l->d->arena, text)};
}

static void use_fact(struct reading *r, uint16_t fact)
{
    struct branch *b = r->branch;
    uint16_t section = r->l->d->facts[fact].section;
    for (size_t i = 0; i < b->n_sources; i++)
        if (b->sources[i] == section)
            return;
    if (b->n_sources < DOCENT_SOURCES_MAX)
        b->sources[b->n_sources++] = section;
}

/* May the slot hold this value where the branch is chosen? */
static bool allows(const struct branch *b, uint16_t entity, uint16_t value)
{
    for (size_t i = 0; i < b->n_when; i++) {
        const struct condition *c = &b->when[i];
        if (c->entity != entity || c->kind == WHEN_ANY)
            continue;
        for (size_t k = 0; k < c->n; k++)
            if (c->values[k] == value)
                return true;
        return false;
    }
    return true;
}

static bool is_bound(const struct branch *b, uint16_t entity)
{
    for (size_t i = 0; i < b->n_when; i++)
        if (b->when[i].entity == entity)
            return true;
    return false;
}

/* The name of a fact with the values put into its holes. */
static struct str fill_holes(const struct reading *r, struct str ref, const struct piece *p, const uint16_t *values)
{
    struct docent *d = r->l->d;
    struct buf out;
    buf_init(&out, 256);
    size_t hole = 0;
    for (size_t i = 0; i < ref.n; i++) {
        if (ref.p[i] != '<') {
            buf_addc(&out, ref.p[i]);
            continue;
        }
        buf_add(&out, d->entities[p->holes[hole]].values[values[hole]].name);
        hole++;
        while (i < ref.n && ref.p[i] != '>')
            i++;
    }
    struct str name = arena_str(&d->arena, buf_str(&out));
    buf_release(&out);
    return name;
}

static bool find_holes(struct reading *r, struct str ref, size_t at, struct piece *p)
{
    for (size_t i = 0; i < ref.n; i++) {
        if (ref.p[i] != '<')
            continue;
        size_t end = i + 1;
        while (end < ref.n && ref.p[end] != '>')
            end++;
        uint16_t entity = entity_named(r->l->d, r->l->pack, str_sub(ref, i + 1, end));
        if (entity == NONE || p->n_holes == HOLES_MAX || !is_bound(r->branch, entity)) {
            problem(r, at, "bad-reference",
                    "each <slot> in it must be an entity that this answer's \"when\" names, at most two",
                    "a slot is not known in", ref);
            return false;
        }
        p->holes[p->n_holes++] = entity;
        i = end;
    }
    return true;
}

static void add_fact(struct reading *r, struct str ref, size_t at, bool bullets)
{
    struct docent *d = r->l->d;
    struct piece p = {.kind = PIECE_FACT, .bullets = bullets};
    if (!find_holes(r, ref, at, &p))
        return;
    uint16_t n0 = p.n_holes > 0 ? (uint16_t)d->entities[p.holes[0]].n_values : 1;
    uint16_t n1 = p.n_holes > 1 ? (uint16_t)d->entities[p.holes[1]].n_values : 1;
    p.facts = arena_array(&d->arena, (size_t)n0 * n1, sizeof *p.facts);
    for (uint16_t a = 0; a < n0; a++)
        for (uint16_t b = 0; b < n1; b++) {
            uint16_t values[HOLES_MAX] = {a, b};
            uint16_t *fact = &p.facts[a * n1 + b];
            *fact = NONE;
            if ((p.n_holes > 0 && !allows(r->branch, p.holes[0], a)) ||
                (p.n_holes > 1 && !allows(r->branch, p.holes[1], b)))
                continue;
            struct str name = fill_holes(r, ref, &p, values);
            *fact = fact_named(d, r->l->pack, name);
            if (*fact == NONE) {
                problem(r, at, "unknown-fact", LOADER_HINT(r->l, NAME_FACT, name, "facts are named section.fact"),
                        "there is no fact", name);
                return;
            }
            if (p.n_holes == 0)
                use_fact(r, *fact);
        }
    *ARENA_PUSH(&d->arena, r->pieces, r->n, r->cap) = p;
}

static bool has_form(const struct value *v, struct str form)
{
    for (size_t i = 0; i < v->n_forms; i++)
        if (str_eq(v->forms[i].name, form))
            return true;
    return false;
}

static void add_form(struct reading *r, struct str ref, uint16_t entity, struct str form, size_t at)
{
    const struct entity *e = &r->l->d->entities[entity];
    if (!is_bound(r->branch, entity)) {
        problem(r, at, "unbound-slot", "name it in this answer's \"when\", with \"*\" for any value", "nothing fills",
                ref);
        return;
    }
    for (size_t v = 0; v < e->n_values; v++)
        if (allows(r->branch, entity, (uint16_t)v) && !has_form(&e->values[v], form)) {
            problem(r, at, "unknown-form", "every value that can stand here needs that form", "a value has no form for",
                    ref);
            return;
        }
    *ARENA_PUSH(&r->l->d->arena, r->pieces, r->n, r->cap) =
        (struct piece){.kind = PIECE_FORM, .entity = entity, .form = arena_str(&r->l->d->arena, form)};
}

/* A reference alone on a line that begins with "- " is a list of bullets. */
static bool stands_alone(struct str text, size_t open, size_t close)
{
    bool line_ends = close + 1 >= text.n || text.p[close + 1] == '\n';
    return line_ends && open >= 2 && text.p[open - 1] == ' ' && text.p[open - 2] == '-' &&
           (open == 2 || text.p[open - 3] == '\n');
}

static void add_reference(struct reading *r, struct str text, size_t open, size_t close)
{
    struct str ref = str_sub(text, open + 1, close), entity = ref, form = STR("label");
    for (size_t i = 0; i < ref.n; i++)
        if (ref.p[i] == '.') {
            entity = str_sub(ref, 0, i);
            form = str_sub(ref, i + 1, ref.n);
            break;
        }
    uint16_t e = entity_named(r->l->d, r->l->pack, entity);
    if (e != NONE)
        add_form(r, ref, e, form, open);
    else
        add_fact(r, ref, open, stands_alone(text, open, close));
}

static struct str joined_lines(struct loader *l, const cJSON *json)
{
    struct buf lines;
    buf_init(&lines, TEXT_MAX);
    for (const cJSON *line = cJSON_IsArray(json) ? json->child : json; line;
         line = cJSON_IsArray(json) ? line->next : NULL) {
        if (line != json && line != json->child)
            buf_addc(&lines, '\n');
        buf_add(&lines, json_text(line));
    }
    struct str text = arena_str(&l->d->arena, buf_str(&lines));
    if (lines.full)
        place_diag(l->diags, DIAG_ERROR, "limit", loader_place(l, json), JSON_WHOLE, "split it into two intents",
                   "this text is longer than %d bytes", TEXT_MAX);
    else if (!str_trim(text).n)
        place_diag(l->diags, DIAG_ERROR, "wrong-type", loader_place(l, json), JSON_WHOLE, "",
                   "an answer needs a text, or a list of lines");
    buf_release(&lines);
    return text;
}

struct template template_read(struct loader *l, const cJSON *json, const struct intent *intent, struct branch *branch)
{
    struct reading r = {.l = l, .intent = intent, .branch = branch, .json = json};
    struct str text = joined_lines(l, json);
    size_t from = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '{')
            continue;
        const char *end = memchr(text.p + i, '}', text.n - i);
        if (!end) {
            problem(&r, i, "bad-reference", "close it with }", "a reference never ends:", str_sub(text, i + 1, text.n));
            break;
        }
        size_t close = (size_t)(end - text.p);
        bool bullets = stands_alone(text, i, close);
        add_text(&r, str_sub(text, from, bullets ? i - 2 : i));
        add_reference(&r, text, i, close);
        from = close + 1;
        i = close;
    }
    add_text(&r, str_sub(text, from, text.n));
    return (struct template){r.pieces, r.n, loader_place(l, json)};
}
