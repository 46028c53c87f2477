/*
 * The worst messages that one can make for a pack: bounds in matches run, not in seconds.
 *
 * Each message is as long as is read (4,000 characters) and made to be a candidate for as many patterns as possible.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/pack.h"
#include "engine/pattern.h"
#include "packs.h"

#define LINE __LINE__

/*
 * How often a message may have each pattern tried, how many matches PCRE2 may run for each, and what the message may take of
 * memory. The most found here is 25 times, 117 matches and 0.6 MB; before there was a bound on the words that are read, words
 * joined by "and" over and over took 80 MB.
 */
enum { TRIALS_MAX = 60, MATCHES_MAX = 300, BYTES_MAX = 2 << 20 };

struct most { /* found so far */
    size_t tried, matches, bytes;
};

/* A pack whose patterns are as costly as the language lets them be. */
static const char costly[] =
    "'sections': [{'id': 's', 'heading': 'S'}],"
    "'entities': {'e': {'carry': true, 'values': {'x': {'label': 'x', 'phrases': ['x1', 'x1 x2', 'x1 x2 x3', 'x1 x2 x3 x4']},"
    "   'y': {'label': 'y', 'phrases': ['y1', 'y1 x1', 'y1 x1 y1']}}}},"
    "'words': {'g': ['a1', 'a1 b1', 'a1 b1 a1', 'a1 b1 a1 b1', 'b1 a1', 'b1'], 'h': ['<g>', 'c1', 'c1 a1']},"
    "'intents': ["
    "{'id': 'gaps', 'kind': 'chat', 'answers': [{'text': 'x'}], 'patterns': ['a1 ... a1 ... a1 ... nix', 'a1 ... b1 ... a1 ... b1 ... nix',"
    "   '<g> ... <g> ... <g> nix', '(a1|b1)? (a1|b1)? (a1|b1)? (a1|b1)? (a1|b1)? nix']},"
    "{'id': 'parts', 'kind': 'chat', 'answers': [{'text': 'x'}], 'patterns': ['<g> & <h> & <e> & nix', '<g> <g> <g> & <h> <h> & !(<e> <e>)',"
    "   '<g> ... <h> & <h> ... <g> & <e> ... nix', 'a1 & b1 & c1 & x1 & y1 & nix']},"
    "{'id': 'nested', 'kind': 'chat', 'answers': [{'text': 'x'}], 'patterns': ['((a1|a1 b1) (b1|b1 a1)|(a1|b1) (a1|a1 a1)) nix',"
    "   '^(<g>|<h>) (<g>|<h>) (<g>|<h>) nix$', '<e> <g> ... <e> <g> ... nix']}]";

static struct docent *open_costly(struct one *pack)
{
    one_open(pack, costly);
    print_diags(&pack->diags);
    return pack->docent;
}

static const struct row {
    int line;
    const char *unit; /* repeated up to the limit */
} rows[] = {
    {LINE, "a1 "},
    {LINE, "a1 b1 "},
    {LINE, "a1 b1 c1 x1 y1 "},
    {LINE, "x1 x2 x3 x4 "},
    {LINE, "y1 x1 "},
    {LINE, "a1 b1? "},
    {LINE, "a1. "},
    {LINE, "what a1 b1? "},
    {LINE, "and what a1, "},
    {LINE, "a1, b1 and c1, "},
    {LINE, "a1 the and "},
    {LINE, "a1b1 "},
    {LINE, "a1,"},
    {LINE, "what is the a1 and how much is the b1 "},
    {LINE, "rent price "},
    {LINE, "rent bike "},
    {LINE, "rent city bike price week deposit lesson child fix brake why when open "},
    {LINE, "what rent? "},
    {LINE, "how come "},
    {LINE, "rent, price and deposit, "},
    {LINE, "repair price. "},
    {LINE, "renr prcie "},
    {LINE, "rentprice "},
    {LINE, "when is the lesson? "},
    {LINE, "when is the lesson and "},
    {LINE, "rentpricerentprice"},
    {LINE, "rent and "},
    {LINE, "what and and "},
    {LINE, "a1 and b1 and x1 and "},
    {LINE, "price and deposit and lesson and "},
    {LINE, "a1, b1 and c1 plus x1 and y1. "},
    {LINE, "price, deposit and lesson plus hours or rent. "},
    {LINE, "a"},
    {LINE, "ab "},
    {LINE, "zzzzzzzzzzzzzzzzzzz "},
    {LINE, "\xEF\xB7\xBA"},
};

static void note(size_t *most, size_t found)
{
    *most = found > *most ? found : *most;
}

/* What one message costs: patterns tried, matches run by PCRE2 and bytes of the request's arena. */
static void check(const struct docent *d, const char *what, const struct row *row, struct most *most)
{
    struct buf text;
    struct dialog dialog = {0};
    struct arena a = {0};
    buf_init(&text, 4 * DOCENT_TEXT_MAX);
    while (text.n < DOCENT_TEXT_MAX)
        buf_adds(&text, row->unit);
    for (int turn = 0; turn < 4; turn++) { /* interpreted, then compiled; then in a conversation that has a subject */
        struct reply *r = docent_ask_why(d, &dialog, buf_str(&text), &a);
        size_t tried = r->why->patterns_tried, matches = r->why->matches, bytes = arena_used(&a), n = patterns_count(d);
        if (r->why->patterns_limited)
            fail_msg("line %d, %s: %zu matches stopped by a limit", row->line, what, r->why->patterns_limited);
        if (tried > n * TRIALS_MAX || matches > n * MATCHES_MAX)
            fail_msg("line %d, %s: %zu patterns tried, of %zu, in %zu matches", row->line, what, tried, n, matches);
        if (bytes > BYTES_MAX)
            fail_msg("line %d, %s: %zu bytes", row->line, what, bytes);
        note(&most->tried, tried);
        note(&most->matches, matches);
        note(&most->bytes, bytes);
        arena_reset(&a);
    }
    buf_release(&text);
    arena_release(&a);
}

static void say_most(const char *what, const struct docent *d, const struct most *most)
{
    print_message("# %s, %d patterns: at most %zu tried in %zu matches, %zu KB for a message\n", what,
                  patterns_count(d), most->tried, most->matches, most->bytes >> 10);
}

static void test_shop(void **state)
{
    (void)state;
    struct shop shop;
    struct most most = {0};
    shop_open(&shop, 0);
    for (size_t i = 0; i < COUNT(rows); i++)
        check(shop.docent, "shop", &rows[i], &most);
    say_most("shop", shop.docent, &most);
    shop_close(&shop);
}

static void test_costly(void **state)
{
    (void)state;
    struct one pack;
    struct most most = {0};
    assert_non_null(open_costly(&pack));
    for (size_t i = 0; i < COUNT(rows); i++)
        check(pack.docent, "costly", &rows[i], &most);
    say_most("costly", pack.docent, &most);
    one_close(&pack);
}

/* Messages of random words of the pack, as long as is read: the same bounds. */
static void test_random(void **state)
{
    (void)state;
    static const char *const words[] = {"a1",  "b1",   "c1", "x1", "x2", "y1",  "nix",
                                        "and", "what", "?",  ",",  ".",  "the", "it"};
    struct one pack;
    struct most most = {0};
    uint32_t seed = 4;
    assert_non_null(open_costly(&pack));
    for (int round = 0; round < 60; round++) {
        char unit[DOCENT_TEXT_MAX] = "";
        uint32_t some = 2 + next_random(&seed) % (COUNT(words) - 2);
        for (int i = 0; i < 800; i++)
            snprintf(unit + strlen(unit), sizeof unit - strlen(unit), "%s ", words[next_random(&seed) % some]);
        check(pack.docent, "random", &(struct row){round, unit}, &most);
    }
    say_most("random", pack.docent, &most);
    one_close(&pack);
}

/* A pattern of the author's own that never ends by itself is stopped, each time, and harms nobody else. */
static void test_hostile_pattern(void **state)
{
    (void)state;
    struct one pack;
    struct dialog dialog = {0};
    struct arena a = {0};
    struct buf text;
    one_open(
        &pack,
        "'intents': [{'id': 'bad', 'kind': 'chat', 'answers': [{'text': 'x'}], 'patterns': ['(a+)+b', '(\\\\w*)*z']},"
        "{'id': 'good', 'kind': 'chat', 'patterns': ['is it good'], 'examples': ['is it good'], 'answers': [{'text': 'good'}]}]");
    assert_non_null(pack.docent);
    buf_init(&text, 4 * DOCENT_TEXT_MAX);
    buf_adds(&text, "is it good ");
    while (text.n < DOCENT_TEXT_MAX)
        buf_adds(&text, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ");
    for (int round = 0; round < 6; round++) {
        struct reply *r = docent_ask_why(pack.docent, &dialog, buf_str(&text), &a);
        assert_true(r->why->patterns_limited <= r->why->patterns_tried);
        assert_true(r->why->patterns_tried <= 3 * TRIALS_MAX);
        bool found = false;
        for (size_t i = 0; i < r->why->questions[0].n_candidates; i++)
            found = found || (str_is(r->why->questions[0].candidates[i].intent, "good") &&
                              r->why->questions[0].candidates[i].pattern.n);
        assert_true(found || !r->why->n_questions || !r->why->questions[0].n_candidates);
        arena_reset(&a);
    }
    buf_release(&text);
    arena_release(&a);
    one_close(&pack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shop),
        cmocka_unit_test(test_costly),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_hostile_pattern),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
