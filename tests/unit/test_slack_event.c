#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/slack_event.h"

#include <stdio.h>
#include <string.h>

#define API "http://127.0.0.1:5000/api/"
static const struct slack_self self = {{"T1", 2}, {"U0DOCENT1", 9}, {"B0DOCENT1", 9}, {API, sizeof API - 1}};

/* --- messages ----------------------------------------------------------------------------------------------- */

#define IN(event) "{\"type\":\"event_callback\",\"team_id\":\"T1\",\"event_id\":\"Ev1\",\"event\":{" event "}}"
#define MENTION "\"type\":\"app_mention\",\"channel\":\"C1\",\"ts\":\"17.1\","
#define MESSAGE "\"type\":\"message\",\"channel_type\":\"channel\",\"channel\":\"C1\",\"ts\":\"17.1\","
#define DIRECT "\"type\":\"message\",\"channel_type\":\"im\",\"channel\":\"D1\",\"ts\":\"17.1\","
#define ADA "\"user\":\"U1\","
#define NAMED "\"text\":\"<@U0DOCENT1> when?\""
#define PLAIN "\"text\":\"when?\""

static const struct {
    int line;
    const char *json;
    enum slack_act act;
    bool direct, mentioned, reply;
    const char *conversation, *text, *target;
} messages[] = {
    {__LINE__, IN(MENTION ADA NAMED), SLACK_TAKE, false, true, false, "slack:T1:C1:17.1", "when?",
     "{\"channel\":\"C1\",\"thread\":\"17.1\",\"user\":\"U1\"}"},
    {__LINE__, IN(MESSAGE ADA NAMED), SLACK_TAKE, false, true, false, "slack:T1:C1:17.1", "when?",
     "{\"channel\":\"C1\",\"thread\":\"17.1\",\"user\":\"U1\"}"},
    {__LINE__, IN(MESSAGE ADA PLAIN), SLACK_TAKE, false, false, false, "slack:T1:C1:17.1", "when?",
     "{\"channel\":\"C1\",\"thread\":\"17.1\",\"user\":\"U1\"}"},
    /* in a thread: a reply; the first message of a thread is none */
    {__LINE__, IN(MESSAGE ADA PLAIN ",\"thread_ts\":\"16.5\",\"parent_user_id\":\"U2\""), SLACK_TAKE, false, false,
     true, "slack:T1:C1:16.5", "when?", "{\"channel\":\"C1\",\"thread\":\"16.5\",\"user\":\"U1\"}"},
    {__LINE__, IN(MESSAGE ADA PLAIN ",\"thread_ts\":\"17.1\""), SLACK_TAKE, false, false, false, "slack:T1:C1:17.1",
     "when?", "{\"channel\":\"C1\",\"thread\":\"17.1\",\"user\":\"U1\"}"},
    /* direct messages: one conversation outside of threads, answered without a thread */
    {__LINE__, IN(DIRECT ADA PLAIN ",\"client_msg_id\":\"5b\""), SLACK_TAKE, true, false, false, "slack:T1:D1", "when?",
     "{\"channel\":\"D1\",\"user\":\"U1\"}"},
    {__LINE__, IN(DIRECT ADA PLAIN ",\"thread_ts\":\"16.5\""), SLACK_TAKE, true, false, true, "slack:T1:D1:16.5",
     "when?", "{\"channel\":\"D1\",\"thread\":\"16.5\",\"user\":\"U1\"}"},
    {__LINE__, IN("\"type\":\"message\",\"channel_type\":\"app_home\",\"channel\":\"D1\",\"ts\":\"17.1\"," ADA PLAIN),
     SLACK_TAKE, true, false, false, "slack:T1:D1", "when?", "{\"channel\":\"D1\",\"user\":\"U1\"}"},
    /* new messages that carry a subtype; a mention that was edited in */
    {__LINE__, IN(DIRECT ADA PLAIN ",\"subtype\":\"file_share\",\"files\":[{}]"), SLACK_TAKE, true, false, false,
     "slack:T1:D1", "when?", "{\"channel\":\"D1\",\"user\":\"U1\"}"},
    {__LINE__, IN(MESSAGE ADA NAMED ",\"subtype\":\"thread_broadcast\",\"thread_ts\":\"16.5\""), SLACK_TAKE, false,
     true, true, "slack:T1:C1:16.5", "when?", "{\"channel\":\"C1\",\"thread\":\"16.5\",\"user\":\"U1\"}"},
    {__LINE__, IN(MENTION ADA NAMED ",\"edited\":{\"user\":\"U1\",\"ts\":\"18.1\"}"), SLACK_TAKE, false, true, false,
     "slack:T1:C1:17.1", "when?", "{\"channel\":\"C1\",\"thread\":\"17.1\",\"user\":\"U1\"}"},
    /* without words: help for who addresses us, nothing for others */
    {__LINE__, IN(MENTION ADA "\"text\":\"<@U0DOCENT1>\""), SLACK_TAKE, false, true, false, "slack:T1:C1:17.1", "help",
     "{\"channel\":\"C1\",\"thread\":\"17.1\",\"user\":\"U1\"}"},
    {__LINE__, IN(DIRECT ADA "\"files\":[{}]"), SLACK_TAKE, true, false, false, "slack:T1:D1", "help",
     "{\"channel\":\"D1\",\"user\":\"U1\"}"},
    {__LINE__, IN(MESSAGE ADA "\"text\":\"\""), SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
    /* bots, ourselves, Slackbot, nobody */
    {__LINE__, IN(DIRECT "\"user\":\"U0DOCENT1\",\"bot_id\":\"B0DOCENT1\",\"app_id\":\"A1\"," PLAIN), SLACK_IGNORE, 0,
     0, 0, 0, 0, 0},
    {__LINE__, IN(DIRECT "\"user\":\"U0DOCENT1\"," PLAIN), SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
    {__LINE__, IN(MENTION "\"user\":\"U7\",\"bot_id\":\"B7\"," NAMED), SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
    {__LINE__, IN(MENTION "\"user\":\"U7\",\"bot_profile\":{}," NAMED), SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
    {__LINE__, IN(DIRECT "\"user\":\"USLACKBOT\"," PLAIN), SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
    {__LINE__, IN(MENTION NAMED), SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
    /* what happened to a message is none */
    {__LINE__, IN(MESSAGE "\"subtype\":\"message_changed\",\"hidden\":true,\"message\":{" ADA NAMED "}"), SLACK_IGNORE,
     0, 0, 0, 0, 0, 0},
    {__LINE__, IN(MESSAGE ADA NAMED ",\"subtype\":\"message_deleted\""), SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
    {__LINE__, IN(MESSAGE ADA NAMED ",\"subtype\":\"bot_message\""), SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
    {__LINE__, IN(MESSAGE ADA NAMED ",\"subtype\":\"me_message\""), SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
    {__LINE__, IN(MESSAGE ADA NAMED ",\"subtype\":\"channel_join\""), SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
    {__LINE__, IN(MESSAGE ADA NAMED ",\"subtype\":\"brand_new\""), SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
    {__LINE__, IN(MESSAGE ADA NAMED ",\"subtype\":7"), SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
    /* other events */
    {__LINE__, IN("\"type\":\"reaction_added\"," ADA "\"item\":{}"), SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
    {__LINE__, "{\"type\":\"app_rate_limited\",\"team_id\":\"T1\",\"minute_rate_limited\":1767225600}", SLACK_IGNORE, 0,
     0, 0, 0, 0, 0},
    {__LINE__, "{\"type\":\"brand_new\"}", SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
    /* broken */
    {__LINE__, "{}", SLACK_STRANGE, 0, 0, 0, 0, 0, 0},
    {__LINE__, "[]", SLACK_STRANGE, 0, 0, 0, 0, 0, 0},
    {__LINE__, "{\"type\":\"event_callback\"}", SLACK_STRANGE, 0, 0, 0, 0, 0, 0},
    {__LINE__, "{\"type\":\"event_callback\",\"team_id\":\"T1\"}", SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
    {__LINE__, IN("\"type\":\"app_mention\",\"ts\":\"17.1\"," ADA NAMED), SLACK_STRANGE, 0, 0, 0, 0, 0, 0},
    {__LINE__, IN("\"type\":\"app_mention\",\"channel\":\"C1\",\"ts\":17.1," ADA NAMED), SLACK_STRANGE, 0, 0, 0, 0, 0,
     0},
    {__LINE__, IN("\"type\":\"app_mention\",\"channel\":\"C1:2\",\"ts\":\"17.1\"," ADA NAMED), SLACK_STRANGE, 0, 0, 0,
     0, 0, 0},
    {__LINE__, IN(MENTION "\"user\":\"U 1\"," NAMED), SLACK_IGNORE, 0, 0, 0, 0, 0, 0},
};

static void test_messages(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        cJSON *body = json_parse(str_of(messages[i].json), NULL);
        assert_non_null(body);
        struct slack_event e = slack_read_event(body, &self, &a);
        bool same = e.act == messages[i].act;
        if (same && e.act == SLACK_TAKE)
            same = e.in.direct == messages[i].direct && e.in.mentioned == messages[i].mentioned &&
                   e.in.reply == messages[i].reply && str_is(e.in.conversation, messages[i].conversation) &&
                   str_is(e.in.text, messages[i].text) && str_is(e.in.target, messages[i].target) &&
                   str_is(e.in.user, "U1") && e.in.kind == INCOMING_QUESTION && !strcmp(e.in.platform, "slack");
        if (!same)
            fail_msg("line %d: act %d, text '%.*s', conversation '%.*s', target '%.*s'", messages[i].line, (int)e.act,
                     STR_FMT(e.in.text), STR_FMT(e.in.conversation), STR_FMT(e.in.target));
        cJSON_Delete(body);
    }
    arena_release(&a);
}

static struct slack_event read_event(const char *json, struct arena *a, cJSON **body)
{
    *body = json_parse(str_of(json), NULL);
    return slack_read_event(*body, &self, a);
}

/* Slack sends a mention as app_mention and as message, in either order: one act, one key. */
static void test_a_mention_that_comes_twice_has_one_key(void **state)
{
    (void)state;
    struct arena a = {0};
    cJSON *one, *other;
    struct slack_event mention = read_event(IN(MENTION ADA NAMED), &a, &one);
    struct slack_event message = read_event(IN(MESSAGE ADA NAMED), &a, &other);
    assert_true(str_is(mention.in.key, "slack:T1:C1:17.1"));
    assert_true(str_eq(mention.in.key, message.in.key));
    cJSON_Delete(one);
    cJSON_Delete(other);
    arena_release(&a);
}

static void test_url_verification(void **state)
{
    (void)state;
    struct arena a = {0};
    cJSON *body;
    struct slack_event e =
        read_event("{\"token\":\"x\",\"challenge\":\"3eZbrw1aB\",\"type\":\"url_verification\"}", &a, &body);
    assert_int_equal(e.act, SLACK_CHALLENGE);
    assert_true(str_is(e.challenge, "3eZbrw1aB"));
    cJSON_Delete(body);
    char json[1200], challenge[1026];
    for (size_t n = 1024; n <= 1025; n++) {
        memset(challenge, 'x', n);
        challenge[n] = '\0';
        snprintf(json, sizeof json, "{\"type\":\"url_verification\",\"challenge\":\"%s\"}", challenge);
        assert_int_equal(read_event(json, &a, &body).act, n == 1024 ? SLACK_CHALLENGE : SLACK_STRANGE);
        cJSON_Delete(body);
    }
    assert_int_equal(read_event("{\"type\":\"url_verification\"}", &a, &body).act, SLACK_STRANGE);
    cJSON_Delete(body);
    arena_release(&a);
}

/* --- the command -------------------------------------------------------------------------------------------- */

#define FORM \
    "token=x&team_id=T1&channel_id=C1&user_id=U1&command=%2Fask&trigger_id=1.2.abc" \
    "&response_url=http%3A%2F%2F127.0.0.1%3A5000%2Fhook%2F1&text="

static const struct {
    int line;
    const char *form;
    enum slack_act act;
    const char *text;
} commands[] = {
    {__LINE__, FORM "when+are%20you%20open%3F", SLACK_TAKE, "when are you open?"},
    {__LINE__, FORM "caf%C3%A9+%26amp%3B+%3C%40U2%7Cbob%3E", SLACK_TAKE, "caf\xC3\xA9 & @bob"},
    {__LINE__, FORM "", SLACK_HELP, ""},
    {__LINE__, FORM "+HELP+", SLACK_HELP, "HELP"},
    {__LINE__, FORM "help+me", SLACK_TAKE, "help me"},
    {__LINE__, FORM "%00%FF%zz%4", SLACK_TAKE, "\xEF\xBF\xBD\xEF\xBF\xBD%zz%4"},
    {__LINE__, "team_id=T1&channel_id=C1&user_id=U1&command=%2Fask&trigger_id=1.2.abc&text=x", SLACK_STRANGE, 0},
    {__LINE__,
     "team_id=T1&channel_id=C1&user_id=U1&command=%2Fask&trigger_id=1.2.abc&text=x"
     "&response_url=https%3A%2F%2Fevil.example%2Fhook",
     SLACK_STRANGE, 0},
    {__LINE__, "channel_id=C1&user_id=U1&trigger_id=1&response_url=http%3A%2F%2F127.0.0.1%3A5000%2Fhook&text=x",
     SLACK_STRANGE, 0},
    {__LINE__, "", SLACK_STRANGE, 0},
    {__LINE__, "&&=&==&%3D", SLACK_STRANGE, 0},
};

static void test_commands(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        cJSON *fields = slack_form(str_of(commands[i].form));
        struct slack_event e = slack_read_command(fields, &self, &a);
        bool same = e.act == commands[i].act;
        if (same && e.act != SLACK_STRANGE)
            same = str_is(e.in.text, commands[i].text) && str_is(e.in.key, "slack:T1:command:1.2.abc") &&
                   str_is(e.in.conversation, "slack:T1:C1:U1") && e.in.direct && e.target.quiet && e.target.quoted &&
                   str_is(e.target.response_url, "http://127.0.0.1:5000/hook/1") && !e.target.thread.n;
        if (!same)
            fail_msg("line %d: act %d, text '%.*s'", commands[i].line, (int)e.act, STR_FMT(e.in.text));
        cJSON_Delete(fields);
    }
    arena_release(&a);
}

static void test_forms(void **state)
{
    (void)state;
    cJSON *fields = slack_form(STR("a=1&b=two+words&a=2&c&d=x%3Dy&=z&e=1=2"));
    assert_true(str_is(json_str(fields, "a"), "1"));
    assert_true(str_is(json_str(fields, "b"), "two words"));
    assert_true(str_is(json_str(fields, "d"), "x=y"));
    assert_true(str_is(json_str(fields, "e"), "1=2"));
    assert_true(cJSON_GetObjectItem(fields, "c") && !json_str(fields, "c").n);
    assert_int_equal(cJSON_GetArraySize(fields), 5);
    cJSON_Delete(fields);
    char many[1000] = "";
    for (int i = 0; i < 100; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "k%d=v&", i);
    fields = slack_form(str_of(many));
    assert_int_equal(cJSON_GetArraySize(fields), 64);
    cJSON_Delete(fields);
    fields = slack_form((struct str){NULL, 0});
    assert_int_equal(cJSON_GetArraySize(fields), 0);
    cJSON_Delete(fields);
}

/* --- clicks ------------------------------------------------------------------------------------------------- */

#define CLICK(container, action) \
    "{\"type\":\"block_actions\",\"team\":{\"id\":\"T1\"},\"user\":{\"id\":\"U1\"},\"container\":{" container \
    "},\"channel\":{\"id\":\"C1\"},\"response_url\":\"http://127.0.0.1:5000/hook/2\",\"actions\":[{" action "}]}"
#define THREAD "\"message_ts\":\"18.2\",\"channel_id\":\"C1\",\"is_ephemeral\":false,\"thread_ts\":\"17.1\""
#define ALONE "\"message_ts\":\"18.2\",\"channel_id\":\"C1\",\"is_ephemeral\":false"
#define HIDDEN "\"message_ts\":\"18.2\",\"channel_id\":\"C1\",\"is_ephemeral\":true"
#define IN_DM "\"message_ts\":\"18.2\",\"channel_id\":\"D1\",\"is_ephemeral\":false"
#define ASK "\"type\":\"button\",\"action_id\":\"docent_ask_1\",\"value\":\"How hot?\""
#define UP \
    "\"action_id\":\"docent_helpful\",\"value\":\"{\\\"of\\\":\\\"slack:T1:C1:17.1\\\",\\\"intent\\\":\\\"heat\\\"}\""
#define SHARE \
    "\"action_id\":\"docent_share\",\"value\":\"{\\\"of\\\":\\\"slack:T1:command:1.2\\\",\\\"intent\\\":\\\"heat\\\"}\""

static const struct {
    int line;
    const char *json;
    enum slack_act act;
    enum incoming_kind kind;
    const char *conversation, *thread;
    bool quiet;
} clicks[] = {
    {__LINE__, CLICK(THREAD, ASK), SLACK_TAKE, INCOMING_QUESTION, "slack:T1:C1:17.1", "17.1", false},
    {__LINE__, CLICK(ALONE, ASK), SLACK_TAKE, INCOMING_QUESTION, "slack:T1:C1:18.2", "18.2", false},
    {__LINE__, CLICK(HIDDEN, ASK), SLACK_TAKE, INCOMING_QUESTION, "slack:T1:C1:U1", "", true},
    {__LINE__, CLICK(IN_DM, ASK), SLACK_TAKE, INCOMING_QUESTION, "slack:T1:D1", "", false},
    {__LINE__, CLICK(THREAD, UP), SLACK_TAKE, INCOMING_HELPFUL, "slack:T1:C1:17.1", "17.1", true},
    {__LINE__, CLICK(HIDDEN, SHARE), SLACK_TAKE, INCOMING_SHARE, "slack:T1:C1:U1", "", true},
    {__LINE__, CLICK(THREAD, "\"action_id\":\"docent_unhelpful\",\"value\":\"{\\\"of\\\":\\\"k\\\"}\""), SLACK_TAKE,
     INCOMING_UNHELPFUL, "slack:T1:C1:17.1", "17.1", true},
    /* not ours, or not any more */
    {__LINE__, CLICK(THREAD, "\"action_id\":\"other_app\",\"value\":\"x\""), SLACK_IGNORE, 0, 0, 0, 0},
    {__LINE__, CLICK(THREAD, "\"action_id\":\"docent_ask_\",\"value\":\"x\""), SLACK_IGNORE, 0, 0, 0, 0},
    {__LINE__, CLICK(THREAD, "\"action_id\":\"docent_ask_99\",\"value\":\"x\""), SLACK_IGNORE, 0, 0, 0, 0},
    {__LINE__, CLICK(THREAD, "\"action_id\":\"docent_ask_1\""), SLACK_IGNORE, 0, 0, 0, 0},
    {__LINE__, CLICK(THREAD, "\"action_id\":\"docent_helpful\",\"value\":\"nonsense\""), SLACK_IGNORE, 0, 0, 0, 0},
    {__LINE__, "{\"type\":\"view_submission\"}", SLACK_IGNORE, 0, 0, 0, 0},
    {__LINE__, "{\"type\":\"block_actions\",\"actions\":[]}", SLACK_IGNORE, 0, 0, 0, 0},
    {__LINE__, "{}", SLACK_IGNORE, 0, 0, 0, 0},
    /* broken, forged */
    {__LINE__, CLICK("\"channel_id\":\"C1\"", ASK), SLACK_STRANGE, 0, 0, 0, 0},
    {__LINE__,
     "{\"type\":\"block_actions\",\"team\":{\"id\":\"T1\"},\"user\":{\"id\":\"U1\"},\"container\":{" THREAD
     "},\"response_url\":\"https://evil.example/x\",\"actions\":[{" ASK "}]}",
     SLACK_STRANGE, 0, 0, 0, 0},
};

static void test_clicks(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof clicks / sizeof *clicks; i++) {
        cJSON *payload = json_parse(str_of(clicks[i].json), NULL);
        assert_non_null(payload);
        struct slack_event e = slack_read_click(payload, &self, &a);
        bool same = e.act == clicks[i].act;
        if (same && e.act == SLACK_TAKE)
            same = e.in.kind == clicks[i].kind && str_is(e.in.conversation, clicks[i].conversation) && e.in.direct &&
                   str_is(e.target.thread, clicks[i].thread) && e.target.quiet == clicks[i].quiet &&
                   str_is(e.in.user, "U1");
        if (!same)
            fail_msg("line %d: act %d, kind %d, conversation '%.*s'", clicks[i].line, (int)e.act, (int)e.in.kind,
                     STR_FMT(e.in.conversation));
        cJSON_Delete(payload);
    }
    arena_release(&a);
}

static void test_what_a_click_says(void **state)
{
    (void)state;
    struct arena a = {0};
    cJSON *payload = json_parse(STR(CLICK(THREAD, ASK)), NULL);
    struct slack_event e = slack_read_click(payload, &self, &a);
    assert_true(str_is(e.in.text, "How hot?"));
    assert_true(str_is(e.in.key, "slack:T1:click:U1:18.2:docent_ask_1"));
    cJSON_Delete(payload);
    payload = json_parse(STR(CLICK(THREAD, UP)), NULL);
    e = slack_read_click(payload, &self, &a);
    assert_true(str_is(e.in.of, "slack:T1:C1:17.1") && str_is(e.in.intent, "heat") && !e.in.text.n);
    cJSON_Delete(payload);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_a_mention_that_comes_twice_has_one_key),
        cmocka_unit_test(test_url_verification),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_clicks),
        cmocka_unit_test(test_what_a_click_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
