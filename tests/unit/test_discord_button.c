#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "render/discord_button.h"

#include <stdio.h>
#include <string.h>

#define LONG_40 "0123456789012345678901234567890123456789"

static const struct {
    int line;
    struct discord_button button;
    const char *custom_id;
} rows[] = {
    {__LINE__, {.kind = DISCORD_BUTTON_ASK, .text = {"Is it hard?", 11}}, "d1:q:Is it hard?"},
    {__LINE__, {.kind = DISCORD_BUTTON_ASK, .text = {"a:b:c", 5}}, "d1:q:a:b:c"},
    {__LINE__,
     {.kind = DISCORD_BUTTON_HELPFUL, .of = {"m1100000000000000009", 20}, .intent = {"salary", 6}},
     "d1:up:m1100000000000000009:salary"},
    {__LINE__, {.kind = DISCORD_BUTTON_UNHELPFUL, .of = {"i12", 3}, .intent = {"", 0}}, "d1:no:i12"},
    {__LINE__,
     {.kind = DISCORD_BUTTON_UNHELPFUL, .of = {"i12", 3}, .intent = {LONG_40 LONG_40 LONG_40, 120}},
     "d1:no:i12"},
    {__LINE__, {.kind = DISCORD_BUTTON_SHARE, .of = {"i34", 3}}, "d1:sh:i34"},
};

static void test_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out;
        buf_init(&out, 1000);
        discord_button_write(&out, &rows[i].button);
        if (!str_is(buf_str(&out), rows[i].custom_id))
            fail_msg("line %d: '%s'", rows[i].line, out.p);
        struct discord_button read;
        assert_true(discord_button_read(buf_str(&out), &read));
        assert_int_equal(read.kind, rows[i].button.kind);
        assert_true(str_eq(read.text, rows[i].button.text));
        assert_true(str_eq(read.of, rows[i].button.of));
        assert_true(str_eq(read.intent, rows[i].button.intent) || !read.intent.n);
        buf_release(&out);
    }
}

/* 95 bytes fit beside "d1:q:"; with one more only the hash stands there, and names the same question. */
static void test_long_question(void **state)
{
    (void)state;
    char text[97];
    memset(text, 'x', sizeof text);
    for (size_t n = 94; n <= 96; n++) {
        struct buf out;
        buf_init(&out, 1000);
        discord_button_write(&out, &(struct discord_button){.text = {text, n}});
        struct discord_button read;
        assert_true(discord_button_read(buf_str(&out), &read));
        assert_true(out.n <= DISCORD_CUSTOM_ID_MAX);
        assert_int_equal(read.text.n, n <= 95 ? n : 0);
        assert_true(read.hash == str_hash((struct str){text, n}));
        buf_release(&out);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "d1",
        "d1:",
        "d1:q",
        "d1:q:",
        "d2:q:later",
        "q:text",
        "d1:h:12",
        "d1:h:0123456789ABCDEF",
        "d1:h:0123456789abcdef0",
        "d1:up:",
        "d1:up:x12:a",
        "d1:up:m:a",
        "d1:up:m1x:a",
        "d1:up:m123456789012345678901:a",
        "d1:sh:",
        "d1:zz:m12",
        "d1:sh:m12345678901234567890123456789",
        "d1:q:" LONG_40 LONG_40 "0123456789012345",
    };
    struct discord_button read;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (discord_button_read(str_of(bad[i]), &read))
            fail_msg("taken: '%s'", bad[i]);
    assert_false(discord_button_read((struct str){NULL, 0}, &read));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written),
        cmocka_unit_test(test_long_question),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
