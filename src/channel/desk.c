#include "channel/desk.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "channel/backlog.h"
#include "channel/conversations.h"
#include "channel/delivery.h"
#include "channel/gate.h"
#include "channel/waiters.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ID_MAX = 200, /* bytes of keys, conversations, channels, users */
    TARGET_MAX = 16 << 10,
    UNANSWERED_MAX = 500000,
    RETRY_MS = 1000, /* after a commit that failed */
    PRUNE_MS = 60 * 1000,
    PRUNE_EACH = 64,    /* rows written, after which some are taken out */
    DIALOGS_MAX = 1000, /* in memory: further ones are in the store */
    DIALOG_MS = 30 * 60 * 1000,
    EXPIRE_MS = 10 * 60 * 1000,
};

struct desk {
    struct desk_options options;
    const struct docent *docent;
    struct delivery *delivery;
    struct conversations *conversations;
    struct gate *gate;

    struct backlog backlog; /* by the loop's clock */
    struct waiters waiters; /* for the end of the turn */
    struct arena arena;     /* for one answer */

    bool ok;    /* the last commit worked */
    bool retry; /* it did not, and it is time to try again */
    bool draining;
    struct timer *soon, *prune;
    size_t written; /* since the last pruning */
};

/* --- small things --------------------------------------------------------------------------------------------- */

static int64_t now_ms(const struct desk *desk)
{
    return loop_now_ms(desk->options.loop);
}

static int64_t clock_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void count(struct desk *desk, const char *name, const char *platform, const char *what)
{
    metrics_add(desk->options.metrics, name, platform, what, 1);
}

static void wake_up(void *arg)
{
    struct desk *desk = arg;
    desk->soon = NULL;
    desk->retry = !desk->ok;
}

/* Another turn comes without waiting for anything else. */
static void come_again(struct desk *desk, int64_t ms)
{
    if (!desk->soon)
        desk->soon = loop_after(desk->options.loop, ms, wake_up, desk);
}

/* --- taking --------------------------------------------------------------------------------------------------- */

void desk_rules(struct desk *desk, const char *platform, const struct rules *rules)
{
    gate_set(desk->gate, platform, rules);
}

bool desk_takes_part(struct desk *desk, struct str conversation)
{
    return conversations_lately(desk->conversations, conversation);
}

bool desk_allows(struct desk *desk, const struct incoming *in)
{
    return gate_is_for_us(desk->gate, in) && gate_is_cool(desk->gate, in);
}

static bool has_sound_sizes(const struct incoming *in)
{
    return in->key.n && in->key.n <= ID_MAX && in->of.n <= ID_MAX && in->conversation.n <= ID_MAX &&
           in->channel.n <= ID_MAX && in->user.n <= ID_MAX && in->intent.n <= ID_MAX && in->target.n <= TARGET_MAX;
}

static enum desk_taken ignore(struct desk *desk, void (*kept)(void *arg, bool ok), void *arg)
{
    waiters_add(&desk->waiters, kept, arg, WAITERS_IN_ANY_CASE);
    return DESK_IGNORED;
}

static enum desk_taken refuse(struct desk *desk, const struct incoming *in)
{
    count(desk, "docent_refused_total", in->platform, desk->draining ? "draining" : desk->ok ? "full" : "store");
    return DESK_FULL;
}

static enum desk_taken keep(struct desk *desk, const struct incoming *in)
{
    struct store_row row = {
        .kind = in->kind,
        .taken_ms = desk->options.clock_ms(),
        .platform = str_of(in->platform),
        .key = in->key,
        .conversation = in->conversation,
        .channel = in->channel,
        .user = in->user,
        .text = str_sub(in->text, 0, utf8_at(in->text, DOCENT_TEXT_MAX)),
        .target = in->target,
        .of = in->of,
        .intent = in->intent,
    };
    switch (store_take(desk->options.store, &row)) {
    case STORE_FAILED:
        return refuse(desk, in);
    case STORE_KNOWN:
        count(desk, "docent_duplicates_total", in->platform, NULL);
        return DESK_KNOWN;
    case STORE_NEW:
        break;
    }
    if (!gate_is_cool(desk->gate, in)) { /* its key stays taken: another delivery of it is not answered later */
        store_remove(desk->options.store, row.id);
        return DESK_IGNORED;
    }
    backlog_add(&desk->backlog, (struct pending){row.id, now_ms(desk)});
    return DESK_TAKEN;
}

/*
 * The order matters: a message that is not for us must not take its key, since Slack sends a mention twice under the same
 * key, once as a plain message.
 */
enum desk_taken desk_take(struct desk *desk, const struct incoming *in, void (*kept)(void *arg, bool ok), void *arg)
{
    if (!has_sound_sizes(in)) {
        count(desk, "docent_refused_total", in->platform, "size");
        log_warn("desk.refused", log_text("platform", in->platform),
                 log_text("reason", "an id or its target is empty or too long"));
        return ignore(desk, kept, arg);
    }
    if (!gate_is_for_us(desk->gate, in))
        return ignore(desk, kept, arg);
    if (desk->draining || !desk->ok || backlog_waiting(&desk->backlog) >= UNANSWERED_MAX)
        return refuse(desk, in);
    enum desk_taken taken = keep(desk, in);
    if (taken != DESK_FULL)
        waiters_add(&desk->waiters, kept, arg, WAITERS_NEED_IT);
    return taken;
}

bool desk_first_time(struct desk *desk, const char *platform, struct str key)
{
    /* Where nothing can be kept, rather twice than not at all. */
    if (!desk->ok || store_take_key(desk->options.store, key) != STORE_KNOWN)
        return true;
    count(desk, "docent_duplicates_total", platform, NULL);
    return false;
}

void desk_when_kept(struct desk *desk, void (*fn)(void *arg, bool ok), void *arg)
{
    waiters_add(&desk->waiters, fn, arg, WAITERS_NEED_IT);
}

/* --- answering ------------------------------------------------------------------------------------------------ */

/* The intent that a reply is counted under: of the first part that has the reply's outcome. */
static struct str intent_of(const struct reply *reply)
{
    for (size_t i = 0; i < reply->n_parts; i++)
        if (reply->parts[i].outcome == reply->outcome)
            return reply->parts[i].intent;
    return STR("");
}

static void note_answer(struct desk *desk, const char *platform, struct str text, const struct reply *reply,
                        int64_t took_us)
{
    const char *outcome = outcome_name(reply->outcome);
    struct str intent = intent_of(reply);
    count(desk, "docent_questions_total", platform, outcome);
    metrics_observe(desk->options.metrics, "docent_engine_seconds", (double)took_us / 1e6);
    store_count(desk->options.store, &(struct store_asked){desk->options.clock_ms(), platform, outcome, intent,
                                                           desk->options.keep_questions_days > 0 ? text : STR("")});
    log_info("desk.answered", log_text("platform", platform), log_text("outcome", outcome), log_str("intent", intent),
             log_int("us", took_us));
    log_debug("desk.asked", log_text("platform", platform), log_str("text", text));
}

const struct reply *desk_answer(struct desk *desk, const char *platform, struct str conversation, struct str text,
                                struct arena *a)
{
    assert(desk->docent);
    struct dialog *dialog = conversations_get(desk->conversations, conversation);
    int64_t from_us = clock_us();
    const struct reply *reply = docent_ask(desk->docent, dialog, text, a);
    note_answer(desk, platform, text, reply, clock_us() - from_us);
    conversations_keep(desk->conversations, conversation, dialog);
    desk->written++;
    return reply;
}

static void share(struct desk *desk, const struct platform *platform, const struct store_row *row,
                  const struct question *question, struct posts *posts)
{
    struct str text = {NULL, 0};
    if (!store_share(desk->options.store, row->of, &desk->arena, &text))
        log_info("desk.share_gone", log_text("platform", platform->name), log_str("key", row->of));
    platform->share(platform->self, question, text, &desk->arena, posts);
}

static void feedback(struct desk *desk, const struct platform *platform, const struct store_row *row,
                     const struct question *question, struct posts *posts)
{
    bool helpful = row->kind == INCOMING_HELPFUL;
    const char *answer = helpful ? "helpful" : "unhelpful";
    count(desk, "docent_feedback_total", platform->name, answer);
    store_feedback(desk->options.store, platform->name, row->intent, helpful, desk->options.clock_ms());
    log_info("desk.feedback", log_text("platform", platform->name), log_str("intent", row->intent),
             log_text("answer", answer));
    platform->thank(platform->self, question, helpful, &desk->arena, posts);
}

static void compose(struct desk *desk, const struct platform *platform, const struct store_row *row,
                    struct posts *posts)
{
    const struct question question = {
        .key = row->key,
        .conversation = row->conversation,
        .channel = row->channel,
        .user = row->user,
        .text = row->text,
        .target = row->target,
        .taken_ms = row->taken_ms,
    };
    if (row->kind == INCOMING_SHARE) {
        share(desk, platform, row, &question, posts);
    } else if (row->kind == INCOMING_HELPFUL || row->kind == INCOMING_UNHELPFUL) {
        feedback(desk, platform, row, &question, posts);
    } else {
        const struct reply *reply = desk_answer(desk, platform->name, row->conversation, row->text, &desk->arena);
        platform->compose(platform->self, &question, reply, &desk->arena, posts);
    }
}

static void answer(struct desk *desk, struct pending pending)
{
    struct store *store = desk->options.store;
    struct store_row row;
    if (!store_row(store, pending.id, &desk->arena, &row))
        return; /* the store is broken, and this turn will be undone */
    const struct platform *platform = delivery_find(desk->delivery, row.platform);
    if (now_ms(desk) - pending.since_ms >= desk->options.expire_ms) {
        count(desk, "docent_given_up_total", platform->name, "expired");
        log_warn("desk.expired", log_text("platform", platform->name), log_str("key", row.key));
        store_remove(store, row.id);
        return;
    }
    struct posts *posts = arena_alloc(&desk->arena, sizeof *posts);
    compose(desk, platform, &row, posts);
    if (posts->share.n)
        store_keep_share(store, row.key, posts->share, desk->options.clock_ms());
    if (posts->n)
        delivery_answer(desk->delivery, platform, row.id, row.taken_ms, posts, &desk->arena);
    else
        store_remove(store, row.id);
}

static void answer_some(struct desk *desk)
{
    for (size_t n = backlog_due(&desk->backlog, now_ms(desk)); n; n--) {
        answer(desk, backlog_next(&desk->backlog));
        arena_reset(&desk->arena);
    }
}

/* --- the end of a turn ---------------------------------------------------------------------------------------- */

static bool commit(struct desk *desk)
{
    struct err err;
    if (!store_has_written(desk->options.store) && !store_broken(desk->options.store))
        return true;
    int64_t from_us = clock_us();
    bool ok = store_commit(desk->options.store, &err);
    metrics_observe(desk->options.metrics, "docent_commit_seconds", (double)(clock_us() - from_us) / 1e6);
    if (!ok) {
        metrics_add(desk->options.metrics, "docent_store_failures_total", NULL, NULL, 1);
        if (desk->ok)
            log_error("store.failed", log_text("problem", err.text));
    } else if (!desk->ok) {
        log_info("store.recovered");
    }
    desk->ok = ok;
    return ok;
}

/* The turn is over. If it failed, what it took is forgotten, and what it answered waits again. */
static void next_turn(struct desk *desk, bool ok)
{
    backlog_end_turn(&desk->backlog, ok);
    conversations_committed(desk->conversations, ok);
}

static void prune(struct desk *desk)
{
    if (desk->written >= PRUNE_EACH) {
        store_prune(desk->options.store, desk->options.clock_ms(), desk->options.keep_questions_days,
                    2 * desk->written);
        desk->written = 0;
    }
}

static void end_turn(void *arg)
{
    struct desk *desk = arg;
    if (!desk->ok && !desk->retry) {
        store_commit(desk->options.store, NULL); /* of what others wrote: it has to wait, too */
        next_turn(desk, false);
        waiters_tell(&desk->waiters, false);
        return;
    }
    desk->written += backlog_added(&desk->backlog);
    if (desk->retry)
        store_probe(desk->options.store);
    else
        answer_some(desk);
    desk->retry = false;
    delivery_prepare(desk->delivery);
    prune(desk);
    bool ok = commit(desk);
    next_turn(desk, ok);
    delivery_committed(desk->delivery, ok);
    waiters_tell(&desk->waiters, ok);
    bool pauses = backlog_pauses(&desk->backlog, now_ms(desk)); /* then nobody waits for an acknowledgement */
    store_checkpoint(desk->options.store, pauses);
    if (!ok)
        come_again(desk, RETRY_MS);
    else if (backlog_waiting(&desk->backlog))
        come_again(desk, pauses ? 0 : BACKLOG_PAUSE_MS);
}

static void prune_now_and_then(void *arg)
{
    struct desk *desk = arg;
    desk->written += PRUNE_EACH;
    desk->prune = loop_after(desk->options.loop, PRUNE_MS, prune_now_and_then, desk);
}

/* --- the whole ------------------------------------------------------------------------------------------------ */

struct desk *desk_new(const struct desk_options *options)
{
    struct desk *desk = mem_alloc(sizeof *desk);
    struct desk_options *o = &desk->options;
    *o = *options;
    o->dialogs_max = o->dialogs_max ? o->dialogs_max : DIALOGS_MAX;
    o->dialog_ms = o->dialog_ms ? o->dialog_ms : DIALOG_MS;
    o->expire_ms = o->expire_ms ? o->expire_ms : EXPIRE_MS;
    desk->delivery = delivery_new(&(struct delivery_options){o->loop, o->store, o->metrics, o->clock_ms, o->expire_ms});
    desk->conversations = conversations_new(
        &(struct conversations_options){o->loop, o->store, o->clock_ms, o->dialogs_max, o->dialog_ms});
    desk->gate = gate_new(o->loop, o->metrics, desk->conversations);
    desk->ok = true;
    loop_at_end(o->loop, end_turn, desk);
    desk->prune = loop_after(o->loop, PRUNE_MS, prune_now_and_then, desk);
    return desk;
}

void desk_free(struct desk *desk)
{
    if (!desk)
        return;
    loop_cancel(desk->options.loop, desk->soon);
    loop_cancel(desk->options.loop, desk->prune);
    delivery_free(desk->delivery);
    gate_free(desk->gate);
    conversations_free(desk->conversations);
    backlog_release(&desk->backlog);
    waiters_release(&desk->waiters);
    arena_release(&desk->arena);
    free(desk);
}

void desk_use(struct desk *desk, const struct docent *d)
{
    desk->docent = d;
}

const struct docent *desk_docent(const struct desk *desk)
{
    return desk->docent;
}

void desk_platform(struct desk *desk, const struct platform *platform)
{
    delivery_platform(desk->delivery, platform);
}

struct left { /* what an earlier process left */
    struct desk *desk;
    size_t questions, answers, strange;
};

static void take_over(void *arg, const struct store_row *row)
{
    struct left *left = arg;
    struct desk *desk = left->desk;
    int64_t age_ms = desk->options.clock_ms() - row->taken_ms;
    if (!delivery_find(desk->delivery, row->platform)) {
        left->strange++;
    } else if (row->state == STORE_TAKEN) {
        backlog_add(&desk->backlog, (struct pending){row->id, now_ms(desk) - (age_ms > 0 ? age_ms : 0)});
        left->questions++;
    } else {
        delivery_resume(desk->delivery, row);
        left->answers++;
    }
}

void desk_start(struct desk *desk)
{
    struct left left = {.desk = desk};
    struct err err;
    if (!store_rows(desk->options.store, take_over, &left, &err))
        log_error("store.failed", log_text("problem", err.text));
    if (left.questions || left.answers)
        log_info("desk.resumed", log_int("unanswered", (long long)left.questions),
                 log_int("undelivered", (long long)left.answers));
    if (left.strange)
        log_warn("desk.left", log_int("rows", (long long)left.strange),
                 log_text("reason", "their platform is switched off"));
    next_turn(desk, true); /* what was just put into the queue is not of a turn that can fail */
    come_again(desk, 0);
}

void desk_drain(struct desk *desk)
{
    desk->draining = true;
}

bool desk_idle(const struct desk *desk)
{
    return !backlog_waiting(&desk->backlog) && !desk->waiters.n && delivery_idle(desk->delivery);
}

struct desk_state desk_state(const struct desk *desk)
{
    struct desk_state state = {
        .unanswered = backlog_waiting(&desk->backlog),
        .undelivered = delivery_waiting(desk->delivery),
        .lanes = delivery_lanes(desk->delivery),
        .oldest_ms = delivery_oldest_ms(desk->delivery),
        .store_ok = desk->ok,
    };
    int64_t oldest_ms = backlog_oldest_ms(&desk->backlog, now_ms(desk));
    if (oldest_ms > state.oldest_ms)
        state.oldest_ms = oldest_ms;
    return state;
}

void desk_gauges(struct desk *desk)
{
    struct metrics *m = desk->options.metrics;
    struct desk_state state = desk_state(desk);
    metrics_set(m, "docent_outbox_rows", NULL, "unanswered", (double)state.unanswered);
    metrics_set(m, "docent_outbox_rows", NULL, "undelivered", (double)state.undelivered);
    metrics_set(m, "docent_outbox_oldest_seconds", NULL, NULL, (double)state.oldest_ms / 1000);
    metrics_set(m, "docent_lanes", NULL, NULL, (double)state.lanes);
    metrics_set(m, "docent_store_up", NULL, NULL, state.store_ok);
}
