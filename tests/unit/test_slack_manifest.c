#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/json.h"
#include "channel/slack_manifest.h"

#include <string.h>

static const struct slack_manifest socket_mode = {
    .name = {"Docent", 6}, .description = {"Answers questions", 17}, .command = {"/ask", 4}, .hears_channels = true};

static cJSON *make(const struct slack_manifest *m)
{
    struct buf out;
    struct err err = {0};
    buf_init(&out, 64 << 10);
    assert_true(slack_manifest(m, &out, &err));
    cJSON *j = json_parse(buf_str(&out), NULL);
    assert_non_null(j);
    buf_release(&out);
    return j;
}

static const cJSON *at(const cJSON *j, const char *one, const char *two)
{
    return cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(j, one), two);
}

static void test_socket_mode(void **state)
{
    (void)state;
    cJSON *j = make(&socket_mode);
    assert_true(json_bool(cJSON_GetObjectItem(j, "settings"), "socket_mode_enabled", false));
    assert_true(str_is(json_str(cJSON_GetArrayItem(at(j, "features", "slash_commands"), 0), "command"), "/ask"));
    assert_false(json_bool(cJSON_GetObjectItem(j, "settings"), "token_rotation_enabled", true));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(at(j, "oauth_config", "scopes"), "bot")), 5);
    char *text = cJSON_PrintUnformatted(j);
    assert_null(strstr(text, "url"));
    cJSON_free(text);
    cJSON_Delete(j);
}

static void test_http(void **state)
{
    (void)state;
    struct slack_manifest m = socket_mode;
    m.url = STR("https://faq.example.org/");
    m.hears_channels = false;
    cJSON *j = make(&m);
    const cJSON *events = at(j, "settings", "event_subscriptions");
    assert_false(json_bool(cJSON_GetObjectItem(j, "settings"), "socket_mode_enabled", true));
    assert_true(str_is(json_str(events, "request_url"), "https://faq.example.org/slack/events"));
    assert_true(str_is(json_str(at(j, "settings", "interactivity"), "request_url"),
                       "https://faq.example.org/slack/interactivity"));
    assert_true(str_is(json_str(cJSON_GetArrayItem(at(j, "features", "slash_commands"), 0), "url"),
                       "https://faq.example.org/slack/commands"));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(events, "bot_events")), 2);
    char *text = cJSON_PrintUnformatted(j);
    assert_null(strstr(text, "channels"));
    cJSON_free(text);
    cJSON_Delete(j);
}

static const struct {
    int line;
    const char *name, *description, *command, *url, *fault;
} rows[] = {
    {__LINE__, "Do\"cent", "caf\xC3\xA9", "/frage", "", NULL},
    {__LINE__, "12345678901234567890123456789012345", "d", "/a", "https://x", NULL},
    {__LINE__, "", "d", "/ask", "", "the name must have 1 to 35 characters, not 0"},
    {__LINE__, "123456789012345678901234567890123456", "d", "/ask", "",
     "the name must have 1 to 35 characters, not 36"},
    {__LINE__, "n", "", "/ask", "", "the description must have 1 to 140 characters, not 0"},
    {__LINE__, "n", "d", "ask", "", "the command 'ask' must begin with a slash"},
    {__LINE__, "n", "d", "", "", "the command '' must begin with a slash"},
    {__LINE__, "n", "d", "/", "", "the command must have 2 to 32 characters, not 1"},
    {__LINE__, "n", "d", "/a b", "", "the command '/a b' must be one word"},
    {__LINE__, "n", "d", "/34567890123456789012345678901234", "", "the command must have 2 to 32 characters, not 33"},
    {__LINE__, "n", "d", "/ask", "http://x.example", "the address must begin with https://"},
    {__LINE__, "n", "d", "/ask", "https://", "the address must begin with https://"},
    {__LINE__, "n", "d", "/ask", "https://x y", "the address must be one of a place, as https://faq.example.org"},
    {__LINE__, "n", "d", "/ask", "https://x/?a", "the address must be one of a place, as https://faq.example.org"},
};

static void test_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slack_manifest m = {.name = str_of(rows[i].name),
                                   .description = str_of(rows[i].description),
                                   .command = str_of(rows[i].command),
                                   .url = str_of(rows[i].url)};
        struct err err = {0};
        struct buf out;
        buf_init(&out, 64 << 10);
        bool ok = slack_manifest(&m, &out, &err);
        cJSON *j = ok ? json_parse(buf_str(&out), NULL) : NULL;
        if (ok != !rows[i].fault || (ok && !j) || (!ok && strcmp(err.text, rows[i].fault) != 0))
            fail_msg("line %d: '%s'", rows[i].line, err.text);
        cJSON_Delete(j);
        buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_socket_mode),
        cmocka_unit_test(test_http),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
