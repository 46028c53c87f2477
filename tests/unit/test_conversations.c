#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/conversations.h"
#include "desk_rig.h"

enum { MINUTE = 60 * 1000 };

static int begin(void **state)
{
    struct rig *rig = malloc(sizeof *rig);
    rig_start(rig);
    *state = rig;
    return 0;
}

static int end(void **state)
{
    rig_end(*state);
    free(*state);
    return 0;
}

static struct conversations *opened(struct rig *rig, size_t max)
{
    return conversations_new(&(struct conversations_options){&rig->loop, rig->store, rig_clock_ms, max, 30 * MINUTE});
}

/* Dialogs are told apart by what is written into them. */
static void mark(struct conversations *c, const char *key, uint64_t value)
{
    struct dialog *dialog = conversations_get(c, str_of(key));
    dialog->packs = value;
    dialog->n_offered = 3;
    conversations_keep(c, str_of(key), dialog);
}

static uint64_t marked(struct conversations *c, const char *key)
{
    const struct dialog *dialog = conversations_get(c, str_of(key));
    return dialog->n_offered == (dialog->packs ? 3 : 0) ? dialog->packs : 99;
}

static void test_memory_is_only_a_part(void **state)
{
    struct conversations *c = opened(*state, 2);
    mark(c, "a", 1);
    mark(c, "b", 2);
    mark(c, "c", 3);
    assert_int_equal(marked(c, "a"), 1);
    assert_int_equal(marked(c, "b"), 2);
    assert_int_equal(marked(c, "c"), 3);
    assert_int_equal(marked(c, "d"), 0);
    conversations_free(c);
    conversations_free(NULL);
}

static void test_what_was_not_committed_is_as_before(void **state)
{
    struct rig *rig = *state;
    struct conversations *c = opened(rig, 10);
    mark(c, "a", 1);
    assert_true(store_commit(rig->store, NULL));
    conversations_committed(c, true);
    mark(c, "a", 2);
    mark(c, "b", 3);
    assert_int_equal(marked(c, "a"), 2);
    static char too_large[2 << 20];
    store_set_value(rig->store, "v", (struct str){too_large, sizeof too_large});
    assert_false(store_commit(rig->store, NULL));
    conversations_committed(c, false);
    assert_int_equal(marked(c, "a"), 1);
    assert_int_equal(marked(c, "b"), 0);
    conversations_free(c);
}

static void test_after_half_an_hour_of_silence_it_starts_anew(void **state)
{
    struct rig *rig = *state;
    struct conversations *c = opened(rig, 1);
    mark(c, "a", 1);
    mark(c, "b", 2); /* a is in the store only */
    rig->loop.now_ms += 29 * MINUTE;
    assert_int_equal(marked(c, "a"), 1);
    assert_int_equal(marked(c, "b"), 2);
    rig->loop.now_ms += MINUTE;
    assert_int_equal(marked(c, "a"), 0);
    assert_int_equal(marked(c, "b"), 0);
    assert_true(conversations_lately(c, STR("a")));
    assert_false(conversations_lately(c, STR("d")));
    rig->loop.now_ms += 24 * 60 * MINUTE;
    assert_false(conversations_lately(c, STR("a")));
    conversations_free(c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_memory_is_only_a_part),
        TEST(test_what_was_not_committed_is_as_before),
        TEST(test_after_half_an_hour_of_silence_it_starts_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
