#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/discord_text.h"

#include <stdio.h>

static const struct {
    int line;
    const char *content, *plain;
} rows[] = {
    {__LINE__, "<@1100000000000000002> when are you open?", "when are you open?"},
    {__LINE__, "<@!1100000000000000002> when?", "when?"},
    {__LINE__, "when <@&12> or <#34> or </ask:56>?", "when   or   or  ?"},
    {__LINE__, "pay <:coin:12> <a:dance:34> now", "pay     now"},
    {__LINE__, "at <t:1767225600> <t:-5:R> <t:1767225600:F>", "at"},
    {__LINE__, "see <id:customize>", "see"},
    {__LINE__, "**how** much __do__ *coders* _earn_?", "how much do coders earn?"},
    {__LINE__, "~~never~~ ||secret|| `code`", "never secret code"},
    {__LINE__, "2*3 and snake_case stay", "2*3 and snake_case stay"},
    {__LINE__, "> quoted\n# heading\n-# small\n>>> rest", "quoted\nheading\nsmall\nrest"},
    {__LINE__, "C# and a > b and a-#b", "C# and a > b and a-#b"},
    {__LINE__, "\\*not bold\\* \\\\", "*not bold* \\"},
    {__LINE__, "back\\slash \\", "back\\slash \\"},
    {__LINE__, "<@> <@12 <@x12> <:x> <t:> <t:x> <id:> < @12>", "<@> <@12 <@x12> <:x> <t:> <t:x> <id:> < @12>"},
    {__LINE__, "a < b > c <https://example.org/a_b>", "a < b > c <https://example.org/a_b>"},
    {__LINE__, "caf\xC3\xA9_\xC3\xA9t\xC3\xA9", "caf\xC3\xA9_\xC3\xA9t\xC3\xA9"},
    {__LINE__, "<@1100000000000000002>", ""},
    {__LINE__, "", ""},
    {__LINE__, "<", "<"},
    {__LINE__, "\xFF\xFE<@1>\xC3", "\xFF\xFE \xC3"},
};

static void test_rows(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str plain = discord_plain(str_of(rows[i].content), &a);
        if (!str_is(plain, rows[i].plain))
            fail_msg("line %d: '%.*s'", rows[i].line, STR_FMT(plain));
    }
    arena_release(&a);
}

/* Every cut of a text with all kinds of tokens is read without reading past its end. */
static void test_cut_anywhere(void **state)
{
    (void)state;
    struct arena a = {0};
    struct str whole = STR("<@!12><@&3></ask me:4><a:b:5><t:-6:R><id:x>~~||**\\*> x");
    for (size_t n = 0; n <= whole.n; n++) {
        struct str cut = arena_str(&a, str_sub(whole, 0, n)); /* of its own, so that a sanitizer sees its end */
        assert_true(discord_plain(cut, &a).n <= n);
    }
    arena_release(&a);
}

static void test_nothing_given(void **state)
{
    (void)state;
    struct arena a = {0};
    assert_int_equal(discord_plain((struct str){NULL, 0}, &a).n, 0);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_nothing_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
