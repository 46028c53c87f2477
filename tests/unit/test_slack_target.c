#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/slack_target.h"

static void test_comes_back(void **state)
{
    (void)state;
    struct arena a = {0};
    struct slack_target t = {.channel = STR("C1"),
                             .thread = STR("1.2"),
                             .user = STR("U\"1"),
                             .response_url = STR("https://hooks.slack.com/actions/a/b"),
                             .quiet = true,
                             .quoted = true};
    struct slack_target back;
    assert_true(slack_target_read(slack_target_write(&t, &a), &a, &back));
    assert_true(str_eq(back.channel, t.channel) && str_eq(back.thread, t.thread) && str_eq(back.user, t.user));
    assert_true(str_eq(back.response_url, t.response_url) && back.quiet && back.quoted);
    t = (struct slack_target){.channel = STR("D1")};
    assert_string_equal(slack_target_write(&t, &a).p, "{\"channel\":\"D1\"}");
    assert_true(slack_target_read(slack_target_write(&t, &a), &a, &back));
    assert_true(!back.thread.n && !back.user.n && !back.response_url.n && !back.quiet && !back.quoted);
    arena_release(&a);
}

static void test_what_is_no_target(void **state)
{
    (void)state;
    struct arena a = {0};
    struct slack_target back;
    assert_false(slack_target_read(STR(""), &a, &back));
    assert_false(slack_target_read(STR("{}"), &a, &back));
    assert_false(slack_target_read(STR("{\"channel\":7}"), &a, &back));
    assert_false(slack_target_read(STR("nonsense"), &a, &back));
    arena_release(&a);
}

static const struct {
    int line;
    const char *url, *api;
    bool ok;
} urls[] = {
    {__LINE__, "https://hooks.slack.com/commands/T1/2/x", "https://slack.com/api/", true},
    {__LINE__, "https://hooks.slack-gov.com/commands/T1/2/x", "https://slack-gov.com/api/", true},
    {__LINE__, "https://hooks.slack.com/x", "https://slack-gov.com/api/", false},
    {__LINE__, "http://hooks.slack.com/commands/T1/2/x", "https://slack.com/api/", false},
    {__LINE__, "https://hooks.slack.com.evil.example/x", "https://slack.com/api/", false},
    {__LINE__, "https://evil.example/hooks.slack.com/x", "https://slack.com/api/", false},
    {__LINE__, "https://hooks.slack.com@evil.example/x", "https://slack.com/api/", false},
    {__LINE__, "https://hooks.slack.com:444/x", "https://slack.com/api/", false},
    {__LINE__, "https://hooks.slack.com\\evil.example/x", "https://slack.com/api/", false},
    {__LINE__, "https://hooks.slack.com/x y", "https://slack.com/api/", false},
    {__LINE__, "https://hooks.slack.com", "https://slack.com/api/", false},
    {__LINE__, "https:hooks.slack.com/x", "https://slack.com/api/", false},
    {__LINE__, "https:///x", "https://slack.com/api/", false},
    {__LINE__, "", "https://slack.com/api/", false},
    {__LINE__, "http://127.0.0.1:8080/x", "https://slack.com/api/", false},
    {__LINE__, "http://127.0.0.1:5000/hook/1", "http://127.0.0.1:5000/api/", true},
    {__LINE__, "http://127.0.0.1:5001/hook/1", "http://127.0.0.1:5000/api/", false},
    {__LINE__, "https://hooks.slack.com/x", "http://127.0.0.1:5000/api/", false},
};

static void test_response_urls(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        if (slack_response_url_ok(str_of(urls[i].url), str_of(urls[i].api)) != urls[i].ok)
            fail_msg("line %d: %s", urls[i].line, urls[i].url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comes_back),
        cmocka_unit_test(test_what_is_no_target),
        cmocka_unit_test(test_response_urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
