#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/discord_starts.h"

#include <stdio.h>

static void learn(struct discord_starts *s, int remaining, int64_t reset_after_ms, int groups, int64_t now_ms)
{
    char text[300];
    snprintf(text, sizeof text,
             "{\"url\":\"wss://gateway.example\",\"shards\":4,\"session_start_limit\":{\"total\":1000,"
             "\"remaining\":%d,\"reset_after\":%lld,\"max_concurrency\":%d}}",
             remaining, (long long)reset_after_ms, groups);
    cJSON *answer = json_parse(str_of(text), NULL);
    assert_true(discord_starts_learn(s, answer, now_ms));
    cJSON_Delete(answer);
}

static void test_learns(void **state)
{
    (void)state;
    struct discord_starts s = {0};
    assert_true(discord_starts_wait(&s, 0, 0) > 0);
    learn(&s, 999, 14400000, 1, 0);
    assert_string_equal(s.url, "wss://gateway.example");
    assert_int_equal(s.shards, 4);
    assert_int_equal(discord_starts_wait(&s, 0, 0), 0);
}

static void test_what_is_no_answer_changes_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{}",
        "[]",
        "null",
        "{\"url\":\"wss://x\"}",
        "{\"url\":\"wss://x\",\"shards\":1}",
        "{\"url\":7,\"shards\":1,\"session_start_limit\":{\"total\":1,\"remaining\":1,\"reset_after\":1,\"max_concurrency\":1}}",
        "{\"url\":\"wss://x\",\"shards\":0,\"session_start_limit\":{\"total\":1,\"remaining\":1,\"reset_after\":1,\"max_concurrency\":1}}",
        "{\"url\":\"wss://x\",\"shards\":1,\"session_start_limit\":{\"total\":1,\"remaining\":-1,\"reset_after\":1,\"max_concurrency\":1}}",
        "{\"url\":\"wss://x\",\"shards\":1,\"session_start_limit\":{\"total\":1,\"remaining\":1,\"reset_after\":1e99,\"max_concurrency\":1}}",
        "{\"url\":\"wss://x\",\"shards\":1,\"session_start_limit\":{\"total\":1,\"remaining\":1,\"reset_after\":1,\"max_concurrency\":0}}",
    };
    struct discord_starts s = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cJSON *answer = json_parse(str_of(bad[i]), NULL);
        assert_non_null(answer);
        if (discord_starts_learn(&s, answer, 0) || s.known)
            fail_msg("taken: %s", bad[i]);
        cJSON_Delete(answer);
    }
}

/* One of a group at a time, five seconds between two of them; other groups go their own way. */
static void test_groups(void **state)
{
    (void)state;
    struct discord_starts s = {0};
    learn(&s, 999, 14400000, 2, 0);
    assert_int_equal(discord_starts_wait(&s, 0, 100), 0);
    assert_int_equal(discord_starts_wait(&s, 1, 100), 0);
    assert_true(discord_starts_wait(&s, 2, 100) > 0);     /* shard 0 is on its way */
    assert_int_equal(discord_starts_wait(&s, 0, 200), 0); /* still its turn */
    discord_starts_identified(&s, 0, 1000);
    assert_int_equal(discord_starts_wait(&s, 2, 2000), 1000 + STARTS_APART_MS - 2000);
    assert_int_equal(discord_starts_wait(&s, 2, 1000 + STARTS_APART_MS), 0);
    assert_true(discord_starts_wait(&s, 3, 1000) > 0); /* shard 1 is on its way */
    discord_starts_end(&s, 1);
    assert_int_equal(discord_starts_wait(&s, 3, 1000), 0);
}

/* Fifty are never used; a restart in a loop ends in waiting, and goes on after the reset. */
static void test_reserve(void **state)
{
    (void)state;
    struct discord_starts s = {0};
    learn(&s, STARTS_RESERVE + 2, 1000 * 1000, 1, 0);
    int64_t now_ms = 0;
    int used = 0;
    for (; now_ms < 1000 * 1000; now_ms += 1000)
        if (!discord_starts_wait(&s, 0, now_ms)) {
            discord_starts_identified(&s, 0, now_ms);
            used++;
        }
    assert_int_equal(used, 2);
    assert_int_equal(s.remaining, STARTS_RESERVE);
    assert_true(discord_starts_used_up(&s, 999 * 1000));
    assert_int_equal(discord_starts_wait(&s, 0, 999 * 1000), 1000);
    assert_false(discord_starts_used_up(&s, 1000 * 1000));
    assert_int_equal(discord_starts_wait(&s, 0, 1000 * 1000), 0);
}

static void test_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int first, last, count;
    } rows[] = {
        {"auto", true, 0, 0, 0},        {"0-0/1", true, 0, 0, 1},    {"0-3/16", true, 0, 3, 16},
        {"12-15/16", true, 12, 15, 16}, {"", false, 0, 0, 0},        {"0", false, 0, 0, 0},
        {"0-3", false, 0, 0, 0},        {"0/3", false, 0, 0, 0},     {"3-0/16", false, 0, 0, 0},
        {"0-16/16", false, 0, 0, 0},    {"0-3/16 ", false, 0, 0, 0}, {"-3/16", false, 0, 0, 0},
        {"0-3/", false, 0, 0, 0},       {"a-3/16", false, 0, 0, 0},  {"0-3/9999999999", false, 0, 0, 0},
        {"AUTO", false, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct discord_range range;
        bool ok = discord_range_read(str_of(rows[i].text), &range);
        if (ok != rows[i].ok)
            fail_msg("'%s'", rows[i].text);
        if (ok)
            assert_true(range.first == rows[i].first && range.last == rows[i].last && range.count == rows[i].count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_learns), cmocka_unit_test(test_what_is_no_answer_changes_nothing),
        cmocka_unit_test(test_groups), cmocka_unit_test(test_reserve),
        cmocka_unit_test(test_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
