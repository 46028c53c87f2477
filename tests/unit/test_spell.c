#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/pack.h"
#include "engine/spell.h"
#include "packs.h"

#define LINE __LINE__

/* Words of a subject, some of them near each other. */
static const char words_pack[] =
    "'sections': [{'id': 's', 'heading': 'S'}], 'facts': {'s': {'f': ["
    "'bicycle certification telephone school salary physician mechanic puncture derailleur knowledge',"
    "'trick truck track', 'CPC CCS CIC CCA', 'price repair wheel saddle', 'coder coders', 'gear geared', 'cassette cassettes',"
    "'handlebar workshop', 'electrician electricity', 'coding', 'grease', 'pump', 'sixpack']}}";

static struct one pack;

static int open_pack(void **state)
{
    (void)state;
    one_open(&pack, words_pack);
    print_diags(&pack.diags);
    return pack.docent ? 0 : -1;
}

static int close_pack(void **state)
{
    (void)state;
    one_close(&pack);
    return 0;
}

static const struct row {
    int line;
    const char *typed, *expected; /* empty: left as it is */
} rows[] = {
    /* swapped neighbours */
    {LINE, "bicylce", "bicycle"},
    {LINE, "slaary", "salary"},
    {LINE, "whele", "wheel"},
    {LINE, "certifciation", "certification"},
    {LINE, "biyccle", "bicycle"},
    /* one that comes too late, or too early */
    {LINE, "prcei", "price"},
    {LINE, "pmpu", "pump"},
    {LINE, "ppum", "pump"},
    {LINE, "salyar", "salary"},
    {LINE, "eagr", ""}, /* and the first letter is another: too much for so short a word */
    {LINE, "mpup", ""}, /* two of them */
    /* doubled */
    {LINE, "sallary", "salary"},
    {LINE, "bicyccle", "bicycle"},
    {LINE, "wheell", "wheel"},
    {LINE, "repairr", "repair"},
    {LINE, "prrice", "price"},
    /* dropped, of two one among them */
    {LINE, "bicyle", "bicycle"},
    {LINE, "salry", "salary"},
    {LINE, "certificaton", "certification"},
    {LINE, "sadle", "saddle"},
    {LINE, "weel", "wheel"},
    {LINE, "puncure", "puncture"},
    /* keys beside the right one, letters too many */
    {LINE, "bucycle", "bicycle"},
    {LINE, "salart", "salary"},
    {LINE, "prkce", "price"},
    {LINE, "repasir", "repair"},
    /* two slips in long words */
    {LINE, "certifcaton", "certification"},
    {LINE, "derailer", "derailleur"},
    {LINE, "mechnaicc", "mechanic"},
    {LINE, "electrican", "electrician"},
    {LINE, "cerrtificatoin", "certification"},
    /* by ear */
    {LINE, "fisician", "physician"},
    {LINE, "telefone", "telephone"},
    {LINE, "skool", "school"},
    {LINE, "bysicle", "bicycle"},
    {LINE, "knowlege", "knowledge"},
    {LINE, "sertification", "certification"},
    {LINE, "codin", "coding"},
    {LINE, "pumpin", ""},
    /* with -s */
    {LINE, "bicylces", "bicycle"},
    {LINE, "mechanisc", "mechanic"},
    {LINE, "weels", "wheel"},
    /* ties: nobody knows which */
    {LINE, "trck", ""},
    {LINE, "trxck", ""},
    /* abbreviations, short words and what is too far are left alone */
    {LINE, "CPD", ""},
    {LINE, "cpb", ""},
    {LINE, "ccx", ""},
    {LINE, "gr", ""},
    {LINE, "xq", ""},
    {LINE, "bqqqqle", ""},
    {LINE, "zzzzzzzzzz", ""},
    {LINE, "certxxxxtion", ""},
    {LINE, "", ""},
    /* no word at all */
    {LINE, "42", ""},
    {LINE, "w33l", ""},
    {LINE, "sal-ary", ""},
    {LINE, "\xD1\x81\xD0\xBA\xD0\xBE\xD0\xBB", ""},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char typed[64];
        size_t n = strlen(rows[i].typed);
        for (size_t k = 0; k < n; k++)
            typed[k] = ch_lower(rows[i].typed[k]);
        struct spelling meant = spell_word(pack.docent->speller, (struct str){typed, n});
        uint32_t word = meant.word;
        struct str got = word ? pack.docent->lexicon.words[word].text : STR("");
        if (!str_is(got, rows[i].expected))
            fail_msg("line %d: '%s' became '%.*s', expected '%s'", rows[i].line, rows[i].typed, STR_FMT(got),
                     rows[i].expected);
        if (word && !meant.reason)
            fail_msg("line %d: no reason", rows[i].line);
    }
}

static const struct row split_rows[] = {
    {LINE, "repairshop", ""}, /* shop is not a word of the pack */
    {LINE, "repairprice", "repair price"},
    {LINE, "wheelrepair", "wheel repair"},
    {LINE, "priceof", "price of"},
    {LINE, "thesalary", "the salary"},
    {LINE, "bicycle", ""},
    {LINE, "whatis", ""}, /* two words of grammar: nothing of the subject */
    {LINE, "xxprice", ""},
    {LINE, "pr", ""},
    {LINE, "", ""},
};

static void test_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(split_rows); i++) {
        uint32_t parts[2] = {0, 0};
        char got[200] = "";
        const struct lex_word *words = pack.docent->lexicon.words;
        if (spell_split(pack.docent->speller, str_of(split_rows[i].typed), parts))
            snprintf(got, sizeof got, "%.*s %.*s", STR_FMT(words[parts[0]].text), STR_FMT(words[parts[1]].text));
        if (strcmp(got, split_rows[i].expected) != 0)
            fail_msg("line %d: got '%s', expected '%s'", split_rows[i].line, got, split_rows[i].expected);
    }
}

static void test_english(void **state)
{
    (void)state;
    static const char *const known[] = {"weather", "paris", "house", "about", "manger", "tree", "running", "school"};
    static const char *const unknown[] = {"bicylce", "qwzrt", "slaary", "xxxxxxx"};
    for (size_t i = 0; i < COUNT(known); i++)
        if (!english_knows(str_of(known[i])))
            fail_msg("'%s' is not known", known[i]);
    for (size_t i = 0; i < COUNT(unknown); i++)
        if (english_knows(str_of(unknown[i])))
            fail_msg("'%s' is known", unknown[i]);
    uint32_t seed = 11;
    size_t passed = 0;
    for (int i = 0; i < 20000; i++) {
        char word[9];
        for (size_t k = 0; k < sizeof word; k++)
            word[k] = (char)('a' + next_random(&seed) % 26);
        passed += english_knows((struct str){word, sizeof word});
    }
    if (passed > 200)
        fail_msg("%zu of 20000 random words are known", passed);
}

/* English words are not touched by a question, though a word of the pack is one slip away. */
static const struct row english_rows[] = {
    {LINE, "a manger for horses", "manger for horse"},
    {LINE, "trick or treat", "trick or treat"},
    {LINE, "the whale", "whale"},
    {LINE, "gears and years", "gear and year"},
    {LINE, "a prince", "prince"},
    {LINE, "a pint of greece", "pint of greece"},
};

static void test_english_untouched(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(english_rows); i++) {
        struct arena a = {0};
        struct dialog dialog = {0};
        struct reply *r = docent_ask_why(pack.docent, &dialog, str_of(english_rows[i].typed), &a);
        if (!str_is(r->why->questions[0].normalised, english_rows[i].expected))
            fail_msg("line %d: got '%.*s'", english_rows[i].line, STR_FMT(r->why->questions[0].normalised));
        arena_release(&a);
    }
}

/* One slip in any word of the pack never leads to another word of it, if to any. */
static void test_slips(void **state)
{
    (void)state;
    static const char *const words[] = {"bicycle",    "certification", "telephone", "physician", "mechanic", "puncture",
                                        "derailleur", "knowledge",     "handlebar", "workshop",  "cassette"};
    size_t mended = 0, all = 0;
    for (size_t w = 0; w < COUNT(words); w++)
        for (size_t at = 0; at + 1 < strlen(words[w]); at++)
            for (int kind = 0; kind < 3; kind++) {
                char typed[32];
                strcpy(typed, words[w]);
                if (kind == 0) { /* swapped */
                    typed[at] = words[w][at + 1];
                    typed[at + 1] = words[w][at];
                } else if (kind == 1) { /* dropped */
                    memmove(typed + at, words[w] + at + 1, strlen(words[w]) - at);
                } else { /* doubled */
                    memmove(typed + at + 1, words[w] + at, strlen(words[w]) - at + 1);
                }
                uint32_t found = strcmp(typed, words[w]) ? spell_word(pack.docent->speller, str_of(typed)).word
                                                         : lexicon_find(&pack.docent->lexicon, str_of(typed));
                all++;
                mended += found != 0;
                if (found && !str_is(pack.docent->lexicon.words[found].text, words[w]))
                    fail_msg("'%s' became '%.*s'", typed, STR_FMT(pack.docent->lexicon.words[found].text));
            }
    if (mended * 100 < all * 98)
        fail_msg("%zu of %zu slips mended", mended, all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),    cmocka_unit_test(test_split),
        cmocka_unit_test(test_english), cmocka_unit_test(test_english_untouched),
        cmocka_unit_test(test_slips),
    };
    return cmocka_run_group_tests(tests, open_pack, close_pack);
}
