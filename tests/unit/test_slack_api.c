#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/slack_api.h"

#include <string.h>

static const struct {
    int line;
    enum http_end end;
    int status;
    const char *body;
    int64_t retry_after_ms;
    enum slack_class class;
    enum send_end sent, hook; /* as a Web API call, as a post to a response_url */
    int64_t wait_ms;
} rows[] = {
    {__LINE__, HTTP_DONE, 200, "{\"ok\":true,\"ts\":\"1.2\"}", -1, SLACK_OK, SEND_DONE, SEND_DONE, 0},
    {__LINE__, HTTP_DONE, 200, "{\"ok\":true,\"warning\":\"missing_charset\"}", -1, SLACK_OK, SEND_DONE, SEND_DONE, 0},
    /* each class of the table */
    {__LINE__, HTTP_DONE, 200, "{\"ok\":false,\"error\":\"invalid_auth\"}", -1, SLACK_DEAD, SEND_DEAD, SEND_DONE, 0},
    {__LINE__, HTTP_DONE, 200, "{\"ok\":false,\"error\":\"token_revoked\"}", -1, SLACK_DEAD, SEND_DEAD, SEND_DONE, 0},
    {__LINE__, HTTP_DONE, 200, "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"chat:write\"}", -1,
     SLACK_PERMISSION, SEND_DROP, SEND_DONE, 0},
    {__LINE__, HTTP_DONE, 200, "{\"ok\":false,\"error\":\"not_in_channel\"}", -1, SLACK_DESTINATION, SEND_DROP,
     SEND_DONE, 0},
    {__LINE__, HTTP_DONE, 200, "{\"ok\":false,\"error\":\"restricted_action_thread_locked\"}", -1, SLACK_DESTINATION,
     SEND_DROP, SEND_DONE, 0},
    {__LINE__, HTTP_DONE, 200, "{\"ok\":false,\"error\":\"invalid_blocks\"}", -1, SLACK_BLOCKS, SEND_PLAIN, SEND_DONE,
     0},
    {__LINE__, HTTP_DONE, 200, "{\"ok\":false,\"error\":\"msg_too_long\"}", -1, SLACK_OUR_BUG, SEND_DROP, SEND_DONE, 0},
    {__LINE__, HTTP_DONE, 200, "{\"ok\":false,\"error\":\"ratelimited\"}", -1, SLACK_WAIT, SEND_WAIT_ALL, SEND_DONE,
     SLACK_WAIT_MS},
    {__LINE__, HTTP_DONE, 200, "{\"ok\":false,\"error\":\"rate_limited\"}", 2000, SLACK_WAIT, SEND_WAIT_ALL, SEND_DONE,
     2000},
    {__LINE__, HTTP_DONE, 429, "{\"ok\":false,\"error\":\"ratelimited\"}", 7000, SLACK_WAIT, SEND_WAIT_ALL, SEND_WAIT,
     7000},
    {__LINE__, HTTP_DONE, 429, "", -1, SLACK_WAIT, SEND_WAIT_ALL, SEND_WAIT, SLACK_WAIT_MS},
    {__LINE__, HTTP_DONE, 200, "{\"ok\":false,\"error\":\"internal_error\"}", -1, SLACK_RETRY, SEND_AGAIN, SEND_DONE,
     0},
    {__LINE__, HTTP_DONE, 503, "<!DOCTYPE html><html>", -1, SLACK_RETRY, SEND_AGAIN, SEND_AGAIN, 0},
    {__LINE__, HTTP_NOT_SENT, 0, "", -1, SLACK_RETRY, SEND_AGAIN, SEND_AGAIN, 0},
    {__LINE__, HTTP_UNSURE, 0, "", -1, SLACK_UNSURE, SEND_UNSURE, SEND_UNSURE, 0},
    {__LINE__, HTTP_DONE, 200, "{\"ok\":false,\"error\":\"fatal_error\"}", -1, SLACK_UNSURE, SEND_UNSURE, SEND_DONE, 0},
    /* what nobody documents */
    {__LINE__, HTTP_DONE, 200, "{\"ok\":false,\"error\":\"brand_new_word\"}", -1, SLACK_OUR_BUG, SEND_DROP, SEND_DONE,
     0},
    {__LINE__, HTTP_DONE, 200, "{\"ok\":false}", -1, SLACK_OUR_BUG, SEND_DROP, SEND_DONE, 0},
    {__LINE__, HTTP_DONE, 200, "{\"ok\":tru", -1, SLACK_UNSURE, SEND_UNSURE, SEND_DONE, 0},
    {__LINE__, HTTP_DONE, 200, "ok", -1, SLACK_UNSURE, SEND_UNSURE, SEND_DONE, 0},
    {__LINE__, HTTP_DONE, 200, "[]", -1, SLACK_UNSURE, SEND_UNSURE, SEND_DONE, 0},
    {__LINE__, HTTP_DONE, 404, "<html>no</html>", -1, SLACK_OUR_BUG, SEND_DROP, SEND_DROP, 0},
    {__LINE__, HTTP_DONE, 302, "", -1, SLACK_OUR_BUG, SEND_DROP, SEND_DROP, 0},
};

static void test_replies(void **state)
{
    (void)state;
    struct arena a = {0};
    struct str body = STR("{\"channel\":\"C1\",\"text\":\"hi\",\"blocks\":[]}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_reply reply = {.end = rows[i].end,
                                   .status = rows[i].status,
                                   .body = str_of(rows[i].body),
                                   .retry_after_ms = rows[i].retry_after_ms,
                                   .problem = "connection refused"};
        struct slack_said said = slack_api_read(&reply, NULL), hook = slack_hook_read(&reply);
        struct sent sent = slack_sent(&said, body, false, &a), through_hook = slack_sent(&hook, body, true, &a);
        if (said.class != rows[i].class || sent.end != rows[i].sent || through_hook.end != rows[i].hook ||
            sent.wait_ms != rows[i].wait_ms)
            fail_msg("line %d: class %d, sent %d, hook %d, wait %d", rows[i].line, (int)said.class, (int)sent.end,
                     (int)through_hook.end, (int)sent.wait_ms);
    }
    arena_release(&a);
}

/* Word by word as in the sheet of error strings. */
static void test_error_words(void **state)
{
    (void)state;
    static const struct {
        enum slack_class class;
        const char *words;
    } classes[] = {
        {SLACK_DEAD, "not_authed invalid_auth account_inactive token_revoked token_expired not_allowed_token_type "
                     "org_login_required two_factor_setup_required team_disabled user_removed_from_team"},
        {SLACK_PERMISSION, "missing_scope no_permission access_denied ekm_access_denied enterprise_is_restricted "
                           "team_access_not_granted app_access_restricted"},
        {SLACK_DESTINATION, "channel_not_found not_in_channel is_archived messages_tab_disabled user_not_in_channel "
                            "restricted_action cannot_reply_to_message"},
        {SLACK_BLOCKS, "invalid_blocks invalid_blocks_format msg_blocks_too_long"},
        {SLACK_WAIT, "ratelimited rate_limited message_limit_exceeded"},
        {SLACK_RETRY,
         "internal_error service_unavailable request_timeout team_added_to_org external_channel_migrating"},
        {SLACK_UNSURE, "fatal_error"},
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        struct str rest = str_of(classes[i].words), word;
        while (str_cut(&rest, ' ', &word))
            if (slack_error_class(word) != classes[i].class)
                fail_msg("%.*s", STR_FMT(word));
    }
}

static struct sent sent_for(const char *reply_body, struct str post, struct arena *a)
{
    struct http_reply reply = {.end = HTTP_DONE, .status = 200, .body = str_of(reply_body), .retry_after_ms = -1};
    struct slack_said said = slack_api_read(&reply, NULL);
    return slack_sent(&said, post, false, a);
}

static void test_blocks_refused_once_more_as_text(void **state)
{
    (void)state;
    struct arena a = {0};
    const char *refused =
        "{\"ok\":false,\"error\":\"invalid_blocks\",\"response_metadata\":{\"messages\":[\"[ERROR] /0\"]}}";
    struct sent sent = sent_for(refused, STR("{\"channel\":\"C1\",\"text\":\"hi\",\"blocks\":[{}]}"), &a);
    assert_int_equal(sent.end, SEND_PLAIN);
    assert_string_equal(sent.plain.p, "{\"channel\":\"C1\",\"text\":\"hi\"}");
    assert_string_equal(sent.reason, "invalid_blocks ([ERROR] /0)");
    sent = sent_for(refused, sent.plain, &a);
    assert_int_equal(sent.end, SEND_DROP);
    arena_release(&a);
}

static void test_a_missing_scope_is_named(void **state)
{
    (void)state;
    struct arena a = {0};
    struct sent sent = sent_for("{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"chat:write\"}", STR("{}"), &a);
    assert_non_null(strstr(sent.reason, "missing_scope (chat:write): add the scope"));
    arena_release(&a);
}

static void test_the_tree_is_given(void **state)
{
    (void)state;
    struct http_reply reply = {
        .end = HTTP_DONE, .status = 200, .body = STR("{\"ok\":true,\"user_id\":\"U1\"}"), .retry_after_ms = -1};
    cJSON *tree = NULL;
    assert_int_equal(slack_api_read(&reply, &tree).class, SLACK_OK);
    assert_true(str_is(json_str(tree, "user_id"), "U1"));
    cJSON_Delete(tree);
    tree = NULL;
    reply.body = STR("{\"ok\":false,\"error\":\"x\"}");
    assert_int_equal(slack_api_read(&reply, &tree).class, SLACK_OUR_BUG);
    assert_null(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_error_words),
        cmocka_unit_test(test_blocks_refused_once_more_as_text),
        cmocka_unit_test(test_a_missing_scope_is_named),
        cmocka_unit_test(test_the_tree_is_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
