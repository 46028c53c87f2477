#include "channel/discord_commands.h"

/* Values of Discord's documentation, "Application Commands": types, contexts (0 servers, 1 direct messages). */
#define ASK_AND_TOPICS(where) \
    "[{\"name\":\"ask\",\"type\":1,\"description\":\"Ask a question about the guide\"" where ",\"options\":[" \
    "{\"type\":3,\"name\":\"question\",\"description\":\"What do you want to know?\",\"required\":true," \
    "\"min_length\":2,\"max_length\":300,\"autocomplete\":true}," \
    "{\"type\":5,\"name\":\"private\",\"description\":\"Only you see the answer\"}]}," \
    "{\"name\":\"topics\",\"type\":1,\"description\":\"What can be asked\"" where "}]"

struct str discord_commands_json(bool one_server)
{
    return one_server ? STR(ASK_AND_TOPICS("")) : STR(ASK_AND_TOPICS(",\"contexts\":[0,1],\"integration_types\":[0]"));
}

/* Does `there` say everything that `ours` does? What Discord adds (ids, versions, defaults) is no difference. */
static bool holds(const cJSON *there, const cJSON *ours)
{
    const cJSON *member;
    if (cJSON_IsArray(ours)) {
        if (!cJSON_IsArray(there) || cJSON_GetArraySize(there) != cJSON_GetArraySize(ours))
            return false;
        const cJSON *other = there->child;
        cJSON_ArrayForEach(member, ours) {
            if (!holds(other, member))
                return false;
            other = other->next;
        }
        return true;
    }
    if (!cJSON_IsObject(ours))
        return cJSON_IsNumber(ours) ? cJSON_IsNumber(there) && there->valuedouble >= ours->valuedouble &&
                                          there->valuedouble <= ours->valuedouble
                                    : cJSON_Compare(there, ours, true);
    cJSON_ArrayForEach(member, ours)
        if (!holds(cJSON_GetObjectItemCaseSensitive(there, member->string), member))
            return false;
    return cJSON_IsObject(there);
}

static const cJSON *named(const cJSON *commands, struct str name)
{
    const cJSON *command;
    cJSON_ArrayForEach(command, commands)
        if (str_eq(json_str(command, "name"), name))
            return command;
    return NULL;
}

static void put_line(struct buf *out, const char *what, const cJSON *command)
{
    buf_addf(out, "%s /%.*s\n", what, STR_FMT(json_str(command, "name")));
}

/* Options that we do not send any more are a difference, too: an object only counts as held if it has no others. */
static bool same_options(const cJSON *there, const cJSON *ours)
{
    return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(there, "options")) ==
           cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(ours, "options"));
}

bool discord_commands_differ(const cJSON *there, bool one_server, struct buf *out)
{
    cJSON *ours = json_parse(discord_commands_json(one_server), NULL);
    const cJSON *command;
    size_t begun = out->n;
    cJSON_ArrayForEach(command, ours) {
        const cJSON *old = named(there, json_str(command, "name"));
        if (!old)
            put_line(out, "new    ", command);
        else if (!holds(old, command) || !same_options(old, command))
            put_line(out, "changed", command);
    }
    cJSON_ArrayForEach(command, there)
        if (!named(ours, json_str(command, "name")))
            put_line(out, "removed", command);
    cJSON_Delete(ours);
    return out->n > begun;
}
