#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/utf8.h"
#include "render/render.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#define TABLE "| Role | Median |\n|---|---|\n| coder | $48k |\n| biller | $42k |"

static struct part part_of(struct str text)
{
    return (struct part){.outcome = OUTCOME_ANSWER, .intent = STR("coding-salary"), .text = text, .score = 0.876};
}

static struct reply sample(void)
{
    struct reply r = {.outcome = OUTCOME_ANSWER, .n_parts = 1, .n_suggestions = 2};
    r.parts[0] = part_of(STR("Coders earn **more**."));
    r.parts[0].sources[0] = (struct source_ref){STR("s2"), STR("Salaries"), STR("careers")};
    r.parts[0].n_sources = 1;
    r.parts[0].slots[0] = (struct slot){.entity = STR("role"), .values = {STR("coder")}, .n = 1};
    r.parts[0].slots[1] = (struct slot){.entity = STR("year"), .values = {STR("1"), STR("2")}, .n = 2};
    r.parts[0].n_slots = 2;
    r.suggestions[0] = STR("medical coding");
    r.suggestions[1] = STR("medical billing");
    return r;
}

static struct reply sample_of_two(void)
{
    struct reply r = sample();
    r.parts[1] = r.parts[0];
    r.parts[1].intent = STR("outlook");
    r.parts[1].text = STR("It grows.");
    r.parts[1].sources[1] = (struct source_ref){STR("s3"), STR("Outlook"), STR("careers")};
    r.parts[1].n_sources = 2;
    r.parts[0].outcome = OUTCOME_DECLINE;
    r.n_parts = 2;
    return r;
}

static void assert_text(struct buf *got, const char *expected)
{
    buf_adds(got, "");
    assert_string_equal(got->p, expected);
    buf_release(got);
}

static const struct row {
    int line;
    size_t width;
    const char *text, *expected;
} rows[] = {
    {__LINE__, 0, "", ""},
    {__LINE__, 0, "so **much** more", "so much more"},
    {__LINE__, 0, "one\n\ntwo", "one\n\ntwo"},
    {__LINE__, 0, "- a\n- b", "- a\n- b"},
    {__LINE__, 12, "one two three four", "one two\nthree four"},
    {__LINE__, 4, "incomprehensible it", "incomprehensible\nit"},
    {__LINE__, 8, "- one two three", "- one\n  two\n  three"},
    {__LINE__, 5, "\u65e5\u672c \u8a9e", "\u65e5\u672c\n\u8a9e"},
    {__LINE__, 0, TABLE, "Role    Median\n------  ------\ncoder   $48k\nbiller  $42k"},
};

static void test_plain_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf got;
        buf_init(&got, RENDER_MAX);
        plain_text(&got, str_of(rows[i].text), rows[i].width);
        buf_adds(&got, "");
        if (strcmp(got.p, rows[i].expected) != 0)
            fail_msg("line %d: got\n%s\nexpected\n%s", rows[i].line, got.p, rows[i].expected);
        buf_release(&got);
    }
}

static void test_plain_reply(void **state)
{
    (void)state;
    struct reply r = sample();
    struct buf got;
    buf_init(&got, RENDER_MAX);
    plain_reply(&got, &r, 0);
    assert_text(&got, "Coders earn more.\n\nSource: Salaries\n\nYou could also ask:\n"
                      "  1. medical coding\n  2. medical billing\n");
}

static void test_sources_of_all_parts_once(void **state)
{
    (void)state;
    struct reply r = sample_of_two();
    r.choices = true;
    struct buf got;
    buf_init(&got, RENDER_MAX);
    plain_reply(&got, &r, 0);
    assert_text(&got, "Coders earn more.\n\nIt grows.\n\nSources: Salaries; Outlook\n\n"
                      "  1. medical coding\n  2. medical billing\n");
}

static void test_ansi_is_bold(void **state)
{
    (void)state;
    struct reply r = sample();
    r.parts[0].text = STR("**so**\n\n- a");
    struct buf got;
    buf_init(&got, RENDER_MAX);
    ansi_reply(&got, &r, 80);
    buf_adds(&got, "");
    assert_non_null(strstr(got.p, "\033[1mso\033[22m\n\n• a\n"));
    assert_non_null(strstr(got.p, "\033[2mSource: Salaries\033[22m\n"));
    buf_release(&got);
}

static void test_wide_table_becomes_blocks(void **state)
{
    (void)state;
    struct reply r = sample();
    r.parts[0].text = STR(TABLE);
    r.parts[0].n_sources = r.n_suggestions = 0;
    struct buf got;
    buf_init(&got, RENDER_MAX);
    plain_reply(&got, &r, 13);
    assert_text(&got, "coder\n  Median:\n    $48k\n\nbiller\n  Median:\n    $42k\n");
}

static void no_control(struct buf *got)
{
    struct str rest = buf_str(got);
    while (rest.n) {
        int32_t c = utf8_next(&rest);
        assert_true(c == '\n' || (c >= 0x20 && !(c >= 0x7F && c < 0xA0)));
    }
    buf_release(got);
}

static void test_control_characters(void **state)
{
    (void)state;
    struct str nasty = STR("a\x1B[2Jb\x7F\xC2\x9B"
                           "c\x9B\r\xFF\x01");
    struct reply r = sample();
    r.parts[0].text = r.suggestions[0] = r.parts[0].sources[0].heading = nasty;
    struct buf got;
    buf_init(&got, RENDER_MAX);
    plain_reply(&got, &r, 20);
    no_control(&got);
}

static void test_why_control_characters(void **state)
{
    (void)state;
    struct str nasty = STR("a\x1B[2Jb\xC2\x9B");
    struct correction correction = {nasty, nasty, "typing error"};
    struct trace t = {.corrections = &correction, .n_corrections = 1, .n_questions = 1};
    t.questions[0] = (struct question_trace){.normalised = nasty, .n_candidates = 1, .branch_file = nasty};
    t.questions[0].candidates[0] = (struct candidate){.intent = nasty, .pattern = nasty, .file = nasty};
    struct buf got;
    buf_init(&got, RENDER_MAX);
    why_text(&got, &t, false);
    no_control(&got);
}

/* Renders, parses again; free with cJSON_Delete. */
static cJSON *json_of(const struct reply *r, struct str conversation)
{
    struct buf got;
    buf_init(&got, RENDER_MAX);
    json_reply(&got, r, conversation);
    assert_true(utf8_valid(buf_str(&got)));
    assert_ptr_equal(memchr(got.p, '\n', got.n), got.p + got.n - 1);
    cJSON *root = cJSON_Parse(got.p);
    assert_non_null(root);
    buf_release(&got);
    return root;
}

static void assert_member(const cJSON *root, const char *key, const char *expected)
{
    char *text = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(root, key));
    assert_non_null(text);
    assert_string_equal(text, expected);
    cJSON_free(text);
}

static void test_json_members(void **state)
{
    (void)state;
    struct reply r = sample();
    cJSON *root = json_of(&r, (struct str){NULL, 0});
    assert_null(cJSON_GetObjectItem(root, "conversation"));
    assert_null(cJSON_GetObjectItem(root, "parts"));
    assert_null(cJSON_GetObjectItem(root, "why"));
    assert_member(root, "outcome", "\"answer\"");
    assert_member(root, "intent", "\"coding-salary\"");
    assert_member(root, "slots", "{\"role\":\"coder\",\"year\":[\"1\",\"2\"]}");
    assert_member(root, "sources", "[\"s2\"]");
    assert_member(root, "text", "\"Coders earn more.\"");
    assert_member(root, "suggestions", "[\"medical coding\",\"medical billing\"]");
    assert_member(root, "score", "0.88");
    cJSON_Delete(root);
}

static void test_json_of_two_parts(void **state)
{
    (void)state;
    struct reply r = sample_of_two();
    cJSON *root = json_of(&r, STR("c1"));
    assert_member(root, "conversation", "\"c1\"");
    assert_member(root, "intent", "\"outlook\"");
    assert_member(root, "sources", "[\"s2\",\"s3\"]");
    assert_member(root, "text", "\"Coders earn more.\\n\\nIt grows.\"");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(root, "parts")), 2);
    cJSON_Delete(root);
}

static void test_json_of_bad_bytes(void **state)
{
    (void)state;
    struct reply r = sample();
    r.parts[0].intent = r.suggestions[0] = STR("x\xFF\0\xC3");
    cJSON *root = json_of(&r, STR("a\xFF"
                                  "b\0\xED\xA0\x80"));
    assert_non_null(cJSON_GetObjectItem(root, "conversation"));
    cJSON_Delete(root);
}

static void test_json_why(void **state)
{
    (void)state;
    struct reply r = sample();
    struct correction correction = {STR("medcal"), STR("medical"), "typing error"};
    struct trace t = {.corrections = &correction, .n_corrections = 1, .n_questions = 1, .patterns_tried = 7};
    struct piece_trace pieces[] = {{STR("my state pay little"), false}, {STR("how much"), true}};
    t.pieces = pieces;
    t.n_pieces = 2;
    t.questions[0] =
        (struct question_trace){.normalised = STR("how much"), .n_candidates = 1, .n_slots = 1, .known = 1};
    t.questions[0].candidates[0] = (struct candidate){.intent = STR("pay"),
                                                      .score = 0.9,
                                                      .strength = 1.5,
                                                      .pattern_score = 0.4,
                                                      .learnt_score = 0.5,
                                                      .own = 1,
                                                      .start = 0.35};
    t.questions[0].slots[0] =
        (struct slot_trace){{STR("role"), {STR("coding")}, 1, false}, "named in the question", STR("coder")};
    r.why = &t;
    cJSON *root = json_of(&r, STR("c"));
    const cJSON *why = cJSON_GetObjectItem(root, "why");
    assert_member(why, "corrections", "[{\"from\":\"medcal\",\"to\":\"medical\",\"reason\":\"typing error\"}]");
    assert_member(why, "patterns_tried", "7");
    assert_member(why, "split",
                  "[{\"text\":\"my state pay little\",\"asked\":false},{\"text\":\"how much\",\"asked\":true}]");
    assert_member(
        cJSON_GetArrayItem(cJSON_GetObjectItem(why, "questions"), 0), "slots",
        "[{\"entity\":\"role\",\"values\":[\"coding\"],\"from\":\"named in the question\",\"words\":\"coder\"}]");
    assert_member(
        cJSON_GetArrayItem(cJSON_GetObjectItem(why, "questions"), 0), "candidates",
        "[{\"intent\":\"pay\",\"score\":0.9,\"strength\":1.5,\"pattern_score\":0.4,\"learnt_score\":0.5,\"own\":1,\"start\":0.35}]");
    cJSON_Delete(root);
}

static void test_why_text(void **state)
{
    (void)state;
    struct piece_trace pieces[] = {{STR("my state pay little"), false}, {STR("how much"), true}};
    struct trace t = {.pieces = pieces, .n_pieces = 2, .n_questions = 1, .patterns_tried = 7};
    t.questions[0] = (struct question_trace){.normalised = STR("how much"),
                                             .n_candidates = 2,
                                             .n_slots = 1,
                                             .decision = "the pattern speaks for it",
                                             .branch_file = STR("a.json"),
                                             .branch_line = 9};
    t.questions[0].slots[0] = (struct slot_trace){
        {STR("role"), {STR("coding"), STR("billing")}, 2, false}, "named in the question", STR("coder")};
    t.questions[0].candidates[0] = (struct candidate){.intent = STR("pay"),
                                                      .score = 0.9,
                                                      .strength = 1.5,
                                                      .pattern_score = 0.4,
                                                      .learnt_score = 0.5,
                                                      .own = 1,
                                                      .start = 0.35,
                                                      .pattern = STR("how much"),
                                                      .file = STR("a.json"),
                                                      .line = 3};
    t.questions[0].candidates[1] =
        (struct candidate){.intent = STR("cost"), .strength = -1, .lost = "no pattern matches"};
    struct buf got;
    buf_init(&got, RENDER_MAX);
    why_text(&got, &t, false);
    assert_string_equal(got.p, "  said   my state pay little\n"
                               "  asked  how much\n"
                               "\n"
                               "question  how much\n"
                               "  slot role = coding, billing  named in the question by 'coder'\n"
                               "           sure  strength  pattern  learnt   own  start\n"
                               "  > pay    0.90      1.50     0.40    0.50  1.00   0.35\n"
                               "      how much  a.json:3\n"
                               "    cost   0.00     -1.00     0.00    0.00  0.00   0.00  no pattern matches\n"
                               "decided   the pattern speaks for it\n"
                               "answer    a.json:9\n"
                               "7 patterns tried\n");
    buf_release(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_text),
        cmocka_unit_test(test_plain_reply),
        cmocka_unit_test(test_sources_of_all_parts_once),
        cmocka_unit_test(test_ansi_is_bold),
        cmocka_unit_test(test_wide_table_becomes_blocks),
        cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_why_control_characters),
        cmocka_unit_test(test_json_members),
        cmocka_unit_test(test_json_of_two_parts),
        cmocka_unit_test(test_json_of_bad_bytes),
        cmocka_unit_test(test_json_why),
        cmocka_unit_test(test_why_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
