/*
 * desk_rig: a desk with everything around it, in the hands of a test: a loop whose time stands still until `turn` moves
 * it, a platform that writes down what it is sent and says what the test tells it to, a real store in $TMPDIR.
 *
 *     struct rig rig;
 *     rig_start(&rig);                            on a new file; rig_restart: on the same file, as after kill -9
 *     ask(&rig, "k1", "C1", "when are you open");
 *     turn(&rig, 0);
 *     assert_string_equal(posted(&rig), "C1 hours; ");
 *     rig_end(&rig);
 *
 * The functions of net/loop.h are defined here: a test that includes this does not link the real loop.
 */
#ifndef DOCENT_TESTS_DESK_RIG_H
#define DOCENT_TESTS_DESK_RIG_H

#include "base/log.h"
#include "channel/delivery.h"
#include "channel/desk.h"
#include "packs.h"

#include <stdlib.h>
#include <unistd.h>

/* --- a loop whose time the test moves --------------------------------------------------------------------------- */

struct timer {
    int64_t due_ms;
    void (*fn)(void *arg);
    void *arg;
    struct timer *next;
};

struct loop {
    int64_t now_ms;
    struct timer *timers; /* the next to be due first */
    void (*at_end)(void *arg);
    void *at_end_arg;
};

int64_t loop_now_ms(const struct loop *loop)
{
    return loop->now_ms;
}

struct timer *loop_after(struct loop *loop, int64_t ms, void (*fn)(void *arg), void *arg)
{
    struct timer *timer = malloc(sizeof *timer), **at = &loop->timers;
    *timer = (struct timer){loop->now_ms + ms, fn, arg, NULL};
    while (*at && (*at)->due_ms <= timer->due_ms)
        at = &(*at)->next;
    timer->next = *at;
    *at = timer;
    return timer;
}

void loop_cancel(struct loop *loop, struct timer *timer)
{
    for (struct timer **at = &loop->timers; timer && *at; at = &(*at)->next)
        if (*at == timer) {
            *at = timer->next;
            free(timer);
            return;
        }
}

void loop_at_end(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    loop->at_end = fn;
    loop->at_end_arg = arg;
}

/* --- a platform that does as it is told -------------------------------------------------------------------------- */

enum { UNDER_WAY_MAX = 64, ENDS_MAX = 64 };

struct under_way {
    char lane[64], body[256];
    bool again;
    void (*done)(void *arg, const struct sent *sent);
    void *arg;
};

struct rig {
    struct loop loop;
    struct store *store;
    struct metrics *metrics;
    struct desk *desk;
    struct shop shop;
    char folder[200], file[256];
    int64_t clock_offset_ms; /* what the system's clock shows more than the loop's */

    struct buf posted; /* what was sent: "lane body; " */
    struct under_way under_way[UNDER_WAY_MAX];
    size_t n_under_way, most_under_way;
    struct sent ends[ENDS_MAX]; /* what the next posts come to, in this order; then all are done */
    size_t n_ends, next_end;
    bool off;          /* the platform is not registered when the rig opens */
    int64_t expire_ms; /* 0: as usual */
    bool hold;         /* posts stay under way until `finish` */

    struct buf acks;   /* "key+ " acknowledged, "key- " not */
    size_t posts_each; /* of an answer; 0: one */
    bool share;        /* answers can be shared */
    bool again;        /* posts may be sent twice */
    bool lane_each;    /* every post of an answer has a lane of its own */
    size_t composed;
};

static int64_t rig_clock_offset_ms;
static struct loop *rig_loop;
static inline int64_t rig_clock_ms(void)
{
    return INT64_C(1767225600000) + rig_loop->now_ms + rig_clock_offset_ms;
}

static inline struct post *rig_post(struct rig *rig, struct posts *out, struct str lane, struct str body)
{
    struct post *post = &out->items[out->n++];
    *post = (struct post){.lane = lane, .method = STR("POST"), .route = STR("say"), .body = body, .again = rig->again};
    return post;
}

/* The target is the lane; the body names what was recognised. With several posts a number follows. */
static inline void rig_compose(void *self, const struct question *question, const struct reply *reply, struct arena *a,
                               struct posts *out)
{
    struct rig *rig = self;
    struct str intent = reply->parts[0].intent.n ? reply->parts[0].intent : str_of(outcome_name(reply->outcome));
    rig->composed++;
    for (size_t i = 0; i < (rig->posts_each ? rig->posts_each : 1); i++)
        rig_post(rig, out,
                 rig->lane_each ? arena_fmt(a, "%.*s.%zu", STR_FMT(question->target), i + 1)
                                : arena_str(a, question->target),
                 rig->posts_each ? arena_fmt(a, "%.*s/%zu", STR_FMT(intent), i + 1) : arena_str(a, intent));
    if (rig->share)
        out->share = arena_fmt(a, "shared %.*s", STR_FMT(intent));
}

static inline void rig_thank(void *self, const struct question *question, bool helpful, struct arena *a,
                             struct posts *out)
{
    rig_post(self, out, arena_str(a, question->target), helpful ? STR("thanks") : STR("sorry"));
}

static inline void rig_share(void *self, const struct question *question, struct str share, struct arena *a,
                             struct posts *out)
{
    rig_post(self, out, arena_str(a, question->target), arena_str(a, share));
}

static inline void rig_send(void *self, const struct post *post, void (*done)(void *arg, const struct sent *sent),
                            void *arg)
{
    struct rig *rig = self;
    struct under_way *u = &rig->under_way[rig->n_under_way++];
    *u = (struct under_way){.again = post->again, .done = done, .arg = arg};
    snprintf(u->lane, sizeof u->lane, "%.*s", STR_FMT(post->lane));
    snprintf(u->body, sizeof u->body, "%.*s", STR_FMT(post->body));
    buf_addf(&rig->posted, "%s %s; ", u->lane, u->body);
    if (rig->n_under_way > rig->most_under_way)
        rig->most_under_way = rig->n_under_way;
}

/* The first post under way comes to this. */
static inline void finish(struct rig *rig, struct sent sent)
{
    struct under_way first = rig->under_way[0];
    rig->n_under_way--;
    memmove(rig->under_way, rig->under_way + 1, rig->n_under_way * sizeof *rig->under_way);
    first.done(first.arg, &sent);
}

/* --- the test's hands -------------------------------------------------------------------------------------------- */

static inline struct platform rig_platform(struct rig *rig)
{
    return (struct platform){.name = "slack",
                             .lane_ms = 1000,
                             .self = rig,
                             .compose = rig_compose,
                             .thank = rig_thank,
                             .share = rig_share,
                             .send = rig_send};
}

static inline void rig_open(struct rig *rig)
{
    struct err err;
    rig_loop = &rig->loop;
    rig->store = store_open(rig->file, rig_clock_ms(), &err);
    if (!rig->store) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    rig->metrics = metrics_new();
    rig->desk = desk_new(&(struct desk_options){.loop = &rig->loop,
                                                .store = rig->store,
                                                .metrics = rig->metrics,
                                                .clock_ms = rig_clock_ms,
                                                .keep_questions_days = 7,
                                                .expire_ms = rig->expire_ms});
    struct platform platform = rig_platform(rig);
    desk_use(rig->desk, rig->shop.docent);
    if (!rig->off)
        desk_platform(rig->desk, &platform);
    desk_rules(rig->desk, "slack", &(struct rules){.threads = true});
    desk_start(rig->desk);
}

static inline void rig_start(struct rig *rig)
{
    const char *tmp = getenv("TMPDIR");
    *rig = (struct rig){.loop.now_ms = 5000};
    rig_clock_offset_ms = 0;
    log_threshold(LOG_ERROR);
    buf_init(&rig->posted, 1 << 24);
    buf_init(&rig->acks, 1 << 24);
    buf_adds(&rig->posted, "");
    buf_adds(&rig->acks, "");
    shop_open(&rig->shop, 0);
    snprintf(rig->folder, sizeof rig->folder, "%s/desk-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(rig->folder))
        abort();
    snprintf(rig->file, sizeof rig->file, "%s/docent.db", rig->folder);
    rig_open(rig);
}

static inline void rig_close(struct rig *rig)
{
    rig->n_under_way = 0; /* the platform is gone, and what it had under way */
    desk_free(rig->desk);
    metrics_free(rig->metrics);
    store_close(rig->store);
    while (rig->loop.timers)
        loop_cancel(&rig->loop, rig->loop.timers);
}

/* Another process takes over, after so many milliseconds. */
static inline void rig_restart(struct rig *rig, int64_t after_ms)
{
    rig_close(rig);
    rig_clock_offset_ms += rig->loop.now_ms - 7 + after_ms;
    rig->loop.now_ms = 7; /* its loop has a clock of its own */
    rig_open(rig);
}

static inline void rig_end(struct rig *rig)
{
    rig_close(rig);
    static const char *const names[] = {"", "-wal", "-shm", "-lock"};
    for (size_t i = 0; i < COUNT(names); i++) {
        char path[300];
        snprintf(path, sizeof path, "%s%s", rig->file, names[i]);
        unlink(path);
    }
    rmdir(rig->folder);
    shop_close(&rig->shop);
    buf_release(&rig->posted);
    buf_release(&rig->acks);
}

static inline void end_of_turn(struct rig *rig)
{
    rig->loop.at_end(rig->loop.at_end_arg);
}

/* What was sent in the turn before is done; timers that are due; the end of the turn. */
static inline void one_turn(struct rig *rig)
{
    for (size_t n = rig->hold ? 0 : rig->n_under_way; n; n--)
        finish(rig, rig->next_end < rig->n_ends ? rig->ends[rig->next_end++] : (struct sent){.end = SEND_DONE});
    struct timer *timer;
    int64_t due_ms = rig->loop.now_ms;
    while ((timer = rig->loop.timers) && timer->due_ms <= due_ms) {
        struct timer now = *timer;
        rig->loop.timers = timer->next;
        free(timer);
        now.fn(now.arg);
        if (now.due_ms == due_ms && rig->loop.timers && rig->loop.timers->due_ms == due_ms &&
            rig->loop.timers->fn == now.fn && rig->loop.timers->arg == now.arg)
            break; /* it set itself again for now: the next turn */
    }
    end_of_turn(rig);
}

/* Turns until so many milliseconds have passed: one now, and one whenever a timer is due. */
static inline void turn(struct rig *rig, int64_t ms)
{
    int64_t until_ms = rig->loop.now_ms + ms;
    one_turn(rig);
    while (rig->n_under_way && !rig->hold)
        one_turn(rig);
    while (rig->loop.timers && rig->loop.timers->due_ms <= until_ms) {
        if (rig->loop.timers->due_ms > rig->loop.now_ms)
            rig->loop.now_ms = rig->loop.timers->due_ms;
        one_turn(rig);
        while (rig->n_under_way && !rig->hold)
            one_turn(rig);
    }
    rig->loop.now_ms = until_ms;
}

struct ack {
    struct rig *rig;
    char key[64];
};

static inline void on_kept(void *arg, bool ok)
{
    struct ack *ack = arg;
    buf_addf(&ack->rig->acks, "%s%s ", ack->key, ok ? "+" : "-");
    free(ack);
}

static inline enum desk_taken take(struct rig *rig, const struct incoming *in)
{
    struct ack *ack = malloc(sizeof *ack);
    ack->rig = rig;
    snprintf(ack->key, sizeof ack->key, "%.*s", STR_FMT(in->key));
    enum desk_taken taken = desk_take(rig->desk, in, on_kept, ack);
    if (taken == DESK_FULL)
        free(ack);
    return taken;
}

static inline struct incoming direct(const char *key, const char *channel, const char *text)
{
    return (struct incoming){.platform = "slack",
                             .key = str_of(key),
                             .conversation = str_of(channel),
                             .channel = str_of(channel),
                             .user = STR("U1"),
                             .direct = true,
                             .text = str_of(text),
                             .target = str_of(channel)};
}

/* Somebody asks in a direct message; the channel is conversation, target and lane, too. */
static inline enum desk_taken ask(struct rig *rig, const char *key, const char *channel, const char *text)
{
    struct incoming in = direct(key, channel, text);
    return take(rig, &in);
}

/* What was posted, or acknowledged, since this was asked last. */
static inline const char *taken_from(struct buf *b)
{
    static char text[4][20000];
    static int at;
    char *copy = text[at = (at + 1) % 4];
    snprintf(copy, sizeof text[0], "%s", b->p);
    buf_cut(b, 0);
    return copy;
}

static inline const char *posted(struct rig *rig)
{
    return taken_from(&rig->posted);
}

static inline const char *acks(struct rig *rig)
{
    return taken_from(&rig->acks);
}

/* The value of a series, 0 when it is not there: `docent_unsure_total{platform="slack"}` */
static inline double metric(const struct rig *rig, const char *series)
{
    struct buf text;
    char line[200];
    buf_init(&text, 1 << 20);
    metrics_text(rig->metrics, &text);
    snprintf(line, sizeof line, "\n%s ", series);
    const char *at = text.n ? strstr(text.p, line) : NULL;
    double value = at ? atof(at + strlen(line)) : 0;
    buf_release(&text);
    return value;
}

#endif
