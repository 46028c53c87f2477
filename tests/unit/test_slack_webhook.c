#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/json.h"
#include "channel/slack_webhook.h"

#include <string.h>

static const struct {
    int line;
    enum http_end end;
    int status;
    const char *body;
    int64_t retry_after_ms;
    enum webhook_end said;
    int64_t wait_ms;
    const char *word, *advice; /* advice: a part of it */
} rows[] = {
    {__LINE__, HTTP_DONE, 200, "ok", -1, WEBHOOK_SENT, 0, "ok", NULL},
    {__LINE__, HTTP_DONE, 200, "ok\n", -1, WEBHOOK_SENT, 0, "ok", NULL},
    {__LINE__, HTTP_DONE, 200, "<html>a login page</html>", -1, WEBHOOK_REFUSED, 0, "status 200", NULL},
    {__LINE__, HTTP_DONE, 302, "", -1, WEBHOOK_REFUSED, 0, "status 302", NULL},
    {__LINE__, HTTP_DONE, 400, "invalid_payload", -1, WEBHOOK_REFUSED, 0, "invalid_payload", "fault of docent's"},
    {__LINE__, HTTP_DONE, 404, "no_service", -1, WEBHOOK_REFUSED, 0, "no_service", "make a new one"},
    {__LINE__, HTTP_DONE, 403, "action_prohibited", -1, WEBHOOK_REFUSED, 0, "action_prohibited", "administrator"},
    {__LINE__, HTTP_DONE, 410, "channel_is_archived", -1, WEBHOOK_REFUSED, 0, "channel_is_archived", "archived"},
    {__LINE__, HTTP_DONE, 403, "invalid_token", -1, WEBHOOK_REFUSED, 0, "invalid_token", "SLACK_WEBHOOK_URL"},
    {__LINE__, HTTP_DONE, 400, "brand_new_word", -1, WEBHOOK_REFUSED, 0, "brand_new_word", NULL},
    {__LINE__, HTTP_DONE, 429, "rate_limited", 3000, WEBHOOK_WAIT, 3000, "rate_limited", NULL},
    {__LINE__, HTTP_DONE, 429, "", -1, WEBHOOK_WAIT, 30000, "status 429", NULL},
    {__LINE__, HTTP_DONE, 503, "<html>", -1, WEBHOOK_AGAIN, 0, "status 503", NULL},
    {__LINE__, HTTP_NOT_SENT, 0, "", -1, WEBHOOK_AGAIN, 0, "refused", NULL},
    {__LINE__, HTTP_UNSURE, 0, "", -1, WEBHOOK_UNSURE, 0, "refused", NULL},
};

static void test_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_reply reply = {.end = rows[i].end,
                                   .status = rows[i].status,
                                   .body = str_of(rows[i].body),
                                   .retry_after_ms = rows[i].retry_after_ms,
                                   .problem = "refused"};
        struct webhook_said said = slack_webhook_read(&reply);
        bool advised = rows[i].advice ? said.advice && strstr(said.advice, rows[i].advice) : !said.advice;
        if (said.end != rows[i].said || said.wait_ms != rows[i].wait_ms || strcmp(said.word, rows[i].word) || !advised)
            fail_msg("line %d: end %d, '%s', '%s'", rows[i].line, (int)said.end, said.word,
                     said.advice ? said.advice : "");
    }
}

static void test_bodies(void **state)
{
    (void)state;
    struct arena a = {0};
    struct str bodies[WEBHOOK_POSTS_MAX];
    assert_int_equal(slack_webhook_text(STR("**Hello** <!channel> & all"), &a, bodies), 1);
    cJSON *j = json_parse(bodies[0], NULL);
    assert_string_equal(json_str(j, "text").p, "*Hello* &lt;!channel&gt; &amp; all");
    assert_false(json_bool(j, "unfurl_links", true));
    cJSON_Delete(j);
    struct reply r = {.outcome = OUTCOME_ANSWER, .n_parts = 1, .n_suggestions = 1};
    r.parts[0].text = STR("230 degrees");
    r.suggestions[0] = STR("How long?");
    assert_int_equal(slack_webhook_reply(&r, STR("How hot?"), &a, bodies), 1);
    j = json_parse(bodies[0], NULL);
    assert_true(str_starts(json_str(j, "text"), STR("How hot?\n230 degrees")));
    assert_null(strstr(bodies[0].p, "\"button\""));
    cJSON_Delete(j);
    arena_release(&a);
}

static const struct {
    int line;
    const char *pasted, *api;
    bool ok;
} addresses[] = {
    {__LINE__, "https://hooks.slack.com/services/T1/B1/x", "https://slack.com/api/", true},
    {__LINE__, " https://hooks.slack.com/services/T1/B1/x\n", "", true},
    {__LINE__, "https://hooks.slack-gov.com/services/T1/B1/x", "https://slack-gov.com/api/", true},
    {__LINE__, "http://127.0.0.1:5/services/T1/B1/x", "http://127.0.0.1:5/api/", true},
    {__LINE__, "https://hooks.slack.com/commands/T1", "", false},
    {__LINE__, "https://evil.example/services/T1/B1/x", "", false},
    {__LINE__, "http://hooks.slack.com/services/T1/B1/x", "", false},
    {__LINE__, "", "", false},
};

static void test_addresses(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        const char *fault;
        struct str url = slack_webhook_url(str_of(addresses[i].pasted), str_of(addresses[i].api), &a, &fault);
        if ((url.n > 0) != addresses[i].ok || !fault != addresses[i].ok || (url.n && !str_starts(url, STR("http"))))
            fail_msg("line %d: %s", addresses[i].line, fault ? fault : "");
    }
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
