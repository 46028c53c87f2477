#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/normalise.h"
#include "engine/pack.h"
#include "engine/split.h"
#include "small_pack.h"

#include <string.h>

static const struct {
    const char *typed, *read;
} rows[] = {
    {"How much do repairs COST?", "how much do repair cost"},
    {"what\xE2\x80\x99s the price", "what is price"},
    {"whats the price", "what is price"},
    {"dont fix it", "do not fix it"},
    {"\xEF\xBC\xA8\xEF\xBD\x8F\xEF\xBD\x97 much", "how much"},                  /* full width */
    {"r\xC3\xA9pair", "repair"},                                                /* accent */
    {"re\xE2\x80\x8Bpair", "repair"},                                           /* zero-width space */
    {"price \xF0\x9F\x9A\xB2 please", "price"},                                 /* emoji */
    {"price\xFF\xFE now", "price now"},                                         /* broken UTF-8 */
    {"opening-hours", "opening hour"},
    {"42k 42,000 $42,000", "42000 42000 42000"},
    {"2 thousand", "2000"},
    {"colour", "color"},
    {"two racers", "2 racer"},
    {"prcie of a repiar", "price of repair"},                                   /* swapped letters */
    {"pricce of a reppair", "price of repair"},                                 /* doubled */
    {"servise", "service"},                                                     /* by ear */
    {"repairprice", "repair price"},                                            /* run together */
    {"ser vice", "service"},                                                    /* split */
    {"banana", "banana"},                                                       /* English: left alone */
};

static void test_reading(void **state)
{
    (void)state;
    struct docent *d = small_pack_open();
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct words w = normalise(d, str_of(rows[i].typed), false, &a);
        char read[256] = "";
        for (size_t k = 0; k < w.n; k++) {
            if (k)
                strcat(read, " ");
            strncat(read, w.items[k].text.p, w.items[k].text.n);
        }
        if (strcmp(read, rows[i].read) != 0)
            fail_msg("row %zu '%s': read '%s', not '%s'", i, rows[i].typed, read, rows[i].read);
    }
    arena_release(&a);
    docent_free(d);
}

static void test_cut_at_a_character(void **state)
{
    (void)state;
    struct docent *d = small_pack_open();
    struct arena a = {0};
    char text[3 * (DOCENT_TEXT_MAX + 10)];
    for (size_t i = 0; i < sizeof text; i += 3)
        memcpy(text + i, "\xE2\x82\xAC", 3);
    assert_true(normalise(d, (struct str){text, sizeof text}, false, &a).cut);
    assert_false(normalise(d, (struct str){text, 300}, false, &a).cut);
    arena_release(&a);
    docent_free(d);
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
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
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
        cmocka_unit_test(test_reading),
        cmocka_unit_test(test_cut_at_a_character),
        cmocka_unit_test(test_splitting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
