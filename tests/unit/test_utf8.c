#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/utf8.h"

#include <string.h>

enum { BAD = UTF8_REPLACEMENT };

/* Bytes, and the characters that they are; 0 ends a row. */
static const struct {
    int line;
    const char *bytes;
    int32_t characters[6];
    bool valid;
} rows[] = {
    {__LINE__, "", {0}, true},
    {__LINE__, "aZ", {'a', 'Z'}, true},
    {__LINE__, "\xC2\x80\xDF\xBF", {0x80, 0x7FF}, true},
    {__LINE__, "\xE0\xA0\x80\xEF\xBF\xBF", {0x800, 0xFFFF}, true},
    {__LINE__, "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", {0x10000, 0x10FFFF}, true},
    {__LINE__, "\xEF\xBF\xBD", {BAD}, true}, /* U+FFFD itself is a character */
    {__LINE__, "\x80", {BAD}, false},        /* goes on with nothing */
    {__LINE__, "\xFF\xFE", {BAD, BAD}, false},
    {__LINE__, "\xC0\xAF", {BAD, BAD}, false},          /* overlong '/' */
    {__LINE__, "\xE0\x9F\xBF", {BAD, BAD, BAD}, false}, /* overlong */
    {__LINE__, "\xF0\x8F\xBF\xBF", {BAD, BAD, BAD, BAD}, false},
    {__LINE__, "\xED\xA0\x80", {BAD, BAD, BAD}, false},          /* a surrogate */
    {__LINE__, "\xF4\x90\x80\x80", {BAD, BAD, BAD, BAD}, false}, /* past U+10FFFF */
    {__LINE__, "\xE2\x82", {BAD, BAD}, false},                   /* cut off */
    {__LINE__,
     "\xE2\x82"
     "a",
     {BAD, BAD, 'a'},
     false},
};

static void test_next(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str s = str_of(rows[i].bytes);
        size_t n = 0;
        while (s.n) {
            int32_t c = utf8_next(&s);
            if (n >= 6 || c != rows[i].characters[n])
                fail_msg("line %d: character %zu is %X", rows[i].line, n, (unsigned)c);
            n++;
        }
        if (n < 6 && rows[i].characters[n])
            fail_msg("line %d: only %zu characters", rows[i].line, n);
        if (utf8_valid(str_of(rows[i].bytes)) != rows[i].valid)
            fail_msg("line %d: validity", rows[i].line);
        assert_int_equal(utf8_count(str_of(rows[i].bytes)), n);
    }
}

static void test_put_and_next(void **state)
{
    (void)state;
    static const int32_t characters[] = {1,      'a',    0x7F,   0x80,   0x7FF,   0x800,
                                         0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF};
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
        char bytes[4];
        struct str s = {bytes, utf8_put(characters[i], bytes)};
        assert_true(utf8_valid(s));
        assert_int_equal(utf8_next(&s), characters[i]);
        assert_int_equal(s.n, 0);
    }
}

static void test_put_what_is_none(void **state)
{
    (void)state;
    static const int32_t none[] = {-1, 0xD800, 0xDFFF, 0x110000, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        char bytes[4];
        struct str s = {bytes, utf8_put(none[i], bytes)};
        assert_true(str_is(s, "\xEF\xBF\xBD"));
    }
}

static void test_at(void **state)
{
    (void)state;
    struct str s = STR("a\xC3\xA9\xE2\x82\xAC\xFF");
    static const size_t offsets[] = {0, 1, 3, 6, 7, 7};
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++)
        assert_int_equal(utf8_at(s, i), offsets[i]);
}

static void test_cut_splits_no_character(void **state)
{
    (void)state;
    struct str s = STR("a\xC3\xA9\xE2\x82\xAC");
    static const size_t lengths[] = {0, 1, 1, 3, 3, 3, 6, 6};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        assert_int_equal(utf8_cut(s, i), lengths[i]);
}

static void test_columns(void **state)
{
    (void)state;
    assert_int_equal(utf8_columns('a'), 1);
    assert_int_equal(utf8_columns(0xE9), 1);
    assert_int_equal(utf8_columns(0x301), 0);   /* combining acute accent */
    assert_int_equal(utf8_columns(0x65E5), 2);  /* a CJK character */
    assert_int_equal(utf8_columns(0x1F600), 2); /* an emoji */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next),
        cmocka_unit_test(test_put_and_next),
        cmocka_unit_test(test_put_what_is_none),
        cmocka_unit_test(test_at),
        cmocka_unit_test(test_cut_splits_no_character),
        cmocka_unit_test(test_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
