#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/regex.h"

#include <stdio.h>
#include <string.h>

static bool finds(const char *pattern, struct str text)
{
    struct regex_fault fault;
    struct regex *r = regex_new(str_of(pattern), &fault);
    assert_non_null(r);
    bool found = regex_find(r, text);
    regex_free(r);
    return found;
}

static void searches_anywhere_whatever_the_case(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool found;
    } rows[] = {
        {"42,?000", "from $42,000 on", true},
        {"42,?000", "from $42000 on", true},
        {"42,?000", "from $43,000 on", false},
        {"icd-10", "the ICD-10-CM codes", true},
        {"^codes", "the codes", false},
        {"", "anything", true},
        {"", "", true},
        {"x", "", false},
        {"É", "café", true},
        {"caf.$", "café", true},
        {"\\bcode\\b", "codes", false},
        {"a|b", "cab", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (finds(rows[i].pattern, str_of(rows[i].text)) != rows[i].found)
            fail_msg("row %zu: /%s/ in '%s'", i, rows[i].pattern, rows[i].text);
}

static void tells_where_a_pattern_breaks(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        size_t offset;
    } rows[] = {{"a(b", 3}, {"a[b", 3}, {"*", 0}, {"a\xff", 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct regex_fault fault = {.offset = 99};
        assert_null(regex_new(str_of(rows[i].pattern), &fault));
        assert_true(strlen(fault.message) > 0);
        if (fault.offset > strlen(rows[i].pattern))
            fail_msg("row %zu: offset %zu is outside the pattern", i, fault.offset);
    }
}

static void refuses_a_pattern_without_end(void **state)
{
    (void)state;
    static char many[REGEX_PATTERN_MAX + 1];
    struct regex_fault fault;
    memset(many, 'a', sizeof many);
    assert_null(regex_new((struct str){many, sizeof many}, &fault));
    assert_non_null(strstr(fault.message, "longer"));
}

static void a_search_made_to_be_slow_ends(void **state)
{
    (void)state;
    char text[200];
    memset(text, 'a', sizeof text);
    assert_false(finds("(a+)+(a+)+(a+)+b$", (struct str){text, sizeof text}));
}

static void broken_text_holds_nothing(void **state)
{
    (void)state;
    assert_false(finds("a", STR("a\xff")));
    assert_true(finds("b", (struct str){"a\0b", 3}));
}

static void nothing_can_be_freed(void **state)
{
    (void)state;
    regex_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(searches_anywhere_whatever_the_case), cmocka_unit_test(tells_where_a_pattern_breaks),
        cmocka_unit_test(refuses_a_pattern_without_end),       cmocka_unit_test(a_search_made_to_be_slow_ends),
        cmocka_unit_test(broken_text_holds_nothing),           cmocka_unit_test(nothing_can_be_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
