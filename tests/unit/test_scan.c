#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "engine/scan.h"

#include <string.h>

#define LINE __LINE__
#define S(literal) \
    { \
        literal, sizeof(literal) - 1 \
    }
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct row {
    int line;
    struct str text;
    const char *expected;
} fold_rows[] = {
    {LINE, S(""), ""},
    {LINE, S("Hello World"), "hello world"},
    {LINE, S("tab\there\x01\x7F"), "tab here  "},
    {LINE, S("two\nlines"), "two\nlines"},
    {LINE, S("a\0b"), "a b"},
    {LINE, S("CAF\xC3\x89"), "cafe"},  /* precomposed accent */
    {LINE, S("cafe\xCC\x81"), "cafe"}, /* combining accent */
    {LINE, S("\xC3\x85ngstr\xC3\xB6m"), "angstrom"},
    {LINE,
     S("stra\xC3\x9F"
       "e"),
     "strasse"},                                              /* full case folding */
    {LINE, S("\xEF\xBC\xA3\xEF\xBC\xB0\xEF\xBC\xA3"), "cpc"}, /* full-width */
    {LINE, S("\xEF\xBC\x94\xEF\xBC\x92"), "42"},
    {LINE, S("\xEF\xAC\x81x"), "fix"},                   /* ligature fi */
    {LINE, S("x\xC2\xB2"), "x2"},                        /* superscript */
    {LINE, S("\xE2\x85\xA3"), "iv"},                     /* roman numeral */
    {LINE, S("\xF0\x9D\x95\x99\xF0\x9D\x95\x9A"), "hi"}, /* mathematical letters */
    {LINE, S("\xE2\x80\x9Cso\xE2\x80\x9D"), " so "},     /* curly quotes */
    {LINE, S("don\xE2\x80\x99t"), "don't"},
    {LINE, S("don`t"), "don't"},
    {LINE, S("entry\xE2\x80\x91level"), "entry-level"}, /* no-break hyphen */
    {LINE, S("so \xE2\x80\x94 what"), "so , what"},     /* em dash */
    {LINE, S("why\xEF\xBC\x9F"), "why?"},               /* full-width question mark */
    {LINE, S("\xC2\xBFque?"), "?que?"},
    {LINE, S("pay\xE2\x80\x8Bment"), "payment"}, /* zero-width space */
    {LINE, S("\xEF\xBB\xBFhi"), "hi"},           /* byte order mark */
    {LINE, S("soft\xC2\xADhyphen"), "softhyphen"},
    {LINE,
     S("a\xE2\x80\x8D"
       "b"),
     "ab"}, /* zero-width joiner */
    {LINE,
     S("a\xC2\xA0"
       "b"),
     "a b"},                                      /* no-break space */
    {LINE, S("hi\xF0\x9F\x98\x80you"), "hi you"}, /* emoji */
    {LINE,
     S("\xE2\x82\xAC"
       "5"),
     " 5"}, /* euro sign */
    {LINE,
     S("a\xFF"
       "b"),
     "a b"}, /* no UTF-8 */
    {LINE, S("a\xC3"), "a "},
    {LINE, S("\xED\xA0\x80"), "   "},                  /* half of a surrogate pair */
    {LINE, S("\xC0\x80"), "  "},                       /* overlong */
    {LINE, S("\xF4\x90\x80\x80"), "    "},             /* past U+10FFFF */
    {LINE, S("\xEF\xBF\xBD"), " "},                    /* the replacement character itself */
    {LINE, S("\xD0\xA1\xD0\xBA"), "\xD1\x81\xD0\xBA"}, /* another script stays */
};

static void test_fold(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(fold_rows); i++) {
        struct arena a = {0};
        struct str got = fold_text(fold_rows[i].text, &a);
        if (!str_is(got, fold_rows[i].expected))
            fail_msg("line %d: got '%.*s', expected '%s'", fold_rows[i].line, STR_FMT(got), fold_rows[i].expected);
        arena_release(&a);
    }
}

/* A text of the character that grows most, U+FDFA, is folded whole. */
static void test_fold_growing(void **state)
{
    (void)state;
    struct arena a = {0};
    struct buf text;
    buf_init(&text, 100000);
    for (int i = 0; i < 4000; i++)
        buf_adds(&text, "\xEF\xB7\xBA");
    struct str one = fold_text(STR("\xEF\xB7\xBA"), &a), all = fold_text(buf_str(&text), &a);
    assert_true(one.n > 20);
    assert_int_equal(all.n, 4000 * one.n);
    buf_release(&text);
    arena_release(&a);
}

/* Words as they come; before each what stands there: nothing, ',' weak, '.' strong, '#' an item's number, '?' a question mark. */
static const struct row token_rows[] = {
    {LINE, S(""), ""},
    {LINE, S("   \t "), ""},
    {LINE, S("how much"), "how much"},
    {LINE, S("what's it?"), "what's it ?"},
    {LINE, S("'quoted' word'"), "quoted word"},
    {LINE, S("one, two: (three)"), "one ,two ,three ,"},
    {LINE, S("One. Two! three; four"), "one .two .three .four"},
    {LINE, S("a?? b?!"), "a ?b ?"},
    {LINE, S("line\nnext\n\nafter"), "line ,next .after"},
    {LINE, S("entry-level"), "entry level"},
    {LINE, S("this - that -- there"), "this ,that ,there"},
    {LINE, S("pay / hours + and/or"), "pay ,hours ,and or"},
    {LINE, S("ICD-10-CM"), "icd 10 cm"},
    {LINE, S("U.S. pay"), "us .pay"},
    {LINE, S("e.g. this"), "eg .this"},
    {LINE, S("example.com"), "example com"},
    {LINE, S("42k $42,000 42,000"), "42000 42000 42000"},
    {LINE, S("42K"), "42000"},
    {LINE, S("1,234,567"), "1234567"},
    {LINE, S("1,2"), "1 ,2"},
    {LINE, S("12,34"), "12 ,34"},
    {LINE, S("1) open 2) close"), "#open #close"},
    {LINE, S("ask: (1) open, (2) close?"), "ask #open #close ?"},
    {LINE, S("1. open 2. close"), "#open #close"},
    {LINE, S("level 1. And then?"), "level 1 .and then ?"},
    {LINE, S("level 2) and 1)"), "level 2 ,and 1 ,"},
    {LINE, S("401k"), "401000"},
    {LINE, S("k 5kg 123456k"), "k 5kg 123456k"},
    {LINE, S("a & b"), "a and b"},
    {LINE, S("50% $ $$$"), "50 percent money money"},
    {LINE, S("w/o w/out"), "wo w out"},
    {LINE, S("it's o'clock rock'n'roll"), "it's o'clock rock'n'roll"},
    {LINE, S("#1 @you *bold* _x_"), "1 you bold x"},
    {LINE, S("\xE4\xBD\xA0\xE5\xA5\xBD\xE3\x80\x82"), "\xE4\xBD\xA0\xE5\xA5\xBD ."},
    {LINE, S("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff x"),
     "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeee x"},
};

static void describe(struct buf *out, struct str text, struct arena *a)
{
    static const char *const marks[] = {"", ",", ".", "#", "?"};
    struct scan s = {.rest = fold_text(text, a)};
    struct token t;
    buf_adds(out, "");
    while (scan_token(&s, &t))
        buf_addf(out, "%s%s%.*s", out->n ? " " : "", marks[t.brk], STR_FMT(t.text));
    buf_addf(out, "%s%s", s.brk && out->n ? " " : "", out->n ? marks[s.brk] : "");
}

static void test_tokens(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(token_rows); i++) {
        struct arena a = {0};
        struct buf got;
        buf_init(&got, 1000);
        describe(&got, token_rows[i].text, &a);
        if (strcmp(got.p, token_rows[i].expected) != 0)
            fail_msg("line %d: got '%s', expected '%s'", token_rows[i].line, got.p, token_rows[i].expected);
        buf_release(&got);
        arena_release(&a);
    }
}

/* Whatever comes in: UTF-8 comes out, folding again changes nothing, and a token is never empty nor too long. */
static void test_any_bytes(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a",
                                         "Z",
                                         "9",
                                         ",",
                                         ".",
                                         "'",
                                         "k",
                                         " ",
                                         "\n",
                                         "\xC3\xA9",
                                         "\xEF\xBC\xA1",
                                         "\xE2\x80\x99",
                                         "\xF0\x9F\x98\x80",
                                         "\xFF",
                                         "\xC3",
                                         "\xE2\x80",
                                         "$",
                                         "%",
                                         "-",
                                         "\xCC\x81",
                                         "\xE2\x80\x8D",
                                         "\xEF\xB7\xBA"};
    uint32_t seed = 7;
    for (int round = 0; round < 20000; round++) {
        struct arena a = {0};
        struct buf text;
        buf_init(&text, 10000);
        buf_adds(&text, "");
        for (int i = 0; i < round % 60; i++) {
            seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
            buf_adds(&text, pieces[(seed >> 16) % COUNT(pieces)]);
        }
        struct str folded = fold_text(buf_str(&text), &a), again = fold_text(folded, &a);
        if (!utf8_valid(folded) || !str_eq(folded, again))
            fail_msg("round %d: '%.*s', then '%.*s'", round, STR_FMT(folded), STR_FMT(again));
        struct scan s = {.rest = folded};
        struct token t;
        while (scan_token(&s, &t))
            if (!t.text.n || t.text.n > TOKEN_MAX || !utf8_valid(t.text))
                fail_msg("round %d: token of %zu bytes", round, t.text.n);
        buf_release(&text);
        arena_release(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_fold_growing),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
