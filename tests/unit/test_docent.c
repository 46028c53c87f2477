#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/utf8.h"
#include "small_pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A turn of a conversation: rows with a new conversation begin with `fresh`. */
struct row {
    bool fresh;
    const char *asked, *outcome, *intent, *holds;
};

static const struct row rows[] = {
    {true, "how much is a repair", "answer", "repair-price", "40 euros"},
    {true, "How MUCH does it cost to mend a racer??", "answer", "repair-price", "road bikes costs **40 euros**"},
    {false, "and a city bike?", "answer", "repair-price", "30 euros"},
    {false, "when", "answer", "hours", "Tuesday"},
    {true, "the price, um, to fix a commuter bike please", "answer", "repair-price", "30 euros"},
    {true, "repair price for a road bike and a city bike", "answer", "repair-price", "30 euros"},
    {true, "what is included in the service", "answer", "included", "- oil\n- air\n- a wash"},
    {true, "waht is inclued in a servise", "answer", "included", "oil"},
    {true, "How much is a repair? And when are you open?", "answer", "repair-price", "30 euros"},
    {true, "can i rent a bike", "clarify", "rent", "Which kind?"},
    {false, "2", "answer", "rent", "City bikes"},
    {true, "can i rent a bike", "clarify", "rent", "Which kind?"},
    {false, "the road bike", "answer", "rent", "Road bikes"},
    {true, "can i rent a bike", "clarify", "rent", "Which kind?"},
    {false, "both", "answer", "rent", "Road bikes"},
    {true, "how much is a repair of my car", "decline", "no-cars", "No cars."},
    {true, "hello", "chat", "hello", "Hello!"},
    {true, "thanks a lot", "chat", "hello", "Hello!"}, /* taken off as chatter, nothing would be left */
    {true, "hi, when are you open? thanks", "answer", "hours", "Tuesday"},
    {true, "who won the world cup in brazil", "decline", "", "Not in our leaflet."},
    {true, "", "decline", "", ""},
    {true, "???", "decline", "", ""},
    {true, "how much is a repair", "answer", "repair-price", ""},
    {false, "tell me more", "answer", "included", "oil"},
};

static void test_conversations(void **state)
{
    (void)state;
    struct docent *d = small_pack_open();
    assert_non_null(d);
    struct dialog dialog = {0};
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        if (r->fresh)
            dialog = (struct dialog){0};
        const struct reply *reply = docent_ask(d, &dialog, str_of(r->asked), &a);
        const char *text = arena_str(&a, reply->parts[0].text).p;
        bool good = strcmp(outcome_name(reply->outcome), r->outcome) == 0 &&
                    str_is(reply->parts[0].intent, r->intent) && strstr(text, r->holds);
        if (!good)
            fail_msg("row %zu '%s': %s %.*s '%s'", i, r->asked, outcome_name(reply->outcome),
                     STR_FMT(reply->parts[0].intent), text);
        arena_reset(&a);
    }
    arena_release(&a);
    docent_free(d);
}

/* What is not answered of a message is not passed over in silence. */
static void test_the_rest_is_not_passed_over(void **state)
{
    (void)state;
    static const struct {
        const char *asked;
        size_t parts;
        const char *last;
    } told[] = {
        {"How much is a repair? And when are you open?", 2, "Tuesday"},
        {"How much is a repair? Who won the world cup in Brazil?", 2, "I find no answer to the rest"},
        {"How much is a repair? Can you help me?", 1, "euros"},
        {"How much is a repair? When are you open? What is included? How much is a repair of a city bike? Do you rent bikes?",
         4, "three questions at a time"},
    };
    struct docent *d = small_pack_open();
    struct arena a = {0};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        struct dialog dialog = {0};
        const struct reply *r = docent_ask(d, &dialog, str_of(told[i].asked), &a);
        assert_int_equal(r->outcome, OUTCOME_ANSWER);
        assert_int_equal(r->n_parts, told[i].parts);
        assert_non_null(strstr(arena_str(&a, r->parts[r->n_parts - 1].text).p, told[i].last));
    }
    arena_release(&a);
    docent_free(d);
}

static void test_two_questions_two_parts(void **state)
{
    (void)state;
    struct docent *d = small_pack_open();
    struct dialog dialog = {0};
    struct arena a = {0};
    const struct reply *r = docent_ask(d, &dialog, STR("How much is a repair? And when are you open?"), &a);
    assert_int_equal(r->n_parts, 2);
    assert_true(str_is(r->parts[1].intent, "hours"));
    assert_true(str_is(r->parts[1].sources[0].id, "hours"));
    arena_release(&a);
    docent_free(d);
}

static void test_same_input_same_reply_whatever_the_order_of_files(void **state)
{
    (void)state;
    struct source files[2] = {{STR("shop/intents.json"), str_of(small_pack_intents)},
                              {STR("shop/base.json"), str_of(small_pack_base)}};
    struct pack_files pack = {STR("shop"), files, 2};
    struct diags diags = {0};
    struct docent *turned = docent_open(&pack, 1, (struct str){"", 0}, &diags), *d = small_pack_open();
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dialog one = {0}, other = {0};
        const struct reply *x = docent_ask(d, &one, str_of(rows[i].asked), &a);
        const struct reply *y = docent_ask(turned, &other, str_of(rows[i].asked), &a);
        assert_int_equal(x->outcome, y->outcome);
        assert_true(str_eq(x->parts[0].intent, y->parts[0].intent));
        assert_true(str_eq(x->parts[0].text, y->parts[0].text));
    }
    arena_release(&a);
    docent_free(d);
    docent_free(turned);
    diags_release(&diags);
}

static void test_model_is_reproducible_and_checked(void **state)
{
    (void)state;
    struct docent *d = small_pack_open(), *again = small_pack_open();
    struct str model = docent_model(d);
    assert_true(model.n > 100);
    assert_true(str_eq(model, docent_model(again)));
    char *copy = aligned_alloc(16, (model.n + 31) & ~(size_t)15);
    for (size_t i = 0; i <= 200; i++) {
        struct diags diags = {0};
        memcpy(copy, model.p, model.n);
        if (i)
            copy[model.n * i / 201] ^= 0x20; /* one bit of it is damaged */
        struct docent *third = small_pack_open_with(&diags, (struct str){copy, model.n});
        assert_non_null(third);
        assert_int_equal(docent_model_was_used(third), i == 0);
        docent_free(third);
        diags_release(&diags);
    }
    struct diags diags = {0};
    struct docent *cut = small_pack_open_with(&diags, str_sub(model, 0, model.n / 2));
    assert_false(docent_model_was_used(cut));
    docent_free(cut);
    diags_release(&diags);
    free(copy);
    docent_free(d);
    docent_free(again);
}

static void test_dialog_of_other_packs_is_forgotten(void **state)
{
    (void)state;
    struct docent *d = small_pack_open();
    struct dialog dialog;
    memset(&dialog, 0xA5, sizeof dialog); /* as of other packs: nothing in it may be believed */
    struct arena a = {0};
    const struct reply *r = docent_ask(d, &dialog, STR("and the second one?"), &a);
    assert_true(r->n_parts >= 1);
    arena_release(&a);
    docent_free(d);
}

static void test_long_text_is_cut_and_answered(void **state)
{
    (void)state;
    struct docent *d = small_pack_open();
    struct dialog dialog = {0};
    struct arena a = {0};
    size_t n = 50000;
    char *text = malloc(n);
    for (size_t i = 0; i < n; i++)
        text[i] = "how much is a repair of a road bike and what is included "[i % 57];
    const struct reply *r = docent_ask_why(d, &dialog, (struct str){text, n}, &a);
    assert_true(r->n_parts >= 1);
    assert_int_equal(r->why->patterns_limited, 0);
    assert_true(r->why->patterns_tried < 20000);
    free(text);
    arena_release(&a);
    docent_free(d);
}

/* A small generator with a fixed start: the same storm each time. */
static uint32_t storm_next(uint32_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x;
}

static size_t storm_text(uint32_t *x, char *out, size_t max)
{
    static const char *const bits[] = {
        "how much ",
        "repair ",
        "road bike",
        " and ",
        "?",
        "\xff",
        "\xe2\x80",
        "\xe2\x80\x99s ",
        "{",
        "<cost>",
        "\0",
        "\n\n",
        "42k ",
        "$$$",
        "\xf0\x9f\x9a\xb2",
        "both",
        "2",
        "why",
        "the second one ",
        "\xcc\x81",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "w/o ",
        "'",
        "-"};
    size_t n = 0, pieces = storm_next(x) % 40;
    for (size_t i = 0; i < pieces && n + 90 < max; i++) {
        uint32_t pick = storm_next(x);
        if (pick % 5 == 0) {
            out[n++] = (char)(pick >> 8);
        } else {
            const char *bit = bits[pick % (sizeof bits / sizeof *bits)];
            size_t len = *bit ? strlen(bit) : 1;
            memcpy(out + n, bit, len);
            n += len;
        }
    }
    return n;
}

/* STORM=100000 makes it longer. */
static void test_storm_of_broken_input(void **state)
{
    (void)state;
    const char *wanted = getenv("STORM");
    size_t times = wanted ? strtoul(wanted, NULL, 10) : 3000;
    struct docent *d = small_pack_open();
    struct dialog dialog = {0};
    struct arena a = {0};
    uint32_t x = 2463534242u;
    char text[5000];
    for (size_t i = 0; i < times; i++) {
        if (storm_next(&x) % 7 == 0)
            dialog = (struct dialog){0};
        size_t n = storm_text(&x, text, sizeof text);
        const struct reply *r = docent_ask_why(d, &dialog, (struct str){text, n}, &a);
        assert_in_range(r->n_parts, 1, DOCENT_PARTS_MAX);
        for (size_t p = 0; p < r->n_parts; p++)
            assert_true(utf8_valid(r->parts[p].text));
        assert_in_range(r->n_suggestions, 0, DOCENT_SUGGEST_MAX);
        assert_int_equal(r->why->patterns_limited, 0);
        arena_reset(&a);
    }
    arena_release(&a);
    docent_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversations),
        cmocka_unit_test(test_two_questions_two_parts),
        cmocka_unit_test(test_the_rest_is_not_passed_over),
        cmocka_unit_test(test_same_input_same_reply_whatever_the_order_of_files),
        cmocka_unit_test(test_model_is_reproducible_and_checked),
        cmocka_unit_test(test_dialog_of_other_packs_is_forgotten),
        cmocka_unit_test(test_long_text_is_cut_and_answered),
        cmocka_unit_test(test_storm_of_broken_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
