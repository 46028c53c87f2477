#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/near.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void test_distance(void **state)
{
    (void)state;
    static char longer[NEAR_MAX + 2];
    memset(longer, 'a', NEAR_MAX + 1);
    const struct {
        const char *a, *b;
        size_t distance;
    } rows[] = {
        {"", "", 0},
        {"salary", "", 6},
        {"", "pay", 3},
        {"salary", "salary", 0},
        {"salary", "Salary", 0},
        {"salry", "salary", 1},
        {"sallary", "salary", 1},
        {"salery", "salary", 1},
        {"slaary", "salary", 1},
        {"ca", "abc", 3},
        {longer, longer, 0},
        {longer, "a", NEAR_MAX + 1},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (near_distance(str_of(rows[i].a), str_of(rows[i].b)) != rows[i].distance ||
            near_distance(str_of(rows[i].b), str_of(rows[i].a)) != rows[i].distance)
            fail_msg("'%s', '%s': %zu", rows[i].a, rows[i].b, near_distance(str_of(rows[i].a), str_of(rows[i].b)));
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const names[] = {"coding-salary", "billing-salary", "education", "job", "jobs", "remote-work"};
    static const struct {
        const char *word, *meant;
    } rows[] = {
        {"coding-salry", "coding-salary"},
        {"codign-salery", "coding-salary"},
        {"educ", "education"},
        {"jbo", "job"},
        {"job", "job"},
        {"salary", NULL},
        {"x", NULL},
        {"", NULL},
        {"ed", NULL},
        {"work", NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct near near = near_to(str_of(rows[i].word));
        for (size_t k = 0; k < COUNT(names); k++)
            near_try(&near, str_of(names[k]));
        if (near.best.n != (rows[i].meant ? strlen(rows[i].meant) : 0) ||
            (rows[i].meant && !str_is(near.best, rows[i].meant)))
            fail_msg("'%s': '%.*s'", rows[i].word, STR_FMT(near.best));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_distance), cmocka_unit_test(test_nearest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
