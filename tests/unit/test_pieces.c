#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "render/pieces.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define TEN "0123456789"
#define FORTY TEN TEN TEN TEN

static void test_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t units;
    } rows[] = {
        {"", 0}, {"abc", 3}, {"é", 1}, {"…", 1}, {"😀", 2}, {"a😀b", 4}, {"\xff\xfe", 2},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(pieces_units(str_of(rows[i].text)), rows[i].units);
}

/* Pieces with a bar between them. */
static void join(struct buf *out, struct str text, size_t limit, size_t max)
{
    struct arena a = {0};
    size_t n;
    const struct str *pieces = pieces_cut(text, limit, max, &a, &n);
    buf_init(out, 1 << 20);
    buf_adds(out, "");
    for (size_t i = 0; i < n; i++) {
        buf_adds(out, i ? "|" : "");
        buf_add(out, pieces[i]);
    }
    arena_release(&a);
}

static void test_where_a_text_is_cut(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text, *pieces;
    } rows[] = {
        {__LINE__, "", ""},
        {__LINE__, " \n ", ""},
        {__LINE__, "short", "short"},
        {__LINE__, "  two\n\nparagraphs \n", "  two\n\nparagraphs"},
        /* paragraphs stay whole where they can, and as many go together as have room */
        {__LINE__, "one\n\ntwo two two two two two two two two two\n\nthree",
         "one|two two two two two two two two two two|three"},
        {__LINE__, "one\n\ntwo\n\nthree three three three three three",
         "one\n\ntwo|three three three three three three"},
        {__LINE__, "one\n\ntwo two two two two two two two two\n\nthree",
         "one\n\ntwo two two two two two two two two|three"},
        {__LINE__, "one\n  \ntwo two two two two two two two two two", "one|two two two two two two two two two two"},
        /* a paragraph that is too long: its lines */
        {__LINE__, "- " TEN TEN "\n- " TEN TEN "\n- " TEN, "- " TEN TEN "|- " TEN TEN "\n- " TEN},
        {__LINE__, "head\n- " TEN TEN TEN "\n  - " TEN, "head\n- " TEN TEN TEN "|  - " TEN},
        /* a line that is too long: its sentences */
        {__LINE__, "The first is this. The second one, a longer one, is this.",
         "The first is this.|The second one, a longer one, is this."},
        {__LINE__, "Is it \"so?\" Yes (it is.) But who knew that for sure?",
         "Is it \"so?\" Yes (it is.)|But who knew that for sure?"},
        /* a sentence that is too long: its words */
        {__LINE__, "aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff",
         "aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd|eeeeeeeee fffffffff"},
        /* a word that is too long: anywhere */
        {__LINE__, FORTY TEN, FORTY "|" TEN},
        {__LINE__, "go " FORTY FORTY,
         "go 0123456789012345678901234567890123456|7890123456789012345678901234567890123456|789"},
        {__LINE__, "go " FORTY, "go|" FORTY},
        /* white space where it is cut goes */
        {__LINE__, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa   \n\n\n   bbbbbbbbbbbbbbbbbb",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|   bbbbbbbbbbbbbbbbbb"},
        {__LINE__, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa    bbbbbbbbbbbbbbbbbb",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|bbbbbbbbbbbbbbbbbb"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        join(&out, str_of(rows[i].text), 40, 100);
        if (strcmp(out.p, rows[i].pieces) != 0)
            fail_msg("line %d: '%s' instead of '%s'", rows[i].line, out.p, rows[i].pieces);
        buf_release(&out);
    }
}

static void test_what_belongs_together_is_not_cut(void **state)
{
    (void)state;
#define A38 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    static const struct {
        int line;
        const char *text, *pieces;
    } rows[] = {
        {__LINE__, A38 "&amp;b", A38 "|&amp;b"},
        {__LINE__, A38 "&#x27;b", A38 "|&#x27;b"},
        {__LINE__, A38 "& not; b", A38 "&|not; b"},
        {__LINE__, A38 "&;bb", A38 "&;|bb"},
        {__LINE__, "see here for what it is <https://x.org/a|the page>",
         "see here for what it is|<https://x.org/a|the page>"},
        {__LINE__, A38 "<@U1> b", A38 "|<@U1> b"},
        {__LINE__, A38 "<" A38, A38 "<a|aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
        {__LINE__, A38 "b\\*c", A38 "b|\\*c"},
        {__LINE__, A38 "b😀", A38 "b|😀"},
        {__LINE__, A38 "be\xCC\x81", A38 "b|e\xCC\x81"},
        {__LINE__, A38 "👩\xE2\x80\x8D🔬", A38 "|👩\xE2\x80\x8D🔬"},
        {__LINE__, "a salary of about forty thousand, **42,000 to 50,000** a year",
         "a salary of about forty thousand,|**42,000 to 50,000** a year"},
        {__LINE__, "a salary of about forty thousand to *fifty thousand* a year",
         "a salary of about forty thousand to|*fifty thousand* a year"},
        {__LINE__, "type in the following words, `docent ask me` and wait",
         "type in the following words,|`docent ask me` and wait"},
        {__LINE__, "twice two * three times some other * makes it twelve",
         "twice two * three times some other *|makes it twelve"},
        {__LINE__, "**" FORTY TEN "**", "**01234567890123456789012345678901234567|890123456789**"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        join(&out, str_of(rows[i].text), 40, 100);
        if (strcmp(out.p, rows[i].pieces) != 0)
            fail_msg("line %d: '%s' instead of '%s'", rows[i].line, out.p, rows[i].pieces);
        buf_release(&out);
    }
}

static void test_fences(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text, *pieces;
    } rows[] = {
        {__LINE__, "```\na table\nof two\n```", "```\na table\nof two\n```"},
        /* one that has room is not cut */
        {__LINE__, "These are the prices:\n```\nroad  40\ncity  30\n```",
         "These are the prices:|```\nroad  40\ncity  30\n```"},
        {__LINE__, "```\nroad  40\n\ncity  30\n```\nThese were all the prices.",
         "```\nroad  40\n\ncity  30\n```|These were all the prices."},
        /* one that has not is closed and opened again, at the end of a line */
        {__LINE__, "```\nroad bikes   40\ncity bikes   30\nfolding ones 35\n```",
         "```\nroad bikes   40\ncity bikes   30\n```|```\nfolding ones 35\n```"},
        {__LINE__, "```\n" FORTY FORTY "\n```",
         "```\n01234567890123456789012345678901\n```|```\n23456789012345678901234567890123\n```|```\n4567890123456789\n```"},
        /* nobody closed it */
        {__LINE__, "```\n" TEN TEN TEN, "```\n" TEN TEN TEN "\n```"},
        {__LINE__, "```\n" TEN TEN TEN TEN, "```\n01234567890123456789012345678901\n```|```\n23456789\n```"},
        /* in the midst of a line it is no fence */
        {__LINE__, "these ``` are only three marks in the text of it",
         "these ``` are only three marks in the|text of it"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        join(&out, str_of(rows[i].text), 40, 100);
        if (strcmp(out.p, rows[i].pieces) != 0)
            fail_msg("line %d: '%s' instead of '%s'", rows[i].line, out.p, rows[i].pieces);
        buf_release(&out);
    }
}

static void test_not_more_than_so_many(void **state)
{
    (void)state;
    struct buf out;
    join(&out, str_of(FORTY FORTY FORTY), 40, 2);
    assert_string_equal(out.p, FORTY "|012345678901234567890123456789012345678…");
    buf_release(&out);
    join(&out, str_of("one two three four five six seven eight nine"), 40, 1);
    assert_string_equal(out.p, "one two three four five six seven eight…");
    buf_release(&out);
    join(&out, str_of("```\n" FORTY "\n```"), 40, 1);
    assert_string_equal(out.p, "```\n0123456789012345678901234567890…\n```");
    buf_release(&out);
    join(&out, str_of("it fits"), 40, 1);
    assert_string_equal(out.p, "it fits");
    buf_release(&out);
}

/* Whatever the text: no piece is empty or too long or cut in a character, and nothing but white space is lost. */
static void test_any_text(void **state)
{
    (void)state;
    static const char *const words[] = {
        "a",
        "salary",
        ".",
        " ",
        " ",
        " ",
        "\n",
        "\n\n",
        "```",
        "\n```\n",
        "**",
        "*",
        "`",
        "_",
        "<",
        ">",
        "&amp;",
        "&",
        ";",
        "\\",
        "😀",
        "é",
        "e\xCC\x81",
        "\xE2\x80\x8D",
        "\xff",
        "- ",
        "<https://x.org|a page>",
        "? ",
        "0123456789012345678901234567890123456789",
    };
    uint32_t seed = 7;
    for (int round = 0; round < 3000; round++) {
        struct buf text, joined;
        buf_init(&text, 1 << 16);
        buf_init(&joined, 1 << 17);
        for (uint32_t i = 0, n = (seed >> 16) % 120; i <= n; i++) {
            seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
            buf_adds(&text, words[(seed >> 16) % COUNT(words)]);
        }
        bool fences = strstr(text.p, "```") != NULL;
        struct arena a = {0};
        size_t n, limit = 40 + (size_t)round % 60;
        const struct str *pieces = pieces_cut(buf_str(&text), limit, 1000, &a, &n);
        for (size_t i = 0; i < n; i++) {
            assert_true(pieces[i].n > 0);
            assert_true(pieces_units(pieces[i]) <= limit);
            assert_true(!utf8_valid(buf_str(&text)) || utf8_valid(pieces[i]));
            buf_add(&joined, pieces[i]);
        }
        const char *p = text.p, *q = n ? joined.p : "";
        for (; !fences && (*p || *q); p++, q++) {
            p += strspn(p, " \n");
            q += strspn(q, " \n");
            if (*p != *q)
                fail_msg("round %d: lost at '%s' in '%s'", round, p, text.p);
            if (!*p)
                break;
        }
        arena_release(&a);
        buf_release(&text);
        buf_release(&joined);
    }
}

static void test_many_accents_are_cut_all_the_same(void **state)
{
    (void)state;
    struct buf text, out;
    buf_init(&text, 1 << 16);
    buf_addc(&text, 'e');
    for (int i = 0; i < 5000; i++)
        buf_adds(&text, "\xCC\x81");
    join(&out, buf_str(&text), 40, 1000);
    assert_true(out.n > text.n);
    buf_release(&text);
    buf_release(&out);
}

static void test_short(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
        size_t limit;
        const char *expected;
    } rows[] = {
        {__LINE__, "", 10, ""},
        {__LINE__, "How much?", 10, "How much?"},
        {__LINE__, "0123456789", 10, "0123456789"},
        {__LINE__, "0123456789a", 10, "012345678…"},
        {__LINE__, "  How \n\t much?  ", 10, "How much?"},
        {__LINE__, "How much is it?", 10, "How much…"},
        {__LINE__, "How much     it?", 12, "How much it?"},
        {__LINE__, "I 0123456789abc", 10, "I 0123456…"},
        {__LINE__, "01234567😀", 10, "01234567😀"},
        {__LINE__, "01234567😀a", 10, "01234567…"},
        {__LINE__, "x", 1, "x"},
        {__LINE__, "xy", 1, "…"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena a = {0};
        struct str got = pieces_short(str_of(rows[i].text), rows[i].limit, &a);
        if (!str_is(got, rows[i].expected))
            fail_msg("line %d: '%.*s' instead of '%s'", rows[i].line, STR_FMT(got), rows[i].expected);
        arena_release(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_where_a_text_is_cut),
        cmocka_unit_test(test_what_belongs_together_is_not_cut),
        cmocka_unit_test(test_fences),
        cmocka_unit_test(test_not_more_than_so_many),
        cmocka_unit_test(test_any_text),
        cmocka_unit_test(test_many_accents_are_cut_all_the_same),
        cmocka_unit_test(test_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
