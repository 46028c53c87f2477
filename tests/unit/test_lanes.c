#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/lanes.h"
#include "desk_rig.h"

struct thing {
    struct lane_item item;
    int number;
};

static void pass_time(struct loop *loop, int64_t ms)
{
    loop->now_ms += ms;
    while (loop->timers && loop->timers->due_ms <= loop->now_ms) {
        struct timer now = *loop->timers;
        free(loop->timers);
        loop->timers = now.next;
        now.fn(now.arg);
    }
}

static int first_number(const struct lane *lane)
{
    return ((const struct thing *)lane->first)->number;
}

static void test_a_lane_is_there_while_it_has_a_purpose(void **state)
{
    (void)state;
    struct loop loop = {0};
    struct lanes *lanes = malloc(sizeof *lanes);
    struct thing one = {.number = 1}, two = {.number = 2};
    lanes_init(lanes, &loop);
    assert_null(lanes_next(lanes));
    lane_join(lanes_of(lanes, STR("a")), &one.item);
    lane_join(lanes_of(lanes, STR("a")), &two.item);
    assert_int_equal(lanes->n, 1);
    struct lane *lane = lanes_next(lanes);
    assert_null(lanes_next(lanes)); /* it was ready once */
    lane_begin(lane);
    assert_int_equal(lanes->under_way, 1);
    assert_int_equal(first_number(lane), 1);
    lane_leave(&one.item);
    lane_end(lane, 100);
    assert_int_equal(lanes->under_way, 0);
    assert_null(lanes_next(lanes)); /* it rests */
    pass_time(&loop, 99);
    assert_null(lanes_next(lanes));
    pass_time(&loop, 1);
    lane = lanes_next(lanes);
    assert_int_equal(first_number(lane), 2);
    lane_begin(lane);
    lane_leave(&two.item);
    lane_end(lane, 0);
    assert_int_equal(lanes->n, 0);
    lanes_release(lanes);
    free(lanes);
}

static void test_who_joins_while_it_rests_waits(void **state)
{
    (void)state;
    struct loop loop = {0};
    struct lanes *lanes = malloc(sizeof *lanes);
    struct thing one = {.number = 1}, two = {.number = 2};
    lanes_init(lanes, &loop);
    lane_join(lanes_of(lanes, STR("a")), &one.item);
    struct lane *lane = lanes_next(lanes);
    lane_begin(lane);
    lane_leave(&one.item);
    lane_end(lane, 100);
    lane_join(lanes_of(lanes, STR("a")), &two.item);
    assert_int_equal(lanes->n, 1);
    assert_null(lanes_next(lanes));
    pass_time(&loop, 100);
    assert_ptr_equal(lanes_next(lanes), lane);
    lanes_release(lanes);
    assert_null(loop.timers);
    free(lanes);
}

/* Every item of the middle, the front and the end leaves; a lane that is ready for nothing goes. */
static void test_leaving_from_anywhere(void **state)
{
    (void)state;
    struct loop loop = {0};
    struct lanes *lanes = malloc(sizeof *lanes);
    struct thing things[5];
    lanes_init(lanes, &loop);
    for (int i = 0; i < 5; i++) {
        things[i] = (struct thing){.number = i};
        lane_join(lanes_of(lanes, STR("a")), &things[i].item);
    }
    lane_leave(&things[2].item);
    lane_leave(&things[0].item);
    lane_leave(&things[4].item);
    lane_leave(&things[4].item);
    struct lane *lane = lanes_of(lanes, STR("a"));
    assert_int_equal(first_number(lane), 1);
    assert_ptr_equal(lane->first->next, &things[3].item);
    assert_ptr_equal(lane->last, &things[3].item);
    lane_leave(&things[1].item);
    lane_leave(&things[3].item);
    assert_null(lane->first);
    assert_ptr_equal(lanes_next(lanes), lane);
    lane_end(lane, 0);
    assert_int_equal(lanes->n, 0);
    lanes_release(lanes);
    free(lanes);
}

static void test_those_that_wait_longest_are_next(void **state)
{
    (void)state;
    struct loop loop = {0};
    struct lanes *lanes = malloc(sizeof *lanes);
    struct thing things[3000];
    lanes_init(lanes, &loop);
    for (int i = 0; i < 3000; i++) { /* more lanes than buckets */
        char name[32];
        snprintf(name, sizeof name, "lane %d", i);
        things[i] = (struct thing){.number = i};
        lane_join(lanes_of(lanes, str_of(name)), &things[i].item);
    }
    assert_int_equal(lanes->n, 3000);
    for (int i = 0; i < 3000; i++) {
        struct lane *lane = lanes_next(lanes);
        assert_int_equal(first_number(lane), i);
        lane_leave(lane->first);
        lane_end(lane, 0);
    }
    assert_int_equal(lanes->n, 0);
    lanes_release(lanes);
    free(lanes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_lane_is_there_while_it_has_a_purpose),
        cmocka_unit_test(test_who_joins_while_it_rests_waits),
        cmocka_unit_test(test_leaving_from_anywhere),
        cmocka_unit_test(test_those_that_wait_longest_are_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
