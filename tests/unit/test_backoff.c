#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "net/backoff.h"

#include <stdio.h>

static const struct {
    int line;
    unsigned attempt;
    int64_t first_ms, max_ms, least_ms, most_ms;
} rows[] = {
    {__LINE__, 0, 1000, 60000, 500, 1000},
    {__LINE__, 1, 1000, 60000, 500, 2000},
    {__LINE__, 5, 1000, 60000, 500, 32000},
    {__LINE__, 6, 1000, 60000, 500, 60000},
    {__LINE__, 7, 1000, 60000, 500, 60000},
    {__LINE__, UINT32_MAX, 1000, 60000, 500, 60000},
    {__LINE__, 0, 5000, 1000, 500, 1000},
    {__LINE__, 3, 10, 1000, 40, 80},
    {__LINE__, 0, 1, 1, 0, 1},
    {__LINE__, 9, 0, 1000, 0, 0},
    {__LINE__, 60, 1000, INT64_MAX, 500, INT64_MAX},
};

static void test_between_least_and_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t lowest = backoff_ms(rows[i].attempt, rows[i].first_ms, rows[i].max_ms, 0);
        int64_t highest = backoff_ms(rows[i].attempt, rows[i].first_ms, rows[i].max_ms, UINT32_MAX);
        int64_t nearly = rows[i].most_ms - rows[i].most_ms / 1000 - 1;
        if (lowest != rows[i].least_ms || highest > rows[i].most_ms || highest < nearly)
            fail_msg("row of line %d: %lld to %lld", rows[i].line, (long long)lowest, (long long)highest);
    }
}

static void test_random_bits_spread_evenly(void **state)
{
    (void)state;
    int64_t before = -1;
    for (uint64_t random = 0; random <= UINT32_MAX; random += UINT32_MAX / 1000) {
        int64_t ms = backoff_ms(4, 1000, 60000, (uint32_t)random);
        assert_in_range(ms - before, before < 0 ? 0 : 15, before < 0 ? 501 : 16);
        before = ms;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_between_least_and_limit),
        cmocka_unit_test(test_random_bits_spread_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
