#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "store/keys.h"

#include <string.h>

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
    return *seed >> 8;
}

static void test_each_is_new_once(void **state)
{
    (void)state;
    struct keys k = {0};
    assert_true(keys_add(&k, 1));
    assert_false(keys_add(&k, 1));
    assert_true(keys_add(&k, 0));
    assert_false(keys_add(&k, 0));
    assert_true(keys_add(&k, UINT64_MAX));
    assert_int_equal(keys_count(&k), 3);
    keys_release(&k);
    assert_int_equal(keys_count(&k), 0);
}

static void test_the_newest_are_taken_back(void **state)
{
    (void)state;
    struct keys k = {0};
    keys_take_back(&k, 5);
    for (uint64_t i = 0; i < 10; i++)
        keys_add(&k, i);
    keys_take_back(&k, 4);
    assert_int_equal(keys_count(&k), 6);
    for (uint64_t i = 0; i < 10; i++)
        assert_int_equal(keys_add(&k, i), i >= 6);
    keys_take_back(&k, 100);
    assert_int_equal(keys_count(&k), 0);
    assert_true(keys_add(&k, 3));
    keys_release(&k);
}

static void test_the_oldest_make_room(void **state)
{
    (void)state;
    struct keys k = {0};
    for (uint64_t i = 0; i < KEYS_MAX + 1000; i++)
        assert_true(keys_add(&k, i));
    assert_int_equal(keys_count(&k), KEYS_MAX);
    assert_false(keys_add(&k, 1000));
    assert_false(keys_add(&k, KEYS_MAX + 999));
    assert_true(keys_add(&k, 999));
    keys_release(&k);
}

/* Against a plain table of which hashes are in: hashes that share their places, in random order. */
static void test_like_a_table(void **state)
{
    (void)state;
    enum { HASHES = 5000 };
    static bool in[HASHES];
    static uint32_t order[400000];
    struct keys k = {0};
    size_t n = 0;
    uint32_t seed = 1;
    for (int step = 0; step < 200000; step++) {
        uint32_t i = next_random(&seed) % HASHES;
        if (next_random(&seed) % 3) {
            assert_int_equal(keys_add(&k, (uint64_t)(i % 50) << 40 | (uint64_t)i * 3), !in[i]);
            if (!in[i])
                order[n++] = i;
            in[i] = true;
        } else {
            size_t back = next_random(&seed) % 5;
            keys_take_back(&k, back);
            for (; back && n; back--)
                in[order[--n]] = false;
        }
        assert_int_equal(keys_count(&k), n);
    }
    keys_release(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_is_new_once),
        cmocka_unit_test(test_the_newest_are_taken_back),
        cmocka_unit_test(test_the_oldest_make_room),
        cmocka_unit_test(test_like_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
