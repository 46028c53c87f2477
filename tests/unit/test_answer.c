#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/answer.h"
#include "engine/pack.h"
#include "packs.h"

#define LINE __LINE__

static const char base[] =
    "'sections': [{'id': 's', 'heading': 'S'}],"
    "'entities': {'bike': {'values': {'city': {'label': 'city', 'phrases': ['city']}, 'road': {'label': 'road', 'phrases': ['road']},"
    "    'cargo': {'label': 'cargo', 'phrases': ['cargo']}}},"
    "  'pace': {'values': {'fast': {'label': 'fast', 'phrases': ['fast']}, 'slow': {'label': 'slow', 'phrases': ['slow']}}}},"
    "'intents': [{'id': 'i', 'kind': 'chat', 'slots': ['bike', 'pace'], 'answers': [";

static struct dialog_turn turn_with(const struct docent *d, const char *slots)
{
    struct dialog_turn turn = turn_of(0);
    struct str rest = str_of(slots), slot, value;
    while (str_cut(&rest, ' ', &slot)) {
        struct str name;
        str_cut(&slot, '=', &name);
        uint16_t entity = entity_named(d, 0, name);
        while (entity != NONE && str_cut(&slot, ',', &value))
            turn_set(&turn, entity, value_named(&d->entities[entity], value), false);
    }
    return turn;
}

/* The branches are named by their texts. */
#define DEFAULT "{'text': 'default'}"
#define CITY "{'when': {'bike': 'city'}, 'text': 'city'}"
#define ROAD "{'when': {'bike': 'road'}, 'text': 'road'}"
#define ANY "{'when': {'bike': '*'}, 'text': 'any {bike}'}"
#define BOTH "{'when': {'bike': ['city', 'road']}, 'text': 'both'}"
#define FAST "{'when': {'pace': 'fast'}, 'text': 'fast'}"
#define CITYANY "{'when': {'bike': 'city', 'pace': '*'}, 'text': 'city {pace}'}"

static const struct row {
    int line;
    const char *branches, *slots, *expected;
} rows[] = {
    {LINE, DEFAULT, "", "default"},
    {LINE, DEFAULT ", " CITY, "bike=city", "city"},
    {LINE, CITY ", " DEFAULT, "bike=road", "default"},
    {LINE, DEFAULT ", " CITY, "", "default"},
    /* an exact value before any, more conditions before fewer, then the order of the file */
    {LINE, ANY ", " CITY, "bike=city", "city"},
    {LINE, ANY ", " CITY, "bike=road", "any road"},
    {LINE, CITY ", " CITYANY, "bike=city pace=slow", "city slow"},
    {LINE, FAST ", " CITY, "bike=city pace=fast", "fast"},
    {LINE, CITY ", " FAST, "bike=city pace=fast", "city"},
    {LINE, ANY ", {'when': {'bike': '*'}, 'text': 'second'}", "bike=city", "any city"},
    /* several values: a branch for all of them, else each by itself */
    {LINE, CITY ", " ROAD ", " BOTH, "bike=city,road", "both"},
    {LINE, BOTH ", " CITY, "bike=city", "city"},
    {LINE, CITY ", " ROAD, "bike=city,road", "city\n\nroad"},
    {LINE, CITY ", " ROAD, "bike=road,city", "road\n\ncity"},
    {LINE, ANY, "bike=city,road", "any city\n\nany road"},
    {LINE, ANY, "bike=city,road,cargo", "any city\n\nany road\n\nany cargo"},
    {LINE, DEFAULT ", " CITY, "bike=city,road", "city\n\ndefault"},
    {LINE, DEFAULT, "bike=city,road", "default"}, /* the same twice is said once */
    {LINE, DEFAULT ", " FAST, "bike=city,road pace=fast", "fast"},
    {LINE, "{'when': {'bike': '*', 'pace': '*'}, 'text': '{bike} {pace}'}", "bike=city,road pace=fast,slow",
     "city fast\n\ncity slow\n\nroad fast\n\nroad slow"},
    /* no branch at all */
    {LINE, CITY, "", "The guide does not say."},
    {LINE, CITY, "bike=road", "The guide does not say."},
};

static void test_branches(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct one pack;
        struct arena a = {0};
        char members[4000];
        snprintf(members, sizeof members, "%s%s]}]", base, rows[i].branches);
        one_open(&pack, members);
        if (!pack.docent)
            fail_msg("line %d: %s", rows[i].line, pack.diags.items[0].message.p);
        struct reply reply = {.n_parts = 0};
        struct telling t = {.reply = &reply, .a = &a};
        struct dialog_turn turn = turn_with(pack.docent, rows[i].slots);
        answer_turn(pack.docent, &turn, 1, 0, &t);
        if (!str_is(reply.parts[0].text, rows[i].expected))
            fail_msg("line %d: got '%.*s'", rows[i].line, STR_FMT(reply.parts[0].text));
        arena_release(&a);
        one_close(&pack);
    }
}

/* Which wording is told depends on the question's hash alone. */
static void test_wordings(void **state)
{
    (void)state;
    struct one pack;
    struct arena a = {0};
    char members[4000];
    snprintf(members, sizeof members, "%s{'text': '0', 'or': ['1', '2']}]}]", base);
    one_open(&pack, members);
    for (uint64_t hash = 0; hash < 9; hash++) {
        struct reply reply = {.n_parts = 0};
        struct telling t = {.reply = &reply, .a = &a};
        struct dialog_turn turn = turn_of(0);
        answer_turn(pack.docent, &turn, 1, hash, &t);
        assert_int_equal(reply.parts[0].text.p[0], '0' + hash % 3);
    }
    arena_release(&a);
    one_close(&pack);
}

static void test_asks_back(void **state)
{
    (void)state;
    struct shop shop;
    struct arena a = {0};
    shop_open(&shop, 0);
    uint16_t repair = intent_named(shop.docent, 0, STR("repair-price"));
    struct reply reply = {.n_parts = 0};
    struct telling t = {.reply = &reply, .a = &a};
    struct dialog_turn turn = turn_of(repair);
    assert_null(answer_turn(shop.docent, &turn, 1, 0, &t));
    assert_int_equal(reply.parts[0].outcome, OUTCOME_CLARIFY);
    assert_true(reply.choices);
    assert_int_equal(reply.n_suggestions, 3);
    assert_int_equal(t.n_choices, 3);
    assert_true(str_is(reply.suggestions[1], "the chain"));

    /* with one of the choices it is answered */
    struct reply second = {.n_parts = 0};
    struct telling t2 = {.reply = &second, .a = &a};
    assert_non_null(answer_turn(shop.docent, &t.choices[1], 1, 0, &t2));
    assert_true(str_is(second.parts[0].text, "For the chain: $30."));
    assert_true(str_is(second.parts[0].sources[0].heading, "The workshop"));
    assert_int_equal(second.n_suggestions, 1);
    arena_release(&a);
    shop_close(&shop);
}

/* No more than the structs hold: sections, suggestions, slots, however many an answer brings. */
static void test_bounds(void **state)
{
    (void)state;
    struct buf text;
    struct one pack;
    struct arena a = {0};
    buf_init(&text, 1 << 20);
    buf_adds(&text, "'sections': [");
    for (int i = 0; i < 40; i++)
        buf_addf(&text, "%s{'id': 's%d', 'heading': 'S'}", i ? ", " : "", i);
    buf_adds(&text, "], 'facts': {");
    for (int i = 0; i < 40; i++)
        buf_addf(&text, "%s's%d': {'f': 'x'}", i ? ", " : "", i);
    buf_adds(&text, "}, 'intents': [{'id': 'i', 'answers': [{'text': '");
    for (int i = 0; i < 40; i++)
        buf_addf(&text, "{s%d.f}", i);
    buf_adds(&text, "', 'next': ['a', 'b', 'c', 'd', 'e', 'f', 'a']}]}]");
    one_open(&pack, text.p);
    assert_non_null(pack.docent);
    struct reply reply = {.n_parts = 0};
    struct telling t = {.reply = &reply, .a = &a};
    struct dialog_turn turn = turn_of(0);
    answer_turn(pack.docent, &turn, 1, 0, &t);
    assert_int_equal(reply.parts[0].text.n, 40);
    assert_int_equal(reply.parts[0].n_sources, DOCENT_SOURCES_MAX);
    assert_int_equal(reply.n_suggestions, DOCENT_SUGGEST_MAX);
    buf_release(&text);
    arena_release(&a);
    one_close(&pack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_branches),
        cmocka_unit_test(test_wordings),
        cmocka_unit_test(test_asks_back),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
