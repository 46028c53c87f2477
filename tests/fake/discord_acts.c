/* What people do on the fake Discord, and the orders that make them do it. */
#include "discord.h"

#include "base/json.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALL_MS = 20000 };

/* --- settings ----------------------------------------------------------------------------------------------- */

static void set_number(int *to, const cJSON *j, const char *key)
{
    *to = json_int_at(j, key, *to);
}

static void set_flag(bool *to, const cJSON *j, const char *key)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(j, key);
    *to = cJSON_IsBool(value) ? cJSON_IsTrue(value) : *to;
}

static void set(struct discord *d, const cJSON *j)
{
    struct d_settings *s = &d->settings;
    set_number(&s->heartbeat_ms, j, "heartbeat_ms");
    set_number(&s->remaining, j, "remaining"); /* identifies */
    set_number(&s->max_concurrency, j, "max_concurrency");
    set_number(&s->shards, j, "shards");
    set_number(&s->interaction_ms, j, "interaction_ms");
    set_number(&s->bucket, j, "bucket");
    set_number(&s->bucket_ms, j, "bucket_ms");
    set_number(&s->docent_port, j, "docent_port"); /* where interactions over HTTP go */
    set_flag(&s->acks, j, "acks");
    set_flag(&s->message_content, j, "message_content");
    set_flag(&s->bad_token, j, "bad_token"); /* the bot's token was reset */
    set_flag(&s->no_resume, j, "no_resume");
    set_number(&d->rest_faults, j, "lost_answers"); /* so many next posts are carried out, and the answer is lost */
}

/* --- messages ----------------------------------------------------------------------------------------------- */

static struct str text_or(const cJSON *j, const char *key, const char *fallback)
{
    struct str text = json_at(j, key);
    return text.n ? text : str_of(fallback);
}

/* "direct", "mention", "reply" (to docent), "bot": flags; "thread": its channel is one. */
struct d_question *discord_ask_message(struct discord *d, const cJSON *j)
{
    struct d_question *q = discord_new_question(d, false);
    struct buf out;
    bool direct = json_bool(j, "direct", false), mention = json_bool(j, "mention", !direct),
         reply = json_bool(j, "reply", false);
    buf_init(&out, FAKE_BODY_MAX);
    if (json_bool(j, "uncounted", false))
        discord_leave_out(d, q);
    q->asked_ms = fake_now_ms();
    buf_addf(&out, "{\"id\":\"%s\",\"channel_id\":\"%.*s\",", q->id, STR_FMT(text_or(j, "channel", "60")));
    if (!direct)
        buf_adds(&out, "\"guild_id\":\"" D_GUILD "\",");
    buf_addf(&out, "\"type\":%d,\"flags\":0,\"tts\":false,\"mention_everyone\":false,\"channel_type\":%d,",
             reply ? 19 : 0,
             direct                          ? 1
             : json_bool(j, "thread", false) ? 11
                                             : 0);
    buf_addf(&out, "\"author\":{\"id\":\"%.*s\",\"username\":\"ada\",\"global_name\":\"Ada\"%s},",
             STR_FMT(text_or(j, "user", "70")), json_bool(j, "bot", false) ? ",\"bot\":true" : "");
    if (reply)
        buf_adds(&out, "\"referenced_message\":{\"id\":\"1\",\"author\":{\"id\":\"" D_BOT "\",\"bot\":true}},");
    buf_addf(&out, "\"mentions\":[%s],\"content\":", mention ? "{\"id\":\"" D_BOT "\",\"username\":\"docent\"}" : "");
    struct buf content;
    buf_init(&content, FAKE_BODY_MAX);
    buf_addf(&content, "%s%.*s", mention ? "<@" D_BOT "> " : "", STR_FMT(json_at(j, "content")));
    json_quote(&out, buf_str(&content));
    buf_adds(&out, ",\"attachments\":[],\"embeds\":[],\"components\":[]}");
    discord_dispatch(d, "MESSAGE_CREATE", direct, buf_str(&out));
    if (json_bool(j, "repeat", false))
        discord_dispatch(d, "MESSAGE_CREATE", direct, buf_str(&out));
    buf_release(&content);
    buf_release(&out);
    return q;
}

/* --- interactions ------------------------------------------------------------------------------------------- */

static void put_options(struct buf *out, const cJSON *j, bool typing)
{
    struct str question = json_at(j, "question");
    buf_addf(out, "\"data\":{\"id\":\"1100000000000000080\",\"type\":1,\"name\":");
    json_quote(out, text_or(j, "name", "ask"));
    buf_adds(out, ",\"options\":[");
    if (cJSON_HasObjectItem(j, "question")) {
        buf_adds(out, "{\"name\":\"question\",\"type\":3,\"value\":");
        json_quote(out, question);
        buf_adds(out, typing ? ",\"focused\":true}" : "}");
    }
    if (json_bool(j, "private", false))
        buf_adds(out, ",{\"name\":\"private\",\"type\":5,\"value\":true}");
    buf_adds(out, "]}");
}

static void put_click(struct buf *out, const cJSON *j)
{
    struct str id = json_at(j, "custom_id");
    buf_addf(
        out,
        "\"message\":{\"id\":\"1100000000000000300\",\"flags\":%d,\"components\":[{\"type\":1,\"components\":[{\"type\":2,"
        "\"custom_id\":",
        json_bool(j, "quiet", false) ? 64 : 0);
    json_quote(out, id);
    buf_adds(out, ",\"label\":");
    json_quote(out, text_or(j, "label", "label"));
    buf_adds(out, "}]}]},\"data\":{\"component_type\":2,\"id\":2,\"custom_id\":");
    json_quote(out, id);
    buf_adds(out, "}");
}

/*
 * "kind": "ask", "typing", "click", "ping"; "question", "private", "custom_id", "quiet", "user", "channel", "direct".
 * "raw": these very bytes in place of all that, well signed.
 */
static void put_interaction(struct buf *out, const struct d_question *q, const cJSON *j)
{
    struct str kind = text_or(j, "kind", "ask"), user = text_or(j, "user", "70");
    int type = str_is(kind, "ping") ? 1 : str_is(kind, "click") ? 3 : str_is(kind, "typing") ? 4 : 2;
    buf_addf(out,
             "{\"version\":1,\"type\":%d,\"id\":\"%s\",\"application_id\":\"" D_APPLICATION "\",\"token\":\"tok-%s\",",
             type, q->id, q->id);
    if (type != 1) {
        buf_addf(out, "\"channel_id\":\"%.*s\",", STR_FMT(text_or(j, "channel", "60")));
        if (json_bool(j, "direct", false))
            buf_addf(out, "\"user\":{\"id\":\"%.*s\"},", STR_FMT(user));
        else
            buf_addf(out, "\"guild_id\":\"" D_GUILD "\",\"member\":{\"user\":{\"id\":\"%.*s\"},\"roles\":[]},",
                     STR_FMT(user));
    }
    if (type == 3)
        put_click(out, j);
    else if (type != 1)
        put_options(out, j, type == 4);
    if (out->p[out->n - 1] == ',')
        buf_cut(out, out->n - 1);
    buf_addc(out, '}');
}

/* --- over HTTP ---------------------------------------------------------------------------------------------- */

struct http_ask {
    struct discord *d;
    char id[24];
    int conn; /* whose order it was; 0: nobody waits */
};

/* What docent answered, counted as Discord would. */
static void answered_over_http(void *arg, int status, struct str body)
{
    struct http_ask *ask = arg;
    struct discord *d = ask->d;
    struct d_question *q = discord_question(ask->d, str_of(ask->id));
    cJSON *j = cJSON_ParseWithLength(body.p, body.n);
    int type = status == 200 ? json_int_at(j, "type", 0) : 0;
    if (q && type && q->responded == D_NOT_YET) {
        q->responded = type == 5 ? D_THINKING : D_MESSAGE;
        d->account.deferred += type == 5;
        discord_note(ask->d, q, body);
        if (fake_now_ms() - q->asked_ms > ask->d->settings.interaction_ms)
            q->expired = true, ask->d->account.expired++;
        else if (type == 4)
            discord_answered(ask->d, q);
    }
    if (q && status == 0 && q->responded == D_NOT_YET)
        discord_leave_out(d, q); /* Discord tells the asker that docent did not answer */
    struct fake_conn *c = ask->conn ? fake_find(discord_fake(ask->d), ask->conn) : NULL;
    if (c)
        fake_replyf(c, 200, "%d %.*s\n", status, STR_FMT(body));
    cJSON_Delete(j);
    free(ask);
}

static void to_hex(const unsigned char *bytes, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/*
 * "forge": "signature" (another one), "body" (changed after signing), "timestamp" (likewise), "key" (somebody else's),
 * "short", "hex", "missing"; "age": seconds that the signed timestamp is old.
 */
static void sign(struct buf *request, struct str body, const cJSON *j)
{
    unsigned char seed[crypto_sign_SEEDBYTES], pk[crypto_sign_PUBLICKEYBYTES], sk[crypto_sign_SECRETKEYBYTES];
    unsigned char signature[crypto_sign_BYTES];
    char hex[2 * crypto_sign_BYTES + 1], stamp[32];
    struct str forge = json_at(j, "forge");
    struct buf message;
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (unsigned char)(str_is(forge, "key") ? i + 1 : i);
    crypto_sign_seed_keypair(pk, sk, seed);
    int64_t at_s = fake_unix_ms() / 1000 - json_int_at(j, "age", 0);
    snprintf(stamp, sizeof stamp, "%lld", (long long)at_s);
    buf_init(&message, FAKE_BODY_MAX);
    buf_adds(&message, stamp);
    buf_add(&message, body);
    crypto_sign_detached(signature, NULL, (const unsigned char *)message.p, message.n, sk);
    signature[3] ^= str_is(forge, "signature") ? 1 : 0;
    to_hex(signature, sizeof signature, hex);
    if (str_is(forge, "short"))
        hex[126] = '\0';
    if (str_is(forge, "hex"))
        hex[5] = 'z';
    if (str_is(forge, "timestamp"))
        snprintf(stamp, sizeof stamp, "%lld", (long long)at_s + 1);
    if (!str_is(forge, "missing"))
        buf_addf(request, "X-Signature-Ed25519: %s\r\n", hex);
    buf_addf(request, "X-Signature-Timestamp: %s\r\n", stamp);
    buf_release(&message);
}

static void send_over_http(struct discord *d, struct d_question *q, struct str body, const cJSON *j, int conn)
{
    static struct buf last; /* for "replay" */
    struct http_ask *ask = mem_alloc(sizeof *ask);
    ask->d = d;
    ask->conn = conn;
    snprintf(ask->id, sizeof ask->id, "%s", q->id);
    if (!json_bool(j, "replay", false)) {
        buf_release(&last);
        buf_init(&last, FAKE_BODY_MAX);
        buf_addf(&last,
                 "POST /discord/interactions HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n",
                 d->settings.docent_port);
        sign(&last, body, j);
        bool changed = str_is(json_at(j, "forge"), "body");
        buf_addf(&last, "Content-Length: %zu\r\n\r\n%.*s%s", body.n + changed, STR_FMT(body), changed ? " " : "");
    }
    q->over_http = true;
    fake_call(discord_fake(d), d->settings.docent_port, buf_str(&last), CALL_MS, answered_over_http, ask);
}

struct d_question *discord_interact(struct discord *d, const cJSON *j, int reply_to_conn)
{
    struct d_question *q = discord_new_question(d, true);
    struct str kind = text_or(j, "kind", "ask");
    struct buf out;
    buf_init(&out, FAKE_BODY_MAX);
    q->asked_ms = fake_now_ms();
    if (json_bool(j, "uncounted", false) || !(str_is(kind, "ask") || str_is(kind, "click")))
        discord_leave_out(d, q);
    if (cJSON_HasObjectItem(j, "raw"))
        buf_add(&out, json_at(j, "raw"));
    else
        put_interaction(&out, q, j);
    if (str_is(json_at(j, "via"), "http"))
        send_over_http(d, q, buf_str(&out), j, reply_to_conn);
    else
        discord_dispatch(d, "INTERACTION_CREATE", json_bool(j, "direct", false), buf_str(&out));
    buf_release(&out);
    return q;
}

/* --- orders ------------------------------------------------------------------------------------------------- */

static void dispatch_raw(struct discord *d, const cJSON *j)
{
    char type[64];
    char *body = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(j, "d"));
    snprintf(type, sizeof type, "%.*s", STR_FMT(json_at(j, "t")));
    discord_dispatch(d, type, true, body ? str_of(body) : STR("null"));
    free(body);
}

static void too_fast(struct discord *d, const cJSON *j)
{
    const cJSON *after = cJSON_GetObjectItemCaseSensitive(j, "retry_after");
    d->too_fast.times = json_int_at(j, "times", 1);
    d->too_fast.retry_after = cJSON_IsNumber(after) ? after->valuedouble : 0.5;
    snprintf(d->too_fast.scope, sizeof d->too_fast.scope, "%.*s", STR_FMT(text_or(j, "scope", "user")));
}

static void send_op(struct discord *d, const cJSON *j)
{
    char *body = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(j, "d"));
    for (int i = json_int_at(j, "times", 1); i > 0; i--)
        discord_send_op(d, json_int_at(j, "op", 7), body ? body : "null");
    free(body);
}

static bool serve_order(struct discord *d, struct fake_request *r, struct str what, const cJSON *j)
{
    if (str_is(what, "state")) {
        discord_state(d, r->conn);
    } else if (str_is(what, "message")) {
        fake_replyf(r->conn, 200, "%s\n", discord_ask_message(d, j)->id);
    } else if (str_is(what, "interaction")) {
        bool http = str_is(json_at(j, "via"), "http");
        struct d_question *q = discord_interact(d, j, http ? r->conn->id : 0);
        if (!http)
            fake_replyf(r->conn, 200, "%s\n", q->id);
    } else {
        if (str_is(what, "set"))
            set(d, j);
        else if (str_is(what, "event"))
            dispatch_raw(d, j);
        else if (str_is(what, "op"))
            send_op(d, j);
        else if (str_is(what, "too_fast"))
            too_fast(d, j);
        else if (str_is(what, "day"))
            day_begin(d, j);
        else
            return false;
        fake_replyf(r->conn, 200, "ok\n");
    }
    return true;
}

bool discord_order(struct discord *d, struct fake_request *r, struct str what)
{
    cJSON *j = cJSON_ParseWithLength(r->body.p, r->body.n);
    bool known = serve_order(d, r, what, j);
    cJSON_Delete(j);
    return known;
}
