#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/complete.h"
#include "packs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const questions[] = {
    "When are you open?",
    "What does a repair cost?",
    "How much do coders earn?",
    "How much do billers earn?",
    "What does a medical coder do?",
    "Do I need a degree?",
    "What's included in a service?",
    "Is coding hard to learn?",
    "How long does the training take?",
    "Can I work from home?",
    "Which certificates are there?",
    "How much do coders earn?",
    "Is there a future in caf\xC3\xA9s?",
};
enum { N = sizeof questions / sizeof *questions };

static struct complete *make(void)
{
    struct str list[N];
    for (size_t i = 0; i < N; i++)
        list[i] = str_of(questions[i]);
    return complete_new(list, N);
}

static const struct {
    int line;
    const char *typed, *first; /* NULL: nothing fits */
} rows[] = {
    {__LINE__, "", "When are you open?"},
    {__LINE__, "   ?", "When are you open?"},
    {__LINE__, "w", "When are you open?"},
    {__LINE__, "what does a m", "What does a medical coder do?"},
    {__LINE__, "how much do b", "How much do billers earn?"},
    {__LINE__, "HOW MUCH DO B", "How much do billers earn?"},
    {__LINE__, "billers", "How much do billers earn?"},
    {__LINE__, "degr", "Do I need a degree?"},
    {__LINE__, "dgree", "Do I need a degree?"},
    {__LINE__, "deg\xC3\xA9", NULL},
    {__LINE__, "whats incl", "What's included in a service?"},
    {__LINE__, "trianing", "How long does the training take?"},
    {__LINE__, "trainning ta", "How long does the training take?"},
    {__LINE__, "certifocate", "Which certificates are there?"},
    {__LINE__, "home work", "Can I work from home?"},
    {__LINE__, "caf\xC3\xA9", "Is there a future in caf\xC3\xA9s?"},
    {__LINE__, "xyzzy", NULL},
    {__LINE__, "xyzzy degree", "Do I need a degree?"},
    {__LINE__, "is coding", "Is coding hard to learn?"},
};

static void test_first(void **state)
{
    (void)state;
    struct complete *c = make();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str out[25];
        size_t n = complete_find(c, str_of(rows[i].typed), out, 25);
        struct str first = n ? out[0] : (struct str){NULL, 0};
        if (rows[i].first ? !str_is(first, rows[i].first) : n > 0)
            fail_msg("line %d: %zu found, first '%.*s'", rows[i].line, n, STR_FMT(first));
    }
    complete_free(c);
}

/* A question that comes twice is offered once; no more than wanted are given, the best of them. */
static void test_how_many(void **state)
{
    (void)state;
    struct complete *c = make();
    struct str all[25], some[3];
    assert_int_equal(complete_find(c, STR(""), all, 25), N - 1);
    size_t n = complete_find(c, STR("how much do coders"), all, 25);
    assert_int_equal(complete_find(c, STR("how much do coders"), some, 3), 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(str_eq(all[i], some[i]));
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++)
            assert_false(str_eq(all[i], all[k]));
    complete_free(c);
}

/* What a pack declines, or has to ask back about, is not offered. */
static void test_covered(void **state)
{
    (void)state;
    struct shop shop;
    struct str out[25];
    shop_open(&shop, 0);
    struct complete *c = complete_covered(shop.docent);
    size_t n = complete_find(c, STR(""), out, 25);
    assert_true(n >= 4);
    for (size_t i = 0; i < n; i++) {
        struct dialog fresh = {0};
        struct arena a = {0};
        if (docent_ask(shop.docent, &fresh, out[i], &a)->outcome != OUTCOME_ANSWER)
            fail_msg("offered: '%.*s'", STR_FMT(out[i]));
        arena_release(&a);
    }
    complete_free(c);
    shop_close(&shop);
}

static void test_no_questions(void **state)
{
    (void)state;
    struct str out[5];
    struct complete *c = complete_new(NULL, 0);
    assert_int_equal(complete_find(c, STR("how"), out, 5), 0);
    assert_int_equal(complete_find(NULL, STR("how"), out, 5), 0);
    complete_free(c);
    complete_free(NULL);
}

static void test_long_and_strange_input(void **state)
{
    (void)state;
    struct complete *c = make();
    struct str out[25];
    char *text = malloc(100000);
    for (int fill = 0; fill < 256; fill++) {
        memset(text, fill, 100000);
        assert_true(complete_find(c, (struct str){text, 100000}, out, 25) <= 25);
    }
    for (size_t i = 0; i < 100000; i++)
        text[i] = "how do "[i % 7];
    assert_true(complete_find(c, (struct str){text, 100000}, out, 25) > 0);
    free(text);
    complete_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first),
        cmocka_unit_test(test_how_many),
        cmocka_unit_test(test_covered),
        cmocka_unit_test(test_no_questions),
        cmocka_unit_test(test_long_and_strange_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
