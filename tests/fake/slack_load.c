/*
 * Questions by the thousand, of every kind and by both ways, and whether each was answered, once, with the right words.
 *
 *     POST /_slack/load       {"n": 1000, "in_flight": 50, "open": 200, "http": true, "socket": true, "channels": 1000,
 *                              "users": 1000,
 *                              "questions": [{"ask": "how hot", "has": "230 degrees"}], "drop_every": 37,
 *                              "refresh_every": 400, "break_every": 900, "tries": 4}
 *     GET  /_slack/load/wait?answered=500&ms=10000    when so many are answered; without `answered`: when all that were
 *                                                     acknowledged are. Answers with the report; 504: it was too long
 *     POST /_slack/load/stop                          asks no more of them
 *
 * Kinds of questions take turns: a mention, a mention that comes as two events, a direct message, a command, a click,
 * an event that is sent twice. Each has its own thread, direct message or response_url, which tells whose answer comes.
 */
#include "slack.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUESTIONS_MAX = 1 << 18, TEXTS_MAX = 16, TICK_MS = 5, BURST = 64 };
enum { KIND_MENTION, KIND_PAIR, KIND_DIRECT, KIND_COMMAND, KIND_CLICK, KIND_DOUBLE, KINDS };

struct asked {
    unsigned char under_way, answers;
    bool acknowledged, wrong;
};

static struct {
    struct fake *fake;
    struct asked asked[QUESTIONS_MAX];
    unsigned n, wanted;
    unsigned acknowledged, answered, given_up, under_way;
    unsigned strange; /* messages that answer nothing that was asked */
    struct {
        char ask[200], has[200];
    } texts[TEXTS_MAX];
    unsigned n_texts, channels, users, in_flight, open;
    unsigned drop_every, refresh_every, break_every;
    int tries;
    bool http, socket, flip;
    int waiter;
    unsigned wait_answered;
    int64_t wait_until_ms;
} load;

/* --- asking ------------------------------------------------------------------------------------------------- */

static void on_done(void *arg, int status, struct str body)
{
    struct asked *q = &load.asked[(uintptr_t)arg];
    (void)body;
    q->under_way--;
    if (status / 100 == 2 && !q->acknowledged) {
        q->acknowledged = true;
        load.acknowledged++;
    }
    if (q->under_way)
        return;
    load.under_way--;
    load.given_up += !q->acknowledged;
}

static cJSON *parse(const char *format, ...) __attribute__((format(printf, 1, 2)));
static cJSON *parse(const char *format, ...)
{
    char text[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cJSON *j = cJSON_Parse(text);
    if (!j)
        abort();
    return j;
}

static cJSON *event_payload(unsigned i, const char *type, int which)
{
    bool direct = i % KINDS == KIND_DIRECT;
    char channel[32], ts[32];
    snprintf(channel, sizeof channel, direct ? "D%u" : "C%u", direct ? i : i % load.channels);
    snprintf(ts, sizeof ts, "2%09u.000100", i);
    return parse("{\"type\":\"event_callback\",\"team_id\":\"" FAKE_TEAM "\",\"api_app_id\":\"A0DOCENT1\","
                 "\"event_id\":\"Ev%u%c\",\"event_time\":1767225600,\"event\":{\"type\":\"%s\",\"user\":\"U%u\","
                 "\"text\":\"%s%s\",\"ts\":\"%s\",\"channel\":\"%s\",\"channel_type\":\"%s\",\"event_ts\":\"%s\"}}",
                 i, 'a' + which, type, i % load.users, direct ? "" : "<@" FAKE_SELF "> ",
                 load.texts[i % load.n_texts].ask, ts, channel, direct ? "im" : "channel", ts);
}

static cJSON *command_payload(unsigned i)
{
    return parse("{\"token\":\"ignored\",\"team_id\":\"" FAKE_TEAM "\",\"channel_id\":\"C%u\",\"user_id\":\"U%u\","
                 "\"command\":\"/ask\",\"text\":\"%s\",\"trigger_id\":\"1.%u.abc\",\"api_app_id\":\"A0DOCENT1\","
                 "\"response_url\":\"http://127.0.0.1:%d/hook/q%u\"}",
                 i % load.channels, i % load.users, load.texts[i % load.n_texts].ask, i, fake_port(load.fake), i);
}

static cJSON *click_payload(unsigned i)
{
    return parse(
        "{\"type\":\"block_actions\",\"team\":{\"id\":\"" FAKE_TEAM "\"},\"user\":{\"id\":\"U%u\"},"
        "\"container\":{\"type\":\"message\",\"message_ts\":\"1767225601.%06u\",\"channel_id\":\"C%u\","
        "\"is_ephemeral\":false,\"thread_ts\":\"2%09u.000100\"},\"channel\":{\"id\":\"C%u\"},"
        "\"response_url\":\"http://127.0.0.1:%d/hook/c%u\",\"trigger_id\":\"1.2.%u\","
        "\"actions\":[{\"type\":\"button\",\"action_id\":\"docent_ask_0\",\"block_id\":\"b\",\"value\":\"%s\"}]}",
        i % load.users, i, i % load.channels, i, i % load.channels, fake_port(load.fake), i, i,
        load.texts[i % load.n_texts].ask);
}

static void deliver(unsigned i, const char *type, cJSON *payload)
{
    load.flip = !load.flip;
    bool drop = load.drop_every && i % load.drop_every == load.drop_every - 1;
    load.asked[i].under_way++;
    slack_send((struct slack_act){
        .type = type,
        .via = load.http && (!load.socket || load.flip) ? VIA_HTTP : VIA_SOCKET,
        .payload = payload,
        .tries_max = load.tries,
        .drop = drop,
        .done = on_done,
        .arg = (void *)(uintptr_t)i,
    });
}

static void ask_next(void)
{
    unsigned i = load.n++;
    load.asked[i] = (struct asked){.under_way = 0};
    load.under_way++;
    switch (i % KINDS) {
    case KIND_PAIR:
        deliver(i, "events_api", event_payload(i, i & 8 ? "message" : "app_mention", 0));
        deliver(i, "events_api", event_payload(i, i & 8 ? "app_mention" : "message", 1));
        break;
    case KIND_DIRECT:
        deliver(i, "events_api", event_payload(i, "message", 0));
        break;
    case KIND_COMMAND:
        deliver(i, "slash_commands", command_payload(i));
        break;
    case KIND_CLICK:
        deliver(i, "interactive", click_payload(i));
        break;
    case KIND_DOUBLE:
        deliver(i, "events_api", event_payload(i, "app_mention", 0));
        deliver(i, "events_api", event_payload(i, "app_mention", 0));
        break;
    default:
        deliver(i, "events_api", event_payload(i, "app_mention", 0));
        break;
    }
}

/* A connection ends without a word, in one way or another. */
static void break_one(unsigned how)
{
    size_t n;
    struct fake_conn **conns = fake_conns(load.fake, &n);
    for (size_t i = 0; i < n; i++) {
        if (conns[i]->kind != CONN_WEBSOCKET || conns[i]->gone)
            continue;
        if (how % 3 == 0)
            fake_reset(conns[i]);
        else if (how % 3 == 1)
            fake_hang_up(conns[i]);
        else
            fake_ws_close(conns[i], 1011, "trouble");
        return;
    }
}

static void disturb(unsigned i)
{
    static const char *const reasons[] = {"warning", "refresh_requested", "something_new"};
    if (load.refresh_every && i % load.refresh_every == load.refresh_every - 1)
        slack_disconnect(load.fake, reasons[i / load.refresh_every % 3], 1000);
    if (load.break_every && i % load.break_every == load.break_every - 1)
        break_one(i / load.break_every);
}

/* --- being answered ----------------------------------------------------------------------------------------- */

static int number_behind(struct str s, const char *prefix)
{
    size_t n = strlen(prefix);
    if (!str_starts(s, str_of(prefix)) || s.n == n || !ch_digit(s.p[n]))
        return -1;
    return atoi(s.p + n);
}

static int asked_by(const cJSON *message, struct str hook)
{
    if (hook.n)
        return number_behind(hook, "/hook/q");
    struct str thread = json_at(message, "thread_ts");
    return thread.n ? number_behind(thread, "2") : number_behind(json_at(message, "channel"), "D");
}

void slack_load_answered(const cJSON *message, struct str hook)
{
    if (!load.n)
        return;
    int i = asked_by(message, hook);
    if (i < 0 || (unsigned)i >= load.n) {
        load.strange++;
        return;
    }
    struct asked *q = &load.asked[i];
    load.answered += q->answers == 0;
    q->answers++;
    q->wrong = q->wrong || !strstr(json_at(message, "text").p, load.texts[(unsigned)i % load.n_texts].has);
}

/* --- orders ------------------------------------------------------------------------------------------------- */

static void report(struct fake_conn *c, int status)
{
    unsigned twice = 0, none = 0, unheard = 0, wrong = 0;
    for (unsigned i = 0; i < load.n; i++) {
        const struct asked *q = &load.asked[i];
        twice += q->answers > 1;
        wrong += q->wrong;
        none += q->acknowledged && !q->answers;
        unheard += !q->acknowledged && q->answers;
    }
    fake_replyf(
        c, status,
        "asked=%u acknowledged=%u given_up=%u answered=%u none=%u twice=%u wrong=%u strange=%u unheard=%u sending=%u\n",
        load.n, load.acknowledged, load.given_up, load.answered, none, twice, wrong, load.strange, unheard,
        load.under_way);
}

static bool all_done(void)
{
    if (load.n < load.wanted || load.under_way)
        return false;
    for (unsigned i = 0; i < load.n; i++)
        if (load.asked[i].acknowledged && !load.asked[i].answers)
            return false;
    return true;
}

static void tick(void *arg)
{
    (void)arg;
    for (int i = 0; i < BURST && load.n < load.wanted && load.under_way < load.in_flight &&
                    load.n < load.answered + load.given_up + load.open;
         i++) {
        disturb(load.n);
        ask_next();
    }
    struct fake_conn *c = load.waiter ? fake_find(load.fake, load.waiter) : NULL;
    if (!c)
        return;
    bool done = load.wait_answered ? load.answered >= load.wait_answered : all_done();
    if (done || fake_now_ms() > load.wait_until_ms) {
        load.waiter = 0;
        report(c, done ? 200 : 504);
    }
}

static void read_texts(const cJSON *j)
{
    const cJSON *text;
    cJSON_ArrayForEach(text, cJSON_GetObjectItemCaseSensitive(j, "questions")) {
        if (load.n_texts == TEXTS_MAX)
            return;
        snprintf(load.texts[load.n_texts].ask, sizeof load.texts->ask, "%.*s", STR_FMT(json_at(text, "ask")));
        snprintf(load.texts[load.n_texts++].has, sizeof load.texts->has, "%.*s", STR_FMT(json_at(text, "has")));
    }
}

static void begin(struct fake_request *r)
{
    cJSON *j = cJSON_ParseWithLength(r->body.p, r->body.n);
    read_texts(j);
    load.in_flight = (unsigned)json_int_at(j, "in_flight", 50);
    load.open = (unsigned)json_int_at(j, "open", 200);
    load.channels = (unsigned)json_int_at(j, "channels", 1000);
    load.drop_every = (unsigned)json_int_at(j, "drop_every", 0);
    load.refresh_every = (unsigned)json_int_at(j, "refresh_every", 0);
    load.break_every = (unsigned)json_int_at(j, "break_every", 0);
    load.users = (unsigned)json_int_at(j, "users", 1000);
    load.tries = json_int_at(j, "tries", 4);
    load.http = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(j, "http"));
    load.socket = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(j, "socket"));
    load.wanted = load.n + (unsigned)json_int_at(j, "n", 0);
    if (load.wanted > QUESTIONS_MAX)
        load.wanted = QUESTIONS_MAX;
    fake_replyf(r->conn, load.n_texts ? 200 : 400, "%u\n", load.wanted);
    if (!load.n_texts)
        load.wanted = 0;
    cJSON_Delete(j);
}

static void begin_wait(struct fake_request *r)
{
    struct str answered = fake_query(r, "answered"), ms = fake_query(r, "ms");
    load.waiter = r->conn->id;
    load.wait_answered = answered.n ? (unsigned)atoi(answered.p) : 0;
    load.wait_until_ms = fake_now_ms() + (ms.n ? atoi(ms.p) : 5000);
}

bool slack_load_serves(struct fake_request *r)
{
    if (str_is(r->path, "/_slack/load")) {
        begin(r);
    } else if (str_is(r->path, "/_slack/load/wait")) {
        begin_wait(r);
    } else if (str_is(r->path, "/_slack/load/stop")) {
        load.wanted = load.n;
        fake_replyf(r->conn, 200, "%u\n", load.n);
    } else {
        return false;
    }
    return true;
}

void slack_load_start(struct fake *f)
{
    load.fake = f;
    fake_every(f, TICK_MS, tick, NULL);
}
