#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/discord_api.h"

#include <string.h>

#define CODE(n) "{\"message\":\"secret words\",\"code\":" #n "}"

enum { NONCE = 1, FREE = 2, EDIT = 4, OLD = 8 };

static const struct {
    int line, status;
    const char *body;
    unsigned call;
    enum send_end end;
} rows[] = {
    {__LINE__, 200, "{}", 0, SEND_DONE},
    {__LINE__, 201, "{}", 0, SEND_DONE},
    {__LINE__, 204, "", 0, SEND_DONE},
    {__LINE__, 400, CODE(50006), 0, SEND_DROP},
    {__LINE__, 400, CODE(40060), FREE, SEND_DONE},
    {__LINE__, 409, CODE(40060), FREE, SEND_DONE},
    {__LINE__, 400, CODE(160005), 0, SEND_DROP},
    {__LINE__, 401, CODE(0), 0, SEND_DEAD},
    {__LINE__, 401, "", 0, SEND_DEAD},
    {__LINE__, 401, CODE(50027), FREE, SEND_DROP},
    {__LINE__, 401, "", FREE, SEND_DROP},
    {__LINE__, 403, CODE(40001), 0, SEND_DEAD},
    {__LINE__, 400, CODE(50014), 0, SEND_DEAD},
    {__LINE__, 403, CODE(50001), 0, SEND_DROP},
    {__LINE__, 403, CODE(50013), 0, SEND_DROP},
    {__LINE__, 403, "<html>", 0, SEND_DROP},
    {__LINE__, 404, CODE(10003), 0, SEND_DROP},
    {__LINE__, 404, CODE(10062), FREE, SEND_DROP},
    {__LINE__, 404, CODE(10015), FREE | EDIT, SEND_AGAIN},
    {__LINE__, 404, CODE(10008), FREE | EDIT, SEND_AGAIN},
    {__LINE__, 404, CODE(10015), FREE | EDIT | OLD, SEND_DROP},
    {__LINE__, 404, CODE(10015), FREE, SEND_DROP},
    {__LINE__, 429, "{}", NONCE, SEND_WAIT},
    {__LINE__, 500, "<html>", NONCE, SEND_AGAIN},
    {__LINE__, 502, "", NONCE, SEND_AGAIN},
    {__LINE__, 503, "", NONCE, SEND_AGAIN},
    {__LINE__, 502, "", 0, SEND_UNSURE},
    {__LINE__, 503, CODE(130000), 0, SEND_AGAIN},
    {__LINE__, 418, CODE(123456789), 0, SEND_DROP},
    {__LINE__, 400, "{\"code\":\"50035\"}", 0, SEND_DROP},
    {__LINE__, 400, "{\"code\":1e300}", 0, SEND_DROP},
    {__LINE__, 302, "", 0, SEND_DROP},
};

static void test_rows(void **state)
{
    (void)state;
    struct arena a = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct discord_call call = {.again = rows[i].call & NONCE,
                                    .free = rows[i].call & FREE,
                                    .edit = rows[i].call & EDIT,
                                    .age_ms = rows[i].call & OLD ? 60000 : 1000};
        struct discord_answer answer = {.status = rows[i].status, .body = str_of(rows[i].body), .retry_after_ms = -1};
        struct sent sent = discord_sent(&call, &answer, (struct discord_wait){1500, false}, &a);
        if (sent.end != rows[i].end)
            fail_msg("line %d: %d", rows[i].line, (int)sent.end);
        if (sent.end != SEND_DONE)
            assert_true(sent.reason && !strstr(sent.reason, "secret"));
    }
    arena_release(&a);
}

/* Even when all calls are too fast: those on behalf of an interaction are not among them. */
static void test_waits(void **state)
{
    (void)state;
    struct arena a = {0};
    struct discord_answer answer = {.status = 429, .retry_after_ms = -1};
    struct sent sent = discord_sent(&(struct discord_call){0}, &answer, (struct discord_wait){1500, true}, &a);
    assert_int_equal(sent.end, SEND_WAIT);
    assert_int_equal(sent.wait_ms, 1500);
    arena_release(&a);
}

/* A refused form goes out once more without what was refused, whether it is a message or a callback; then no more. */
static void test_once_more_without(void **state)
{
    (void)state;
    static const struct {
        const char *code, *body, *plain;
    } again[] = {
        {CODE(50035), "{\"content\":\"a\",\"components\":[1]}", "{\"content\":\"a\"}"},
        {CODE(50035), "{\"type\":4,\"data\":{\"content\":\"a\",\"components\":[1]}}",
         "{\"type\":4,\"data\":{\"content\":\"a\"}}"},
        {CODE(50035), "{\"content\":\"a\"}", ""},
        {CODE(160002), "{\"content\":\"a\",\"message_reference\":{},\"components\":[1]}",
         "{\"content\":\"a\",\"components\":[1]}"},
        {CODE(160002), "{\"content\":\"a\"}", ""},
        {CODE(50035), "broken", ""},
    };
    struct arena a = {0};
    for (size_t i = 0; i < sizeof again / sizeof *again; i++) {
        struct discord_call call = {.body = str_of(again[i].body)};
        struct discord_answer answer = {.status = 400, .body = str_of(again[i].code), .retry_after_ms = -1};
        struct sent sent = discord_sent(&call, &answer, (struct discord_wait){0}, &a);
        assert_int_equal(sent.end, *again[i].plain ? SEND_PLAIN : SEND_DROP);
        assert_true(str_is(sent.plain, again[i].plain));
    }
    arena_release(&a);
}

static void test_advice(void **state)
{
    (void)state;
    assert_non_null(discord_advice(&(struct discord_answer){.status = 401}));
    assert_non_null(discord_advice(&(struct discord_answer){.status = 403, .body = STR(CODE(50013))}));
    assert_null(discord_advice(&(struct discord_answer){.status = 404, .body = STR(CODE(10062))}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_once_more_without),
        cmocka_unit_test(test_advice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
