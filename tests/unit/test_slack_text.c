#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/slack_text.h"

#define OWN STR("U0DOCENT1")

static const struct {
    int line;
    const char *text, *plain;
} rows[] = {
    {__LINE__, "", ""},
    {__LINE__, "when are you open?", "when are you open?"},
    {__LINE__, "<@U0DOCENT1> when are you open?", "when are you open?"},
    {__LINE__, "<@U0DOCENT1|docent> hi", "hi"},
    {__LINE__, "when, <@U0DOCENT1>, are <@U0DOCENT1> you open", "when, , are you open"},
    {__LINE__, "<@U0DOCENT1>", ""},
    {__LINE__, "ask <@U0DOCENT12|bob> or <@W77>", "ask @bob or"},
    {__LINE__, "ask <@U7|@bob>", "ask @bob"},
    {__LINE__, "in <#C1|faq> and <#C2|>", "in #faq and"},
    {__LINE__, "<!here> <!channel> <!everyone> hey", "hey"},
    {__LINE__, "<!subteam^S1|@coders> at <!date^1767225600^{date}|1 Jan 2026>", "@coders at 1 Jan 2026"},
    {__LINE__, "see <https://x.example/a?b=1&amp;c=2>", "see https://x.example/a?b=1&c=2"},
    {__LINE__, "see <https://x.example|the &lt;page&gt;>", "see the <page>"},
    {__LINE__, "<mailto:a@b.example|a@b.example>", "a@b.example"},
    {__LINE__, "a &amp; b &lt; c &gt; d", "a & b < c > d"},
    {__LINE__, "&amp;lt;b&amp;gt; &quot; &amp", "&lt;b&gt; &quot; &amp"},
    {__LINE__, "&lt;@U0DOCENT1&gt; is no mention", "<@U0DOCENT1> is no mention"},
    {__LINE__, "*bold* _italic_ ~gone~ `code`", "bold italic gone code"},
    {__LINE__, "how much does *_billing_* pay?", "how much does billing pay?"},
    {__LINE__, "snake_case_name and 2*3*4 stay", "snake_case_name and 2*3*4 stay"},
    {__LINE__, "caf\xC3\xA9_ole _\xC3\xBC_", "caf\xC3\xA9_ole \xC3\xBC"},
    {__LINE__, " \t two\n\nlines \r\n", "two lines"},
    {__LINE__, "<never closed", "<never closed"},
    {__LINE__, "a > b", "a > b"},
    {__LINE__, "<>", ""},
    {__LINE__, "<|>x", "x"},
    {__LINE__, "```\nblock\n```", "block"},
};

static void test_plain(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str plain = slack_plain(str_of(rows[i].text), OWN, &a);
        if (!str_is(plain, rows[i].plain))
            fail_msg("line %d: '%.*s'", rows[i].line, STR_FMT(plain));
    }
    arena_release(&a);
}

static void test_bytes_that_are_no_text(void **state)
{
    (void)state;
    struct arena a = {0};
    assert_int_equal(slack_plain((struct str){NULL, 0}, OWN, &a).n, 0);
    assert_true(str_eq(slack_plain(STR("a\0b\xFF<\0>"), OWN, &a), STR("a\0b\xFF\0")));
    arena_release(&a);
}

static void test_names(void **state)
{
    (void)state;
    assert_true(slack_names(STR("<@U0DOCENT1>"), OWN));
    assert_true(slack_names(STR("hey <@U0DOCENT1|docent>!"), OWN));
    assert_true(slack_names(STR("<@U0DOCENT12> <@U0DOCENT1> "), OWN));
    assert_false(slack_names(STR("<@U0DOCENT12>"), OWN));
    assert_false(slack_names(STR("@U0DOCENT1 U0DOCENT1 &lt;@U0DOCENT1&gt;"), OWN));
    assert_false(slack_names(STR("<@U0DOCENT1"), OWN));
    assert_false(slack_names(STR("<@>"), STR("")));
    assert_false(slack_names(STR(""), OWN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
