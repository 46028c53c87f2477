#include "channel/discord_api.h"

#include "base/json.h"

#include <stdlib.h>

/*
 * An interaction's first answer that went back over HTTP is known to all of Discord a moment later: what comes earlier
 * hears that there is no such webhook.
 */
enum { SETTLE_MS = 10 * 1000 };

enum cure {
    DROP, /* will never work for this post */
    DONE, /* is there already */
    DEAD, /* the token is no good */
    AGAIN,
    PLAIN,    /* the form was refused: without buttons it may do */
    UNLINKED, /* may not quote the question: answer without quoting */
    SETTLING, /* too early, perhaps */
};

static const struct code {
    int code;
    enum cure cure;
    const char *reason, *advice;
} codes[] = {
    {10003, DROP, "the channel is gone", NULL},
    {10008, SETTLING, "the message is gone", NULL},
    {10015, SETTLING, "the webhook is gone", "make a new webhook in the channel's settings, Integrations"},
    {10062, DROP, "the interaction was answered too late", NULL},
    {20016, AGAIN, "the channel is in slow mode", NULL},
    {30046, DROP, "the message was edited too often", NULL},
    {40001, DEAD, "the token is no good", "put the bot's token into DISCORD_TOKEN"},
    {40060, DONE, "the interaction was answered before", NULL},
    {40094, DROP, "too many follow-ups to an interaction", NULL},
    {40333, DROP, "the network in front of Discord refuses docent",
     "look at the proxy: User-Agent must arrive unchanged"},
    {50001, DROP, "docent may not see the channel", "give the bot's role View Channel there"},
    {50006, DROP, "the message was empty", NULL},
    {50007, DROP, "this person takes no direct messages from docent", NULL},
    {50013, DROP, "docent may not write in the channel", "give the bot's role Send Messages there"},
    {50014, DEAD, "the token is no good", "put the bot's token into DISCORD_TOKEN"},
    {50027, DROP, "the webhook's token is no good", "copy the webhook's address anew"},
    {50035, PLAIN, "Discord refuses the message's form", NULL},
    {50083, DROP, "the thread is archived", NULL},
    {50109, DROP, "Discord cannot read the message's JSON", NULL},
    {50278, DROP, "docent shares no server with this person", NULL},
    {130000, AGAIN, "Discord is overloaded", NULL},
    {160002, UNLINKED, "docent may not read the channel's history", "give the bot's role Read Message History there"},
    {160005, DROP, "the thread is locked", NULL},
    {200000, DROP, "AutoMod blocked the message", "exempt the bot's role from the server's AutoMod rule"},
    {240000, DROP, "Discord blocked a link in the message", NULL},
};

static const struct code *find_code(struct str body, int *code)
{
    cJSON *tree = json_parse(body, NULL);
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(tree, "code");
    *code = cJSON_IsNumber(value) && value->valuedouble >= 0 && value->valuedouble < 1e9 ? (int)value->valuedouble : 0;
    cJSON_Delete(tree);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == *code)
            return &codes[i];
    return NULL;
}

/* The post's body without one of its members; empty when it has no such member, so that it would be the same again. */
static struct str without(struct str body, const char *member, struct arena *a)
{
    struct str shorter = {NULL, 0};
    cJSON *tree = json_parse(body, NULL), *data = cJSON_GetObjectItemCaseSensitive(tree, "data");
    cJSON *cut = cJSON_DetachItemFromObjectCaseSensitive(cJSON_IsObject(data) ? data : tree, member);
    if (cut) {
        char *text = cJSON_PrintUnformatted(tree);
        shorter = arena_str(a, str_of(text));
        cJSON_free(text);
    }
    cJSON_Delete(cut);
    cJSON_Delete(tree);
    return shorter;
}

static struct sent again_without(const struct discord_call *call, const char *member, const char *reason,
                                 struct arena *a)
{
    struct str plain = without(call->body, member, a);
    return (struct sent){.end = plain.n ? SEND_PLAIN : SEND_DROP, .reason = reason, .plain = plain};
}

static struct sent by_code(const struct discord_call *call, const struct code *c, const char *reason, struct arena *a)
{
    switch (c->cure) {
    case DONE:
        return (struct sent){.end = SEND_DONE, .reason = reason};
    case DEAD:
        return (struct sent){.end = call->free ? SEND_DROP : SEND_DEAD, .reason = reason};
    case AGAIN:
        return (struct sent){.end = SEND_AGAIN, .reason = reason};
    case PLAIN:
        return again_without(call, "components", reason, a);
    case UNLINKED:
        return again_without(call, "message_reference", reason, a);
    case SETTLING:
        return (struct sent){.end = call->edit && call->age_ms < SETTLE_MS ? SEND_AGAIN : SEND_DROP, .reason = reason};
    case DROP:
        break;
    }
    return (struct sent){.end = SEND_DROP, .reason = reason};
}

struct sent discord_sent(const struct discord_call *call, const struct discord_answer *answer, struct discord_wait wait,
                         struct arena *a)
{
    int status = answer->status, code;
    if (status >= 200 && status < 300)
        return (struct sent){.end = SEND_DONE};
    if (status == 429) /* whatever it is that is too fast, interactions go on: see discord_limits.h */
        return (struct sent){.end = SEND_WAIT, .wait_ms = wait.ms, .reason = "too fast"};
    const struct code *known = find_code(answer->body, &code);
    const char *what = known ? known->reason : status >= 500 ? "trouble at Discord" : "Discord refuses";
    const char *reason = arena_fmt(a, "%s (HTTP %d, code %d)", what, status, code).p;
    if (status >= 500)
        return (struct sent){.end = call->again || (known && known->cure == AGAIN) ? SEND_AGAIN : SEND_UNSURE,
                             .reason = reason};
    if (known)
        return by_code(call, known, reason, a);
    if (status == 401)
        return (struct sent){.end = call->free ? SEND_DROP : SEND_DEAD, .reason = reason};
    return (struct sent){.end = SEND_DROP, .reason = reason};
}

const char *discord_advice(const struct discord_answer *answer)
{
    int code;
    const struct code *known = find_code(answer->body, &code);
    if (known && known->advice)
        return known->advice;
    return answer->status == 401 ? "put the bot's token into DISCORD_TOKEN" : NULL;
}
