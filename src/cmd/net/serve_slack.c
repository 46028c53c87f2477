/* Slack as one of the places where docent serve answers. */
#include "channel/slack.h"

#include "cmd/net/service.h"

static void is_dead(void *arg, const char *reason)
{
    service_place_dead(arg, "slack", reason);
}

static bool open(struct service *s, struct err *err)
{
    const struct settings *o = s->settings;
    const struct secrets *secrets = &s->secrets;
    const char *app_token = o->slack.socket_mode && secrets->slack_app_token.n ? secrets->slack_app_token.p : NULL;
    const char *signing = o->slack.http && secrets->slack_signing_secret.n ? secrets->slack_signing_secret.p : NULL;
    if (!app_token && !signing)
        return true;
    if (!secrets->slack_bot_token.n)
        return err_set(err, STATUS_CONFIG, "%s is there, but no SLACK_BOT_TOKEN to answer with",
                       app_token ? "SLACK_APP_TOKEN" : "SLACK_SIGNING_SECRET");
    s->slack = slack_new(
        &(struct slack_options){
            .loop = s->loop,
            .http = s->http_client,
            .desk = s->desk,
            .metrics = s->metrics,
            .clock_ms = service_clock_ms,
            .bot_token = secrets->slack_bot_token.p,
            .app_token = app_token,
            .signing_secret = signing,
            .api_url = secrets->slack_api_url.n ? secrets->slack_api_url.p : NULL,
            .command = o->slack.command,
            .connections = (unsigned)o->slack.connections,
            .lane_ms = o->slack.channel_gap_ms,
            .user_agent = SERVICE_USER_AGENT,
            .proxy = *o->proxy ? o->proxy : NULL,
            .ca_file = *o->ca_file ? o->ca_file : NULL,
            .dead = is_dead,
            .arg = s,
        },
        err);
    if (!s->slack)
        return false;
    desk_platform(s->desk, slack_platform(s->slack));
    return true;
}

static void start(struct service *s)
{
    if (s->slack)
        slack_start(s->slack);
}

static void serve(void *arg, struct http_exchange *x)
{
    slack_serve(((struct service *)arg)->slack, x);
}

static size_t routes(const struct service *s, struct http_route *out, size_t max)
{
    static const char *const paths[] = {"/slack/events", "/slack/commands", "/slack/interactivity"};
    size_t n = 0;
    if (s->slack && s->settings->slack.http && s->secrets.slack_signing_secret.n)
        for (; n < sizeof paths / sizeof *paths && n < max; n++)
            out[n] = (struct http_route){"POST", paths[n], serve};
    return n;
}

static size_t links(const struct service *s, struct link *out, size_t max)
{
    return s->slack ? slack_links(s->slack, out, max) : 0;
}

static void use_settings(struct service *s, const struct settings *settings)
{
    struct rules rules = service_rules(&settings->slack.rules);
    if (s->slack)
        desk_rules(s->desk, "slack", &rules);
}

static void drain(struct service *s)
{
    if (s->slack)
        slack_drain(s->slack);
}

static bool idle(const struct service *s)
{
    return !s->slack || slack_idle(s->slack);
}

static void close(struct service *s)
{
    slack_free(s->slack);
}

const struct service_place service_slack = {"slack", open, start, routes, links, use_settings, drain, idle, close};
