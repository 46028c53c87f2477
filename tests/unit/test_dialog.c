#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/dialog.h"
#include "packs.h"

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

/* Conversations: an empty question begins anew. Intents are those of the parts, joined by '+'; slots of the first. */
static const struct row {
    int line;
    const char *said, *outcome, *intents, *slots, *holds;
} rows[] = {
    /* the last question again, for another value */
    {LINE, "how much is it to rent a city bike for a day?", "answer", "rental-price", "bike=city term=day", "$18"},
    {LINE, "and a road bike?", "answer", "rental-price", "bike=road term=day*", "$35"},
    {LINE, "what about for a week", "answer", "rental-price", "bike=road* term=week", "$140"},
    {LINE, "no, I meant a city bike", "answer", "rental-price", "bike=city term=week*", "$70"},
    {LINE, "both", "answer", "rental-price", NULL, "$18 and $35"},
    {.line = LINE, .said = ""},
    {LINE, "what does it cost to hire a racer", "answer", "rental-price", "bike=road", "$140"},
    {LINE, "the other one", "answer", "rental-price", "bike=city", "$18"},
    {.line = LINE, .said = ""},
    /* an entity that carries is inherited by a question about something else, others are not */
    {LINE, "rental price of a road bike for a week", "answer", "rental-price", "bike=road term=week", "$140"},
    {LINE, "when are you open", "answer", "hours", "", "9 to 18"},
    {LINE, "how much to hire", "answer", "rental-price", "bike=road*", "Road"},
    {.line = LINE, .said = ""},
    /* nor is it where the question asks which, and the intent compares */
    {LINE, "rental price of a road bike", "answer", "rental-price", "bike=road", "$35"},
    {LINE, "which has the lower rental price", "answer", "rental-price", "", "From $18"},
    {LINE, "what is the rental price", "answer", "rental-price", "bike=road*", "$35"},
    {.line = LINE, .said = ""},
    /* why and more, along the links of the intents */
    {LINE, "rental price of a road bike", "answer", "rental-price", "bike=road", "$35"},
    {LINE, "why?", "answer", "rental-why", NULL, "ear"},
    {.line = LINE, .said = ""},
    {LINE, "rental price of a road bike", "answer", "rental-price", "bike=road", "$35"},
    {LINE, "tell me more", "answer", "deposit", NULL, "$100"},
    {.line = LINE, .said = ""},
    {LINE, "rental price of a road bike", "answer", "rental-price", "bike=road", "$35"},
    {LINE, "how come?", "answer", "rental-why", NULL, "ear"},
    {.line = LINE, .said = ""},
    {LINE, "why?", "decline", "", "", ""},
    {.line = LINE, .said = ""},
    /* a question back, resolved by number, word, label, or for all */
    {LINE, "repair price", "clarify", "repair-price", "", "Which part"},
    {LINE, "2", "answer", "repair-price", "part=chain", "$30"},
    {.line = LINE, .said = ""},
    {LINE, "repair price", "clarify", "repair-price", "", "Which part"},
    {LINE, "option 2", "answer", "repair-price", "part=chain", "$30"},
    {.line = LINE, .said = ""},
    {LINE, "repair price", "clarify", "repair-price", "", "Which part"},
    {LINE, "the chain", "answer", "repair-price", "part=chain", "$30"},
    {.line = LINE, .said = ""},
    {LINE, "repair price", "clarify", "repair-price", "", "Which part"},
    {LINE, "a flat", "answer", "repair-price", "part=tyre", "$12"},
    {.line = LINE, .said = ""},
    {LINE, "repair price", "clarify", "repair-price", "", "Which part"},
    {LINE, "all of them", "answer", "repair-price+repair-price+repair-price", "part=brake", "$25"},
    {.line = LINE, .said = ""},
    {LINE, "repair price", "clarify", "repair-price", "", "Which part"},
    {LINE, "whatever", "answer", "repair-price", "part=brake", "$25"},
    {.line = LINE, .said = ""},
    {LINE, "repair price", "clarify", "repair-price", "", "Which part"},
    {LINE, "when are you open?", "answer", "hours", "", "9 to 18"}, /* another question closes it */
    {.line = LINE, .said = ""},
    {LINE, "repair price", "clarify", "repair-price", "", "Which part"},
    {LINE, "when are you open?", "answer", "hours", "", "9 to 18"},
    {LINE, "2", "decline", "", NULL, ""},
    {.line = LINE, .said = ""},
    {LINE, "when is the lesson", "clarify", "lesson-adult", "", "Which lesson"},
    {LINE, "2", "answer", "lesson-child", "", "Saturdays"},
    {.line = LINE, .said = ""},
    {LINE, "when is the lesson", "clarify", "lesson-adult", "", "Which lesson"},
    {LINE, "both", "answer", "lesson-adult+lesson-child", "", "Sundays"},
    {.line = LINE, .said = ""},
    {LINE, "when is the lesson", "clarify", "lesson-adult", "", "Which lesson"},
    {LINE, "lessons for children", "answer", "lesson-child", "", "Saturdays"},
    {.line = LINE, .said = ""},
    /* the number of what was offered next */
    {LINE, "how much is it to rent a city bike for a day?", "answer", "rental-price", NULL, "$18"},
    {LINE, "2", "answer", "hours", NULL, "9 to 18"},
    {.line = LINE, .said = ""},
    {LINE, "how much is it to rent a city bike for a day?", "answer", "rental-price", NULL, "$18"},
    {LINE, "the first one", "answer", "deposit", NULL, "$100"},
    {.line = LINE, .said = ""},
    {LINE, "how much is it to rent a city bike for a day?", "answer", "rental-price", NULL, "$18"},
    {LINE, "what about the last one", "answer", "hours", NULL, "9 to 18"},
    {.line = LINE, .said = ""},
    /* the second of the choices; of what the question named beside each other; of nothing */
    {LINE, "repair price", "clarify", "repair-price", "", "Which part"},
    {LINE, "what about the second one", "answer", "repair-price", "part=chain", "$30"},
    {.line = LINE, .said = ""},
    {LINE, "repair price", "clarify", "repair-price", "", "Which part"},
    {LINE, "the last one please", "answer", "repair-price", "part=tyre", "$12"},
    {.line = LINE, .said = ""},
    {LINE, "what does a road bike or a city bike cost for a day", "answer", "rental-price", NULL, "$35"},
    {LINE, "tell me about the second one", "answer", "rental-price", "bike=city term=day*", "$18"},
    {.line = LINE, .said = ""},
    {LINE, "what does a road bike or a city bike cost for a day", "answer", "rental-price", NULL, "$35"},
    {LINE, "how much is it to rent the second one for a week", "answer", "rental-price", "bike=city term=week", "$70"},
    {.line = LINE, .said = ""},
    {LINE, "what about the second one", "decline", "", "", ""},
    {.line = LINE, .said = ""},
    {LINE, "2", "decline", "", "", ""},
    {.line = LINE, .said = ""},
    /* small talk leaves the subject as it is */
    {LINE, "rental price of a road bike for a day", "answer", "rental-price", "bike=road term=day", "$35"},
    {LINE, "thanks", "chat", "thanks", NULL, "Any time"},
    {LINE, "and a city bike?", "answer", "rental-price", "bike=city term=day*", "$18"},
    {.line = LINE, .said = ""},
    {LINE, "rental price of a road bike for a day", "answer", "rental-price", "bike=road term=day", "$35"},
    {LINE, "when are you open", "answer", "hours", "", "9 to 18"},
    {LINE, "back to the rental price", "answer", "rental-price", NULL, "$35"},
};

static void slots_of(const struct part *p, char *out, size_t size)
{
    *out = '\0';
    for (size_t i = 0; i < p->n_slots; i++) {
        snprintf(out + strlen(out), size - strlen(out), "%s%.*s=", i ? " " : "", STR_FMT(p->slots[i].entity));
        for (size_t v = 0; v < p->slots[i].n; v++)
            snprintf(out + strlen(out), size - strlen(out), "%s%.*s", v ? "," : "", STR_FMT(p->slots[i].values[v]));
        strcat(out, p->slots[i].inherited ? "*" : "");
    }
}

static void test_conversations(void **state)
{
    (void)state;
    struct dialog dialog = {0};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena a = {0};
        char intents[200] = "", slots[200];
        if (!*rows[i].said) {
            dialog = (struct dialog){0};
            continue;
        }
        struct reply *r = docent_ask(shop.docent, &dialog, str_of(rows[i].said), &a);
        for (size_t p = 0; p < r->n_parts; p++)
            snprintf(intents + strlen(intents), sizeof intents - strlen(intents), "%s%.*s", p ? "+" : "",
                     STR_FMT(r->parts[p].intent));
        slots_of(&r->parts[0], slots, sizeof slots);
        bool good = strcmp(outcome_name(r->outcome), rows[i].outcome) == 0 && strcmp(intents, rows[i].intents) == 0 &&
                    (!rows[i].slots || strcmp(slots, rows[i].slots) == 0) &&
                    strstr(arena_str(&a, r->parts[0].text).p, rows[i].holds);
        if (!good)
            fail_msg("line %d: '%s': %s, %s, slots '%s': %.*s", rows[i].line, rows[i].said, outcome_name(r->outcome),
                     intents, slots, STR_FMT(r->parts[0].text));
        arena_release(&a);
    }
}

/* Memory of other packs is forgotten, whatever numbers it holds; all zero is a talk that has not begun. */
static void test_other_packs(void **state)
{
    (void)state;
    struct arena a = {0};
    for (int fill = 0; fill < 256; fill += 51) {
        struct dialog dialog, fresh = {0};
        memset(&dialog, fill, sizeof dialog);
        struct reply *r = docent_ask(shop.docent, &dialog, STR("and a road bike? 2"), &a);
        struct reply *s = docent_ask(shop.docent, &fresh, STR("and a road bike? 2"), &a);
        assert_true(str_eq(r->parts[0].text, s->parts[0].text));
        assert_memory_equal(&dialog, &fresh, sizeof dialog);
    }
    struct one other;
    struct dialog dialog = {0};
    one_open(&other, "'intents': [{'id': 'i', 'kind': 'chat', 'patterns': ['hello you'], 'answers': [{'text': 'x'}]}]");
    docent_ask(shop.docent, &dialog, STR("repair price"), &a);
    assert_int_equal(dialog.n_choices, 3);
    struct reply *r = docent_ask(other.docent, &dialog, STR("2"), &a);
    assert_int_equal(r->outcome, OUTCOME_DECLINE);
    assert_int_equal(dialog.n_choices, 0);
    r = docent_ask(shop.docent, &dialog, STR("2"), &a);
    assert_int_equal(r->outcome, OUTCOME_DECLINE);
    one_close(&other);
    arena_release(&a);
}

/* A conversation copied half way goes on in the same way from both copies. */
static void test_copies(void **state)
{
    (void)state;
    struct arena a = {0};
    struct dialog dialog = {0};
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!*rows[i].said) {
            dialog = (struct dialog){0};
            continue;
        }
        struct dialog copy = dialog;
        struct reply *one = docent_ask(shop.docent, &dialog, str_of(rows[i].said), &a);
        struct reply *two = docent_ask(shop.docent, &copy, str_of(rows[i].said), &a);
        assert_true(str_eq(one->parts[0].text, two->parts[0].text));
        assert_memory_equal(&dialog, &copy, sizeof dialog);
    }
    arena_release(&a);
}

static void test_turns(void **state)
{
    (void)state;
    struct dialog_turn t = turn_of(NONE);
    assert_int_equal(t.intent, 0);
    t = turn_of(4);
    assert_int_equal(t.intent, 5);
    assert_null(turn_slot(&t, 1));
    for (uint16_t v = 0; v < 10; v++)
        turn_set(&t, 1, v % 8, false);
    assert_int_equal(turn_slot(&t, 1)->n, DOCENT_VALUES_MAX);
    for (uint16_t e = 0; e < 20; e++)
        turn_set(&t, e, 0, true);
    assert_int_equal(t.n_slots, DOCENT_SLOTS_MAX);
    turn_set(&t, 1, 0, false);
    assert_int_equal(turn_slot(&t, 1)->n, DOCENT_VALUES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversations),
        cmocka_unit_test(test_other_packs),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_turns),
    };
    return cmocka_run_group_tests(tests, open_shop, close_shop);
}
