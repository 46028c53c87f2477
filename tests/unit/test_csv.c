#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/csv.h"

#include <string.h>

/* Every row as [cell|cell], a fault as "!message@offset". */
static void show(struct str text, char separator, struct buf *out)
{
    struct arena a = {0};
    struct csv csv;
    struct csv_row row;
    csv_init(&csv, text, separator);
    while (csv_next(&csv, &a, &row)) {
        buf_addc(out, '[');
        for (size_t i = 0; i < row.n; i++) {
            buf_adds(out, i ? "|" : "");
            buf_add(out, row.cells[i]);
        }
        buf_addc(out, ']');
    }
    if (csv.fault)
        buf_addf(out, "!%s@%zu", csv.fault, csv.fault_at);
    arena_release(&a);
}

#define ROW(text, expected) \
    { \
        __LINE__, {text, sizeof(text) - 1}, expected \
    }

static void reads_rows(void **state)
{
    static const struct {
        int line;
        struct str text;
        const char *expected;
    } cases[] = {
        ROW("", ""),
        ROW("a", "[a]"),
        ROW("a\n", "[a]"),
        ROW("a,b\nc,d\n", "[a|b][c|d]"),
        ROW("a,b\r\nc,d\r\n", "[a|b][c|d]"),
        ROW("a,b\r", "[a|b]"),
        ROW("a\rb,c\n", "[a\rb|c]"),
        ROW("a,\n", "[a|]"),
        ROW(",", "[|]"),
        ROW("\n\na", "[][][a]"),
        ROW("\"a\"", "[a]"),
        ROW("\"\"", "[]"),
        ROW("\"a,b\",c\n", "[a,b|c]"),
        ROW("\"a\nb\",c", "[a\nb|c]"),
        ROW("\"a\r\nb\"\r\nc", "[a\r\nb][c]"),
        ROW("\"he said \"\"no\"\"\",x", "[he said \"no\"|x]"),
        ROW("\"\"\"\"", "[\"]"),
        ROW("\"\"\"\"\"\"", "[\"\"]"),
        ROW("5\" pipe,x\n", "[5\" pipe|x]"),
        ROW(" \"a\"", "[ \"a\"]"),
        ROW("\xEF\xBB\xBF"
            "a,b",
            "[a|b]"),
        ROW("\xEF\xBB\xBF", ""),
        ROW("\"a", "!a quoted cell never ends@0"),
        ROW("x\ny,\"", "[x]!a quoted cell never ends@4"),
        ROW("\"a\"\"", "!a quoted cell never ends@0"),
        ROW("\"a\"b", "!a quoted cell goes on behind its closing quote@3"),
        ROW("\"a\" ,b", "!a quoted cell goes on behind its closing quote@3"),
        ROW("a\0b,c", "[a"), /* a NUL is a byte as any other; the comparison ends there */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out;
        buf_init(&out, 1000);
        buf_adds(&out, "");
        show(cases[i].text, ',', &out);
        if (strcmp(out.p ? out.p : "", cases[i].expected) != 0)
            fail_msg("line %d: %s", cases[i].line, out.p);
        buf_release(&out);
    }
}

static void knows_other_separators(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 1000);
    show(STR("a,b\tc\n"), '\t', &out);
    show(STR("a,b;\"c;d\"\n"), ';', &out);
    assert_string_equal(out.p, "[a,b|c][a,b|c;d]");
    buf_release(&out);
}

static void tells_where_cells_begin(void **state)
{
    struct arena a = {0};
    struct csv csv;
    struct csv_row row;
    (void)state;
    csv_init(&csv, STR("ab,\"c\",\nd"), ',');
    assert_true(csv_next(&csv, &a, &row));
    assert_int_equal(row.n, 3);
    assert_int_equal(row.offsets[0], 0);
    assert_int_equal(row.offsets[1], 3);
    assert_int_equal(row.offsets[2], 7);
    assert_true(csv_next(&csv, &a, &row));
    assert_int_equal(row.offsets[0], 8);
    assert_false(csv_next(&csv, &a, &row));
    arena_release(&a);
}

static void writes_what_it_reads(void **state)
{
    static const char *const cells[] = {"",           "plain",        "a,b", "\"",   "he said \"no\"",
                                        "two\nlines", "two\r\nlines", " x ", "a\tb", "é"};
    enum { N = sizeof cells / sizeof *cells };
    (void)state;
    for (int way = 0; way < 4; way++) {
        struct arena a = {0};
        struct csv csv;
        struct csv_row row;
        struct buf out;
        char separator = way % 2 ? '\t' : ',';
        buf_init(&out, 1000);
        for (size_t i = 0; i < N; i++) {
            if (i)
                buf_addc(&out, separator);
            csv_cell(&out, str_of(cells[i]), separator, way / 2);
        }
        csv_init(&csv, buf_str(&out), separator);
        assert_true(csv_next(&csv, &a, &row));
        assert_int_equal(row.n, N);
        for (size_t i = 0; i < N; i++)
            assert_true(str_is(row.cells[i], cells[i]));
        buf_release(&out);
        arena_release(&a);
    }
}

static void quotes_only_where_needed(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 1000);
    csv_cell(&out, STR("plain text"), ',', false);
    csv_cell(&out, STR("a,b"), ',', false);
    csv_cell(&out, STR("a,b"), '\t', false);
    csv_cell(&out, STR("x"), ',', true);
    assert_string_equal(out.p, "plain text\"a,b\"a,b\"x\"");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rows),
        cmocka_unit_test(knows_other_separators),
        cmocka_unit_test(tells_where_cells_begin),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(quotes_only_where_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
