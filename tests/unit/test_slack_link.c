#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/slack_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- a link and what it orders, as one text: "ask 1; open 1 wss://x" ---------------------------------------- */

static uint32_t dice;

static uint32_t throw_dice(void *arg)
{
    (void)arg;
    return dice;
}

static struct slack_link *new_link(unsigned connections)
{
    dice = UINT32_MAX; /* the longest delays */
    return slack_link_new(&(struct slack_link_options){.connections = connections, .random = throw_dice});
}

static const char *orders(struct slack_link *link)
{
    static const char *const names[] = {"ask", "open", "send", "close", "drop", "envelope", "stopped"};
    static char text[4096];
    struct slack_order order;
    size_t n = 0;
    *text = '\0';
    while (slack_link_next(link, &order)) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %u", n ? "; " : "", names[order.kind], order.connection);
        struct str more = order.envelope ? json_str(order.envelope, "envelope_id") : order.text;
        if (more.n)
            n += (size_t)snprintf(text + n, sizeof text - n, " %.*s", STR_FMT(more));
    }
    return text;
}

static void say_url(struct slack_link *link, uint32_t connection, int64_t now_ms)
{
    struct slack_said said = {.class = SLACK_OK};
    slack_link_url(link, connection, &said, STR("wss://x"), now_ms);
}

static void refuse(struct slack_link *link, uint32_t connection, const char *error, int64_t wait_ms, int64_t now_ms)
{
    struct slack_said said = {.class = slack_error_class(str_of(error)), .wait_ms = wait_ms};
    snprintf(said.error, sizeof said.error, "%s", error);
    slack_link_url(link, connection, &said, STR(""), now_ms);
}

static void say(struct slack_link *link, uint32_t connection, const char *text, int64_t now_ms)
{
    slack_link_text(link, connection, str_of(text), now_ms);
}

#define HELLO "{\"type\":\"hello\",\"num_connections\":1}"

/* Brings the connection that was just asked for to life. */
static void bring_up(struct slack_link *link, uint32_t connection, int64_t now_ms)
{
    char asked[16], open[32];
    snprintf(asked, sizeof asked, "ask %u", connection);
    snprintf(open, sizeof open, "open %u wss://x", connection);
    assert_string_equal(orders(link), asked);
    say_url(link, connection, now_ms);
    assert_string_equal(orders(link), open);
    say(link, connection, HELLO, now_ms);
    assert_string_equal(orders(link), "");
}

static struct slack_link *live_link(int64_t now_ms)
{
    struct slack_link *link = new_link(1);
    slack_link_tick(link, now_ms);
    bring_up(link, 1, now_ms);
    return link;
}

static bool is_live(const struct slack_link *link)
{
    enum slack_link_state states[SLACK_CONNECTIONS_MAX];
    return slack_link_states(link, states) == 1 && states[0] == SLACK_LINK_LIVE;
}

/* --- coming up ---------------------------------------------------------------------------------------------- */

static void test_hello_makes_it_live(void **state)
{
    (void)state;
    struct slack_link *link = new_link(1);
    assert_int_equal(slack_link_due(link), 0);
    slack_link_tick(link, 100);
    assert_string_equal(orders(link), "ask 1");
    assert_int_equal(slack_link_due(link), 100 + SLACK_LINK_HELLO_MS);
    say_url(link, 1, 200);
    assert_string_equal(orders(link), "open 1 wss://x");
    assert_false(is_live(link));
    say(link, 1, HELLO, 300);
    assert_true(is_live(link));
    assert_true(slack_link_due(link) == INT64_MAX);
    slack_link_free(link);
}

static void test_several_connections(void **state)
{
    (void)state;
    struct slack_link *link = new_link(3);
    slack_link_tick(link, 0);
    assert_string_equal(orders(link), "ask 1; ask 2; ask 3");
    say_url(link, 2, 0);
    say(link, 2, HELLO, 0);
    enum slack_link_state states[SLACK_CONNECTIONS_MAX];
    assert_int_equal(slack_link_states(link, states), 3);
    assert_int_equal(states[0], SLACK_LINK_OPENING);
    assert_int_equal(states[1], SLACK_LINK_LIVE);
    slack_link_free(link);
    link = new_link(99);
    slack_link_tick(link, 0);
    assert_int_equal(slack_link_states(link, states), SLACK_CONNECTIONS_MAX);
    slack_link_free(link);
}

static void test_no_hello_in_time(void **state)
{
    (void)state;
    struct slack_link *link = new_link(1);
    slack_link_tick(link, 0);
    orders(link);
    say_url(link, 1, 10);
    orders(link);
    slack_link_tick(link, SLACK_LINK_HELLO_MS - 1);
    assert_string_equal(orders(link), "");
    slack_link_tick(link, SLACK_LINK_HELLO_MS);
    assert_string_equal(orders(link), "drop 1");
    slack_link_tick(link, slack_link_due(link));
    assert_string_equal(orders(link), "ask 2");
    slack_link_free(link);
}

static void test_delays_grow_and_hello_ends_that(void **state)
{
    (void)state;
    struct slack_link *link = new_link(1);
    int64_t now_ms = 0, before = 0;
    slack_link_tick(link, now_ms);
    for (uint32_t i = 1; i <= 12; i++) {
        orders(link);
        refuse(link, i, "internal_error", 0, now_ms);
        int64_t wait_ms = slack_link_due(link) - now_ms;
        assert_true(wait_ms >= before && wait_ms <= SLACK_LINK_MAX_MS);
        before = wait_ms;
        now_ms = slack_link_due(link);
        slack_link_tick(link, now_ms);
    }
    assert_true(before > SLACK_LINK_MAX_MS / 2);
    bring_up(link, 13, now_ms);
    slack_link_closed(link, 13, now_ms);
    assert_true(slack_link_due(link) - now_ms <= SLACK_LINK_FIRST_MS);
    slack_link_free(link);
}

static void test_too_fast_waits_as_told(void **state)
{
    (void)state;
    struct slack_link *link = new_link(1);
    slack_link_tick(link, 0);
    orders(link);
    dice = 0;
    refuse(link, 1, "ratelimited", 7000, 50);
    assert_in_range(slack_link_due(link), 7050, 8051);
    slack_link_tick(link, 7049);
    assert_string_equal(orders(link), "");
    slack_link_tick(link, slack_link_due(link));
    assert_string_equal(orders(link), "ask 2");
    slack_link_free(link);
}

static void test_a_dead_token_stops_it(void **state)
{
    (void)state;
    static const char *const dead[] = {
        "not_authed",    "invalid_auth",  "account_inactive",      "user_removed_from_team",
        "team_disabled", "missing_scope", "not_allowed_token_type"};
    for (size_t i = 0; i < sizeof dead / sizeof *dead; i++) {
        struct slack_link *link = new_link(2);
        char stopped[64];
        slack_link_tick(link, 0);
        orders(link);
        refuse(link, 1, dead[i], 0, 0);
        snprintf(stopped, sizeof stopped, "stopped 0 %s", dead[i]);
        assert_string_equal(orders(link), stopped);
        assert_non_null(slack_link_problem(link));
        say_url(link, 2, 0); /* the other call's reply comes late */
        slack_link_tick(link, 1000000);
        assert_string_equal(orders(link), "");
        assert_true(slack_link_due(link) == INT64_MAX);
        slack_link_free(link);
    }
}

/* --- being replaced ----------------------------------------------------------------------------------------- */

static void check_replacement(const char *disconnect)
{
    struct slack_link *link = live_link(0);
    say(link, 1, disconnect, 60000);
    assert_string_equal(orders(link), "ask 2");
    assert_true(is_live(link));
    say(link, 1, "{\"type\":\"events_api\",\"envelope_id\":\"late\"}", 60100);
    assert_string_equal(orders(link), "envelope 1 late");
    slack_link_acknowledge(link, 1, STR("late"), STR(""));
    assert_string_equal(orders(link), "send 1 {\"envelope_id\":\"late\"}");
    say(link, 1, disconnect, 60150); /* a warning after a refresh changes nothing */
    assert_string_equal(orders(link), "");
    say_url(link, 2, 60200);
    assert_string_equal(orders(link), "open 2 wss://x");
    say(link, 2, HELLO, 61000);
    slack_link_tick(link, 61000 + SLACK_LINK_GRACE_MS - 1);
    assert_string_equal(orders(link), "");
    slack_link_tick(link, 61000 + SLACK_LINK_GRACE_MS);
    assert_string_equal(orders(link), "close 1");
    slack_link_closed(link, 1, 75000);
    assert_true(slack_link_due(link) == INT64_MAX && is_live(link));
    assert_int_equal(slack_link_reconnects(link), 1);
    slack_link_free(link);
}

static void test_refresh_opens_before_it_closes(void **state)
{
    (void)state;
    check_replacement("{\"type\":\"disconnect\",\"reason\":\"refresh_requested\"}");
    check_replacement("{\"type\":\"disconnect\",\"reason\":\"warning\",\"debug_info\":{\"host\":\"applink-1\"}}");
    check_replacement("{\"type\":\"disconnect\",\"reason\":\"something_new\"}");
    check_replacement("{\"type\":\"disconnect\"}");
}

static void test_the_old_one_ends_by_itself(void **state)
{
    (void)state;
    struct slack_link *link = live_link(0);
    say(link, 1, "{\"type\":\"disconnect\",\"reason\":\"warning\"}", 60000);
    orders(link);
    slack_link_closed(link, 1, 60010);
    assert_string_equal(orders(link), "");
    say_url(link, 2, 60020);
    assert_string_equal(orders(link), "open 2 wss://x");
    say(link, 2, HELLO, 60030);
    assert_true(is_live(link) && slack_link_due(link) == INT64_MAX);
    slack_link_free(link);
}

/* A replacement that cannot be had: the old one is read for as long as it lasts. */
static void test_the_old_one_is_kept_while_there_is_no_other(void **state)
{
    (void)state;
    struct slack_link *link = live_link(0);
    say(link, 1, "{\"type\":\"disconnect\",\"reason\":\"refresh_requested\"}", 60000);
    orders(link);
    refuse(link, 2, "internal_error", 0, 60010);
    slack_link_tick(link, 90000);
    assert_string_equal(orders(link), "ask 3");
    assert_true(is_live(link));
    slack_link_free(link);
}

static void test_refreshed_all_the_time(void **state)
{
    (void)state;
    struct slack_link *link = live_link(0);
    say(link, 1, "{\"type\":\"disconnect\",\"reason\":\"refresh_requested\"}", 10);
    assert_string_equal(orders(link), "");
    slack_link_tick(link, 10 + SLACK_LINK_FIRST_MS);
    assert_string_equal(orders(link), "ask 2");
    slack_link_free(link);
}

static void test_switched_off(void **state)
{
    (void)state;
    struct slack_link *link = live_link(0);
    say(link, 1, "{\"type\":\"disconnect\",\"reason\":\"link_disabled\"}", 100);
    assert_string_equal(orders(link), "close 1");
    assert_non_null(strstr(slack_link_problem(link), "switched off"));
    slack_link_closed(link, 1, 110);
    assert_int_equal(slack_link_due(link), 100 + SLACK_LINK_DISABLED_MS);
    slack_link_tick(link, slack_link_due(link));
    bring_up(link, 2, 400000);
    assert_null(slack_link_problem(link));
    slack_link_free(link);
}

static void test_too_many(void **state)
{
    (void)state;
    struct slack_link *link = live_link(0);
    say(link, 1, "{\"type\":\"disconnect\",\"reason\":\"too_many_websockets\"}", 100);
    assert_string_equal(orders(link), "close 1");
    assert_non_null(strstr(slack_link_problem(link), "too many"));
    slack_link_closed(link, 1, 110);
    assert_in_range(slack_link_due(link), 100 + SLACK_LINK_TOO_MANY_MS, 100 + 2 * SLACK_LINK_TOO_MANY_MS);
    slack_link_free(link);
}

static void test_ended_without_warning(void **state)
{
    (void)state;
    struct slack_link *link = live_link(0);
    dice = 0;
    slack_link_closed(link, 1, 5000);
    assert_false(is_live(link));
    assert_in_range(slack_link_due(link), 5000, 6000);
    slack_link_tick(link, slack_link_due(link));
    assert_string_equal(orders(link), "ask 2");
    slack_link_closed(link, 1, 6000); /* told twice */
    assert_string_equal(orders(link), "");
    slack_link_free(link);
}

/* --- envelopes ---------------------------------------------------------------------------------------------- */

static void test_envelopes(void **state)
{
    (void)state;
    struct slack_link *link = live_link(0);
    say(link, 1, "{\"type\":\"events_api\",\"envelope_id\":\"a\",\"payload\":{}}", 1);
    say(link, 1, "{\"type\":\"slash_commands\",\"envelope_id\":\"b\"}", 1);
    say(link, 1, "{\"type\":\"interactive\",\"envelope_id\":\"c\"}", 1);
    assert_string_equal(orders(link), "envelope 1 a; envelope 1 b; envelope 1 c");
    slack_link_acknowledge(link, 1, STR("b"), STR("{\"text\":\"hi\"}"));
    assert_string_equal(orders(link), "send 1 {\"envelope_id\":\"b\",\"payload\":{\"text\":\"hi\"}}");
    slack_link_free(link);
}

static void test_what_is_not_known(void **state)
{
    (void)state;
    struct slack_link *link = live_link(0);
    say(link, 1, "{\"type\":\"brand_new\",\"envelope_id\":\"n\"}", 1);
    assert_string_equal(orders(link), "send 1 {\"envelope_id\":\"n\"}");
    static const char *const junk[] = {"",
                                       "nonsense",
                                       "{\"type\":",
                                       "[]",
                                       "7",
                                       "null",
                                       "{}",
                                       "{\"type\":\"brand_new\"}",
                                       "{\"type\":7,\"envelope_id\":\"x\"",
                                       "{\"type\":\"events_api\"}",
                                       "{\"type\":\"events_api\",\"envelope_id\":7}"};
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++)
        say(link, 1, junk[i], 1);
    assert_string_equal(orders(link), "");
    assert_true(is_live(link));
    say(link, 77, "{\"type\":\"events_api\",\"envelope_id\":\"a\"}", 1);
    assert_string_equal(orders(link), "");
    slack_link_free(link);
}

static void test_no_acknowledgement_on_another_connection(void **state)
{
    (void)state;
    struct slack_link *link = live_link(0);
    slack_link_closed(link, 1, 1);
    slack_link_tick(link, slack_link_due(link));
    bring_up(link, 2, 2000);
    slack_link_acknowledge(link, 1, STR("a"), STR(""));
    assert_string_equal(orders(link), "");
    slack_link_free(link);
}

/* --- the end ------------------------------------------------------------------------------------------------ */

static void test_drain(void **state)
{
    (void)state;
    struct slack_link *link = new_link(3);
    slack_link_tick(link, 0);
    orders(link);
    say_url(link, 1, 0);
    say(link, 1, HELLO, 0);
    say_url(link, 2, 0);
    orders(link);
    slack_link_drain(link);
    assert_string_equal(orders(link), "close 1; drop 2");
    assert_false(slack_link_idle(link));
    say_url(link, 3, 0);
    slack_link_closed(link, 1, 10);
    assert_true(slack_link_idle(link));
    slack_link_tick(link, 1000000);
    assert_string_equal(orders(link), "");
    slack_link_free(link);
    link = new_link(1);
    slack_link_drain(link);
    slack_link_tick(link, 0);
    assert_string_equal(orders(link), "");
    slack_link_free(link);
}

static void test_freed_with_orders_in_it(void **state)
{
    (void)state;
    struct slack_link *link = live_link(0);
    struct slack_order order;
    say(link, 1, "{\"type\":\"events_api\",\"envelope_id\":\"a\"}", 1);
    say(link, 1, "{\"type\":\"events_api\",\"envelope_id\":\"b\"}", 1);
    assert_true(slack_link_next(link, &order));
    slack_link_free(link);
    slack_link_free(NULL);
}

/* Whatever is said in whatever order, there is never more than one connection asked for at a time on a seat. */
static void test_storm(void **state)
{
    (void)state;
    static const char *const words[] = {HELLO, "{\"type\":\"disconnect\",\"reason\":\"warning\"}",
                                        "{\"type\":\"disconnect\",\"reason\":\"refresh_requested\"}",
                                        "{\"type\":\"disconnect\",\"reason\":\"too_many_websockets\"}",
                                        "{\"type\":\"events_api\",\"envelope_id\":\"a\"}"};
    struct slack_link *link = new_link(2);
    uint32_t seed = 7, newest = 0;
    int64_t now_ms = 0;
    for (int step = 0; step < 20000; step++) {
        seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
        dice = seed;
        now_ms += (seed >> 8) % 2000;
        slack_link_tick(link, now_ms);
        struct slack_order order;
        while (slack_link_next(link, &order)) {
            newest = order.connection > newest ? order.connection : newest;
            if (order.kind == SLACK_LINK_CLOSE)
                slack_link_closed(link, order.connection, now_ms);
            else if (order.kind == SLACK_LINK_ASK && (seed >> 5) % 4)
                say_url(link, order.connection, now_ms);
        }
        uint32_t one = newest - (seed >> 16) % 6;
        if ((seed >> 12) % 7 == 0)
            slack_link_closed(link, one, now_ms);
        else
            say(link, one, words[(seed >> 20) % (sizeof words / sizeof *words)], now_ms);
    }
    dice = 0;
    for (int i = 0; i < 1000 && slack_link_due(link) != INT64_MAX; i++) {
        struct slack_order order;
        now_ms = slack_link_due(link) > now_ms ? slack_link_due(link) : now_ms;
        slack_link_tick(link, now_ms);
        while (slack_link_next(link, &order)) {
            if (order.kind == SLACK_LINK_ASK)
                say_url(link, order.connection, now_ms);
            else if (order.kind == SLACK_LINK_OPEN)
                say(link, order.connection, HELLO, now_ms);
            else if (order.kind == SLACK_LINK_CLOSE)
                slack_link_closed(link, order.connection, now_ms);
        }
    }
    enum slack_link_state states[SLACK_CONNECTIONS_MAX];
    slack_link_states(link, states);
    assert_true(states[0] == SLACK_LINK_LIVE && states[1] == SLACK_LINK_LIVE);
    slack_link_free(link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hello_makes_it_live),
        cmocka_unit_test(test_several_connections),
        cmocka_unit_test(test_no_hello_in_time),
        cmocka_unit_test(test_delays_grow_and_hello_ends_that),
        cmocka_unit_test(test_too_fast_waits_as_told),
        cmocka_unit_test(test_a_dead_token_stops_it),
        cmocka_unit_test(test_refresh_opens_before_it_closes),
        cmocka_unit_test(test_the_old_one_ends_by_itself),
        cmocka_unit_test(test_the_old_one_is_kept_while_there_is_no_other),
        cmocka_unit_test(test_refreshed_all_the_time),
        cmocka_unit_test(test_switched_off),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_ended_without_warning),
        cmocka_unit_test(test_envelopes),
        cmocka_unit_test(test_what_is_not_known),
        cmocka_unit_test(test_no_acknowledgement_on_another_connection),
        cmocka_unit_test(test_drain),
        cmocka_unit_test(test_freed_with_orders_in_it),
        cmocka_unit_test(test_storm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
