#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/utf8.h"
#include "engine/normalise.h"
#include "engine/pack.h"
#include "packs.h"
#include "small_pack.h"

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

static void join(struct buf *out, const struct words *w, size_t from, size_t to)
{
    buf_adds(out, "");
    for (size_t i = from; i < to; i++)
        buf_addf(out, "%s%.*s", i > from ? " " : "", STR_FMT(w->items[i].text));
}

struct row {
    int line;
    const char *typed, *expected;
};

static const struct row rows[] = {
    {LINE, "", ""},
    {LINE, "?!... ,,,", ""},
    {LINE, "How much is it to RENT?", "how much is it to rent"},
    /* contractions, spoken and texted forms */
    {LINE, "what's whats What\xE2\x80\x99s", "what is what is what is"},
    {LINE, "don't dont can't cant won't", "do not do not can not can not will not"},
    {LINE, "I'm you're they've", "i is you is they have"},
    {LINE, "gonna wanna gotta", "going to want to have to"},
    {LINE, "u r y thx b4", "you is why thank before"},
    {LINE, "wats teh prce", "what is price"},
    /* letters drawn out */
    {LINE, "hellooo, priceee of a bikeee 3000", "hello price of bike 3000"},
    {LINE, "hellllo bikkke", "hello bike"},
    /* plural and third person */
    {LINE, "bikes rentals days", "bike rental day"},
    {LINE, "does he do it, has she it", "do he do it have she it"},
    {LINE, "the shop's prices", "shop price"},
    /* figures */
    {LINE, "42k $42,000 42,000", "42000 42000 42000"},
    {LINE, "75 thousand, 3 grand", "75000 3000"},
    {LINE, "two bikes", "2 bike"},
    {LINE, "one bike", "one bike"},
    {LINE, "1.5", "1 5"},
    /* filler */
    {LINE, "please just really basically the a an um rent", "rent"},
    {LINE, "so well the a an", ""},
    /* hyphens and punctuation */
    {LINE, "city-bike / road-bike", "city bike road bike"},
    {LINE, "rent&repair", "rent and repair"},
    /* Unicode */
    {LINE, "\xEF\xBC\xB2\xEF\xBC\xA5\xEF\xBC\xAE\xEF\xBC\xB4", "rent"}, /* full-width */
    {LINE, "r\xC3\xA9nt\xC3\xA1l", "rental"},                           /* accents */
    {LINE, "re\xCC\x81nt", "rent"},
    {LINE, "re\xE2\x80\x8Bnt", "rent"}, /* zero width */
    {LINE,
     "rent\xF0\x9F\x9A\xB2"
     "bike",
     "rent bike"}, /* emoji */
    {LINE, "\xE2\x80\x9Crent\xE2\x80\x9D", "rent"},
    {LINE,
     "rent\xFF\xFE"
     "bike",
     "rent bike"},
    {LINE, "\xC3", ""},
    {LINE, "ren\xE1\xB9\xAD \xF0\x9D\x92\x83\xF0\x9D\x92\x8A\xF0\x9D\x92\x8C\xF0\x9D\x92\x86", "rent bike"},
    /* a pack's replacements, the longest first */
    {LINE, "velo", "bike"},
    {LINE, "cycle hire price", "rental price"},
    {LINE, "cbk", "city bike"},
    {LINE, "cycle, hire", "rental"},
    /* typing errors */
    {LINE, "rentel prise of a raod bike", "rental price of road bike"},
    {LINE, "openinghours", "opening hour"},
    {LINE, "open ing hours", "opening hour"},
    {LINE, "the weather in paris", "weather in paris"},
};

static void check(const struct row *row, const char *typed, bool bold)
{
    struct arena a = {0};
    struct buf got;
    buf_init(&got, 10000);
    struct words w = normalise(shop.docent, str_of(typed), bold, &a);
    join(&got, &w, 0, w.n);
    if (strcmp(got.p, row->expected) != 0)
        fail_msg("line %d: got '%s', expected '%s'", row->line, got.p, row->expected);
    for (size_t i = 0; i < w.n; i++)
        if (w.items[i].id && !str_eq(w.items[i].text, shop.docent->lexicon.words[w.items[i].id].text))
            fail_msg("line %d: word %zu is not the one of its number", row->line, i);
    buf_release(&got);
    arena_release(&a);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check(&rows[i], rows[i].typed, false);
}

/* What comes out of normalising is normalised: it stays as it is. */
static void test_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check(&rows[i], rows[i].expected, false);
}

static const struct row trim_rows[] = {
    {LINE, "hi, can you tell me what it costs, thanks", "what it cost"},
    {LINE, "hello there how much is it", "how much is it"},
    {LINE, "Good morning. I have a question: opening hours? Thanks in advance", "opening hour"},
    {LINE, "hi hi hi rent", "rent"},
    {LINE, "rent thanks thanks cheers", "rent"},
    {LINE, "hello", "hello"},
    {LINE, "hi thanks", "thank"},
    {LINE, "rent", "rent"},
    {LINE, "hi, explain rental for me", "explain rental"},
    {LINE, "is rental for me", "is rental for me"},
    {LINE, "do you know whether rental is right for me, thanks", "whether rental is right for me"},
    {LINE, "is that right?", "is that right"},
    {LINE, "what is in it for me", "what is in it for me"},
    {LINE, "would rental help me?", "would rental help me"},
    {LINE, "opening hours, help me", "opening hour"},
};

static void test_trim(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(trim_rows); i++) {
        struct arena a = {0};
        struct buf got;
        buf_init(&got, 10000);
        struct words w = normalise(shop.docent, str_of(trim_rows[i].typed), false, &a);
        size_t from = 0, to = w.n;
        trim_chatter(shop.docent, w.items, &from, &to);
        join(&got, &w, from, to);
        if (strcmp(got.p, trim_rows[i].expected) != 0)
            fail_msg("line %d: got '%s', expected '%s'", trim_rows[i].line, got.p, trim_rows[i].expected);
        buf_release(&got);
        arena_release(&a);
    }
}

static const struct row correction_rows[] = {
    {LINE, "rentel", "rentel>rental"},
    {LINE, "dont rent", "dont>do not"},
    {LINE, "don't rent", ""},
    {LINE, "openinghours", "openinghours>opening hour"},
    {LINE, "ren tal", "ren tal>rental"},
    {LINE, "how much", ""},
};

static void test_corrections(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(correction_rows); i++) {
        struct arena a = {0};
        char got[200] = "";
        struct words w = normalise(shop.docent, str_of(correction_rows[i].typed), false, &a);
        for (size_t k = 0; k < w.n_corrections; k++) {
            snprintf(got + strlen(got), sizeof got - strlen(got), "%.*s>%.*s", STR_FMT(w.corrections[k].from),
                     STR_FMT(w.corrections[k].to));
            assert_non_null(w.corrections[k].reason);
        }
        if (strcmp(got, correction_rows[i].expected) != 0)
            fail_msg("line %d: got '%s', expected '%s'", correction_rows[i].line, got, correction_rows[i].expected);
        arena_release(&a);
    }
}

/* Breaks stand before words, also where filler or a replaced phrase stood between. */
static void test_breaks(void **state)
{
    (void)state;
    struct arena a = {0};
    struct words w = normalise(shop.docent, STR("rent? please, the deposit. cycle hire, velo!"), false, &a);
    static const enum brk expected[] = {BRK_NONE, BRK_QUESTION, BRK_STRONG, BRK_WEAK};
    assert_int_equal(w.n, COUNT(expected));
    for (size_t i = 0; i < w.n; i++)
        if (w.items[i].brk != expected[i])
            fail_msg("word %zu: %d, expected %d", i, w.items[i].brk, expected[i]);
    assert_int_equal(w.end, BRK_STRONG);
    arena_release(&a);
}

/* Characters count, not bytes; what is past the limit is not read. */
static void test_cut(void **state)
{
    (void)state;
    static const struct {
        const char *unit;
        size_t chars;
    } units[] = {{"a ", 2},   {"\xC3\xA9 ", 2},   {"\xE2\x82\xAC", 1}, {"\xF0\x9F\x98\x80", 1},
                 {"\xFF", 1}, {"\xEF\xB7\xBA", 1}};
    for (size_t u = 0; u < COUNT(units); u++)
        for (int over = -1; over <= 1; over++) {
            struct arena a = {0};
            struct buf text;
            buf_init(&text, 1 << 16);
            for (size_t n = 0; n + 9 + units[u].chars <= DOCENT_TEXT_MAX; n += units[u].chars)
                buf_adds(&text, units[u].unit);
            size_t left = (size_t)((int)DOCENT_TEXT_MAX + over) - utf8_count(buf_str(&text)) - 8;
            buf_fill(&text, ' ', left);
            buf_adds(&text, " deposit");
            struct words w = normalise(shop.docent, buf_str(&text), false, &a);
            const struct word *last = &w.items[w.n - 1];
            if (w.cut != (over > 0))
                fail_msg("unit %zu, %d over: cut is %d", u, over, w.cut);
            if (over <= 0 && !str_is(last->text, "deposit"))
                fail_msg("unit %zu, %d over: ends with '%.*s'", u, over, STR_FMT(last->text));
            buf_release(&text);
            arena_release(&a);
        }
}

/* Any bytes become words that are not empty, are UTF-8 and hold neither spaces nor capitals. */
static void test_any_bytes(void **state)
{
    (void)state;
    static const char *const pieces[] = {"rent",
                                         "bike",
                                         "raod",
                                         "velo",
                                         "cycle hire",
                                         "dont",
                                         "thousand",
                                         "75",
                                         ",",
                                         ".",
                                         "?",
                                         " ",
                                         " ",
                                         "\n",
                                         "'",
                                         "s",
                                         "\xC3\xA9",
                                         "\xFF",
                                         "\xE2\x80\x8B",
                                         "\xF0\x9F\x98\x80",
                                         "$",
                                         "k",
                                         "-",
                                         "openinghours",
                                         "\xEF\xBC\xA1",
                                         "fulfil",
                                         "\xD1\x81"};
    uint32_t seed = 5;
    for (int round = 0; round < 20000; round++) {
        struct arena a = {0};
        struct buf text;
        buf_init(&text, 10000);
        buf_adds(&text, "");
        for (int i = 0; i < round % 40; i++)
            buf_adds(&text, pieces[next_random(&seed) % COUNT(pieces)]);
        struct words w = normalise(shop.docent, buf_str(&text), round % 2, &a);
        for (size_t i = 0; i < w.n; i++) {
            struct str t = w.items[i].text;
            bool good = t.n > 0 && utf8_valid(t);
            for (size_t k = 0; k < t.n; k++)
                good = good && t.p[k] != ' ' && !(t.p[k] >= 'A' && t.p[k] <= 'Z');
            if (!good)
                fail_msg("'%s' gives '%.*s'", text.p, STR_FMT(t));
        }
        buf_release(&text);
        arena_release(&a);
    }
}

static const struct {
    const char *typed, *read;
} small_rows[] = {
    {"How much do repairs COST?", "how much do repair cost"},
    {"what\xE2\x80\x99s the price", "what is price"},
    {"whats the price", "what is price"},
    {"dont fix it", "do not fix it"},
    {"\xEF\xBC\xA8\xEF\xBD\x8F\xEF\xBD\x97 much", "how much"}, /* full width */
    {"r\xC3\xA9pair", "repair"},                               /* accent */
    {"re\xE2\x80\x8Bpair", "repair"},                          /* zero-width space */
    {"price \xF0\x9F\x9A\xB2 please", "price"},                /* emoji */
    {"price\xFF\xFE now", "price now"},                        /* broken UTF-8 */
    {"opening-hours", "opening hour"},
    {"42k 42,000 $42,000", "42000 42000 42000"},
    {"2 thousand", "2000"},
    {"colour", "color"},
    {"two racers", "2 racer"},
    {"prcie of a repiar", "price of repair"},   /* swapped letters */
    {"pricce of a reppair", "price of repair"}, /* doubled */
    {"servise", "service"},                     /* by ear */
    {"repairprice", "repair price"},            /* run together */
    {"ser vice", "service"},                    /* split */
    {"banana", "banana"},                       /* English: left alone */
};

static void test_reading(void **state)
{
    (void)state;
    struct docent *d = small_pack_open();
    struct arena a = {0};
    for (size_t i = 0; i < COUNT(small_rows); i++) {
        struct words w = normalise(d, str_of(small_rows[i].typed), false, &a);
        char read[256] = "";
        for (size_t k = 0; k < w.n; k++) {
            if (k)
                strcat(read, " ");
            strncat(read, w.items[k].text.p, w.items[k].text.n);
        }
        if (strcmp(read, small_rows[i].read) != 0)
            fail_msg("row %zu '%s': read '%s', not '%s'", i, small_rows[i].typed, read, small_rows[i].read);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),        cmocka_unit_test(test_again),   cmocka_unit_test(test_trim),
        cmocka_unit_test(test_corrections), cmocka_unit_test(test_breaks),  cmocka_unit_test(test_cut),
        cmocka_unit_test(test_any_bytes),   cmocka_unit_test(test_reading), cmocka_unit_test(test_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, open_shop, close_shop);
}
