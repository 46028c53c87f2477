#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/json.h"
#include "channel/slack_posts.h"
#include "channel/slack_target.h"

#include <string.h>

static struct reply answer(void)
{
    struct reply r = {.outcome = OUTCOME_ANSWER, .n_parts = 1};
    r.parts[0] = (struct part){.outcome = OUTCOME_ANSWER, .intent = STR("heat"), .text = STR("230 degrees")};
    return r;
}

static struct question question(struct slack_target target, struct arena *a)
{
    return (struct question){.key = STR("slack:T1:C1:17.1"),
                             .text = STR("how hot?"),
                             .channel = target.channel,
                             .user = target.user,
                             .target = slack_target_write(&target, a)};
}

/* The post's body, which must be JSON; free with cJSON_Delete. */
static cJSON *body(const struct post *post)
{
    cJSON *j = json_parse(post->body, NULL);
    assert_non_null(j);
    assert_false(json_bool(j, "unfurl_links", true) || json_bool(j, "unfurl_media", true));
    assert_true(json_str(j, "text").n > 0);
    return j;
}

static const struct slack_target in_thread = {.channel = {"C1", 2}, .thread = {"17.1", 4}, .user = {"U1", 2}};
static const struct slack_target quiet = {.channel = {"C1", 2},
                                          .user = {"U1", 2},
                                          .quiet = true,
                                          .quoted = true,
                                          .response_url = {"https://hooks.slack.com/x", 25}};

static void test_into_the_thread(void **state)
{
    (void)state;
    struct arena a = {0};
    struct reply r = answer();
    struct question q = question(in_thread, &a);
    struct posts posts;
    slack_compose(&q, &r, &a, &posts);
    assert_int_equal(posts.n, 1);
    assert_true(str_is(posts.items[0].lane, "C1") && str_is(posts.items[0].route, "chat.postMessage"));
    assert_true(str_is(posts.items[0].method, "POST") && !posts.items[0].again && !posts.share.n);
    cJSON *j = body(&posts.items[0]);
    assert_true(str_is(json_str(j, "channel"), "C1") && str_is(json_str(j, "thread_ts"), "17.1"));
    assert_false(json_str(j, "user").n);
    cJSON_Delete(j);
    arena_release(&a);
}

static void test_a_direct_message_has_no_thread(void **state)
{
    (void)state;
    struct arena a = {0};
    struct reply r = answer();
    struct question q = question((struct slack_target){.channel = STR("D1"), .user = STR("U1")}, &a);
    struct posts posts;
    slack_compose(&q, &r, &a, &posts);
    assert_null(strstr(posts.items[0].body.p, "thread_ts"));
    arena_release(&a);
}

static void test_a_command_is_answered_to_one_person_and_shared(void **state)
{
    (void)state;
    struct arena a = {0};
    struct reply r = answer();
    struct question q = question(quiet, &a), click;
    struct posts posts, shared;
    slack_compose(&q, &r, &a, &posts);
    assert_true(str_is(posts.items[0].route, "https://hooks.slack.com/x") && str_is(posts.items[0].lane, "C1/U1"));
    cJSON *j = body(&posts.items[0]);
    assert_true(str_is(json_str(j, "response_type"), "ephemeral") && !json_bool(j, "replace_original", true));
    assert_non_null(strstr(posts.items[0].body.p, "docent_share"));
    cJSON_Delete(j);

    struct slack_target again = quiet;
    again.response_url = STR("https://hooks.slack.com/y");
    click = question(again, &a);
    slack_share(&click, posts.share, &a, &shared);
    assert_int_equal(shared.n, 1);
    assert_true(str_is(shared.items[0].route, "https://hooks.slack.com/y") && str_is(shared.items[0].lane, "C1"));
    j = body(&shared.items[0]);
    assert_true(str_is(json_str(j, "response_type"), "in_channel"));
    assert_non_null(strstr(shared.items[0].body.p, "<@U1> asked: how hot?"));
    assert_null(strstr(shared.items[0].body.p, "docent_share"));
    cJSON_Delete(j);
    arena_release(&a);
}

static void test_without_a_response_url(void **state)
{
    (void)state;
    struct arena a = {0};
    struct reply r = answer();
    struct slack_target target = quiet;
    target.response_url = STR("");
    struct question q = question(target, &a);
    struct posts posts, shared;
    slack_compose(&q, &r, &a, &posts);
    assert_true(str_is(posts.items[0].route, "chat.postEphemeral"));
    cJSON *j = body(&posts.items[0]);
    assert_true(str_is(json_str(j, "user"), "U1"));
    cJSON_Delete(j);
    slack_share(&q, posts.share, &a, &shared);
    assert_true(str_is(shared.items[0].route, "chat.postMessage"));
    arena_release(&a);
}

static void test_nothing_to_share_of_what_is_no_answer(void **state)
{
    (void)state;
    struct arena a = {0};
    struct reply r = answer();
    r.outcome = r.parts[0].outcome = OUTCOME_DECLINE;
    struct question q = question(quiet, &a);
    struct posts posts;
    slack_compose(&q, &r, &a, &posts);
    assert_false(posts.share.n);
    assert_null(strstr(posts.items[0].body.p, "docent_share"));
    arena_release(&a);
}

/* The click comes later than answers are kept: one person is told, nobody else. */
static void test_an_answer_too_old_to_share(void **state)
{
    (void)state;
    struct arena a = {0};
    struct question q = question(quiet, &a);
    struct posts posts;
    slack_share(&q, STR(""), &a, &posts);
    assert_int_equal(posts.n, 1);
    assert_non_null(strstr(posts.items[0].body.p, "too old"));
    assert_non_null(strstr(posts.items[0].body.p, "ephemeral"));
    arena_release(&a);
}

static void test_thanks_are_quiet(void **state)
{
    (void)state;
    struct arena a = {0};
    struct slack_target target = in_thread;
    target.response_url = STR("https://hooks.slack.com/z");
    struct question q = question(target, &a);
    struct posts posts;
    slack_thank(&q, true, &a, &posts);
    assert_int_equal(posts.n, 1);
    assert_non_null(strstr(posts.items[0].body.p, "ephemeral"));
    slack_thank(&q, false, &a, &posts);
    assert_int_equal(posts.n, 1);
    arena_release(&a);
}

static void test_a_target_that_cannot_be_read(void **state)
{
    (void)state;
    struct arena a = {0};
    struct reply r = answer();
    struct question q = {.key = STR("k"), .target = STR("{}")};
    struct posts posts;
    slack_compose(&q, &r, &a, &posts);
    assert_int_equal(posts.n, 0);
    slack_thank(&q, true, &a, &posts);
    assert_int_equal(posts.n, 0);
    arena_release(&a);
}

static void test_hooks(void **state)
{
    (void)state;
    assert_true(slack_is_hook(STR("https://hooks.slack.com/x")));
    assert_true(slack_is_hook(STR("http://127.0.0.1:1/hook")));
    assert_false(slack_is_hook(STR("chat.postMessage")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_into_the_thread),
        cmocka_unit_test(test_a_direct_message_has_no_thread),
        cmocka_unit_test(test_a_command_is_answered_to_one_person_and_shared),
        cmocka_unit_test(test_without_a_response_url),
        cmocka_unit_test(test_an_answer_too_old_to_share),
        cmocka_unit_test(test_nothing_to_share_of_what_is_no_answer),
        cmocka_unit_test(test_thanks_are_quiet),
        cmocka_unit_test(test_a_target_that_cannot_be_read),
        cmocka_unit_test(test_hooks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
