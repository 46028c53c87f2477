/*
 * delivery: brings posts to their platforms: each once, in order, as fast as the platform allows.
 *
 * Posts of a lane go out one after the other, with the platform's least time between them; those of a question in their
 * order. In the store a question is marked before a post of it is sent, in the commit of the same turn, and unmarked when
 * it is known what became of the post. So after a sudden end it is known of which posts it is not known whether they
 * arrived: those that may be sent twice are sent again, the others count as sent, are logged and counted (outbox.unsure).
 *
 *     in each turn:  delivery_answer(…) …; delivery_prepare(d); bool ok = store_commit(…); delivery_committed(d, ok);
 *
 * What waits takes a hundred bytes or so in memory; the posts themselves stay in the store until they are sent. Trouble
 * over there (SEND_AGAIN) is tried again with growing pauses until the question expires. Who frees a delivery must have
 * freed the platforms before: nothing may be under way.
 */
#ifndef DOCENT_CHANNEL_DELIVERY_H
#define DOCENT_CHANNEL_DELIVERY_H

#include "channel/metrics.h"
#include "channel/platform.h"
#include "net/loop.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct delivery;

struct delivery_options {
    struct loop *loop;
    struct store *store;
    struct metrics *metrics;
    int64_t (*clock_ms)(void); /* Unix time */
    int64_t expire_ms;         /* since the question was taken */
};

struct delivery *delivery_new(const struct delivery_options *options);
void delivery_free(struct delivery *d);

/* Copied. A second one of the same name takes the place of the first, and begins anew where that was dead. */
void delivery_platform(struct delivery *d, const struct platform *platform);
const struct platform *delivery_find(const struct delivery *d, struct str name); /* NULL: not registered */

/* The posts of a question, to be written into the store and then to be sent. At least one post. */
void delivery_answer(struct delivery *d, const struct platform *platform, int64_t id, int64_t taken_ms,
                     const struct posts *posts, struct arena *a);
/* A row that an earlier process answered. The row's platform is registered. */
void delivery_resume(struct delivery *d, const struct store_row *row);

void delivery_prepare(struct delivery *d);            /* before the commit: writes what is to be sent and what was */
void delivery_committed(struct delivery *d, bool ok); /* after it; false: what was answered in this turn is forgotten */

size_t delivery_waiting(const struct delivery *d); /* questions that are not delivered */
size_t delivery_lanes(const struct delivery *d);
int64_t delivery_oldest_ms(const struct delivery *d); /* age of the oldest question that is not delivered; 0: none */
bool delivery_idle(const struct delivery *d);         /* nothing left, but what waits for a platform that is dead */

#endif
