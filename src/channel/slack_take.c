#include "channel/slack_parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "channel/slack_posts.h"
#include "net/sign.h"
#include "render/slack.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SSL_CHECK_MAX = 1024 };

/* --- acknowledging ------------------------------------------------------------------------------------------ */

/* Who waits for an acknowledgement: a request, or an envelope on a connection. */
struct ack {
    struct slack *slack;
    struct http_exchange *exchange; /* NULL: an envelope */
    uint32_t connection;
    bool takes_payload;
    char *envelope, *payload; /* payload: what goes back with it, JSON; NULL: nothing */
};

static char *copy_of(struct str s)
{
    char *copy = mem_alloc(s.n + 1);
    if (s.n)
        memcpy(copy, s.p, s.n);
    return copy;
}

static struct ack *new_ack(struct slack *s, struct http_exchange *x, uint32_t connection, const cJSON *envelope)
{
    struct ack *ack = mem_alloc(sizeof *ack);
    *ack = (struct ack){.slack = s, .exchange = x, .connection = connection};
    ack->envelope = copy_of(json_str(envelope, "envelope_id"));
    ack->takes_payload = x || json_bool(envelope, "accepts_response_payload", false);
    s->acknowledging++;
    return ack;
}

static void free_ack(struct ack *ack)
{
    ack->slack->acknowledging--;
    free(ack->envelope);
    free(ack->payload);
    free(ack);
}

/* ok: it stands on disk, or nothing needs to. Otherwise Slack is to come back with it. */
static void acknowledge(void *arg, bool ok)
{
    struct ack *ack = arg;
    struct slack *s = ack->slack;
    struct str payload = ack->takes_payload && ack->payload ? str_of(ack->payload) : STR("");
    if (ack->exchange)
        http_reply_text(ack->exchange, ok ? 200 : 503, payload.n && ok ? "application/json" : "text/plain",
                        ok ? payload : STR(""));
    else if (ok)
        slack_link_acknowledge(s->link, ack->connection, str_of(ack->envelope), payload);
    bool envelope = !ack->exchange;
    free_ack(ack);
    if (envelope)
        slack_sockets_move(s);
}

/* --- taking ------------------------------------------------------------------------------------------------- */

static void say_back(struct ack *ack, const struct slack_message *message)
{
    ack->payload = copy_of(slack_ephemeral(message->text, message->blocks, &ack->slack->scratch));
}

static void explain(struct slack *s, struct ack *ack)
{
    struct slack_message help = slack_help(desk_docent(s->options.desk), str_of(s->options.command), &s->scratch);
    say_back(ack, &help);
    acknowledge(ack, true);
}

/* Somebody who types a command waits for an answer, if only this one. */
static void say_not_here(struct slack *s, struct ack *ack)
{
    struct slack_message sorry =
        slack_notice(STR("I cannot answer that here and now: this channel is not one of mine, or "
                         "there were many questions in a short time."),
                     &s->scratch);
    say_back(ack, &sorry);
}

static void take(struct slack *s, const struct slack_event *e, struct ack *ack)
{
    static const char *const types[] = {
        [INCOMING_QUESTION] = "question",
        [INCOMING_HELPFUL] = "helpful",
        [INCOMING_UNHELPFUL] = "unhelpful",
        [INCOMING_SHARE] = "share",
    };
    metrics_add(s->options.metrics, "docent_events_total", "slack", types[e->in.kind], 1);
    bool command = e->target.quiet && e->in.kind == INCOMING_QUESTION;
    enum desk_taken taken = desk_take(s->options.desk, &e->in, acknowledge, ack);
    if (taken == DESK_FULL)
        acknowledge(ack, false);
    else if (taken == DESK_IGNORED && command)
        say_not_here(s, ack);
}

/* What is no message for the desk is acknowledged at once. */
static void act_on(struct slack *s, const struct slack_event *e, struct ack *ack)
{
    switch (e->act) {
    case SLACK_TAKE:
        take(s, e, ack);
        break;
    case SLACK_HELP:
        explain(s, ack);
        break;
    default:
        log_debug("slack.ignored", log_text("why", e->why ? e->why : ""));
        acknowledge(ack, true);
        break;
    }
    arena_reset(&s->scratch);
}

/* --- over Socket Mode --------------------------------------------------------------------------------------- */

void slack_take_envelope(struct slack *s, uint32_t connection, const cJSON *envelope)
{
    const cJSON *payload = cJSON_GetObjectItemCaseSensitive(envelope, "payload");
    struct str type = json_str(envelope, "type");
    struct slack_event e = str_is(type, "events_api")       ? slack_read_event(payload, &s->self, &s->scratch)
                           : str_is(type, "slash_commands") ? slack_read_command(payload, &s->self, &s->scratch)
                                                            : slack_read_click(payload, &s->self, &s->scratch);
    if (e.act == SLACK_STRANGE)
        log_warn("slack.strange", log_str("type", type), log_text("why", e.why));
    act_on(s, &e, new_ack(s, NULL, connection, envelope));
}

/* --- over HTTP ---------------------------------------------------------------------------------------------- */

static bool is_type(struct str content_type, const char *type)
{
    struct str rest = content_type, first;
    str_cut(&rest, ';', &first);
    first = str_trim(first);
    return first.n == strlen(type) && strncasecmp(first.p, type, first.n) == 0;
}

/* Slack tries the certificate of a command's address with an unsigned form, on which nothing must be done. */
static bool is_ssl_check(struct str body, bool form)
{
    if (!form || body.n > SSL_CHECK_MAX)
        return false;
    cJSON *fields = slack_form(body);
    bool check = str_is(json_str(fields, "ssl_check"), "1");
    cJSON_Delete(fields);
    return check;
}

static bool is_signed(const struct slack *s, const struct http_exchange *x)
{
    return sign_slack_ok(str_of(s->options.signing_secret), http_request_header(x, "X-Slack-Request-Timestamp"),
                         http_request_header(x, "X-Slack-Signature"), http_body(x), s->options.clock_ms() / 1000);
}

static struct slack_event read_form(struct slack *s, struct str body, cJSON **tree)
{
    cJSON *fields = slack_form(body);
    struct str payload = json_str(fields, "payload");
    *tree = fields;
    if (json_str(fields, "command").n)
        return slack_read_command(fields, &s->self, &s->scratch);
    if (!payload.n)
        return (struct slack_event){.act = SLACK_STRANGE, .why = "a form that is neither a command nor a click"};
    *tree = json_parse(payload, NULL);
    cJSON_Delete(fields);
    return slack_read_click(*tree, &s->self, &s->scratch);
}

static void serve_signed(struct slack *s, struct http_exchange *x, bool json, bool form)
{
    cJSON *tree = json ? json_parse(http_body(x), NULL) : NULL;
    struct slack_event e = json   ? slack_read_event(tree, &s->self, &s->scratch)
                           : form ? read_form(s, http_body(x), &tree)
                                  : (struct slack_event){.act = SLACK_STRANGE, .why = "neither JSON nor a form"};
    if (e.act == SLACK_CHALLENGE) {
        http_reply_text(x, 200, "text/plain", e.challenge);
    } else if (e.act == SLACK_STRANGE) {
        log_warn("slack.strange", log_text("why", e.why));
        http_reply_text(x, 400, "text/plain", STR(""));
    } else if (!s->ready || s->draining) {
        http_reply_text(x, 503, "text/plain", STR(""));
    } else {
        act_on(s, &e, new_ack(s, x, 0, NULL));
    }
    arena_reset(&s->scratch);
    cJSON_Delete(tree);
}

void slack_serve(void *arg, struct http_exchange *x)
{
    struct slack *s = arg;
    struct str type = http_request_header(x, "Content-Type");
    bool json = is_type(type, "application/json"), form = is_type(type, "application/x-www-form-urlencoded");
    if (!s->options.signing_secret) {
        http_reply_text(x, 404, "text/plain", STR(""));
    } else if (is_signed(s, x)) {
        serve_signed(s, x, json, form);
    } else if (is_ssl_check(http_body(x), form)) {
        http_reply_text(x, 200, "text/plain", STR(""));
    } else {
        metrics_add(s->options.metrics, "docent_refused_total", "slack", "signature", 1);
        log_warn("slack.not_signed", log_int("bytes", (long long)http_body(x).n));
        http_reply_text(x, 401, "text/plain", STR(""));
    }
}
