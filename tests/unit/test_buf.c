#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"

#include <string.h>

static void test_empty(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    assert_int_equal(buf_str(&b).n, 0);
    assert_non_null(buf_str(&b).p);
    buf_add(&b, (struct str){NULL, 0});
    assert_string_equal(b.p, "");
    buf_release(&b);
}

static void test_add(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    buf_add(&b, STR("a\0b"));
    buf_adds(&b, "cd");
    buf_adds(&b, NULL);
    buf_addc(&b, 'e');
    buf_fill(&b, '-', 3);
    buf_addf(&b, "%d%s", 42, "!");
    assert_int_equal(b.n, 12);
    assert_memory_equal(b.p, "a\0bcde---42!", 13);
    assert_false(b.full);
    buf_release(&b);
    assert_null(b.p);
    assert_int_equal(b.max, 100);
}

static void test_long_format(void **state)
{
    (void)state;
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct buf b;
    buf_init(&b, 10000);
    buf_addf(&b, "<%s>", text);
    assert_int_equal(b.n, sizeof text - 1 + 2);
    assert_int_equal(b.p[b.n - 1], '>');
    buf_release(&b);
}

/* What does not fit is left out, and said so; the text stays ended by a NUL. */
static void test_maximum(void **state)
{
    (void)state;
    for (size_t max = 0; max < 6; max++) {
        struct buf b;
        buf_init(&b, max);
        buf_adds(&b, "abc");
        buf_fill(&b, 'd', 1);
        assert_int_equal(b.n, max < 4 ? max : 4);
        assert_int_equal(b.full, max < 4);
        assert_memory_equal(b.p, "abcd", b.n);
        assert_int_equal(b.p[b.n], '\0');
        buf_release(&b);
    }
}

static void test_cut_and_clear(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 3);
    buf_cut(&b, 5);
    assert_int_equal(b.n, 0);
    buf_adds(&b, "abcd");
    assert_true(b.full);
    buf_cut(&b, 9);
    assert_string_equal(b.p, "abc");
    buf_cut(&b, 1);
    assert_string_equal(b.p, "a");
    buf_clear(&b);
    assert_string_equal(b.p, "");
    assert_false(b.full);
    buf_release(&b);
}

static void test_growth(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 100000; i++)
        buf_addc(&b, (char)('a' + i % 26));
    assert_int_equal(b.n, 100000);
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] != (char)('a' + i % 26))
            fail_msg("byte %zu", i);
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),   cmocka_unit_test(test_add),           cmocka_unit_test(test_long_format),
        cmocka_unit_test(test_maximum), cmocka_unit_test(test_cut_and_clear), cmocka_unit_test(test_growth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
