#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/json.h"
#include "packs.h"
#include "render/discord.h"
#include "render/discord_button.h"
#include "render/pieces.h"

#include <stdio.h>
#include <string.h>

static const struct {
    int line;
    bool line_start;
    const char *text, *escaped;
} escapes[] = {
    {__LINE__, true, "plain words, 42,000 to 50,000.", "plain words, 42,000 to 50,000."},
    {__LINE__, true, "*a* _b_ ~c~ |d| `e` \\", "\\*a\\* \\_b\\_ \\~c\\~ \\|d\\| \\`e\\` \\\\"},
    {__LINE__, true, "# no heading", "\\# no heading"},
    {__LINE__, true, "- no list", "\\- no list"},
    {__LINE__, true, "-# not small", "\\-# not small"},
    {__LINE__, true, "> no quote", "\\> no quote"},
    {__LINE__, true, "1. no list", "1\\. no list"},
    {__LINE__, true, "  # no heading", "\\# no heading"},
    {__LINE__, true, "2026 was a year.", "2026 was a year."},
    {__LINE__, false, "# a - b > c 1. d", "# a - b > c 1. d"},
    {__LINE__, true, "[text](https://a.example/b_c)", "\\[text](https://a.example/b_c)"},
    {__LINE__, true, "https://a.example/*b*_c_ *d*", "https://a.example/*b*_c_ \\*d\\*"},
    {__LINE__, true, "<https://a.example/b_c>", "<https://a.example/b_c>"},
    {__LINE__, true, "<@12> <#3> <:x:4>", "<\xE2\x80\x8B@12> <\xE2\x80\x8B#3> <\xE2\x80\x8B:x:4>"},
    {__LINE__, true, "@everyone @here @ada",
     "@\xE2\x80\x8B"
     "everyone @\xE2\x80\x8Bhere @ada"},
    {__LINE__, true, "a < b", "a < b"},
    {__LINE__, true, "one\ntwo\x1b[1m", "one two\xEF\xBF\xBD\\[1m"},
    {__LINE__, true, "", ""},
};

static void test_escapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        struct buf out;
        buf_init(&out, 1000);
        discord_escape(&out, str_of(escapes[i].text), escapes[i].line_start);
        if (!str_is(buf_str(&out), escapes[i].escaped))
            fail_msg("line %d: '%.*s'", escapes[i].line, STR_FMT(buf_str(&out)));
        buf_release(&out);
    }
}

static struct reply answer(const char *text)
{
    struct reply r = {.outcome = OUTCOME_ANSWER, .n_parts = 1};
    r.parts[0] = (struct part){.outcome = OUTCOME_ANSWER, .intent = STR("salary"), .text = str_of(text)};
    return r;
}

static const struct discord_look look = {.of = {"m9", 2}};

static const struct {
    int line;
    const char *text, *content;
} texts[] = {
    {__LINE__, "Coders earn **more** than *that*.", "Coders earn **more** than \\*that\\*."},
    {__LINE__, "one\n\ntwo", "one\n\ntwo"},
    {__LINE__, "These are:\n\n- a\n- b_c\n- 1. d", "These are:\n- a\n- b\\_c\n- 1\\. d"},
    {__LINE__, "| Role | Median |\n|---|---|\n| `coder` | $48k |",
     "```\nRole     Median\n-------  ------\n\xCB\x8B"
     "coder\xCB\x8B  $48k\n```"},
    {__LINE__,
     "before\n\n| A | B |\n|---|---|\n| x | a text that is so long that no code block on a telephone has room for it |",
     "before\n\n**x**\n- B: a text that is so long that no code block on a telephone has room for it"},
    {__LINE__, "", "\xE2\x80\xA6"},
};

static void test_texts(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct reply r = answer(texts[i].text);
        struct discord_piece out[DISCORD_PIECES_MAX];
        size_t n = discord_render(&r, &look, &a, out);
        if (n != 1 || !str_is(out[0].content, texts[i].content))
            fail_msg("line %d: '%.*s'", texts[i].line, STR_FMT(out[0].content));
    }
    arena_release(&a);
}

static void test_source(void **state)
{
    (void)state;
    struct arena a = {0};
    struct discord_piece out[DISCORD_PIECES_MAX];
    struct reply r = answer("It grows.");
    r.parts[0].sources[0] = (struct source_ref){STR("s1"), STR("Job *outlook*"), STR("p")};
    r.parts[0].sources[1] = (struct source_ref){STR("s2"), STR("Pay"), STR("p")};
    r.parts[0].n_sources = 2;
    assert_int_equal(discord_render(&r, &look, &a, out), 1);
    assert_true(str_is(out[0].content, "It grows.\n\n-# Sources: Job \\*outlook\\*; Pay"));
    arena_release(&a);
}

/* A question that stands nowhere else to be read is said again, on one line. */
static void test_quote(void **state)
{
    (void)state;
    struct arena a = {0};
    struct discord_piece out[DISCORD_PIECES_MAX];
    struct reply r = answer("It grows.");
    discord_render(&r, &(struct discord_look){.of = STR("i1"), .quote = STR("does it\n# *grow*?")}, &a, out);
    assert_true(str_is(out[0].content, "> does it # \\*grow\\*?\nIt grows."));
    arena_release(&a);
}

/* --- buttons ------------------------------------------------------------------------------------------------ */

static const cJSON *button_at(const cJSON *rows, int row, int i)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItem(cJSON_GetArrayItem(rows, row), "components"), i);
}

static void check_buttons(const cJSON *rows)
{
    assert_true(cJSON_GetArraySize(rows) <= 5);
    for (int row = 0; row < cJSON_GetArraySize(rows); row++) {
        const cJSON *b, *list = cJSON_GetObjectItem(cJSON_GetArrayItem(rows, row), "components");
        assert_in_range(cJSON_GetArraySize(list), 1, 5);
        cJSON_ArrayForEach(b, list) {
            struct discord_button read;
            assert_in_range(pieces_units(json_str(b, "label")), 1, 80);
            assert_in_range(json_str(b, "custom_id").n, 1, 100);
            assert_true(discord_button_read(json_str(b, "custom_id"), &read));
        }
    }
}

static void test_buttons(void **state)
{
    (void)state;
    struct arena a = {0};
    struct discord_piece out[DISCORD_PIECES_MAX];
    struct reply r = answer("It grows.");
    r.suggestions[0] = STR("Is it \"hard\"?");
    r.suggestions[1] =
        STR("A question that is so long that it neither fits onto a button nor into what a button holds, but "
            "somebody wrote it all the same, did they not?");
    r.n_suggestions = 2;
    discord_render(&r, &(struct discord_look){.of = STR("i12"), .share = true}, &a, out);
    cJSON *rows = json_parse(out[0].components, NULL);
    check_buttons(rows);
    assert_int_equal(cJSON_GetArraySize(rows), 2);
    assert_true(str_is(json_str(button_at(rows, 0, 0), "label"), "Is it \"hard\"?"));
    assert_true(str_starts(json_str(button_at(rows, 0, 1), "custom_id"), STR("d1:h:")));
    assert_true(str_is(json_str(button_at(rows, 1, 0), "custom_id"), "d1:up:i12:salary"));
    assert_true(str_is(json_str(button_at(rows, 1, 1), "custom_id"), "d1:no:i12:salary"));
    assert_true(str_is(json_str(button_at(rows, 1, 2), "custom_id"), "d1:sh:i12"));
    cJSON_Delete(rows);
    arena_release(&a);
}

/* Whether a decline or a greeting helped is not asked; a choice stands out. */
static void test_buttons_by_outcome(void **state)
{
    (void)state;
    struct arena a = {0};
    struct discord_piece out[DISCORD_PIECES_MAX];
    struct reply r = answer("Which one?");
    r.outcome = r.parts[0].outcome = OUTCOME_CLARIFY;
    r.choices = true;
    r.suggestions[0] = STR("coding");
    r.n_suggestions = 1;
    discord_render(&r, &look, &a, out);
    cJSON *rows = json_parse(out[0].components, NULL);
    assert_int_equal(cJSON_GetArraySize(rows), 1);
    assert_int_equal(cJSON_GetObjectItem(button_at(rows, 0, 0), "style")->valuedouble, 1);
    cJSON_Delete(rows);
    r.n_suggestions = 0;
    discord_render(&r, &look, &a, out);
    assert_int_equal(out[0].components.n, 0);
    r.outcome = OUTCOME_ANSWER;
    discord_render(&r, &(struct discord_look){.bare = true}, &a, out);
    assert_int_equal(out[0].components.n, 0);
    arena_release(&a);
}

/* --- length ------------------------------------------------------------------------------------------------- */

static void test_long_answers(void **state)
{
    (void)state;
    struct arena a = {0};
    struct buf text;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 60; i++)
        buf_addf(
            &text,
            "Paragraph %d tells a lot about *this* and that, and \xF0\x9F\x98\x80 shows that units are counted.\n\n",
            i);
    struct reply r = answer(text.p);
    struct discord_piece out[DISCORD_PIECES_MAX];
    size_t n = discord_render(&r, &look, &a, out);
    assert_in_range(n, 3, DISCORD_PIECES_MAX);
    for (size_t i = 0; i < n; i++) {
        assert_in_range(pieces_units(out[i].content), 1, DISCORD_CONTENT_MAX);
        assert_true(str_starts(out[i].content, STR("Paragraph ")));
        assert_true((out[i].components.n > 0) == (i + 1 == n));
    }
    buf_release(&text);
    arena_release(&a);
}

static void test_topics(void **state)
{
    (void)state;
    struct arena a = {0};
    struct shop shop;
    struct discord_piece out[DISCORD_PIECES_MAX];
    shop_open(&shop, 0);
    size_t n = discord_render_topics(shop.docent, &a, out);
    assert_int_equal(n, 1);
    assert_non_null(
        strstr(out[0].content.p, "**Bikes to rent**\n- How much is the deposit?\n- How much is it to rent a "));
    assert_non_null(strstr(out[0].content.p, "\n\n**More**\n- What does it cost to repair a tyre?"));
    shop_close(&shop);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes),      cmocka_unit_test(test_texts),   cmocka_unit_test(test_source),
        cmocka_unit_test(test_quote),        cmocka_unit_test(test_buttons), cmocka_unit_test(test_buttons_by_outcome),
        cmocka_unit_test(test_long_answers), cmocka_unit_test(test_topics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
