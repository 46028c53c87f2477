#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/arena.h"

#include <string.h>

static void test_zeroed_and_aligned(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 7, 16, 1000, 16 * 1024, 3 * 1024 * 1024, 1};
    struct arena a = {0};
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            unsigned char *p = arena_alloc(&a, sizes[i]);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
            for (size_t k = 0; k < sizes[i]; k++)
                if (p[k])
                    fail_msg("byte %zu of %zu is not zero", k, sizes[i]);
            memset(p, 0xAA, sizes[i]); /* what the next round finds must be clean all the same */
        }
        arena_reset(&a);
        assert_int_equal(arena_used(&a), 0);
    }
    arena_release(&a);
    assert_null(a.top);
}

static void test_pieces_are_apart(void **state)
{
    (void)state;
    enum { PIECES = 5000 };
    struct arena a = {0};
    unsigned char **pieces = arena_array(&a, PIECES, sizeof *pieces);
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = arena_alloc(&a, i % 40 + 1);
        memset(pieces[i], (int)(i % 251), i % 40 + 1);
    }
    for (size_t i = 0; i < PIECES; i++)
        for (size_t k = 0; k <= i % 40; k++)
            assert_int_equal(pieces[i][k], i % 251);
    assert_true(arena_used(&a) >= PIECES);
    arena_release(&a);
}

static void test_texts(void **state)
{
    (void)state;
    struct arena a = {0};
    struct str empty = arena_str(&a, (struct str){NULL, 0});
    assert_int_equal(empty.n, 0);
    assert_string_equal(empty.p, "");
    struct str copy = arena_str(&a, STR("a\0b"));
    assert_int_equal(copy.n, 3);
    assert_memory_equal(copy.p, "a\0b", 4);
    struct str made = arena_fmt(&a, "%d-%s", 7, "x");
    assert_string_equal(made.p, "7-x");
    assert_int_equal(made.n, 3);
    struct str joined = ARENA_JOIN(&a, STR("a\0"), made, (struct str){NULL, 0}, STR("b"));
    assert_int_equal(joined.n, 6);
    assert_memory_equal(joined.p,
                        "a\0"
                        "7-xb",
                        7);
    assert_string_equal(ARENA_JOIN(&a, STR("")).p, "");
    char text[3000];
    memset(text, 'y', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(arena_fmt(&a, "%s", text).n, sizeof text - 1);
    arena_release(&a);
}

static void test_push(void **state)
{
    (void)state;
    struct arena a = {0};
    int *numbers = NULL;
    size_t n = 0, cap = 0;
    for (int i = 0; i < 1000; i++)
        *ARENA_PUSH(&a, numbers, n, cap) = i;
    assert_int_equal(n, 1000);
    assert_true(cap >= n);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    arena_release(&a);
}

/* An array that grows where it stands must not show what was there before, nor run into what comes next. */
static void test_grows_in_place(void **state)
{
    (void)state;
    struct arena a = {0};
    memset(arena_raw(&a, 8000), 0xAA, 8000);
    arena_reset(&a);
    struct odd {
        char bytes[5];
    } *items = NULL;
    size_t n = 0, cap = 0, used = 0;
    for (int i = 0; i < 200; i++) {
        struct odd *item = ARENA_PUSH(&a, items, n, cap);
        for (size_t k = 0; k < sizeof item->bytes; k++)
            assert_int_equal(item->bytes[k], 0);
        memset(item, 0xAA, sizeof *item);
    }
    assert_true(arena_used(&a) <= cap * sizeof *items + 16);
    used = arena_used(&a);
    char *next = arena_alloc(&a, 16);
    *ARENA_PUSH(&a, items, n, cap) = (struct odd){"abcd"};
    while (n < 1000)
        *ARENA_PUSH(&a, items, n, cap) = (struct odd){"abcd"};
    for (size_t k = 0; k < 16; k++)
        assert_int_equal(next[k], 0);
    assert_int_equal((unsigned char)items[199].bytes[4], 0xAA);
    assert_true(arena_used(&a) > used);
    arena_release(&a);
}

static void test_rewind(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 100, 15 * 1024, 40 * 1024, 3 * 1024 * 1024};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            struct arena a = {0};
            char *kept = sizes[i] ? arena_alloc(&a, sizes[i]) : NULL;
            size_t used = arena_used(&a);
            struct arena_mark mark = arena_mark(&a);
            for (int round = 0; round < 3; round++) {
                memset(arena_alloc(&a, sizes[k]), 0xAA, sizes[k]);
                memset(arena_alloc(&a, 1000), 0xAA, 1000);
                arena_rewind(&a, mark);
                assert_int_equal(arena_used(&a), used);
            }
            for (size_t b = 0; kept && b < sizes[i]; b++)
                assert_int_equal(kept[b], 0);
            arena_release(&a);
        }
}

static void test_release_of_nothing(void **state)
{
    (void)state;
    struct arena a = {0};
    arena_reset(&a);
    arena_release(&a);
    arena_release(&a);
    assert_int_equal(arena_used(&a), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeroed_and_aligned),
        cmocka_unit_test(test_pieces_are_apart),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_push),
        cmocka_unit_test(test_release_of_nothing),
        cmocka_unit_test(test_grows_in_place),
        cmocka_unit_test(test_rewind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
