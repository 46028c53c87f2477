/* Any bytes as JSON: every value's place is found, and what json_quote makes of the bytes is read again as one string. */
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
