#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/json.h"
#include "channel/discord_posts.h"
#include "render/pieces.h"

#include <stdio.h>
#include <string.h>

static struct reply answer(const char *text)
{
    struct reply r = {.outcome = OUTCOME_ANSWER, .n_parts = 1};
    r.parts[0] = (struct part){.outcome = OUTCOME_ANSWER, .intent = STR("hours"), .text = str_of(text)};
    return r;
}

static const struct discord_target in_channel = {.channel = {"60", 2}, .message = {"9", 1}};
static const struct discord_target in_private = {.channel = {"61", 2}, .message = {"9", 1}, .direct = true};
static const struct discord_target command = {
    .channel = {"60", 2}, .interaction = {"101", 3}, .application = {"2", 1}, .token = {"tok", 3}};
static const struct question when = {.text = {"when?", 5}};

static struct posts compose(const struct discord_target *t, enum discord_way way, const char *text, struct arena *a)
{
    struct posts out;
    struct reply r = answer(text);
    discord_compose(t, way, &when, &r, a, &out);
    return out;
}

static bool is_post(const struct post *p, const char *lane, const char *method, const char *route, bool again)
{
    return str_is(p->lane, lane) && str_is(p->method, method) && str_is(p->route, route) && p->again == again;
}

/* Nobody is notified and no preview is made, whatever the post. */
static void check_bodies(const struct posts *posts)
{
    for (size_t i = 0; i < posts->n; i++) {
        cJSON *tree = json_parse(posts->items[i].body, NULL);
        const cJSON *data = cJSON_GetObjectItem(tree, "data");
        const cJSON *message = data ? data : tree, *mentions = cJSON_GetObjectItem(message, "allowed_mentions");
        assert_non_null(tree);
        assert_true(cJSON_IsArray(cJSON_GetObjectItem(mentions, "parse")));
        assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(mentions, "parse")), 0);
        assert_false(json_bool(mentions, "replied_user", true));
        assert_true((int)cJSON_GetObjectItem(message, "flags")->valuedouble & 4);
        assert_in_range(pieces_units(json_str(message, "content")), 1, 2000);
        assert_in_range(json_str(message, "nonce").n, 0, 25);
        cJSON_Delete(tree);
    }
}

static bool has(struct str body, const char *text)
{
    return memmem(body.p, body.n, text, strlen(text)) != NULL;
}

static void test_message(void **state)
{
    (void)state;
    struct arena a = {0};
    struct posts p = compose(&in_channel, DISCORD_FIRST, "At 8.", &a);
    assert_int_equal(p.n, 1);
    assert_true(is_post(&p.items[0], "60", "POST", "channels/60/messages", true));
    assert_true(has(p.items[0].body, "\"content\":\"At 8.\""));
    assert_true(has(p.items[0].body, "\"nonce\":\"d9\",\"enforce_nonce\":true"));
    assert_true(has(p.items[0].body, "\"message_reference\":{\"message_id\":\"9\",\"fail_if_not_exists\":false}"));
    assert_true(has(p.items[0].body, "d1:up:m9:hours"));
    check_bodies(&p);
    p = compose(&in_private, DISCORD_FIRST, "At 8.", &a);
    assert_false(has(p.items[0].body, "message_reference"));
    check_bodies(&p);
    arena_release(&a);
}

static void test_interaction(void **state)
{
    (void)state;
    struct arena a = {0};
    struct posts p = compose(&command, DISCORD_FIRST, "At 8.", &a);
    assert_int_equal(p.n, 1);
    assert_true(is_post(&p.items[0], "i101", "POST", "interactions/101/tok/callback", true));
    assert_true(str_starts(p.items[0].body, STR("{\"type\":4,\"data\":{\"content\":\"> when?\\nAt 8.\",\"flags\":4,")));
    assert_false(has(p.items[0].body, "nonce"));
    check_bodies(&p);
    p = compose(&command, DISCORD_DEFERRED, "At 8.", &a);
    assert_true(is_post(&p.items[0], "i101", "PATCH", "webhooks/2/tok/messages/@original", true));
    assert_true(str_starts(p.items[0].body, STR("{\"content\":")));
    check_bodies(&p);
    arena_release(&a);
}

/* Without the privileged intent Discord keeps from us what is written in a reply that does not mention us. */
static void test_unread_message(void **state)
{
    (void)state;
    struct arena a = {0};
    struct discord_target unread = in_channel;
    unread.unread = true;
    struct posts p = compose(&unread, DISCORD_FIRST, "Ask me.", &a);
    assert_true(has(p.items[0].body, "Ask me.\\n\\n-# I cannot read messages that do not mention me."));
    assert_false(has(compose(&in_channel, DISCORD_FIRST, "Ask me.", &a).items[0].body, "cannot read"));
    arena_release(&a);
}

static void test_several_pieces(void **state)
{
    (void)state;
    struct arena a = {0};
    char text[5001] = "";
    for (size_t i = 0; i < 500; i++)
        memcpy(text + 10 * i, i % 50 == 49 ? "a paragr\n\n" : "some words", 10);
    struct posts p = compose(&in_channel, DISCORD_FIRST, text, &a);
    assert_in_range(p.n, 3, 4);
    assert_true(has(p.items[0].body, "\"nonce\":\"d9\"") && has(p.items[1].body, "\"nonce\":\"d9-1\""));
    assert_true(has(p.items[0].body, "message_reference") && !has(p.items[1].body, "message_reference"));
    assert_true(p.items[1].again);
    check_bodies(&p);
    p = compose(&command, DISCORD_FIRST, text, &a);
    assert_true(is_post(&p.items[1], "i101", "POST", "webhooks/2/tok", false)); /* a follow-up has no nonce */
    check_bodies(&p);
    arena_release(&a);
}

static void test_quiet_and_shared(void **state)
{
    (void)state;
    struct arena a = {0};
    struct discord_target quiet = command;
    quiet.quiet = true;
    struct posts p = compose(&quiet, DISCORD_FIRST, "At 8.", &a), shared;
    assert_true(has(p.items[0].body, "\"content\":\"At 8.\",\"flags\":68,"));
    assert_true(has(p.items[0].body, "d1:sh:i101"));
    check_bodies(&p);
    struct discord_target click = command;
    click.interaction = STR("102");
    click.quiet = true;
    discord_share(&click, DISCORD_FIRST, p.share, &a, &shared);
    assert_int_equal(shared.n, 1);
    assert_true(is_post(&shared.items[0], "i102", "POST", "interactions/102/tok/callback", true));
    assert_true(has(shared.items[0].body, "\"content\":\"> when?\\nAt 8.\",\"flags\":4,"));
    check_bodies(&shared);
    discord_share(&click, DISCORD_FIRST, STR(""), &a, &shared); /* too old: only who clicked is told */
    assert_int_equal(shared.n, 1);
    assert_true(has(shared.items[0].body, "too old") && has(shared.items[0].body, "\"flags\":68"));
    arena_release(&a);
}

/* In a direct message there is nobody to share it with. */
static void test_nothing_to_share(void **state)
{
    (void)state;
    struct arena a = {0};
    struct discord_target quiet = command;
    quiet.quiet = quiet.direct = true;
    assert_int_equal(compose(&quiet, DISCORD_FIRST, "At 8.", &a).share.n, 0);
    assert_int_equal(compose(&command, DISCORD_FIRST, "At 8.", &a).share.n, 0);
    arena_release(&a);
}

static void test_thanks(void **state)
{
    (void)state;
    struct arena a = {0};
    struct posts p;
    discord_thank(&command, DISCORD_FIRST, true, &a, &p);
    assert_int_equal(p.n, 1);
    assert_true(has(p.items[0].body, "\"flags\":68"));
    check_bodies(&p);
    arena_release(&a);
}

static void test_callbacks(void **state)
{
    (void)state;
    struct arena a = {0};
    assert_true(str_is(discord_defer(true, &a), "{\"type\":5,\"data\":{\"flags\":64}}"));
    assert_true(str_is(discord_defer(false, &a), "{\"type\":5}"));
    assert_true(has(discord_say(STR("Not \"here\"."), &a),
                    "{\"type\":4,\"data\":{\"content\":\"Not \\\"here\\\".\",\"flags\":68,"));
    assert_true(str_is(discord_choices(NULL, 0, &a), "{\"type\":8,\"data\":{\"choices\":[]}}"));
    struct str questions[] = {STR("When?"),
                              STR("A question that is so long that it does not fit into the value of a choice, "
                                  "which is no more than a hundred characters?")};
    struct str choices = discord_choices(questions, 2, &a);
    assert_true(has(choices, "{\"name\":\"When?\",\"value\":\"When?\"}"));
    assert_true(has(choices, "\"value\":\"d1:h:"));
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message),          cmocka_unit_test(test_interaction),
        cmocka_unit_test(test_unread_message),   cmocka_unit_test(test_several_pieces),
        cmocka_unit_test(test_quiet_and_shared), cmocka_unit_test(test_nothing_to_share),
        cmocka_unit_test(test_thanks),           cmocka_unit_test(test_callbacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
