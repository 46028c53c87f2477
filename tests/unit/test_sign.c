#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "net/sign.h"

#include <stdio.h>
#include <string.h>

/* Slack's: the first is published by Slack (authentication/verifying-requests-from-slack); Bolt accepts the others. */
#define SECRET_A "8f742231b10e8888abcd99yyyzzz85a5"
#define BODY_A \
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V" \
    "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=" \
    "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN" \
    "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
#define SIG_A "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"

#define SECRET_B "docent-test-signing-secret-0001"
#define BODY_B \
    "{\"type\":\"event_callback\",\"team_id\":\"T0DOCENT1\",\"api_app_id\":\"A0DOCENT1\",\"event_id\":\"Ev0DOCENT01\"," \
    "\"event_time\":1767225600,\"event\":{\"type\":\"app_mention\",\"user\":\"U0ASKER01\"," \
    "\"text\":\"<@U0DOCENT1> caf\xC3\xA9 hours?\",\"ts\":\"1767225600.000100\",\"channel\":\"C0FAQ0001\"," \
    "\"event_ts\":\"1767225600.000100\"}}"
#define HEX_B "a2c8d4bc929db866b6fd9fdfdbbfdaece99f0c84ada9e535c458353a0afca172"
#define BODY_C \
    "payload=%7B%22type%22%3A%22block_actions%22%2C%22actions%22%3A%5B%7B%22action_id%22%3A%22docent_helpful%22" \
    "%2C%22value%22%3A%22yes%22%7D%5D%7D"
#define SIG_C "v0=3df27d3508d731be0e27e2299926def6bbb983b00b7979d3f807b64eee1b74d1"

static const struct {
    int line;
    const char *secret, *timestamp, *signature, *body;
    int64_t now_s;
    bool ok;
} slack_rows[] = {
    {__LINE__, SECRET_A, "1531420618", SIG_A, BODY_A, 1531420618, true},
    {__LINE__, SECRET_B, "1767225600", "v0=" HEX_B, BODY_B, 1767225600, true},
    {__LINE__, SECRET_B, "1767225600", SIG_C, BODY_C, 1767225600, true},
    /* both sides of the window */
    {__LINE__, SECRET_B, "1767225600", "v0=" HEX_B, BODY_B, 1767225900, true},
    {__LINE__, SECRET_B, "1767225600", "v0=" HEX_B, BODY_B, 1767225901, false},
    {__LINE__, SECRET_B, "1767225600", "v0=" HEX_B, BODY_B, 1767225300, true},
    {__LINE__, SECRET_B, "1767225600", "v0=" HEX_B, BODY_B, 1767225299, false},
    /* forged, truncated, malformed */
    {__LINE__, SECRET_B, "1767225600", "v0=" HEX_B, BODY_B " ", 1767225600, false},
    {__LINE__, SECRET_B, "1767225600", "v0=" HEX_B, "", 1767225600, false},
    {__LINE__, SECRET_A, "1767225600", "v0=" HEX_B, BODY_B, 1767225600, false},
    {__LINE__, SECRET_B, "1767225601", "v0=" HEX_B, BODY_B, 1767225600, false},
    {__LINE__, SECRET_B, "1767225600", "v1=" HEX_B, BODY_B, 1767225600, false},
    {__LINE__, SECRET_B, "1767225600", HEX_B, BODY_B, 1767225600, false},
    {__LINE__, SECRET_B, "1767225600", "v0=" HEX_B "00", BODY_B, 1767225600, false},
    {__LINE__, SECRET_B, "1767225600", "v0=b2c8d4bc929db866b6fd9fdfdbbfdaece99f0c84ada9e535c458353a0afca172", BODY_B,
     1767225600, false},
    {__LINE__, SECRET_B, "1767225600", "v0=A2C8D4BC929DB866B6FD9FDFDBBFDAECE99F0C84ADA9E535C458353A0AFCA172", BODY_B,
     1767225600, false},
    {__LINE__, SECRET_B, "1767225600", "", BODY_B, 1767225600, false},
    {__LINE__, SECRET_B, "", "v0=" HEX_B, BODY_B, 1767225600, false},
    {__LINE__, SECRET_B, "1767225600 ", "v0=" HEX_B, BODY_B, 1767225600, false},
    {__LINE__, SECRET_B, "+1767225600", "v0=" HEX_B, BODY_B, 1767225600, false},
    {__LINE__, SECRET_B, "-1", "v0=" HEX_B, BODY_B, 0, false},
    {__LINE__, SECRET_B, "99999999999999999999999999", "v0=" HEX_B, BODY_B, 1767225600, false},
    {__LINE__, SECRET_B, "1767225600", "v0=" HEX_B, BODY_B, INT64_MAX, false},
    /* HMAC-SHA256 with the empty key, which anybody can compute */
    {__LINE__, "", "1767225600", "v0=368b180f767fdf7bcd0e9b80de1982dc11e8650fb585007bc6f10cba0f7f399f", BODY_B,
     1767225600, false},
};

static void test_slack(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof slack_rows / sizeof *slack_rows; i++) {
        bool ok = sign_slack_ok(str_of(slack_rows[i].secret), str_of(slack_rows[i].timestamp),
                                str_of(slack_rows[i].signature), str_of(slack_rows[i].body), slack_rows[i].now_s);
        if (ok != slack_rows[i].ok)
            fail_msg("row of line %d", slack_rows[i].line);
    }
}

static void test_slack_missing_headers(void **state)
{
    (void)state;
    struct str none = {NULL, 0};
    assert_false(sign_slack_ok(STR(SECRET_B), none, STR("v0=" HEX_B), STR(BODY_B), 1767225600));
    assert_false(sign_slack_ok(STR(SECRET_B), STR("1767225600"), none, STR(BODY_B), 1767225600));
    assert_false(sign_slack_ok(STR(SECRET_B), STR("1767225600"), STR("v0=" HEX_B), none, 1767225600));
    assert_false(sign_slack_ok(none, STR("1767225600"), STR("v0=" HEX_B), STR(BODY_B), 1767225600));
}

/* Discord's: the key is made of the seed 00 01 … 1f; checked with discord-interactions, tweetnacl and libsodium. */
#define KEY "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
#define BODY_1 \
    "{\"id\":\"1100000000000000001\",\"application_id\":\"1100000000000000002\",\"type\":1,\"token\":\"tok\"," \
    "\"version\":1}"
#define SIG_1_REST \
    "51ba95ae7ad6436a174a63f30a26b0bf857a889b52f415200c2d139a2b84f2f93bccbbaf954f02a68d0089d826353c2713646793fbc" \
    "cee536a5a15c9b6a2c"
#define SIG_1 "5" SIG_1_REST "0c"
#define BODY_2 \
    "{\"type\":2,\"id\":\"1100000000000000003\",\"data\":{\"name\":\"ask\"," \
    "\"options\":[{\"name\":\"question\",\"type\":3,\"value\":\"caf\xC3\xA9 hours?\"}]}}"
#define SIG_2 \
    "3a2e8c55cd8615f19b04ba176dd1f7c0b7689db1ef0b1cafac078cfa7e1d60397b2bad5223973b024b1e9421d61d0961eb39b785" \
    "94b5195c8ff5599fb23a390d"

static const struct {
    int line;
    const char *key, *timestamp, *signature, *body;
    bool ok;
} discord_rows[] = {
    {__LINE__, KEY, "1767225600", SIG_1, BODY_1, true},
    {__LINE__, KEY, "1767225600", SIG_2, BODY_2, true},
    {__LINE__, "03A107BFF3CE10BE1D70DD18E74BC09967E4D6309BA50D5F1DDC8664125531B8", "1767225600", SIG_1, BODY_1, true},
    {__LINE__, KEY, "1767225600", SIG_1, BODY_1 " ", false},
    {__LINE__, KEY, "1767225600", SIG_2, BODY_1, false},
    {__LINE__, KEY, "1767225601", SIG_1, BODY_1, false},
    {__LINE__, KEY, "", SIG_1, BODY_1, false},
    {__LINE__, KEY, "1767225600", "6" SIG_1_REST "0c", BODY_1, false},
    {__LINE__, KEY, "1767225600", "5" SIG_1_REST, BODY_1, false},
    {__LINE__, KEY, "1767225600", "5" SIG_1_REST "0", BODY_1, false},
    {__LINE__, KEY, "1767225600", "5" SIG_1_REST "0c00", BODY_1, false},
    {__LINE__, KEY, "1767225600", "5" SIG_1_REST "zz", BODY_1, false},
    {__LINE__, KEY, "1767225600", "", BODY_1, false},
    {__LINE__, "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b9", "1767225600", SIG_1, BODY_1, false},
    {__LINE__, "03a107", "1767225600", SIG_1, BODY_1, false},
    {__LINE__, "", "1767225600", SIG_1, BODY_1, false},
};

static void test_discord(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof discord_rows / sizeof *discord_rows; i++) {
        bool ok = sign_discord_ok(str_of(discord_rows[i].key), str_of(discord_rows[i].timestamp),
                                  str_of(discord_rows[i].signature), str_of(discord_rows[i].body));
        if (ok != discord_rows[i].ok)
            fail_msg("row of line %d", discord_rows[i].line);
    }
}

/* The whole message is checked, however long it is. */
static void test_discord_long_body(void **state)
{
    (void)state;
    static char body[100000] = BODY_1;
    size_t n = sizeof BODY_1 - 1;
    assert_true(sign_discord_ok(STR(KEY), STR("1767225600"), STR(SIG_1), (struct str){body, n}));
    assert_false(sign_discord_ok(STR(KEY), STR("1767225600"), STR(SIG_1), (struct str){body, sizeof body}));
}

static void test_random_differs(void **state)
{
    (void)state;
    uint32_t a = sign_random(), b = sign_random(), c = sign_random(), d = sign_random();
    assert_false(a == b && b == c && c == d);
}

static int start(void **state)
{
    (void)state;
    return sign_start() ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slack),          cmocka_unit_test(test_slack_missing_headers),
        cmocka_unit_test(test_discord),        cmocka_unit_test(test_discord_long_body),
        cmocka_unit_test(test_random_differs),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
