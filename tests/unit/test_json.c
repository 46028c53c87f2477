#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#define LINE __LINE__
#define S(literal) \
    { \
        literal, sizeof(literal) - 1 \
    }
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* --- reading ------------------------------------------------------------------------------------------------ */

static const struct parse_row {
    int line;
    struct str text;
    bool good;
    size_t offset; /* of the fault */
} parse_rows[] = {
    {LINE, S("{}"), true, 0},
    {LINE, S("  [1, \"two\", null, true] \n"), true, 0},
    {LINE, S("// first\n{\"a\": 1} // last"), true, 0},
    {LINE, S("{/* in */\"a\"/**/:/***/1/* * / */}"), true, 0},
    {LINE, S("{\"a\": \"// no comment /* neither */\"}"), true, 0},
    {LINE, S("{\"a\": \"quote \\\" // still text\"}"), true, 0},
    {LINE, S("{\"a\": \"\\\\\"} // text ended"), true, 0},
    {LINE, S("\"\\u0000\""), true, 0},
    {LINE, S(""), false, 0},
    {LINE, S("   "), false, 3},
    {LINE, S("// nothing else"), false, 15},
    {LINE, S("{\"a\": 1,}"), false, 8},
    {LINE, S("[1, 2"), false, 5},
    {LINE, S("{\"a\" 1}"), false, 5},
    {LINE, S("{\"a\": 1} x"), false, 9},
    {LINE, S("{/* no end"), false, 10},
    {LINE, S("/"), false, 0},
    {LINE, S("{\"a\": tru}"), false, 6},
    {LINE, S("\"open"), false, 0},
    {LINE, S("\"\\x\""), false, 1},
    {LINE, S("\"\\ud800\""), false, 1},
    {LINE, S("\xEF\xBB\xBF{}"), true, 0},
};

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(parse_rows); i++) {
        const struct parse_row *row = &parse_rows[i];
        struct json_fault fault = {.offset = 999};
        cJSON *json = json_parse(row->text, &fault);
        if ((json != NULL) != row->good)
            fail_msg("line %d: %s", row->line, json ? "parsed" : "did not parse");
        if (!json && (fault.offset > row->text.n || !fault.message))
            fail_msg("line %d: fault at %zu of %zu bytes", row->line, fault.offset, row->text.n);
        if (!json && (fault.offset + 2 < row->offset || fault.offset > row->offset + 2))
            fail_msg("line %d: fault at %zu, expected near %zu", row->line, fault.offset, row->offset);
        cJSON_Delete(json);
        cJSON_Delete(json_parse(row->text, NULL));
    }
}

static void test_nul_escape(void **state)
{
    (void)state;
    cJSON *json = json_parse(STR("{\"a\": \"x\\u0000y\", \"b\": \"\\\\u0000\"}"), NULL);
    assert_non_null(json);
    assert_string_equal(json_str(json, "a").p, "x\xEF\xBF\xBDy");
    assert_string_equal(json_str(json, "b").p, "\\u0000");
    cJSON_Delete(json);
}

static void test_depth(void **state)
{
    (void)state;
    static char deep[200001];
    for (size_t n = 10; n <= sizeof deep - 1; n *= 10) {
        memset(deep, '[', n);
        assert_null(json_parse((struct str){deep, n}, NULL));
        memset(deep + n / 2, ']', n - n / 2);
        cJSON *json = json_parse((struct str){deep, n}, NULL);
        assert_true(n > 2000 || json || n == 1000);
        cJSON_Delete(json);
    }
}

/* --- places ------------------------------------------------------------------------------------------------- */

static const cJSON *find(const cJSON *json, const char *path)
{
    char key[32];
    while (json && *path) {
        size_t n = strcspn(path, ".");
        memcpy(key, path, n);
        key[n] = '\0';
        json = cJSON_IsArray(json) ? cJSON_GetArrayItem(json, atoi(key)) : cJSON_GetObjectItemCaseSensitive(json, key);
        path += n + (path[n] == '.');
    }
    return json;
}

/* `rest` is what stands from the place on. */
static const struct place_row {
    int line;
    const char *text, *path;
    size_t inside;
    const char *rest;
} place_rows[] = {
    {LINE, "{\"a\": {\"b\": [1, \"x\"]}}", "", JSON_WHOLE, "{\"a\": {\"b\": [1, \"x\"]}}"},
    {LINE, "{\"a\": {\"b\": [1, \"x\"]}}", "a", JSON_WHOLE, "{\"b\": [1, \"x\"]}}"},
    {LINE, "{\"a\": {\"b\": [1, \"x\"]}}", "a.b", JSON_WHOLE, "[1, \"x\"]}}"},
    {LINE, "{\"a\": {\"b\": [1, \"x\"]}}", "a.b", JSON_KEY, "\"b\": [1, \"x\"]}}"},
    {LINE, "{\"a\": {\"b\": [1, \"xyz\"]}}", "a.b.1", JSON_WHOLE, "\"xyz\"]}}"},
    {LINE, "{\"a\": {\"b\": [1, \"xyz\"]}}", "a.b.1", 0, "xyz\"]}}"},
    {LINE, "{\"a\": {\"b\": [1, \"xyz\"]}}", "a.b.1", 2, "z\"]}}"},
    {LINE, "{\"a\": {\"b\": [1, \"xyz\"]}}", "a.b.1", 77, "\"]}}"},
    {LINE, "[{}, [], \"\", -1.5e3, null, \"x\"]", "5", JSON_WHOLE, "\"x\"]"},
    {LINE, "[/* [ { */ {}, // \"\n [] , \"x\"]", "2", JSON_WHOLE, "\"x\"]"},
    {LINE, "{\"a\" /*:*/ : \"v\", \"a:\" : \"w\"}", "a:", JSON_KEY, "\"a:\" : \"w\"}"},
    {LINE, "{\"a\" /*:*/ : \"v\", \"a:\" : \"w\"}", "a:", JSON_WHOLE, "\"w\"}"},
    {LINE, "[\"a\\\"b\", \"c\"]", "1", JSON_WHOLE, "\"c\"]"},
    {LINE, "[\"a\\\"bc\"]", "0", 3, "c\"]"},
    {LINE, "[\"\\u00e9x\"]", "0", 2, "x\"]"},
    {LINE, "[\"\\u20acx\"]", "0", 3, "x\"]"},
    {LINE, "[\"\\nx\"]", "0", 1, "x\"]"},
    {LINE, "[\"a\", \"b\"]", "1", JSON_KEY, "\"b\"]"},
};

static void test_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(place_rows); i++) {
        const struct place_row *row = &place_rows[i];
        struct str text = str_of(row->text);
        cJSON *json = json_parse(text, NULL);
        const cJSON *value = find(json, row->path);
        if (!value)
            fail_msg("line %d: there is no %s", row->line, row->path);
        struct str rest = str_sub(text, json_offset(text, json_number(value), row->inside), text.n);
        if (!str_is(rest, row->rest))
            fail_msg("line %d: got '%.*s', expected '%s'", row->line, STR_FMT(rest), row->rest);
        cJSON_Delete(json);
    }
}

static void test_getters(void **state)
{
    (void)state;
    cJSON *json = json_parse(STR("{\"s\": \"x\", \"n\": 1, \"t\": true, \"f\": false, \"S\": \"other\"}"), NULL);
    assert_string_equal(json_str(json, "s").p, "x");
    assert_int_equal(json_str(json, "n").n, 0);
    assert_int_equal(json_str(json, "missing").n, 0);
    assert_int_equal(json_str(NULL, "s").n, 0);
    assert_true(json_bool(json, "t", false));
    assert_false(json_bool(json, "f", true));
    assert_true(json_bool(json, "s", true));
    assert_false(json_bool(json, "missing", false));
    assert_int_equal(json_text(NULL).n, 0);
    cJSON_Delete(json);
}

static void test_items(void **state)
{
    (void)state;
    cJSON *json = json_parse(STR("{\"list\": [1, 2], \"empty\": [], \"object\": {\"a\": 1}}"), NULL);
    const cJSON *first = json_items(cJSON_GetObjectItemCaseSensitive(json, "list"));
    assert_int_equal(first->valueint, 1);
    assert_int_equal(first->next->valueint, 2);
    assert_null(first->next->next);
    assert_null(json_items(cJSON_GetObjectItemCaseSensitive(json, "empty")));
    assert_null(json_items(cJSON_GetObjectItemCaseSensitive(json, "object")));
    assert_null(json_items(NULL));
    cJSON_Delete(json);
}

/* --- writing ------------------------------------------------------------------------------------------------ */

static const struct quote_row {
    int line;
    struct str text;
    const char *expected;
} quote_rows[] = {
    {LINE, S(""), "\"\""},
    {LINE, S("plain"), "\"plain\""},
    {LINE, S("a\"b\\c"), "\"a\\\"b\\\\c\""},
    {LINE, S("\n\t\r\x01\x7F"), "\"\\n\\u0009\\u000d\\u0001\\u007f\""},
    {LINE, S("x\0y"), "\"x\\u0000y\""},
    {LINE, S("\xC3\xA9\xF0\x9F\x98\x80"), "\"\xC3\xA9\xF0\x9F\x98\x80\""},
    {LINE, S("\xFF\xC3"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {LINE, S("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
};

static void test_quote(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(quote_rows); i++) {
        struct buf got;
        buf_init(&got, 1000);
        json_quote(&got, quote_rows[i].text);
        if (strcmp(got.p, quote_rows[i].expected) != 0)
            fail_msg("line %d: got %s", quote_rows[i].line, got.p);
        buf_release(&got);
    }
}

/* What is read into an arena is given back with it; what is dropped takes no more of it. cJSON goes on as before. */
static void test_in_an_arena(void **state)
{
    (void)state;
    struct arena a = {0};
    struct json_room room = {.arena = &a};
    struct json_fault fault;
    struct str text = STR("{\"a\": [\"x\\ty\", true, {\"b\": \"as long as that, or longer\"}] /* all */}");
    cJSON *json = json_parse_in(&room, text, &fault);
    assert_true(str_is(json_text(cJSON_GetObjectItem(json, "a")->child), "x\ty"));
    size_t used = arena_used(&a);
    json_drop(&room, json);
    for (int again = 0; again < 3; again++) {
        json = json_parse_in(&room, text, &fault);
        assert_true(
            str_is(json_str(cJSON_GetArrayItem(cJSON_GetObjectItem(json, "a"), 2), "b"), "as long as that, or longer"));
        json_drop(&room, json->child->child->next);
        json->child->child->next = NULL;
        json_drop(&room, json);
        assert_int_equal(arena_used(&a), used);
    }
    assert_null(json_parse_in(&room, STR("[\"a\", 1, 2, }"), &fault));
    assert_int_equal(fault.offset, 10);
    used = arena_used(&a);
    json = json_parse(STR("[1]"), NULL);
    assert_int_equal(arena_used(&a), used);
    cJSON_Delete(json);
    arena_release(&a);
}

/* Whatever the text, every number that a value has is found inside of it, and what json_quote writes is read again. */
static void test_any_bytes(void **state)
{
    (void)state;
    static const char alphabet[] = "{}[]\",: \\/*\nau0d8t1\xC3\xA9";
    uint32_t seed = 1;
    size_t parsed = 0;
    for (int round = 0; round < 20000; round++) {
        char text[24];
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
            text[i] = alphabet[(seed >> 16) % (round % 2 ? 8 : sizeof alphabet)];
        }
        struct str whole = {text, 1 + (size_t)round % sizeof text};
        cJSON *json = json_parse(whole, NULL);
        parsed += json != NULL;
        cJSON_Delete(json);
        for (uint32_t number = 0; number < 8; number++)
            assert_true(json_offset(whole, number, round % 3 ? JSON_WHOLE : number) <= whole.n + 8);
        struct buf quoted;
        buf_init(&quoted, 1000);
        json_quote(&quoted, whole);
        json = json_parse(buf_str(&quoted), NULL);
        if (!json)
            fail_msg("round %d: %s is not read", round, quoted.p);
        cJSON_Delete(json);
        buf_release(&quoted);
    }
    assert_true(parsed > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),  cmocka_unit_test(test_nul_escape), cmocka_unit_test(test_depth),
        cmocka_unit_test(test_places), cmocka_unit_test(test_getters),    cmocka_unit_test(test_items),
        cmocka_unit_test(test_quote),  cmocka_unit_test(test_any_bytes),  cmocka_unit_test(test_in_an_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
