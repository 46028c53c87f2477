#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/discord_limits.h"

#include <stdio.h>

#define MESSAGES STR("channels/60/messages")
#define OTHER STR("channels/61/messages")
#define HOOK STR("webhooks/2/tok/messages/@original")

static int64_t wait_ms(struct discord_limits *l, struct str route, int64_t now_ms)
{
    return discord_limits_wait(l, "POST", route, now_ms).ms;
}

static struct discord_answer answer(const char *bucket, const char *remaining, const char *reset_after)
{
    return (struct discord_answer){.status = 200,
                                   .bucket = str_of(bucket),
                                   .remaining = str_of(remaining),
                                   .reset_after = str_of(reset_after),
                                   .retry_after_ms = -1};
}

static void test_an_empty_bucket_waits(void **state)
{
    (void)state;
    struct discord_limits *l = discord_limits_new();
    struct discord_answer two = answer("abc", "2", "1.5");
    assert_int_equal(wait_ms(l, MESSAGES, 0), 0);
    discord_limits_sent(l, "POST", MESSAGES, 0);
    discord_limits_answer(l, "POST", MESSAGES, &two, 100);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(wait_ms(l, MESSAGES, 200), 0);
        discord_limits_sent(l, "POST", MESSAGES, 200);
    }
    assert_int_equal(wait_ms(l, MESSAGES, 200), 1400);
    assert_int_equal(wait_ms(l, OTHER, 200), 0); /* another channel, another bucket */
    assert_int_equal(wait_ms(l, MESSAGES, 1600), 0);
    discord_limits_free(l);
}

/* Two calls that Discord counts together share what is left; ids below the channel make no bucket of their own. */
static void test_calls_that_share_a_bucket(void **state)
{
    (void)state;
    struct discord_limits *l = discord_limits_new();
    struct discord_answer none = answer("abc", "0", "2");
    discord_limits_answer(l, "PATCH", STR("channels/60/messages/9"), &none, 0);
    discord_limits_answer(l, "POST", MESSAGES,
                          &(struct discord_answer){.status = 200, .bucket = STR("abc"), .retry_after_ms = -1}, 0);
    assert_int_equal(wait_ms(l, MESSAGES, 500), 1500);
    assert_int_equal(discord_limits_wait(l, "PATCH", STR("channels/60/messages/10"), 500).ms, 1500);
    discord_limits_free(l);
}

static const struct {
    int line;
    const char *body, *scope, *global;
    int64_t retry_after_ms, wait_ms;
    bool all;
} too_many[] = {
    {__LINE__, "{\"message\":\"slow\",\"retry_after\":1.234,\"global\":false}", "user", "", -1, 1234, false},
    {__LINE__, "{\"retry_after\":0.3,\"global\":false}", "user", "", 1000, 1000, false},
    {__LINE__, "{\"retry_after\":64.57,\"global\":false}", "shared", "", 2000, 64570, false},
    {__LINE__, "{\"retry_after\":2,\"global\":true}", "global", "true", 2000, 2000, true},
    {__LINE__, "{\"retry_after\":2}", "global", "", 2000, 2000, true},
    {__LINE__, "<html>1015</html>", "", "", 5000, 5000, true},
    {__LINE__, "", "", "", -1, 60000, true},
    {__LINE__, "{\"retry_after\":\"soon\"}", "user", "", -1, 60000, false},
    {__LINE__, "{\"retry_after\":-5}", "user", "", -1, 60000, false},
    {__LINE__, "{\"retry_after\":1e30}", "user", "", -1, 24 * 60 * 60 * 1000, false},
    {__LINE__, "{\"retry_after\":0}", "user", "", -1, 1, false},
};

static void test_429(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof too_many / sizeof *too_many; i++) {
        struct discord_limits *l = discord_limits_new();
        struct discord_answer a = {.status = 429,
                                   .body = str_of(too_many[i].body),
                                   .scope = str_of(too_many[i].scope),
                                   .global = str_of(too_many[i].global),
                                   .retry_after_ms = too_many[i].retry_after_ms};
        struct discord_wait w = discord_limits_answer(l, "POST", MESSAGES, &a, 1000);
        if (w.ms != too_many[i].wait_ms || w.all != too_many[i].all)
            fail_msg("line %d: %lld ms, all %d", too_many[i].line, (long long)w.ms, w.all);
        assert_int_equal(wait_ms(l, MESSAGES, 1000), w.ms);
        assert_int_equal(wait_ms(l, OTHER, 1000), w.all ? w.ms : 0);
        assert_int_equal(wait_ms(l, HOOK, 1000), 0); /* an interaction's answer is not held up */
        assert_int_equal(wait_ms(l, MESSAGES, 1000 + w.ms), 0);
        discord_limits_free(l);
    }
}

/* Discord's webhooks have a second limit that is not in the headers: 429 although calls are left. */
static void test_429_with_calls_left(void **state)
{
    (void)state;
    struct discord_limits *l = discord_limits_new();
    struct discord_answer a = answer("abc", "4", "0.5");
    a.status = 429;
    a.body = STR("{\"retry_after\":3,\"global\":false}");
    a.scope = STR("user");
    discord_limits_answer(l, "POST", HOOK, &a, 0);
    assert_int_equal(wait_ms(l, HOOK, 600), 2400);
    discord_limits_free(l);
}

static void test_all_together(void **state)
{
    (void)state;
    struct discord_limits *l = discord_limits_new();
    int64_t sent[500];
    size_t n = 0;
    for (int64_t now_ms = 0; now_ms < 10 * 1000 && n < 500; now_ms += 7) {
        char route[40];
        snprintf(route, sizeof route, "channels/%zu/messages", n);
        if (wait_ms(l, str_of(route), now_ms))
            continue;
        discord_limits_sent(l, "POST", str_of(route), now_ms);
        sent[n++] = now_ms;
    }
    assert_true(n > 400);
    for (size_t i = LIMITS_A_SECOND; i < n; i++)
        assert_true(sent[i] - sent[i - LIMITS_A_SECOND] >= 1000);
    discord_limits_free(l);
}

/* Ten minutes of nothing but refusals end far from the 10,000 that lock an address out. */
static void test_invalid_calls(void **state)
{
    (void)state;
    static const int statuses[] = {401, 403, 429};
    struct discord_limits *l = discord_limits_new();
    int n = 0;
    for (int64_t now_ms = 0; now_ms < 9 * 60 * 1000; now_ms += 25) {
        char route[40];
        snprintf(route, sizeof route, "channels/%d/messages", n);
        if (wait_ms(l, str_of(route), now_ms))
            continue;
        struct discord_answer a = {.status = statuses[n % 3],
                                   .scope = STR("user"),
                                   .body = STR("{\"retry_after\":0.1}"),
                                   .retry_after_ms = -1};
        discord_limits_sent(l, "POST", str_of(route), now_ms);
        discord_limits_answer(l, "POST", str_of(route), &a, now_ms);
        n++;
    }
    assert_int_equal(n, LIMITS_INVALID_MAX);
    assert_int_equal(wait_ms(l, MESSAGES, 20 * 60 * 1000), 0);
    discord_limits_free(l);
}

static void test_shared_429s_are_not_invalid(void **state)
{
    (void)state;
    struct discord_limits *l = discord_limits_new();
    struct discord_answer a = {
        .status = 429, .scope = STR("shared"), .body = STR("{\"retry_after\":0.001}"), .retry_after_ms = -1};
    for (int i = 0; i < 2 * LIMITS_INVALID_MAX; i++)
        discord_limits_answer(l, "POST", MESSAGES, &a, 0);
    assert_int_equal(wait_ms(l, OTHER, 10), 0);
    discord_limits_free(l);
}

/* Found when a reply that may not quote was to be sent again without quoting. */
static void test_a_channel_where_only_quoting_is_forbidden(void **state)
{
    (void)state;
    struct discord_limits *l = discord_limits_new();
    struct discord_answer a = {.status = 403, .body = STR("{\"code\":160002}"), .retry_after_ms = -1};
    discord_limits_answer(l, "POST", MESSAGES, &a, 0);
    assert_false(discord_limits_forbidden(l, "POST", MESSAGES, 1000));
    discord_limits_free(l);
}

static void test_forbidden_is_remembered(void **state)
{
    (void)state;
    struct discord_limits *l = discord_limits_new();
    struct discord_answer a = {.status = 403, .body = STR("{\"code\":50013}"), .retry_after_ms = -1};
    assert_false(discord_limits_forbidden(l, "POST", MESSAGES, 0));
    discord_limits_answer(l, "POST", MESSAGES, &a, 0);
    assert_true(discord_limits_forbidden(l, "POST", MESSAGES, 1000));
    assert_false(discord_limits_forbidden(l, "POST", OTHER, 1000));
    assert_false(discord_limits_forbidden(l, "POST", MESSAGES, 6 * 60 * 1000));
    discord_limits_answer(l, "POST", HOOK, &a, 0);
    assert_false(discord_limits_forbidden(l, "POST", HOOK, 1000)); /* each has its own token */
    discord_limits_free(l);
}

/* More channels than fit: old ones are forgotten, the newest is known. */
static void test_many_channels(void **state)
{
    (void)state;
    struct discord_limits *l = discord_limits_new();
    struct discord_answer none = answer("abc", "0", "100000");
    for (int i = 0; i < 20000; i++) {
        char route[40];
        snprintf(route, sizeof route, "channels/%d/messages", i);
        discord_limits_answer(l, "POST", str_of(route), &none, i);
        assert_true(wait_ms(l, str_of(route), i) > 0);
    }
    discord_limits_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_bucket_waits),
        cmocka_unit_test(test_calls_that_share_a_bucket),
        cmocka_unit_test(test_429),
        cmocka_unit_test(test_429_with_calls_left),
        cmocka_unit_test(test_all_together),
        cmocka_unit_test(test_invalid_calls),
        cmocka_unit_test(test_shared_429s_are_not_invalid),
        cmocka_unit_test(test_a_channel_where_only_quoting_is_forbidden),
        cmocka_unit_test(test_forbidden_is_remembered),
        cmocka_unit_test(test_many_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
