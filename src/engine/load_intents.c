#include "engine/load.h"

#include "engine/pattern.h"

#include <string.h>

#define PROBLEM(l, rule, value, hint, ...) \
    place_diag((l)->diags, DIAG_ERROR, rule, loader_place(l, value), JSON_WHOLE, hint, __VA_ARGS__)

bool intent_listens(const struct intent *intent, uint16_t entity)
{
    for (size_t i = 0; i < intent->n_slots; i++)
        if (intent->slots[i] == entity)
            return true;
    return false;
}

static bool is_among(const struct str *names, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(names[i], name))
            return true;
    return false;
}

static void complain_of_slot(struct loader *l, const cJSON *at, size_t inside, const char *name)
{
    place_diag(l->diags, DIAG_ERROR, "unknown-entity", loader_place(l, at), inside, "add it to \"slots\"",
               "'%.60s' is not a slot of this intent", name);
}

static void load_slots(struct loader *l, const cJSON *json, struct intent *intent)
{
    struct str *names, *compared;
    size_t n = loader_strs(l, json, "slots", &names), n_compared = loader_strs(l, json, "compares", &compared);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "slots");
    const cJSON *compares = cJSON_GetObjectItemCaseSensitive(json, "compares");
    const cJSON *ask = cJSON_GetObjectItemCaseSensitive(json, "ask");
    if (n > DOCENT_SLOTS_MAX)
        PROBLEM(l, "limit", list, "", "an intent has at most %d slots", DOCENT_SLOTS_MAX);
    for (size_t i = 0; i < n && i < DOCENT_SLOTS_MAX; i++) {
        uint16_t entity = entity_named(l->d, l->pack, names[i]);
        const cJSON *item = cJSON_IsArray(list) ? cJSON_GetArrayItem(list, (int)i) : list;
        if (entity == NONE) {
            PROBLEM(l, "unknown-entity", item, LOADER_HINT(l, NAME_ENTITY, names[i], "a slot is the name of an entity"),
                    "there is no entity '%.*s'", STR_FMT(names[i]));
            continue;
        }
        intent->ask[intent->n_slots] = loader_str(l, ask, names[i].p, false);
        intent->compares[intent->n_slots] = is_among(compared, n_compared, names[i]);
        intent->slots[intent->n_slots++] = entity;
    }
    for (const cJSON *a = ask ? ask->child : NULL; a; a = a->next)
        if (!is_among(names, n, str_of(a->string)))
            complain_of_slot(l, a, JSON_KEY, a->string);
    for (size_t i = 0; i < n_compared; i++)
        if (!is_among(names, n, compared[i]))
            complain_of_slot(l, cJSON_IsArray(compares) ? cJSON_GetArrayItem(compares, (int)i) : compares, JSON_WHOLE,
                             compared[i].p);
}

bool loader_example(const struct loader *l, const cJSON *list, const cJSON *json, struct example *out)
{
    if (!cJSON_IsString(json) || !json->valuestring[0]) {
        PROBLEM(l, "wrong-type", cJSON_IsNumber(json) ? list : json, "", "an example must be a question in quotes");
        return false;
    }
    *out = (struct example){.text = json_text(json), .place = loader_place(l, json)};
    return true;
}

static void load_examples(struct loader *l, const cJSON *json, struct intent *intent)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "examples");
    if (list && !cJSON_IsArray(list)) {
        PROBLEM(l, "wrong-type", list, "", "\"examples\" must be a list of questions");
        return;
    }
    intent->written = list;
    if (list && json_text(list->child).n)
        intent->question = suggestion_of(l->d, json_text(list->child));
}

static void read_examples(struct loader *l, struct intent *intent)
{
    const cJSON *list = intent->written;
    intent->n_examples = 0;
    intent->examples = arena_array(&l->d->arena, (size_t)cJSON_GetArraySize(list), sizeof *intent->examples);
    for (const cJSON *e = list ? list->child : NULL; e; e = e->next)
        intent->n_examples += loader_example(l, list, e, &intent->examples[intent->n_examples]);
}

/* Those that were dropped are parsed again. */
static void find_examples(struct docent *d, uint16_t pack, const struct source *file)
{
    struct json_room room = {.arena = &d->arena};
    const cJSON *root = json_parse_in(&room, file->text, NULL);
    const cJSON *intents = cJSON_GetObjectItemCaseSensitive(root, "intents");
    for (const cJSON *i = intents ? intents->child : NULL; i; i = i->next) {
        uint16_t at = intent_named(d, pack, json_str(i, "id"));
        if (at != NONE)
            d->intents[at].written = cJSON_GetObjectItemCaseSensitive(i, "examples");
    }
}

void packs_read_examples(struct docent *d, struct diags *diags)
{
    for (size_t p = 0; d->examples_dropped && p < d->n_packs; p++)
        for (size_t f = 0; f < d->packs[p].n_files; f++)
            find_examples(d, (uint16_t)p, &d->packs[p].files[f]);
    d->examples_dropped = false;
    for (size_t i = 0; i < d->n_intents; i++) {
        struct intent *intent = &d->intents[i];
        struct loader l = {.d = d, .diags = diags, .source = intent->place.source, .pack = intent->pack};
        if (!intent->examples)
            read_examples(&l, intent);
    }
}

void examples_wanted(const struct docent *d)
{
    packs_read_examples((struct docent *)d, NULL); /* which have no fault, or it would not be open */
}

static void load_patterns(struct loader *l, const cJSON *json, uint16_t intent, uint16_t after)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "patterns");
    if (list && !cJSON_IsArray(list))
        PROBLEM(l, "wrong-type", list, "", "\"patterns\" must be a list");
    for (const cJSON *p = json_items(list); p; p = p->next) {
        if (cJSON_IsString(p))
            patterns_add(l->d, l->diags, str_of(p->valuestring), loader_place(l, p), intent, after);
        else
            PROBLEM(l, "wrong-type", cJSON_IsNumber(p) ? list : p, "", "a pattern must be a text");
    }
}

/* --- answers ------------------------------------------------------------------------------------------------ */

static bool add_value(struct loader *l, const cJSON *json, struct condition *c)
{
    const struct entity *e = &l->d->entities[c->entity];
    uint16_t value = value_named(e, json_text(json));
    if (value == NONE)
        PROBLEM(l, "unknown-value", json, value_hint(e, json_text(json), "", &l->diags->arena),
                "entity '%.*s' has no value '%.*s'", STR_FMT(e->name), STR_FMT(json_text(json)));
    else if (c->n < DOCENT_VALUES_MAX)
        c->values[c->n++] = value;
    return value != NONE;
}

static void load_condition(struct loader *l, const cJSON *json, const struct intent *intent, struct branch *b)
{
    struct condition c = {.entity = entity_named(l->d, l->pack, str_of(json->string))};
    bool listens = false;
    for (size_t i = 0; i < intent->n_slots; i++)
        listens = listens || intent->slots[i] == c.entity;
    if (!listens) {
        place_diag(l->diags, DIAG_ERROR, "unknown-entity", loader_place(l, json), JSON_KEY,
                   "add it to the intent's \"slots\"", "'%.60s' is not a slot of this intent", json->string);
        return;
    }
    bool ok = true;
    if (cJSON_IsString(json) && strcmp(json->valuestring, "*") == 0) {
        c.kind = WHEN_ANY;
    } else if (cJSON_IsString(json)) {
        ok = add_value(l, json, &c);
    } else if (cJSON_IsArray(json)) {
        c.kind = WHEN_ALL;
        for (const cJSON *v = json->child; v; v = v->next)
            ok = add_value(l, v, &c) && ok;
        if (c.n == 1)
            c.kind = WHEN_VALUE;
    } else {
        PROBLEM(l, "wrong-type", json, "", "a condition is a value, a list of values, or \"*\"");
        ok = false;
    }
    if (ok && b->n_when < CONDITIONS_MAX)
        b->when[b->n_when++] = c;
}

static void add_source(struct branch *b, uint16_t section)
{
    for (size_t i = 0; i < b->n_sources; i++)
        if (b->sources[i] == section)
            return;
    if (b->n_sources < DOCENT_SOURCES_MAX)
        b->sources[b->n_sources++] = section;
}

/* Sections named by the author, then those of every fact that a text holds. */
static void collect_sources(struct loader *l, const cJSON *json, struct branch *b)
{
    struct str *ids;
    size_t n = loader_strs(l, json, "sources", &ids);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "sources");
    for (size_t i = 0; i < n; i++) {
        uint16_t section = section_named(l->d, l->pack, ids[i]);
        if (section == NONE)
            PROBLEM(l, "unknown-section", cJSON_IsArray(list) ? cJSON_GetArrayItem(list, (int)i) : list,
                    LOADER_HINT(l, NAME_SECTION, ids[i], "list it in \"sections\""), "there is no section '%.*s'",
                    STR_FMT(ids[i]));
        else
            add_source(b, section);
    }
}

/* Facts that slots choose bring their sections along when the answer is given. */
static bool holds_fact(const struct branch *b)
{
    for (size_t t = 0; t < b->n_texts; t++)
        for (size_t i = 0; i < b->texts[t].n; i++)
            if (b->texts[t].pieces[i].kind == PIECE_FACT)
                return true;
    return false;
}

static void load_branch(struct loader *l, const cJSON *json, struct intent *intent)
{
    static const char *const keys[] = {"when", "text", "or", "sources", "next", NULL};
    struct docent *d = l->d;
    struct branch *b = &intent->branches[intent->n_branches++];
    *b = (struct branch){.place = loader_place(l, json), .intent = (uint16_t)d->n_intents};
    loader_check_keys(l, json, keys);
    const cJSON *when = cJSON_GetObjectItemCaseSensitive(json, "when");
    for (const cJSON *w = cJSON_IsObject(when) ? when->child : NULL; w; w = w->next)
        load_condition(l, w, intent, b);
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(json, "text");
    const cJSON *others = cJSON_GetObjectItemCaseSensitive(json, "or");
    b->texts = arena_array(&d->arena, 1 + (size_t)cJSON_GetArraySize(others), sizeof *b->texts);
    collect_sources(l, json, b);
    if (text)
        b->texts[b->n_texts++] = template_read(l, text, intent, b);
    else
        PROBLEM(l, "missing-key", json, "", "\"text\" is missing here");
    for (const cJSON *o = others ? others->child : NULL; o; o = o->next)
        b->texts[b->n_texts++] = template_read(l, o, intent, b);
    if (intent->kind == KIND_ANSWER && b->n_sources == 0 && !holds_fact(b))
        PROBLEM(l, "no-source", json, "add \"sources\": [\"section-id\"], or use a fact",
                "this answer names no section that it rests on");
    struct str *next;
    size_t n = loader_strs(l, json, "next", &next);
    for (size_t i = 0; i < n && i < DOCENT_SUGGEST_MAX; i++)
        b->next[b->n_next++] = suggestion_of(d, next[i]);
}

/* --- intents ------------------------------------------------------------------------------------------------ */

static void load_kind(struct loader *l, const cJSON *json, struct intent *intent)
{
    struct str kind = loader_str(l, json, "kind", false);
    if (str_is(kind, "chat"))
        intent->kind = KIND_CHAT;
    else if (str_is(kind, "decline"))
        intent->kind = KIND_DECLINE;
    else if (kind.n && !str_is(kind, "answer"))
        PROBLEM(l, "unknown-kind", cJSON_GetObjectItemCaseSensitive(json, "kind"), "",
                "a kind is answer, decline or chat");
}

void load_intent(struct loader *l, const cJSON *json)
{
    static const char *const keys[] = {"id",       "title", "kind", "slots", "ask",     "compares", "patterns",
                                       "examples", "after", "why",  "more",  "answers", NULL};
    struct docent *d = l->d;
    if (!cJSON_IsObject(json)) {
        PROBLEM(l, "wrong-type", json, "", "an intent must be an object");
        return;
    }
    loader_check_keys(l, json, keys);
    struct intent intent = {.id = loader_str(l, json, "id", true),
                            .title = loader_str(l, json, "title", false),
                            .pack = l->pack,
                            .why = NONE,
                            .more = NONE,
                            .question = NONE,
                            .place = loader_place(l, json)};
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(json, "id");
    if (!intent.id.n || !loader_name_ok(l, id, "an intent", intent.id, false))
        return;
    if (intent_named(d, l->pack, intent.id) != NONE) {
        PROBLEM(l, "duplicate-id", id, "", "intent '%.*s' stands here a second time", STR_FMT(intent.id));
        return;
    }
    if (d->n_intents >= INTENTS_MAX) {
        PROBLEM(l, "limit", json, "", "more than %d intents", INTENTS_MAX);
        return;
    }
    if (!intent.title.n)
        intent.title = intent.id;
    load_kind(l, json, &intent);
    if (intent.kind == KIND_CHAT && l->pack > 0)
        return; /* small talk is the first pack's */
    load_slots(l, json, &intent);
    load_examples(l, json, &intent);
    const cJSON *answers = cJSON_GetObjectItemCaseSensitive(json, "answers");
    if (!cJSON_IsArray(answers) || cJSON_GetArraySize(answers) == 0)
        PROBLEM(l, "missing-key", answers ? answers : json, "", "intent '%.*s' has no \"answers\"", STR_FMT(intent.id));
    intent.branches = arena_array(&d->arena, (size_t)cJSON_GetArraySize(answers), sizeof *intent.branches);
    for (const cJSON *b = json_items(answers); b; b = b->next)
        load_branch(l, b, &intent);
    *ARENA_PUSH(&d->arena, d->intents, d->n_intents, d->cap_intents) = intent;
    name_add(d, NAME_INTENT, d->n_intents - 1);
    uint16_t at = (uint16_t)(d->n_intents - 1);
    d->intents[at].first_pattern = patterns_count(d);
    load_patterns(l, json, at, NONE);
    d->intents[at].first_after = (uint16_t)d->n_afters;
    const cJSON *after = cJSON_GetObjectItemCaseSensitive(json, "after");
    for (const cJSON *a = json_items(after); a; a = a->next) {
        ARENA_PUSH(&d->arena, d->afters, d->n_afters, d->cap_afters);
        load_patterns(l, a, at, (uint16_t)(d->n_afters - 1));
    }
    d->intents[at].n_patterns = (uint16_t)(patterns_count(d) - d->intents[at].first_pattern);
}

static uint16_t linked_intent(struct loader *l, const cJSON *json, const char *key)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, key);
    uint16_t to = value ? intent_named(l->d, l->pack, json_text(value)) : NONE;
    if (value && to == NONE)
        PROBLEM(l, "unknown-intent", value, LOADER_HINT(l, NAME_INTENT, json_text(value), ""),
                "there is no intent '%.*s'", STR_FMT(json_text(value)));
    return to;
}

void load_intent_links(struct loader *l, const cJSON *json, struct intent *intent)
{
    static const char *const keys[] = {"intents", "patterns", NULL};
    struct docent *d = l->d;
    intent->why = linked_intent(l, json, "why");
    intent->more = linked_intent(l, json, "more");
    const cJSON *after = cJSON_GetObjectItemCaseSensitive(json, "after");
    if (after && !cJSON_IsArray(after))
        PROBLEM(l, "wrong-type", after, "[{\"intents\": […], \"patterns\": […]}]", "\"after\" must be a list");
    size_t at = intent->first_after;
    for (const cJSON *a = json_items(after); a; a = a->next) {
        struct after *entry = &d->afters[at++];
        loader_check_keys(l, a, keys);
        const cJSON *list = cJSON_GetObjectItemCaseSensitive(a, "intents");
        entry->intents = arena_array(&d->arena, (size_t)cJSON_GetArraySize(list), sizeof *entry->intents);
        for (const cJSON *i = json_items(list); i; i = i->next) {
            uint16_t to = intent_named(d, l->pack, json_text(i));
            if (to == NONE)
                PROBLEM(l, "unknown-intent", i, LOADER_HINT(l, NAME_INTENT, json_text(i), ""),
                        "there is no intent '%.*s'", STR_FMT(json_text(i)));
            else
                entry->intents[entry->n++] = to;
        }
    }
}
