#include "render/render.h"

#include "base/json.h"
#include "base/utf8.h"
#include "render/layout.h"

#include <math.h>
#include <stdlib.h>

/* --- values ------------------------------------------------------------------------------------------------- */

/* cJSON takes C strings and passes bytes on: give it valid UTF-8 without NUL. Free the result with cJSON_Delete. */
static cJSON *text_value(struct str s)
{
    struct buf copy;
    buf_init(&copy, RENDER_MAX);
    while (s.n) {
        char bytes[4];
        int32_t c = utf8_next(&s);
        buf_add(&copy, (struct str){bytes, utf8_put(c ? c : UTF8_REPLACEMENT, bytes)});
    }
    buf_adds(&copy, "");
    cJSON *value = cJSON_CreateString(copy.p);
    buf_release(&copy);
    return value;
}

static void add_text(cJSON *object, const char *key, struct str s)
{
    cJSON_AddItemToObject(object, key, text_value(s));
}

static void add_score(cJSON *object, const char *key, double score)
{
    cJSON_AddNumberToObject(object, key, round(score * 100) / 100);
}

/* Neutral markup as plain text. */
static cJSON *plain_value(struct str markup)
{
    struct buf text;
    buf_init(&text, RENDER_MAX);
    plain_text(&text, markup, 0);
    cJSON *value = text_value(buf_str(&text));
    buf_release(&text);
    return value;
}

/* --- parts -------------------------------------------------------------------------------------------------- */

static cJSON *slots_value(const struct part *part)
{
    cJSON *slots = cJSON_CreateObject();
    struct arena a = {0};
    for (size_t i = 0; i < part->n_slots; i++) {
        const struct slot *slot = &part->slots[i];
        const char *key = arena_str(&a, slot->entity).p;
        if (slot->n == 1) {
            add_text(slots, key, slot->values[0]);
            continue;
        }
        cJSON *values = cJSON_AddArrayToObject(slots, key);
        for (size_t v = 0; v < slot->n; v++)
            cJSON_AddItemToArray(values, text_value(slot->values[v]));
    }
    arena_release(&a);
    return slots;
}

static bool has_text(const cJSON *array, const char *text)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, array)
        if (str_is(str_of(item->valuestring), text))
            return true;
    return false;
}

static void add_sources(cJSON *array, const struct part *part)
{
    for (size_t i = 0; i < part->n_sources; i++) {
        cJSON *id = text_value(part->sources[i].id);
        if (has_text(array, id->valuestring))
            cJSON_Delete(id);
        else
            cJSON_AddItemToArray(array, id);
    }
}

static cJSON *part_value(const struct part *part)
{
    cJSON *value = cJSON_CreateObject();
    cJSON_AddStringToObject(value, "outcome", outcome_name(part->outcome));
    add_text(value, "intent", part->intent);
    cJSON_AddItemToObject(value, "slots", slots_value(part));
    add_sources(cJSON_AddArrayToObject(value, "sources"), part);
    cJSON_AddItemToObject(value, "text", plain_value(part->text));
    add_score(value, "score", part->score);
    return value;
}

static cJSON *whole_text(const struct reply *r)
{
    struct buf text;
    buf_init(&text, RENDER_MAX);
    for (size_t i = 0; i < r->n_parts; i++) {
        buf_adds(&text, i ? "\n\n" : "");
        plain_text(&text, r->parts[i].text, 0);
    }
    cJSON *value = text_value(buf_str(&text));
    buf_release(&text);
    return value;
}

/* --- why ---------------------------------------------------------------------------------------------------- */

static void add_place(cJSON *object, struct str file, size_t line)
{
    if (!file.n)
        return;
    add_text(object, "file", file);
    cJSON_AddNumberToObject(object, "line", (double)line);
}

static cJSON *candidate_value(const struct candidate *c)
{
    cJSON *value = cJSON_CreateObject();
    add_text(value, "intent", c->intent);
    add_score(value, "score", c->score);
    add_score(value, "strength", c->strength);
    add_score(value, "pattern_score", c->pattern_score);
    add_score(value, "learnt_score", c->learnt_score);
    add_score(value, "own", c->own);
    add_score(value, "start", c->start);
    if (c->pattern.n) {
        add_text(value, "pattern", c->pattern);
        add_place(value, c->file, c->line);
    }
    if (c->lost)
        cJSON_AddStringToObject(value, "lost", c->lost);
    return value;
}

static cJSON *slot_value(const struct slot_trace *s)
{
    cJSON *value = cJSON_CreateObject();
    add_text(value, "entity", s->slot.entity);
    cJSON *values = cJSON_AddArrayToObject(value, "values");
    for (size_t i = 0; i < s->slot.n; i++)
        cJSON_AddItemToArray(values, text_value(s->slot.values[i]));
    add_text(value, "from", str_of(s->from));
    if (s->words.n)
        add_text(value, "words", s->words);
    return value;
}

static cJSON *question_value(const struct question_trace *q)
{
    cJSON *value = cJSON_CreateObject();
    add_text(value, "normalised", q->normalised);
    add_score(value, "known", q->known);
    cJSON *slots = cJSON_AddArrayToObject(value, "slots");
    for (size_t i = 0; i < q->n_slots; i++)
        cJSON_AddItemToArray(slots, slot_value(&q->slots[i]));
    cJSON *candidates = cJSON_AddArrayToObject(value, "candidates");
    for (size_t i = 0; i < q->n_candidates; i++)
        cJSON_AddItemToArray(candidates, candidate_value(&q->candidates[i]));
    add_text(value, "decision", str_of(q->decision));
    add_place(value, q->branch_file, q->branch_line);
    return value;
}

static cJSON *trace_value(const struct trace *t)
{
    cJSON *value = cJSON_CreateObject();
    cJSON *corrections = cJSON_AddArrayToObject(value, "corrections");
    for (size_t i = 0; i < t->n_corrections; i++) {
        cJSON *correction = cJSON_CreateObject();
        add_text(correction, "from", t->corrections[i].from);
        add_text(correction, "to", t->corrections[i].to);
        add_text(correction, "reason", str_of(t->corrections[i].reason));
        cJSON_AddItemToArray(corrections, correction);
    }
    cJSON *split = cJSON_AddArrayToObject(value, "split");
    for (size_t i = 0; i < t->n_pieces; i++) {
        cJSON *piece = cJSON_CreateObject();
        add_text(piece, "text", t->pieces[i].text);
        cJSON_AddBoolToObject(piece, "asked", t->pieces[i].asked);
        cJSON_AddItemToArray(split, piece);
    }
    cJSON *questions = cJSON_AddArrayToObject(value, "questions");
    for (size_t i = 0; i < t->n_questions; i++)
        cJSON_AddItemToArray(questions, question_value(&t->questions[i]));
    cJSON_AddNumberToObject(value, "patterns_tried", (double)t->patterns_tried);
    cJSON_AddNumberToObject(value, "patterns_limited", (double)t->patterns_limited);
    return value;
}

/* --- the whole reply ---------------------------------------------------------------------------------------- */

/* Prints the tree as a line and frees it. */
static void put_line(struct buf *out, cJSON *tree)
{
    char *text = cJSON_PrintUnformatted(tree);
    buf_adds(out, text);
    buf_addc(out, '\n');
    free(text);
    cJSON_Delete(tree);
}

void json_reply(struct buf *out, const struct reply *r, struct str conversation)
{
    const struct part *leading = layout_leading(r);
    cJSON *root = cJSON_CreateObject();
    if (conversation.p)
        add_text(root, "conversation", conversation);
    cJSON_AddStringToObject(root, "outcome", outcome_name(r->outcome));
    add_text(root, "intent", leading->intent);
    cJSON_AddItemToObject(root, "slots", slots_value(leading));
    cJSON *sources = cJSON_AddArrayToObject(root, "sources");
    for (size_t i = 0; i < r->n_parts; i++)
        add_sources(sources, &r->parts[i]);
    cJSON_AddItemToObject(root, "text", whole_text(r));
    cJSON *suggestions = cJSON_AddArrayToObject(root, "suggestions");
    for (size_t i = 0; i < r->n_suggestions; i++)
        cJSON_AddItemToArray(suggestions, text_value(r->suggestions[i]));
    add_score(root, "score", leading->score);
    if (r->n_parts > 1) {
        cJSON *parts = cJSON_AddArrayToObject(root, "parts");
        for (size_t i = 0; i < r->n_parts; i++)
            cJSON_AddItemToArray(parts, part_value(&r->parts[i]));
    }
    if (r->why)
        cJSON_AddItemToObject(root, "why", trace_value(r->why));
    put_line(out, root);
}

void json_error(struct buf *out, const char *message)
{
    cJSON *root = cJSON_CreateObject();
    add_text(root, "error", str_of(message));
    put_line(out, root);
}
