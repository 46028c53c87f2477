/* What Slack sends: signed requests and Socket Mode envelopes, again and again until they are acknowledged. */
#include "slack.h"

#include "base/mem.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 10, DELIVERIES_MAX = 4096 };

struct delivery {
    struct slack_act act;
    char envelope[40];
    char *body; /* as it goes into a request or envelope */
    int tries, conn, last_status;
    bool under_way, over;
    int64_t due_ms; /* to be sent; while under way over a socket: to be taken for lost */
};

int64_t slack_ack_ms = 3000;
int64_t slack_retry_ms[3] = {0, 60 * 1000, 300 * 1000};

static struct {
    struct fake *fake;
    struct delivery *all[DELIVERIES_MAX];
    size_t n;
    int port;
    unsigned envelopes, turn;
} sender;

/* --- over HTTP ---------------------------------------------------------------------------------------------- */

static void add_quoted(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (ch_alnum(s.p[i]) || c == '-' || c == '.' || c == '_' || c == '~')
            buf_addc(out, s.p[i]);
        else
            buf_addf(out, "%%%02X", c);
    }
}

/* An event goes as JSON, a click as the form field `payload`, a command as a form of its fields. */
static char *request_body(const struct slack_act *act)
{
    struct buf out;
    char *json = cJSON_PrintUnformatted(act->payload);
    buf_init(&out, FAKE_BODY_MAX);
    if (act->raw) {
        buf_adds(&out, act->raw);
    } else if (!strcmp(act->type, "interactive")) {
        buf_adds(&out, "payload=");
        add_quoted(&out, str_of(json));
    } else if (!strcmp(act->type, "slash_commands")) {
        const cJSON *field;
        cJSON_ArrayForEach(field, act->payload) {
            buf_addf(&out, "%s%s=", out.n ? "&" : "", field->string);
            add_quoted(&out, str_of(cJSON_GetStringValue(field)));
        }
    } else {
        buf_adds(&out, json);
    }
    cJSON_free(json);
    buf_adds(&out, "");
    return out.p;
}

static void sign(const struct slack_act *act, const char *timestamp, struct str body, char signature[80])
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    const char *secret = act->sign && !strcmp(act->sign, "bad") ? "another secret" : slack_setup.secret;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)"v0:", 3);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)timestamp, strlen(timestamp));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)":", 1);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.p, body.n);
    crypto_auth_hmacsha256_final(&state, mac);
    int n = snprintf(signature, 80, "%s=", act->sign && !strcmp(act->sign, "v1") ? "v1" : "v0");
    bool upper = act->sign && !strcmp(act->sign, "upper");
    for (size_t i = 0; i < sizeof mac; i++)
        n += snprintf(signature + n, 80 - (size_t)n, upper ? "%02X" : "%02x", mac[i]);
}

static void add_head(struct buf *out, const struct delivery *d, struct str body)
{
    const struct slack_act *act = &d->act;
    bool json = !strcmp(act->type, "events_api");
    char timestamp[32], signature[80];
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)(fake_unix_ms() / 1000 - act->age_s));
    sign(act, timestamp, body, signature);
    buf_addf(out, "POST /slack/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: Slackbot 1.0\r\nContent-Type: %s\r\n",
             json                                ? "events"
             : !strcmp(act->type, "interactive") ? "interactivity"
                                                 : "commands",
             sender.port,
             act->content_type ? act->content_type
             : json            ? "application/json"
                               : "application/x-www-form-urlencoded");
    if (!act->sign || strcmp(act->sign, "none") != 0)
        buf_addf(out, "X-Slack-Request-Timestamp: %s\r\nX-Slack-Signature: %s\r\n", timestamp, signature);
    if (d->tries > 1)
        buf_addf(out, "X-Slack-Retry-Num: %d\r\nX-Slack-Retry-Reason: http_error\r\n", d->tries - 1);
}

static void finish(struct delivery *d, int status, struct str body)
{
    d->over = true;
    d->under_way = false;
    if (d->act.done)
        d->act.done(d->act.arg, status, body);
}

static void try_later(struct delivery *d, struct str body)
{
    d->under_way = false;
    if (d->tries >= d->act.tries_max) {
        finish(d, d->last_status, body);
        return;
    }
    d->due_ms = fake_now_ms() + slack_retry_ms[d->tries < 3 ? d->tries - 1 : 2];
}

static void on_answer(void *arg, int status, struct str body)
{
    struct delivery *d = arg;
    d->last_status = status;
    if (d->act.drop && d->tries == 1)
        status = 0; /* it came, but Slack has not heard it */
    if (status / 100 == 2)
        finish(d, status, body);
    else
        try_later(d, body);
}

static void send_over_http(struct delivery *d)
{
    struct str body = str_of(d->body);
    struct buf out;
    buf_init(&out, 2 * FAKE_BODY_MAX);
    add_head(&out, d, body);
    body.n -= (size_t)d->act.truncate < body.n ? (size_t)d->act.truncate : body.n;
    buf_addf(&out, "Content-Length: %zu\r\n\r\n", body.n);
    buf_add(&out, body);
    d->due_ms = INT64_MAX;
    fake_call(sender.fake, sender.port, buf_str(&out), slack_ack_ms, on_answer, d);
    buf_release(&out);
}

/* --- over Socket Mode --------------------------------------------------------------------------------------- */

/* Any connection that is up, one after the other. */
static struct fake_conn *some_socket(void)
{
    size_t n;
    struct fake_conn **conns = fake_conns(sender.fake, &n);
    for (size_t i = 0; i < n; i++) {
        struct fake_conn *c = conns[(i + sender.turn) % n];
        if (c->kind == CONN_WEBSOCKET && !c->gone && !c->close_sent && !c->mute && c->user) {
            sender.turn += (unsigned)i + 1;
            return c;
        }
    }
    return NULL;
}

static void send_over_socket(struct delivery *d)
{
    struct fake_conn *c = some_socket();
    struct buf out;
    if (!c) {
        d->tries--; /* Slack keeps it until somebody is there, for a while */
        d->due_ms = fake_now_ms() + TICK_MS;
        d->under_way = false;
        return;
    }
    buf_init(&out, FAKE_BODY_MAX);
    buf_addf(&out,
             "{\"envelope_id\":\"%s\",\"type\":\"%s\",\"accepts_response_payload\":%s,\"retry_attempt\":%d,"
             "\"retry_reason\":\"%s\",\"payload\":%s}",
             d->envelope, d->act.type, strcmp(d->act.type, "events_api") ? "true" : "false", d->tries - 1,
             d->tries > 1 ? "timeout" : "", d->body);
    d->conn = c->id;
    d->due_ms = fake_now_ms() + slack_ack_ms;
    fake_ws_text(c, buf_str(&out));
    buf_release(&out);
}

void slack_sender_message(struct fake_conn *c, struct str text)
{
    cJSON *ack = cJSON_ParseWithLength(text.p, text.n);
    struct str id = json_at(ack, "envelope_id");
    for (size_t i = 0; i < sender.n; i++) {
        struct delivery *d = sender.all[i];
        bool lost = d->act.drop && d->tries == 1;
        if (d->under_way && !d->over && !lost && d->conn == c->id && str_is(id, d->envelope)) {
            finish(d, 200, text);
            break;
        }
    }
    cJSON_Delete(ack);
}

void slack_sender_gone(struct fake_conn *c)
{
    for (size_t i = 0; i < sender.n; i++) {
        struct delivery *d = sender.all[i];
        if (d->under_way && !d->over && d->act.via == VIA_SOCKET && d->conn == c->id)
            try_later(d, STR(""));
    }
}

/* --- both --------------------------------------------------------------------------------------------------- */

static void tick(void *arg)
{
    (void)arg;
    for (size_t i = 0; i < sender.n; i++) {
        struct delivery *d = sender.all[i];
        if (d->over || d->due_ms > fake_now_ms())
            continue;
        if (d->under_way) {
            try_later(d, STR("")); /* no acknowledgement in time */
            continue;
        }
        d->under_way = true;
        d->tries++;
        if (d->act.via == VIA_HTTP)
            send_over_http(d);
        else
            send_over_socket(d);
    }
    size_t kept = 0;
    for (size_t i = 0; i < sender.n; i++) {
        struct delivery *d = sender.all[i];
        if (!d->over) {
            sender.all[kept++] = d;
            continue;
        }
        cJSON_Delete(d->act.payload);
        free(d->body);
        free(d);
    }
    sender.n = kept;
}

void slack_send(struct slack_act act)
{
    if (sender.n == DELIVERIES_MAX) {
        fprintf(stderr, "fake_slack: too many deliveries at a time\n");
        abort();
    }
    struct delivery *d = mem_alloc(sizeof *d);
    d->act = act;
    snprintf(d->envelope, sizeof d->envelope, "e0000000-%08u", ++sender.envelopes);
    if (act.via == VIA_HTTP) {
        d->body = request_body(&act);
    } else {
        char *json = cJSON_PrintUnformatted(act.payload);
        d->body = strdup(json);
        cJSON_free(json);
    }
    sender.all[sender.n++] = d;
    fake_soon(sender.fake);
}

void slack_send_to_port(int port)
{
    sender.port = port;
}

size_t slack_sending(void)
{
    size_t n = 0;
    for (size_t i = 0; i < sender.n; i++)
        n += !sender.all[i]->over;
    return n;
}

void slack_disconnect(struct fake *f, const char *reason, int64_t close_ms)
{
    char text[200];
    size_t n;
    struct fake_conn **conns = fake_conns(f, &n);
    snprintf(text, sizeof text, "{\"type\":\"disconnect\",\"reason\":\"%s\",\"debug_info\":{\"host\":\"fake\"}}",
             reason);
    for (size_t i = 0; i < n; i++)
        if (conns[i]->kind == CONN_WEBSOCKET && !conns[i]->gone) {
            fake_ws_text(conns[i], str_of(text));
            conns[i]->deadline_ms = close_ms ? fake_now_ms() + close_ms : 0;
        }
}

/* Slack ends what it said it would end. */
static void end_what_was_announced(void *arg)
{
    (void)arg;
    size_t n;
    struct fake_conn **conns = fake_conns(sender.fake, &n);
    for (size_t i = 0; i < n; i++)
        if (conns[i]->kind == CONN_WEBSOCKET && !conns[i]->gone && conns[i]->deadline_ms &&
            fake_now_ms() >= conns[i]->deadline_ms)
            fake_hang_up(conns[i]);
}

void slack_sender_start(struct fake *f)
{
    sender.fake = f;
    fake_every(f, TICK_MS, tick, NULL);
    fake_every(f, 50, end_what_was_announced, NULL);
}
