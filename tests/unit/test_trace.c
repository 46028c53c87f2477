#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "small_pack.h"

#include <string.h>

#define LINE __LINE__
#define COUNT(a) (sizeof(a) / sizeof *(a))

static struct docent *shop;

static int open_shop(void **state)
{
    (void)state;
    shop = small_pack_open();
    return shop ? 0 : -1;
}

static int close_shop(void **state)
{
    (void)state;
    docent_free(shop);
    return 0;
}

/* Where a slot's value comes from; each row goes on with the conversation unless it is fresh. */
static const struct row {
    int line;
    bool fresh;
    const char *asked, *value, *from, *words; /* value NULL: no slot */
} rows[] = {
    {LINE, true, "how much is a repair of a racer", "road", "named in the question", "racer"},
    {LINE, false, "and a city bike?", "city", "named in the question", "city bike"},
    {LINE, false, "how much is a repair", "city", "from what was said before", ""},
    {LINE, true, "how much is a repair", NULL, NULL, NULL},
    {LINE, true, "can i rent a bike", NULL, NULL, NULL},
    {LINE, false, "2", "city", "chosen", ""},
};

static void test_slots(void **state)
{
    (void)state;
    struct dialog dialog = {0};
    struct arena a = {0};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct row *r = &rows[i];
        if (r->fresh)
            dialog = (struct dialog){0};
        const struct question_trace *q = &docent_ask_why(shop, &dialog, str_of(r->asked), &a)->why->questions[0];
        bool good = q->n_slots == (r->value ? 1 : 0);
        if (good && r->value)
            good = str_is(q->slots[0].slot.values[0], r->value) && strcmp(q->slots[0].from, r->from) == 0 &&
                   str_is(q->slots[0].words, r->words);
        if (!good)
            fail_msg("line %d: %zu slots, %s, '%.*s'", r->line, q->n_slots, q->n_slots ? q->slots[0].from : "",
                     STR_FMT(q->slots[0].words));
        arena_reset(&a);
    }
    arena_release(&a);
}

static void test_split(void **state)
{
    (void)state;
    struct dialog dialog = {0};
    struct arena a = {0};
    const struct trace *t =
        docent_ask_why(shop, &dialog, STR("My racer is broken. How much is a repair? And when are you open?"), &a)->why;
    assert_int_equal(t->n_pieces, 3);
    assert_true(str_is(t->pieces[0].text, "my racer is broken") && !t->pieces[0].asked);
    assert_true(str_is(t->pieces[2].text, "and when is you open") && t->pieces[2].asked);
    assert_int_equal(t->n_questions, 2);
    arena_release(&a);
}

/* The order goes by strength; only the winner has lost to none. */
static void test_candidates(void **state)
{
    (void)state;
    struct dialog dialog = {0};
    struct arena a = {0};
    const struct question_trace *q =
        &docent_ask_why(shop, &dialog, STR("how much to fix my car"), &a)->why->questions[0];
    assert_true(q->n_candidates > 1);
    assert_null(q->candidates[0].lost);
    assert_true(str_is(q->candidates[0].intent, "no-cars") && str_is(q->candidates[0].file, "shop/intents.json") &&
                q->candidates[0].line);
    for (size_t i = 1; i < q->n_candidates; i++) {
        assert_non_null(q->candidates[i].lost);
        assert_true(q->candidates[i].strength <= q->candidates[i - 1].strength);
        if (!q->candidates[i].pattern.n)
            assert_string_equal(q->candidates[i].lost, "no pattern matches");
    }
    assert_true(str_is(q->branch_file, "shop/intents.json") && q->branch_line);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slots),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_candidates),
    };
    return cmocka_run_group_tests(tests, open_shop, close_shop);
}
