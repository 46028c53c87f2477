/* The fake Discord's REST API: as strict as Discord's documentation says, and counted. */
#include "discord.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTENT_MAX = 2000, LABEL_MAX = 80, CUSTOM_ID_MAX = 100, NONCE_MAX = 25, ROWS_MAX = 5, FLAG_EPHEMERAL = 64 };

struct call {
    struct discord *d;
    struct fake_request *r;
    struct str part[8]; /* of the path */
    size_t n;
    cJSON *body;
    char headers[600];
};

static void refuse(struct call *c, int status, int code, const char *message)
{
    char body[300];
    int n = snprintf(body, sizeof body, "{\"message\":\"%s\",\"code\":%d}", message, code);
    fake_reply(c->r->conn, status, c->headers, (struct str){body, (size_t)n});
}

static void reply(struct call *c, int status, struct str body)
{
    fake_reply(c->r->conn, status, c->headers, body);
}

/* --- what a message must be --------------------------------------------------------------------------------- */

static size_t utf16_units(struct str s)
{
    size_t n = 0;
    while (s.n)
        n += utf8_next(&s) > 0xFFFF ? 2 : 1;
    return n;
}

static bool good_button(struct call *c, const cJSON *b, struct str *ids, size_t *n_ids)
{
    struct str id = json_at(b, "custom_id"), label = json_at(b, "label");
    if (json_int_at(b, "type", 0) != 2 || !label.n || utf16_units(label) > LABEL_MAX || !id.n ||
        utf16_units(id) > CUSTOM_ID_MAX)
        return false;
    for (size_t i = 0; i < *n_ids; i++)
        if (str_eq(ids[i], id))
            discord_violation(c->d, "the same custom_id twice: %.*s", STR_FMT(id));
    ids[(*n_ids)++] = id;
    return true;
}

static bool good_components(struct call *c, const cJSON *rows)
{
    struct str ids[ROWS_MAX * 5];
    size_t n_ids = 0;
    const cJSON *row, *b;
    if (!rows)
        return true;
    if (!cJSON_IsArray(rows) || cJSON_GetArraySize(rows) > ROWS_MAX)
        return false;
    cJSON_ArrayForEach(row, rows) {
        const cJSON *list = cJSON_GetObjectItemCaseSensitive(row, "components");
        if (json_int_at(row, "type", 0) != 1 || cJSON_GetArraySize(list) < 1 || cJSON_GetArraySize(list) > 5)
            return false;
        cJSON_ArrayForEach(b, list)
            if (!good_button(c, b, ids, &n_ids))
                return false;
    }
    return true;
}

/* False: an error was answered. */
static bool good_message(struct call *c, const cJSON *m)
{
    struct str content = json_at(m, "content");
    const cJSON *mentions = cJSON_GetObjectItemCaseSensitive(m, "allowed_mentions");
    const cJSON *parse = cJSON_GetObjectItemCaseSensitive(mentions, "parse");
    if (!cJSON_IsArray(parse) || cJSON_GetArraySize(parse))
        discord_violation(c->d, "a message that may notify people");
    if (!str_trim(content).n) {
        refuse(c, 400, 50006, "Cannot send an empty message");
        return false;
    }
    if (utf16_units(content) > CONTENT_MAX || utf16_units(json_at(m, "nonce")) > NONCE_MAX ||
        !good_components(c, cJSON_GetObjectItemCaseSensitive(m, "components"))) {
        discord_violation(c->d, "a message of a form that Discord refuses");
        refuse(c, 400, 50035, "Invalid Form Body");
        return false;
    }
    return true;
}

/* --- answers to messages ------------------------------------------------------------------------------------ */

/* d1100000000000000009-2: the question, and which piece of its answer. */
static struct d_question *by_nonce(struct call *c, struct str nonce, unsigned *piece)
{
    struct str rest = nonce, id;
    if (!str_starts(nonce, STR("d")) || !str_cut(&rest, '-', &id))
        return NULL;
    *piece = rest.n ? (unsigned)(rest.p[0] - '0') & 7 : 0;
    return discord_question(c->d, str_sub(id, 1, id.n));
}

static void create_message(struct call *c)
{
    unsigned piece = 0;
    struct d_question *q = by_nonce(c, json_at(c->body, "nonce"), &piece);
    char answer[100];
    if (!good_message(c, c->body))
        return;
    bool enforced = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(c->body, "enforce_nonce"));
    if (q && enforced && q->nonces & 1u << piece) {
        c->d->account.deduplicated++;
    } else if (q) {
        q->nonces |= 1u << piece;
        q->pieces++;
        discord_note(c->d, q, c->r->body);
        if (piece == 0)
            discord_answered(c->d, q);
    } else {
        discord_violation(c->d, "a message that answers nothing");
    }
    int n = snprintf(answer, sizeof answer, "{\"id\":\"1100000000000000999\",\"channel_id\":\"%.*s\"}",
                     STR_FMT(c->part[1]));
    reply(c, 200, (struct str){answer, (size_t)n});
}

/* --- answers to interactions -------------------------------------------------------------------------------- */

static bool too_late(struct call *c, struct d_question *q)
{
    bool late = fake_now_ms() - q->asked_ms > c->d->settings.interaction_ms;
    if (late && !q->expired) {
        q->expired = true;
        c->d->account.expired += !q->uncounted;
    }
    return late;
}

static void call_back(struct call *c)
{
    struct d_question *q = discord_question(c->d, c->part[1]);
    int type = json_int_at(c->body, "type", 0);
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(c->body, "data");
    if (!q || !q->interaction || !str_starts(c->part[2], STR("tok-")) ||
        (q->responded == D_NOT_YET && too_late(c, q))) {
        refuse(c, 404, 10062, "Unknown interaction");
        return;
    }
    if (q->responded != D_NOT_YET) {
        refuse(c, 400, 40060, "Interaction has already been acknowledged.");
        return;
    }
    if (type == 4 && !good_message(c, data))
        return;
    if (type == 8) {
        c->d->account.autocompletes++;
        if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(data, "choices")) > 25)
            discord_violation(c->d, "more than 25 choices");
    }
    q->responded = type == 5 ? D_THINKING : D_MESSAGE;
    q->pieces++;
    discord_note(c->d, q, c->r->body);
    if (type == 4)
        discord_answered(c->d, q);
    reply(c, 204, STR(""));
}

/* webhooks/APPLICATION/tok-ID…: the first answer's edit, a follow-up. */
static void answer_hook(struct call *c, struct d_question *q)
{
    if (!q || q->responded == D_NOT_YET || !str_is(c->part[1], D_APPLICATION)) {
        refuse(c, 404, 10015, "Unknown Webhook");
        return;
    }
    if (!good_message(c, c->body))
        return;
    discord_note(c->d, q, c->r->body);
    if (c->n >= 5 && str_is(c->part[4], "@original")) {
        if (q->responded == D_THINKING)
            discord_answered(c->d, q);
        q->responded = D_MESSAGE;
    } else {
        q->pieces++;
    }
    reply(c, 200, STR("{\"id\":\"1100000000000000998\"}"));
}

/* A webhook that an administrator made: webhooks/ID/TOKEN?wait=true. */
static void post_hook(struct call *c)
{
    if (!str_is(c->part[1], "1100000000000000500")) {
        refuse(c, 404, 10015, "Unknown Webhook");
    } else if (!str_is(c->part[2], "hook-token")) {
        refuse(c, 401, 50027, "Invalid Webhook Token");
    } else if (good_message(c, c->body)) {
        bool wait = str_is(fake_query(c->r, "wait"), "true");
        reply(c, wait ? 200 : 204, wait ? STR("{\"id\":\"1100000000000000997\",\"channel_id\":\"60\"}") : STR(""));
    }
}

static void hook(struct call *c)
{
    bool of_interaction = str_starts(c->part[2], STR("tok-"));
    if (of_interaction)
        answer_hook(c, discord_question(c->d, str_sub(c->part[2], 4, c->part[2].n)));
    else
        post_hook(c);
}

/* --- the rest ----------------------------------------------------------------------------------------------- */

static void applications_me(struct call *c)
{
    struct buf out;
    buf_init(&out, 1000);
    buf_addf(&out,
             "{\"id\":\"" D_APPLICATION "\",\"name\":\"docent\",\"flags\":%d,\"bot_public\":true,\"verify_key\":"
             "\"03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8\",\"interactions_endpoint_url\":null}",
             c->d->settings.message_content ? 1 << 19 : 0);
    reply(c, 200, buf_str(&out));
    buf_release(&out);
}

static void gateway_bot(struct call *c)
{
    char body[300];
    int n = snprintf(body, sizeof body,
                     "{\"url\":\"ws://127.0.0.1:%d/gateway\",\"shards\":%d,\"session_start_limit\":{\"total\":1000,"
                     "\"remaining\":%d,\"reset_after\":14400000,\"max_concurrency\":%d}}",
                     fake_port(discord_fake(c->d)), c->d->settings.shards, c->d->settings.remaining,
                     c->d->settings.max_concurrency);
    reply(c, 200, (struct str){body, (size_t)n});
}

static void commands(struct call *c)
{
    char **there = &c->d->commands[str_is(c->part[2], "guilds")];
    if (str_is(c->r->method, "PUT")) {
        if (!cJSON_IsArray(c->body)) {
            refuse(c, 400, 50035, "Invalid Form Body");
            return;
        }
        free(*there);
        *there = cJSON_PrintUnformatted(c->body);
        c->d->command_writes++;
    }
    reply(c, 200, *there ? str_of(*there) : STR("[]"));
}

static void users_me(struct call *c)
{
    reply(c, 200, STR("{\"id\":\"" D_BOT "\",\"username\":\"docent\",\"bot\":true}"));
}

static void guilds(struct call *c)
{
    reply(c, 200, STR("[{\"id\":\"1100000000000000050\",\"name\":\"Bakers\",\"permissions\":\"274877909504\"}]"));
}

static void read_hook(struct call *c)
{
    if (str_is(c->part[1], "1100000000000000500") && str_is(c->part[2], "hook-token"))
        reply(c, 200, STR("{\"id\":\"1100000000000000500\",\"type\":1,\"channel_id\":\"60\"}"));
    else
        refuse(c, 404, 10015, "Unknown Webhook");
}

static const struct route {
    const char *method, *path; /* * is any part; the last one may stand for several */
    void (*serve)(struct call *c);
    bool own_token; /* carries no Authorization */
    bool limited;   /* has a bucket */
} routes[] = {
    {"GET", "users/@me", users_me, false, false},
    {"GET", "users/@me/guilds", guilds, false, false},
    {"GET", "webhooks/*/*", read_hook, true, false},
    {"GET", "applications/@me", applications_me, false, false},
    {"GET", "gateway/bot", gateway_bot, false, false},
    {"POST", "channels/*/messages", create_message, false, true},
    {"POST", "interactions/*/*/callback", call_back, true, false},
    {"PATCH", "webhooks/*/*/messages/@original", hook, true, false},
    {"POST", "webhooks/*/*", hook, true, false},
    {"GET", "applications/*/commands", commands, false, false},
    {"PUT", "applications/*/commands", commands, false, false},
    {"GET", "applications/*/guilds/*/commands", commands, false, false},
    {"PUT", "applications/*/guilds/*/commands", commands, false, false},
};

static bool fits(const struct call *c, const struct route *route)
{
    struct str rest = str_of(route->path), part;
    size_t i = 0;
    if (!str_is(c->r->method, route->method))
        return false;
    for (; str_cut(&rest, '/', &part); i++)
        if (i >= c->n || (!str_is(part, "*") && !str_eq(part, c->part[i])))
            return false;
    return i == c->n;
}

/* --- what is checked before --------------------------------------------------------------------------------- */

static bool too_fast_on_order(struct call *c)
{
    char body[200];
    if (!c->d->too_fast.times)
        return false;
    c->d->too_fast.times--;
    c->d->account.too_fast++;
    bool global = strcmp(c->d->too_fast.scope, "global") == 0;
    snprintf(c->headers, sizeof c->headers, "X-RateLimit-Scope: %s\r\nRetry-After: 1\r\n%s", c->d->too_fast.scope,
             global ? "X-RateLimit-Global: true\r\n" : "");
    int n =
        snprintf(body, sizeof body, "{\"message\":\"You are being rate limited.\",\"retry_after\":%.3f,\"global\":%s}",
                 c->d->too_fast.retry_after, global ? "true" : "false");
    reply(c, 429, (struct str){body, (size_t)n});
    return true;
}

/* The bucket of a channel: settings.bucket calls in settings.bucket_ms. False: 429 was answered. */
static bool in_bucket(struct call *c)
{
    char body[200];
    int64_t now = fake_now_ms(), window_ms = c->d->settings.bucket_ms;
    uint64_t key = str_hash(c->part[1]) | 1;
    struct d_bucket *b = &c->d->buckets[(key ^ key >> 32) % 512];
    if (b->key != key || now - b->window_ms >= window_ms)
        *b = (struct d_bucket){key, now, 0};
    double left = (double)(b->window_ms + window_ms - now) / 1000;
    bool ok = b->n < c->d->settings.bucket;
    b->n += ok;
    int remaining = c->d->settings.bucket - b->n;
    snprintf(c->headers, sizeof c->headers,
             "X-RateLimit-Limit: %d\r\nX-RateLimit-Remaining: %d\r\nX-RateLimit-Reset-After: %.3f\r\n"
             "X-RateLimit-Bucket: b0b\r\n%s",
             c->d->settings.bucket, remaining, left, ok ? "" : "X-RateLimit-Scope: user\r\nRetry-After: 1\r\n");
    if (ok)
        return true;
    c->d->account.too_fast++;
    int n = snprintf(body, sizeof body,
                     "{\"message\":\"You are being rate limited.\",\"retry_after\":%.3f,\"global\":false}", left);
    reply(c, 429, (struct str){body, (size_t)n});
    return false;
}

static bool may_call(struct call *c, const struct route *route)
{
    struct str agent = fake_header(c->r, "User-Agent"), auth = fake_header(c->r, "Authorization");
    bool typed = str_starts(fake_header(c->r, "Content-Type"), STR("application/json"));
    if (!str_starts(agent, STR("DiscordBot ("))) {
        discord_violation(c->d, "a call without Discord's User-Agent");
        refuse(c, 403, 40333, "internal network error");
    } else if (!route->own_token && (!str_is(auth, "Bot " D_TOKEN) || c->d->settings.bad_token)) {
        refuse(c, 401, 0, "401: Unauthorized");
    } else if (route->own_token && auth.n) {
        discord_violation(c->d, "the bot's token was sent where it is not needed");
        refuse(c, 401, 0, "401: Unauthorized");
    } else if (c->r->body.n && (!typed || !c->body)) {
        discord_violation(c->d, "a body that is no JSON, or is not called so");
        refuse(c, 400, typed ? 50109 : 50035, "Invalid Form Body");
    } else {
        return !too_fast_on_order(c) && (!route->limited || in_bucket(c));
    }
    return false;
}

static void serve(struct call *c)
{
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!fits(c, &routes[i]))
            continue;
        if (may_call(c, &routes[i])) {
            if (c->d->rest_faults > 0 && (routes[i].limited || routes[i].own_token)) {
                c->d->rest_faults--;
                c->r->conn->fault.kind = c->d->rest_faults % 2 ? FAULT_CLOSE : FAULT_CUT;
            }
            routes[i].serve(c);
        }
        return;
    }
    refuse(c, 404, 0, "404: Not Found");
}

void discord_rest(struct discord *d, struct fake_request *r, struct str path)
{
    struct call c = {.d = d, .r = r};
    struct str part;
    d->account.calls++;
    while (c.n < 8 && str_cut(&path, '/', &part))
        c.part[c.n++] = part;
    c.body = r->body.n ? cJSON_ParseWithLength(r->body.p, r->body.n) : NULL;
    serve(&c);
    cJSON_Delete(c.body);
}
