#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/rules.h"

#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { DIRECT = 1, MENTIONED = 2, REPLY = 4, TAKES_PART = 8 };

static void test_who_is_answered_where(void **state)
{
    (void)state;
    static const struct str allowed[] = {{"C1", 2}, {"C2", 2}, {"D1", 2}}, denied[] = {{"C2", 2}},
                            everything[] = {{"C1", 2}, {"C9", 2}};
    static const struct rules none = {0}, threads = {.threads = true},
                              some = {.allowed = allowed, .n_allowed = 3, .denied = denied, .n_denied = 1},
                              all_of_c1 = {
                                  .everything = everything, .n_everything = 2, .allowed = allowed, .n_allowed = 3};
    static const struct {
        int line;
        const struct rules *rules;
        const char *channel;
        int how;
        enum rules_verdict verdict;
    } rows[] = {
        {__LINE__, &none, "C1", 0, RULES_NOT_FOR_US},
        {__LINE__, &none, "C1", DIRECT, RULES_ANSWER},
        {__LINE__, &none, "C1", MENTIONED, RULES_ANSWER},
        {__LINE__, &none, "C1", REPLY, RULES_NOT_FOR_US},
        {__LINE__, &none, "C1", REPLY | TAKES_PART, RULES_NOT_FOR_US},
        {__LINE__, &threads, "C1", REPLY, RULES_NOT_FOR_US},
        {__LINE__, &threads, "C1", REPLY | TAKES_PART, RULES_ANSWER},
        {__LINE__, &threads, "C1", TAKES_PART, RULES_NOT_FOR_US},
        {__LINE__, &some, "C1", MENTIONED, RULES_ANSWER},
        {__LINE__, &some, "C2", MENTIONED, RULES_CHANNEL},
        {__LINE__, &some, "C3", MENTIONED, RULES_CHANNEL},
        {__LINE__, &some, "C3", 0, RULES_NOT_FOR_US},
        {__LINE__, &some, "D1", DIRECT, RULES_ANSWER},
        {__LINE__, &some, "D2", DIRECT, RULES_CHANNEL},
        {__LINE__, &all_of_c1, "C1", 0, RULES_ANSWER},
        {__LINE__, &all_of_c1, "C2", 0, RULES_NOT_FOR_US},
        {__LINE__, &all_of_c1, "C9", 0, RULES_CHANNEL},
        {__LINE__, &all_of_c1, "", 0, RULES_NOT_FOR_US},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct incoming in = {.channel = str_of(rows[i].channel),
                              .direct = rows[i].how & DIRECT,
                              .mentioned = rows[i].how & MENTIONED,
                              .reply = rows[i].how & REPLY};
        if (rules_decide(rows[i].rules, &in, rows[i].how & TAKES_PART) != rows[i].verdict)
            fail_msg("line %d", rows[i].line);
    }
}

static void test_so_many_in_a_minute(void **state)
{
    (void)state;
    struct cooldown *c = cooldown_new(100);
    for (int i = 0; i < 6; i++)
        assert_true(cooldown_ok(c, STR("U1"), 6, 1000));
    assert_false(cooldown_ok(c, STR("U1"), 6, 1000));
    assert_true(cooldown_ok(c, STR("U2"), 6, 1000)); /* somebody else */
    assert_false(cooldown_ok(c, STR("U1"), 6, 10999));
    assert_true(cooldown_ok(c, STR("U1"), 6, 11000)); /* one comes back every ten seconds */
    assert_false(cooldown_ok(c, STR("U1"), 6, 11000));
    assert_false(cooldown_ok(c, STR("U1"), 6, 5000)); /* whatever the clock does */
    for (int i = 0; i < 6; i++)
        assert_true(cooldown_ok(c, STR("U1"), 6, 1000000));
    assert_false(cooldown_ok(c, STR("U1"), 6, 1000000));
    cooldown_free(c);
}

static void test_any_number(void **state)
{
    (void)state;
    struct cooldown *c = cooldown_new(100);
    for (int i = 0; i < 1000; i++)
        assert_true(cooldown_ok(c, STR("U1"), 0, 0));
    cooldown_free(c);
    cooldown_free(NULL);
}

static void test_one_in_a_minute(void **state)
{
    (void)state;
    struct cooldown *c = cooldown_new(1);
    assert_true(cooldown_ok(c, STR("U1"), 1, 0));
    assert_false(cooldown_ok(c, STR("U1"), 1, 59999));
    assert_true(cooldown_ok(c, STR("U1"), 1, 60000));
    cooldown_free(c);
}

/* A crowd of others must not make somebody's count forgotten while it matters, as long as there is room. */
static void test_a_crowd_passes_by(void **state)
{
    (void)state;
    struct cooldown *c = cooldown_new(1000);
    int forgotten = 0;
    for (int person = 0; person < 30; person++) {
        char key[32];
        snprintf(key, sizeof key, "busy%d", person);
        for (int i = 0; i < 10; i++)
            cooldown_ok(c, str_of(key), 10, 0);
    }
    for (int i = 0; i < 5000; i++) {
        char key[32];
        snprintf(key, sizeof key, "crowd%d", i);
        assert_true(cooldown_ok(c, str_of(key), 10, 100));
    }
    for (int person = 0; person < 30; person++) {
        char key[32];
        snprintf(key, sizeof key, "busy%d", person);
        forgotten += cooldown_ok(c, str_of(key), 10, 200);
    }
    assert_int_equal(forgotten, 0); /* those who asked once are full again first, and make room first */
    cooldown_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_answered_where),
        cmocka_unit_test(test_so_many_in_a_minute),
        cmocka_unit_test(test_any_number),
        cmocka_unit_test(test_one_in_a_minute),
        cmocka_unit_test(test_a_crowd_passes_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
