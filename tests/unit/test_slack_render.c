#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/json.h"
#include "render/pieces.h"
#include "render/slack.h"
#include "render/slack_button.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define Z "\xE2\x80\x8B" /* zero width space */
#define O "\xE2\x80\xA2" /* bullet */

static const struct {
    int line;
    const char *markup, *mrkdwn;
} rows[] = {
    {__LINE__, "", ""},
    {__LINE__, "One line\nand another.", "One line and another."},
    {__LINE__, "One.\n\nTwo.", "One.\n\nTwo."},
    {__LINE__, "Bake at **230 degrees**.", "Bake at *230 degrees*."},
    {__LINE__, "**All** of **it**", "*All* of *it*"},
    /* stars inside words only count next to a zero-width space */
    {__LINE__, "re**do**ne", "re" Z "*do*" Z "ne"},
    {__LINE__, "caf\xC3\xA9**s**", "caf\xC3\xA9" Z "*s*"},
    {__LINE__, "(**x**), **y**.", "(*x*), *y*."},
    /* nobody is mentioned, nothing becomes a link */
    {__LINE__, "a < b & c > d", "a &lt; b &amp; c &gt; d"},
    {__LINE__, "<!channel> <@U1> <https://evil|good>", "&lt;!channel&gt; &lt;@U1&gt; &lt;https://evil|good&gt;"},
    {__LINE__, "&amp; &lt;", "&amp;amp; &amp;lt;"},
    {__LINE__, "**<@U1>**", "*&lt;@U1&gt;*"},
    /* marks in a text are no formatting */
    {__LINE__, "a *star* and _under_ and ~tilde~ and `code`",
     "a *" Z "star" Z "* and _" Z "under" Z "_ and ~" Z "tilde" Z "~ and `" Z "code" Z "`"},
    {__LINE__, "5 * 3, snake_case, https://x.example/a_b", "5 * 3, snake_case, https://x.example/a_b"},
    {__LINE__, "- one\n- **two**\n  more", O " one\n" O " *two* more"},
    {__LINE__, "These:\n\n- one\n\nThen.", "These:\n" O " one\n\nThen."},
    {__LINE__, "| Role | Pay |\n|---|---|\n| **Coder** | 1 < 2 |\n| `Biller` | 3 |",
     "```\nRole      Pay\n--------  -----\nCoder     1 &lt; 2\n'Biller'  3\n```"},
    {__LINE__, "control \x01\x1b[31m \xE2\x80\xAE turned", "control   [31m   turned"},
    {__LINE__, "broken \xFF bytes", "broken \xEF\xBF\xBD bytes"},
};

static void test_markup(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out;
        buf_init(&out, 4096);
        slack_markup(&out, str_of(rows[i].markup));
        if (!str_is(buf_str(&out), rows[i].mrkdwn))
            fail_msg("line %d: '%.*s'", rows[i].line, STR_FMT(buf_str(&out)));
        buf_release(&out);
    }
}

/* A table that is too wide for a telephone. */
static void test_wide_table_is_a_list(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    slack_markup(&out, STR("| Role | What they do all day | Pay |\n|---|---|---|\n"
                           "| Coder | reads what the doctor wrote, finds the codes for it | 1 |\n| Biller | | 2 |"));
    assert_string_equal(out.p,
                        "*Coder*\n" O " What they do all day: reads what the doctor wrote, finds the codes for it\n" O
                        " Pay: 1\n*Biller*\n" O " Pay: 2");
    buf_release(&out);
}

/* --- whole replies ------------------------------------------------------------------------------------------ */

static struct reply answer(const char *text)
{
    struct reply r = {.outcome = OUTCOME_ANSWER, .n_parts = 1};
    r.parts[0] = (struct part){.outcome = OUTCOME_ANSWER, .intent = STR("heat"), .text = str_of(text), .n_sources = 1};
    r.parts[0].sources[0] = (struct source_ref){STR("oven"), STR("The <oven>"), STR("bread")};
    r.suggestions[0] = STR("How long does dough rise?");
    r.suggestions[1] =
        STR("A question that is so long that it does not fit on a button, which holds only 75 characters");
    r.n_suggestions = 2;
    return r;
}

static const cJSON *at(const cJSON *blocks, int i, const char *type)
{
    const cJSON *block = cJSON_GetArrayItem(blocks, i);
    if (!str_is(json_str(block, "type"), type))
        fail_msg("block %d is '%.*s', not %s", i, STR_FMT(json_str(block, "type")), type);
    return block;
}

static const cJSON *element(const cJSON *block, int i)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItem(block, "elements"), i);
}

static const char *words(const cJSON *object)
{
    const cJSON *text = cJSON_GetObjectItem(object, "text");
    return cJSON_IsString(text) ? text->valuestring : json_str(text, "text").p;
}

static void test_an_answer(void **state)
{
    (void)state;
    struct arena a = {0};
    struct reply r = answer("Bake at **230** degrees & more.");
    struct slack_message m[SLACK_MESSAGES_MAX];
    struct slack_frame frame = {.key = STR("slack:T1:C1:17.1")};
    assert_int_equal(slack_reply(&r, &frame, SLACK_MESSAGES_MAX, &a, m), 1);
    cJSON *blocks = json_parse(m[0].blocks, NULL);
    assert_non_null(blocks);
    assert_int_equal(cJSON_GetArraySize(blocks), 5);
    assert_string_equal(words(at(blocks, 0, "section")), "Bake at *230* degrees &amp; more.");
    assert_true(json_bool(cJSON_GetArrayItem(blocks, 0), "expand", false));
    assert_string_equal(words(element(at(blocks, 1, "context"), 0)), "Source: The &lt;oven&gt;");
    assert_string_equal(words(element(at(blocks, 2, "context"), 0)), "You could also ask:");
    const cJSON *button = element(at(blocks, 3, "actions"), 1);
    assert_string_equal(json_str(button, "action_id").p, "docent_ask_1");
    assert_true(str_eq(json_str(button, "value"), r.suggestions[1]));
    assert_true(pieces_units(str_of(words(button))) <= SLACK_BUTTON_TEXT_MAX);
    const cJSON *feedback = at(blocks, 4, "actions");
    assert_string_equal(words(element(feedback, 0)), "Helpful");
    assert_string_equal(words(element(feedback, 1)), "Not helpful");
    assert_null(element(feedback, 2));
    assert_string_equal(json_str(element(feedback, 0), "value").p, "{\"of\":\"slack:T1:C1:17.1\",\"intent\":\"heat\"}");
    assert_non_null(strstr(m[0].text.p, "Bake at *230*"));
    assert_non_null(strstr(m[0].text.p, "Source: The"));
    assert_non_null(strstr(m[0].text.p, O " How long does dough rise?"));
    cJSON_Delete(blocks);
    arena_release(&a);
}

static void test_frames(void **state)
{
    (void)state;
    struct arena a = {0};
    struct reply r = answer("Yes.");
    struct slack_message m[SLACK_MESSAGES_MAX];
    struct slack_frame frame = {.key = STR("k"), .asked = STR("why <@U9>?"), .share = true};
    slack_reply(&r, &frame, 1, &a, m);
    assert_non_null(strstr(m[0].blocks.p, "You asked: why &lt;@U9&gt;?"));
    assert_non_null(strstr(m[0].blocks.p, "docent_share"));
    frame = (struct slack_frame){.asked = STR("why?"), .asker = STR("U1"), .bare = true};
    slack_reply(&r, &frame, 1, &a, m);
    assert_non_null(strstr(m[0].blocks.p, "<@U1> asked: why?"));
    assert_null(strstr(m[0].blocks.p, "\"button\""));
    assert_non_null(strstr(m[0].blocks.p, O " How long does dough rise?"));
    arena_release(&a);
}

static void test_choices(void **state)
{
    (void)state;
    struct arena a = {0};
    struct reply r = {.outcome = OUTCOME_CLARIFY, .n_parts = 1, .choices = true, .n_suggestions = 2};
    r.parts[0] = (struct part){.outcome = OUTCOME_CLARIFY, .text = STR("Which do you mean?")};
    r.suggestions[0] = STR("coding");
    r.suggestions[1] = STR("billing");
    struct slack_message m[SLACK_MESSAGES_MAX];
    struct slack_frame frame = {.key = STR("k")};
    slack_reply(&r, &frame, 1, &a, m);
    cJSON *blocks = json_parse(m[0].blocks, NULL);
    assert_int_equal(cJSON_GetArraySize(blocks), 2); /* no feedback on a question back, no "could also ask" */
    assert_string_equal(words(element(at(blocks, 1, "actions"), 0)), "coding");
    assert_string_equal(m[0].text.p, "Which do you mean?\n" O " coding\n" O " billing");
    cJSON_Delete(blocks);
    arena_release(&a);
}

static void test_an_empty_reply_has_words(void **state)
{
    (void)state;
    struct arena a = {0};
    struct reply r = {.outcome = OUTCOME_CHAT, .n_parts = 1};
    struct slack_message m[SLACK_MESSAGES_MAX];
    struct slack_frame frame = {.key = STR("k")};
    assert_int_equal(slack_reply(&r, &frame, 1, &a, m), 1);
    assert_true(m[0].text.n > 0);
    arena_release(&a);
}

/* Is everything within Slack's limits, and no entity cut? */
static void check_limits(const struct slack_message *m)
{
    cJSON *blocks = json_parse(m->blocks, NULL);
    const cJSON *block;
    assert_non_null(blocks);
    assert_true(cJSON_GetArraySize(blocks) <= 50);
    cJSON_ArrayForEach(block, blocks) {
        const char *text = words(block);
        if (text)
            assert_in_range(pieces_units(str_of(text)), 1, 3000);
    }
    for (const char *p = m->text.p; (p = strchr(p, '&')); p++)
        assert_true(!strncmp(p, "&amp;", 5) || !strncmp(p, "&lt;", 4) || !strncmp(p, "&gt;", 4));
    assert_in_range(pieces_units(m->text), 1, 4000);
    cJSON_Delete(blocks);
}

static void test_long_answers_are_split(void **state)
{
    (void)state;
    struct arena a = {0};
    struct buf text;
    buf_init(&text, 100000);
    for (int i = 0; i < 60; i++)
        buf_addf(&text, "Paragraph %d is about <b> & <i>, and it is **bold** at times, so that it grows.\n\n", i);
    struct reply r = answer(text.p);
    struct slack_message m[SLACK_MESSAGES_MAX];
    struct slack_frame frame = {.key = STR("k"), .asked = STR("why?")};
    size_t n = slack_reply(&r, &frame, SLACK_MESSAGES_MAX, &a, m);
    assert_in_range(n, 2, SLACK_MESSAGES_MAX);
    for (size_t i = 0; i < n; i++)
        check_limits(&m[i]);
    assert_null(strstr(m[0].blocks.p, "docent_helpful"));
    assert_non_null(strstr(m[n - 1].blocks.p, "docent_helpful"));
    assert_null(strstr(m[n - 1].blocks.p, "You asked"));
    buf_clear(&text);
    buf_fill(&text, '&', 90000);
    r = answer(text.p);
    n = slack_reply(&r, &frame, SLACK_MESSAGES_MAX, &a, m);
    assert_int_equal(n, SLACK_MESSAGES_MAX);
    for (size_t i = 0; i < n; i++)
        check_limits(&m[i]);
    buf_release(&text);
    arena_release(&a);
}

static void test_notice(void **state)
{
    (void)state;
    struct arena a = {0};
    struct slack_message m = slack_notice(STR("Thanks & <bye>"), &a);
    assert_string_equal(m.text.p, "Thanks &amp; &lt;bye&gt;");
    check_limits(&m);
    arena_release(&a);
}

static void test_buttons_come_back(void **state)
{
    (void)state;
    struct arena a = {0};
    struct slack_button buttons[] = {
        {.kind = SLACK_BUTTON_ASK, .number = 3, .text = STR("How \"hot\"?")},
        {.kind = SLACK_BUTTON_HELPFUL, .of = STR("slack:T1:C1:17.1"), .intent = STR("heat")},
        {.kind = SLACK_BUTTON_UNHELPFUL, .of = STR("a\"b"), .intent = STR("")},
        {.kind = SLACK_BUTTON_SHARE, .of = STR("k"), .intent = STR("heat")},
    };
    for (size_t i = 0; i < sizeof buttons / sizeof *buttons; i++) {
        struct buf out;
        struct slack_button back;
        buf_init(&out, 4096);
        slack_button_write(&out, &buttons[i], STR("Label"), &a);
        cJSON *j = json_parse(buf_str(&out), NULL);
        assert_true(slack_button_read(json_str(j, "action_id"), json_str(j, "value"), &a, &back));
        assert_true(back.kind == buttons[i].kind && back.number == buttons[i].number);
        assert_true(str_eq(back.text, buttons[i].text) && str_eq(back.of, buttons[i].of));
        assert_true(str_eq(back.intent, buttons[i].intent));
        cJSON_Delete(j);
        buf_release(&out);
    }
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_markup),
        cmocka_unit_test(test_wide_table_is_a_list),
        cmocka_unit_test(test_an_answer),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_an_empty_reply_has_words),
        cmocka_unit_test(test_long_answers_are_split),
        cmocka_unit_test(test_notice),
        cmocka_unit_test(test_buttons_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
