#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/diag.h"

#include <string.h>

static struct source source_of(const char *text)
{
    return (struct source){STR("a.json"), str_of(text)};
}

/* A problem at the '#' of the text, as it is printed. */
static const struct {
    int line;
    const char *text, *printed;
} rows[] = {
    {__LINE__, "#", "a.json:1:1: error: wrong\n     1 | #\n       | ^\n"},
    {__LINE__, "one\ntwo #\nthree", "a.json:2:5: error: wrong\n     2 | two #\n       |     ^\n"},
    {__LINE__, "\xC3\xA9\xE6\x97\xA5 #", "a.json:1:4: error: wrong\n     1 | \xC3\xA9\xE6\x97\xA5 #\n       |     ^\n"},
    {__LINE__, "\t\033[2J#", "a.json:1:6: error: wrong\n     1 |   [2J#\n       |      ^\n"},
};

static void test_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct source source = source_of(rows[i].text);
        struct diags d = {0};
        struct buf out;
        buf_init(&out, 10000);
        diag_add(&d, DIAG_ERROR, "rule", &source, strcspn(rows[i].text, "#"), STR("wrong"), STR(""));
        diag_print(&out, &d.items[0], false);
        if (strcmp(out.p, rows[i].printed) != 0)
            fail_msg("line %d: got\n%s", rows[i].line, out.p);
        buf_release(&out);
        diags_release(&d);
    }
}

static void test_end_of_text(void **state)
{
    (void)state;
    struct source source = source_of("ab");
    struct diags d = {0};
    diag_add(&d, DIAG_ERROR, "rule", &source, 99, STR("more expected"), STR(""));
    assert_int_equal(d.items[0].line, 1);
    assert_int_equal(d.items[0].column, 3);
    diags_release(&d);
}

static void test_without_a_place(void **state)
{
    (void)state;
    struct source source = source_of("ab");
    struct diags d = {0};
    struct buf out;
    buf_init(&out, 1000);
    diag_addf(&d, DIAG_WARNING, "rule", &source, DIAG_WHOLE, "try this", "%d things", 2);
    diag_addf(&d, DIAG_ERROR, "rule", NULL, DIAG_WHOLE, NULL, "no file");
    diag_print(&out, &d.items[0], false);
    diag_print(&out, &d.items[1], false);
    assert_string_equal(out.p, "a.json: warning: 2 things\n   hint: try this\nerror: no file\n");
    assert_int_equal(d.errors, 1);
    assert_int_equal(d.warnings, 1);
    buf_release(&out);
    diags_release(&d);
}

static void test_a_long_line_is_cut_around_the_place(void **state)
{
    (void)state;
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[2000] = '#';
    text[sizeof text - 1] = '\0';
    struct source source = source_of(text);
    struct diags d = {0};
    struct buf out;
    buf_init(&out, 10000);
    diag_add(&d, DIAG_ERROR, "rule", &source, 2000, STR("wrong"), STR(""));
    diag_print(&out, &d.items[0], false);
    const char *line = strchr(out.p, '\n') + 1, *caret = strchr(line, '\n') + 1;
    assert_true(strlen(line) < 500);
    assert_int_equal(strchr(line, '#') - line, strchr(caret, '^') - caret);
    buf_release(&out);
    diags_release(&d);
}

static void test_colours(void **state)
{
    (void)state;
    struct source source = source_of("#");
    struct diags d = {0};
    struct buf out;
    buf_init(&out, 1000);
    diag_add(&d, DIAG_ERROR, "rule", &source, 0, STR("wrong"), STR(""));
    diag_print(&out, &d.items[0], true);
    assert_non_null(strstr(out.p, "\033[1;31merror:"));
    buf_release(&out);
    diags_release(&d);
}

static void test_sorted_by_file_then_place(void **state)
{
    (void)state;
    static const struct source b = {{"b", 1}, {"x\ny", 3}}, a = {{"a", 1}, {"x\ny", 3}};
    static const char *const order[] = {"4", "3", "2", "1"};
    struct diags d = {0};
    diag_addf(&d, DIAG_ERROR, "r", &b, 2, NULL, "1");
    diag_addf(&d, DIAG_ERROR, "r", &b, 0, NULL, "2");
    diag_addf(&d, DIAG_ERROR, "r", &a, 2, NULL, "3");
    diag_addf(&d, DIAG_ERROR, "r", NULL, DIAG_WHOLE, NULL, "4");
    diags_sort(&d);
    for (size_t i = 0; i < 4; i++)
        assert_true(str_is(d.items[i].message, order[i]));
    diags_release(&d);
    diags_sort(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),          cmocka_unit_test(test_end_of_text),
        cmocka_unit_test(test_without_a_place), cmocka_unit_test(test_a_long_line_is_cut_around_the_place),
        cmocka_unit_test(test_colours),         cmocka_unit_test(test_sorted_by_file_then_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
