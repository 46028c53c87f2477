#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "render/markup.h"

#include <stdio.h>
#include <string.h>

/* Writes the blocks in a short form: P(text) L(item;item) T2(cell;cell;…), bold as <b>, '~' before a tight block. */
static void describe(struct buf *out, const struct markup *m)
{
    for (size_t i = 0; i < m->n; i++) {
        const struct block *b = &m->blocks[i];
        buf_addf(out, "%s%s%c", i ? " " : "", b->tight ? "~" : "", "PLT"[b->kind]);
        if (b->kind == BLOCK_TABLE)
            buf_addf(out, "%zu", b->columns);
        buf_addc(out, '(');
        for (size_t k = 0; k < b->n; k++) {
            buf_adds(out, k ? ";" : "");
            for (size_t s = 0; s < b->items[k].n; s++) {
                const struct span *span = &b->items[k].spans[s];
                buf_addf(out, span->bold ? "<%.*s>" : "%.*s", STR_FMT(span->text));
            }
        }
        buf_addc(out, ')');
    }
}

static const struct row {
    int line;
    const char *text, *expected;
} rows[] = {
    {__LINE__, "", ""},
    {__LINE__, "\n \n\n", ""},
    {__LINE__, "one", "P(one)"},
    {__LINE__, "one\n\n\ntwo\n", "P(one) P(two)"},
    {__LINE__, "so **much** more", "P(so <much> more)"},
    {__LINE__, "**a** and **b**", "P(<a> and <b>)"},
    {__LINE__, "2 ** 3 ** 4", "P(2 ** 3 ** 4)"},
    {__LINE__, "left **open", "P(left **open)"},
    {__LINE__, "**", "P(**)"},
    {__LINE__, "****", "P(****)"},
    {__LINE__, "- a\n- **b**", "L(a;<b>)"},
    {__LINE__, "They are:\n- a\n- b", "P(They are:) ~L(a;b)"},
    {__LINE__, "- a\n\nafter", "L(a) P(after)"},
    {__LINE__, "-a", "P(-a)"},
    {__LINE__, "| a | b |\n|---|:-:|\n| 1 | **2** |", "T2(a;b;1;<2>)"},
    {__LINE__, "| | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |", "T2(;b;1;;1;2)"},
    {__LINE__, "|a|b\n|-|-\n|1|2", "T2(a;b;1;2)"},
    {__LINE__, "| a | b |", "P(| a | b |)"},
    {__LINE__, "| a |\n|---|\n\nafter", "T1(a) P(after)"},
};

static void test_blocks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct buf got;
        buf_init(&got, 10000);
        buf_adds(&got, "");
        describe(&got, markup_parse(str_of(rows[i].text), &a));
        if (strcmp(got.p, rows[i].expected) != 0)
            fail_msg("line %d: got %s, expected %s", rows[i].line, got.p, rows[i].expected);
        buf_release(&got);
        arena_release(&a);
    }
}

static void test_empty_view(void **state)
{
    (void)state;
    struct arena a = {0};
    assert_int_equal(markup_parse((struct str){NULL, 0}, &a)->n, 0);
    arena_release(&a);
}

/* Every table has whole rows, whatever bytes come in. */
static void test_any_bytes(void **state)
{
    (void)state;
    static const char alphabet[] = "*| -\n:a\x80\xC2\x9B";
    uint32_t seed = 1;
    for (int round = 0; round < 3000; round++) {
        char text[48];
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
            text[i] = alphabet[(seed >> 16) % sizeof alphabet];
        }
        struct arena a = {0};
        const struct markup *m = markup_parse((struct str){text, sizeof text}, &a);
        for (size_t i = 0; i < m->n; i++)
            if (m->blocks[i].kind == BLOCK_TABLE)
                assert_int_equal(m->blocks[i].n % m->blocks[i].columns, 0);
        arena_release(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_empty_view),
        cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
