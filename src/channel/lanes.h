/*
 * lanes: what waits for one platform, in queues of which each sends one thing at a time and then rests.
 *
 *     lane_join(lanes_of(lanes, STR("C1")), &thing->item);
 *     … lane = lanes_next(lanes): lane_begin(lane); the first thing of it is sent …
 *     … it is done:               lane_leave(&thing->item); lane_end(lane, 1000) …
 *
 * Pure bookkeeping: what a thing is, and whether it may be sent now, is delivery.c's. A lane is there only while
 * something waits in it, is under way or makes it rest: a lane without a purpose is freed by itself.
 */
#ifndef DOCENT_CHANNEL_LANES_H
#define DOCENT_CHANNEL_LANES_H

#include "base/str.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lane_item {     /* to be the first member of what waits */
    struct lane *lane; /* NULL: in none */
    struct lane_item *next, *before;
};

struct lane {
    struct lanes *lanes;
    struct str name;
    struct lane_item *first, *last; /* the first one is under way, if any is */
    bool under_way;
    int64_t begun_ms; /* when the last one was begun, on the loop's clock */
    struct timer *rest;
    bool ready; /* in the queue that lanes_next takes from */
    struct lane *next_ready, *next_in_bucket;
};

enum { LANES_BUCKETS = 1024 };

struct lanes {
    struct loop *loop;
    struct lane *buckets[LANES_BUCKETS];
    struct lane *ready, **ready_end;
    size_t n, under_way;
};

void lanes_init(struct lanes *lanes, struct loop *loop);
void lanes_release(struct lanes *lanes); /* what waits in them is not touched */

struct lane *lanes_of(struct lanes *lanes, struct str name); /* made when it is not there; lane_join must follow */
void lane_join(struct lane *lane, struct lane_item *item);   /* at the end; the lane may be ready now */
void lane_leave(struct lane_item *item);                     /* from whichever lane it is in */

/* Takes the lane that has been ready for longest out of its queue; NULL: none is. lane_begin or lane_end must follow. */
struct lane *lanes_next(struct lanes *lanes);
bool lane_is_free(const struct lane *lane); /* nothing is under way, it does not rest, and it is not in the queue */
void lane_begin(struct lane *lane);
void lane_end(struct lane *lane, int64_t rest_ms); /* the lane may be gone afterwards */

#endif
