#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/str.h"

#include <string.h>

static const struct str none = {NULL, 0};

static void test_of(void **state)
{
    (void)state;
    assert_int_equal(str_of(NULL).n, 0);
    assert_int_equal(str_of("").n, 0);
    assert_int_equal(str_of("abc").n, 3);
    assert_int_equal(STR("a\0b").n, 3);
}

static void test_sub(void **state)
{
    (void)state;
    static const struct {
        size_t from, to;
        const char *expected;
    } rows[] = {
        {0, 3, "abc"}, {1, 2, "b"}, {1, 99, "bc"}, {3, 3, ""}, {2, 1, ""}, {99, 100, ""}, {0, 0, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(str_is(str_sub(STR("abc"), rows[i].from, rows[i].to), rows[i].expected));
    assert_null(str_sub(none, 0, 1).p);
}

static void test_trim(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", ""},
        {" \t\r\n\v\f", ""},
        {"a", "a"},
        {"  a b\n", "a b"},
        {"\xC2\xA0"
         "a",
         "\xC2\xA0"
         "a"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(str_is(str_trim(str_of(rows[i][0])), rows[i][1]));
    assert_int_equal(str_trim(none).n, 0);
}

static void test_compare(void **state)
{
    (void)state;
    assert_true(str_eq(none, STR("")));
    assert_true(str_eq(STR("a\0b"), STR("a\0b")));
    assert_false(str_eq(STR("a\0b"), STR("a\0c")));
    assert_true(str_starts(STR("abc"), STR("ab")));
    assert_true(str_starts(none, none));
    assert_false(str_starts(STR("a"), STR("ab")));
    assert_true(str_ends(STR("abc"), STR("bc")));
    assert_false(str_ends(STR("c"), STR("bc")));
    assert_true(str_cmp(STR("ab"), STR("b")) < 0);
    assert_true(str_cmp(STR("ab"), STR("a")) > 0);
    assert_true(str_cmp(STR("\xFF"), STR("a")) > 0);
    assert_int_equal(str_cmp(none, STR("")), 0);
}

static void test_cut(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a", "", "b", ""};
    struct str rest = STR("a||b|"), piece;
    for (size_t i = 0; i < 4; i++) {
        assert_true(str_cut(&rest, '|', &piece));
        assert_true(str_is(piece, pieces[i]));
    }
    assert_false(str_cut(&rest, '|', &piece));
    rest = STR("");
    assert_true(str_cut(&rest, '|', &piece)); /* a text without a separator is one piece */
    assert_false(str_cut(&rest, '|', &piece));
}

/* Values of FNV-1a's authors: http://www.isthe.com/chongo/tech/comp/fnv/ */
static void test_hash(void **state)
{
    (void)state;
    assert_true(str_hash(STR("")) == UINT64_C(0xcbf29ce484222325));
    assert_true(str_hash(STR("a")) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(str_hash(STR("foobar")) == UINT64_C(0x85944171f73967e8));
    assert_true(str_hash_more(str_hash(STR("foo")), STR("bar")) == str_hash(STR("foobar")));
}

/* Every byte counts, and how many there are. */
static void test_hash_of_much(void **state)
{
    (void)state;
    char text[100] = {0};
    uint64_t hash = str_hash_much(1, (struct str){text, sizeof text});
    assert_true(hash != str_hash_much(2, (struct str){text, sizeof text}));
    assert_true(hash != str_hash_much(1, (struct str){text, sizeof text - 1}));
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = 1;
        assert_true(hash != str_hash_much(1, (struct str){text, sizeof text}));
        text[i] = 0;
    }
    assert_true(hash == str_hash_much(1, (struct str){text, sizeof text}));
}

static void test_classes_know_ascii_only(void **state)
{
    (void)state;
    for (int i = -128; i < 128; i++) {
        char c = (char)i;
        assert_int_equal(ch_digit(c), i >= '0' && i <= '9');
        assert_int_equal(ch_space(c), i > 0 && strchr(" \t\n\v\f\r", i) != NULL);
        assert_int_equal(ch_alpha(c), (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z'));
        assert_int_equal(ch_alnum(c), ch_alpha(c) || ch_digit(c));
        assert_int_equal(ch_lower(c), i >= 'A' && i <= 'Z' ? i + 32 : i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of),           cmocka_unit_test(test_sub),
        cmocka_unit_test(test_trim),         cmocka_unit_test(test_compare),
        cmocka_unit_test(test_cut),          cmocka_unit_test(test_hash),
        cmocka_unit_test(test_hash_of_much), cmocka_unit_test(test_classes_know_ascii_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
