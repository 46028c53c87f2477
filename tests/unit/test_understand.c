#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/understand.h"
#include "packs.h"

#include <math.h>

#define LINE __LINE__

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

static const struct reading *read_text(const struct docent *d, const char *text, struct arena *a)
{
    struct match_stats stats = {0};
    struct words w = normalise(d, str_of(text), false, a);
    return understand(d, w.items, w.n, around_words(d, w.items, w.n), NONE, a, &stats);
}

static const struct row {
    int line;
    const char *question, *intent; /* the strongest; empty: nothing sure enough to be answered */
    enum verdict verdict;
} rows[] = {
    {LINE, "how much is it to rent a city bike", "rental-price", VERDICT_CLEAR},
    {LINE, "opening hours", "hours", VERDICT_CLEAR},
    {LINE, "deposit", "deposit", VERDICT_CLEAR},
    {LINE, "mend my puncture", "repair-price", VERDICT_CLEAR},
    {LINE, "what spare parts do you keep", "stock", VERDICT_CLEAR},
    {LINE, "when is the lesson", "lesson-adult", VERDICT_TIE},
    {LINE, "lesson for a child", "lesson-child", VERDICT_CLEAR},
    {LINE, "do you deliver a racer to my house", "delivery", VERDICT_CLEAR}, /* a limit goes before what is near it */
    {LINE, "price to deliver a rental home", "delivery", VERDICT_CLEAR},
    {LINE, "thanks", "thanks", VERDICT_CLEAR},
    {LINE, "who won the world cup in brazil", "", VERDICT_UNKNOWN},
    {LINE, "the president of france", "", VERDICT_UNKNOWN},
    {LINE, "sing me a song", "", VERDICT_UNKNOWN},
    {LINE, "qwertz uiop", "", VERDICT_UNKNOWN},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena a = {0};
        const struct reading *r = read_text(shop.docent, rows[i].question, &a);
        struct str intent = r->n ? shop.docent->intents[r->items[0].intent].id : STR("");
        bool good = *rows[i].intent ? str_is(intent, rows[i].intent) && r->verdict == rows[i].verdict
                                    : r->verdict == VERDICT_UNKNOWN || r->verdict == VERDICT_UNSURE;
        if (!good)
            fail_msg("line %d: %.*s, verdict %d, score %.2f", rows[i].line, STR_FMT(intent), r->verdict,
                     r->n ? r->items[0].score : 0);
        arena_release(&a);
    }
}

static const struct known_row {
    int line;
    const char *question;
    double known;
} known_rows[] = {
    {LINE, "rent a city bike", 1}, {LINE, "what is it", 1}, {LINE, "qwertz uiop", 0},
    {LINE, "rent qwertz", 0.5},    {LINE, "", 1},
};

static void test_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(known_rows); i++) {
        struct arena a = {0};
        const struct reading *r = read_text(shop.docent, known_rows[i].question, &a);
        if (fabs(r->known - known_rows[i].known) > 1e-9)
            fail_msg("line %d: known %.2f", known_rows[i].line, r->known);
        arena_release(&a);
    }
}

/* The order is total, scores lie in 0 to 1, and the same words give the same reading, whatever the files' order. */
static void test_order(void **state)
{
    (void)state;
    static const char *const pieces[] = {"rent",   "price",  "city bike", "racer", "deposit", "when",     "open",
                                         "lesson", "child",  "adult",     "fix",   "brake",   "how much", "deliver",
                                         "home",   "qwertz", "what",      "why",   "week"};
    struct shop others[3];
    for (uint32_t k = 0; k < COUNT(others); k++)
        shop_open(&others[k], k + 10);
    uint32_t seed = 21;
    for (int round = 0; round < 1500; round++) {
        struct arena a = {0};
        char text[200] = "";
        for (int i = 0; i <= round % 6; i++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s ",
                     pieces[next_random(&seed) % COUNT(pieces)]);
        const struct reading *r = read_text(shop.docent, text, &a);
        for (size_t i = 0; i < r->n; i++) {
            assert_true(r->items[i].score >= 0 && r->items[i].score <= 1);
            for (size_t k = 0; k < i; k++)
                assert_int_not_equal(r->items[k].intent, r->items[i].intent);
        }
        for (size_t k = 0; k < COUNT(others); k++) {
            const struct reading *same = read_text(others[k].docent, text, &a);
            bool equal = same->n == r->n && same->verdict == r->verdict &&
                         str_eq(others[k].docent->intents[same->items[0].intent].id,
                                shop.docent->intents[r->items[0].intent].id) &&
                         fabs(same->items[0].score - r->items[0].score) < 0.02;
            if (!equal)
                fail_msg("'%s': %.*s %.4f, in another order of files %.*s %.4f", text,
                         STR_FMT(shop.docent->intents[r->items[0].intent].id), r->items[0].score,
                         STR_FMT(others[k].docent->intents[same->items[0].intent].id), same->items[0].score);
        }
        arena_release(&a);
    }
    for (size_t k = 0; k < COUNT(others); k++)
        shop_close(&others[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, open_shop, close_shop);
}
