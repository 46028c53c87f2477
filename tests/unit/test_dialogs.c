#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/dialogs.h"

#include <stdio.h>
#include <string.h>

/* Conversations are told apart by what is written into them. */
static void mark(struct dialogs *t, const char *key, int64_t now_ms, uint64_t value)
{
    dialogs_get(t, str_of(key), now_ms)->packs = value;
}

static uint64_t marked(struct dialogs *t, const char *key, int64_t now_ms)
{
    return dialogs_get(t, str_of(key), now_ms)->packs;
}

static void test_each_has_its_own(void **state)
{
    (void)state;
    struct dialogs *t = dialogs_new(10, 0);
    mark(t, "a", 0, 1);
    mark(t, "b", 0, 2);
    mark(t, "", 0, 3);
    assert_int_equal(marked(t, "a", 0), 1);
    assert_int_equal(marked(t, "b", 0), 2);
    assert_int_equal(marked(t, "", 0), 3);
    assert_int_equal(marked(t, "new", 0), 0);
    assert_int_equal(dialogs_count(t), 4);
    dialogs_free(t);
}

static void test_keys_are_copied_and_may_hold_any_byte(void **state)
{
    (void)state;
    struct dialogs *t = dialogs_new(10, 0);
    char key[] = {'a', '\0', 'b'};
    dialogs_get(t, (struct str){key, 3}, 0)->packs = 7;
    key[0] = 'x';
    assert_int_equal(dialogs_get(t, STR("a\0b"), 0)->packs, 7);
    assert_int_equal(dialogs_get(t, STR("a\0c"), 0)->packs, 0);
    dialogs_free(t);
}

static void test_longest_unused_makes_room(void **state)
{
    (void)state;
    struct dialogs *t = dialogs_new(3, 0);
    mark(t, "a", 0, 1);
    mark(t, "b", 1, 2);
    mark(t, "c", 2, 3);
    assert_int_equal(marked(t, "a", 3), 1); /* now b is oldest */
    mark(t, "d", 4, 4);
    assert_int_equal(dialogs_count(t), 3);
    assert_int_equal(marked(t, "a", 5), 1);
    assert_int_equal(marked(t, "c", 5), 3);
    assert_int_equal(marked(t, "d", 5), 4);
    assert_int_equal(marked(t, "b", 6), 0);
    dialogs_free(t);
}

static void test_time_to_live(void **state)
{
    (void)state;
    struct dialogs *t = dialogs_new(3, 1000);
    mark(t, "a", 5000, 1);
    assert_int_equal(marked(t, "a", 5999), 1); /* which is a use */
    assert_int_equal(marked(t, "a", 6998), 1);
    assert_int_equal(marked(t, "a", 7998), 0);
    assert_int_equal(dialogs_count(t), 1);
    dialogs_free(t);
}

static void test_forget(void **state)
{
    (void)state;
    struct dialogs *t = dialogs_new(3, 0);
    mark(t, "a", 0, 1);
    mark(t, "b", 0, 2);
    dialogs_forget(t, STR("a"));
    dialogs_forget(t, STR("a"));
    dialogs_forget(t, STR("never"));
    assert_int_equal(dialogs_count(t), 1);
    assert_int_equal(marked(t, "a", 0), 0);
    assert_int_equal(marked(t, "b", 0), 2);
    dialogs_free(t);
}

static void test_room_for_one(void **state)
{
    (void)state;
    struct dialogs *t = dialogs_new(1, 0);
    for (uint64_t i = 1; i < 100; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", (int)i);
        mark(t, key, 0, i);
        assert_int_equal(marked(t, key, 0), i);
        assert_int_equal(dialogs_count(t), 1);
    }
    dialogs_free(t);
}

/* Against a plain array: which conversations are there, and what do they hold? */
static void test_like_a_list(void **state)
{
    (void)state;
    enum { MAX = 50, KEYS = 120 };
    uint64_t value[KEYS] = {0}, used[KEYS] = {0};
    struct dialogs *t = dialogs_new(MAX, 0);
    uint32_t seed = 1;
    for (uint64_t step = 1; step < 20000; step++) {
        seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
        size_t k = (seed >> 16) % KEYS, newer = 0;
        for (size_t i = 0; i < KEYS; i++)
            newer += used[i] > used[k];
        if (newer >= MAX)
            value[k] = 0;
        char key[16];
        snprintf(key, sizeof key, "key-%zu", k);
        struct dialog *dialog = dialogs_get(t, str_of(key), (int64_t)step);
        assert_int_equal(dialog->packs, value[k]);
        dialog->packs = value[k] = step;
        used[k] = step;
    }
    assert_int_equal(dialogs_count(t), MAX);
    dialogs_free(t);
}

static void test_free_of_nothing(void **state)
{
    (void)state;
    dialogs_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_has_its_own),
        cmocka_unit_test(test_keys_are_copied_and_may_hold_any_byte),
        cmocka_unit_test(test_longest_unused_makes_room),
        cmocka_unit_test(test_time_to_live),
        cmocka_unit_test(test_forget),
        cmocka_unit_test(test_room_for_one),
        cmocka_unit_test(test_like_a_list),
        cmocka_unit_test(test_free_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
