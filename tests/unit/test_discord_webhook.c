#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/discord_webhook.h"

#include <stdio.h>
#include <string.h>

#define API "https://discord.com/api/v10/webhooks/12/tok-_en?wait=true"

static const struct {
    int line;
    const char *pasted, *api_url, *url; /* NULL: refused */
} urls[] = {
    {__LINE__, "https://discord.com/api/webhooks/12/tok-_en", "", API},
    {__LINE__, " https://discord.com/api/v10/webhooks/12/tok-_en\n", "", API},
    {__LINE__, "https://discord.com/api/v9/webhooks/12/tok-_en?wait=false", "", API},
    {__LINE__, "https://discord.com/api/webhooks/12/tok-_en?thread_id=34", "", API "&thread_id=34"},
    {__LINE__, "https://discord.com/api/webhooks/12/tok-_en?thread_id=3&x=4", "", API},
    {__LINE__, "https://canary.discord.com/api/webhooks/12/t", "",
     "https://canary.discord.com/api/v10/webhooks/12/t?wait=true"},
    {__LINE__, "http://127.0.0.1:80/api/webhooks/12/t", "http://127.0.0.1:80/api/v10/",
     "http://127.0.0.1:80/api/v10/webhooks/12/t?wait=true"},
    {__LINE__, "http://127.0.0.1:80/api/webhooks/12/t", "", NULL},
    {__LINE__, "http://127.0.0.1:81/api/webhooks/12/t", "http://127.0.0.1:80/api/v10/", NULL},
    {__LINE__, "http://discord.com/api/webhooks/12/t", "", NULL},
    {__LINE__, "https://discord.com.example.org/api/webhooks/12/t", "", NULL},
    {__LINE__, "https://hooks.slack.com/services/T/B/x", "", NULL},
    {__LINE__, "https://discord.com/api/webhooks/12", "", NULL},
    {__LINE__, "https://discord.com/api/webhooks/12/", "", NULL},
    {__LINE__, "https://discord.com/api/webhooks/x/t", "", NULL},
    {__LINE__, "https://discord.com/api/webhooks/12/t/messages", "", NULL},
    {__LINE__, "https://discord.com/channels/12/t", "", NULL},
    {__LINE__, "discord.com/api/webhooks/12/t", "", NULL},
    {__LINE__, "", "", NULL},
};

static void test_urls(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        const char *fault;
        struct str url = discord_webhook_url(str_of(urls[i].pasted), str_of(urls[i].api_url), &a, &fault);
        if (urls[i].url ? !str_is(url, urls[i].url) || fault : url.n || !fault)
            fail_msg("line %d: '%.*s'", urls[i].line, STR_FMT(url));
    }
    arena_release(&a);
}

static const struct {
    int line;
    struct http_reply reply;
    enum webhook_end end;
    const char *word;
} replies[] = {
    {__LINE__, {.end = HTTP_DONE, .status = 200, .body = {"{\"id\":\"1\"}", 10}}, WEBHOOK_SENT, "status 200"},
    {__LINE__, {.end = HTTP_DONE, .status = 204}, WEBHOOK_SENT, "status 204"},
    {__LINE__,
     {.end = HTTP_DONE, .status = 404, .body = {"{\"message\":\"Unknown Webhook\",\"code\":10015}", 42}},
     WEBHOOK_REFUSED,
     "10015 Unknown Webhook"},
    {__LINE__,
     {.end = HTTP_DONE, .status = 429, .body = {"{\"retry_after\":0.5}", 19}, .retry_after_ms = -1},
     WEBHOOK_WAIT,
     "status 429"},
    {__LINE__, {.end = HTTP_DONE, .status = 502, .body = {"<html>", 6}}, WEBHOOK_UNSURE, "status 502"},
    {__LINE__, {.end = HTTP_NOT_SENT, .problem = "no connection"}, WEBHOOK_AGAIN, "no connection"},
    {__LINE__, {.end = HTTP_UNSURE, .problem = "cut off"}, WEBHOOK_UNSURE, "cut off"},
};

static void test_replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        struct webhook_said said = discord_webhook_read(&replies[i].reply);
        if (said.end != replies[i].end || strcmp(said.word, replies[i].word))
            fail_msg("line %d: %d '%s'", replies[i].line, (int)said.end, said.word);
    }
    struct webhook_said gone = discord_webhook_read(&replies[2].reply);
    assert_non_null(gone.advice);
    assert_int_equal(discord_webhook_read(&replies[3].reply).wait_ms, 501);
    struct http_reply mute = {.end = HTTP_DONE, .status = 429, .retry_after_ms = -1};
    assert_int_equal(discord_webhook_read(&mute).wait_ms, 60000);
}

static void test_bodies(void **state)
{
    (void)state;
    struct arena a = {0};
    struct str bodies[WEBHOOK_POSTS_MAX];
    assert_int_equal(discord_webhook_text(STR("**New**: @everyone"), &a, bodies), 1);
    assert_true(str_is(bodies[0], "{\"content\":\"**New**: @\xE2\x80\x8B"
                                  "everyone\",\"flags\":4,"
                                  "\"allowed_mentions\":{\"parse\":[]}}"));
    struct reply r = {.outcome = OUTCOME_ANSWER, .n_parts = 1};
    r.parts[0] = (struct part){.outcome = OUTCOME_ANSWER, .text = STR("At 8.")};
    assert_int_equal(discord_webhook_reply(&r, STR("when?"), &a, bodies), 1);
    assert_true(str_starts(bodies[0], STR("{\"content\":\"> when?\\nAt 8.\",")));
    assert_null(memmem(bodies[0].p, bodies[0].n, "components", 10));
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
