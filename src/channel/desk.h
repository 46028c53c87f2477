/*
 * desk: where questions from the platforms are taken, kept, answered and handed to the delivery, each exactly once.
 *
 * In one turn of the loop: any number of desk_take, each of which puts the question into the store's open transaction;
 * at the end of the turn a number of kept questions are answered (their posts go into the same transaction), the
 * transaction is committed, then what was taken is acknowledged (`kept` is called) and posts go out (delivery.h). So
 * whatever was acknowledged stands on disk, and a process that is killed at any moment finds it there again.
 *
 * Acknowledgements come before answers: how many are answered in a turn is backlog.h's to say.
 *
 *     struct desk *desk = desk_new(&options);
 *     desk_use(desk, docent);
 *     desk_platform(desk, slack_platform(slack));
 *     desk_start(desk);                       what an earlier process left is answered first
 *     … desk_take(desk, &incoming, acknowledge, envelope) …
 */
#ifndef DOCENT_CHANNEL_DESK_H
#define DOCENT_CHANNEL_DESK_H

#include "base/err.h"
#include "channel/incoming.h"
#include "channel/metrics.h"
#include "channel/platform.h"
#include "channel/rules.h"
#include "docent.h"
#include "net/loop.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct desk;

struct desk_options {
    struct loop *loop;
    struct store *store;       /* outlives the desk */
    struct metrics *metrics;   /* outlives the desk */
    int64_t (*clock_ms)(void); /* Unix time; tests give their own */
    size_t dialogs_max;        /* conversations in memory, further ones in the store; 0: 1,000 */
    int64_t dialog_ms;         /* a conversation that was silent for so long starts anew; 0: 30 minutes */
    int64_t expire_ms;         /* a question not answered within it is given up, and logged; 0: 10 minutes */
    int keep_questions_days;   /* how long the question log keeps people's words; 0: not at all */
};

struct desk *desk_new(const struct desk_options *options);
void desk_free(struct desk *desk);

void desk_use(struct desk *desk, const struct docent *d); /* from now on; also after a reload. Outlives its use */
const struct docent *desk_docent(const struct desk *desk);
void desk_platform(struct desk *desk, const struct platform *platform);              /* copied */
void desk_rules(struct desk *desk, const char *platform, const struct rules *rules); /* copied; see rules.h */
void desk_start(struct desk *desk);

enum desk_taken {
    DESK_TAKEN,
    DESK_KNOWN,   /* taken before: acknowledge it, it is or was answered */
    DESK_IGNORED, /* not for us, or not allowed: acknowledge it, nothing follows */
    DESK_FULL,    /* cannot be kept: do not acknowledge, the platform will come back with it */
};

/*
 * kept  called once, after the end of this turn, with whether to acknowledge; NULL: nobody waits. Not called when the
 *       result is DESK_FULL.
 */
enum desk_taken desk_take(struct desk *desk, const struct incoming *in, void (*kept)(void *arg, bool ok), void *arg);

/* Whether a conversation has had an answer lately: a message in its thread may be meant for us. */
bool desk_takes_part(struct desk *desk, struct str conversation);

/*
 * Answers at once, without the store, for those who wait on the line: POST /v1/ask, an interaction over HTTP. Counts and
 * logs like any answer. The rules are not asked: see desk_allows.
 */
const struct reply *desk_answer(struct desk *desk, const char *platform, struct str conversation, struct str text,
                                struct arena *a);
bool desk_allows(struct desk *desk, const struct incoming *in);

/* Whether this key was taken before; if not, it is from now on. For those who answer at once and must not do it twice. */
bool desk_first_time(struct desk *desk, const char *platform, struct str key);

/* Calls fn after the transaction of this turn is on disk; ok is false when that failed. */
void desk_when_kept(struct desk *desk, void (*fn)(void *arg, bool ok), void *arg);

/* Stops taking (desk_take says DESK_FULL). desk_idle: everything that was taken is answered and delivered. */
void desk_drain(struct desk *desk);
bool desk_idle(const struct desk *desk);

struct desk_state {
    size_t unanswered, undelivered, lanes;
    int64_t oldest_ms; /* age of the oldest that is not delivered */
    bool store_ok;     /* the last commit worked */
};
struct desk_state desk_state(const struct desk *desk);
void desk_gauges(struct desk *desk); /* puts its state into the metrics, before these are shown */

#endif
