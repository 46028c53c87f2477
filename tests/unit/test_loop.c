#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "net/loop.h"

#include "base/buf.h"

#include <signal.h>
#include <string.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* What happened, one letter each; `loop` and `timer` are for callbacks that act on them. */
static struct {
    struct buf happened;
    struct loop *loop;
    struct watch *watch;
    struct timer *timer;
    int fd, times;
} t;

static int set_up(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    buf_init(&t.happened, 100000);
    buf_adds(&t.happened, "");
    t.loop = loop_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    loop_free(t.loop);
    buf_release(&t.happened);
    return 0;
}

static void say(void *arg)
{
    buf_adds(&t.happened, arg);
}

static void stop(void *arg)
{
    (void)arg;
    loop_stop(t.loop);
}

static char a[] = "a", b[] = "b", c[] = "c", d[] = "d";

static void test_timers_go_in_order(void **state)
{
    (void)state;
    loop_after(t.loop, 30, say, d);
    loop_after(t.loop, 10, say, b);
    struct timer *never = loop_after(t.loop, 15, say, c);
    loop_after(t.loop, 0, say, a);
    loop_after(t.loop, 20, say, c);
    loop_after(t.loop, 31, stop, NULL);
    loop_cancel(t.loop, never);
    loop_cancel(t.loop, NULL);
    int64_t start_ms = loop_now_ms(t.loop);
    loop_run(t.loop);
    assert_string_equal(t.happened.p, "abcd");
    assert_true(loop_now_ms(t.loop) - start_ms >= 31);
}

/* A thousand of them, started and cancelled in any order, against a plain count. */
static void test_many_timers(void **state)
{
    (void)state;
    enum { N = 1000 };
    static struct timer *timers[N];
    uint32_t seed = 1;
    int left = N;
    for (int i = 0; i < N; i++) {
        seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
        timers[i] = loop_after(t.loop, seed >> 28, say, a);
    }
    for (int i = 0; i < N; i += 1 + (int)(seed & 3), left--) {
        loop_cancel(t.loop, timers[i]);
        seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
    }
    loop_after(t.loop, 16, stop, NULL);
    loop_run(t.loop);
    assert_int_equal(t.happened.n, left);
}

static void say_again(void *arg)
{
    say(arg);
    loop_after(t.loop, 0, say_again, arg);
}

static void test_timer_that_starts_itself_lets_others_run(void **state)
{
    (void)state;
    loop_after(t.loop, 0, say_again, a);
    loop_turn(t.loop, 0);
    loop_turn(t.loop, 0);
    assert_string_equal(t.happened.p, "aa");
}

static void cancel_other(void *arg)
{
    say(arg);
    loop_cancel(t.loop, t.timer);
}

static void test_timer_cancels_one_that_is_due_too(void **state)
{
    (void)state;
    loop_after(t.loop, 0, cancel_other, a);
    t.timer = loop_after(t.loop, 0, say, b);
    loop_after(t.loop, 0, say, c);
    while (t.happened.n < 2)
        loop_turn(t.loop, 1);
    assert_string_equal(t.happened.p, "ac");
}

static void read_one(void *arg, unsigned ready)
{
    char byte;
    (void)arg;
    assert_true(ready & LOOP_READ);
    ssize_t n = read(t.fd, &byte, 1);
    buf_addc(&t.happened, n == 1 ? byte : '.');
    if (n == 0)
        loop_unwatch(t.loop, t.watch);
}

static void test_watch_reads_and_sees_the_end(void **state)
{
    (void)state;
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    t.fd = pair[0];
    t.watch = loop_watch(t.loop, t.fd, LOOP_READ, read_one, NULL);
    loop_turn(t.loop, 0);
    assert_string_equal(t.happened.p, "");
    assert_int_equal(write(pair[1], "xy", 2), 2);
    loop_turn(t.loop, 1000);
    loop_turn(t.loop, 1000);
    close(pair[1]);
    loop_turn(t.loop, 1000);
    loop_turn(t.loop, 0);
    assert_string_equal(t.happened.p, "xy.");
    close(pair[0]);
}

static void count_calls(void *arg, unsigned ready)
{
    *(unsigned *)arg = ready;
    t.times++;
}

static void test_watch_for_nothing_sleeps_even_when_the_peer_hung_up(void **state)
{
    (void)state;
    int pair[2];
    unsigned ready = 0;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    struct watch *watch = loop_watch(t.loop, pair[0], LOOP_WRITE, count_calls, &ready);
    loop_turn(t.loop, 1000);
    assert_int_equal(ready, LOOP_WRITE);
    loop_watch_for(watch, 0);
    close(pair[1]);
    uint64_t turns = loop_turns(t.loop);
    loop_after(t.loop, 100, stop, NULL);
    loop_run(t.loop);
    assert_int_equal(loop_turns(t.loop) - turns, 1);
    assert_int_equal(t.times, 1);
    loop_watch_for(watch, LOOP_READ);
    loop_turn(t.loop, 1000);
    assert_true(ready & LOOP_READ);
    loop_unwatch(t.loop, watch);
    close(pair[0]);
}

static void test_watch_that_has_more_is_called_without_waiting(void **state)
{
    (void)state;
    int pair[2];
    unsigned ready = 99;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    struct watch *watch = loop_watch(t.loop, pair[0], LOOP_READ, count_calls, &ready);
    loop_watch_again(watch);
    loop_turn(t.loop, -1);
    assert_int_equal(t.times, 1);
    assert_int_equal(ready, 0);
    loop_turn(t.loop, 1);
    assert_int_equal(t.times, 1);
    close(pair[0]);
    close(pair[1]);
}

static void unwatch_both(void *arg, unsigned ready)
{
    struct watch **both = arg;
    (void)ready;
    t.times++;
    loop_unwatch(t.loop, both[0]);
    loop_unwatch(t.loop, both[1]);
    loop_unwatch(t.loop, NULL);
}

static void test_unwatch_from_within(void **state)
{
    (void)state;
    int pair[2];
    struct watch *both[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    for (int i = 0; i < 2; i++)
        both[i] = loop_watch(t.loop, pair[i], LOOP_WRITE, unwatch_both, both);
    loop_turn(t.loop, 1000);
    loop_turn(t.loop, 0);
    assert_int_equal(t.times, 1);
    close(pair[0]);
    close(pair[1]);
}

static void test_idle_means_idle(void **state)
{
    (void)state;
    int pair[2];
    unsigned ready;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    struct watch *watch = loop_watch(t.loop, pair[0], LOOP_READ, count_calls, &ready);
    loop_after(t.loop, 1000, stop, NULL);
    loop_run(t.loop);
    assert_in_range(loop_turns(t.loop), 1, 2);
    loop_unwatch(t.loop, watch);
    close(pair[0]);
    close(pair[1]);
}

static int64_t no_limit(void *arg)
{
    (void)arg;
    return -1;
}

static void serve(void *arg)
{
    (void)arg;
    buf_adds(&t.happened, "s");
}

static bool has_pending(void *arg)
{
    (void)arg;
    return t.times-- > 0;
}

static void test_server_runs_every_turn_and_again_when_the_end_gave_it_something(void **state)
{
    (void)state;
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    loop_serve(t.loop, &(struct loop_server){pair[0], no_limit, serve, has_pending, NULL});
    loop_at_end(t.loop, say, a);
    loop_at_end(t.loop, say, b);
    loop_turn(t.loop, 0);
    assert_string_equal(t.happened.p, "sab");
    t.times = 1;
    loop_turn(t.loop, 0);
    assert_string_equal(t.happened.p, "sabsabs");
    loop_turn(t.loop, -1); /* comes back: what the last run brought must see the end of a turn */
    assert_string_equal(t.happened.p, "sabsabssab");
    loop_serve(t.loop, NULL);
    loop_turn(t.loop, 0);
    assert_string_equal(t.happened.p, "sabsabssabab");
    close(pair[0]);
    close(pair[1]);
}

static void on_signal(void *arg, int number)
{
    (void)arg;
    buf_adds(&t.happened, number == SIGTERM ? "T" : number == SIGHUP ? "H" : number == SIGINT ? "I" : "?");
    if (number == SIGTERM)
        loop_stop(t.loop);
}

static void test_signals_reach_the_loop(void **state)
{
    (void)state;
    sigset_t before;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    assert_true(loop_signals(t.loop, on_signal, NULL));
    kill(getpid(), SIGHUP);
    loop_turn(t.loop, 1000);
    kill(getpid(), SIGTERM);
    loop_run(t.loop);
    assert_string_equal(t.happened.p, "HT");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_timers_go_in_order),
        TEST(test_many_timers),
        TEST(test_timer_that_starts_itself_lets_others_run),
        TEST(test_timer_cancels_one_that_is_due_too),
        TEST(test_watch_reads_and_sees_the_end),
        TEST(test_watch_for_nothing_sleeps_even_when_the_peer_hung_up),
        TEST(test_watch_that_has_more_is_called_without_waiting),
        TEST(test_unwatch_from_within),
        TEST(test_idle_means_idle),
        TEST(test_server_runs_every_turn_and_again_when_the_end_gave_it_something),
        TEST(test_signals_reach_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
