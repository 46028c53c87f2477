#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/classify.h"
#include "engine/pack.h"
#include "packs.h"

#include <math.h>
#include <sched.h>
#include <stdlib.h>

static struct shop shop;

static int open_shop(void **state)
{
    (void)state;
    shop_open(&shop, 0);
    return shop.docent ? 0 : -1;
}

static int close_shop(void **state)
{
    (void)state;
    shop_close(&shop);
    return 0;
}

/* Opens the shop with these bytes as its model, in memory of exactly their size; was it taken? */
static bool is_taken(struct str model)
{
    struct diags diags = {0};
    char *exact = aligned_alloc(16, (model.n + 16) & ~(size_t)15);
    memcpy(exact, model.p ? model.p : "", model.n);
    struct docent *d = docent_open(&shop.pack, 1, (struct str){exact, model.n}, &diags);
    assert_non_null(d);
    bool taken = docent_model_was_used(d);
    docent_free(d);
    diags_release(&diags);
    free(exact);
    return taken;
}

static void test_same_bytes(void **state)
{
    (void)state;
    struct str model = docent_model(shop.docent);
    assert_true(model.n > 1000);
    for (int i = 0; i < 3; i++) {
        struct shop other;
        srand((unsigned)i * 77); /* what the program did with rand() before is all the same */
        shop_open(&other, 0);
        assert_false(docent_model_was_used(other.docent));
        assert_true(str_eq(docent_model(other.docent), model));
        shop_close(&other);
    }
    assert_true(is_taken(model));
    assert_false(is_taken(STR("")));
}

/* However many processors there are to train on. */
static void test_same_bytes_on_one_processor(void **state)
{
    (void)state;
    cpu_set_t before, one;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    struct shop other;
    shop_open(&other, 0);
    sched_setaffinity(0, sizeof before, &before);
    assert_true(str_eq(docent_model(other.docent), docent_model(shop.docent)));
    shop_close(&other);
}

static void test_damaged(void **state)
{
    (void)state;
    struct str model = docent_model(shop.docent);
    char *bytes = malloc(model.n);
    memcpy(bytes, model.p, model.n);
    for (size_t i = 0; i < 200; i++) {
        size_t at = i < 64 ? i : i * model.n / 200; /* all of the head, then here and there */
        bytes[at] = (char)(bytes[at] ^ 1 << i % 8);
        if (is_taken((struct str){bytes, model.n}))
            fail_msg("taken with byte %zu changed", at);
        bytes[at] = model.p[at];
    }
    for (size_t n = 0; n < model.n; n = n < 80 ? n + 1 : n + model.n / 60)
        if (is_taken(str_sub(model, 0, n)))
            fail_msg("taken when cut to %zu bytes", n);
    char *longer = calloc(1, model.n + 8);
    memcpy(longer, model.p, model.n);
    assert_false(is_taken((struct str){longer, model.n + 8}));
    free(longer);
    free(bytes);
}

/* Sizes that no model has, with a check sum made to fit: nothing is read outside of the bytes. */
static void test_absurd_sizes(void **state)
{
    (void)state;
    struct str model = docent_model(shop.docent);
    static const uint32_t sizes[] = {0, 1, 2, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFF, 0x10000, 64, 4096};
    char *bytes = malloc(model.n);
    for (size_t field = 32; field < 48 && field + 4 <= model.n; field += 4)
        for (size_t i = 0; i < COUNT(sizes); i++) {
            memcpy(bytes, model.p, model.n);
            if (memcmp(bytes + field, &sizes[i], 4) == 0)
                continue;
            memcpy(bytes + field, &sizes[i], 4);
            assert_false(is_taken((struct str){bytes, model.n}));
        }
    free(bytes);
}

static void test_model_of_another_pack(void **state)
{
    (void)state;
    struct shop other;
    shop_open(&other, 5);
    if (!str_eq(docent_model(other.docent), docent_model(shop.docent)))
        assert_false(is_taken(docent_model(other.docent)));
    shop_close(&other);
}

static void scores(const struct docent *d, const char *text, float *out, struct arena *a)
{
    struct words w = normalise(d, str_of(text), false, a);
    struct observed seen;
    observe(d, w.items, w.n, a, &seen);
    classifier_score(d, d->classifier, &seen, out, a);
}

/* Every example is nearest to its own intent; the model read back says the same as the one just trained. */
static void test_examples(void **state)
{
    (void)state;
    const struct docent *d = shop.docent;
    struct diags diags = {0};
    struct str model = docent_model(d);
    struct docent *again = docent_open(&shop.pack, 1, model, &diags);
    assert_true(docent_model_was_used(again));
    size_t right = 0, all = 0;
    for (size_t i = 0; i < d->n_intents; i++)
        for (size_t e = 0; e < d->intents[i].n_examples; e++) {
            struct arena a = {0};
            float *out = arena_array(&a, d->n_intents, sizeof *out),
                  *same = arena_array(&a, d->n_intents, sizeof *same);
            scores(d, d->intents[i].examples[e].text.p, out, &a);
            scores(again, d->intents[i].examples[e].text.p, same, &a);
            size_t best = 0;
            for (size_t k = 0; k < d->n_intents; k++) {
                assert_true(isfinite(out[k]));
                assert_true(out[k] >= same[k] && out[k] <= same[k]);
                best = out[k] > out[best] ? k : best;
            }
            right += best == i;
            all++;
            arena_release(&a);
        }
    if (right * 100 < all * 95)
        fail_msg("%zu of %zu examples", right, all);
    docent_free(again);
    diags_release(&diags);
}

/* Packs with too few examples to learn from are opened and answer. */
static void test_few_examples(void **state)
{
    (void)state;
    static const char *const packs[] = {
        "",
        "'intents': []",
        "'intents': [{'id': 'a', 'kind': 'chat', 'patterns': ['one two three'], 'answers': [{'text': 'x'}]}]",
        "'intents': [{'id': 'a', 'kind': 'chat', 'examples': ['one two three'], 'answers': [{'text': 'x'}]}]",
        "'intents': [{'id': 'a', 'kind': 'chat', 'examples': ['one'], 'answers': [{'text': 'x'}]},"
        "            {'id': 'b', 'kind': 'chat', 'examples': ['two'], 'answers': [{'text': 'x'}]}]",
        "'intents': [{'id': 'a', 'kind': 'chat', 'examples': ['the'], 'answers': [{'text': 'x'}]},"
        "            {'id': 'b', 'kind': 'chat', 'examples': ['?!'], 'answers': [{'text': 'x'}]},"
        "            {'id': 'c', 'kind': 'chat', 'examples': ['one'], 'answers': [{'text': 'x'}]}]",
    };
    for (size_t i = 0; i < COUNT(packs); i++) {
        struct one pack;
        struct dialog dialog = {0};
        struct arena a = {0};
        one_open(&pack, packs[i]);
        if (!pack.docent)
            fail_msg("pack %zu: %s", i, pack.diags.items[0].message.p);
        assert_int_equal(docent_model(pack.docent).n, 0);
        assert_int_equal(docent_ask(pack.docent, &dialog, STR("one two three"), &a)->n_parts, 1);
        arena_release(&a);
        one_close(&pack);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_same_bytes_on_one_processor),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_absurd_sizes),
        cmocka_unit_test(test_model_of_another_pack),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_few_examples),
    };
    return cmocka_run_group_tests(tests, open_shop, close_shop);
}
