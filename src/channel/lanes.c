#include "channel/lanes.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void lanes_init(struct lanes *lanes, struct loop *loop)
{
    *lanes = (struct lanes){.loop = loop};
    lanes->ready_end = &lanes->ready;
}

static struct lane **bucket_of(struct lanes *lanes, struct str name)
{
    uint64_t hash = str_hash(name);
    return &lanes->buckets[(hash ^ hash >> 32) & (LANES_BUCKETS - 1)];
}

struct lane *lanes_of(struct lanes *lanes, struct str name)
{
    struct lane **bucket = bucket_of(lanes, name);
    for (struct lane *lane = *bucket; lane; lane = lane->next_in_bucket)
        if (str_eq(lane->name, name))
            return lane;
    struct lane *lane = mem_alloc(sizeof *lane + name.n);
    char *copy = (char *)(lane + 1);
    if (name.n)
        memcpy(copy, name.p, name.n);
    *lane = (struct lane){.lanes = lanes, .name = {copy, name.n}, .next_in_bucket = *bucket};
    *bucket = lane;
    lanes->n++;
    return lane;
}

static void drop(struct lane *lane)
{
    struct lane **at = bucket_of(lane->lanes, lane->name);
    while (*at != lane)
        at = &(*at)->next_in_bucket;
    *at = lane->next_in_bucket;
    lane->lanes->n--;
    loop_cancel(lane->lanes->loop, lane->rest);
    free(lane);
}

void lanes_release(struct lanes *lanes)
{
    for (size_t i = 0; i < LANES_BUCKETS; i++)
        while (lanes->buckets[i])
            drop(lanes->buckets[i]);
}

bool lane_is_free(const struct lane *lane)
{
    return !lane->under_way && !lane->rest && !lane->ready;
}

/* Into the queue of those that are ready, or away, unless something else makes it stay. */
static void settle(struct lane *lane)
{
    struct lanes *lanes = lane->lanes;
    if (!lane_is_free(lane))
        return;
    if (!lane->first) {
        drop(lane);
        return;
    }
    lane->ready = true;
    lane->next_ready = NULL;
    *lanes->ready_end = lane;
    lanes->ready_end = &lane->next_ready;
}

void lane_join(struct lane *lane, struct lane_item *item)
{
    item->lane = lane;
    item->next = NULL;
    item->before = lane->last;
    *(lane->last ? &lane->last->next : &lane->first) = item;
    lane->last = item;
    settle(lane);
}

void lane_leave(struct lane_item *item)
{
    struct lane *lane = item->lane;
    if (!lane)
        return;
    *(item->next ? &item->next->before : &lane->last) = item->before;
    *(item->before ? &item->before->next : &lane->first) = item->next;
    item->lane = NULL;
}

struct lane *lanes_next(struct lanes *lanes)
{
    struct lane *lane = lanes->ready;
    if (!lane)
        return NULL;
    lanes->ready = lane->next_ready;
    if (!lanes->ready)
        lanes->ready_end = &lanes->ready;
    lane->ready = false;
    return lane;
}

void lane_begin(struct lane *lane)
{
    assert(lane_is_free(lane) && lane->first);
    lane->under_way = true;
    lane->begun_ms = loop_now_ms(lane->lanes->loop);
    lane->lanes->under_way++;
}

static void rested(void *arg)
{
    struct lane *lane = arg;
    lane->rest = NULL;
    settle(lane);
}

void lane_end(struct lane *lane, int64_t rest_ms)
{
    lane->lanes->under_way -= lane->under_way;
    lane->under_way = false;
    if (rest_ms > 0)
        lane->rest = loop_after(lane->lanes->loop, rest_ms, rested, lane);
    else
        settle(lane);
}
