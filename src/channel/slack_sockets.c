#include "channel/slack_parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "net/sign.h"

#include <stdio.h>
#include <stdlib.h>

static int64_t now_ms(const struct slack *s)
{
    return loop_now_ms(s->options.loop);
}

/* --- WebSockets --------------------------------------------------------------------------------------------- */

static struct slack_socket **find_socket(struct slack *s, uint32_t connection)
{
    struct slack_socket **at = &s->sockets;
    while (*at && (*at)->connection != connection)
        at = &(*at)->next;
    return at;
}

static void free_socket(struct slack_socket **at)
{
    struct slack_socket *gone = *at;
    *at = gone->next;
    websocket_free(gone->ws);
    free(gone);
}

static void on_open(void *arg)
{
    (void)arg; /* counts only once Slack has said hello */
}

static void on_text(void *arg, struct str text)
{
    struct slack_socket *socket = arg;
    struct slack *s = socket->slack;
    slack_link_text(s->link, socket->connection, text, now_ms(s));
    slack_sockets_move(s);
}

static void on_closed(void *arg, int code, struct str reason, const char *problem)
{
    struct slack_socket *socket = arg;
    struct slack *s = socket->slack;
    uint32_t connection = socket->connection;
    log_info("slack.socket_closed", log_int("connection", connection), log_int("code", code), log_str("reason", reason),
             log_text("why", problem ? problem : ""));
    free_socket(find_socket(s, connection));
    slack_link_closed(s->link, connection, now_ms(s));
    slack_sockets_move(s);
}

static const struct websocket_handler handler = {.open = on_open, .message = on_text, .closed = on_closed};

static void open_socket(struct slack *s, uint32_t connection, const char *url)
{
    struct slack_socket *socket = mem_alloc(sizeof *socket);
    *socket = (struct slack_socket){.slack = s, .connection = connection, .next = s->sockets};
    s->sockets = socket;
    socket->ws = websocket_open(s->options.loop,
                                &(struct websocket_options){
                                    .url = url,
                                    .user_agent = s->options.user_agent,
                                    .proxy = s->options.proxy,
                                    .ca_file = s->options.ca_file,
                                },
                                &handler, socket);
}

/* --- orders ------------------------------------------------------------------------------------------------- */

static void on_url(struct slack_call *call, const struct http_reply *http)
{
    struct slack *s = call->slack;
    cJSON *reply = NULL;
    struct slack_said said = slack_api_read(http, &reply);
    if (said.class != SLACK_OK)
        log_warn("slack.no_socket", log_text("why", said.error));
    if (said.class == SLACK_DEAD || said.class == SLACK_PERMISSION)
        slack_die(s, &said, "SLACK_APP_TOKEN");
    slack_link_url(s->link, call->connection, &said, json_str(reply, "url"), now_ms(s));
    cJSON_Delete(reply);
    slack_sockets_move(s);
}

static void ask_for_url(struct slack *s, uint32_t connection)
{
    static const char form_type[] = "Content-Type: application/x-www-form-urlencoded";
    slack_call(s, slack_method_url(s, "apps.connections.open"), s->app_header, form_type, STR(""), on_url)->connection =
        connection;
}

static void carry_out(struct slack *s, const struct slack_order *order)
{
    struct slack_socket **at = find_socket(s, order->connection);
    switch (order->kind) {
    case SLACK_LINK_ASK:
        ask_for_url(s, order->connection);
        break;
    case SLACK_LINK_OPEN:
        open_socket(s, order->connection, order->text.p);
        break;
    case SLACK_LINK_SEND:
        if (*at && !websocket_send((*at)->ws, order->text))
            log_warn("slack.socket_full", log_int("connection", order->connection));
        break;
    case SLACK_LINK_CLOSE:
        if (*at)
            websocket_close((*at)->ws, 1000, STR(""));
        break;
    case SLACK_LINK_DROP:
        if (*at)
            free_socket(at);
        break;
    case SLACK_LINK_ENVELOPE:
        slack_take_envelope(s, order->connection, order->envelope);
        break;
    case SLACK_LINK_STOPPED:
        break; /* on_url has said so */
    }
}

/* --- state and time ----------------------------------------------------------------------------------------- */

static void tell_state(struct slack *s, unsigned i, enum slack_link_state state)
{
    char name[32];
    snprintf(name, sizeof name, "socket %u", i + 1);
    if (state == SLACK_LINK_LIVE || s->states[i] == SLACK_LINK_LIVE)
        log_info(state == SLACK_LINK_LIVE ? "slack.socket_live" : "slack.socket_down", log_text("link", name));
    metrics_set(s->options.metrics, "docent_link_up", "slack", name, state == SLACK_LINK_LIVE);
    s->states[i] = state;
}

static void watch_states(struct slack *s)
{
    enum slack_link_state states[SLACK_CONNECTIONS_MAX];
    unsigned n = slack_link_states(s->link, states);
    const char *problem = slack_link_problem(s->link);
    for (unsigned i = 0; i < n; i++)
        if (states[i] != s->states[i])
            tell_state(s, i, states[i]);
    if (problem && problem != s->problem)
        log_error("slack.socket_mode", log_text("why", problem));
    s->problem = problem;
    uint64_t more = slack_link_reconnects(s->link) - s->reconnects;
    if (more)
        metrics_add(s->options.metrics, "docent_reconnects_total", "slack", "socket", (double)more);
    s->reconnects += more;
}

static void on_due(void *arg)
{
    struct slack *s = arg;
    s->due = NULL;
    slack_link_tick(s->link, now_ms(s));
    slack_sockets_move(s);
}

static void wait_until_due(struct slack *s)
{
    int64_t due_ms = slack_link_due(s->link);
    loop_cancel(s->options.loop, s->due);
    s->due = NULL;
    if (due_ms != INT64_MAX)
        s->due = loop_after(s->options.loop, due_ms > now_ms(s) ? due_ms - now_ms(s) : 0, on_due, s);
}

void slack_sockets_move(struct slack *s)
{
    struct slack_order order;
    if (s->moving)
        return;
    s->moving = true;
    while (slack_link_next(s->link, &order))
        carry_out(s, &order);
    s->moving = false;
    if (s->draining && s->acknowledging == 0 && !slack_link_idle(s->link)) {
        slack_sockets_drain(s);
        return;
    }
    arena_reset(&s->scratch);
    watch_states(s);
    wait_until_due(s);
}

/* --- beginning and end -------------------------------------------------------------------------------------- */

static uint32_t random_bits(void *arg)
{
    (void)arg;
    return sign_random();
}

void slack_sockets_start(struct slack *s)
{
    if (!s->app_header || s->link || s->draining)
        return;
    s->link = slack_link_new(&(struct slack_link_options){
        .connections = s->options.connections ? s->options.connections : 1, .random = random_bits});
    slack_link_tick(s->link, now_ms(s));
    slack_sockets_move(s);
}

/* What was taken is acknowledged first, on the connection it came on. */
void slack_sockets_drain(struct slack *s)
{
    if (!s->link || s->acknowledging)
        return;
    slack_link_drain(s->link);
    struct slack_order order;
    while (slack_link_next(s->link, &order))
        carry_out(s, &order);
    watch_states(s);
    wait_until_due(s);
}

void slack_sockets_free(struct slack *s)
{
    if (!s->link)
        return;
    while (s->sockets)
        free_socket(&s->sockets);
    loop_cancel(s->options.loop, s->due);
    slack_link_free(s->link);
}
