#include "channel/delivery.h"

#include "base/log.h"
#include "base/mem.h"
#include "channel/lanes.h"
#include "channel/posts.h"
#include "net/backoff.h"
#include "net/sign.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLATFORMS_MAX = 4,
    UNDER_WAY_MAX = 6, /* posts of a platform, each on a connection of its own: what waits inside libcurl would
                                   be marked as sent for nothing */
    AGAIN_FIRST_MS = 1000,
    AGAIN_MAX_MS = 60 * 1000,
    SWEEP_MS = 5000, /* between two looks for what has expired */
};

enum progress {
    WAITING,
    CHOSEN, /* goes out after the commit of this turn */
    SENDING,
    OVER, /* delivered or given up: to be taken out of the store */
};

struct row {
    struct lane_item item; /* in a lane, unless it is OVER */
    int64_t id;
    int64_t since_ms; /* when it was taken, on the loop's clock */
    struct target *target;
    struct row *newer, *older; /* among all */
    struct row *next_changed;
    char *packed; /* its posts, owned, while CHOSEN or SENDING */
    size_t packed_n;
    char *plain; /* body of the post when its form was refused; owned, else NULL */
    size_t plain_n;
    unsigned tries;
    uint8_t n, sent; /* posts */
    enum progress progress;
    bool fresh;              /* answered in this turn */
    bool changed;            /* in the list of rows that may stand in the store otherwise */
    enum store_state stored; /* how it stands there */
    uint8_t stored_sent;
};

struct target { /* a platform */
    struct platform platform;
    struct delivery *delivery;
    struct lanes lanes;
    struct timer *rest; /* of all lanes, until then */
    int64_t rest_until_ms;
    bool dead;
    size_t n_rows;
};

struct delivery {
    struct delivery_options options;
    struct target targets[PLATFORMS_MAX];
    size_t n_targets;
    size_t n_rows;
    struct row *oldest, *newest;
    struct row *changed, **changed_end;
    struct timer *sweep;
    struct arena arena; /* for the length of a call */
};

static struct target *find(const struct delivery *d, struct str name)
{
    for (size_t i = 0; i < d->n_targets; i++)
        if (str_is(name, d->targets[i].platform.name))
            return (struct target *)&d->targets[i];
    return NULL;
}

/* --- rows --------------------------------------------------------------------------------------------------- */

static struct row *new_row(struct delivery *d, struct target *target, int64_t id, int64_t taken_ms)
{
    struct row *row = mem_alloc(sizeof *row);
    int64_t age_ms = d->options.clock_ms() - taken_ms;
    row->id = id;
    row->since_ms = loop_now_ms(d->options.loop) - (age_ms > 0 ? age_ms : 0);
    row->target = target;
    row->older = d->newest;
    *(d->newest ? &d->newest->newer : &d->oldest) = row;
    d->newest = row;
    d->n_rows++;
    target->n_rows++;
    return row;
}

static void free_row(struct delivery *d, struct row *row)
{
    *(row->newer ? &row->newer->older : &d->newest) = row->older;
    *(row->older ? &row->older->newer : &d->oldest) = row->newer;
    d->n_rows--;
    row->target->n_rows--;
    free(row->packed);
    free(row->plain);
    free(row);
}

static void forget_posts(struct row *row)
{
    free(row->packed);
    row->packed = NULL;
}

static void forget_plain(struct row *row)
{
    free(row->plain);
    row->plain = NULL;
}

/* The row may have to be written in the next commit. */
static void note_change(struct delivery *d, struct row *row)
{
    if (row->changed)
        return;
    row->changed = true;
    row->next_changed = NULL;
    *d->changed_end = row;
    d->changed_end = &row->next_changed;
}

/* --- what is over ------------------------------------------------------------------------------------------- */

static void count(const struct row *row, const char *result)
{
    metrics_add(row->target->delivery->options.metrics, "docent_delivery_total", row->target->platform.name, result, 1);
}

/* A line about a row, with its key, which only the store knows. */
static void log_row(struct delivery *d, const struct row *row, enum log_level level, const char *event,
                    const char *reason)
{
    struct store_row kept = {.id = 0};
    store_row(d->options.store, row->id, &d->arena, &kept);
    LOG_EVENT(level, event, log_text("platform", row->target->platform.name), log_str("key", kept.key),
              log_int("post", row->sent + 1), log_int("of", row->n), log_text("reason", reason ? reason : "none given"),
              {.key = NULL});
    arena_reset(&d->arena);
}

/* The row leaves its lane at once, and the store with the next commit. */
static void finish(struct delivery *d, struct row *row)
{
    lane_leave(&row->item);
    forget_posts(row);
    forget_plain(row);
    row->progress = OVER;
    note_change(d, row);
}

static void give_up(struct delivery *d, struct row *row, const char *event, const char *kind, const char *reason)
{
    log_row(d, row, LOG_WARN, event, reason);
    metrics_add(d->options.metrics, "docent_given_up_total", row->target->platform.name, kind, 1);
    finish(d, row);
}

static bool has_expired(const struct delivery *d, const struct row *row)
{
    return loop_now_ms(d->options.loop) - row->since_ms >= d->options.expire_ms;
}

/* Chosen rows are looked at then; this is for those whose turn does not come. */
static void sweep(void *arg)
{
    struct delivery *d = arg;
    d->sweep = NULL;
    for (struct row *row = d->oldest, *newer; row; row = newer) {
        newer = row->newer;
        if (row->progress == WAITING && has_expired(d, row))
            give_up(d, row, "outbox.expired", "expired",
                    row->target->dead ? "the platform is dead" : "not delivered in time");
    }
    if (d->n_rows)
        d->sweep = loop_after(d->options.loop, SWEEP_MS, sweep, d);
}

static void watch_for_expiry(struct delivery *d)
{
    if (!d->sweep)
        d->sweep = loop_after(d->options.loop, SWEEP_MS, sweep, d);
}

/* --- choosing what goes out ----------------------------------------------------------------------------------- */

static bool may_send(const struct target *target)
{
    return !target->dead && !target->rest && target->lanes.under_way < UNDER_WAY_MAX;
}

static struct row *first_of(const struct lane *lane)
{
    return (struct row *)lane->first;
}

/* The first row of the lane goes out after this turn's commit. */
static void choose(struct delivery *d, struct lane *lane, struct str packed)
{
    struct row *row = first_of(lane);
    row->packed = mem_alloc(packed.n);
    memcpy(row->packed, packed.p, packed.n);
    row->packed_n = packed.n;
    row->progress = CHOSEN;
    lane_begin(lane);
    note_change(d, row);
}

/* False: the lane has nothing to send now. */
static bool choose_first(struct delivery *d, struct lane *lane)
{
    struct str packed;
    struct posts posts;
    struct row *row = first_of(lane);
    bool chosen = false;
    if (has_expired(d, row)) {
        give_up(d, row, "outbox.expired", "expired", "not delivered in time");
    } else if (store_posts(d->options.store, row->id, &d->arena, &packed) && posts_unpack(packed, &posts) &&
               row->sent < posts.n) {
        choose(d, lane, packed);
        chosen = true;
    } else if (!store_broken(d->options.store)) { /* else this turn fails, and another one tries again */
        give_up(d, row, "outbox.dropped", "unreadable", "what the store holds of it cannot be read");
    }
    arena_reset(&d->arena);
    return chosen;
}

static void choose_from(struct delivery *d, struct target *target)
{
    struct lane *lane;
    while (may_send(target) && !store_broken(d->options.store) && (lane = lanes_next(&target->lanes)))
        if (!lane->first || !choose_first(d, lane))
            lane_end(lane, 0);
}

void delivery_answer(struct delivery *d, const struct platform *platform, int64_t id, int64_t taken_ms,
                     const struct posts *posts, struct arena *a)
{
    assert(posts->n >= 1 && posts->n <= POSTS_MAX);
    struct target *target = find(d, str_of(platform->name));
    struct row *row = new_row(d, target, id, taken_ms);
    struct str packed = posts_pack(posts, a);
    row->n = (uint8_t)posts->n;
    row->fresh = true;
    note_change(d, row);
    bool first_in_line = !target->lanes.ready && may_send(target);
    lane_join(lanes_of(&target->lanes, posts->items[0].lane), &row->item);
    /* Straight away, when nothing is before it: then answering and marking are one write. */
    if (first_in_line && target->lanes.ready)
        choose(d, lanes_next(&target->lanes), packed);
    row->stored = row->progress == CHOSEN ? STORE_SENDING : STORE_ANSWERED;
    store_answer(d->options.store, id, row->stored, packed);
    watch_for_expiry(d);
}

/* A post that an earlier process had begun to send. */
static void resume_in_doubt(struct delivery *d, struct row *row, const struct posts *posts, struct str key)
{
    if (posts->items[row->sent].again)
        return;
    const char *name = row->target->platform.name;
    log_warn("outbox.unsure", log_text("platform", name), log_str("key", key), log_int("post", row->sent + 1),
             log_int("of", row->n), log_text("reason", "docent ended while it was being sent"));
    metrics_add(d->options.metrics, "docent_unsure_total", name, NULL, 1);
    row->sent++;
}

void delivery_resume(struct delivery *d, const struct store_row *from)
{
    struct target *target = find(d, from->platform);
    struct row *row = new_row(d, target, from->id, from->taken_ms);
    struct posts posts;
    bool readable = posts_unpack(from->posts, &posts) && from->sent < posts.n;
    row->n = readable ? (uint8_t)posts.n : 0;
    row->sent = row->stored_sent = (uint8_t)from->sent;
    row->stored = from->state;
    if (readable && from->state == STORE_SENDING)
        resume_in_doubt(d, row, &posts, from->key);
    note_change(d, row);
    if (!readable)
        give_up(d, row, "outbox.dropped", "unreadable", "what the store holds of it cannot be read");
    else if (row->sent == row->n)
        finish(d, row);
    else
        lane_join(lanes_of(&target->lanes, posts.items[row->sent].lane), &row->item);
    watch_for_expiry(d);
}

/* --- sending -------------------------------------------------------------------------------------------------- */

/* A post is out, or counts as if it were: on to the next one. */
static void advance(struct delivery *d, struct row *row)
{
    struct posts posts;
    row->sent++;
    row->tries = 0;
    forget_plain(row);
    if (row->sent == row->n) {
        metrics_observe(d->options.metrics, "docent_answer_seconds",
                        (double)(loop_now_ms(d->options.loop) - row->since_ms) / 1000);
        finish(d, row);
        return;
    }
    posts_unpack((struct str){row->packed, row->packed_n}, &posts);
    if (str_eq(posts.items[row->sent].lane, row->item.lane->name))
        return;
    lane_leave(&row->item);
    lane_join(lanes_of(&row->target->lanes, posts.items[row->sent].lane), &row->item);
}

static void all_rested(void *arg)
{
    struct target *target = arg;
    target->rest = NULL;
}

/* All lanes of the platform wait, unless they do already, and longer. */
static void rest_all(struct target *target, int64_t ms)
{
    struct loop *loop = target->delivery->options.loop;
    if (target->rest && target->rest_until_ms >= loop_now_ms(loop) + ms)
        return;
    loop_cancel(loop, target->rest);
    target->rest = loop_after(loop, ms, all_rested, target);
    target->rest_until_ms = loop_now_ms(loop) + ms;
}

static void die(struct target *target, const char *reason)
{
    if (!target->dead)
        log_error("outbox.stopped", log_text("platform", target->platform.name),
                  log_int("waiting", (long long)target->n_rows), log_text("reason", reason ? reason : "none given"));
    target->dead = true;
}

static void count_wait(const struct row *row, const char *scope)
{
    count(row, "wait");
    metrics_add(row->target->delivery->options.metrics, "docent_rate_limited_total", row->target->platform.name, scope,
                1);
}

/* What became of the post; returns how long the lane has to rest on account of it. */
static int64_t end_of(struct delivery *d, struct row *row, const struct post *post, const struct sent *sent)
{
    enum send_end end = sent->end;
    if (end == SEND_UNSURE && post->again)
        end = SEND_AGAIN;
    if (end == SEND_PLAIN && (row->plain || !sent->plain.n))
        end = SEND_DROP;
    switch (end) {
    case SEND_DONE:
        count(row, "done");
        advance(d, row);
        return 0;
    case SEND_WAIT:
        count_wait(row, "lane");
        return sent->wait_ms;
    case SEND_WAIT_ALL:
        count_wait(row, "all");
        rest_all(row->target, sent->wait_ms);
        return 0;
    case SEND_AGAIN:
        count(row, "again");
        return backoff_ms(row->tries++, AGAIN_FIRST_MS, AGAIN_MAX_MS, sign_random());
    case SEND_UNSURE:
        count(row, "unsure");
        metrics_add(d->options.metrics, "docent_unsure_total", row->target->platform.name, NULL, 1);
        log_row(d, row, LOG_WARN, "outbox.unsure", sent->reason);
        advance(d, row);
        return 0;
    case SEND_PLAIN:
        count(row, "plain");
        row->plain = mem_alloc(sent->plain.n);
        memcpy(row->plain, sent->plain.p, row->plain_n = sent->plain.n);
        return 0;
    case SEND_DROP:
        count(row, "drop");
        give_up(d, row, "outbox.dropped", "refused", sent->reason);
        return 0;
    case SEND_DEAD:
        count(row, "dead");
        die(row->target, sent->reason);
        return 0;
    }
    return 0;
}

static void on_sent(void *arg, const struct sent *sent)
{
    struct row *row = arg;
    struct target *target = row->target;
    struct delivery *d = target->delivery;
    struct lane *lane = row->item.lane;
    struct posts posts;
    posts_unpack((struct str){row->packed, row->packed_n}, &posts);
    row->progress = WAITING;
    note_change(d, row);
    int64_t wait_ms = end_of(d, row, &posts.items[row->sent], sent);
    forget_posts(row);
    int64_t least_ms = lane->begun_ms + target->platform.lane_ms - loop_now_ms(d->options.loop);
    lane_end(lane, wait_ms > least_ms ? wait_ms : least_ms);
}

static void send(struct row *row)
{
    struct posts posts;
    posts_unpack((struct str){row->packed, row->packed_n}, &posts);
    struct post *post = &posts.items[row->sent];
    if (row->plain)
        post->body = (struct str){row->plain, row->plain_n};
    row->progress = SENDING;
    row->target->platform.send(row->target->platform.self, post, on_sent, row);
}

/* --- the turn ------------------------------------------------------------------------------------------------- */

static enum store_state state_of(const struct row *row)
{
    return row->progress == CHOSEN || row->progress == SENDING ? STORE_SENDING : STORE_ANSWERED;
}

void delivery_prepare(struct delivery *d)
{
    for (size_t i = 0; i < d->n_targets; i++)
        choose_from(d, &d->targets[i]);
    for (const struct row *row = d->changed; row; row = row->next_changed) {
        if (row->progress == OVER)
            store_remove(d->options.store, row->id);
        else if (state_of(row) != row->stored || row->sent != row->stored_sent)
            store_mark(d->options.store, row->id, state_of(row), row->sent);
    }
}

static void after_commit(struct delivery *d, struct row *row)
{
    row->fresh = false;
    if (row->progress == OVER) {
        free_row(d, row);
        return;
    }
    row->stored = state_of(row);
    row->stored_sent = row->sent;
    if (row->progress == CHOSEN)
        send(row);
}

static void after_failure(struct delivery *d, struct row *row)
{
    struct lane *lane = row->item.lane;
    bool chosen = row->progress == CHOSEN;
    if (chosen) {
        row->progress = WAITING;
        forget_posts(row);
    }
    if (row->fresh) {
        lane_leave(&row->item);
        free_row(d, row);
    } else {
        note_change(d, row); /* still to be written */
    }
    if (chosen)
        lane_end(lane, 0);
}

void delivery_committed(struct delivery *d, bool ok)
{
    struct row *changed = d->changed;
    d->changed = NULL;
    d->changed_end = &d->changed;
    for (struct row *row = changed, *next; row; row = next) {
        next = row->next_changed;
        row->changed = false;
        (ok ? after_commit : after_failure)(d, row);
    }
}

/* --- the whole ------------------------------------------------------------------------------------------------ */

struct delivery *delivery_new(const struct delivery_options *options)
{
    struct delivery *d = mem_alloc(sizeof *d);
    d->options = *options;
    d->changed_end = &d->changed;
    return d;
}

void delivery_free(struct delivery *d)
{
    if (!d)
        return;
    struct loop *loop = d->options.loop;
    for (struct row *row = d->oldest, *newer; row; row = newer) {
        newer = row->newer;
        free_row(d, row);
    }
    for (size_t i = 0; i < d->n_targets; i++) {
        loop_cancel(loop, d->targets[i].rest);
        lanes_release(&d->targets[i].lanes);
    }
    loop_cancel(loop, d->sweep);
    arena_release(&d->arena);
    free(d);
}

void delivery_platform(struct delivery *d, const struct platform *platform)
{
    struct target *target = find(d, str_of(platform->name));
    if (!target) {
        assert(d->n_targets < PLATFORMS_MAX);
        target = &d->targets[d->n_targets++];
        target->delivery = d;
        lanes_init(&target->lanes, d->options.loop);
    }
    target->platform = *platform;
    target->dead = false;
}

const struct platform *delivery_find(const struct delivery *d, struct str name)
{
    const struct target *target = find(d, name);
    return target ? &target->platform : NULL;
}

size_t delivery_waiting(const struct delivery *d)
{
    return d->n_rows;
}

size_t delivery_lanes(const struct delivery *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n_targets; i++)
        n += d->targets[i].lanes.n;
    return n;
}

int64_t delivery_oldest_ms(const struct delivery *d)
{
    return d->oldest ? loop_now_ms(d->options.loop) - d->oldest->since_ms : 0;
}

bool delivery_idle(const struct delivery *d)
{
    size_t beyond_help = 0;
    for (size_t i = 0; i < d->n_targets; i++)
        if (d->targets[i].dead && !d->targets[i].lanes.under_way)
            beyond_help += d->targets[i].n_rows;
    return d->n_rows == beyond_help && !d->changed;
}
