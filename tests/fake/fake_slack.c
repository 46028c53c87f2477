/*
 * fake_slack: Slack for tests: Web API, hooks, Socket Mode, and what Slack sends over HTTP.
 *
 *     fake_slack [--secret S] [--bot-token T] [--app-token T] [--pace MS]
 *
 * What a test can order, besides what fake.h has:
 *
 *     POST /_slack/docent      {"port": 8080}          where docent listens
 *     POST /_slack/send        {"via": "http", "type": "events_api", "payload": {…}}   answers "STATUS BODY" of docent
 *                              more members: "tries", "sign", "age_s", "truncate", "raw", "content_type", "drop"
 *     POST /_slack/disconnect  {"reason": "warning", "close_ms": 500}
 *     POST /_slack/timing      {"ack_ms": 500, "retry_ms": [0, 100, 200]}
 *     POST /_slack/token       {"bot": "invalid_auth"}  every call gets this error from now on; "" ends that
 *     …    /_slack/load        see slack_load.c
 */
#include "slack.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOOKS_MAX = 1 << 18, HOOK_USES = 5, CHANNELS_MAX = 4096 };

struct slack_setup slack_setup = {"docent-test-signing-secret-0001", "xoxb-test-token", "xapp-test-token", 0};

static struct {
    struct fake *fake;
    unsigned posts, tickets;
    char bot_error[64], app_error[64];
    unsigned char hook_uses[HOOKS_MAX]; /* by the hash of the path */
    int64_t posted_ms[CHANNELS_MAX];    /* by the hash of the channel */
    size_t sockets;
} slack;

/* --- Web API ------------------------------------------------------------------------------------------------ */

static bool has_token(const struct fake_request *r, const char *token)
{
    char want[512];
    snprintf(want, sizeof want, "Bearer %s", token);
    return str_is(fake_header(r, "Authorization"), want);
}

static void refuse(struct fake_request *r, const char *error)
{
    if (!strcmp(error, "missing_scope"))
        fake_replyf(r->conn, 200,
                    "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"chat:write\",\"provided\":\"commands\"}");
    else
        fake_replyf(r->conn, 200, "{\"ok\":false,\"error\":\"%s\"}", error);
}

static void serve_auth_test(struct fake_request *r)
{
    fake_reply(r->conn, 200, "x-oauth-scopes: app_mentions:read,channels:history,chat:write,commands,im:history\r\n",
               STR("{\"ok\":true,\"url\":\"https://example.slack.com/\",\"team\":\"Example\",\"user\":\"docent\","
                   "\"team_id\":\"" FAKE_TEAM "\",\"user_id\":\"" FAKE_SELF "\",\"bot_id\":\"" FAKE_BOT "\","
                   "\"is_enterprise_install\":false}"));
}

static void serve_open(struct fake_request *r)
{
    if (!has_token(r, slack_setup.app_token))
        refuse(r, "invalid_auth");
    else if (*slack.app_error)
        refuse(r, slack.app_error);
    else
        fake_replyf(r->conn, 200,
                    "{\"ok\":true,\"url\":\"ws:\\/\\/127.0.0.1:%d\\/link\\/?ticket=%u&app_id=A0DOCENT1\"}",
                    fake_port(slack.fake), ++slack.tickets);
}

static bool too_fast(struct str channel)
{
    int64_t *last = &slack.posted_ms[str_hash(channel) % CHANNELS_MAX], now = fake_now_ms();
    if (slack_setup.pace_ms && *last && now - *last < slack_setup.pace_ms)
        return true;
    *last = now;
    return false;
}

static void serve_post(struct fake_request *r, bool ephemeral)
{
    cJSON *message = cJSON_ParseWithLength(r->body.p, r->body.n);
    struct str channel = json_at(message, "channel");
    const char *error = slack_check_message(message);
    if (!channel.n || (ephemeral && !json_at(message, "user").n))
        error = "invalid_arguments";
    if (!str_starts(fake_header(r, "Content-Type"), STR("application/json")))
        error = "invalid_post_type";
    if (error) {
        refuse(r, error);
    } else if (!ephemeral && too_fast(channel)) {
        fake_reply(r->conn, 429, "Retry-After: 1\r\n", str_of(fake_too_fast_body));
    } else {
        fake_replyf(r->conn, 200, "{\"ok\":true,\"channel\":\"%.*s\",\"%s\":\"1767225601.%06u\"}", STR_FMT(channel),
                    ephemeral ? "message_ts" : "ts", ++slack.posts);
        slack_load_answered(message, STR(""));
    }
    cJSON_Delete(message);
}

static void serve_method(struct fake_request *r, struct str method)
{
    if (str_is(method, "apps.connections.open"))
        serve_open(r);
    else if (!has_token(r, slack_setup.bot_token))
        refuse(r, fake_header(r, "Authorization").n ? "invalid_auth" : "not_authed");
    else if (*slack.bot_error)
        refuse(r, slack.bot_error);
    else if (str_is(method, "auth.test"))
        serve_auth_test(r);
    else if (str_is(method, "chat.postMessage") || str_is(method, "chat.postEphemeral") ||
             str_is(method, "chat.update"))
        serve_post(r, str_is(method, "chat.postEphemeral"));
    else
        refuse(r, "unknown_method");
}

/* --- hooks -------------------------------------------------------------------------------------------------- */

/* A response_url: /hook/NAME, good for five posts. */
static void serve_hook(struct fake_request *r)
{
    cJSON *message = cJSON_ParseWithLength(r->body.p, r->body.n);
    unsigned char *uses = &slack.hook_uses[str_hash(r->path) % HOOKS_MAX];
    if (slack_check_message(message)) {
        fake_reply(r->conn, 400, "Content-Type: text/plain\r\n", str_of(slack_check_message(message)));
    } else if (*uses == HOOK_USES) {
        fake_reply(r->conn, 404, "Content-Type: text/plain\r\n", STR("used_url"));
    } else {
        ++*uses;
        fake_reply(r->conn, 200, "Content-Type: text/plain\r\n", STR("ok"));
        slack_load_answered(message, r->path);
    }
    cJSON_Delete(message);
}

/* An incoming webhook: /services/… */
static void serve_webhook(struct fake_request *r)
{
    cJSON *message = cJSON_ParseWithLength(r->body.p, r->body.n);
    const char *error = slack_check_message(message);
    if (!cJSON_IsObject(message) || (error && strcmp(error, "no_text") != 0))
        error = "invalid_payload";
    fake_reply(r->conn, error ? 400 : 200, "Content-Type: text/plain\r\n", str_of(error ? error : "ok"));
    cJSON_Delete(message);
}

/* --- Socket Mode -------------------------------------------------------------------------------------------- */

static void serve_link(struct fake_request *r)
{
    char hello[256];
    if (!fake_upgrade(r))
        return;
    slack.sockets++;
    r->conn->user = &slack;
    snprintf(hello, sizeof hello,
             "{\"type\":\"hello\",\"num_connections\":%zu,\"connection_info\":{\"app_id\":\"A0DOCENT1\"},"
             "\"debug_info\":{\"host\":\"fake\",\"approximate_connection_time\":3600}}",
             slack.sockets);
    fake_ws_text(r->conn, str_of(hello));
}

static void on_message(void *self, struct fake_conn *c, struct str text)
{
    (void)self;
    slack_sender_message(c, text);
}

static void on_gone(void *self, struct fake_conn *c)
{
    (void)self;
    slack.sockets--;
    slack_sender_gone(c);
}

/* --- orders ------------------------------------------------------------------------------------------------- */

static void tell(void *arg, int status, struct str body)
{
    struct fake_conn *c = fake_find(slack.fake, (int)(intptr_t)arg);
    if (c)
        fake_replyf(c, 200, "%d %.*s\n", status, STR_FMT(body));
}

static const char *keep(struct str s)
{
    return s.n ? strndup(s.p, s.n) : NULL; /* a handful for each test: never freed */
}

static void order_send(struct fake_request *r, cJSON *j)
{
    slack_send((struct slack_act){
        .type = keep(json_at(j, "type")),
        .via = str_is(json_at(j, "via"), "socket") ? VIA_SOCKET : VIA_HTTP,
        .payload = cJSON_DetachItemFromObjectCaseSensitive(j, "payload"),
        .tries_max = json_int_at(j, "tries", 1),
        .sign = keep(json_at(j, "sign")),
        .age_s = json_int_at(j, "age_s", 0),
        .truncate = json_int_at(j, "truncate", 0),
        .raw = keep(json_at(j, "raw")),
        .content_type = keep(json_at(j, "content_type")),
        .drop = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(j, "drop")),
        .done = tell,
        .arg = (void *)(intptr_t)r->conn->id,
    });
}

static void order_timing(const cJSON *j)
{
    const cJSON *retry = cJSON_GetObjectItemCaseSensitive(j, "retry_ms");
    slack_ack_ms = json_int_at(j, "ack_ms", (int)slack_ack_ms);
    for (int i = 0; i < 3 && i < cJSON_GetArraySize(retry); i++)
        slack_retry_ms[i] = (int64_t)cJSON_GetArrayItem(retry, i)->valuedouble;
}

static void order(struct fake_request *r, struct str what, cJSON *j)
{
    if (str_is(what, "send") && json_at(j, "type").n) {
        order_send(r, j);
        return;
    }
    if (str_is(what, "docent"))
        slack_send_to_port(json_int_at(j, "port", 0));
    else if (str_is(what, "disconnect"))
        slack_disconnect(slack.fake, json_at(j, "reason").p, json_int_at(j, "close_ms", 0));
    else if (str_is(what, "timing"))
        order_timing(j);
    else if (str_is(what, "token"))
        snprintf(slack.bot_error, sizeof slack.bot_error, "%.*s", STR_FMT(json_at(j, "bot"))),
            snprintf(slack.app_error, sizeof slack.app_error, "%.*s", STR_FMT(json_at(j, "app")));
    else {
        fake_replyf(r->conn, 404, "no such order\n");
        return;
    }
    fake_replyf(r->conn, 200, "ok\n");
}

/* ------------------------------------------------------------------------------------------------------------ */

static void on_request(void *self, struct fake_request *r)
{
    struct str api = STR("/api/"), orders = STR("/_slack/");
    (void)self;
    if (!slack.fake) {
        slack.fake = r->conn->fake;
        slack_sender_start(slack.fake);
        slack_load_start(slack.fake);
    }
    if (str_starts(r->path, api)) {
        serve_method(r, str_sub(r->path, api.n, r->path.n));
    } else if (str_starts(r->path, STR("/hook/"))) {
        serve_hook(r);
    } else if (str_starts(r->path, STR("/services/"))) {
        serve_webhook(r);
    } else if (str_starts(r->path, STR("/link/"))) {
        serve_link(r);
    } else if (slack_load_serves(r)) {
        return;
    } else if (str_starts(r->path, orders)) {
        cJSON *j = cJSON_ParseWithLength(r->body.p, r->body.n);
        order(r, str_sub(r->path, orders.n, r->path.n), j);
        cJSON_Delete(j);
    } else {
        fake_replyf(r->conn, 404, "{\"ok\":false}");
    }
}

int main(int argc, char **argv)
{
    static const struct fake_play play = {
        .name = "slack", .keep_open = true, .request = on_request, .message = on_message, .gone = on_gone};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--secret"))
            slack_setup.secret = argv[i + 1];
        else if (!strcmp(argv[i], "--bot-token"))
            slack_setup.bot_token = argv[i + 1];
        else if (!strcmp(argv[i], "--app-token"))
            slack_setup.app_token = argv[i + 1];
        else if (!strcmp(argv[i], "--pace"))
            slack_setup.pace_ms = atoi(argv[i + 1]);
    }
    if (sodium_init() < 0)
        return 1;
    return fake_main(&play);
}
