#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/classify.h"
#include "engine/pattern.h"
#include "engine/teach.h"
#include "packs.h"

#include <stdlib.h>
#include <string.h>

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

/* A pack that was opened with its model knows the same words, of the same intents, as one that read its examples. */
static void test_the_same_from_the_model(void **state)
{
    (void)state;
    const struct docent *d = shop.docent;
    struct diags diags = {0};
    struct docent *again = docent_open(&shop.pack, 1, docent_model(d), &diags);
    assert_true(docent_model_was_used(again));
    assert_int_equal(again->lexicon.n_words, d->lexicon.n_words);
    for (size_t w = 0; w < d->lexicon.n_words; w++) {
        assert_true(str_eq(again->lexicon.words[w].text, d->lexicon.words[w].text));
        assert_int_equal(again->lexicon.words[w].flags, d->lexicon.words[w].flags);
        assert_int_equal(again->lexicon.words[w].count, d->lexicon.words[w].count);
    }
    assert_int_equal(again->lexicon.n_phrases, d->lexicon.n_phrases);
    for (size_t i = 0; i < d->lexicon.n_phrases; i++) {
        const struct phrase *p = &again->lexicon.phrases[i], *q = &d->lexicon.phrases[i];
        assert_true(p->n == q->n && p->kind == q->kind && p->owner == q->owner && p->value == q->value);
        assert_memory_equal(p->words, q->words, p->n * sizeof *p->words);
    }
    for (size_t i = 0; i < d->lexicon.n_phrases; i++) {
        const struct phrase *p = &again->lexicon.ordered[i], *q = &d->lexicon.ordered[i];
        assert_true(p->second == q->second && p->n == q->n && p->kind == q->kind && p->owner == q->owner);
    }
    assert_int_equal(again->lexicon.n_replacements, 3);
    assert_int_equal(lexicon_spoken(&again->lexicon, STR("dont"))->n, lexicon_spoken(&d->lexicon, STR("dont"))->n);
    assert_int_equal(again->groups[0].range.n, d->groups[0].range.n);
    size_t owned = 0, counted = 0;
    for (uint32_t start = 0; start < WORD_STARTS; start++) {
        counted += again->n_owners[start];
        for (size_t i = 0; i < d->n_intents; i++) {
            uint64_t owns = word_owners(d, start)[i / 64] >> i % 64 & 1;
            assert_int_equal(word_owners(again, start)[i / 64] >> i % 64 & 1, owns);
            owned += owns;
        }
    }
    assert_true(owned > 0);
    assert_int_equal(counted, owned);
    assert_int_equal(again->packs[0].anchored, d->packs[0].anchored);
    docent_free(again);
    diags_release(&diags);
}

/* Examples are not looked at where the model is kept, but are there for who wants them. */
static void test_examples_when_wanted(void **state)
{
    (void)state;
    const struct docent *d = shop.docent;
    struct diags diags = {0};
    struct docent *again = docent_open(&shop.pack, 1, docent_model(d), &diags);
    assert_null(again->intents[0].examples);
    examples_wanted(again);
    for (size_t i = 0; i < d->n_intents; i++) {
        assert_int_equal(again->intents[i].n_examples, d->intents[i].n_examples);
        for (size_t e = 0; e < d->intents[i].n_examples; e++) {
            assert_true(str_eq(again->intents[i].examples[e].text, d->intents[i].examples[e].text));
            assert_int_equal(again->intents[i].examples[e].place.node, d->intents[i].examples[e].place.node);
        }
    }
    docent_free(again);
    diags_release(&diags);
}

/* A model that only looks like one of these packs costs a training, which comes to the same. */
static void test_damaged_model(void **state)
{
    (void)state;
    struct arena a = {0};
    struct diags diags = {0};
    struct str model = docent_model(shop.docent), damaged = arena_str(&a, model);
    ((char *)damaged.p)[model.n / 2] ^= 1;
    struct docent *again = docent_open(&shop.pack, 1, damaged, &diags);
    assert_false(docent_model_was_used(again));
    assert_true(str_eq(docent_model(again), model));
    docent_free(again);
    diags_release(&diags);
    arena_release(&a);
}

static void ask_something(const struct docent *d)
{
    struct arena a = {0};
    struct dialog dialog = {0};
    docent_ask(d, &dialog, STR("dont i pay for the cbk or how much is a wekly velo, and who mends the brakes?"), &a);
    arena_release(&a);
}

/* Whatever stands in the bytes, they are read to their end and not beyond; at worst they do not fit. */
static void test_damaged(void **state)
{
    (void)state;
    struct str taught = classifier_taught(shop.docent->classifier);
    size_t refused = 0;
    for (size_t at = 0; at < taught.n; at += 1 + taught.n / 300)
        for (int flip = 1; flip < 256; flip *= 16) {
            struct diags diags = {0};
            struct docent *d = docent_open(&shop.pack, 1, (struct str){"", 0}, &diags);
            char *exact = malloc(taught.n);
            memcpy(exact, taught.p, taught.n);
            exact[at] = (char)(exact[at] ^ flip);
            if (taught_read(d, (struct str){exact, at % 2 ? taught.n : at}))
                ask_something(d);
            else
                refused++;
            docent_free(d);
            free(exact);
            diags_release(&diags);
        }
    assert_true(refused > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_same_from_the_model, open_shop, close_shop),
        cmocka_unit_test_setup_teardown(test_examples_when_wanted, open_shop, close_shop),
        cmocka_unit_test_setup_teardown(test_damaged_model, open_shop, close_shop),
        cmocka_unit_test_setup_teardown(test_damaged, open_shop, close_shop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
