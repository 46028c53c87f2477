#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/split.h"
#include "engine/pack.h"
#include "packs.h"
#include "small_pack.h"

#define LINE __LINE__

/* Segments joined by " / ", those that are only said in brackets. */
static const struct row {
    int line;
    const char *message, *expected;
} rows[] = {
    {LINE, "", ""},
    {LINE, "deposit", "deposit"},
    {LINE, "when are you open?", "when is you open"},
    {LINE, "when are you open? how much is the deposit?", "when is you open / how much is deposit"},
    {LINE, "when are you open and how much is the deposit", "when is you open / and how much is deposit"},
    {LINE, "when are you open, how much is the deposit", "when is you open / how much is deposit"},
    {LINE, "when are you open; how much is the deposit", "when is you open / how much is deposit"},
    {LINE, "when are you open\n\nhow much is the deposit", "when is you open / how much is deposit"},
    {LINE, "salt and pepper", "salt and pepper"},
    {LINE, "do you sell oil and grease", "do you sell oil and grease"},
    {LINE, "my bike broke. what does a repair cost?", "(my bike broke) / what do repair cost"},
    {LINE, "my bike broke. it is old.", "my bike broke / it is old"},
    {LINE, "a bike, which is red", "bike which is red"},
    {LINE, "what is a bike, which is red, which is for rent", "what is bike / which is red / which is for rent"},
    {LINE, "where is it open, which kind of shop", "where is it open which kind of shop"},
    {LINE, "I'd like to know the price and when you open", "price / and when you open"},
    {LINE, "can I rent it and do you deliver", "can i rent it / and do you deliver"},
    {LINE, "hi. when are you open? thanks!", "(hi) / when is you open / (thank)"},
    {LINE, "I ask 1) when you open 2) if you deliver", "(i ask) / when you open / if you deliver"},
    {LINE, "if I rent it can I keep it, and when are you open", "if i rent it can i keep it / and when is you open"},
    {LINE, "if I rent it I can keep it, and when are you open", "(if i rent it i can keep it) / and when is you open"},
    {LINE, "what does a repair cost, my bike is old", "what do repair cost / (my bike is old)"},
    {LINE, "my bike is old, I will need a repair", "my bike is old i will need repair"},
    {LINE, "are you open? and a bike, where do I rent it", "is you open / and bike where do i rent it"},
    {LINE, "are you open? my aunt, who is old, wants a bike", "is you open / (my aunt who is old want bike)"},
    {LINE, "rent", "rent"},
    {LINE, "???", ""},
};

static void test_rows(void **state)
{
    (void)state;
    struct shop shop;
    shop_open(&shop, 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena a = {0};
        struct segment segments[SEGMENTS_MAX];
        struct words w = normalise(shop.docent, str_of(rows[i].message), false, &a);
        size_t n = split(shop.docent, &w, segments);
        char got[400] = "";
        for (size_t s = 0; s < n; s++) {
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", s ? " / " : "", segments[s].asked ? "" : "(");
            for (size_t k = segments[s].from; k < segments[s].to; k++)
                snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s", k > segments[s].from ? " " : "",
                         STR_FMT(w.items[k].text));
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s", segments[s].asked ? "" : ")");
        }
        if (strcmp(got, rows[i].expected) != 0)
            fail_msg("line %d: got '%s', expected '%s'", rows[i].line, got, rows[i].expected);
        arena_release(&a);
    }
    shop_close(&shop);
}

/* Segments follow each other and cover every word, however many breaks there are; at least one is asked. */
static void test_cover(void **state)
{
    (void)state;
    static const char *const pieces[] = {"what ",   "is ", "it ", "rent ", "and ",  "how ", "hello ",
                                         "thanks ", "? ",  ". ",  ", ",    "tell ", "i "};
    struct shop shop;
    shop_open(&shop, 0);
    uint32_t seed = 9;
    for (int round = 0; round < 5000; round++) {
        struct arena a = {0};
        struct buf text;
        struct segment s[SEGMENTS_MAX];
        buf_init(&text, 10000);
        buf_adds(&text, "");
        for (int i = 0; i < round % 200; i++)
            buf_adds(&text, pieces[next_random(&seed) % COUNT(pieces)]);
        struct words w = normalise(shop.docent, buf_str(&text), false, &a);
        size_t n = split(shop.docent, &w, s), at = 0;
        bool asked = w.n == 0;
        assert_true(n <= SEGMENTS_MAX && (n > 0) == (w.n > 0));
        for (size_t i = 0; i < n; i++) {
            bool good = s[i].whole_from == at && s[i].from >= s[i].whole_from && s[i].from < s[i].to &&
                        s[i].to <= s[i].whole_to;
            if (!good)
                fail_msg("round %d, segment %zu: %s", round, i, text.p);
            at = s[i].whole_to;
            asked = asked || s[i].asked;
        }
        assert_true(at == w.n && asked);
        buf_release(&text);
        arena_release(&a);
    }
    shop_close(&shop);
}

static const struct {
    const char *text;
    size_t segments, asked;
} messages[] = {
    {"how much is a repair", 1, 1},
    {"How much is a repair? When are you open?", 2, 2},
    {"how much is a repair and when are you open", 2, 2},
    {"My bike is broken. How much is a repair?", 2, 1},
    {"I like oil and air", 1, 1},
};

static void test_splitting(void **state)
{
    (void)state;
    struct docent *d = small_pack_open();
    struct arena a = {0};
    for (size_t i = 0; i < COUNT(messages); i++) {
        struct segment segments[SEGMENTS_MAX];
        struct words w = normalise(d, str_of(messages[i].text), false, &a);
        size_t n = split(d, &w, segments), asked = 0;
        for (size_t k = 0; k < n; k++)
            asked += segments[k].asked;
        if (n != messages[i].segments || asked != messages[i].asked)
            fail_msg("'%s': %zu segments, %zu asked", messages[i].text, n, asked);
    }
    arena_release(&a);
    docent_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_cover),
        cmocka_unit_test(test_splitting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
