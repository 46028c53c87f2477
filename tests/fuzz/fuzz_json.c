/*
 * Any bytes as JSON: every value's place is found, what is read into an arena is what cJSON reads, and what json_quote makes of
 * the bytes is read again as one string.
 */
#include "base/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at_all(struct str text, const cJSON *value)
{
    for (; value; value = value->next) {
        uint32_t number = json_number(value);
        if (json_offset(text, number, JSON_WHOLE) > text.n || json_offset(text, number, JSON_KEY) > text.n)
            abort();
        json_offset(text, number, 3);
        look_at_all(text, value->child);
    }
}

static bool is_same(const cJSON *a, const cJSON *b)
{
    for (; a && b; a = a->next, b = b->next)
        if (a->type != b->type || a->valueint != b->valueint || !str_eq(str_of(a->string), str_of(b->string)) ||
            !str_eq(str_of(a->valuestring), str_of(b->valuestring)) || !is_same(a->child, b->child))
            return false;
    return a == b; /* both are NULL */
}

static void read_into_arenas(struct str text, const cJSON *json)
{
    struct arena nodes = {0}, texts = {0};
    if (!is_same(json, json_parse_into(&nodes, &texts, text, NULL)))
        abort();
    arena_release(&nodes);
    arena_release(&texts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct json_fault fault = {.offset = 0};
    if (size > 20000)
        return 0;
    cJSON *json = json_parse(text, &fault);
    if (!json && fault.offset > size)
        abort();
    if (size < 500) /* finding a place takes as long as the text is */
        look_at_all(text, json);
    read_into_arenas(text, json);
    cJSON_Delete(json);

    struct buf quoted;
    buf_init(&quoted, 8 * size + 16);
    json_quote(&quoted, text);
    json = json_parse(buf_str(&quoted), &fault);
    if (!cJSON_IsString(json))
        abort();
    cJSON_Delete(json);
    buf_release(&quoted);
    return 0;
}
