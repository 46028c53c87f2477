/* Would Slack take this message? Limits from docs.slack.dev, "Block Kit" and chat.postMessage. */
#include "slack.h"

#include "base/utf8.h"

enum { TEXT_MAX = 40000, BLOCKS_MAX = 50, SECTION_MAX = 3000, BUTTON_MAX = 75, VALUE_MAX = 2000, ACTIONS_MAX = 25 };

/* A text object: 1 to max characters, and nothing in it that only Slack may write. */
static bool is_text(const cJSON *object, const char *type, size_t max)
{
    struct str text = json_at(object, "text");
    return str_is(json_at(object, "type"), type) && text.n > 0 && utf8_count(text) <= max;
}

static bool is_button(const cJSON *button, const cJSON *all)
{
    struct str id = json_at(button, "action_id");
    const cJSON *other;
    cJSON_ArrayForEach(other, all)
        if (other != button && str_eq(json_at(other, "action_id"), id))
            return false;
    return str_is(json_at(button, "type"), "button") && id.n > 0 && id.n <= 255 &&
           is_text(cJSON_GetObjectItemCaseSensitive(button, "text"), "plain_text", BUTTON_MAX) &&
           utf8_count(json_at(button, "value")) <= VALUE_MAX;
}

static bool is_block(const cJSON *block)
{
    struct str type = json_at(block, "type");
    const cJSON *elements = cJSON_GetObjectItemCaseSensitive(block, "elements"), *element;
    int n = cJSON_GetArraySize(elements);
    if (str_is(type, "section"))
        return is_text(cJSON_GetObjectItemCaseSensitive(block, "text"), "mrkdwn", SECTION_MAX);
    if (n < 1 || n > (str_is(type, "context") ? 10 : ACTIONS_MAX))
        return false;
    cJSON_ArrayForEach(element, elements)
        if (str_is(type, "context") ? !is_text(element, "mrkdwn", SECTION_MAX)
                                    : !str_is(type, "actions") || !is_button(element, elements))
            return false;
    return true;
}

const char *slack_check_message(const cJSON *message)
{
    struct str text = json_at(message, "text");
    const cJSON *blocks = cJSON_GetObjectItemCaseSensitive(message, "blocks"), *block;
    if (!cJSON_IsObject(message))
        return "invalid_json";
    if (!text.n)
        return "no_text";
    if (utf8_count(text) > TEXT_MAX)
        return "msg_too_long";
    if (blocks && (!cJSON_IsArray(blocks) || cJSON_GetArraySize(blocks) > BLOCKS_MAX))
        return "invalid_blocks_format";
    cJSON_ArrayForEach(block, blocks)
        if (!is_block(block))
            return "invalid_blocks";
    return NULL;
}
