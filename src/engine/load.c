#include "engine/load.h"

#include "base/near.h"

#include "engine/pattern.h"
#include "engine/spell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- places ---------------------------------------------------------------------------------------------- */

size_t place_line(struct place p)
{
    if (!p.source)
        return 0;
    size_t line = 1, offset = json_offset(p.source->text, p.node, JSON_WHOLE);
    const char *at = p.source->text.p, *end = at + (offset < p.source->text.n ? offset : p.source->text.n);
    for (; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        line++;
    return line;
}

void place_diag(struct diags *diags, enum diag_level level, const char *rule, struct place p, size_t inside,
                const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str message = arena_vfmt(&diags->arena, format, args);
    va_end(args);
    size_t offset = p.source ? json_offset(p.source->text, p.node, inside) : DIAG_WHOLE;
    diag_add(diags, level, rule, p.source, offset, message, str_of(hint));
}

/* --- tools for readers -------------------------------------------------------------------------------------- */

struct place loader_place(const struct loader *l, const cJSON *value)
{
    return (struct place){l->source, json_number(value)};
}

#define PROBLEM(l, rule, value, hint, ...) \
    place_diag((l)->diags, DIAG_ERROR, rule, loader_place(l, value), JSON_WHOLE, hint, __VA_ARGS__)

static bool is_allowed(const char *key, const char *const *allowed)
{
    for (; *allowed; allowed++)
        if (strcmp(*allowed, key) == 0)
            return true;
    return false;
}

static void report_unknown_key(const struct loader *l, const cJSON *member, const char *const *allowed)
{
    struct near near = near_to(str_of(member->string));
    for (; *allowed; allowed++)
        near_try(&near, str_of(*allowed));
    place_diag(l->diags, DIAG_ERROR, "unknown-key", loader_place(l, member), JSON_KEY,
               near.best.n ? arena_fmt(&l->diags->arena, "did you mean \"%.*s\"?", STR_FMT(near.best)).p : "",
               "unknown key '%.60s'", member->string);
}

void loader_check_keys(const struct loader *l, const cJSON *object, const char *const *allowed)
{
    for (const cJSON *m = object ? object->child : NULL; m; m = m->next) {
        if (!is_allowed(m->string, allowed)) {
            report_unknown_key(l, m, allowed);
            continue;
        }
        for (const cJSON *other = m->next; other; other = other->next)
            if (strcmp(other->string, m->string) == 0)
                place_diag(l->diags, DIAG_ERROR, "duplicate-key", loader_place(l, other), JSON_KEY,
                           "keep one of the two; only the first would count", "key '%.60s' stands here a second time",
                           m->string);
    }
}

struct str loader_str(const struct loader *l, const cJSON *object, const char *key, bool needed)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
    if (cJSON_IsString(value) && value->valuestring[0])
        return json_text(value);
    if (value)
        PROBLEM(l, "wrong-type", value, "", "\"%s\" must be a text that is not empty", key);
    else if (needed)
        PROBLEM(l, "missing-key", object, "", "\"%s\" is missing here", key);
    return (struct str){NULL, 0};
}

size_t loader_strs(const struct loader *l, const cJSON *object, const char *key, struct str **out)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
    size_t n = 0, count = cJSON_IsArray(value) ? (size_t)cJSON_GetArraySize(value) : 1;
    *out = NULL;
    if (!value)
        return 0;
    if (!cJSON_IsArray(value) && !cJSON_IsString(value)) {
        PROBLEM(l, "wrong-type", value, "", "\"%s\" must be a list of texts", key);
        return 0;
    }
    *out = arena_array(&l->d->arena, count, sizeof **out);
    for (const cJSON *item = cJSON_IsArray(value) ? value->child : value; item && n < count; item = item->next) {
        if (cJSON_IsString(item) && item->valuestring[0])
            (*out)[n++] = json_text(item);
        else
            PROBLEM(l, "wrong-type", cJSON_IsNumber(item) ? value : item, "",
                    "\"%s\" must hold texts that are not empty", key);
    }
    return n;
}

bool loader_name_ok(const struct loader *l, const cJSON *value, const char *what, struct str name, bool is_key)
{
    bool ok = name.n > 0 && name.n <= 64 && name.p[0] != '-';
    for (size_t i = 0; i < name.n; i++)
        ok = ok && (ch_digit(name.p[i]) || (name.p[i] >= 'a' && name.p[i] <= 'z') || name.p[i] == '-');
    if (!ok)
        place_diag(l->diags, DIAG_ERROR, "bad-name", loader_place(l, value), is_key ? JSON_KEY : JSON_WHOLE,
                   "use small letters, digits and hyphens", "'%.*s' cannot name %s", (int)(name.n < 60 ? name.n : 60),
                   name.p ? name.p : "", what);
    return ok;
}

/* --- the parts of a pack, but for intents ------------------------------------------------------------------- */

static void read_messages(struct loader *l, const cJSON *json, const char *key, struct messages *m)
{
    m->n = loader_strs(l, json, key, &m->texts);
}

static void load_header(struct loader *l, const cJSON *json)
{
    static const char *const keys[] = {"name", "title", "version", "language", "guide", "messages", "next", NULL};
    static const char *const guide_keys[] = {"title", "publisher", "year", "url", NULL};
    static const char *const message_keys[] = {"decline", "decline_near", "rest", "too_many",
                                               "clarify", "unclear",      NULL};
    struct pack *pack = &l->d->packs[l->pack];
    if (pack->has_header) {
        PROBLEM(l, "second-header", json, "one file of the pack holds it", "\"pack\" stands in more than one file");
        return;
    }
    loader_check_keys(l, json, keys);
    loader_check_keys(l, cJSON_GetObjectItemCaseSensitive(json, "guide"), guide_keys);
    pack->has_header = true;
    pack->place = loader_place(l, json);
    pack->name = loader_str(l, json, "name", true);
    pack->title = loader_str(l, json, "title", true);
    pack->version = loader_str(l, json, "version", false);
    struct str language = loader_str(l, json, "language", false);
    if (language.n && !str_is(language, "en"))
        PROBLEM(l, "language", cJSON_GetObjectItemCaseSensitive(json, "language"), "",
                "this docent reads English (\"en\") only");
    const cJSON *messages = cJSON_GetObjectItemCaseSensitive(json, "messages");
    loader_check_keys(l, messages, message_keys);
    read_messages(l, messages, "decline", &pack->decline);
    read_messages(l, messages, "decline_near", &pack->decline_near);
    read_messages(l, messages, "rest", &pack->rest);
    read_messages(l, messages, "too_many", &pack->too_many);
    read_messages(l, messages, "clarify", &pack->clarify);
    read_messages(l, messages, "unclear", &pack->unclear);
    struct str *next;
    size_t n = loader_strs(l, json, "next", &next);
    for (size_t i = 0; i < n && i < DOCENT_SUGGEST_MAX; i++)
        pack->next[pack->n_next++] = suggestion_of(l->d, next[i]);
}

static void load_sections(struct loader *l, const cJSON *json)
{
    static const char *const keys[] = {"id", "heading", NULL};
    if (!cJSON_IsArray(json))
        PROBLEM(l, "wrong-type", json, "[{\"id\": …, \"heading\": …}]", "\"sections\" must be a list");
    for (const cJSON *s = json_items(json); s; s = s->next) {
        loader_check_keys(l, s, keys);
        struct section section = {.id = loader_str(l, s, "id", true),
                                  .heading = loader_str(l, s, "heading", true),
                                  .pack = l->pack,
                                  .place = loader_place(l, s)};
        if (section_named(l->d, l->pack, section.id) != NONE) {
            PROBLEM(l, "duplicate-id", s, "", "section '%.*s' stands here a second time", STR_FMT(section.id));
        } else if (l->d->n_sections >= NONE) {
            PROBLEM(l, "limit", s, "", "more than %d sections", NONE);
        } else if (section.id.n &&
                   loader_name_ok(l, cJSON_GetObjectItemCaseSensitive(s, "id"), "a section", section.id, false)) {
            *ARENA_PUSH(&l->d->arena, l->d->sections, l->d->n_sections, l->d->cap_sections) = section;
            name_add(l->d, NAME_SECTION, l->d->n_sections - 1);
        }
    }
}

static void load_fact(struct loader *l, const cJSON *json, uint16_t section)
{
    struct docent *d = l->d;
    struct fact fact = {
        .section = section, .pack = l->pack, .list = cJSON_IsArray(json), .place = loader_place(l, json)};
    fact.name = arena_fmt(&d->arena, "%.*s.%s", STR_FMT(d->sections[section].id), json->string);
    if (!loader_name_ok(l, json, "a fact", str_of(json->string), true))
        return;
    size_t count = fact.list ? (size_t)cJSON_GetArraySize(json) : 1;
    fact.items = arena_array(&d->arena, count, sizeof *fact.items);
    for (const cJSON *item = fact.list ? json->child : json; item && fact.n_items < count; item = item->next)
        if (cJSON_IsString(item) && item->valuestring[0])
            fact.items[fact.n_items++] = json_text(item);
    if (fact.n_items < count || count == 0) {
        PROBLEM(l, "wrong-type", json, "write figures as texts too", "fact '%.*s' must be a text or a list of texts",
                STR_FMT(fact.name));
    } else if (fact_named(d, l->pack, fact.name) != NONE) {
        place_diag(l->diags, DIAG_ERROR, "duplicate-id", fact.place, JSON_KEY, "each fact stands once",
                   "fact '%.*s' stands here a second time", STR_FMT(fact.name));
    } else if (d->n_facts >= NONE) {
        PROBLEM(l, "limit", json, "", "more than %d facts", NONE);
    } else {
        *ARENA_PUSH(&d->arena, d->facts, d->n_facts, d->cap_facts) = fact;
        name_add(d, NAME_FACT, d->n_facts - 1);
    }
}

static void load_facts(struct loader *l, const cJSON *json)
{
    for (const cJSON *s = json->child; s; s = s->next) {
        uint16_t section = section_named(l->d, l->pack, str_of(s->string));
        if (section == NONE)
            place_diag(l->diags, DIAG_ERROR, "unknown-section", loader_place(l, s), JSON_KEY,
                       LOADER_HINT(l, NAME_SECTION, str_of(s->string), "facts are listed by section id"),
                       "there is no section '%.60s'", s->string);
        for (const cJSON *f = section != NONE && cJSON_IsObject(s) ? s->child : NULL; f; f = f->next)
            load_fact(l, f, section);
    }
}

static void load_value(struct loader *l, const cJSON *json, struct entity *e)
{
    struct docent *d = l->d;
    struct value *v = &e->values[e->n_values++];
    v->name = arena_str(&d->arena, str_of(json->string));
    v->place = loader_place(l, json);
    v->label = loader_str(l, json, "label", true);
    v->n_phrases = loader_strs(l, json, "phrases", &v->phrases);
    loader_name_ok(l, json, "a value", v->name, true);
    if (!v->n_phrases)
        PROBLEM(l, "missing-key", json, "list the words that name it", "value '%.*s' has no \"phrases\"",
                STR_FMT(v->name));
    v->forms = arena_array(&d->arena, (size_t)cJSON_GetArraySize(json), sizeof *v->forms);
    for (const cJSON *m = json->child; m; m = m->next)
        if (cJSON_IsString(m))
            v->forms[v->n_forms++] = (struct form){arena_str(&d->arena, str_of(m->string)), json_text(m)};
        else if (strcmp(m->string, "phrases") != 0)
            PROBLEM(l, "wrong-type", m, "", "form '%.60s' must be a text", m->string);
}

static void load_entities(struct loader *l, const cJSON *json)
{
    static const char *const keys[] = {"carry", "values", NULL};
    struct docent *d = l->d;
    for (const cJSON *e = json->child; e; e = e->next) {
        struct str name = str_of(e->string);
        const cJSON *values = cJSON_GetObjectItemCaseSensitive(e, "values");
        int count = cJSON_GetArraySize(values);
        loader_check_keys(l, e, keys);
        if (!loader_name_ok(l, e, "an entity", name, true))
            continue;
        if (entity_named(d, l->pack, name) != NONE) {
            PROBLEM(l, "duplicate-id", e, "", "entity '%.60s' stands here a second time", e->string);
        } else if (!cJSON_IsObject(values) || count == 0 || count > VALUES_MAX) {
            PROBLEM(l, "wrong-type", e, "", "entity '%.60s' needs \"values\", 1 to %d of them", e->string, VALUES_MAX);
        } else if (d->n_entities >= ENTITIES_MAX) {
            PROBLEM(l, "limit", e, "", "more than %d entities", ENTITIES_MAX);
        } else {
            struct entity entity = {.name = arena_str(&d->arena, name),
                                    .carry = json_bool(e, "carry", false),
                                    .values = arena_array(&d->arena, (size_t)count, sizeof(struct value)),
                                    .pack = l->pack,
                                    .first_value = (uint32_t)d->n_values,
                                    .place = loader_place(l, e)};
            d->n_values += (size_t)count;
            for (const cJSON *v = values->child; v; v = v->next)
                load_value(l, v, &entity);
            *ARENA_PUSH(&d->arena, d->entities, d->n_entities, d->cap_entities) = entity;
            name_add(d, NAME_ENTITY, d->n_entities - 1);
        }
    }
}

static void load_groups(struct loader *l, const cJSON *json)
{
    struct docent *d = l->d;
    for (const cJSON *g = json->child; g; g = g->next) {
        struct group group = {
            .name = arena_str(&d->arena, str_of(g->string)), .pack = l->pack, .place = loader_place(l, g)};
        if (!loader_name_ok(l, g, "a word group", group.name, true))
            continue;
        group.n_phrases = loader_strs(l, json, g->string, &group.phrases);
        if (group_named(d, l->pack, group.name) != NONE) {
            place_diag(l->diags, DIAG_ERROR, "duplicate-id", group.place, JSON_KEY, "",
                       "word group '%.60s' stands here a second time", g->string);
        } else if (d->n_groups >= GROUPS_MAX) {
            PROBLEM(l, "limit", g, "", "more than %d word groups", GROUPS_MAX);
        } else if (!group.n_phrases) {
            PROBLEM(l, "wrong-type", g, "", "word group '%.60s' has no members", g->string);
        } else {
            *ARENA_PUSH(&d->arena, d->groups, d->n_groups, d->cap_groups) = group;
            name_add(d, NAME_GROUP, d->n_groups - 1);
        }
    }
}

/* Puts the members of groups, and the phrases of entities, that a group names as <other> in their place. */
static void close_group(struct docent *d, struct diags *diags, struct group *g)
{
    if (g->closed)
        return;
    g->open = true;
    struct str *all = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < g->n_phrases; i++) {
        struct str p = g->phrases[i];
        if (p.p[0] != '<' || p.p[p.n - 1] != '>') {
            *ARENA_PUSH(&d->arena, all, n, cap) = p;
            continue;
        }
        uint16_t entity = entity_named(d, g->pack, str_sub(p, 1, p.n - 1));
        if (entity != NONE) {
            for (size_t v = 0; v < d->entities[entity].n_values; v++)
                for (size_t k = 0; k < d->entities[entity].values[v].n_phrases; k++)
                    *ARENA_PUSH(&d->arena, all, n, cap) = d->entities[entity].values[v].phrases[k];
            continue;
        }
        uint16_t other = group_named(d, g->pack, str_sub(p, 1, p.n - 1));
        if (other == NONE || d->groups[other].open) {
            place_diag(diags, DIAG_ERROR, "unknown-group", g->place, JSON_KEY,
                       other == NONE ? name_hint(d, NAME_GROUP, g->pack, str_sub(p, 1, p.n - 1), "", &diags->arena)
                                     : "",
                       other == NONE ? "word group '%.*s' names %.*s, which there is not"
                                     : "word group '%.*s' holds itself, by %.*s",
                       STR_FMT(g->name), STR_FMT(p));
            continue;
        }
        close_group(d, diags, &d->groups[other]);
        for (size_t k = 0; k < d->groups[other].n_phrases; k++)
            *ARENA_PUSH(&d->arena, all, n, cap) = d->groups[other].phrases[k];
    }
    g->phrases = all;
    g->n_phrases = n;
    g->open = false;
    g->closed = true;
}

static void load_replacements(struct loader *l, const cJSON *json)
{
    struct pack *pack = &l->d->packs[l->pack];
    for (const cJSON *r = json->child; r; r = r->next)
        if (cJSON_IsString(r))
            *ARENA_PUSH(&l->d->arena, pack->replacements, pack->n_replacements, pack->cap_replacements) =
                (struct replacement){str_of(r->string), str_of(r->valuestring)};
        else
            PROBLEM(l, "wrong-type", r, "", "what takes the place of '%.60s' must be a text", r->string);
}

static void load_other_subjects(struct loader *l, const cJSON *json)
{
    struct pack *pack = &l->d->packs[l->pack];
    if (!cJSON_IsArray(json))
        PROBLEM(l, "wrong-type", json, "", "\"other_subjects\" must be a list of questions");
    for (const cJSON *e = json_items(json); e; e = e->next) {
        struct example x;
        if (loader_example(l, json, e, &x))
            *ARENA_PUSH(&l->d->arena, pack->others, pack->n_others, pack->cap_others) = x;
    }
}

/* --- whole packs -------------------------------------------------------------------------------------------- */

/* Members of a file, in the order in which they need each other. */
static const struct {
    const char *key;
    void (*load)(struct loader *l, const cJSON *json);
} members[] = {
    {"pack", load_header},
    {"sections", load_sections},
    {"facts", load_facts},
    {"entities", load_entities},
    {"words", load_groups},
    {"replace", load_replacements},
    {"other_subjects", load_other_subjects},
};

/*
 * Examples are the largest part of a pack, and nobody looks at them where the model was kept: there all but an intent's
 * first, which is its question, make room for the next file.
 */
static void drop_examples(struct loader *l, const cJSON *root)
{
    const cJSON *intents = cJSON_GetObjectItemCaseSensitive(root, "intents");
    for (const cJSON *i = intents ? intents->child : NULL; i; i = i->next) {
        const cJSON *examples = cJSON_GetObjectItemCaseSensitive(i, "examples");
        if (!cJSON_IsArray(examples) || !examples->child)
            continue;
        json_drop(l->room, examples->child->next);
        examples->child->next = NULL;
    }
}

static cJSON *parse_file(struct loader *l)
{
    struct json_fault fault;
    cJSON *root = json_parse_in(l->room, l->source->text, &fault);
    if (!root) {
        diag_addf(
            l->diags, DIAG_ERROR, "json", l->source, fault.offset,
            "look right before this place for a missing quote, comma or bracket; a comma behind the last item is too much",
            "%s", fault.message);
        return NULL;
    }
    static const char *const keys[] = {"$schema", "pack",    "sections",       "facts",   "entities",
                                       "words",   "replace", "other_subjects", "intents", NULL};
    if (cJSON_IsObject(root))
        loader_check_keys(l, root, keys);
    else
        diag_addf(l->diags, DIAG_ERROR, "wrong-type", l->source, 0, "", "a pack file must be one JSON object");
    return root;
}

static void load_member(struct loader *l, const cJSON *root, size_t member)
{
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(root, members[member].key);
    if (json && !cJSON_IsObject(json) && !cJSON_IsArray(json))
        PROBLEM(l, "wrong-type", json, "", "\"%s\" must be an object or a list", members[member].key);
    else if (json)
        members[member].load(l, json);
}

static int by_id(const void *left, const void *right)
{
    return str_cmp(json_str(((const cJSON *const *)left)[0], "id"), json_str(((const cJSON *const *)right)[0], "id"));
}

struct intent_json {
    const cJSON *json;
    const struct source *source;
};

/* Intents are taken in the order of their ids, so that the order of files and in files never matters. */
static void load_intents(struct loader *l, cJSON *const *roots, const struct pack_files *files)
{
    struct docent *d = l->d;
    struct intent_json *all = NULL;
    size_t n = 0, cap = 0, first = d->n_intents;
    for (size_t f = 0; f < files->n; f++) {
        const cJSON *list = cJSON_GetObjectItemCaseSensitive(roots[f], "intents");
        l->source = &files->files[f];
        if (list && !cJSON_IsArray(list))
            PROBLEM(l, "wrong-type", list, "", "\"intents\" must be a list");
        for (const cJSON *i = json_items(list); i; i = i->next)
            *ARENA_PUSH(&d->arena, all, n, cap) = (struct intent_json){i, l->source};
    }
    if (n)
        qsort(all, n, sizeof *all, by_id);
    for (size_t i = 0; i < n; i++) {
        l->source = all[i].source;
        load_intent(l, all[i].json);
    }
    for (size_t i = 0; i < n; i++) { /* links, once every intent is there */
        uint16_t at = intent_named(d, l->pack, json_str(all[i].json, "id"));
        l->source = all[i].source;
        if (at != NONE && at >= first && d->intents[at].place.node == json_number(all[i].json))
            load_intent_links(l, all[i].json, &d->intents[at]);
    }
}

static void load_pack(struct loader *l, const struct pack_files *files)
{
    struct docent *d = l->d;
    size_t first_group = d->n_groups;
    cJSON **roots = arena_array(&d->arena, files->n, sizeof *roots);
    d->packs[l->pack].folder = files->folder;
    d->packs[l->pack].files = files->files;
    d->packs[l->pack].n_files = files->n;
    bool whole = true;
    for (size_t f = 0; f < files->n; f++) {
        l->source = &files->files[f];
        roots[f] = parse_file(l);
        whole = whole && roots[f];
        if (d->examples_dropped)
            drop_examples(l, roots[f]);
    }
    if (!whole) /* without what stands in the broken file, all that refers to it would look wrong, too */
        return;
    for (size_t m = 0; m < sizeof members / sizeof *members; m++)
        for (size_t f = 0; f < files->n; f++) {
            l->source = &files->files[f];
            if (cJSON_IsObject(roots[f]))
                load_member(l, roots[f], m);
        }
    if (!d->packs[l->pack].has_header)
        diag_addf(l->diags, DIAG_ERROR, "no-header", files->n ? &files->files[0] : NULL, DIAG_WHOLE,
                  "add {\"pack\": {\"name\": …, \"title\": …}} to one of its files",
                  "no file of the pack in '%.*s' holds \"pack\"", STR_FMT(files->folder));
    for (size_t g = first_group; g < d->n_groups; g++)
        close_group(d, l->diags, &d->groups[g]);
    load_intents(l, roots, files);
}

void packs_load(struct docent *d, const struct pack_files *packs, size_t n_packs, struct diags *diags)
{
    d->packs = arena_array(&d->arena, n_packs, sizeof *d->packs);
    d->n_packs = n_packs;
    struct json_room room = {.arena = &d->arena};
    for (size_t p = 0; p < n_packs; p++) {
        struct loader l = {.d = d, .diags = diags, .room = &room, .pack = (uint16_t)p};
        load_pack(&l, &packs[p]);
    }
    size_t n_branches = 0;
    for (size_t i = 0; i < d->n_intents; i++)
        n_branches += d->intents[i].n_branches;
    d->branches = arena_array(&d->arena, n_branches, sizeof *d->branches);
    for (size_t i = 0; i < d->n_intents; i++) {
        d->intents[i].first_branch = (uint16_t)d->n_branches;
        for (size_t b = 0; b < d->intents[i].n_branches && d->n_branches < NONE; b++)
            d->branches[d->n_branches++] = &d->intents[i].branches[b];
    }
}

/* --- their words -------------------------------------------------------------------------------------------- */

/* Words that ordinary English has not, and those of a pack's title, show that a question is about the pack's subject. */
static void mark_anchors(struct docent *d, uint16_t pack, const uint32_t *words, size_t n, bool title)
{
    for (size_t i = 0; i < n; i++) {
        struct lex_word *w = &d->lexicon.words[words[i]];
        bool plain = w->flags & WORD_FUNCTION || w->text.n < 3 || !ch_alpha(w->text.p[0]);
        if (!plain && (title || !english_knows(w->text)))
            w->anchors |= anchor_bit(pack);
    }
}

static struct phrase_range add_phrases(struct docent *d, enum phrase_kind kind, uint16_t owner, uint16_t value,
                                       const struct str *phrases, size_t n)
{
    struct phrase_range range = {.first = (uint32_t)d->lexicon.n_phrases};
    for (size_t i = 0; i < n; i++) {
        uint32_t words[32];
        size_t count = lexicon_read(&d->lexicon, phrases[i], WORD_SUBJECT, words, 32);
        if (count)
            lexicon_phrase(&d->lexicon, kind, owner, value, words, count);
        range.longest = count > range.longest ? (uint16_t)count : range.longest;
        if (kind == PHRASE_ENTITY)
            mark_anchors(d, d->entities[owner].pack, words, count, false);
    }
    range.n = (uint32_t)d->lexicon.n_phrases - range.first;
    return range;
}

static void read_pack(struct docent *d, uint16_t pack)
{
    const struct pack *p = &d->packs[pack];
    for (size_t r = 0; r < p->n_replacements; r++)
        lexicon_replace(&d->lexicon, p->replacements[r].from, p->replacements[r].to);
    for (size_t g = 0; g < d->n_groups; g++)
        if (d->groups[g].pack == pack)
            d->groups[g].range =
                add_phrases(d, PHRASE_GROUP, (uint16_t)g, 0, d->groups[g].phrases, d->groups[g].n_phrases);
    for (size_t e = 0; e < d->n_entities; e++)
        for (size_t i = 0; d->entities[e].pack == pack && i < d->entities[e].n_values; i++) {
            struct value *v = &d->entities[e].values[i];
            v->range = add_phrases(d, PHRASE_ENTITY, (uint16_t)e, (uint16_t)i, v->phrases, v->n_phrases);
        }
    for (size_t f = 0; f < d->n_facts; f++) /* so that their words count as words of the subject */
        for (size_t i = 0; d->facts[f].pack == pack && i < d->facts[f].n_items; i++) {
            uint32_t words[64];
            size_t n = lexicon_read(&d->lexicon, d->facts[f].items[i], WORD_SUBJECT, words, 64);
            mark_anchors(d, pack, words, n, false);
        }
    uint32_t title[32];
    size_t n_title = lexicon_read(&d->lexicon, p->title, 0, title, 32);
    mark_anchors(d, pack, title, n_title, true);
}

void packs_read_words(struct docent *d)
{
    for (size_t p = 0; p < d->n_packs; p++)
        read_pack(d, (uint16_t)p);
}
