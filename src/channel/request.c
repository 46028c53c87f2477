#include "channel/request.h"

const char *request_parse(struct request *r, struct str json)
{
    *r = (struct request){.tree = NULL};
    if (json.n > REQUEST_MAX_BYTES)
        return "the request is longer than 65536 bytes";
    r->tree = json_parse(json, NULL);
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(r->tree, "text");
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(r->tree, "conversation");
    if (!cJSON_IsObject(r->tree))
        return "this is not a JSON object";
    if (!cJSON_IsString(text))
        return "\"text\" must be there and a string";
    if (name && !cJSON_IsString(name))
        return "\"conversation\" must be a string";
    r->text = json_text(text);
    r->conversation = name ? json_text(name) : STR("");
    return r->conversation.n > REQUEST_CONVERSATION_MAX ? "\"conversation\" is longer than 256 bytes" : NULL;
}

void request_release(struct request *r)
{
    cJSON_Delete(r->tree);
    *r = (struct request){.tree = NULL};
}
