#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/discord_event.h"

#include <stdio.h>
#include <string.h>

static const struct discord_self self = {{"1100000000000000002", 19}, {"1100000000000000001", 19}};

#define AUTHOR "\"author\":{\"id\":\"70\",\"username\":\"ada\"}"
#define US "\"mentions\":[{\"id\":\"5\"},{\"id\":\"1100000000000000002\",\"bot\":true}]"
#define GUILD "\"guild_id\":\"50\","
#define IDS "\"id\":\"9\",\"channel_id\":\"60\","
#define ANSWERS_US "\"referenced_message\":{\"author\":{\"id\":\"1100000000000000002\"}}"
#define TEXT ",\"content\":\"<@1100000000000000002> when?\""

/* --- messages ----------------------------------------------------------------------------------------------- */

static const struct {
    int line;
    const char *json;
    enum discord_act act;
    bool direct, mentioned, reply;
    const char *conversation, *text;
} messages[] = {
    /* in a server: named */
    {__LINE__, "{" IDS GUILD "\"type\":0,\"flags\":0," AUTHOR "," US TEXT "}", DISCORD_TAKE, false, true, false,
     "discord:60:70", "when?"},
    /* in a server: not named, whether we may read it or not */
    {__LINE__, "{" IDS GUILD "\"type\":0," AUTHOR ",\"mentions\":[],\"content\":\"when?\"}", DISCORD_TAKE, false, false,
     false, "discord:60:70", "when?"},
    {__LINE__, "{" IDS GUILD "\"type\":0," AUTHOR ",\"mentions\":[],\"content\":\"\"}", DISCORD_IGNORE, 0, 0, 0, 0, 0},
    {__LINE__, "{" IDS GUILD "\"type\":0," AUTHOR ",\"mention_everyone\":true,\"content\":\"@everyone hi\"}",
     DISCORD_TAKE, false, false, false, "discord:60:70", "@everyone hi"},
    /* a direct message, and one in a thread */
    {__LINE__, "{" IDS "\"type\":0," AUTHOR ",\"content\":\"when?\"}", DISCORD_TAKE, true, false, false,
     "discord:60:70", "when?"},
    {__LINE__, "{" IDS GUILD "\"channel_type\":11,\"type\":0," AUTHOR ",\"content\":\"and then?\"}", DISCORD_TAKE,
     false, false, true, "discord:60", "and then?"},
    /* replies: to us, to somebody else */
    {__LINE__,
     "{" IDS GUILD "\"type\":19," AUTHOR
     ",\"referenced_message\":{\"author\":{\"id\":\"1100000000000000002\"}},\"content\":\"and then?\"}",
     DISCORD_TAKE, false, true, false, "discord:60:70", "and then?"},
    {__LINE__,
     "{" IDS GUILD "\"type\":19," AUTHOR ",\"referenced_message\":{\"author\":{\"id\":\"5\"}},\"content\":\"no\"}",
     DISCORD_TAKE, false, false, false, "discord:60:70", "no"},
    {__LINE__, "{" IDS GUILD "\"type\":19," AUTHOR ",\"referenced_message\":null,\"content\":\"no\"}", DISCORD_TAKE,
     false, false, false, "discord:60:70", "no"},
    /* nothing but our name, or nothing that we may read: help */
    {__LINE__, "{" IDS GUILD "\"type\":0," AUTHOR "," US ",\"content\":\"<@1100000000000000002>\"}", DISCORD_TAKE,
     false, true, false, "discord:60:70", "help"},
    {__LINE__, "{" IDS "\"type\":0," AUTHOR ",\"content\":\"\"}", DISCORD_TAKE, true, false, false, "discord:60:70",
     "help"},
    /* not by a person */
    {__LINE__, "{" IDS "\"type\":0,\"author\":{\"id\":\"1100000000000000002\"}," US TEXT "}", DISCORD_IGNORE, 0, 0, 0,
     0, 0},
    {__LINE__, "{" IDS "\"type\":0,\"author\":{\"id\":\"7\",\"bot\":true}," US TEXT "}", DISCORD_IGNORE, 0, 0, 0, 0, 0},
    {__LINE__, "{" IDS "\"type\":0,\"author\":{\"id\":\"7\",\"system\":true}," US TEXT "}", DISCORD_IGNORE, 0, 0, 0, 0,
     0},
    {__LINE__, "{" IDS "\"type\":0,\"webhook_id\":\"8\"," AUTHOR "," US TEXT "}", DISCORD_IGNORE, 0, 0, 0, 0, 0},
    {__LINE__, "{" IDS "\"type\":0,\"interaction_metadata\":{}," AUTHOR "," US TEXT "}", DISCORD_IGNORE, 0, 0, 0, 0, 0},
    /* of another kind: joined, pinned, chat command, only for one person, forwarded */
    {__LINE__, "{" IDS "\"type\":7," AUTHOR "," US TEXT "}", DISCORD_IGNORE, 0, 0, 0, 0, 0},
    {__LINE__, "{" IDS "\"type\":6," AUTHOR "," US TEXT "}", DISCORD_IGNORE, 0, 0, 0, 0, 0},
    {__LINE__, "{" IDS "\"type\":20," AUTHOR "," US TEXT "}", DISCORD_IGNORE, 0, 0, 0, 0, 0},
    {__LINE__, "{" IDS "\"type\":0,\"flags\":64," AUTHOR "," US TEXT "}", DISCORD_IGNORE, 0, 0, 0, 0, 0},
    {__LINE__, "{" IDS "\"type\":0,\"flags\":16384,\"message_snapshots\":[{}]," AUTHOR "," US "}", DISCORD_IGNORE, 0, 0,
     0, 0, 0},
    /* broken */
    {__LINE__, "{}", DISCORD_IGNORE, 0, 0, 0, 0, 0},
    {__LINE__, "[]", DISCORD_IGNORE, 0, 0, 0, 0, 0},
    {__LINE__, "{" IDS "\"type\":\"0\"," AUTHOR TEXT "}", DISCORD_IGNORE, 0, 0, 0, 0, 0},
    {__LINE__, "{\"id\":9,\"channel_id\":60,\"type\":0," AUTHOR TEXT "}", DISCORD_IGNORE, 0, 0, 0, 0, 0},
    {__LINE__, "{\"id\":\"9\",\"channel_id\":\"../60\",\"type\":0," AUTHOR TEXT "}", DISCORD_IGNORE, 0, 0, 0, 0, 0},
    {__LINE__, "{" IDS "\"type\":0,\"author\":\"ada\"" TEXT "}", DISCORD_IGNORE, 0, 0, 0, 0, 0},
    {__LINE__, "{" IDS "\"type\":0,\"mentions\":\"x\"," AUTHOR ",\"content\":[]}", DISCORD_TAKE, true, false, false,
     "discord:60:70", "help"},
};

static void test_messages(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        cJSON *d = json_parse(str_of(messages[i].json), NULL);
        assert_non_null(d);
        struct discord_event e = discord_read_message(d, &self, &a);
        bool same = e.act == messages[i].act;
        if (same && e.act == DISCORD_TAKE)
            same = e.in.direct == messages[i].direct && e.in.mentioned == messages[i].mentioned &&
                   e.in.reply == messages[i].reply && str_is(e.in.conversation, messages[i].conversation) &&
                   str_is(e.in.text, messages[i].text) && str_is(e.in.key, "discord:m9") && str_is(e.in.user, "70") &&
                   str_is(e.in.channel, "60") && e.in.kind == INCOMING_QUESTION;
        if (!same)
            fail_msg("line %d: act %d, text '%.*s', conversation '%.*s'", messages[i].line, (int)e.act,
                     STR_FMT(e.in.text), STR_FMT(e.in.conversation));
        cJSON_Delete(d);
    }
    arena_release(&a);
}

/* Before READY our own id is not known: nobody is taken for us. */
static void test_without_an_own_id(void **state)
{
    (void)state;
    struct arena a = {0};
    cJSON *d = json_parse(STR("{" IDS GUILD "\"type\":0," AUTHOR "," US TEXT "}"), NULL);
    struct discord_event e = discord_read_message(d, &(struct discord_self){0}, &a);
    assert_false(e.in.mentioned);
    cJSON_Delete(d);
    arena_release(&a);
}

/* Without the privileged intent Discord keeps from us what is neither a direct message nor names us. */
static void test_what_was_kept_from_us(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *json;
        bool unread;
    } rows[] = {
        {__LINE__, "{" IDS GUILD "\"type\":19," AUTHOR ",\"content\":\"\"," ANSWERS_US "}", true},
        {__LINE__, "{" IDS GUILD "\"type\":19," AUTHOR ",\"content\":\"hi\"," ANSWERS_US "}", false},
        {__LINE__, "{" IDS GUILD "\"type\":19," AUTHOR ",\"content\":\"\"," US "," ANSWERS_US "}", false},
        {__LINE__, "{" IDS "\"type\":0," AUTHOR ",\"content\":\"\",\"attachments\":[{}]}", false},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cJSON *d = json_parse(str_of(rows[i].json), NULL);
        struct discord_event e = discord_read_message(d, &self, &a);
        if (e.act != DISCORD_TAKE || e.target.unread != rows[i].unread)
            fail_msg("line %d: act %d, unread %d", rows[i].line, (int)e.act, e.target.unread);
        cJSON_Delete(d);
    }
    arena_release(&a);
}

/* --- interactions ------------------------------------------------------------------------------------------- */

#define HEAD "\"id\":\"101\",\"application_id\":\"2\",\"token\":\"aW50.x-_\",\"channel_id\":\"60\",\"guild_id\":\"50\","
#define MEMBER "\"member\":{\"user\":{\"id\":\"70\"}},"
#define CLICK(id) \
    "{\"type\":3," HEAD MEMBER "\"message\":{\"flags\":64,\"components\":[{\"components\":[{\"custom_id\":\"" id \
    "\",\"label\":\"Shown\"}]}]},\"data\":{\"component_type\":2,\"custom_id\":\"" id "\"}}"

static const struct {
    int line;
    const char *json;
    enum discord_act act;
    enum incoming_kind kind;
    const char *text, *of, *intent;
    bool quiet;
} interactions[] = {
    {__LINE__, "{\"type\":1}", DISCORD_PING, INCOMING_QUESTION, "", "", "", false},
    {__LINE__,
     "{\"type\":2," HEAD MEMBER
     "\"data\":{\"name\":\"ask\",\"options\":[{\"name\":\"question\",\"type\":3,\"value\":\"when are you open?\"}]}}",
     DISCORD_TAKE, INCOMING_QUESTION, "when are you open?", "", "", false},
    {__LINE__,
     "{\"type\":2," HEAD MEMBER "\"data\":{\"name\":\"ask\",\"options\":[{\"name\":\"private\",\"value\":true},"
     "{\"name\":\"question\",\"value\":\"**when?**\"}]}}",
     DISCORD_TAKE, INCOMING_QUESTION, "when?", "", "", true},
    {__LINE__, "{\"type\":2," HEAD MEMBER "\"data\":{\"name\":\"ask\"}}", DISCORD_TAKE, INCOMING_QUESTION, "help", "",
     "", false},
    {__LINE__,
     "{\"type\":2," HEAD MEMBER
     "\"data\":{\"name\":\"ask\",\"options\":[{\"name\":\"question\",\"value\":\"d1:h:00000000000000ff\"}]}}",
     DISCORD_TAKE, INCOMING_QUESTION, "help", "", "", false},
    {__LINE__, "{\"type\":2," HEAD MEMBER "\"data\":{\"name\":\"topics\"}}", DISCORD_TOPICS, INCOMING_QUESTION, "", "",
     "", false},
    {__LINE__, "{\"type\":2," HEAD MEMBER "\"data\":{\"name\":\"other\"}}", DISCORD_STRANGE, INCOMING_QUESTION, "", "",
     "", false},
    {__LINE__,
     "{\"type\":4," HEAD MEMBER "\"data\":{\"name\":\"ask\",\"options\":[{\"name\":\"private\",\"value\":true},"
     "{\"name\":\"question\",\"value\":\"how m\",\"focused\":true}]}}",
     DISCORD_COMPLETE, INCOMING_QUESTION, "how m", "", "", false},
    {__LINE__, "{\"type\":4," HEAD MEMBER "\"data\":{\"name\":\"ask\"}}", DISCORD_STRANGE, INCOMING_QUESTION, "", "",
     "", false},
    {__LINE__, CLICK("d1:q:Is it hard?"), DISCORD_TAKE, INCOMING_QUESTION, "Is it hard?", "", "", true},
    {__LINE__, CLICK("d1:h:00000000000000ff"), DISCORD_TAKE, INCOMING_QUESTION, "Shown", "", "", true},
    {__LINE__, CLICK("d1:up:m9:salary"), DISCORD_TAKE, INCOMING_HELPFUL, "", "discord:m9", "salary", true},
    {__LINE__, CLICK("d1:no:i9"), DISCORD_TAKE, INCOMING_UNHELPFUL, "", "discord:i9", "", true},
    {__LINE__, CLICK("d1:sh:i9"), DISCORD_TAKE, INCOMING_SHARE, "", "discord:i9", "", true},
    {__LINE__, CLICK("docent:v0:up"), DISCORD_STRANGE, INCOMING_QUESTION, "", "", "", false},
    {__LINE__, "{\"type\":5," HEAD MEMBER "\"data\":{}}", DISCORD_STRANGE, INCOMING_QUESTION, "", "", "", false},
    {__LINE__, "{\"type\":2,\"data\":{\"name\":\"ask\"}}", DISCORD_STRANGE, INCOMING_QUESTION, "", "", "", false},
    {__LINE__,
     "{\"type\":2,\"id\":\"1\",\"application_id\":\"2\",\"token\":\"a/../b\"," MEMBER "\"data\":{\"name\":\"ask\"}}",
     DISCORD_STRANGE, INCOMING_QUESTION, "", "", "", false},
    {__LINE__, "{}", DISCORD_STRANGE, INCOMING_QUESTION, "", "", "", false},
    {__LINE__, "7", DISCORD_STRANGE, INCOMING_QUESTION, "", "", "", false},
};

static void test_interactions(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof interactions / sizeof *interactions; i++) {
        cJSON *d = json_parse(str_of(interactions[i].json), NULL);
        assert_non_null(d);
        struct discord_event e = discord_read_interaction(d, false, &a);
        bool same = e.act == interactions[i].act;
        if (same && e.act == DISCORD_TAKE)
            same = e.in.kind == interactions[i].kind && str_is(e.in.of, interactions[i].of) &&
                   str_is(e.in.intent, interactions[i].intent) && e.target.quiet == interactions[i].quiet &&
                   str_is(e.in.key, "discord:i101") && str_is(e.in.user, "70") && e.in.direct &&
                   str_is(e.in.conversation, "discord:60:70");
        if (!same || (e.act != DISCORD_STRANGE && !str_is(e.in.text, interactions[i].text)))
            fail_msg("line %d: act %d, text '%.*s'", interactions[i].line, (int)e.act, STR_FMT(e.in.text));
        cJSON_Delete(d);
    }
    arena_release(&a);
}

static void test_in_a_direct_message(void **state)
{
    (void)state;
    struct arena a = {0};
    cJSON *d =
        json_parse(STR("{\"type\":2,\"id\":\"101\",\"application_id\":\"2\",\"token\":\"t\",\"channel_id\":\"61\","
                       "\"user\":{\"id\":\"71\"},\"data\":{\"name\":\"ask\",\"options\":[]}}"),
                   NULL);
    struct discord_event e = discord_read_interaction(d, true, &a);
    assert_int_equal(e.act, DISCORD_TAKE);
    assert_true(str_is(e.in.user, "71") && str_is(e.in.conversation, "discord:61:71"));
    assert_true(e.target.direct && e.target.over_http);
    cJSON_Delete(d);
    arena_release(&a);
}

/* A question too long for its button is named by its hash; the label is only what to fall back on. */
static void test_hash_of_a_long_question(void **state)
{
    (void)state;
    struct arena a = {0};
    cJSON *d = json_parse(STR(CLICK("d1:h:00000000000000ff")), NULL);
    assert_true(discord_read_interaction(d, false, &a).hash == 0xFF);
    cJSON_Delete(d);
    d = json_parse(STR(CLICK("d1:q:short")), NULL);
    assert_true(discord_read_interaction(d, false, &a).hash == 0);
    cJSON_Delete(d);
    arena_release(&a);
}

/* --- targets ------------------------------------------------------------------------------------------------ */

static void test_target_there_and_back(void **state)
{
    (void)state;
    struct arena a = {0};
    struct discord_target read,
        written[] = {
            {.channel = STR("60"), .message = STR("9")},
            {.channel = STR("60"), .message = STR("9"), .direct = true},
            {.channel = STR("60"), .message = STR("9"), .unread = true},
            {.interaction = STR("101"), .application = STR("2"), .token = STR("aW50~.x-_+="), .quiet = true},
            {.channel = STR("60"),
             .interaction = STR("101"),
             .application = STR("2"),
             .token = STR("t"),
             .over_http = true},
        };
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        assert_true(discord_target_read(discord_target_write(&written[i], &a), &a, &read));
        assert_true(str_eq(read.channel, written[i].channel) && str_eq(read.message, written[i].message));
        assert_true(str_eq(read.interaction, written[i].interaction) && str_eq(read.token, written[i].token));
        assert_true(str_eq(read.application, written[i].application));
        assert_true(read.direct == written[i].direct && read.quiet == written[i].quiet);
        assert_true(read.over_http == written[i].over_http && read.unread == written[i].unread);
    }
    arena_release(&a);
}

static void test_target_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "{}",
        "[]",
        "{",
        "{\"channel\":\"60\"}",
        "{\"channel\":\"60\",\"message\":\"x\"}",
        "{\"interaction\":\"1\",\"application\":\"2\"}",
        "{\"interaction\":\"1\",\"application\":\"2\",\"token\":\"a/b\"}",
        "{\"interaction\":\"1\",\"application\":\"2\",\"token\":\"a?b\"}",
    };
    struct arena a = {0};
    struct discord_target read;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (discord_target_read(str_of(bad[i]), &a, &read))
            fail_msg("taken: %s", bad[i]);
    arena_release(&a);
}

/* Worked out beside the code: 1100000000000000002 was made on 2023-04-24 at 10:07:17.011 UTC. */
static void test_time_of_an_id(void **state)
{
    (void)state;
    assert_true(discord_id_ms(STR("1100000000000000002")) == INT64_C(1682330837011));
    assert_true(discord_id_ms(STR("0")) == INT64_C(1420070400000));
    assert_true(discord_id_ms(STR("x")) == 0);
    assert_false(discord_is_id(STR("123456789012345678901")));
    assert_false(discord_is_token((struct str){NULL, 0}));
    assert_false(discord_is_token(STR("a\0b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_what_was_kept_from_us),
        cmocka_unit_test(test_without_an_own_id),
        cmocka_unit_test(test_interactions),
        cmocka_unit_test(test_in_a_direct_message),
        cmocka_unit_test(test_hash_of_a_long_question),
        cmocka_unit_test(test_target_there_and_back),
        cmocka_unit_test(test_target_refused),
        cmocka_unit_test(test_time_of_an_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
