#include "cmd/net/doctor.h"

#include "channel/slack.h"
#include "channel/slack_api.h"
#include "channel/slack_manifest.h"
#include "channel/slack_webhook.h"

#include <string.h>

static const char *api_url(struct doctor *d, const char *method)
{
    struct str base = d->secrets.slack_api_url.n ? d->secrets.slack_api_url : STR(SLACK_API_URL);
    return arena_fmt(&d->arena, "%.*s%s%s", STR_FMT(base), str_ends(base, STR("/")) ? "" : "/", method).p;
}

static const char *bearer(struct doctor *d, struct str token)
{
    return arena_fmt(&d->arena, "Authorization: Bearer %.*s", STR_FMT(token)).p;
}

/* A reply that is no success. */
static void say_refused(struct doctor *d, const char *variable, const struct slack_said *said,
                        const struct http_reply *reply)
{
    const char *advice = slack_error_advice(said->error);
    if (reply->end != HTTP_DONE)
        doctor_unreached(d, "Slack", reply);
    else if (said->class == SLACK_WAIT || said->class == SLACK_RETRY)
        doctor_say(d, DOCTOR_WARNING, "try again in a while", "Slack has trouble, or is asked too often: %s",
                   said->error);
    else
        doctor_say(d, DOCTOR_PROBLEM, advice ? advice : "see https://api.slack.com/apps", "Slack refuses %s: %s%s%s%s",
                   variable, said->error, *said->detail ? " (" : "", said->detail, *said->detail ? ")" : "");
}

/* --- the bot token ------------------------------------------------------------------------------------------ */

/* Slack names a token's scopes in a header of every reply. */
static bool has_scope(struct str scopes, const char *wanted)
{
    struct str scope;
    while (str_cut(&scopes, ',', &scope))
        if (str_is(str_trim(scope), wanted))
            return true;
    return false;
}

static void check_scopes(struct doctor *d, struct str scopes)
{
    const struct settings_rules *rules = &d->settings->slack.rules;
    const char *const *wanted = slack_scopes(rules->threads || rules->everything.n > 0);
    size_t missing = 0;
    if (!scopes.n)
        return;
    for (; *wanted; wanted++)
        if (!has_scope(scopes, *wanted)) {
            bool channels = strcmp(*wanted, "channels:history") == 0;
            doctor_say(
                d, channels ? DOCTOR_WARNING : DOCTOR_PROBLEM,
                "add it on the app's page (OAuth & Permissions) and install the app again, or make the app anew from "
                "docent slack manifest",
                "the bot token lacks the scope %s%s", *wanted,
                channels ? ": follow-ups in threads are not heard without a mention" : "");
            missing++;
        }
    if (!missing)
        doctor_say(d, DOCTOR_OK, NULL, "the bot token has the scopes that docent needs");
}

static void read_auth_test(void *arg, const struct http_reply *reply)
{
    struct doctor *d = arg;
    cJSON *tree = NULL;
    struct slack_said said = slack_api_read(reply, &tree);
    doctor_clock(d, reply->end == HTTP_DONE ? http_header(reply, "Date") : STR(""));
    if (said.class != SLACK_OK) {
        say_refused(d, "SLACK_BOT_TOKEN", &said, reply);
    } else if (!json_str(tree, "bot_id").n) {
        doctor_say(d, DOCTOR_PROBLEM, slack_error_advice("not_allowed_token_type"),
                   "SLACK_BOT_TOKEN is not a bot's token");
    } else {
        doctor_say(d, DOCTOR_OK, NULL, "the bot token is good: %.*s in %.*s", STR_FMT(json_str(tree, "user")),
                   STR_FMT(json_str(tree, "team")));
        check_scopes(d, http_header(reply, "x-oauth-scopes"));
    }
    cJSON_Delete(tree);
}

static bool begins_with(struct doctor *d, const char *variable, struct str token, const char *prefix)
{
    if (str_starts(token, str_of(prefix)))
        return true;
    doctor_say(d, DOCTOR_PROBLEM, slack_error_advice("not_allowed_token_type"), "%s does not begin with %s", variable,
               prefix);
    return false;
}

static void check_bot_token(struct doctor *d)
{
    struct str token = d->secrets.slack_bot_token;
    if (begins_with(d, "SLACK_BOT_TOKEN", token, "xoxb-"))
        doctor_ask(d, "POST", api_url(d, "auth.test"), bearer(d, token), STR(""), read_auth_test, d);
}

/* --- the ways in -------------------------------------------------------------------------------------------- */

static void read_open(void *arg, const struct http_reply *reply)
{
    struct doctor *d = arg;
    cJSON *tree = NULL;
    struct slack_said said = slack_api_read(reply, &tree);
    if (said.class == SLACK_OK)
        doctor_say(d, DOCTOR_OK, NULL, "the app token is good: Socket Mode can be used");
    else
        say_refused(d, "SLACK_APP_TOKEN", &said, reply);
    cJSON_Delete(tree);
}

static void check_ways_in(struct doctor *d)
{
    struct str app = d->secrets.slack_app_token, secret = d->secrets.slack_signing_secret;
    bool socket = app.n && d->settings->slack.socket_mode, http = secret.n && d->settings->slack.http;
    if (socket && begins_with(d, "SLACK_APP_TOKEN", app, "xapp-"))
        doctor_ask(d, "POST", api_url(d, "apps.connections.open"), bearer(d, app), STR(""), read_open, d);
    if (http)
        doctor_say(d, DOCTOR_OK, NULL, "the signing secret is there: events over HTTP are taken at %s/slack/events",
                   d->settings->listen);
    if (http && socket)
        doctor_say(d, DOCTOR_NOTE, NULL,
                   "both ways in are on; an app uses one of them, as its page says (Socket Mode)");
    if (!http && !socket)
        doctor_say(d, DOCTOR_PROBLEM,
                   "set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for events over HTTP; neither may be "
                   "switched off in the settings",
                   "docent hears nothing of Slack");
}

/* --- the webhook -------------------------------------------------------------------------------------------- */

/* An empty post is refused by a webhook that works, too, but with other words. */
static void read_webhook(void *arg, const struct http_reply *reply)
{
    struct doctor *d = arg;
    struct webhook_said said = slack_webhook_read(reply);
    if (reply->end != HTTP_DONE)
        doctor_unreached(d, "Slack's webhook", reply);
    else if (!strcmp(said.word, "no_text") || !strcmp(said.word, "invalid_payload"))
        doctor_say(d, DOCTOR_OK, NULL, "the webhook is there (nothing was posted)");
    else
        doctor_say(d, said.end == WEBHOOK_REFUSED ? DOCTOR_PROBLEM : DOCTOR_WARNING,
                   said.advice ? said.advice : "try again in a while", "the webhook does not work: %s", said.word);
}

static void check_webhook(struct doctor *d)
{
    const char *fault;
    if (!d->secrets.slack_webhook_url.n)
        return;
    struct str url = slack_webhook_url(d->secrets.slack_webhook_url, d->secrets.slack_api_url, &d->arena, &fault);
    if (url.n)
        doctor_ask(d, "POST", url.p, NULL, STR("{}"), read_webhook, d);
    else
        doctor_say(d, DOCTOR_PROBLEM, "copy it from the app's page (Incoming Webhooks)", "SLACK_WEBHOOK_URL: %s",
                   fault);
}

void doctor_slack(struct doctor *d)
{
    if (d->secrets.slack_bot_token.n) {
        check_bot_token(d);
        check_ways_in(d);
    } else if (d->secrets.slack_app_token.n || d->secrets.slack_signing_secret.n) {
        doctor_say(d, DOCTOR_PROBLEM, "copy it from the app's page (OAuth & Permissions)",
                   "SLACK_BOT_TOKEN is not set, while other secrets of Slack's are");
    } else if (!d->secrets.slack_webhook_url.n) {
        doctor_say(d, DOCTOR_NOTE, "to set it up: docent slack manifest, then SLACK_BOT_TOKEN and SLACK_APP_TOKEN",
                   "not set up: none of its secrets are there");
    }
    check_webhook(d);
}
