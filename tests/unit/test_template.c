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
    "'sections': [{'id': 'a', 'heading': 'A'}, {'id': 'day-x', 'heading': 'X'}],"
    "'facts': {'a': {'one': '$5', 'list': ['red', 'green', 'blue'], 'pair': ['red', 'green'], 'single': ['red'], 'city-fast': 'CF',"
    "  'city-slow': 'CS', 'road-fast': 'RF', 'road-slow': 'RS', 'city-only': 'CO'}, 'day-x': {'one': 'X1'}},"
    "'entities': {'bike': {'values': {'city': {'label': 'city bike', 'people': 'commuters', 'phrases': ['city'], 'extra': 'E'},"
    "    'road': {'label': 'road bike', 'people': 'racers', 'phrases': ['road']}}},"
    "  'pace': {'values': {'fast': {'label': 'quick', 'phrases': ['fast']}, 'slow': {'label': 'slow', 'phrases': ['slow']}}}},";

static void open_answer(struct one *pack, const char *when, const char *text)
{
    char members[16000];
    snprintf(
        members, sizeof members,
        "%s'intents': [{'id': 'i', 'kind': 'chat', 'slots': ['bike', 'pace'], 'answers': [{'when': {%s}, 'text': %s}]}]",
        base, when, text);
    one_open(pack, members);
}

/* Slots as "bike=road,city pace=fast". */
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

static const struct row {
    int line;
    const char *when, *text, *slots, *expected, *sources;
} rows[] = {
    {LINE, "", "'plain'", "", "plain", ""},
    {LINE, "", "['one', '', 'two']", "", "one\n\ntwo", ""},
    {LINE, "", "'costs {a.one}.'", "", "costs $5.", "a"},
    {LINE, "", "'{a.one}{a.one}'", "", "$5$5", "a"},
    {LINE, "", "'{day-x.one} {a.one}'", "", "X1 $5", "day-x a"},
    /* lists */
    {LINE, "", "'in {a.list} or {a.pair} or {a.single}'", "", "in red, green, and blue or red and green or red", "a"},
    {LINE, "", "'- {a.list}'", "", "- red\n- green\n- blue", "a"},
    {LINE, "", "['These:', '- {a.pair}', 'end']", "", "These:\n- red\n- green\nend", "a"},
    {LINE, "", "'- in {a.pair}'", "", "- in red and green", "a"},
    {LINE, "", "'- {a.pair} there'", "", "- red and green there", "a"},
    {LINE, "", "'x - {a.pair}'", "", "x - red and green", "a"},
    /* forms of a value */
    {LINE, "'bike': '*'", "'{bike} {bike.label} {bike.people}'", "bike=road", "road bike road bike racers", ""},
    {LINE, "'bike': 'city'", "'{bike.extra}'", "bike=city", "E", ""},
    {LINE, "'bike': ['city', 'road']", "'{bike.people}'", "bike=city,road", "commuters and racers", ""},
    {LINE, "'bike': ['city', 'road']", "'{bike.people}'", "bike=road,city", "racers and commuters", ""},
    /* facts that slots choose */
    {LINE, "'bike': '*', 'pace': '*'", "'{a.<bike>-<pace>}'", "bike=city pace=fast", "CF", "a"},
    {LINE, "'bike': '*', 'pace': '*'", "'{a.<bike>-<pace>}'", "bike=city pace=slow", "CS", "a"},
    {LINE, "'bike': '*', 'pace': '*'", "'{a.<bike>-<pace>}'", "bike=road pace=fast", "RF", "a"},
    {LINE, "'bike': '*', 'pace': '*'", "'{a.<bike>-<pace>}'", "pace=slow bike=road", "RS", "a"},
    {LINE, "'bike': 'city'", "'{a.<bike>-only}'", "bike=city", "CO", "a"},
    {LINE, "'bike': 'road', 'pace': '*'", "'{a.<bike>-<pace>}'", "bike=road pace=slow", "RS", "a"},
    /* what is no reference */
    {LINE, "", "'a } b'", "", "a } b", ""},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct one pack;
        struct arena a = {0};
        open_answer(&pack, rows[i].when, rows[i].text);
        if (!pack.docent)
            fail_msg("line %d: %s", rows[i].line, pack.diags.items[0].message.p);
        struct reply reply = {.n_parts = 0};
        struct telling t = {.reply = &reply, .a = &a};
        struct dialog_turn turn = turn_with(pack.docent, rows[i].slots);
        answer_turn(pack.docent, &turn, 1, 0, &t);
        char sources[100] = "";
        for (size_t s = 0; s < reply.parts[0].n_sources; s++)
            snprintf(sources + strlen(sources), sizeof sources - strlen(sources), "%s%.*s", s ? " " : "",
                     STR_FMT(reply.parts[0].sources[s].id));
        if (!str_is(reply.parts[0].text, rows[i].expected) || strcmp(sources, rows[i].sources) != 0)
            fail_msg("line %d: got '%.*s' from '%s'", rows[i].line, STR_FMT(reply.parts[0].text), sources);
        arena_release(&a);
        one_close(&pack);
    }
}

static const struct fault_row {
    int line;
    const char *when, *text, *rule, *at; /* at: what stands where the problem is reported */
} fault_rows[] = {
    {LINE, "", "'costs {a.two}.'", "unknown-fact", "{a.two}"},
    {LINE, "", "'costs {nowhere.one}.'", "unknown-fact", "{nowhere"},
    {LINE, "", "'{}'", "unknown-fact", "{}"},
    {LINE, "", "'ends {a.one'", "bad-reference", "{a.one"},
    {LINE, "", "'{a.<bike>-fast}'", "bad-reference", "{a.<bike>"},
    {LINE, "'bike': '*'", "'{a.<bike>-<pace>}'", "bad-reference", "{a.<bike>"},
    {LINE, "'bike': '*'", "'{a.<boat>-fast}'", "bad-reference", "{a.<boat>"},
    {LINE, "'bike': '*', 'pace': '*'", "'{a.<bike>-<pace>-<bike>}'", "bad-reference", "{a.<bike>"},
    {LINE, "'bike': '*'", "'see {a.<bike>-only}'", "unknown-fact", "{a.<bike>-only}"}, /* road-only is missing */
    {LINE, "", "'{bike.people}'", "unbound-slot", "{bike.people}"},
    {LINE, "'bike': '*'", "'{bike.extra}'", "unknown-form", "{bike.extra}"},
    {LINE, "'bike': '*'", "'{bike.nothing}'", "unknown-form", "{bike.nothing}"},
    {LINE, "'bike': 'boat'", "'x'", "unknown-value", "\"boat\""},
    {LINE, "'wheel': 'city'", "'x'", "unknown-entity", "\"wheel\""},
    {LINE, "'bike': 5", "'x'", "wrong-type", NULL},
    {LINE, "", "''", "wrong-type", "\"\""},
    {LINE, "", "['', ' ']", "wrong-type", "[\"\""},
    {LINE, "", "5", "wrong-type", NULL},
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(fault_rows); i++) {
        const struct fault_row *row = &fault_rows[i];
        struct one pack;
        open_answer(&pack, row->when, row->text);
        if (pack.docent || !pack.diags.n)
            fail_msg("line %d: no problem is found", row->line);
        const struct diag *d = &pack.diags.items[0];
        if (strcmp(d->rule, row->rule) != 0)
            fail_msg("line %d: %s: %s", row->line, d->rule, d->message.p);
        if (row->at && !str_starts(str_sub(pack.file.text, d->offset, pack.file.text.n), str_of(row->at)))
            fail_msg("line %d: it points at '%.20s'", row->line, pack.file.text.p + d->offset);
        one_close(&pack);
    }
}

static void test_too_long(void **state)
{
    (void)state;
    for (size_t n = TEXT_MAX - 2; n <= TEXT_MAX + 2; n += 2) {
        char text[TEXT_MAX + 10];
        struct one pack;
        memset(text, 'x', sizeof text);
        text[0] = text[n + 1] = '\'';
        text[n + 2] = '\0';
        open_answer(&pack, "", text);
        if ((pack.docent != NULL) != (n <= TEXT_MAX))
            fail_msg("%zu bytes: %s", n, pack.docent ? "taken" : "refused");
        one_close(&pack);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
