#include "channel/slack_parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "channel/slack_posts.h"
#include "net/backoff.h"
#include "net/sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LANE_MS = 1000, RETRY_FIRST_MS = 1000, RETRY_MAX_MS = 60 * 1000 };

static const char json_type[] = "Content-Type: application/json; charset=utf-8";
static const char form_type[] = "Content-Type: application/x-www-form-urlencoded";

/* --- calls -------------------------------------------------------------------------------------------------- */

static void forget_call(struct slack_call *call)
{
    struct slack_call **at = call->before ? &call->before->next : &call->slack->calls;
    *at = call->next;
    if (call->next)
        call->next->before = call->before;
    free((char *)call->body.p);
    free(call);
}

static void on_reply(void *arg, const struct http_reply *reply)
{
    struct slack_call *call = arg;
    if (reply->end == HTTP_DONE && reply->status == 429)
        metrics_add(call->slack->options.metrics, "docent_rate_limited_total", "slack", call->hook ? "hook" : "api", 1);
    call->done(call, reply);
    forget_call(call);
}

struct slack_call *slack_call(struct slack *s, const char *url, const char *header, const char *content_type,
                              struct str body, void (*done)(struct slack_call *call, const struct http_reply *reply))
{
    struct slack_call *call = mem_alloc(sizeof *call);
    *call = (struct slack_call){.slack = s, .next = s->calls, .done = done};
    if (s->calls)
        s->calls->before = call;
    s->calls = call;
    struct http_request request = {.method = "POST", .url = url, .headers = {content_type, header}, .body = body};
    call->http = http_send(s->options.http, &request, on_reply, call);
    return call;
}

const char *slack_method_url(struct slack *s, const char *method)
{
    return arena_fmt(&s->scratch, "%.*s%s", STR_FMT(s->self.api_url), method).p;
}

/* --- who we are --------------------------------------------------------------------------------------------- */

void slack_die(struct slack *s, const struct slack_said *said, const char *variable)
{
    const char *advice = slack_error_advice(said->error);
    if (s->dead)
        return;
    s->dead = arena_fmt(&s->lasting, "Slack refuses %s: %s%s%s%s%s%s", variable, said->error, *said->detail ? " (" : "",
                        said->detail, *said->detail ? ")" : "", advice ? ": " : "", advice ? advice : "")
                  .p;
    log_error("slack.refused", log_text("why", s->dead));
    if (s->options.dead)
        s->options.dead(s->options.arg, s->dead);
}

static void ask_who_we_are(void *arg);

static void ask_later(struct slack *s, const struct slack_said *said)
{
    int64_t wait_ms = said->class == SLACK_WAIT
                          ? said->wait_ms
                          : backoff_ms(s->attempts++, RETRY_FIRST_MS, RETRY_MAX_MS, sign_random());
    log_warn("slack.not_reached", log_text("why", said->error), log_int("again_in_ms", wait_ms));
    s->retry = loop_after(s->options.loop, wait_ms, ask_who_we_are, s);
}

static void learn_who_we_are(struct slack *s, const cJSON *reply)
{
    s->self.team = arena_str(&s->lasting, json_str(reply, "team_id"));
    s->self.user = arena_str(&s->lasting, json_str(reply, "user_id"));
    s->self.bot = arena_str(&s->lasting, json_str(reply, "bot_id"));
    s->ready = true;
    log_info("slack.connected", log_str("team", json_str(reply, "team")), log_str("user", json_str(reply, "user")));
    slack_sockets_start(s);
}

static void on_auth_test(struct slack_call *call, const struct http_reply *http)
{
    struct slack *s = call->slack;
    cJSON *reply = NULL;
    struct slack_said said = slack_api_read(http, &reply);
    bool bot = json_str(reply, "user_id").n && json_str(reply, "bot_id").n;
    if (said.class == SLACK_OK && !bot) {
        said.class = SLACK_DEAD;
        snprintf(said.error, sizeof said.error, "not_allowed_token_type");
    }
    if (said.class == SLACK_OK)
        learn_who_we_are(s, reply);
    else if (said.class == SLACK_DEAD || said.class == SLACK_PERMISSION)
        slack_die(s, &said, "SLACK_BOT_TOKEN");
    else
        ask_later(s, &said);
    cJSON_Delete(reply);
}

static void ask_who_we_are(void *arg)
{
    struct slack *s = arg;
    s->retry = NULL;
    if (s->draining)
        return;
    slack_call(s, slack_method_url(s, "auth.test"), s->bot_header, form_type, STR(""), on_auth_test);
    arena_reset(&s->scratch);
}

void slack_start(struct slack *s)
{
    ask_who_we_are(s);
}

/* --- posts -------------------------------------------------------------------------------------------------- */

/* Once for each cause: the delivery logs every post that it drops. */
static void complain(struct slack *s, const struct slack_said *said)
{
    const char *advice = slack_error_advice(said->error);
    uint64_t cause = str_hash_more(str_hash(str_of(said->error)), str_of(said->detail));
    if (said->class == SLACK_DEAD)
        slack_die(s, said, "SLACK_BOT_TOKEN");
    if (said->class != SLACK_PERMISSION || s->complained == cause)
        return;
    s->complained = cause;
    log_error("slack.not_allowed", log_text("error", said->error), log_text("needed", said->detail),
              log_text("do", advice ? advice : ""));
}

static void on_posted(struct slack_call *call, const struct http_reply *reply)
{
    struct arena a = {0};
    struct slack_said said = call->hook ? slack_hook_read(reply) : slack_api_read(reply, NULL);
    struct sent sent = slack_sent(&said, call->body, call->hook, &a);
    complain(call->slack, &said);
    call->sent(call->arg, &sent);
    arena_release(&a);
}

static void send_post(void *self, const struct post *post, void (*done)(void *arg, const struct sent *sent), void *arg)
{
    struct slack *s = self;
    bool hook = slack_is_hook(post->route);
    struct str route = arena_str(&s->scratch, post->route);
    const char *url = hook ? route.p : slack_method_url(s, route.p);
    struct slack_call *call = slack_call(s, url, hook ? NULL : s->bot_header, json_type, post->body, on_posted);
    struct buf body;
    buf_init(&body, post->body.n + 1);
    buf_add(&body, post->body);
    call->hook = hook;
    call->body = buf_str(&body);
    call->sent = done;
    call->arg = arg;
    arena_reset(&s->scratch);
}

static void compose(void *self, const struct question *question, const struct reply *reply, struct arena *a,
                    struct posts *out)
{
    (void)self;
    slack_compose(question, reply, a, out);
}

static void thank(void *self, const struct question *question, bool helpful, struct arena *a, struct posts *out)
{
    (void)self;
    slack_thank(question, helpful, a, out);
}

static void share(void *self, const struct question *question, struct str text, struct arena *a, struct posts *out)
{
    (void)self;
    slack_share(question, text, a, out);
}

const struct platform *slack_platform(struct slack *s)
{
    return &s->platform;
}

/* --- beginning and end -------------------------------------------------------------------------------------- */

static const char *keep(struct slack *s, const char *text)
{
    return text ? arena_str(&s->lasting, str_of(text)).p : NULL;
}

static bool check_options(const struct slack_options *o, struct err *err)
{
    if (!o->bot_token || strncmp(o->bot_token, "xoxb-", 5) != 0)
        return err_set(err, STATUS_CONFIG, "SLACK_BOT_TOKEN is no bot token: it begins with xoxb-");
    if (o->app_token && strncmp(o->app_token, "xapp-", 5) != 0)
        return err_set(err, STATUS_CONFIG, "SLACK_APP_TOKEN is no app-level token: it begins with xapp-");
    if (!o->app_token && !o->signing_secret)
        return err_set(err, STATUS_CONFIG,
                       "Slack needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (events over HTTP)");
    if (o->api_url && !http_url_allowed(str_of(o->api_url)))
        return err_set(err, STATUS_CONFIG, "SLACK_API_URL must begin with https://, or name a loopback address");
    return true;
}

struct slack *slack_new(const struct slack_options *options, struct err *err)
{
    if (!check_options(options, err))
        return NULL;
    struct slack *s = mem_alloc(sizeof *s);
    struct slack_options *o = &s->options;
    *o = *options;
    o->signing_secret = keep(s, options->signing_secret);
    o->command = keep(s, options->command ? options->command : "/ask");
    o->user_agent = keep(s, options->user_agent);
    o->proxy = keep(s, options->proxy);
    o->ca_file = keep(s, options->ca_file);
    s->bot_header = arena_fmt(&s->lasting, "Authorization: Bearer %s", options->bot_token).p;
    if (options->app_token)
        s->app_header = arena_fmt(&s->lasting, "Authorization: Bearer %s", options->app_token).p;
    o->bot_token = o->app_token = NULL;
    struct str api = str_of(options->api_url ? options->api_url : SLACK_API_URL);
    s->self.api_url = arena_fmt(&s->lasting, "%.*s%s", STR_FMT(api), str_ends(api, STR("/")) ? "" : "/");
    s->platform = (struct platform){
        .name = "slack",
        .lane_ms = options->lane_ms ? options->lane_ms : LANE_MS,
        .self = s,
        .compose = compose,
        .thank = thank,
        .share = share,
        .send = send_post,
    };
    return s;
}

void slack_drain(struct slack *s)
{
    s->draining = true;
    slack_sockets_drain(s);
}

bool slack_idle(const struct slack *s)
{
    return s->acknowledging == 0 && (!s->link || slack_link_idle(s->link));
}

void slack_free(struct slack *s)
{
    if (!s)
        return;
    loop_cancel(s->options.loop, s->retry);
    for (struct slack_call *call = s->calls, *next; call; call = next) {
        next = call->next;
        http_cancel(s->options.http, call->http);
        forget_call(call);
    }
    slack_sockets_free(s);
    arena_release(&s->scratch);
    arena_release(&s->lasting);
    free(s);
}

/* --- state -------------------------------------------------------------------------------------------------- */

static void add_link(struct link *out, size_t *n, size_t max, const char *name, const char *state, bool up)
{
    if (*n == max)
        return;
    out[*n] = (struct link){.platform = "slack", .state = state, .up = up};
    snprintf(out[*n].name, sizeof out[*n].name, "%s", name);
    ++*n;
}

size_t slack_links(const struct slack *s, struct link *out, size_t max)
{
    static const char *const words[] = {"waiting", "connecting", "connected", "stopped"};
    enum slack_link_state states[SLACK_CONNECTIONS_MAX];
    size_t n = 0;
    add_link(out, &n, max, "web api",
             s->dead    ? "stopped: token refused"
             : s->ready ? "connected"
                        : "connecting",
             s->ready && !s->dead);
    if (s->options.signing_secret)
        add_link(out, &n, max, "http",
                 s->draining ? "stopping"
                 : s->ready  ? "listening"
                             : "waiting for the web api",
                 s->ready && !s->draining);
    unsigned sockets = s->link ? slack_link_states(s->link, states) : 0;
    const char *problem = s->link ? slack_link_problem(s->link) : NULL;
    for (unsigned i = 0; i < sockets; i++) {
        char name[32];
        bool live = states[i] == SLACK_LINK_LIVE;
        snprintf(name, sizeof name, "socket %u", i + 1);
        add_link(out, &n, max, name, problem && !live ? problem : words[states[i]], live);
    }
    return n;
}
