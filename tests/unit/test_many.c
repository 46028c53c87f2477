/*
 * Many packs beside each other: nothing is numbered in too few bits, and each still answers for itself.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/pack.h"
#include "engine/pattern.h"
#include "packs.h"

enum { PACKS = 150, ENTITIES = 3 }; /* 450 entities, 600 intents */

struct many {
    struct arena arena;
    struct source *files;
    struct pack_files *packs;
    struct diags diags;
    struct docent *docent;
};

/* Pack p sells tea of its own kind: "what does KINDp tea cost", for the sizes smallp and largep. */
static struct str write_pack(struct arena *a, size_t p)
{
    struct buf text;
    buf_init(&text, 1 << 16);
    buf_addf(
        &text,
        "{\"pack\": {\"name\": \"p%zu\", \"title\": \"T\"}, \"sections\": [{\"id\": \"s\", \"heading\": \"S\"}], \"entities\": {",
        p);
    for (size_t e = 0; e < ENTITIES; e++)
        buf_addf(
            &text,
            "%s\"e%zu\": {\"carry\": true, \"values\": {\"small\": {\"label\": \"s\", \"phrases\": [\"small%zu%c\"]},"
            " \"large\": {\"label\": \"l\", \"phrases\": [\"large%zu%c\"]}}}",
            e ? ", " : "", e, p, (char)('a' + e), p, (char)('a' + e));
    buf_addf(&text, "}, \"words\": {\"tea\": [\"kind%zu tea\", \"tea of kind%zu\"]}, \"intents\": [", p, p);
    for (size_t i = 0; i <= ENTITIES; i++)
        buf_addf(&text,
                 "%s{\"id\": \"i%zu\", \"slots\": [\"e%zu\"], \"patterns\": [\"(cost|price) & <tea> & %s%zu\"],"
                 " \"examples\": [\"what is the price of kind%zu tea %s%zu\"],"
                 " \"answers\": [{\"text\": \"pack %zu, answer %zu\", \"sources\": [\"s\"]}]}",
                 i ? ", " : "", i, i % ENTITIES, "note", i, p, "note", i, p, i);
    buf_adds(&text, "]}");
    struct str kept = arena_str(a, buf_str(&text));
    buf_release(&text);
    return kept;
}

static void open_many(struct many *m)
{
    *m = (struct many){0};
    m->files = arena_array(&m->arena, PACKS, sizeof *m->files);
    m->packs = arena_array(&m->arena, PACKS, sizeof *m->packs);
    for (size_t p = 0; p < PACKS; p++) {
        m->files[p] = (struct source){arena_fmt(&m->arena, "p%zu.json", p), write_pack(&m->arena, p)};
        m->packs[p] = (struct pack_files){arena_fmt(&m->arena, "p%zu", p), &m->files[p], 1};
    }
    m->docent = docent_open(m->packs, PACKS, (struct str){"", 0}, &m->diags);
    print_diags(&m->diags);
    assert_non_null(m->docent);
}

static void close_many(struct many *m)
{
    docent_free(m->docent);
    diags_release(&m->diags);
    arena_release(&m->arena);
}

static void test_each_pack_answers(void **state)
{
    (void)state;
    struct many m;
    open_many(&m);
    assert_int_equal(m.docent->n_entities, PACKS * ENTITIES);
    assert_int_equal(patterns_count(m.docent), PACKS * (ENTITIES + 1));
    for (size_t p = 0; p < PACKS; p += 7)
        for (size_t i = 0; i <= ENTITIES; i++) {
            struct arena a = {0};
            struct dialog dialog = {0};
            char question[200], answer[100];
            snprintf(question, sizeof question, "what does kind%zu tea cost large%zu%c note%zu", p, p,
                     (char)('a' + i % ENTITIES), i);
            snprintf(answer, sizeof answer, "pack %zu, answer %zu", p, i);
            const struct part *part = &docent_ask(m.docent, &dialog, str_of(question), &a)->parts[0];
            if (!str_is(part->text, answer))
                fail_msg("%s: %.*s", question, STR_FMT(part->text));
            assert_int_equal(part->n_slots, 1);
            assert_true(str_is(part->slots[0].values[0], "large"));
            assert_int_equal(dialog.topic.slots[0].entity, p * ENTITIES + i % ENTITIES);
            arena_release(&a);
        }
    close_many(&m);
}

/* What is asked tries the patterns that speak of it, however many others there are. */
static void test_few_are_tried(void **state)
{
    (void)state;
    struct many m;
    struct arena a = {0};
    struct dialog dialog = {0};
    open_many(&m);
    struct reply *r = docent_ask_why(m.docent, &dialog, STR("what does kind77 tea cost note2"), &a);
    assert_true(str_is(r->parts[0].text, "pack 77, answer 2"));
    assert_true(r->why->patterns_tried <= 2);
    arena_release(&a);
    close_many(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_pack_answers), cmocka_unit_test(test_few_are_tried)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
