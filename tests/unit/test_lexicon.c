#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/lexicon.h"

#include <stdio.h>
#include <string.h>

#define LINE __LINE__
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct row {
    int line;
    const char *word, *expected;
} fold_rows[] = {
    {LINE, "", ""},
    {LINE, "coder", "coder"},
    {LINE, "coders", "coder"},
    {LINE, "pays", "pay"},
    {LINE, "certifications", "certification"},
    {LINE, "salaries", "salary"},
    {LINE, "classes", "class"},
    {LINE, "boxes", "box"},
    {LINE, "churches", "church"},
    {LINE, "brushes", "brush"},
    {LINE, "class", "class"},
    {LINE, "status", "status"},
    {LINE, "analysis", "analysis"},
    {LINE, "its", "its"},
    {LINE, "gas", "gas"},
    {LINE, "ties", "tie"},
    {LINE, "cpcs", "cpcs"},   /* no vowel: an abbreviation */
    {LINE, "1990s", "1990s"}, /* a figure */
    {LINE, "does", "do"},
    {LINE, "has", "have"},
    {LINE, "are", "is"},
    {LINE, "am", "is"},
    {LINE, "women", "woman"},
    {LINE, "news", "news"},
    {LINE, "coder's", "coder"},
    {LINE, "coders'", "coder"},
    {LINE, "o'clock", "oclock"},
    {LINE, "organisation", "organization"},
    {LINE, "specialised", "specialized"},
    {LINE, "labour", "labor"},
    {LINE, "licences", "license"},
    {LINE, "centres", "center"},
    {LINE, "enrolment", "enrollment"},
    {LINE, "enrollment", "enrollment"},
    {LINE, "fulfillment", "fulfillment"},
    {LINE, "\xD1\x81\xD0\xBA", "\xD1\x81\xD0\xBA"},
};

static void test_fold(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(fold_rows); i++) {
        char out[WORD_MAX];
        struct str got = word_fold(str_of(fold_rows[i].word), out);
        if (!str_is(got, fold_rows[i].expected))
            fail_msg("line %d: got '%.*s', expected '%s'", fold_rows[i].line, STR_FMT(got), fold_rows[i].expected);
    }
}

/* Folding twice is folding once, and never gives more than WORD_MAX bytes. */
static void test_fold_idempotent(void **state)
{
    (void)state;
    static const char *const pieces[] = {"s", "es", "ies", "ss", "x",       "ch",     "sh",     "a", "e",  "i",
                                         "o", "u",  "y",   "t",  "organis", "fulfil", "labour", "'", "'s", "9"};
    uint32_t seed = 3;
    for (int round = 0; round < 50000; round++) {
        char word[200] = "", one[WORD_MAX], two[WORD_MAX];
        for (int i = 0; i <= round % 9; i++) {
            seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
            strcat(word, pieces[(seed >> 16) % COUNT(pieces)]);
        }
        if (strchr(word, '\'') == word || strstr(word, "''"))
            continue; /* no token looks so */
        struct str once = word_fold(str_of(word), one), twice = word_fold(once, two);
        if (!str_eq(once, twice) || once.n > WORD_MAX)
            fail_msg("'%s' becomes '%.*s', then '%.*s'", word, STR_FMT(once), STR_FMT(twice));
    }
}

static void test_words(void **state)
{
    (void)state;
    struct arena a = {0};
    struct lexicon lex;
    lexicon_init(&lex, &a);
    assert_int_equal(lexicon_find(&lex, STR("spanner")), 0);
    uint32_t spanner = lexicon_add(&lex, STR("spanner"), WORD_SUBJECT);
    assert_true(spanner > 0);
    assert_int_equal(lexicon_add(&lex, STR("spanner"), WORD_PLURAL), spanner);
    assert_int_equal(lex.words[spanner].flags, WORD_SUBJECT | WORD_PLURAL);
    for (int i = 0; i < 20000; i++) { /* the table grows */
        char word[16];
        int n = snprintf(word, sizeof word, "word%d", i);
        lexicon_add(&lex, (struct str){word, (size_t)n}, 0);
    }
    assert_int_equal(lexicon_find(&lex, STR("spanner")), spanner);
    assert_true(lexicon_find(&lex, STR("word19999")) > 0);
    assert_true(lex.words[lexicon_find(&lex, STR("the"))].flags & WORD_FILLER);
    assert_true(lex.words[lexicon_find(&lex, STR("how"))].flags & WORD_QUESTION);
    lexicon_done(&lex);
    arena_release(&a);
}

static const struct row read_rows[] = {
    {LINE, "How much do the coders EARN?", "how much do coder earn"},
    {LINE, "what's dont gonna u", "what is do not going to you"},
    {LINE, "please just the a an", ""},
    {LINE, "$42,000", "42000"},
    {LINE, "entry-level", "entry level"},
};

static void test_read(void **state)
{
    (void)state;
    struct arena a = {0};
    struct lexicon lex;
    lexicon_init(&lex, &a);
    for (size_t i = 0; i < COUNT(read_rows); i++) {
        uint32_t words[16];
        char got[200] = "";
        size_t n = lexicon_read(&lex, str_of(read_rows[i].word), WORD_SUBJECT, words, 16);
        for (size_t k = 0; k < n; k++)
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s", k ? " " : "",
                     STR_FMT(lex.words[words[k]].text));
        if (strcmp(got, read_rows[i].expected) != 0)
            fail_msg("line %d: got '%s', expected '%s'", read_rows[i].line, got, read_rows[i].expected);
    }
    uint32_t words[3];
    assert_int_equal(lexicon_read(&lex, STR("one two three four five"), 0, words, 3), 3);
    lexicon_done(&lex);
    arena_release(&a);
}

static void test_phrases(void **state)
{
    (void)state;
    struct arena a = {0};
    struct lexicon lex;
    lexicon_init(&lex, &a);
    uint32_t w[4];
    lexicon_read(&lex, STR("inner tube valve cap"), 0, w, 4);
    lexicon_phrase(&lex, PHRASE_GROUP, 1, 0, w, 1);
    lexicon_phrase(&lex, PHRASE_ENTITY, 2, 0, w, 3);
    lexicon_phrase(&lex, PHRASE_ENTITY, 3, 0, w, 2);
    lexicon_phrase(&lex, PHRASE_REPLACE, 4, 0, w, 2);
    lexicon_phrase(&lex, PHRASE_ENTITY, 5, 0, w + 2, 1);
    lexicon_order(&lex);
    static const struct {
        int line;
        int kind;
        size_t n, at;
        uint16_t owners[4]; /* longer ones first */
    } cases[] = {
        {__LINE__, PHRASE_ENTITY, 4, 0, {2, 3}}, {__LINE__, PHRASE_ENTITY, 2, 0, {3}},
        {__LINE__, PHRASE_ENTITY, 1, 0, {0}},    {__LINE__, PHRASE_GROUP, 1, 0, {1}},
        {__LINE__, PHRASE_REPLACE, 4, 0, {4}},   {__LINE__, PHRASE_GROUP, 4, 1, {0}},
        {__LINE__, PHRASE_ENTITY, 4, 2, {5}},    {__LINE__, PHRASE_OPENER, 4, 0, {0}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        uint32_t next = 0;
        const struct phrase *p;
        for (size_t i = 0; i == 0 || cases[c].owners[i - 1]; i++) {
            p = phrase_next(&lex, w, cases[c].n, cases[c].at, word_begins(cases[c].kind), &next);
            if ((p ? p->owner : 0) != cases[c].owners[i])
                fail_msg("line %d: phrase %zu", cases[c].line, i);
        }
    }
    uint32_t next = 0;
    static const uint16_t both[] = {2, 3, 1};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(
            phrase_next(&lex, w, 4, 0, word_begins(PHRASE_GROUP) | word_begins(PHRASE_ENTITY), &next)->owner, both[i]);
    lexicon_done(&lex);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold), cmocka_unit_test(test_fold_idempotent), cmocka_unit_test(test_words),
        cmocka_unit_test(test_read), cmocka_unit_test(test_phrases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
