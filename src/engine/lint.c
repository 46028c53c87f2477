#include "engine/lint.h"

#include "engine/lint_parts.h"
#include "engine/pattern.h"

#include <string.h>

/* --- places ------------------------------------------------------------------------------------------------- */

static const cJSON *find_number(const cJSON *value, uint32_t number)
{
    for (; value; value = value->next) {
        if (!cJSON_IsNumber(value) && json_number(value) == number)
            return value;
        const cJSON *inside = find_number(value->child, number);
        if (inside)
            return inside;
    }
    return NULL;
}

const cJSON *lint_node(const struct lint *l, struct place p)
{
    for (size_t i = 0; i < l->n_files; i++)
        if (l->files[i].source == p.source)
            return find_number(l->files[i].root, p.node);
    return NULL;
}

static struct place place_of(struct place otherwise, const cJSON *value)
{
    return value && !cJSON_IsNumber(value) ? (struct place){otherwise.source, json_number(value)} : otherwise;
}

struct place lint_member(const struct lint *l, struct place object, const char *key)
{
    return place_of(object, cJSON_GetObjectItemCaseSensitive(lint_node(l, object), key));
}

struct place lint_item(const struct lint *l, struct place object, const char *key, size_t item)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(lint_node(l, object), key);
    return place_of(object, cJSON_IsArray(list) ? cJSON_GetArrayItem(list, (int)item) : list);
}

struct str place_text(const struct lint *l, struct place p)
{
    if (!p.source)
        return STR("?");
    return arena_fmt(&l->diags->arena, "%.*s:%zu", STR_FMT(p.source->name), place_line(p));
}

/* --- words -------------------------------------------------------------------------------------------------- */

size_t lint_read(const struct docent *d, struct str text, uint32_t out[LINT_WORDS_MAX])
{
    return lexicon_look(&d->lexicon, text, out, LINT_WORDS_MAX);
}

static const struct phrase *replacement_at(const struct docent *d, const uint32_t *words, size_t n, size_t at)
{
    uint32_t next = 0;
    return phrase_next(&d->lexicon, words, n, at, word_begins(PHRASE_REPLACE), &next);
}

/* "cpc" -> "cpc certification" leaves what it replaces in place. */
static bool keeps_phrase(const struct phrase *p, const struct word_row *row)
{
    for (size_t i = 0; i + p->n <= row->n; i++)
        if (phrase_at(p, row->words, row->n, i))
            return true;
    return false;
}

bool lint_replaced(const struct docent *d, const uint32_t *words, size_t n, size_t *at, size_t *count, struct str *by,
                   struct arena *a)
{
    for (size_t i = 0; i < n; i++) {
        const struct phrase *p = replacement_at(d, words, n, i);
        const struct word_row *row = p ? &d->lexicon.replacements[p->owner] : NULL;
        if (!p || keeps_phrase(p, row))
            continue;
        *at = i;
        *count = p->n;
        *by = (struct str){"", 0};
        for (size_t k = 0; k < row->n; k++)
            *by = arena_fmt(a, "%.*s%s%.*s", STR_FMT(*by), k ? " " : "", STR_FMT(d->lexicon.words[row->words[k]].text));
        return true;
    }
    return false;
}

/* --- the header of a pack ----------------------------------------------------------------------------------- */

static void check_messages(struct lint *l, const struct pack *p)
{
    const struct {
        const char *key, *when;
        size_t n;
    } texts[] = {
        {"decline", "a question is not covered", p->decline.n},
        {"decline_near", "a question is not covered but others are near", p->decline_near.n},
        {"clarify", "a question can be read in two ways", p->clarify.n},
        {"unclear", "there is nothing to read in a message", p->unclear.n},
    };
    struct str missing = {"", 0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!texts[i].n)
            missing = arena_fmt(&l->arena, "%.*s%s\"%s\" (%s)", STR_FMT(missing), missing.n ? ", " : "", texts[i].key,
                                texts[i].when);
    if (missing.n)
        LINT_WARN(l, "missing-message", lint_member(l, p->place, "messages"), JSON_KEY,
                  "without them plain English sentences of docent's own are used", "\"messages\" has no text for %.*s",
                  STR_FMT(missing));
}

static void check_header(struct lint *l)
{
    const struct pack *first = &l->d->packs[0]; /* the others' messages are not used */
    check_messages(l, first);
    if (!first->n_next)
        LINT_WARN(l, "no-suggestions", first->place, JSON_KEY,
                  "add \"next\": [\"a question that is answered\", …] to \"pack\"",
                  "the pack has nothing to offer when it declines a question that is near to none");
}

/* --- all of it ---------------------------------------------------------------------------------------------- */

static void read_files(struct lint *l)
{
    size_t n = 0;
    for (size_t p = 0; p < l->d->n_packs; p++)
        n += l->d->packs[p].n_files;
    l->files = arena_array(&l->arena, n, sizeof *l->files);
    for (size_t p = 0; p < l->d->n_packs; p++)
        for (size_t f = 0; f < l->d->packs[p].n_files; f++) {
            const struct source *source = &l->d->packs[p].files[f];
            l->files[l->n_files++] = (struct lint_file){source, (uint16_t)p, json_parse(source->text, NULL)};
        }
}

void docent_lint(const struct docent *d, struct diags *diags)
{
    struct lint l = {.d = d, .diags = diags};
    l.reached = arena_array(&l.arena, patterns_count(d), sizeof *l.reached);
    l.groups = arena_array(&l.arena, d->n_groups, sizeof *l.groups);
    l.entities = arena_array(&l.arena, d->n_entities, sizeof *l.entities);
    l.facts = arena_array(&l.arena, d->n_facts, sizeof *l.facts);
    l.sections = arena_array(&l.arena, d->n_sections, sizeof *l.sections);
    examples_wanted(d);
    read_files(&l);
    patterns_compile(d, diags, true);
    check_header(&l);
    lint_questions(&l);
    lint_patterns(&l);
    lint_answers(&l);
    lint_words(&l); /* last: what nobody uses is known by now */
    for (size_t i = 0; i < l.n_files; i++)
        cJSON_Delete(l.files[i].root);
    arena_release(&l.scratch);
    arena_release(&l.arena);
}
