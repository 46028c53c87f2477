#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "channel/waiters.h"

static struct waiters w;
static struct buf said;
static char a[] = "a", b[] = "b", x[] = "x";

static void say(void *arg, bool ok)
{
    buf_addf(&said, "%s%c ", (const char *)arg, ok ? '+' : '-');
}

static void say_and_wait_again(void *arg, bool ok)
{
    say(arg, ok);
    waiters_add(&w, say, arg, WAITERS_NEED_IT);
}

static void assert_said(const char *text)
{
    assert_true(str_is(buf_str(&said), text));
    buf_clear(&said);
}

static void test_each_is_told_once_and_in_order(void **state)
{
    (void)state;
    waiters_tell(&w, true);
    assert_said("");
    waiters_add(&w, say, a, WAITERS_NEED_IT);
    waiters_add(&w, NULL, x, WAITERS_NEED_IT);
    waiters_add(&w, say, b, WAITERS_IN_ANY_CASE);
    assert_int_equal(w.n, 2);
    waiters_tell(&w, true);
    waiters_tell(&w, true);
    assert_said("a+ b+ ");
}

static void test_a_turn_that_failed(void **state)
{
    (void)state;
    waiters_add(&w, say, a, WAITERS_NEED_IT);
    waiters_add(&w, say, b, WAITERS_IN_ANY_CASE);
    waiters_tell(&w, false);
    assert_said("a- b+ ");
}

static void test_who_comes_while_they_are_told_is_told_next_time(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        waiters_add(&w, say_and_wait_again, x, WAITERS_NEED_IT);
    waiters_tell(&w, true);
    assert_int_equal(said.n, 100 * 3);
    buf_clear(&said);
    waiters_tell(&w, false);
    assert_int_equal(said.n, 100 * 3);
    assert_int_equal(w.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_is_told_once_and_in_order),
        cmocka_unit_test(test_a_turn_that_failed),
        cmocka_unit_test(test_who_comes_while_they_are_told_is_told_next_time),
    };
    buf_init(&said, 4096);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    waiters_release(&w);
    buf_release(&said);
    return failed;
}
