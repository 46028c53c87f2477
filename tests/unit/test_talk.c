#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "cmd/report.h"
#include "cmd/reply.h"
#include "cmd/talk.h"
#include "packs.h"

#include <stdio.h>
#include <string.h>

/* A shop, and a talk that is read and played in it. */
struct stage {
    struct shop shop;
    struct arena arena;
    struct source source;
    struct talk_file file;
    struct diags diags;
    struct talk_run run;
};

static void open_stage(struct stage *s, const char *talk)
{
    *s = (struct stage){.source = {STR("shop.talk"), str_of(talk)}};
    shop_open(&s->shop, 0);
    assert_non_null(s->shop.docent);
    talk_parse(&s->source, s->shop.docent, &s->arena, &s->file, &s->diags);
}

static void play(struct stage *s, const char *filter)
{
    print_diags(&s->diags);
    assert_int_equal(s->diags.errors, 0);
    talk_play(&s->file, str_of(filter), s->shop.docent, &s->arena, &s->run);
}

static void close_stage(struct stage *s)
{
    talk_release(&s->file);
    diags_release(&s->diags);
    arena_release(&s->arena);
    shop_close(&s->shop);
}

static bool holds(struct str text, const char *part)
{
    return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

static void reads_questions_and_what_is_expected(void **state)
{
    (void)state;
    struct stage s;
    open_stage(
        &s,
        "# prices\r\n> deposit\r\n= answer rental intent=deposit\r\n~ 100\r\n! 200\r\n> and then\n\n\n  > hello\n= chat");
    assert_int_equal(s.diags.errors, 0);
    assert_int_equal(s.file.n_talks, 2);
    assert_int_equal(s.file.talks[0].n_turns, 2);
    const struct talk_turn *turn = &s.file.talks[0].turns[0];
    assert_true(str_is(turn->question, "deposit"));
    assert_int_equal(turn->line, 2);
    assert_int_equal(turn->n_terms, 3);
    assert_int_equal(turn->terms[0].kind, TERM_OUTCOME);
    assert_int_equal(turn->terms[1].kind, TERM_SOURCE);
    assert_int_equal(turn->terms[2].kind, TERM_INTENT);
    assert_int_equal(turn->n_said, 2);
    assert_false(turn->said[0].absent);
    assert_true(turn->said[1].absent);
    assert_int_equal(s.file.talks[1].turns[0].line, 9);
    close_stage(&s);
}

static void complains_with_the_place(void **state)
{
    (void)state;
    static const struct {
        const char *talk;
        size_t line, column;
        const char *rule;
    } rows[] = {
        {"> hello\nwhat is this\n", 2, 1, "talk-line"},
        {"> hello\n!~ price\n", 2, 1, "talk-line"},
        {"> hello\n=~ price\n", 2, 1, "talk-line"},
        {"= answer\n> hello\n", 1, 1, "talk-order"},
        {"> hello\n\n= chat\n", 3, 1, "talk-order"},
        {">\n= chat\n", 1, 2, "talk-empty"},
        {"> hello\n=\n", 2, 1, "talk-empty"},
        {"> hello\n~ \n", 2, 2, "talk-empty"},
        {"> hello\n~ a(b\n", 2, 6, "talk-pattern"},
        {"> hello\n= chat nowhere\n", 2, 8, "talk-section"},
        {"> hello\n= answer rental|nowhere\n", 2, 10, "talk-section"},
        {"> hello\n= rental answer\n", 2, 10, "talk-outcome"},
        {"> hello\n= answer intent=hourz\n", 2, 17, "talk-name"},
        {"> hello\n= answer intent=hours|ours\n", 2, 23, "talk-name"},
        {"> hello\n= answer bikes=city\n", 2, 10, "talk-name"},
        {"> hello\n= answer bike=city,citi\n", 2, 20, "talk-name"},
        {"{\n\"pack\": {\n\"name\": 1\n", 1, 1, "talk-line"}, /* no talk at all: said once */
        {"# nothing\n", 0, 0, "talk-empty"},
        {"", 0, 0, "talk-empty"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct stage s;
        open_stage(&s, rows[i].talk);
        if (s.diags.n != 1 || s.diags.items[0].line != rows[i].line || s.diags.items[0].column != rows[i].column ||
            strcmp(s.diags.items[0].rule, rows[i].rule) != 0 || !s.diags.items[0].hint.n) {
            print_diags(&s.diags);
            fail_msg("row %zu: '%s'", i, rows[i].talk);
        }
        close_stage(&s);
    }
}

/* --- playing ------------------------------------------------------------------------------------------------ */

static void each_expectation_holds_or_not(void **state)
{
    (void)state;
    static const struct {
        const char *talk;
        bool passed;
    } rows[] = {
        {"> How much is the deposit?\n", true},
        {"> How much is the deposit?\n= answer\n", true},
        {"> How much is the deposit?\n= chat\n", false},
        {"> How much is the deposit?\n= chat|answer\n", true},
        {"> How much is the deposit?\n= rental\n", true},
        {"> How much is the deposit?\n= repair\n", false},
        {"> How much is the deposit?\n= repair|rental\n", true},
        {"> How much is the deposit?\n= answer rental repair\n", false},
        {"> How much is the deposit?\n= answer\n= rental\n= intent=deposit\n", true},
        {"> How much is the deposit?\n= intent=hours\n", false},
        {"> How much is the deposit?\n= intent=hours|deposit\n", true},
        {"> How much is the deposit?\n~ \\$100\n", true},
        {"> How much is the deposit?\n~ \\$900\n", false},
        {"> How much is the deposit?\n! \\$100\n", false},
        {"> How much is the deposit?\n! \\$900\n", true},
        {"> How much is the deposit?\n~ DEPOSIT\n", true},
        {"> how much is it to rent a city bike for a day\n= bike=city term=day\n~ 18\n", true},
        {"> how much is it to rent a city bike for a day\n= bike=road\n", false},
        {"> how much is it to rent a city bike for a day\n= bike=city,road\n", false},
        {"> how much is it to rent a city bike for a day\n= bike=\n", false},
        {"> what does renting cost\n= bike=\n", true},
        {"> hello\n= chat\n", true},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct stage s;
        open_stage(&s, rows[i].talk);
        play(&s, "");
        assert_int_equal(s.run.n, 1);
        if (s.run.results[0].passed != rows[i].passed || s.run.passed != (size_t)rows[i].passed)
            fail_msg("row %zu: '%s' %.*s", i, rows[i].talk, STR_FMT(s.run.results[0].came));
        close_stage(&s);
    }
}

static void a_failure_tells_what_was_expected_and_what_came(void **state)
{
    (void)state;
    struct stage s;
    open_stage(&s, "> hello\n= chat\n\n> How much is the deposit?\n= answer repair\n~ 100\n~ 900\n");
    play(&s, "");
    assert_int_equal(s.run.passed, 1);
    assert_int_equal(s.run.failed, 1);
    const struct talk_result *r = &s.run.results[1];
    assert_true(str_is(r->where, "shop.talk:4"));
    assert_true(str_is(r->expected, "repair, text /900/"));
    assert_true(str_is(r->came, "answer, intent deposit, sources rental"));
    assert_true(holds(r->text, "The deposit is $100."));
    assert_true(holds(r->why, "pattern \"deposit\" of deposit ("));
    assert_true(holds(r->why, ".json:"));
    close_stage(&s);
}

static void a_conversation_remembers_and_a_blank_line_forgets(void **state)
{
    (void)state;
    struct stage s;
    open_stage(
        &s, "> how much is it to rent a city bike for a day\n= bike=city\n> and the road bike?\n= bike=road\n~ 35\n\n"
            "> and the road bike?\n! 35 a day\n");
    play(&s, "");
    assert_int_equal(s.run.n, 3);
    assert_int_equal(s.run.failed, 0);
    close_stage(&s);
}

static void the_filter_looks_at_the_file_and_the_first_question(void **state)
{
    (void)state;
    static const struct {
        const char *filter;
        size_t n;
    } rows[] = {{"", 3}, {"DEPOSIT", 1}, {"hello", 2}, {"thanks", 0}, {"shop.t", 3}, {"no such", 0}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct stage s;
        open_stage(&s, "> deposit\n\n> hello\n> thanks\n");
        play(&s, rows[i].filter);
        if (s.run.n != rows[i].n)
            fail_msg("row %zu: %zu turns", i, s.run.n);
        close_stage(&s);
    }
}

/* --- blessing and recording --------------------------------------------------------------------------------- */

static void blessing_changes_only_what_failed(void **state)
{
    (void)state;
    struct stage s;
    open_stage(
        &s,
        "# kept\r\n> deposit\r\n= answer repair intent=stock\r\n# also kept\r\n= hours\r\n~ 900\r\n\r\n> hello\n=   chat\n");
    play(&s, "");
    size_t blessed = 0;
    struct str text = talk_bless(&s.file, &s.run, &s.arena, &blessed);
    assert_int_equal(blessed, 1);
    assert_string_equal(
        text.p,
        "# kept\r\n> deposit\r\n= answer rental intent=deposit\r\n# also kept\r\n~ 900\r\n\r\n> hello\n=   chat\n");
    close_stage(&s);
}

static void blessing_cannot_mend_a_pattern(void **state)
{
    (void)state;
    struct stage s;
    static const char talk[] = "> deposit\n= answer\n~ 900";
    open_stage(&s, talk);
    play(&s, "");
    size_t blessed = 7;
    struct str text = talk_bless(&s.file, &s.run, &s.arena, &blessed);
    assert_int_equal(blessed, 0);
    assert_string_equal(text.p, talk);
    close_stage(&s);
}

static void what_is_recorded_passes(void **state)
{
    (void)state;
    struct stage s;
    struct buf out;
    open_stage(&s, "> hello\n");
    buf_init(&out, 10000);
    talk_record(
        &out,
        STR("# questions\nhow much is it to rent a city bike for a day\n  and the road bike?\n\nhello\nwho won the cup"),
        s.shop.docent);
    assert_true(str_starts(
        buf_str(&out),
        STR("> how much is it to rent a city bike for a day\n= answer rental intent=rental-price bike=city term=day\n"
            "> and the road bike?\n= answer rental")));
    assert_true(holds(buf_str(&out), "\n\n> hello\n= chat"));
    struct stage again;
    open_stage(&again, out.p);
    play(&again, "");
    assert_int_equal(again.run.n, 4);
    assert_int_equal(again.run.failed, 0);
    close_stage(&again);
    buf_release(&out);
    close_stage(&s);
}

/* --- reports ------------------------------------------------------------------------------------------------ */

static void reports_escape_what_would_break_them(void **state)
{
    (void)state;
    struct stage s;
    struct buf out;
    open_stage(&s, "> deposit # SKIP <&\" \x01\xff\n= answer\n~ 900\n");
    play(&s, "");
    buf_init(&out, 100000);
    report_tap(&out, &s.run);
    assert_true(str_starts(buf_str(&out), STR("TAP version 13\n1..1\nnot ok 1 - shop.talk:1 deposit \\# SKIP")));
    assert_true(holds(buf_str(&out), "\n  ---\n  expected: \""));
    buf_clear(&out);
    report_junit(&out, &s.run);
    assert_true(holds(buf_str(&out), "tests=\"1\" failures=\"1\""));
    assert_true(holds(buf_str(&out), "deposit # SKIP &lt;&amp;&quot; \xEF\xBF\xBD\xEF\xBF\xBD\""));
    buf_clear(&out);
    report_text(&out, &s.run, false);
    assert_false(holds(buf_str(&out), "\x01"));
    buf_release(&out);
    close_stage(&s);
}

static void what_passes_is_told_only_when_asked(void **state)
{
    (void)state;
    struct stage s;
    struct buf out;
    open_stage(&s, "> hello\n= chat\n");
    play(&s, "");
    buf_init(&out, 1000);
    report_text(&out, &s.run, false);
    assert_int_equal(out.n, 0);
    report_text(&out, &s.run, true);
    assert_string_equal(out.p, "ok shop.talk:1: > hello\n");
    buf_release(&out);
    close_stage(&s);
}

static void a_beginning_is_one_line_cut_at_a_character(void **state)
{
    (void)state;
    struct arena a = {0};
    assert_string_equal(text_beginning(STR("  a\n\n b\tc "), 99, &a).p, "a b c ");
    assert_string_equal(text_beginning(STR("aé"), 2, &a).p, "a…");
    assert_string_equal(text_beginning(STR(""), 2, &a).p, "");
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_questions_and_what_is_expected),
        cmocka_unit_test(complains_with_the_place),
        cmocka_unit_test(each_expectation_holds_or_not),
        cmocka_unit_test(a_failure_tells_what_was_expected_and_what_came),
        cmocka_unit_test(a_conversation_remembers_and_a_blank_line_forgets),
        cmocka_unit_test(the_filter_looks_at_the_file_and_the_first_question),
        cmocka_unit_test(blessing_changes_only_what_failed),
        cmocka_unit_test(blessing_cannot_mend_a_pattern),
        cmocka_unit_test(what_is_recorded_passes),
        cmocka_unit_test(reports_escape_what_would_break_them),
        cmocka_unit_test(what_passes_is_told_only_when_asked),
        cmocka_unit_test(a_beginning_is_one_line_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
