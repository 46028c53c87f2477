/* The fake Discord's Gateway: sessions, links, and what a bot must not do on them. */
#include "discord.h"

#include "base/json.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE_MS = 60000, GROUP_MS = 5000, FRAME_MAX = 4096 };
enum {
    INTENT_MESSAGE_CONTENT = 1 << 15,
    INTENTS_PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15,
    INTENTS_KNOWN = (1 << 26) - 1
};

/* --- sessions ----------------------------------------------------------------------------------------------- */

static struct d_session *find_session(struct discord *d, struct str id)
{
    for (size_t i = 0; i < d->n_sessions; i++)
        if (str_is(id, d->sessions[i].id))
            return &d->sessions[i];
    return NULL;
}

static void forget_events(struct d_session *s, int64_t up_to)
{
    size_t gone = 0;
    while (gone < s->n && s->events[gone].seq <= up_to)
        free(s->events[gone++].text);
    memmove(s->events, s->events + gone, (s->n - gone) * sizeof *s->events);
    s->n -= gone;
}

static struct d_session *new_session(struct discord *d, int shard, int count)
{
    if (d->n_sessions == D_SESSIONS_MAX) {
        forget_events(&d->sessions[0], INT64_MAX);
        free(d->sessions[0].events);
        memmove(d->sessions, d->sessions + 1, (D_SESSIONS_MAX - 1) * sizeof *d->sessions);
        d->n_sessions--;
    }
    struct d_session *s = &d->sessions[d->n_sessions++];
    *s = (struct d_session){.valid = true, .shard = shard, .count = count};
    snprintf(s->id, sizeof s->id, "session-%zu", ++d->account.identifies);
    return s;
}

static void send_event(struct discord *d, struct d_session *s, const char *type, struct str body)
{
    struct buf text;
    buf_init(&text, FAKE_BODY_MAX);
    buf_addf(&text, "{\"op\":0,\"t\":\"%s\",\"s\":%lld,\"d\":%.*s}", type, (long long)++s->seq, STR_FMT(body));
    if (s->n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 64;
        s->events = mem_resize(s->events, s->cap, sizeof *s->events);
    }
    s->events[s->n++] = (struct d_event){s->seq, strdup(text.p)};
    struct fake_conn *c = s->conn ? fake_find(discord_fake(d), s->conn) : NULL;
    if (c)
        fake_ws_text(c, buf_str(&text));
    buf_release(&text);
}

/* The newest valid session of a shard. */
static struct d_session *session_of(struct discord *d, int shard)
{
    for (size_t i = d->n_sessions; i-- > 0;)
        if (d->sessions[i].valid && d->sessions[i].shard == shard)
            return &d->sessions[i];
    return NULL;
}

/* Direct messages go to the first shard, the server's to its own: (id >> 22) % count. */
static int shard_for(const struct discord *d, bool direct)
{
    return direct ? 0 : (int)((strtoull(D_GUILD, NULL, 10) >> 22) % (unsigned)d->settings.shards);
}

void discord_dispatch(struct discord *d, const char *type, bool direct, struct str body)
{
    struct d_session *s = session_of(d, shard_for(d, direct));
    if (s)
        send_event(d, s, type, body);
}

static struct fake_conn *conn_of(struct discord *d, int shard)
{
    struct d_session *s = session_of(d, shard);
    struct fake_conn *c = s && s->conn ? fake_find(discord_fake(d), s->conn) : NULL;
    return c && !c->mute && !c->ending ? c : NULL;
}

struct fake_conn *discord_live_conn(struct discord *d)
{
    return conn_of(d, 0);
}

bool discord_live(const struct discord *d)
{
    for (int shard = 0; shard < d->settings.shards; shard++)
        if (!conn_of((struct discord *)d, shard))
            return false;
    return true;
}

void discord_invalidate(struct discord *d)
{
    for (size_t i = 0; i < d->n_sessions; i++)
        d->sessions[i].valid = false;
}

void discord_send_op(struct discord *d, int op, const char *body)
{
    char text[100];
    size_t n;
    struct fake_conn **conns = fake_conns(discord_fake(d), &n);
    snprintf(text, sizeof text, "{\"op\":%d,\"d\":%s,\"s\":null,\"t\":null}", op, body);
    if (op == 9 && strcmp(body, "false") == 0)
        discord_invalidate(d);
    for (size_t i = 0; i < n; i++)
        if (conns[i]->kind == CONN_WEBSOCKET && !conns[i]->gone)
            fake_ws_text(conns[i], str_of(text));
}

/* --- what comes --------------------------------------------------------------------------------------------- */

static void count_send(struct discord *d, struct fake_conn *c, struct d_link *l, struct str text)
{
    int64_t now = fake_now_ms();
    size_t lately = 1;
    for (size_t i = 0; i < D_SENDS_MAX && i < l->sends; i++)
        lately += l->sent_ms[i] > now - MINUTE_MS;
    l->sent_ms[l->sends++ % D_SENDS_MAX] = now;
    if (lately > d->account.sends_peak)
        d->account.sends_peak = lately;
    if (lately > D_SENDS_MAX) {
        discord_violation(d, "more than %d sends in a minute", D_SENDS_MAX);
        fake_ws_close(c, 4008, "Rate limited.");
    }
    if (text.n > FRAME_MAX) {
        discord_violation(d, "a frame of %zu bytes", text.n);
        fake_ws_close(c, 4002, "Decode error.");
    }
}

static void take_identify_turn(struct discord *d, int shard)
{
    int group = shard % d->settings.max_concurrency % 64;
    int64_t now = fake_now_ms();
    if (d->identified_ms[group] && now - d->identified_ms[group] < GROUP_MS)
        discord_violation(d, "identified %lld ms after another of the group",
                          (long long)(now - d->identified_ms[group]));
    d->identified_ms[group] = now;
    if (d->settings.remaining-- <= 0)
        discord_violation(d, "identified although none remained: the token is reset");
}

static int why_refused(const struct discord *d, const cJSON *data, int shard, int count)
{
    int intents = json_int_at(data, "intents", -1);
    bool content = intents >= 0 && (intents & INTENTS_PRIVILEGED);
    if (!str_is(json_at(data, "token"), D_TOKEN) || d->settings.bad_token)
        return 4004;
    if (intents < 0 || (intents & ~INTENTS_KNOWN))
        return 4013;
    if (content && ((intents & INTENTS_PRIVILEGED) != INTENT_MESSAGE_CONTENT || !d->settings.message_content))
        return 4014;
    if (shard < 0 || shard >= count)
        return 4010;
    return count < d->settings.shards ? 4011 : 0;
}

static void identify(struct discord *d, struct fake_conn *c, struct d_link *l, const cJSON *data)
{
    const cJSON *pair = cJSON_GetObjectItemCaseSensitive(data, "shard");
    int shard = pair ? (int)cJSON_GetNumberValue(cJSON_GetArrayItem(pair, 0)) : 0;
    int count = pair ? (int)cJSON_GetNumberValue(cJSON_GetArrayItem(pair, 1)) : 1;
    int code = why_refused(d, data, shard, count);
    take_identify_turn(d, shard);
    if (code) {
        d->account.identifies++;
        fake_ws_close(c, code, "Refused.");
        return;
    }
    struct d_session *old = session_of(d, shard);
    if (old)
        old->valid = false;
    l->session = new_session(d, shard, count);
    l->session->conn = c->id;
    char ready[600];
    int n = snprintf(ready, sizeof ready,
                     "{\"v\":10,\"user\":{\"id\":\"" D_BOT "\",\"username\":\"docent\",\"bot\":true},\"guilds\":[],"
                     "\"session_id\":\"%s\",\"resume_gateway_url\":\"ws://127.0.0.1:%d/resume\",\"shard\":[%d,%d],"
                     "\"application\":{\"id\":\"" D_APPLICATION "\",\"flags\":0}}",
                     l->session->id, fake_port(discord_fake(d)), shard, count);
    send_event(d, l->session, "READY", (struct str){ready, (size_t)n});
}

static void resume(struct discord *d, struct fake_conn *c, struct d_link *l, const cJSON *data)
{
    struct d_session *s = find_session(d, json_at(data, "session_id"));
    int64_t seq = json_int_at(data, "seq", -1);
    d->account.resumes++;
    if (!str_is(json_at(data, "token"), D_TOKEN)) {
        fake_ws_close(c, 4004, "Authentication failed.");
    } else if (!s || !s->valid || d->settings.no_resume || (s->n && seq < s->events[0].seq - 1)) {
        fake_ws_text(c, STR("{\"op\":9,\"d\":false,\"s\":null,\"t\":null}"));
    } else if (seq > s->seq) {
        discord_violation(d, "resumed from %lld, but only %lld were sent", (long long)seq, (long long)s->seq);
        fake_ws_close(c, 4007, "Invalid seq.");
    } else {
        d->account.resumed++;
        l->session = s;
        s->conn = c->id;
        for (size_t i = 0; i < s->n; i++)
            if (s->events[i].seq > seq)
                fake_ws_text(c, str_of(s->events[i].text));
        send_event(d, s, "RESUMED", STR("{}"));
    }
}

static void heartbeat(struct discord *d, struct fake_conn *c, struct d_link *l, const cJSON *data)
{
    int64_t seq = cJSON_IsNumber(data) ? (int64_t)data->valuedouble : 0;
    if (l->session && seq > l->session->seq)
        discord_violation(d, "a heartbeat of %lld, but only %lld were sent", (long long)seq,
                          (long long)l->session->seq);
    if (l->session)
        forget_events(l->session, seq);
    if (d->settings.acks && !l->silent)
        fake_ws_text(c, STR("{\"op\":11,\"d\":null,\"s\":null,\"t\":null}"));
}

void discord_message(void *self, struct fake_conn *c, struct str text)
{
    struct discord *d = self;
    struct d_link *l = c->user;
    cJSON *j = cJSON_ParseWithLength(text.p, text.n);
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(j, "d");
    int op = json_int_at(j, "op", -1);
    count_send(d, c, l, text);
    if (!j)
        fake_ws_close(c, 4002, "Decode error.");
    else if (op == 1)
        heartbeat(d, c, l, data);
    else if ((op == 2 || op == 6) && l->session)
        fake_ws_close(c, 4005, "Already authenticated.");
    else if (op == 2)
        identify(d, c, l, data);
    else if (op == 6)
        resume(d, c, l, data);
    else
        fake_ws_close(c, l->session ? 4001 : 4003, "Unexpected.");
    if (!j || (op != 1 && op != 2 && op != 6))
        discord_violation(d, "sent op %d", op);
    cJSON_Delete(j);
}

void discord_gone(void *self, struct fake_conn *c)
{
    struct discord *d = self;
    struct d_link *l = c->user;
    for (size_t i = 0; i < d->n_sessions; i++)
        if (d->sessions[i].conn == c->id)
            d->sessions[i].conn = 0;
    free(l);
    c->user = NULL;
}

void discord_upgrade(struct discord *d, struct fake_request *r)
{
    char hello[100];
    if (!str_is(r->path, "/gateway/") && !str_is(r->path, "/resume/")) {
        fake_replyf(r->conn, 404, "{\"message\":\"404: Not Found\",\"code\":0}");
        return;
    }
    if (!str_starts(fake_header(r, "User-Agent"), STR("DiscordBot (")))
        discord_violation(d, "a link without Discord's User-Agent");
    if (!str_is(fake_query(r, "v"), "10") || !str_is(fake_query(r, "encoding"), "json"))
        discord_violation(d, "a link without version and encoding");
    if (!fake_upgrade(r))
        return;
    d->account.reconnects++;
    r->conn->user = mem_alloc(sizeof(struct d_link));
    int n = snprintf(hello, sizeof hello, "{\"op\":10,\"d\":{\"heartbeat_interval\":%d},\"s\":null,\"t\":null}",
                     d->settings.heartbeat_ms);
    fake_ws_text(r->conn, (struct str){hello, (size_t)n});
}
