/*
 * A scripted day on the fake Discord: people ask, and now and then something goes wrong.
 *
 * So many questions are open at a time. After every hundredth one trouble of the list comes, each in its turn; the
 * worse ones, after which Discord itself would lose events (a session that is not valid any more), wait until nothing
 * is open. Interactions are asked only over a link that works and will for a while: theirs is a matter of three
 * seconds.
 */
#include "discord.h"

#include "base/json.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { OPEN_MAX = 60, PEOPLE = 100, CHANNELS = 40, TICK_MS = 20, CALM_MS = 500, BEFORE = 30 };

enum trouble {
    RESET,
    RECONNECT,
    ZOMBIE,
    NO_ACKS,
    MAY_RESUME,
    HALF_FRAME,
    CLOSE_4000,
    TOO_FAST_USER,
    TOO_FAST_SHARED,
    TOO_FAST_ALL,
    LOST_ANSWERS,
    HANG_UP,
    REPEATED,
    INVALID,
    TIMED_OUT,
    TROUBLES
};

struct day {
    struct discord *d;
    int questions, asked, every;
    enum trouble next;
    int64_t calm_ms; /* only messages until then */
    bool http;
    bool waiting; /* for nothing to be open, before a trouble that loses events */
    int per_turn;
};

static const char *const asked[] = {
    "how much do coders earn?",
    "how much do billers earn?",
    "do I need a degree?",
    "what does a medical coder do all day?",
    "is medical coding hard to learn?",
    "can I work from home?",
    "what is the difference between billing and coding?",
    "how long does the training take?",
    "which certification should I get?",
    "what is medical billing?",
};

static size_t open_now(const struct discord *d)
{
    return discord_asked(d) - d->account.answered - d->account.expired;
}

static void half_frame(struct fake_conn *c)
{
    struct str half = STR("\x81\x7e\x03\xe8{\"op\":0,\"half\":\"");
    if (send(c->fd, half.p, half.n, MSG_NOSIGNAL) > 0)
        fake_reset(c);
}

static void make_trouble(struct day *day, enum trouble what)
{
    struct discord *d = day->d;
    struct fake_conn *c = discord_live_conn(d);
    static const char *const scopes[] = {"user", "shared", "global"};
    day->calm_ms = fake_now_ms() + CALM_MS;
    if (what >= TOO_FAST_USER && what <= TOO_FAST_ALL) {
        d->too_fast.times = 3;
        d->too_fast.retry_after = 0.4;
        snprintf(d->too_fast.scope, sizeof d->too_fast.scope, "%s", scopes[what - TOO_FAST_USER]);
    } else if (what == LOST_ANSWERS) {
        d->rest_faults = 4;
    } else if (!c) {
        return;
    } else if (what == RESET) {
        fake_reset(c);
    } else if (what == HANG_UP) {
        fake_hang_up(c);
    } else if (what == ZOMBIE) {
        c->mute = true;
    } else if (what == NO_ACKS) {
        ((struct d_link *)c->user)->silent = true;
    } else if (what == HALF_FRAME) {
        half_frame(c);
    } else if (what == RECONNECT) {
        discord_send_op(d, 7, "null");
    } else if (what == MAY_RESUME) {
        discord_send_op(d, 9, "true");
    } else if (what == INVALID) {
        discord_send_op(d, 9, "false");
    } else if (what == CLOSE_4000) {
        fake_ws_close(c, 4000, "Unknown error.");
    } else if (what == TIMED_OUT) {
        discord_invalidate(d);
        fake_ws_close(c, 4009, "Session timed out.");
    }
}

static cJSON *order_of(int i, bool repeated)
{
    char text[24];
    cJSON *j = cJSON_CreateObject();
    snprintf(text, sizeof text, "7%04d", i % PEOPLE);
    cJSON_AddStringToObject(j, "user", text);
    snprintf(text, sizeof text, "6%03d", i % PEOPLE % CHANNELS);
    cJSON_AddStringToObject(j, "channel", text);
    cJSON_AddStringToObject(j, "content", asked[(size_t)i % (sizeof asked / sizeof *asked)]);
    cJSON_AddStringToObject(j, "question", asked[(size_t)i % (sizeof asked / sizeof *asked)]);
    if (i % 5 == 4)
        cJSON_AddTrueToObject(j, "direct");
    if (repeated)
        cJSON_AddTrueToObject(j, "repeat");
    return j;
}

static void ask_one(struct day *day)
{
    bool calm = fake_now_ms() > day->calm_ms && discord_live(day->d) && !day->d->too_fast.times && !day->d->rest_faults;
    calm = calm && day->asked % day->every < day->every - (day->every > 2 * BEFORE ? BEFORE : day->every / 2);
    int i = day->asked++;
    cJSON *j = order_of(i, day->next == REPEATED && i % 3 == 0);
    if (day->http && i % 3 == 0 && calm) {
        cJSON_AddStringToObject(j, "via", "http");
        discord_interact(day->d, j, 0);
    } else if (i % 3 != 2 && calm) {
        discord_interact(day->d, j, 0);
    } else {
        discord_ask_message(day->d, j);
    }
    cJSON_Delete(j);
}

void day_tick(void *arg)
{
    struct day *day = arg;
    bool loses = day->next == INVALID || day->next == TIMED_OUT;
    if (day->waiting) {
        if (open_now(day->d) || !discord_live(day->d))
            return;
        make_trouble(day, day->next);
        day->waiting = false;
        day->next = (day->next + 1) % TROUBLES;
        return;
    }
    /* After a session was lost there is none that could keep what people say: they wait until the bot is back. */
    if (day->d->n_sessions && !day->d->sessions[day->d->n_sessions - 1].valid)
        return;
    for (int i = 0; i < day->per_turn && day->asked < day->questions && open_now(day->d) < OPEN_MAX; i++) {
        ask_one(day);
        if (day->asked % day->every)
            continue;
        day->waiting = loses;
        if (loses)
            return;
        make_trouble(day, day->next);
        day->next = (day->next + 1) % TROUBLES;
        return;
    }
}

bool day_over(const struct discord *d)
{
    return d->day && d->day->asked == d->day->questions && open_now(d) == 0;
}

const char *day_what(const struct discord *d)
{
    return !d->day ? "none" : day_over(d) ? "over" : "running";
}

/* {"stop": true}: nothing more is asked. Else so many questions more. */
void day_begin(struct discord *d, const cJSON *j)
{
    if (d->day && json_bool(j, "stop", false)) {
        d->day->questions = d->day->asked;
        return;
    }
    if (!d->day) {
        d->day = mem_alloc(sizeof *d->day);
        fake_every(discord_fake(d), TICK_MS, day_tick, d->day);
    }
    *d->day = (struct day){.d = d,
                           .questions = (d->day->asked) + json_int_at(j, "questions", 1000),
                           .asked = d->day->asked,
                           .every = json_int_at(j, "trouble_every", 100),
                           .next = d->day->next,
                           .http = json_bool(j, "http", false),
                           .per_turn = json_int_at(j, "per_turn", 5)};
}
