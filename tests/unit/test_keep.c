#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/keep.h"

#include <stdlib.h>
#include <string.h>

static const uint32_t numbers[] = {7, 8, 9};

static struct str rows(struct buf *out)
{
    buf_init(out, 1000);
    keep_row(out, numbers, 3, sizeof *numbers);
    keep_row(out, "abcde", 5, 1);
    keep_row(out, NULL, 0, 8);
    keep_row(out, numbers, 1, sizeof *numbers);
    return buf_str(out);
}

static void test_rows(void **state)
{
    (void)state;
    struct buf out;
    struct kept k = {.rest = rows(&out)};
    size_t n;
    const uint32_t *three = kept_row(&k, &n, sizeof *three);
    assert_int_equal(n, 3);
    assert_memory_equal(three, numbers, sizeof numbers);
    assert_memory_equal(kept_row(&k, &n, 1), "abcde", 5);
    assert_int_equal(n, 5);
    kept_row(&k, &n, 8);
    assert_int_equal(n, 0);
    assert_false(kept_whole(&k));
    assert_int_equal(*(const uint32_t *)kept_row_of(&k, 1, sizeof *numbers), 7);
    assert_true(kept_whole(&k));
    kept_row(&k, &n, 1);
    assert_true(k.damaged);
    assert_int_equal(n, 0);
    buf_release(&out);
}

/* A row with another number of items, one whose number leads beyond the end, and rows that are cut short. */
static void test_damaged(void **state)
{
    (void)state;
    struct buf out;
    struct str whole = rows(&out);
    struct kept k = {.rest = whole};
    kept_row_of(&k, 2, sizeof *numbers);
    assert_true(k.damaged);
    for (size_t n = 0; n < whole.n; n++) {
        size_t items;
        char *exact = malloc(n + 1);
        memcpy(exact, whole.p, n);
        k = (struct kept){.rest = {exact, n}};
        for (size_t each = 4; each; each = each == 4 ? 1 : each == 1 ? 8 : 0)
            kept_row(&k, &items, each);
        kept_row(&k, &items, 4);
        assert_false(kept_whole(&k));
        free(exact);
    }
    uint64_t many[] = {UINT64_MAX, UINT64_MAX / 4, 3, 0};
    for (size_t i = 0; i < 3; i++) {
        size_t items;
        memcpy(out.p, &many[i], sizeof many[i]);
        k = (struct kept){.rest = str_sub(whole, 0, 16)};
        kept_row(&k, &items, 4);
        assert_true(k.damaged);
        assert_int_equal(items, 0);
    }
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_damaged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
