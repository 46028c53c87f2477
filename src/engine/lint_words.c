/* lint_words: entities, word groups and replacements; and, of everything that a pack defines, what nobody uses. */
#include "engine/lint_parts.h"

#include "engine/pattern.h"

#include <string.h>

/* --- phrases ------------------------------------------------------------------------------------------------ */

static void check_phrase(struct lint *l, struct str phrase, struct place place)
{
    uint32_t words[LINT_WORDS_MAX];
    size_t n = lint_read(l->d, phrase, words), at, count;
    struct str by;
    arena_reset(&l->scratch);
    if (!n)
        LINT_WARN(l, "filler-phrase", place, JSON_WHOLE, "take it out, or add a word that is not left out",
                  "questions are read without '%.*s', so this phrase is never found", STR_FMT(phrase));
    else if (lint_replaced(l->d, words, n, &at, &count, &by, &l->scratch))
        LINT_ERROR(l, "replaced-phrase", place, JSON_WHOLE, "write what takes its place, or take it out of \"replace\"",
                   "\"replace\" makes it '%.*s' before phrases are looked for, so this one is never found",
                   STR_FMT(by));
}

/* Words that two values of one entity share: a question that says them names both. */
static void check_shared(struct lint *l, const struct entity *e, uint16_t entity, uint16_t value, size_t item)
{
    uint32_t words[LINT_WORDS_MAX];
    size_t n = lint_read(l->d, e->values[value].phrases[item], words);
    uint32_t next = 0;
    const struct phrase *other;
    while (n && (other = phrase_next(&l->d->lexicon, words, n, 0, word_begins(PHRASE_ENTITY), &next)) != NULL) {
        if (other->owner == entity && other->value < value && other->n == n) {
            LINT_WARN(l, "shared-phrase", lint_item(l, e->values[value].place, "phrases", item), JSON_WHOLE,
                      "leave it to the one that it means, or make it a value of its own",
                      "'%.*s' names the value '%.*s' as well", STR_FMT(e->values[value].phrases[item]),
                      STR_FMT(e->values[other->value].name));
            return;
        }
    }
}

static void check_entity_phrases(struct lint *l)
{
    for (uint16_t e = 0; e < l->d->n_entities; e++)
        for (uint16_t v = 0; v < l->d->entities[e].n_values; v++) {
            const struct value *value = &l->d->entities[e].values[v];
            for (size_t i = 0; i < value->n_phrases; i++) {
                check_phrase(l, value->phrases[i], lint_item(l, value->place, "phrases", i));
                check_shared(l, &l->d->entities[e], e, v, i);
            }
        }
}

static bool is_reference(struct str member)
{
    return member.n > 2 && member.p[0] == '<' && member.p[member.n - 1] == '>';
}

static void check_member(struct lint *l, const struct group *g, const cJSON *member)
{
    struct str text = json_text(member);
    if (!is_reference(text)) {
        check_phrase(l, text, (struct place){g->place.source, json_number(member)});
        return;
    }
    struct str name = str_sub(text, 1, text.n - 1);
    uint16_t entity = entity_named(l->d, g->pack, name), group = group_named(l->d, g->pack, name);
    if (entity != NONE)
        l->entities[entity] = true;
    else if (group != NONE)
        l->groups[group] = true;
}

static void check_groups(struct lint *l)
{
    for (size_t i = 0; i < l->d->n_groups; i++) {
        const struct group *g = &l->d->groups[i];
        const cJSON *list = lint_node(l, g->place);
        for (const cJSON *m = json_items(list); m; m = m->next)
            check_member(l, g, m);
        if (cJSON_IsString(list))
            check_member(l, g, list);
    }
}

/* --- replacements ------------------------------------------------------------------------------------------- */

struct words_read {
    uint32_t words[LINT_WORDS_MAX];
    size_t n;
    struct place place;
};

static bool same_words(const struct words_read *a, const struct words_read *b)
{
    return a->n == b->n && memcmp(a->words, b->words, a->n * sizeof *a->words) == 0;
}

static void check_replacement(struct lint *l, const struct words_read *earlier, size_t n, const struct words_read *from,
                              const cJSON *json)
{
    struct words_read to = {.n = 0};
    to.n = lint_read(l->d, json_text(json), to.words);
    for (size_t i = 0; i < n; i++)
        if (same_words(&earlier[i], from)) {
            LINT_ERROR(l, "unused-replacement", from->place, JSON_KEY, "keep one of the two",
                       "the same words are replaced already (%.*s), so this is never reached",
                       STR_FMT(place_text(l, earlier[i].place)));
            return;
        }
    if (!from->n)
        LINT_ERROR(l, "unused-replacement", from->place, JSON_KEY, "take it out",
                   "'%.60s' is left out of questions before anything is replaced", json->string);
    else if (same_words(from, &to))
        LINT_WARN(l, "unused-replacement", from->place, JSON_KEY, "take it out: docent reads both in the same way",
                  "this replaces '%.60s' by itself", json->string);
}

static void check_replacements(struct lint *l)
{
    struct words_read *seen = NULL;
    size_t n = 0, cap = 0;
    for (size_t f = 0; f < l->n_files; f++) {
        const cJSON *replace = cJSON_GetObjectItemCaseSensitive(l->files[f].root, "replace");
        for (const cJSON *r = cJSON_IsObject(replace) ? replace->child : NULL; r; r = r->next) {
            struct words_read from = {.place = {l->files[f].source, json_number(r)}};
            from.n = lint_read(l->d, str_of(r->string), from.words);
            check_replacement(l, seen, n, &from, r);
            *ARENA_PUSH(&l->arena, seen, n, cap) = from;
        }
    }
}

/* --- what nobody uses --------------------------------------------------------------------------------------- */

static bool form_is_used(const struct docent *d, uint16_t entity, struct str form)
{
    for (size_t b = 0; b < d->n_branches; b++)
        for (size_t t = 0; t < d->branches[b]->n_texts; t++) {
            const struct template *text = &d->branches[b]->texts[t];
            for (size_t i = 0; i < text->n; i++)
                if (text->pieces[i].kind == PIECE_FORM && text->pieces[i].entity == entity &&
                    str_eq(text->pieces[i].form, form))
                    return true;
        }
    return false;
}

static void check_forms(struct lint *l, uint16_t entity, const struct value *v)
{
    for (size_t f = 0; f < v->n_forms; f++)
        if (!str_is(v->forms[f].name, "label") && !form_is_used(l->d, entity, v->forms[f].name))
            LINT_WARN(l, "unused-form", lint_member(l, v->place, v->forms[f].name.p), JSON_KEY,
                      "take it out, or write {entity.form} in an answer", "no answer uses the form '%.*s' of '%.*s'",
                      STR_FMT(v->forms[f].name), STR_FMT(v->name));
}

/* Small talk of packs behind the first is not loaded; what it uses is used all the same, when the pack stands alone. */
static bool is_used_unloaded(struct lint *l, const struct group *g)
{
    arena_reset(&l->scratch);
    struct str name = arena_fmt(&l->scratch, "<%.*s>", STR_FMT(g->name));
    for (size_t f = 0; g->pack > 0 && f < l->n_files; f++)
        if (l->files[f].pack == g->pack &&
            memmem(l->files[f].source->text.p, l->files[f].source->text.n, name.p, name.n))
            return true;
    return false;
}

static void check_unused(struct lint *l)
{
    const struct docent *d = l->d;
    for (size_t i = 0; i < d->n_groups; i++)
        if (!l->groups[i] && !is_used_unloaded(l, &d->groups[i]))
            LINT_WARN(l, "unused-words", d->groups[i].place, JSON_KEY, "take it out, or write <name> in a pattern",
                      "no pattern and no other group uses the word group '%.*s'", STR_FMT(d->groups[i].name));
    for (uint16_t e = 0; e < d->n_entities; e++) {
        if (!l->entities[e])
            LINT_WARN(l, "unused-entity", d->entities[e].place, JSON_KEY,
                      "take it out, or name it in \"slots\" or as <name> in a pattern",
                      "no intent and no pattern uses the entity '%.*s'", STR_FMT(d->entities[e].name));
        for (size_t v = 0; l->entities[e] && v < d->entities[e].n_values; v++)
            check_forms(l, e, &d->entities[e].values[v]);
    }
    for (size_t i = 0; i < d->n_facts; i++)
        if (!l->facts[i])
            LINT_WARN(l, "unused-fact", d->facts[i].place, JSON_KEY,
                      "write {section.fact} in an answer, or take it out", "no answer uses the fact '%.*s'",
                      STR_FMT(d->facts[i].name));
    for (size_t i = 0; i < d->n_sections; i++)
        if (!l->sections[i])
            LINT_WARN(l, "unused-section", d->sections[i].place, JSON_WHOLE,
                      "add an intent that answers from it, or take it out", "no answer rests on the section '%.*s'",
                      STR_FMT(d->sections[i].id));
}

void lint_words(struct lint *l)
{
    check_entity_phrases(l);
    check_groups(l);
    check_replacements(l);
    check_unused(l);
}
