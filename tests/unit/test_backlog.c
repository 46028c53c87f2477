#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/backlog.h"

enum { SECOND = 1000 };

static void add_many(struct backlog *b, int64_t n, int64_t now_ms)
{
    static int64_t id;
    for (int64_t i = 0; i < n; i++)
        backlog_add(b, (struct pending){++id, now_ms});
}

/* What is due is taken out, as the desk does. */
static size_t one_turn(struct backlog *b, int64_t now_ms)
{
    size_t due = backlog_due(b, now_ms);
    for (size_t i = 0; i < due; i++)
        backlog_next(b);
    backlog_end_turn(b, true);
    return due;
}

static void test_the_oldest_is_first(void **state)
{
    (void)state;
    struct backlog b = {0};
    for (int64_t i = 0; i < 1000; i++) { /* it grows, and its ends go around */
        backlog_add(&b, (struct pending){2 * i, 0});
        backlog_add(&b, (struct pending){2 * i + 1, 0});
        assert_int_equal(backlog_next(&b).id, i);
        backlog_end_turn(&b, true);
    }
    for (int64_t i = 1000; i < 2000; i++)
        assert_int_equal(backlog_next(&b).id, i);
    assert_int_equal(backlog_waiting(&b), 0);
    backlog_release(&b);
}

/* As many as there are, one by one and turn by turn. */
static const struct {
    int line;
    int64_t at_ms;
    int brings;
    size_t due, waiting;
} turns[] = {
    {__LINE__, 0, 0, 0, 0},         {__LINE__, 5, 1, 1, 0},    /* alone: answered in its own turn */
    {__LINE__, 10, 100, 1, 99},                                /* the first of a burst might have been the only one */
    {__LINE__, 10, 50, 0, 149},     {__LINE__, 11, 0, 0, 149}, /* more may be on their way */
    {__LINE__, 12, 0, 16, 133},     {__LINE__, 13, 0, 16, 117},
    {__LINE__, 14, 1, 0, 118}, /* the burst goes on */
    {__LINE__, 15, 0, 0, 118},      {__LINE__, 16, 0, 16, 102},
    {__LINE__, 1009, 10, 0, 112}, /* nobody waits a second yet */
    {__LINE__, 1010, 10, 1, 121},   {__LINE__, 3010, 10, 3, 128},
    {__LINE__, 60010, 10, 16, 122}, {__LINE__, 60012, 0, 16, 106},
};

static void test_how_many_are_due(void **state)
{
    (void)state;
    struct backlog b = {0};
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        add_many(&b, turns[i].brings, turns[i].at_ms);
        size_t due = one_turn(&b, turns[i].at_ms);
        if (due != turns[i].due || backlog_waiting(&b) != turns[i].waiting)
            fail_msg("line %d: %zu, of which are left %zu", turns[i].line, due, backlog_waiting(&b));
    }
    backlog_release(&b);
}

/* Without a pause, for ten minutes, ten questions a millisecond: whoever asks is answered, and sixteen a turn are enough. */
static void test_nobody_waits_for_ever(void **state)
{
    (void)state;
    struct backlog b = {0};
    int64_t longest_ms = 0;
    for (int64_t ms = 0; ms < 600 * SECOND; ms++) {
        add_many(&b, 10, ms);
        one_turn(&b, ms);
        int64_t oldest_ms = backlog_oldest_ms(&b, ms);
        longest_ms = oldest_ms > longest_ms ? oldest_ms : longest_ms;
    }
    assert_true(longest_ms < 17 * SECOND);
    backlog_release(&b);
}

static void test_a_turn_that_failed(void **state)
{
    (void)state;
    struct backlog b = {0};
    add_many(&b, 64, 0);
    backlog_end_turn(&b, true);
    struct pending first = backlog_next(&b);
    backlog_next(&b);
    add_many(&b, 3, 7); /* more than had room beside those taken out */
    assert_int_equal(backlog_added(&b), 3);
    backlog_end_turn(&b, false);
    assert_int_equal(backlog_waiting(&b), 64);
    assert_int_equal(backlog_added(&b), 0);
    assert_int_equal(backlog_next(&b).id, first.id);
    backlog_release(&b);
}

static void test_how_long_the_oldest_waits(void **state)
{
    (void)state;
    struct backlog b = {0};
    assert_int_equal(backlog_oldest_ms(&b, 100), 0);
    add_many(&b, 1, 100);
    add_many(&b, 1, 300);
    assert_int_equal(backlog_oldest_ms(&b, 350), 250);
    backlog_next(&b);
    assert_int_equal(backlog_oldest_ms(&b, 350), 50);
    backlog_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_oldest_is_first),       cmocka_unit_test(test_how_many_are_due),
        cmocka_unit_test(test_nobody_waits_for_ever),     cmocka_unit_test(test_a_turn_that_failed),
        cmocka_unit_test(test_how_long_the_oldest_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
