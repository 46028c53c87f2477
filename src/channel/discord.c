#include "channel/discord.h"

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "channel/complete.h"
#include "channel/discord_api.h"
#include "channel/discord_event.h"
#include "channel/discord_gateway.h"
#include "channel/discord_links.h"
#include "channel/discord_posts.h"
#include "channel/discord_http.h"
#include "net/sign.h"

#include <stdlib.h>
#include <string.h>

enum {
    CHOICES_MAX = 25, /* of completion: Discord's limit */
    TOLD_MAX = 100,   /* answers that are under way without the outbox: completions, lists of topics */
};

struct discord {
    struct discord_options options;
    struct arena arena;
    struct buf bot, application; /* our own ids, as far as they are known */
    struct discord_rest *rest;
    struct discord_links *links; /* NULL: no Gateway */
    struct discord_http *http;   /* NULL: no HTTP interactions */
    struct complete *questions;
    struct platform platform;
    struct sending *sending; /* posts under way */
    const char *dead;        /* why Discord is no use any more; NULL: it is */
    size_t n_told;
    bool draining;
};

static const struct sent stays_out = {.end = SEND_DEAD, .reason = "the token is no good"};

/* --- acts of people ----------------------------------------------------------------------------------------- */

struct discord_self discord_self(const struct discord *d)
{
    return (struct discord_self){buf_str(&d->bot), buf_str(&d->application)};
}

struct str discord_completion(struct discord *d, struct str typed, struct arena *a)
{
    struct str found[CHOICES_MAX];
    return discord_choices(found, complete_find(d->questions, typed, found, CHOICES_MAX), a);
}

void discord_resolve(const struct discord *d, struct discord_event *e)
{
    const struct docent *docent = desk_docent(d->options.desk);
    size_t n = e->hash ? docent_suggestions(docent, NULL, 0) : 0;
    struct str *all = n ? mem_resize(NULL, n, sizeof *all) : NULL;
    docent_suggestions(docent, all, n);
    for (size_t i = 0; i < n; i++)
        if (str_hash(all[i]) == e->hash)
            e->in.text = all[i];
    free(all);
}

/* --- answers that do not go through the outbox -------------------------------------------------------------- */

static void told(void *arg, const struct discord_result *result)
{
    struct discord *d = arg;
    d->n_told--;
    if (result->end != HTTP_DONE || result->answer.status >= 300)
        log_info("discord.not_told", log_int("status", result->answer.status), log_text("problem", result->problem));
}

/* Answers an interaction at once; nobody misses it much if that fails. Such answers hold no limit of the bot's. */
static void tell(struct discord *d, struct str method, struct str route, struct str body)
{
    if (d->n_told >= TOLD_MAX)
        return;
    d->n_told++;
    struct arena scratch = {0};
    discord_rest_call(d->rest, arena_str(&scratch, method).p, route, body, told, d);
    arena_release(&scratch);
}

void discord_tell_posts(struct discord *d, const struct posts *posts, size_t from)
{
    for (size_t i = from; i < posts->n; i++)
        tell(d, posts->items[i].method, posts->items[i].route, posts->items[i].body);
}

static enum discord_heed take(struct discord *d, struct discord_event *e, struct arena *a)
{
    discord_resolve(d, e);
    enum desk_taken taken = desk_take(d->options.desk, &e->in, NULL, NULL);
    bool waits = e->target.interaction.n > 0;
    if (waits && (taken == DESK_IGNORED || taken == DESK_FULL))
        tell(d, STR("POST"), discord_callback_route(&e->target, a), discord_say(discord_not_now(taken), a));
    if (taken == DESK_FULL)
        return waits ? DISCORD_SEEN : DISCORD_REFUSED; /* an interaction cannot wait until it comes again */
    return taken == DESK_TAKEN ? DISCORD_KEPT : DISCORD_SEEN;
}

static enum discord_heed heed(struct discord *d, struct discord_event *e, struct arena *a)
{
    struct posts posts;
    switch (e->act) {
    case DISCORD_TAKE:
        return take(d, e, a);
    case DISCORD_COMPLETE:
        tell(d, STR("POST"), discord_callback_route(&e->target, a), discord_completion(d, e->in.text, a));
        break;
    case DISCORD_TOPICS:
        discord_topics_posts(&e->target, desk_docent(d->options.desk), a, &posts);
        discord_tell_posts(d, &posts, 0);
        break;
    case DISCORD_STRANGE:
        if (discord_is_id(e->target.interaction) && discord_is_token(e->target.token))
            tell(d, STR("POST"), discord_callback_route(&e->target, a), discord_say(discord_outdated, a));
        break;
    case DISCORD_IGNORE:
    case DISCORD_PING:
        break;
    }
    return DISCORD_SEEN;
}

static enum discord_heed on_event(void *arg, struct str type, const cJSON *json)
{
    struct discord *d = arg;
    struct discord_self self = discord_self(d);
    struct arena a = {0};
    struct discord_event e = {.act = DISCORD_IGNORE};
    if (str_is(type, "MESSAGE_CREATE"))
        e = discord_read_message(json, &self, &a);
    else if (str_is(type, "INTERACTION_CREATE"))
        e = discord_read_interaction(json, false, &a);
    enum discord_heed result = heed(d, &e, &a);
    arena_release(&a);
    return result;
}

static void on_self(void *arg, struct str bot, struct str application)
{
    struct discord *d = arg;
    buf_clear(&d->bot);
    buf_add(&d->bot, bot);
    buf_clear(&d->application);
    buf_add(&d->application, application);
}

static void on_dead(void *arg, const char *reason)
{
    struct discord *d = arg;
    if (d->dead)
        return;
    d->dead = arena_str(&d->arena, str_of(reason)).p;
    log_error("discord.dead", log_text("reason", d->dead));
    if (d->options.dead)
        d->options.dead(d->options.arg, d->dead);
}

/* --- posts -------------------------------------------------------------------------------------------------- */

struct sending {
    struct discord *discord;
    struct sending *next, **at; /* in the list of posts under way */
    struct timer *timer;        /* of those that are answered without a call */
    void (*done)(void *arg, const struct sent *sent);
    void *arg;
    struct sent result; /* likewise */
    struct arena arena; /* the post, as far as it is needed again */
    struct discord_call call;
};

static void drop(struct sending *s)
{
    *s->at = s->next;
    if (s->next)
        s->next->at = s->at;
    loop_cancel(s->discord->options.loop, s->timer);
    arena_release(&s->arena);
    free(s);
}

static void finish(struct sending *s, const struct sent *sent)
{
    s->done(s->arg, sent);
    drop(s);
}

static void answer_later(void *arg)
{
    struct sending *s = arg;
    s->timer = NULL;
    finish(s, &s->result);
}

static void posted(void *arg, const struct discord_result *result)
{
    struct sending *s = arg;
    struct sent sent = {.reason = result->problem};
    if (result->end == HTTP_DONE)
        sent = discord_sent(&s->call, &result->answer, result->wait, &s->arena);
    else
        sent.end = result->end == HTTP_NOT_SENT || s->call.again ? SEND_AGAIN : SEND_UNSURE;
    if (sent.end == SEND_DEAD)
        on_dead(s->discord, "Discord refuses the token: put the bot's token into DISCORD_TOKEN");
    finish(s, &sent);
}

/* What keeps a post from being sent now; SEND_DONE: nothing. */
static struct sent obstacle(struct discord *d, const char *method, struct str route)
{
    struct discord_wait wait = discord_rest_wait(d->rest, method, route);
    if (d->dead && !discord_is_free_route(route))
        return stays_out;
    if (discord_rest_forbidden(d->rest, method, route))
        return (struct sent){.end = SEND_DROP, .reason = "forbidden in this channel a short while ago"};
    if (wait.ms)
        return (struct sent){.end = SEND_WAIT, .wait_ms = wait.ms, .reason = "limit"};
    return (struct sent){.end = SEND_DONE};
}

/* When the interaction was made that this route belongs to, by the id in its lane; Unix time. */
static int64_t made_ms(const struct post *post)
{
    return str_starts(post->lane, STR("i")) ? discord_id_ms(str_sub(post->lane, 1, post->lane.n)) : 0;
}

static void send_post(void *self, const struct post *post, void (*done)(void *arg, const struct sent *sent), void *arg)
{
    struct discord *d = self;
    struct sending *s = mem_alloc(sizeof *s);
    *s = (struct sending){.discord = d, .next = d->sending, .at = &d->sending, .done = done, .arg = arg};
    if (s->next)
        s->next->at = &s->next;
    d->sending = s;
    const char *method = arena_str(&s->arena, post->method).p;
    bool is_free = discord_is_free_route(post->route);
    s->call = (struct discord_call){
        .body = arena_str(&s->arena, post->body),
        .again = post->again,
        .free = is_free,
        .edit = is_free && str_starts(post->route, STR("webhooks/")),
        .age_ms = d->options.clock_ms() - made_ms(post),
    };
    s->result = obstacle(d, method, post->route);
    if (s->result.end == SEND_DONE)
        discord_rest_call(d->rest, method, post->route, post->body, posted, s);
    else
        s->timer = loop_after(d->options.loop, 0, answer_later, s);
}

/* --- composing ---------------------------------------------------------------------------------------------- */

/*
 * An interaction over HTTP whose request still waits is answered in the reply to it: the first post goes there. When
 * it has been answered with "thinking…", the answer is an edit of that.
 */
static enum discord_way way_of(struct discord *d, const struct discord_target *t)
{
    bool deferred = t->over_http && !(d->http && discord_http_waits(d->http, t->interaction));
    return deferred ? DISCORD_DEFERRED : DISCORD_FIRST;
}

static void hand_over(struct discord *d, const struct discord_target *t, struct posts *out)
{
    if (!t->over_http || !out->n || !d->http || !discord_http_answer(d->http, t->interaction, out->items[0].body))
        return;
    out->n--;
    memmove(&out->items[0], &out->items[1], out->n * sizeof out->items[0]);
}

static void compose(void *self, const struct question *question, const struct reply *reply, struct arena *a,
                    struct posts *out)
{
    struct discord *d = self;
    struct discord_target t;
    *out = (struct posts){.n = 0};
    if (!discord_target_read(question->target, a, &t))
        return;
    discord_compose(&t, way_of(d, &t), question, reply, a, out);
    hand_over(d, &t, out);
}

static void thank(void *self, const struct question *question, bool helpful, struct arena *a, struct posts *out)
{
    struct discord *d = self;
    struct discord_target t;
    *out = (struct posts){.n = 0};
    if (!discord_target_read(question->target, a, &t))
        return;
    discord_thank(&t, way_of(d, &t), helpful, a, out);
    hand_over(d, &t, out);
}

static void share(void *self, const struct question *question, struct str text, struct arena *a, struct posts *out)
{
    struct discord *d = self;
    struct discord_target t;
    *out = (struct posts){.n = 0};
    if (!discord_target_read(question->target, a, &t))
        return;
    discord_share(&t, way_of(d, &t), text, a, out);
    hand_over(d, &t, out);
}

const struct platform *discord_platform(struct discord *d)
{
    return &d->platform;
}

/* --- beginning and end -------------------------------------------------------------------------------------- */

static void open_links(struct discord *d, struct discord_range range)
{
    const struct discord_options *o = &d->options;
    unsigned content = o->message_content ? GATEWAY_MESSAGE_CONTENT : 0;
    d->links = discord_links_new(&(struct discord_links_options){
        .loop = o->loop,
        .desk = o->desk,
        .store = o->store,
        .metrics = o->metrics,
        .rest = d->rest,
        .token = o->token,
        .proxy = o->proxy,
        .ca_file = o->ca_file,
        .intents = GATEWAY_GUILD_MESSAGES | GATEWAY_DIRECT_MESSAGES | content,
        .range = range,
        .event = on_event,
        .self = on_self,
        .dead = on_dead,
        .arg = d,
    });
}

static bool good_options(const struct discord_options *o, struct discord_range *range, struct err *err)
{
    if (o->gateway && !o->token)
        return err_set(err, STATUS_CONFIG, "Discord's Gateway needs DISCORD_TOKEN");
    if (!discord_range_read(str_of(o->shards ? o->shards : "auto"), range))
        return err_set(err, STATUS_CONFIG, "discord.shards is '%s': it must be \"auto\" or like \"0-3/16\"", o->shards);
    if (range->last - range->first >= LINKS_MAX)
        return err_set(err, STATUS_CONFIG, "discord.shards is '%s': a process runs at most %d", o->shards, LINKS_MAX);
    if (o->api_url && !http_url_allowed(str_of(o->api_url)))
        return err_set(err, STATUS_CONFIG, "DISCORD_API_URL must begin with https://");
    if (o->application_id && !discord_is_id(str_of(o->application_id)))
        return err_set(err, STATUS_CONFIG, "DISCORD_APPLICATION_ID must be the application's number");
    return !o->public_key || discord_http_key_ok(o->public_key, err);
}

struct discord *discord_new(const struct discord_options *options, struct err *err)
{
    struct discord_range range;
    if (!good_options(options, &range, err))
        return NULL;
    struct discord *d = mem_alloc(sizeof *d);
    d->options = *options;
    buf_init(&d->bot, 24);
    buf_init(&d->application, 24);
    buf_adds(&d->application, options->application_id);
    d->rest = discord_rest_new(&(struct discord_rest_options){.loop = options->loop,
                                                              .http = options->http,
                                                              .metrics = options->metrics,
                                                              .api_url = options->api_url,
                                                              .token = options->token});
    if (options->gateway)
        open_links(d, range);
    if (options->public_key)
        d->http = discord_http_new(d, options);
    d->platform = (struct platform){
        .name = "discord", .self = d, .compose = compose, .thank = thank, .share = share, .send = send_post};
    return d;
}

void discord_free(struct discord *d)
{
    if (!d)
        return;
    discord_links_free(d->links);
    discord_http_free(d->http);
    discord_rest_free(d->rest);
    for (struct sending *s = d->sending, *next; s; s = next) {
        next = s->next;
        drop(s);
    }
    complete_free(d->questions);
    buf_release(&d->bot);
    buf_release(&d->application);
    arena_release(&d->arena);
    free(d);
}

void discord_reload(struct discord *d)
{
    complete_free(d->questions);
    d->questions = complete_covered(desk_docent(d->options.desk));
}

void discord_start(struct discord *d)
{
    if (d->links)
        discord_links_start(d->links);
}

void discord_drain(struct discord *d)
{
    d->draining = true;
    if (d->links)
        discord_links_drain(d->links);
}

bool discord_idle(const struct discord *d)
{
    return d->n_told == 0 && (!d->links || discord_links_idle(d->links));
}

void discord_interactions(void *arg, struct http_exchange *x)
{
    struct discord *d = arg;
    discord_http_serve(d->http, x, d->draining);
}

size_t discord_links(const struct discord *d, struct link *out, size_t max)
{
    size_t n = 0;
    if (max && d->options.token)
        out[n++] = (struct link){
            .platform = "discord", .name = "rest", .state = d->dead ? "stopped" : "ready", .up = !d->dead};
    if (n < max && d->http)
        out[n++] = (struct link){.platform = "discord", .name = "http", .state = "ready", .up = true};
    return d->links ? n + discord_links_state(d->links, out + n, max - n) : n;
}
