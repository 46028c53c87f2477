#include "channel/discord_http.h"

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "channel/discord_posts.h"
#include "net/sign.h"

#include <stdlib.h>
#include <string.h>

enum {
    /*
     * Discord names no limit for the age of a signature. An hour bears wrong clocks; what is repeated earlier is known
     * by its key, which the store keeps for longer than that.
     */
    STALE_S = 60 * 60,
    FOLLOW_MS = 500, /* until Discord knows the answer that further messages follow */
};

#define JSON_TYPE "application/json"

/* A request that waits for the end of the turn. */
struct waiting {
    struct discord_http *http;
    struct waiting *next, **at;
    struct http_exchange *exchange;
    char interaction[24];
    enum desk_taken taken;
    bool quiet;
    struct buf answer; /* empty: not ready */
};

/* Messages that follow a reply, a moment later. */
struct following {
    struct discord_http *http;
    struct following *next, **at;
    struct timer *timer;
    struct posts posts;
    struct arena arena;
};

struct discord_http {
    struct discord *discord;
    struct discord_options options;
    struct waiting *first;
    struct following *following;
};

const struct str discord_outdated = {"This button is no longer known. Please ask again.", 49};

struct str discord_not_now(enum desk_taken taken)
{
    return taken == DESK_FULL ? STR("There is too much to do right now. Please ask again in a moment.")
                              : STR("I do not answer here, or not so many questions at once.");
}

bool discord_http_key_ok(const char *public_key, struct err *err)
{
    size_t n = strlen(public_key), hex = strspn(public_key, "0123456789abcdefABCDEF");
    return (n == 64 && hex == 64) ||
           err_set(err, STATUS_CONFIG, "DISCORD_PUBLIC_KEY must be the 64 hex digits of the application's public key");
}

struct discord_http *discord_http_new(struct discord *d, const struct discord_options *options)
{
    struct discord_http *h = mem_alloc(sizeof *h);
    *h = (struct discord_http){.discord = d, .options = *options};
    return h;
}

static void drop(struct waiting *waiting)
{
    *waiting->at = waiting->next;
    if (waiting->next)
        waiting->next->at = waiting->at;
    buf_release(&waiting->answer);
    free(waiting);
}

/* --- is it Discord? ----------------------------------------------------------------------------------------- */

/* Seconds of a timestamp; -1 when it is none. */
static int64_t seconds_of(struct str text)
{
    int64_t s = 0;
    if (text.n < 1 || text.n > 12)
        return -1;
    for (size_t i = 0; i < text.n; i++) {
        if (!ch_digit(text.p[i]))
            return -1;
        s = s * 10 + text.p[i] - '0';
    }
    return s;
}

/* Why a request is not to be trusted; NULL: it is Discord's. */
static const char *distrust(const struct discord_http *h, const struct http_exchange *x)
{
    struct str stamp = http_request_header(x, "X-Signature-Timestamp");
    struct str signature = http_request_header(x, "X-Signature-Ed25519");
    if (!sign_discord_ok(str_of(h->options.public_key), stamp, signature, http_body(x)))
        return "signature";
    int64_t at_s = seconds_of(stamp), now_s = h->options.clock_ms() / 1000;
    return at_s < 0 || at_s < now_s - STALE_S || at_s > now_s + STALE_S ? "stale" : NULL;
}

static void refuse(struct discord_http *h, struct http_exchange *x, const char *reason)
{
    log_info("discord.refused", log_text("reason", reason));
    metrics_add(h->options.metrics, "docent_refused_total", "discord", reason, 1);
    http_reply_text(x, 401, JSON_TYPE, STR("{\"error\":\"invalid request signature\"}"));
}

/* --- waiting for the end of the turn ------------------------------------------------------------------------ */

static struct waiting *find(const struct discord_http *h, struct str interaction)
{
    for (struct waiting *waiting = h->first; waiting; waiting = waiting->next)
        if (waiting->taken == DESK_TAKEN && str_is(interaction, waiting->interaction))
            return waiting;
    return NULL;
}

bool discord_http_waits(const struct discord_http *h, struct str interaction)
{
    const struct waiting *waiting = find(h, interaction);
    return waiting && !waiting->answer.n;
}

bool discord_http_answer(struct discord_http *h, struct str interaction, struct str body)
{
    struct waiting *waiting = find(h, interaction);
    if (!waiting || waiting->answer.n)
        return false;
    buf_add(&waiting->answer, body);
    return true;
}

/* The turn's transaction is on disk, or is not. */
static void turn_over(void *arg, bool ok)
{
    struct waiting *waiting = arg;
    struct arena a = {0};
    struct str body = buf_str(&waiting->answer);
    if (waiting->taken == DESK_KNOWN) {
        refuse(waiting->http, waiting->exchange, "replay");
        drop(waiting);
        return;
    }
    if (waiting->taken == DESK_IGNORED)
        body = discord_say(discord_not_now(DESK_IGNORED), &a);
    else if (!ok)
        body = discord_say(discord_not_now(DESK_FULL), &a);
    else if (!body.n)
        body = discord_defer(waiting->quiet, &a);
    http_reply_text(waiting->exchange, 200, JSON_TYPE, body);
    arena_release(&a);
    drop(waiting);
}

static void take(struct discord_http *h, struct discord_event *e, struct http_exchange *x, struct arena *a)
{
    struct waiting *waiting = mem_alloc(sizeof *waiting);
    *waiting = (struct waiting){
        .http = h, .next = h->first, .at = &h->first, .exchange = x, .taken = DESK_TAKEN, .quiet = e->target.quiet};
    memcpy(waiting->interaction, e->target.interaction.p, e->target.interaction.n);
    buf_init(&waiting->answer, POST_BODY_MAX);
    if (h->first)
        h->first->at = &waiting->next;
    h->first = waiting;
    discord_resolve(h->discord, e);
    waiting->taken = desk_take(h->options.desk, &e->in, turn_over, waiting);
    if (waiting->taken == DESK_FULL) {
        http_reply_text(x, 200, JSON_TYPE, discord_say(discord_not_now(DESK_FULL), a));
        drop(waiting);
    }
}

/* --- requests ----------------------------------------------------------------------------------------------- */

static void stop_following(struct following *f)
{
    *f->at = f->next;
    if (f->next)
        f->next->at = f->at;
    loop_cancel(f->http->options.loop, f->timer);
    arena_release(&f->arena);
    free(f);
}

static void follow(void *arg)
{
    struct following *f = arg;
    f->timer = NULL;
    discord_tell_posts(f->http->discord, &f->posts, 1);
    stop_following(f);
}

static void list_topics(struct discord_http *h, const struct discord_event *e, struct http_exchange *x)
{
    struct following *f = mem_alloc(sizeof *f);
    *f = (struct following){.http = h, .next = h->following, .at = &h->following};
    if (f->next)
        f->next->at = &f->next;
    h->following = f;
    discord_topics_posts(&e->target, desk_docent(h->options.desk), &f->arena, &f->posts);
    http_reply_text(x, 200, JSON_TYPE, f->posts.items[0].body);
    f->timer = loop_after(h->options.loop, FOLLOW_MS, follow, f);
}

static void serve_event(struct discord_http *h, struct discord_event *e, struct http_exchange *x, struct arena *a)
{
    switch (e->act) {
    case DISCORD_PING:
        http_reply_text(x, 200, JSON_TYPE, STR("{\"type\":1}"));
        break;
    case DISCORD_COMPLETE:
        http_reply_text(x, 200, JSON_TYPE, discord_completion(h->discord, e->in.text, a));
        break;
    case DISCORD_TOPICS:
        list_topics(h, e, x);
        break;
    case DISCORD_TAKE:
        take(h, e, x, a);
        break;
    case DISCORD_STRANGE:
    case DISCORD_IGNORE:
        if (e->target.interaction.n)
            http_reply_text(x, 200, JSON_TYPE, discord_say(discord_outdated, a));
        else
            http_reply_text(x, 400, JSON_TYPE, STR("{\"error\":\"not an interaction\"}"));
        break;
    }
}

void discord_http_serve(struct discord_http *h, struct http_exchange *x, bool draining)
{
    const char *reason = distrust(h, x);
    if (reason) {
        refuse(h, x, reason);
        return;
    }
    if (draining) {
        http_reply_text(x, 503, JSON_TYPE, STR("{\"error\":\"docent is being stopped\"}"));
        return;
    }
    struct arena a = {0};
    cJSON *tree = json_parse(http_body(x), NULL);
    struct discord_event e = discord_read_interaction(tree, true, &a);
    if (tree)
        serve_event(h, &e, x, &a);
    else
        http_reply_text(x, 400, JSON_TYPE, STR("{\"error\":\"not JSON\"}"));
    cJSON_Delete(tree);
    arena_release(&a);
}

void discord_http_free(struct discord_http *h)
{
    if (!h)
        return;
    for (struct waiting *w = h->first, *next; w; w = next) {
        next = w->next;
        drop(w);
    }
    for (struct following *f = h->following, *next; f; f = next) {
        next = f->next;
        stop_following(f);
    }
    free(h);
}
