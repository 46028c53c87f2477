#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "desk_rig.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

static int begin(void **state)
{
    struct rig *rig = malloc(sizeof *rig);
    rig_start(rig);
    *state = rig;
    return 0;
}

static int end(void **state)
{
    rig_end(*state);
    free(*state);
    return 0;
}

/* What the next posts come to, in this order. */
static void script(struct rig *rig, const struct sent *ends, size_t n)
{
    memcpy(rig->ends, ends, n * sizeof *ends);
    rig->n_ends = n;
    rig->next_end = 0;
}
#define SCRIPT(rig, ...) script(rig, (const struct sent[]){__VA_ARGS__}, COUNT(((const struct sent[]){__VA_ARGS__})))

static void ask_many(struct rig *rig, int n, int channels)
{
    for (int i = 0; i < n; i++) {
        char key[32], channel[32];
        snprintf(key, sizeof key, "m%d", i);
        snprintf(channel, sizeof channel, "M%d", i % channels);
        assert_int_equal(ask(rig, key, channel, "hello"), DESK_TAKEN);
        turn(rig, 0);
    }
}

/* --- lanes ---------------------------------------------------------------------------------------------------------- */

static void test_a_lane_keeps_order_and_distance(void **state)
{
    struct rig *rig = *state;
    ask(rig, "k1", "C1", "hello");
    ask(rig, "k2", "C1", "when are you open");
    ask(rig, "k3", "C1", "thanks");
    ask(rig, "k4", "C2", "hello");
    turn(rig, 2); /* one is answered at once, the others when no more come */
    assert_string_equal(posted(rig), "C1 hello; C2 hello; ");
    turn(rig, 997);
    assert_string_equal(posted(rig), "");
    turn(rig, 1);
    assert_string_equal(posted(rig), "C1 hours; ");
    ask(rig, "k5", "C2", "thanks"); /* whose lane has rested by then */
    turn(rig, 999);
    assert_string_equal(posted(rig), "C2 thanks; ");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 thanks; ");
    assert_int_equal(desk_state(rig->desk).lanes, 0);
}

static void test_a_lane_has_one_post_under_way(void **state)
{
    struct rig *rig = *state;
    rig->hold = true;
    ask(rig, "k1", "C1", "hello");
    ask(rig, "k2", "C1", "when are you open");
    ask(rig, "k3", "C2", "hello");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 hello; C2 hello; ");
    finish(rig, (struct sent){.end = SEND_DONE});
    turn(rig, 0); /* it took a minute: no need to rest */
    assert_string_equal(posted(rig), "C1 hours; ");
}

static void test_not_too_many_are_under_way(void **state)
{
    struct rig *rig = *state;
    rig->hold = true;
    ask_many(rig, 20, 20);
    assert_int_equal(rig->n_under_way, 6);
    assert_int_equal(desk_state(rig->desk).undelivered, 20);
    rig->hold = false;
    turn(rig, MINUTE);
    assert_int_equal(rig->most_under_way, 6);
    assert_true(desk_idle(rig->desk));
    assert_int_equal(metric(rig, "docent_delivery_total{platform=\"slack\",result=\"done\"}"), 20);
}

static void test_parts_come_in_order(void **state)
{
    struct rig *rig = *state;
    rig->posts_each = 3;
    ask(rig, "k1", "C1", "hello");
    ask(rig, "k2", "C1", "when are you open");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 hello/1; C1 hello/2; C1 hello/3; C1 hours/1; C1 hours/2; C1 hours/3; ");
    rig->lane_each = true;
    ask(rig, "k3", "C2", "hello");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C2.1 hello/1; C2.2 hello/2; C2.3 hello/3; ");
    assert_int_equal(desk_state(rig->desk).lanes, 0);
}

/* --- what a post comes to -------------------------------------------------------------------------------------------- */

static void test_wait(void **state)
{
    struct rig *rig = *state;
    SCRIPT(rig, {.end = SEND_WAIT, .wait_ms = 5 * SECOND}, {.end = SEND_WAIT, .wait_ms = 10});
    ask(rig, "k1", "C1", "hello");
    turn(rig, 0);
    ask(rig, "k2", "C1", "thanks");
    ask(rig, "k3", "C2", "hello");
    turn(rig, 4999);
    assert_string_equal(posted(rig),
                        "C1 hello; C2 hello; C2 hello; "); /* the second after a second: the lane's own distance */
    turn(rig, SECOND);
    assert_string_equal(posted(rig), "C1 hello; ");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 thanks; ");
    assert_int_equal(metric(rig, "docent_rate_limited_total{platform=\"slack\",scope=\"lane\"}"), 2);
}

static void test_wait_all(void **state)
{
    struct rig *rig = *state;
    SCRIPT(rig, {.end = SEND_WAIT_ALL, .wait_ms = 30 * SECOND}, {.end = SEND_WAIT_ALL, .wait_ms = 2 * SECOND});
    rig->hold = true;
    ask(rig, "k1", "C1", "hello");
    turn(rig, 0);
    ask(rig, "k2", "C2", "hello");
    turn(rig, 0);
    rig->hold = false;
    ask(rig, "k3", "C3", "hello");
    turn(rig, 29 * SECOND);
    assert_string_equal(posted(rig), "C1 hello; C2 hello; "); /* the longer wait counts */
    turn(rig, 2 * SECOND);
    assert_string_equal(posted(rig), "C3 hello; C1 hello; C2 hello; ");
    assert_true(desk_idle(rig->desk));
    assert_int_equal(metric(rig, "docent_rate_limited_total{platform=\"slack\",scope=\"all\"}"), 2);
}

static void test_trouble_over_there_is_outlasted(void **state)
{
    struct rig *rig = *state;
    struct sent ends[12];
    for (size_t i = 0; i < COUNT(ends); i++)
        ends[i] = (struct sent){.end = SEND_AGAIN};
    script(rig, ends, COUNT(ends));
    ask(rig, "k1", "C1", "hello");
    ask(rig, "k2", "C1", "thanks");
    turn(rig, 20 * SECOND);
    size_t tries = rig->next_end;
    assert_true(tries >= 4 && tries < COUNT(ends)); /* pauses of 1, 2, 4, 8 seconds at most */
    turn(rig, 9 * MINUTE);
    turn(rig, MINUTE);
    assert_true(desk_idle(rig->desk));
    assert_int_equal(metric(rig, "docent_delivery_total{platform=\"slack\",result=\"done\"}"), 2);
    assert_int_equal(metric(rig, "docent_delivery_total{platform=\"slack\",result=\"again\"}"), 12);
}

static void test_after_ten_minutes_it_is_given_up(void **state)
{
    struct rig *rig = *state;
    struct sent ends[ENDS_MAX];
    for (size_t i = 0; i < COUNT(ends); i++)
        ends[i] = (struct sent){.end = SEND_AGAIN};
    script(rig, ends, COUNT(ends));
    ask(rig, "k1", "C1", "hello");
    turn(rig, 9 * MINUTE);
    ask(rig, "k2", "C1", "thanks");
    turn(rig, MINUTE + 10 * SECOND);
    assert_int_equal(metric(rig, "docent_given_up_total{platform=\"slack\",reason=\"expired\"}"), 1);
    rig->n_ends = 0;
    posted(rig);
    turn(rig, 5 * MINUTE);
    assert_string_equal(posted(rig), "C1 thanks; ");
    assert_true(desk_idle(rig->desk));
    assert_int_equal(ask(rig, "k1", "C1", "hello"), DESK_KNOWN);
    turn(rig, 0);
}

static void test_once_more_in_plain_words(void **state)
{
    struct rig *rig = *state;
    SCRIPT(rig, {.end = SEND_PLAIN, .plain = STR("plain hello")}, {.end = SEND_DONE},
           {.end = SEND_PLAIN, .plain = STR("plain thanks")}, {.end = SEND_PLAIN, .plain = STR("plainer")},
           {.end = SEND_PLAIN}, {.end = SEND_DONE});
    ask(rig, "k1", "C1", "hello");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 hello; C1 plain hello; ");
    ask(rig, "k2", "C1", "thanks");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 thanks; C1 plain thanks; "); /* refused, too: dropped */
    ask(rig, "k3", "C1", "hello");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 hello; "); /* without plain words there is nothing to try */
    assert_int_equal(metric(rig, "docent_given_up_total{platform=\"slack\",reason=\"refused\"}"), 2);
    assert_true(desk_idle(rig->desk));
}

static void test_what_will_never_work_is_dropped(void **state)
{
    struct rig *rig = *state;
    rig->posts_each = 2;
    SCRIPT(rig, {.end = SEND_DROP, .reason = "channel_not_found"});
    ask(rig, "k1", "C1", "hello");
    ask(rig, "k2", "C1", "thanks");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 hello/1; C1 thanks/1; C1 thanks/2; "); /* half an answer is none */
    assert_true(desk_idle(rig->desk));
}

static void test_unsure(void **state)
{
    struct rig *rig = *state;
    rig->posts_each = 2;
    SCRIPT(rig, {.end = SEND_UNSURE, .reason = "timeout"});
    ask(rig, "k1", "C1", "hello");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 hello/1; C1 hello/2; ");
    assert_int_equal(metric(rig, "docent_unsure_total{platform=\"slack\"}"), 1);
    /* What may be sent twice is: nobody sees it twice. */
    rig->again = true;
    SCRIPT(rig, {.end = SEND_UNSURE, .reason = "timeout"});
    ask(rig, "k2", "C1", "thanks");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 thanks/1; C1 thanks/1; C1 thanks/2; ");
    assert_int_equal(metric(rig, "docent_unsure_total{platform=\"slack\"}"), 1);
}

static void test_a_dead_token(void **state)
{
    struct rig *rig = *state;
    SCRIPT(rig, {.end = SEND_DEAD, .reason = "token_revoked"});
    ask(rig, "k1", "C1", "hello");
    turn(rig, 0);
    ask(rig, "k2", "C2", "hello");
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 hello; ");
    assert_true(desk_idle(rig->desk)); /* a drain does not wait for it */
    assert_int_equal(desk_state(rig->desk).undelivered, 2);
    struct platform platform = rig_platform(rig);
    desk_platform(rig->desk, &platform); /* as after a reload with a new token */
    turn(rig, 0);
    assert_string_equal(posted(rig), "C2 hello; C1 hello; ");
    assert_int_equal(desk_state(rig->desk).undelivered, 0);
}

static void test_a_dead_token_and_a_restart(void **state)
{
    struct rig *rig = *state;
    SCRIPT(rig, {.end = SEND_DEAD});
    ask(rig, "k1", "C1", "hello");
    turn(rig, MINUTE);
    posted(rig);
    rig_restart(rig, MINUTE);
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 hello; ");
    SCRIPT(rig, {.end = SEND_DEAD});
    ask(rig, "k2", "C1", "hello");
    turn(rig, 11 * MINUTE); /* nobody came with a new token in time */
    assert_int_equal(desk_state(rig->desk).undelivered, 0);
    assert_int_equal(metric(rig, "docent_given_up_total{platform=\"slack\",reason=\"expired\"}"), 1);
}

/* --- restarts ---------------------------------------------------------------------------------------------------------- */

static void test_what_waits_is_delivered_by_the_next_process(void **state)
{
    struct rig *rig = *state;
    rig->posts_each = 2;
    ask(rig, "k1", "C1", "hello");
    ask(rig, "k2", "C1", "thanks");
    turn(rig, 0);
    assert_string_equal(posted(rig), "C1 hello/1; ");
    rig_restart(rig, MINUTE);
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 hello/2; C1 thanks/1; C1 thanks/2; ");
    rig_restart(rig, 0);
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "");
}

static void test_what_was_under_way_counts_as_sent(void **state)
{
    struct rig *rig = *state;
    rig->hold = true;
    rig->posts_each = 2;
    ask(rig, "k1", "C1", "hello");
    turn(rig, 0);
    rig->posts_each = 0;
    ask(rig, "k2", "C2", "hello");
    turn(rig, 0);
    posted(rig);
    rig->hold = false;
    rig_restart(rig, 0);
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 hello/2; ");
    assert_int_equal(metric(rig, "docent_unsure_total{platform=\"slack\"}"), 2);
    assert_true(desk_idle(rig->desk));
    rig_restart(rig, 0);
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "");
}

static void test_what_was_under_way_and_may_be_sent_twice_is(void **state)
{
    struct rig *rig = *state;
    rig->hold = rig->again = true;
    ask(rig, "k1", "C1", "hello");
    turn(rig, 0);
    rig->hold = false;
    rig_restart(rig, 0);
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 hello; C1 hello; ");
    assert_int_equal(metric(rig, "docent_unsure_total{platform=\"slack\"}"), 0);
}

/* It is known that it did not arrive, and that must be known after a restart, too. */
static void test_what_was_refused_for_now_is_not_in_doubt(void **state)
{
    static const enum send_end ends[] = {SEND_WAIT, SEND_WAIT_ALL, SEND_AGAIN};
    struct rig *rig = *state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        char key[32];
        snprintf(key, sizeof key, "k%zu", i);
        SCRIPT(rig, {.end = ends[i], .wait_ms = 5 * SECOND});
        ask(rig, key, "C1", "hello");
        turn(rig, 0);
        rig_restart(rig, 0);
        turn(rig, MINUTE);
        assert_string_equal(posted(rig), "C1 hello; C1 hello; ");
        assert_int_equal(metric(rig, "docent_unsure_total{platform=\"slack\"}"), 0);
    }
}

static void test_what_is_too_old_is_given_up(void **state)
{
    struct rig *rig = *state;
    struct incoming in = direct("k1", "C1", "hello");
    rig->hold = true;
    for (int i = 0; i < 6; i++) { /* of which one is answered in their turn */
        char key[32];
        snprintf(key, sizeof key, "k%d", i);
        in.key = str_of(key);
        in.target = in.conversation = STR("C1");
        desk_take(rig->desk, &in, NULL, NULL);
    }
    end_of_turn(rig);
    posted(rig);
    rig->hold = false;
    rig_restart(rig, 11 * MINUTE);
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "");
    assert_true(desk_idle(rig->desk));
    assert_true(metric(rig, "docent_given_up_total{platform=\"slack\",reason=\"expired\"}") >= 5);
}

static void test_rows_of_a_platform_that_is_switched_off_stay(void **state)
{
    struct rig *rig = *state;
    rig->hold = true;
    ask(rig, "k1", "C1", "hello");
    ask(rig, "k2", "C1", "thanks");
    turn(rig, 0);
    posted(rig);
    rig->hold = false;
    rig->off = true;
    rig_restart(rig, 0);
    turn(rig, MINUTE);
    assert_true(desk_idle(rig->desk));
    rig->off = false;
    rig_restart(rig, 0);
    turn(rig, MINUTE);
    assert_string_equal(posted(rig), "C1 thanks; ");
}

static void find_id(void *arg, const struct store_row *row)
{
    *(int64_t *)arg = row->id;
}

static void test_what_cannot_be_read_is_dropped(void **state)
{
    struct rig *rig = *state;
    static const char *const broken[] = {"", "x", "\1", "\1\0\5\0\0\0abc", "\1\0\377\377\377\377"};
    for (size_t i = 0; i < COUNT(broken); i++) {
        char key[32];
        snprintf(key, sizeof key, "k%zu", i);
        SCRIPT(rig, {.end = SEND_WAIT, .wait_ms = MINUTE});
        ask(rig, key, "C1", "hello");
        turn(rig, 0);
        int64_t id = 0;
        assert_true(store_rows(rig->store, find_id, &id, NULL));
        store_answer(rig->store, id, STORE_ANSWERED,
                     (struct str){broken[i], i < 3    ? strlen(broken[i])
                                             : i == 3 ? 9
                                                      : 6});
        assert_true(store_commit(rig->store, NULL));
        if (i % 2)
            rig_restart(rig, 0);
        posted(rig);
        turn(rig, 2 * MINUTE);
        assert_string_equal(posted(rig), "");
        assert_true(desk_idle(rig->desk));
        assert_int_equal(metric(rig, "docent_given_up_total{platform=\"slack\",reason=\"unreadable\"}"), 1);
        rig_restart(rig, 0);
    }
}

/* --- any order of events ------------------------------------------------------------------------------------------------- */

/* Random results, pauses and restarts: of every question each part arrives once, in order, and lanes keep theirs. */
static void test_any_order_of_events(void **state)
{
    struct rig *rig = *state;
    enum { CHANNELS = 7, QUESTIONS = 400, PARTS = 2 };
    int arrived[QUESTIONS] = {0}, last_of[CHANNELS], asked = 0, in_doubt = 0, restarts = 0;
    uint32_t seed = 5;
    memset(last_of, -1, sizeof last_of);
    rig->hold = true;
    rig->posts_each = PARTS;
    rig->expire_ms = 24 * 60 * MINUTE;
    rig_restart(rig, 0);
    for (int step = 0; step < 20000; step++) {
        uint32_t random = next_random(&seed) >> 4;
        if (random % 4 == 0 && asked < QUESTIONS) {
            char key[32], channel[32];
            snprintf(key, sizeof key, "%d", asked);
            snprintf(channel, sizeof channel, "%d:", asked % CHANNELS);
            struct incoming in = direct(key, channel, "hello");
            char target[32];
            snprintf(target, sizeof target, "%d", asked % CHANNELS);
            in.target = str_of(target);
            assert_int_equal(desk_take(rig->desk, &in, NULL, NULL), DESK_TAKEN);
            asked++;
        } else if (random % 4 == 1 && rig->n_under_way) {
            static const enum send_end ends[] = {SEND_DONE, SEND_DONE, SEND_DONE, SEND_WAIT, SEND_AGAIN, SEND_WAIT_ALL};
            enum send_end how = ends[next_random(&seed) % COUNT(ends)];
            int lane = atoi(rig->under_way[0].lane);
            if (how == SEND_DONE) { /* which of the lane's questions this is: the first that is not whole */
                int q = last_of[lane] < 0 ? lane : last_of[lane];
                if (arrived[q] == PARTS)
                    q += CHANNELS;
                last_of[lane] = q;
                char body[32];
                snprintf(body, sizeof body, "hello/%d", ++arrived[q]);
                assert_string_equal(rig->under_way[0].body, body);
            }
            finish(rig, (struct sent){.end = how, .wait_ms = 100});
        } else if (random % 100 == 2) {
            end_of_turn(rig);
            if (rig->n_under_way)
                continue; /* these would be in doubt */
            rig_restart(rig, 0);
            restarts++;
            in_doubt += (int)metric(rig, "docent_unsure_total{platform=\"slack\"}");
        } else {
            turn(rig, next_random(&seed) % 700);
        }
        for (size_t i = 0; i < rig->n_under_way; i++)
            for (size_t k = 0; k < i; k++)
                assert_string_not_equal(rig->under_way[i].lane, rig->under_way[k].lane);
        buf_cut(&rig->posted, 0);
    }
    assert_int_equal(in_doubt, 0);
    assert_true(restarts > 10);
    assert_int_equal(asked, QUESTIONS);
    assert_true(desk_idle(rig->desk));
    for (int q = 0; q < QUESTIONS; q++)
        assert_int_equal(arrived[q], PARTS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_lane_keeps_order_and_distance),
        TEST(test_a_lane_has_one_post_under_way),
        TEST(test_not_too_many_are_under_way),
        TEST(test_parts_come_in_order),
        TEST(test_wait),
        TEST(test_wait_all),
        TEST(test_trouble_over_there_is_outlasted),
        TEST(test_after_ten_minutes_it_is_given_up),
        TEST(test_once_more_in_plain_words),
        TEST(test_what_will_never_work_is_dropped),
        TEST(test_unsure),
        TEST(test_a_dead_token),
        TEST(test_a_dead_token_and_a_restart),
        TEST(test_what_waits_is_delivered_by_the_next_process),
        TEST(test_what_was_under_way_counts_as_sent),
        TEST(test_what_was_under_way_and_may_be_sent_twice_is),
        TEST(test_what_was_refused_for_now_is_not_in_doubt),
        TEST(test_what_is_too_old_is_given_up),
        TEST(test_rows_of_a_platform_that_is_switched_off_stay),
        TEST(test_what_cannot_be_read_is_dropped),
        TEST(test_any_order_of_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
