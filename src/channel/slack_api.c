#include "channel/slack_api.h"

#include <stdio.h>
#include <string.h>

struct error_row {
    const char *error;
    enum slack_class class;
    const char *advice;
};

#define NEW_TOKEN "copy the bot token from the app's page (OAuth & Permissions) again, or install the app again"

static const struct error_row errors[] = {
    {"not_authed", SLACK_DEAD, "no token reached Slack: set SLACK_BOT_TOKEN"},
    {"invalid_auth", SLACK_DEAD, NEW_TOKEN},
    {"account_inactive", SLACK_DEAD, "the app was removed from the workspace: install it again"},
    {"token_revoked", SLACK_DEAD, NEW_TOKEN},
    {"token_expired", SLACK_DEAD, "switch token rotation off in the app's settings, then install the app again"},
    {"not_allowed_token_type", SLACK_DEAD,
     "the wrong kind of token: SLACK_BOT_TOKEN begins with xoxb-, SLACK_APP_TOKEN with xapp-"},
    {"org_login_required", SLACK_DEAD, "the workspace is moving: ask its administrator"},
    {"two_factor_setup_required", SLACK_DEAD, "whoever installed the app must set up two-factor login"},
    {"team_disabled", SLACK_DEAD, "the workspace is switched off"},
    {"user_removed_from_team", SLACK_DEAD, "whoever installed the app has left the workspace: install it again"},
    {"forbidden_team", SLACK_DEAD, "this app may not use Socket Mode in this workspace: ask its administrator"},

    {"missing_scope", SLACK_PERMISSION,
     "add the scope on the app's page (OAuth & Permissions) and install the app again"},
    {"no_permission", SLACK_PERMISSION, "ask the workspace's administrator for the permission"},
    {"access_denied", SLACK_PERMISSION, "ask the workspace's administrator for access"},
    {"ekm_access_denied", SLACK_PERMISSION, "an administrator has suspended posting"},
    {"enterprise_is_restricted", SLACK_PERMISSION, "the organisation does not allow this"},
    {"team_access_not_granted", SLACK_PERMISSION, "the app must be approved for this workspace"},
    {"app_access_restricted", SLACK_PERMISSION, "an administrator has restricted the app"},

    {"channel_not_found", SLACK_DESTINATION, "invite the bot to the channel"},
    {"not_in_channel", SLACK_DESTINATION, "invite the bot to the channel, or add the scope chat:write.public"},
    {"is_archived", SLACK_DESTINATION, NULL},
    {"messages_tab_disabled", SLACK_DESTINATION, "switch on the messages tab on the app's page (App Home)"},
    {"user_not_in_channel", SLACK_DESTINATION, NULL},
    {"restricted_action", SLACK_DESTINATION, "the channel does not let the app post"},
    {"restricted_action_read_only_channel", SLACK_DESTINATION, NULL},
    {"restricted_action_thread_only_channel", SLACK_DESTINATION, NULL},
    {"restricted_action_non_threadable_channel", SLACK_DESTINATION, NULL},
    {"restricted_action_thread_locked", SLACK_DESTINATION, NULL},
    {"cannot_reply_to_message", SLACK_DESTINATION, NULL},

    {"invalid_blocks", SLACK_BLOCKS, NULL},
    {"invalid_blocks_format", SLACK_BLOCKS, NULL},
    {"msg_blocks_too_long", SLACK_BLOCKS, NULL},
    {"msg_too_long", SLACK_OUR_BUG, NULL},
    {"no_text", SLACK_OUR_BUG, NULL},
    {"markdown_text_conflict", SLACK_OUR_BUG, NULL},
    {"invalid_arguments", SLACK_OUR_BUG, NULL},
    {"invalid_arg_name", SLACK_OUR_BUG, NULL},
    {"invalid_json", SLACK_OUR_BUG, NULL},
    {"json_not_object", SLACK_OUR_BUG, NULL},
    {"invalid_post_type", SLACK_OUR_BUG, NULL},
    {"missing_post_type", SLACK_OUR_BUG, NULL},
    {"invalid_charset", SLACK_OUR_BUG, NULL},
    {"invalid_form_data", SLACK_OUR_BUG, NULL},

    {"ratelimited", SLACK_WAIT, NULL},
    {"rate_limited", SLACK_WAIT, NULL},
    {"message_limit_exceeded", SLACK_WAIT, NULL},

    {"internal_error", SLACK_RETRY, NULL},
    {"service_unavailable", SLACK_RETRY, NULL},
    {"request_timeout", SLACK_RETRY, NULL},
    {"team_added_to_org", SLACK_RETRY, NULL},
    {"external_channel_migrating", SLACK_RETRY, NULL},

    {"fatal_error", SLACK_UNSURE, NULL},
};

static const struct error_row *find_error(struct str error)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (str_is(error, errors[i].error))
            return &errors[i];
    return NULL;
}

/* A word that is not in the table: Slack adds some now and then. The call was refused, so nothing was done. */
enum slack_class slack_error_class(struct str error)
{
    const struct error_row *row = find_error(error);
    return row ? row->class : SLACK_OUR_BUG;
}

const char *slack_error_advice(const char *error)
{
    const struct error_row *row = find_error(str_of(error));
    return row ? row->advice : NULL;
}

/* --- replies ------------------------------------------------------------------------------------------------ */

static void set_text(char *to, size_t size, struct str text)
{
    snprintf(to, size, "%.*s", STR_FMT(text));
}

/* What has no word of Slack's: nothing was reached, no whole reply, another status than 200. */
static struct slack_said read_outside(const struct http_reply *reply)
{
    struct slack_said said = {.class = SLACK_OUR_BUG};
    if (reply->end != HTTP_DONE) {
        said.class = reply->end == HTTP_NOT_SENT ? SLACK_RETRY : SLACK_UNSURE;
        set_text(said.error, sizeof said.error, str_of(reply->problem));
        return said;
    }
    snprintf(said.error, sizeof said.error, "http %d", reply->status);
    if (reply->status == 429) {
        said.class = SLACK_WAIT;
        said.wait_ms = reply->retry_after_ms >= 0 ? reply->retry_after_ms : SLACK_WAIT_MS;
    } else if (reply->status >= 500) {
        said.class = SLACK_RETRY;
    }
    return said;
}

static void read_error(struct slack_said *said, const cJSON *body, const struct http_reply *reply)
{
    const cJSON *messages =
        cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(body, "response_metadata"), "messages");
    struct str needed = json_str(body, "needed");
    set_text(said->error, sizeof said->error, json_str(body, "error"));
    set_text(said->detail, sizeof said->detail, needed.n ? needed : json_text(cJSON_GetArrayItem(messages, 0)));
    said->class = slack_error_class(json_str(body, "error"));
    if (said->class == SLACK_WAIT)
        said->wait_ms = reply->retry_after_ms >= 0 ? reply->retry_after_ms : SLACK_WAIT_MS;
}

struct slack_said slack_api_read(const struct http_reply *reply, cJSON **tree)
{
    if (reply->end != HTTP_DONE || reply->status != 200)
        return read_outside(reply);
    struct slack_said said = {.class = SLACK_OK};
    cJSON *body = json_parse(reply->body, NULL);
    const cJSON *ok = cJSON_GetObjectItemCaseSensitive(body, "ok");
    if (!cJSON_IsBool(ok)) {
        said.class = SLACK_UNSURE;
        set_text(said.error, sizeof said.error, STR("reply that is no JSON of Slack's"));
    } else if (cJSON_IsFalse(ok)) {
        read_error(&said, body, reply);
    } else if (tree) {
        *tree = body;
        return said;
    }
    cJSON_Delete(body);
    return said;
}

struct slack_said slack_hook_read(const struct http_reply *reply)
{
    if (reply->end == HTTP_DONE && reply->status == 200)
        return (struct slack_said){.class = SLACK_OK};
    struct slack_said said = read_outside(reply);
    if (said.class == SLACK_OUR_BUG)
        said.class = SLACK_DESTINATION; /* used up, too old, or the channel is gone: Slack does not say */
    return said;
}

/* --- for the delivery --------------------------------------------------------------------------------------- */

/* The post without its blocks; empty when it has none. */
static struct str without_blocks(struct str body, struct arena *a)
{
    cJSON *post = json_parse(body, NULL);
    struct str plain = STR("");
    if (cJSON_GetObjectItemCaseSensitive(post, "blocks")) {
        cJSON_DeleteItemFromObjectCaseSensitive(post, "blocks");
        char *text = cJSON_PrintUnformatted(post);
        plain = arena_str(a, str_of(text));
        cJSON_free(text);
    }
    cJSON_Delete(post);
    return plain;
}

static const char *reason_of(const struct slack_said *said, struct arena *a)
{
    const char *advice = slack_error_advice(said->error);
    return arena_fmt(a, "%s%s%s%s%s%s", said->error, *said->detail ? " (" : "", said->detail, *said->detail ? ")" : "",
                     advice ? ": " : "", advice ? advice : "")
        .p;
}

struct sent slack_sent(const struct slack_said *said, struct str body, bool hook, struct arena *a)
{
    static const enum send_end ends[] = {
        [SLACK_OK] = SEND_DONE,          [SLACK_DEAD] = SEND_DEAD,    [SLACK_PERMISSION] = SEND_DROP,
        [SLACK_DESTINATION] = SEND_DROP, [SLACK_OUR_BUG] = SEND_DROP, [SLACK_BLOCKS] = SEND_PLAIN,
        [SLACK_WAIT] = SEND_WAIT_ALL,    [SLACK_RETRY] = SEND_AGAIN,  [SLACK_UNSURE] = SEND_UNSURE,
    };
    struct sent sent = {.end = ends[said->class], .wait_ms = said->wait_ms, .reason = reason_of(said, a)};
    if (hook && sent.end == SEND_WAIT_ALL)
        sent.end = SEND_WAIT;
    if (sent.end == SEND_PLAIN)
        sent.plain = without_blocks(body, a);
    if (sent.end == SEND_PLAIN && !sent.plain.n)
        sent.end = SEND_DROP;
    return sent;
}
