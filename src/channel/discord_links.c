#include "channel/discord_links.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "channel/discord_api.h"
#include "channel/discord_gateway.h"
#include "net/backoff.h"
#include "net/sign.h"
#include "net/websocket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEARN_FIRST_MS = 1000,
    LEARN_MAX_MS = 60 * 1000,
    NOTE_MS = 5000,         /* between two notes of a sequence that brought nothing new */
    MESSAGE_MAX = 16 << 20, /* READY of a bot in very many servers */
    PING_MS = 60 * 1000,
    DEAD_MS = 180 * 1000, /* heartbeats find dead links much earlier */
};

struct shard {
    struct discord_links *links;
    int number;
    struct discord_gateway *gateway;
    struct websocket *ws;
    bool open;
    struct timer *timer;
    int64_t came_seq;    /* of the last event, kept or not */
    int64_t noted_ms;    /* when its sequence was last written down */
    bool waiting;        /* for the end of the turn, in which came_seq is kept */
    const char *stopped; /* reason; NULL: it goes on. Lies in the arena */
};

struct discord_links {
    struct discord_links_options options;
    struct discord_starts starts;
    struct shard *shards;
    int n, count;
    struct timer *learning;
    unsigned learn_attempt;
    bool draining, asking;
    struct arena arena;
};

static void act(struct shard *shard);
static void learn(struct discord_links *links);

/* --- sessions in the store ---------------------------------------------------------------------------------- */

static struct str session_name(const struct shard *shard, char name[64])
{
    int n = snprintf(name, 64, "discord.session.%d/%d", shard->number, shard->links->count);
    return (struct str){name, (size_t)n};
}

/* seq: what will have been kept when the open transaction is on disk */
static void note_session(struct shard *shard, int64_t seq)
{
    struct gateway_session session = discord_gateway_session(shard->gateway);
    char name[64];
    struct buf json;
    buf_init(&json, 2000);
    buf_adds(&json, "{\"id\":");
    json_quote(&json, session.id);
    buf_adds(&json, ",\"url\":");
    json_quote(&json, session.url);
    buf_adds(&json, ",\"bot\":");
    json_quote(&json, session.bot);
    buf_adds(&json, ",\"application\":");
    json_quote(&json, session.application);
    buf_addf(&json, ",\"seq\":%lld}", (long long)seq);
    store_set_value(shard->links->options.store, session_name(shard, name).p, buf_str(&json));
    shard->noted_ms = loop_now_ms(shard->links->options.loop);
    buf_release(&json);
}

static void restore_session(struct shard *shard)
{
    char name[64];
    struct str text;
    struct arena scratch = {0};
    if (!store_value(shard->links->options.store, session_name(shard, name).p, &scratch, &text)) {
        arena_release(&scratch);
        return;
    }
    cJSON *tree = json_parse(text, NULL);
    const cJSON *seq = cJSON_GetObjectItemCaseSensitive(tree, "seq");
    struct gateway_session session = {
        .id = json_str(tree, "id"),
        .url = json_str(tree, "url"),
        .bot = json_str(tree, "bot"),
        .application = json_str(tree, "application"),
        .seq = cJSON_IsNumber(seq) && seq->valuedouble > 0 && seq->valuedouble < 9e15 ? (int64_t)seq->valuedouble : 0,
    };
    if (session.id.n && session.seq) {
        discord_gateway_restore(shard->gateway, &session);
        shard->came_seq = session.seq;
        shard->links->options.self(shard->links->options.arg, session.bot, session.application);
    }
    cJSON_Delete(tree);
    arena_release(&scratch);
}

/* --- events ------------------------------------------------------------------------------------------------- */

/* The turn is over: what came in it is on disk, or is not. */
static void turn_over(void *arg, bool ok)
{
    struct shard *shard = arg;
    shard->waiting = false;
    if (ok)
        discord_gateway_kept(shard->gateway, shard->came_seq);
    else
        discord_gateway_refuse(shard->gateway, sign_random());
    act(shard);
}

static void came_up(struct shard *shard, bool anew)
{
    const struct discord_links_options *o = &shard->links->options;
    struct gateway_session session = discord_gateway_session(shard->gateway);
    log_info(anew ? "discord.ready" : "discord.resumed", log_int("shard", shard->number),
             log_int("of", shard->links->count));
    if (anew) {
        metrics_add(o->metrics, "docent_identifies_total", "discord", NULL, 1);
        o->self(o->arg, session.bot, session.application);
    }
}

static const char *event_kind(struct str type)
{
    return str_is(type, "MESSAGE_CREATE") ? "message" : str_is(type, "INTERACTION_CREATE") ? "interaction" : "other";
}

static void take_event(struct shard *shard, const struct gateway_event *e)
{
    const struct discord_links_options *o = &shard->links->options;
    bool anew = str_is(e->type, "READY");
    metrics_add(o->metrics, "docent_events_total", "discord", event_kind(e->type), 1);
    if (anew || str_is(e->type, "RESUMED"))
        came_up(shard, anew);
    enum discord_heed heed = o->event(o->arg, e->type, e->d);
    if (heed == DISCORD_REFUSED) {
        discord_gateway_refuse(shard->gateway, sign_random());
        return;
    }
    shard->came_seq = e->seq;
    if (anew || heed == DISCORD_KEPT || loop_now_ms(o->loop) - shard->noted_ms >= NOTE_MS)
        note_session(shard, e->seq);
    if (!shard->waiting)
        desk_when_kept(o->desk, turn_over, shard);
    shard->waiting = true;
}

/* --- the WebSocket ------------------------------------------------------------------------------------------ */

static void ws_open(void *arg)
{
    struct shard *shard = arg;
    shard->open = true;
    discord_gateway_opened(shard->gateway, loop_now_ms(shard->links->options.loop));
    act(shard);
}

static void ws_message(void *arg, struct str text)
{
    struct shard *shard = arg;
    struct gateway_event e;
    if (discord_gateway_message(shard->gateway, text, loop_now_ms(shard->links->options.loop), sign_random(), &e)) {
        take_event(shard, &e);
        cJSON_Delete(e.tree);
    }
    act(shard);
}

static void link_gone(struct shard *shard, int code)
{
    websocket_free(shard->ws);
    shard->ws = NULL;
    shard->open = false;
    discord_gateway_closed(shard->gateway, code, loop_now_ms(shard->links->options.loop), sign_random());
}

static void ws_closed(void *arg, int code, struct str reason, const char *problem)
{
    struct shard *shard = arg;
    log_info("discord.link_closed", log_int("shard", shard->number), log_int("code", code), log_str("reason", reason),
             log_text("problem", problem));
    if (!shard->links->draining)
        metrics_add(shard->links->options.metrics, "docent_reconnects_total", "discord",
                    code == 1006 ? "lost" : "closed", 1);
    link_gone(shard, code);
    act(shard);
}

static const struct websocket_handler ws_handler = {ws_open, ws_message, ws_closed};

static void connect(struct shard *shard, struct str url)
{
    const struct discord_links_options *o = &shard->links->options;
    struct arena scratch = {0};
    shard->ws = websocket_open(o->loop,
                               &(struct websocket_options){
                                   .url = arena_str(&scratch, url).p,
                                   .user_agent = DISCORD_USER_AGENT,
                                   .proxy = o->proxy,
                                   .ca_file = o->ca_file,
                                   .message_max = MESSAGE_MAX,
                                   .ping_ms = PING_MS,
                                   .dead_ms = DEAD_MS,
                               },
                               &ws_handler, shard);
    arena_release(&scratch);
}

/* --- doing what the gateways want --------------------------------------------------------------------------- */

static void stop(struct shard *shard, struct str reason)
{
    struct discord_links *links = shard->links;
    shard->stopped = arena_str(&links->arena, reason).p;
    log_error("discord.stopped", log_int("shard", shard->number), log_str("reason", reason));
    websocket_free(shard->ws);
    shard->ws = NULL;
    links->options.dead(links->options.arg, shard->stopped);
}

/* A link that is not open yet has no close handshake, and a frame that cannot be queued means that it is broken. */
static void close_link(struct shard *shard, int code, struct str why)
{
    log_info("discord.link_closing", log_int("shard", shard->number), log_str("why", why));
    if (shard->open)
        websocket_close(shard->ws, code, STR(""));
    else
        link_gone(shard, 1006);
}

static void do_one(struct shard *shard, const struct gateway_action *a)
{
    switch (a->what) {
    case GATEWAY_CONNECT:
        connect(shard, a->text);
        break;
    case GATEWAY_SEND:
        if (shard->ws && !websocket_send(shard->ws, a->text))
            link_gone(shard, 1006);
        break;
    case GATEWAY_CLOSE:
        close_link(shard, a->code, a->text);
        break;
    case GATEWAY_LEARN:
        learn(shard->links);
        break;
    case GATEWAY_STOP:
        stop(shard, a->text);
        break;
    }
}

static void tick(void *arg)
{
    struct shard *shard = arg;
    shard->timer = NULL;
    discord_gateway_tick(shard->gateway, loop_now_ms(shard->links->options.loop));
    act(shard);
}

static bool all_up(const struct discord_links *links)
{
    for (int i = 0; i < links->n; i++)
        if (!links->shards[i].gateway || discord_gateway_link(links->shards[i].gateway) != GATEWAY_UP)
            return false;
    return true;
}

static void act(struct shard *shard)
{
    struct loop *loop = shard->links->options.loop;
    struct gateway_action a;
    while (discord_gateway_next(shard->gateway, &a))
        do_one(shard, &a);
    loop_cancel(loop, shard->timer);
    int64_t due = discord_gateway_due(shard->gateway), now = loop_now_ms(loop);
    shard->timer = due == INT64_MAX ? NULL : loop_after(loop, due > now ? due - now : 0, tick, shard);
    metrics_set(shard->links->options.metrics, "docent_link_up", "discord", "gateway", all_up(shard->links));
}

/* --- GET /gateway/bot --------------------------------------------------------------------------------------- */

static void open_shards(struct discord_links *links)
{
    struct discord_range range = links->options.range;
    if (!range.count)
        range = (struct discord_range){0, links->starts.shards - 1, links->starts.shards};
    if (range.last - range.first >= LINKS_MAX) {
        links->options.dead(links->options.arg, "so many shards are too many for one process: share them out with "
                                                "discord.shards, such as \"0-31/64\"");
        return;
    }
    links->n = range.last - range.first + 1;
    links->count = range.count;
    links->shards = mem_alloc((size_t)links->n * sizeof *links->shards);
    for (int i = 0; i < links->n; i++) {
        struct shard *shard = &links->shards[i];
        *shard = (struct shard){.links = links, .number = range.first + i};
        shard->gateway = discord_gateway_new(&(struct discord_gateway_options){
            .token = str_of(links->options.token),
            .intents = links->options.intents,
            .shard = shard->number,
            .count = links->count,
            .starts = &links->starts,
        });
        restore_session(shard);
        discord_gateway_start(shard->gateway, loop_now_ms(links->options.loop));
        act(shard);
    }
}

static void learn_again(void *arg)
{
    struct discord_links *links = arg;
    links->learning = NULL;
    learn(links);
}

static void learnt(void *arg, const struct discord_result *result)
{
    struct discord_links *links = arg;
    struct loop *loop = links->options.loop;
    bool done = result->end == HTTP_DONE, refused = done && result->answer.status == 401;
    cJSON *tree = done && result->answer.status == 200 ? json_parse(result->answer.body, NULL) : NULL;
    bool ok = tree && discord_starts_learn(&links->starts, tree, loop_now_ms(loop));
    cJSON_Delete(tree);
    links->asking = false;
    if (links->draining)
        return;
    if (refused) {
        links->options.dead(links->options.arg, "Discord refuses the token: put the bot's token into DISCORD_TOKEN");
        return;
    }
    if (ok) {
        links->learn_attempt = 0;
        if (discord_starts_used_up(&links->starts, loop_now_ms(loop)))
            log_warn("discord.starts_used_up", log_int("remaining", (long long)links->starts.remaining));
        if (!links->shards)
            open_shards(links);
        return;
    }
    log_warn("discord.no_gateway", log_int("status", done ? result->answer.status : 0),
             log_text("problem", result->problem ? result->problem : "not what Discord answers"));
    int64_t wait_ms = backoff_ms(links->learn_attempt++, LEARN_FIRST_MS, LEARN_MAX_MS, sign_random());
    links->learning = loop_after(loop, wait_ms > result->wait.ms ? wait_ms : result->wait.ms, learn_again, links);
}

static void learn(struct discord_links *links)
{
    if (links->asking || links->learning || links->draining)
        return;
    links->asking = true;
    discord_rest_call(links->options.rest, "GET", STR("gateway/bot"), STR(""), learnt, links);
}

/* --- beginning and end -------------------------------------------------------------------------------------- */

struct discord_links *discord_links_new(const struct discord_links_options *options)
{
    struct discord_links *links = mem_alloc(sizeof *links);
    links->options = *options;
    return links;
}

void discord_links_start(struct discord_links *links)
{
    learn(links);
}

void discord_links_free(struct discord_links *links)
{
    if (!links)
        return;
    for (int i = 0; i < links->n; i++) {
        websocket_free(links->shards[i].ws);
        loop_cancel(links->options.loop, links->shards[i].timer);
        discord_gateway_free(links->shards[i].gateway);
    }
    loop_cancel(links->options.loop, links->learning);
    free(links->shards);
    arena_release(&links->arena);
    free(links);
}

void discord_links_drain(struct discord_links *links)
{
    links->draining = true;
    loop_cancel(links->options.loop, links->learning);
    links->learning = NULL;
    for (int i = 0; i < links->n; i++) {
        discord_gateway_drain(links->shards[i].gateway);
        act(&links->shards[i]);
    }
}

bool discord_links_idle(const struct discord_links *links)
{
    for (int i = 0; i < links->n; i++)
        if (links->shards[i].ws)
            return false;
    return true;
}

size_t discord_links_state(const struct discord_links *links, struct link *out, size_t max)
{
    static const char *const words[] = {[GATEWAY_DOWN] = "waiting",
                                        [GATEWAY_OPENING] = "connecting",
                                        [GATEWAY_UP] = "connected",
                                        [GATEWAY_STOPPED] = "stopped"};
    size_t n = 0;
    if (!links->n && max)
        out[n++] = (struct link){.platform = "discord", .name = "gateway", .state = "waiting", .up = false};
    for (int i = 0; i < links->n && n < max; i++, n++) {
        const struct shard *shard = &links->shards[i];
        enum gateway_link state = discord_gateway_link(shard->gateway);
        out[n] = (struct link){.platform = "discord", .state = words[state], .up = state == GATEWAY_UP};
        snprintf(out[n].name, sizeof out[n].name, "shard %d", shard->number);
    }
    return n;
}
