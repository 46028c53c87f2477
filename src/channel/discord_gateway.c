#include "channel/discord_gateway.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/backoff.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    ACTIONS_MAX = 8,
    MINUTE_MS = 60 * 1000,
    HELLO_MS = 20 * 1000,     /* from open to hello */
    STARTING_MS = 120 * 1000, /* from identify or resume to READY or RESUMED: a replay may be long */
    BEAT_LEAST_MS = 1000,
    BEAT_MOST_MS = 10 * MINUTE_MS,
    RETRY_FIRST_MS = 1000,
    RETRY_MAX_MS = MINUTE_MS,
    LASTING_MS = 30 * 1000, /* a session that lasted for so long was no failure */
    STEADY_MS = 5 * 1000,   /* a link that was up for so long may come back at once */
    AGAIN_LEAST_MS = 1000,
    AGAIN_MOST_MS = 5000, /* after op 9: in the documentation until September 2022 */
    PAUSE_MS = 30 * 1000, /* after 4008, "rate limited" */
    RESUMES_MAX = 2,      /* resumes that fail in a row before a new session is begun */
    LEARN_EVERY = 3,      /* failed connections before the address is asked for again */
    REQUESTED_MAX = 60,   /* heartbeats that Discord may request in a minute: the rest is for our own */
};

enum op { OP_DISPATCH = 0, OP_HEARTBEAT = 1, OP_RECONNECT = 7, OP_INVALID = 9, OP_HELLO = 10, OP_ACK = 11 };

enum state { OFF, WAITING, CONNECTING, GREETING, STARTING, UP, CLOSING, STOPPED };

struct queued {
    enum gateway_do what;
    int code;
    struct buf text;
};

struct discord_gateway {
    struct discord_gateway_options options;
    char *token;
    enum state state;
    struct buf session, url, bot, application;
    int64_t seq;

    int64_t due_ms;               /* WAITING: when to connect. GREETING, STARTING: when to give up */
    int64_t interval_ms, beat_ms; /* the next heartbeat, while a link is greeted */
    int64_t up_ms;                /* since when it is up */
    int64_t born_ms;              /* when the session began, or was taken over */
    bool acked, resuming, draining;
    unsigned attempt, fresh_attempt; /* failed links in a row; those that wanted a new session */
    unsigned failed_resumes;
    int64_t planned_ms; /* CLOSING: how long to wait then; -1: as usual */

    int64_t sent_ms[GATEWAY_SENDS_MAX];
    size_t sent; /* over this link */
    struct queued queue[ACTIONS_MAX];
    size_t first, n_queued;
};

struct discord_gateway *discord_gateway_new(const struct discord_gateway_options *options)
{
    struct discord_gateway *g = mem_alloc(sizeof *g);
    g->options = *options;
    g->token = mem_alloc(options->token.n + 1);
    if (options->token.n)
        memcpy(g->token, options->token.p, options->token.n);
    g->options.token.p = g->token;
    for (size_t i = 0; i < ACTIONS_MAX; i++)
        buf_init(&g->queue[i].text, GATEWAY_SEND_BYTES_MAX + 1); /* one more byte shows what is too long */
    buf_init(&g->session, 200);
    buf_init(&g->url, 256);
    buf_init(&g->bot, 24);
    buf_init(&g->application, 24);
    return g;
}

void discord_gateway_free(struct discord_gateway *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < ACTIONS_MAX; i++)
        buf_release(&g->queue[i].text);
    buf_release(&g->session);
    buf_release(&g->url);
    buf_release(&g->bot);
    buf_release(&g->application);
    free(g->token);
    free(g);
}

/* --- what is to be done ------------------------------------------------------------------------------------- */

static struct buf *push(struct discord_gateway *g, enum gateway_do what, int code)
{
    assert(g->n_queued < ACTIONS_MAX);
    struct queued *q = &g->queue[(g->first + g->n_queued++) % ACTIONS_MAX];
    q->what = what;
    q->code = code;
    buf_clear(&q->text);
    return &q->text;
}

bool discord_gateway_next(struct discord_gateway *g, struct gateway_action *out)
{
    if (!g->n_queued)
        return false;
    const struct queued *q = &g->queue[g->first];
    *out = (struct gateway_action){q->what, q->code, buf_str(&q->text)};
    g->first = (g->first + 1) % ACTIONS_MAX;
    g->n_queued--;
    return true;
}

static void set(struct buf *b, struct str value)
{
    buf_clear(b);
    buf_add(b, value);
}

static void drop_session(struct discord_gateway *g)
{
    buf_clear(&g->session);
    g->seq = 0;
    g->failed_resumes = 0;
}

static void stop(struct discord_gateway *g, const char *reason)
{
    g->state = STOPPED;
    g->n_queued = 0;
    buf_adds(push(g, GATEWAY_STOP, 0), reason);
}

/* planned_ms  how long to wait before the next link; -1: as failed attempts say */
static void close_link(struct discord_gateway *g, int64_t planned_ms, const char *why)
{
    if (g->state < CONNECTING || g->state > UP)
        return;
    g->state = CLOSING;
    g->planned_ms = planned_ms;
    buf_adds(push(g, GATEWAY_CLOSE, GATEWAY_CLOSE_KEEP), why);
}

/* --- sending ------------------------------------------------------------------------------------------------ */

/* How many frames went out over this link within the last minute. */
static size_t sent_lately(const struct discord_gateway *g, int64_t now_ms)
{
    size_t n = 0, known = g->sent < GATEWAY_SENDS_MAX ? g->sent : GATEWAY_SENDS_MAX;
    for (size_t i = 0; i < known; i++)
        n += g->sent_ms[i] > now_ms - MINUTE_MS;
    return n;
}

/* Where to write a frame; the caller has looked at sent_lately. */
static struct buf *begin_send(struct discord_gateway *g, int64_t now_ms)
{
    g->sent_ms[g->sent++ % GATEWAY_SENDS_MAX] = now_ms;
    return push(g, GATEWAY_SEND, 0);
}

static void send_heartbeat(struct discord_gateway *g, int64_t now_ms)
{
    struct buf *out = begin_send(g, now_ms);
    if (g->seq)
        buf_addf(out, "{\"op\":1,\"d\":%lld}", (long long)g->seq);
    else
        buf_adds(out, "{\"op\":1,\"d\":null}");
}

static void send_identify(struct discord_gateway *g, int64_t now_ms)
{
    struct buf *out = begin_send(g, now_ms);
    buf_adds(out, "{\"op\":2,\"d\":{\"token\":");
    json_quote(out, g->options.token);
    buf_addf(out, ",\"intents\":%u,\"shard\":[%d,%d],", g->options.intents, g->options.shard, g->options.count);
    buf_adds(out, "\"properties\":{\"os\":\"linux\",\"browser\":\"docent\",\"device\":\"docent\"},"
                  "\"presence\":{\"status\":\"online\",\"since\":null,\"afk\":false,"
                  "\"activities\":[{\"name\":\"/ask\",\"type\":2}]}}}");
    discord_starts_identified(g->options.starts, g->options.shard, now_ms);
    if (out->n > GATEWAY_SEND_BYTES_MAX)
        stop(g, "DISCORD_TOKEN is too long for a bot's token");
}

static void send_resume(struct discord_gateway *g, int64_t now_ms)
{
    struct buf *out = begin_send(g, now_ms);
    buf_adds(out, "{\"op\":6,\"d\":{\"token\":");
    json_quote(out, g->options.token);
    buf_adds(out, ",\"session_id\":");
    json_quote(out, buf_str(&g->session));
    buf_addf(out, ",\"seq\":%lld}}", (long long)g->seq);
    if (out->n > GATEWAY_SEND_BYTES_MAX)
        stop(g, "DISCORD_TOKEN is too long for a bot's token");
}

/* --- connecting --------------------------------------------------------------------------------------------- */

static void wait_for(struct discord_gateway *g, int64_t now_ms, int64_t wait_ms)
{
    g->state = WAITING;
    g->due_ms = now_ms + wait_ms;
}

/* A session is resumed where READY said; when that does not answer, now and then where new sessions begin. */
static struct str address(const struct discord_gateway *g)
{
    struct str usual = str_of(g->options.starts->url);
    bool elsewhere = g->attempt >= LEARN_EVERY && g->attempt % 2 && usual.n;
    return g->session.n && g->url.n && !elsewhere ? buf_str(&g->url) : usual;
}

static void connect(struct discord_gateway *g, int64_t now_ms)
{
    if (!g->session.n) {
        int64_t wait_ms = discord_starts_wait(g->options.starts, g->options.shard, now_ms);
        if (wait_ms) {
            wait_for(g, now_ms, wait_ms);
            return;
        }
    }
    struct str url = address(g);
    struct buf *out = push(g, GATEWAY_CONNECT, 0);
    buf_add(out, str_ends(url, STR("/")) ? str_sub(url, 0, url.n - 1) : url);
    buf_adds(out, "/?v=10&encoding=json");
    g->state = CONNECTING;
    g->resuming = g->session.n > 0;
}

void discord_gateway_start(struct discord_gateway *g, int64_t now_ms)
{
    g->born_ms = g->session.n ? now_ms : 0;
    if (g->state == OFF)
        wait_for(g, now_ms, 0);
}

void discord_gateway_opened(struct discord_gateway *g, int64_t now_ms)
{
    if (g->state != CONNECTING)
        return;
    g->state = GREETING;
    g->due_ms = now_ms + HELLO_MS;
    g->interval_ms = 0;
    g->sent = 0;
}

static void greet(struct discord_gateway *g, const cJSON *d, int64_t now_ms, uint32_t random)
{
    const cJSON *interval = cJSON_GetObjectItemCaseSensitive(d, "heartbeat_interval");
    if (g->state != GREETING || !cJSON_IsNumber(interval))
        return;
    double ms = interval->valuedouble;
    g->interval_ms = ms >= BEAT_MOST_MS ? BEAT_MOST_MS : ms > BEAT_LEAST_MS ? (int64_t)ms : BEAT_LEAST_MS;
    g->beat_ms = now_ms + (int64_t)((double)g->interval_ms * (random / 4294967296.0));
    g->acked = true;
    g->state = STARTING;
    g->due_ms = now_ms + STARTING_MS;
    if (g->resuming)
        send_resume(g, now_ms);
    else
        send_identify(g, now_ms);
}

/* --- time --------------------------------------------------------------------------------------------------- */

static void beat(struct discord_gateway *g, int64_t now_ms)
{
    if (!g->acked) {
        close_link(g, -1, "the last heartbeat was not answered");
        return;
    }
    g->beat_ms = now_ms + g->interval_ms;
    if (sent_lately(g, now_ms) >= GATEWAY_SENDS_MAX)
        return;
    send_heartbeat(g, now_ms);
    g->acked = false;
}

static void give_up(struct discord_gateway *g)
{
    bool greeted = g->state == STARTING;
    if (greeted && g->resuming && ++g->failed_resumes >= RESUMES_MAX)
        drop_session(g);
    close_link(g, -1, greeted ? "neither READY nor RESUMED came" : "no hello came");
}

void discord_gateway_tick(struct discord_gateway *g, int64_t now_ms)
{
    if (g->state == WAITING && now_ms >= g->due_ms)
        connect(g, now_ms);
    else if ((g->state == GREETING || g->state == STARTING) && now_ms >= g->due_ms)
        give_up(g);
    else if ((g->state == STARTING || g->state == UP) && now_ms >= g->beat_ms)
        beat(g, now_ms);
}

int64_t discord_gateway_due(const struct discord_gateway *g)
{
    int64_t due = INT64_MAX;
    if (g->state == WAITING || g->state == GREETING || g->state == STARTING)
        due = g->due_ms;
    if ((g->state == STARTING || g->state == UP) && g->beat_ms < due)
        due = g->beat_ms;
    return due;
}

/* --- what comes in ------------------------------------------------------------------------------------------ */

static int64_t some_seconds(uint32_t random)
{
    return AGAIN_LEAST_MS + (int64_t)((uint64_t)random * (AGAIN_MOST_MS - AGAIN_LEAST_MS) >> 32);
}

static void ready(struct discord_gateway *g, const cJSON *d)
{
    set(&g->session, json_str(d, "session_id"));
    set(&g->url, json_str(d, "resume_gateway_url"));
    set(&g->bot, json_str(cJSON_GetObjectItemCaseSensitive(d, "user"), "id"));
    set(&g->application, json_str(cJSON_GetObjectItemCaseSensitive(d, "application"), "id"));
    if (g->session.full || g->url.full)
        buf_clear(&g->session); /* no session that anybody could resume */
    g->seq = 0;
}

static void come_up(struct discord_gateway *g, int64_t now_ms)
{
    g->state = UP;
    g->up_ms = now_ms;
    g->attempt = 0;
    g->failed_resumes = 0;
}

static bool take_event(struct discord_gateway *g, cJSON *tree, int64_t now_ms, struct gateway_event *out)
{
    const cJSON *seq = cJSON_GetObjectItemCaseSensitive(tree, "s");
    struct str type = json_str(tree, "t");
    if ((g->state != STARTING && g->state != UP) || !type.n || !cJSON_IsNumber(seq) || !(seq->valuedouble > 0) ||
        seq->valuedouble > 9e15)
        return false;
    *out = (struct gateway_event){type, cJSON_GetObjectItemCaseSensitive(tree, "d"), (int64_t)seq->valuedouble, tree};
    if (str_is(type, "READY")) {
        ready(g, out->d);
        g->born_ms = now_ms;
    }
    if (str_is(type, "READY") || str_is(type, "RESUMED"))
        come_up(g, now_ms);
    return true;
}

static void invalid_session(struct discord_gateway *g, bool may_resume, uint32_t random)
{
    if (!may_resume || (g->resuming && ++g->failed_resumes >= RESUMES_MAX))
        drop_session(g);
    g->resuming = false; /* has been counted */
    close_link(g, some_seconds(random), "the session is not valid");
}

static void reconnect(struct discord_gateway *g, int64_t now_ms)
{
    bool steady = g->state == UP && now_ms - g->up_ms >= STEADY_MS;
    close_link(g, steady ? 0 : -1, "Discord asked to connect anew");
}

static void requested_heartbeat(struct discord_gateway *g, int64_t now_ms)
{
    if ((g->state == STARTING || g->state == UP) && sent_lately(g, now_ms) < REQUESTED_MAX)
        send_heartbeat(g, now_ms);
}

bool discord_gateway_message(struct discord_gateway *g, struct str text, int64_t now_ms, uint32_t random,
                             struct gateway_event *out)
{
    cJSON *tree = g->state >= GREETING && g->state <= UP ? json_parse(text, NULL) : NULL;
    const cJSON *op = cJSON_GetObjectItemCaseSensitive(tree, "op"), *d = cJSON_GetObjectItemCaseSensitive(tree, "d");
    double code = cJSON_IsNumber(op) ? op->valuedouble : -1;
    if (code == OP_DISPATCH && take_event(g, tree, now_ms, out))
        return true;
    if (code == OP_HELLO)
        greet(g, d, now_ms, random);
    else if (code == OP_ACK)
        g->acked = true;
    else if (code == OP_HEARTBEAT)
        requested_heartbeat(g, now_ms);
    else if (code == OP_RECONNECT)
        reconnect(g, now_ms);
    else if (code == OP_INVALID)
        invalid_session(g, cJSON_IsTrue(d), random);
    cJSON_Delete(tree);
    return false;
}

void discord_gateway_kept(struct discord_gateway *g, int64_t seq)
{
    if (seq > g->seq && g->session.n)
        g->seq = seq;
}

void discord_gateway_refuse(struct discord_gateway *g, uint32_t random)
{
    close_link(g, some_seconds(random), "an event could not be kept");
}

void discord_gateway_drain(struct discord_gateway *g)
{
    g->draining = true;
    if (g->state >= CONNECTING && g->state <= UP)
        close_link(g, -1, "docent is being stopped");
    else if (g->state == WAITING)
        g->state = OFF;
}

/* --- the end of a link -------------------------------------------------------------------------------------- */

enum verdict { RESUME, IDENTIFY, PAUSE, STOP };

/* Documentation, "Opcodes and Status Codes", Gateway Close Event Codes; any other code resumes. */
static const struct {
    int code;
    enum verdict verdict;
    const char *reason;
} close_codes[] = {
    {1000, IDENTIFY, NULL},
    {1001, IDENTIFY, NULL},
    {4003, IDENTIFY, NULL}, /* not authenticated */
    {4004, STOP, "Discord refuses the token: put the bot's token into DISCORD_TOKEN"},
    {4005, IDENTIFY, NULL}, /* already authenticated */
    {4007, IDENTIFY, NULL}, /* invalid sequence */
    {4008, PAUSE, NULL},    /* rate limited */
    {4009, IDENTIFY, NULL}, /* session timed out */
    {4010, STOP, "Discord refuses the shard: see discord.shards in the config"},
    {4011, STOP, "the bot is in so many servers that Discord demands shards: set discord.shards to \"auto\""},
    {4012, STOP, "Discord no longer speaks version 10 of its API: a newer docent is needed"},
    {4013, STOP, "Discord does not know the intents that docent asks for: a newer docent is needed"},
    {4014, STOP,
     "Discord refuses an intent: switch on Message Content Intent on the application's Bot page, or set "
     "discord.message_content to false"},
};

static enum verdict judge(int code, const char **reason)
{
    for (size_t i = 0; i < sizeof close_codes / sizeof *close_codes; i++)
        if (close_codes[i].code == code) {
            *reason = close_codes[i].reason;
            return close_codes[i].verdict;
        }
    return RESUME;
}

/* The delay after which the next link is tried. A new session costs more than a resume: it is slowed separately. */
static int64_t delay(struct discord_gateway *g, int64_t now_ms, uint32_t random)
{
    bool lasted = g->born_ms && now_ms - g->born_ms >= LASTING_MS;
    if (g->session.n)
        return backoff_ms(g->attempt++, RETRY_FIRST_MS, RETRY_MAX_MS, random);
    g->attempt++;
    g->fresh_attempt = lasted ? 0 : g->fresh_attempt + 1;
    g->born_ms = 0;
    return backoff_ms(g->fresh_attempt, RETRY_FIRST_MS, RETRY_MAX_MS, random);
}

void discord_gateway_closed(struct discord_gateway *g, int code, int64_t now_ms, uint32_t random)
{
    enum state was = g->state;
    discord_starts_end(g->options.starts, g->options.shard);
    if (was == OFF || was == STOPPED)
        return;
    if (g->draining) {
        g->state = OFF;
        return;
    }
    const char *reason = NULL;
    enum verdict verdict = was == CLOSING ? RESUME : judge(code, &reason);
    if (verdict == STOP) {
        stop(g, reason);
        return;
    }
    if (was == STARTING && g->resuming && ++g->failed_resumes >= RESUMES_MAX)
        verdict = verdict == RESUME ? IDENTIFY : verdict;
    if (verdict != RESUME)
        drop_session(g);
    int64_t wait_ms = delay(g, now_ms, random);
    if (was == CLOSING && g->planned_ms >= 0)
        wait_ms = g->planned_ms;
    if (was == CONNECTING && g->attempt % LEARN_EVERY == 0)
        push(g, GATEWAY_LEARN, 0);
    g->up_ms = 0;
    wait_for(g, now_ms, verdict == PAUSE ? wait_ms + PAUSE_MS : wait_ms);
}

/* --- looking ------------------------------------------------------------------------------------------------ */

struct gateway_session discord_gateway_session(const struct discord_gateway *g)
{
    return (struct gateway_session){buf_str(&g->session), buf_str(&g->url), buf_str(&g->bot), buf_str(&g->application),
                                    g->seq};
}

void discord_gateway_restore(struct discord_gateway *g, const struct gateway_session *session)
{
    set(&g->session, session->id);
    set(&g->url, session->url);
    set(&g->bot, session->bot);
    set(&g->application, session->application);
    g->seq = session->seq;
}

enum gateway_link discord_gateway_link(const struct discord_gateway *g)
{
    if (g->state == STOPPED)
        return GATEWAY_STOPPED;
    if (g->state == UP)
        return GATEWAY_UP;
    return g->state >= CONNECTING && g->state <= STARTING ? GATEWAY_OPENING : GATEWAY_DOWN;
}
