#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/coverage.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const char pack_text[] =
    "{\"pack\": {\"name\": \"zoo\", \"title\": \"The zoo\", \"version\": \"1\", \"messages\": {\"decline\": \"No.\"}},\n"
    "\"sections\": [{\"id\": \"feeding\", \"heading\": \"Feeding\"}, {\"id\": \"tickets\", \"heading\": \"Tickets\"}],\n"
    "\"facts\": {\"feeding\": {\"seal\": \"at noon\", \"lion\": \"at five\"}, \"tickets\": {\"price\": \"12 euros\"}},\n"
    "\"entities\": {\"animal\": {\"values\": {\"seal\": {\"label\": \"seals\", \"phrases\": [\"seal\"]},\n"
    "  \"lion\": {\"label\": \"lions\", \"phrases\": [\"lion\", \"lioness\"]}}}},\n"
    "\"intents\": [\n"
    " {\"id\": \"feed\", \"title\": \"Feeding\", \"slots\": [\"animal\"],\n"
    "  \"patterns\": [\"(when|at (which|what) hour) ... <animal> (fed|eat lunch)? & !(visitor|guest)\",\n"
    "                 \"feeding time|mealtime\"],\n"
    "  \"after\": [{\"intents\": [\"ticket\"], \"patterns\": [\"^and lunch$\"]}],\n"
    "  \"examples\": [\"When are the lions fed?\", \"feeding time\"],\n"
    "  \"answers\": [{\"when\": {\"animal\": \"*\"}, \"text\": \"{animal.label}: {feeding.<animal>}\"},\n"
    "   {\"text\": \"Seals {feeding.seal}, lions {feeding.lion}.\"}]},\n"
    " {\"id\": \"ticket\", \"title\": \"Tickets\", \"patterns\": [\"(price|cost) & ticket\"],\n"
    "  \"examples\": [\"What is the price of a ticket?\"],\n"
    "  \"answers\": [{\"text\": \"A ticket is {tickets.price}.\"}]}\n"
    "]}\n";

static struct docent *zoo;

static int open_zoo(void **state)
{
    (void)state;
    static struct source file;
    static struct pack_files pack;
    struct diags diags = {0};
    file = (struct source){STR("zoo/zoo.json"), str_of(pack_text)};
    pack = (struct pack_files){STR("zoo"), &file, 1};
    zoo = docent_open(&pack, 1, STR(""), &diags);
    diags_release(&diags);
    return zoo ? 0 : -1;
}

static int close_zoo(void **state)
{
    (void)state;
    docent_free(zoo);
    return 0;
}

static void ask(struct coverage *c, struct dialog *dialog, const char *text)
{
    struct arena a = {0};
    docent_ask_covering(zoo, dialog, str_of(text), &a, c);
    arena_release(&a);
}

static const struct row {
    const char *asked[3]; /* one conversation */
    struct coverage_count counts[COVER_KINDS];
} rows[] = {
    {{NULL}, {{0, 2}, {0, 2}, {0, 4}, {0, 10}, {0, 3}, {0, 3}}},
    {{"who won the world cup"}, {{0, 2}, {0, 2}, {0, 4}, {0, 10}, {0, 3}, {0, 3}}},
    {{"when is the lion fed"}, {{1, 2}, {1, 2}, {1, 4}, {2, 10}, {1, 3}, {1, 3}}},
    /* of a group in a group, both alternatives; an optional group is an alternative to nothing */
    {{"at what hour is the seal fed"}, {{1, 2}, {1, 2}, {1, 4}, {3, 10}, {1, 3}, {1, 3}}},
    {{"when does the seal eat lunch"}, {{1, 2}, {1, 2}, {1, 4}, {2, 10}, {1, 3}, {1, 3}}},
    {{"mealtime"}, {{1, 2}, {1, 2}, {1, 4}, {1, 10}, {1, 3}, {2, 3}}},
    {{"cost of a ticket", "and lunch?"}, {{2, 2}, {2, 2}, {2, 4}, {1, 10}, {2, 3}, {3, 3}}},
};

static void test_rows(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct coverage *c = coverage_new(zoo);
        struct dialog dialog = {0};
        for (size_t k = 0; k < COUNT(rows[i].asked) && rows[i].asked[k]; k++)
            ask(c, &dialog, rows[i].asked[k]);
        for (size_t k = 0; k < COVER_KINDS; k++) {
            struct coverage_count n = coverage_count(c, (enum coverage_kind)k), wanted = rows[i].counts[k];
            if (n.touched == wanted.touched && n.total == wanted.total)
                continue;
            print_error("row %zu: %s %zu of %zu, expected %zu of %zu\n", i, coverage_kind_name((enum coverage_kind)k),
                        n.touched, n.total, wanted.touched, wanted.total);
            failed++;
        }
        coverage_free(c);
    }
    assert_int_equal(failed, 0);
}

static void test_examples(void **state)
{
    (void)state;
    struct coverage *c = coverage_new(zoo);
    coverage_ask_examples(c);
    assert_int_equal(coverage_count(c, COVER_INTENTS).touched, 2);
    assert_int_equal(coverage_count(c, COVER_PATTERNS).touched, 3); /* all but the one that follows a ticket */
    assert_int_equal(coverage_count(c, COVER_ANSWERS).touched, 3);
    coverage_free(c);
}

static void test_untouched(void **state)
{
    (void)state;
    struct arena a = {0};
    struct untouched *items;
    struct coverage *c = coverage_new(zoo);
    coverage_ask_examples(c);
    assert_int_equal(coverage_untouched(c, COVER_PATTERNS, &a, &items), 1);
    assert_true(str_is(items[0].file, "zoo/zoo.json"));
    assert_int_equal(items[0].line, 10);
    assert_true(str_is(items[0].what, "pattern \"^and lunch$\""));
    assert_int_equal(coverage_untouched(c, COVER_ANSWERS, &a, &items), 0);
    size_t n = coverage_untouched(c, COVER_ALTERNATIVES, &a, &items), at = 0;
    while (at < n && !strstr(arena_str(&a, items[at].what).p, "alternative 'eat lunch' of pattern \"(when|"))
        at++;
    assert_true(at < n);
    assert_int_equal(items[at].line, 8);
    coverage_free(c);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_untouched),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, open_zoo, close_zoo);
}
