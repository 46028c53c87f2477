#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "net/websocket_frames.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    struct frames *f;
    struct buf heard; /* messages, each with a '|' behind it */
    struct buf sent;  /* what we sent, unmasked: opcode in hex, payload, '|' */
    bool mute_at_first;
} t;

static void on_message(void *arg, struct str text)
{
    (void)arg;
    buf_add(&t.heard, text);
    buf_addc(&t.heard, '|');
    if (t.mute_at_first)
        frames_mute(t.f);
}

static void begin(size_t message_max, size_t queue_max)
{
    frames_free(t.f);
    buf_clear(&t.heard);
    buf_clear(&t.sent);
    t.f = frames_new(&(struct frames_options){message_max, queue_max, on_message, NULL});
}

static int set_up(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    buf_init(&t.heard, 1 << 24);
    buf_init(&t.sent, 1 << 24);
    buf_adds(&t.heard, "");
    buf_adds(&t.sent, "");
    begin(1 << 20, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    frames_free(t.f);
    buf_release(&t.heard);
    buf_release(&t.sent);
    return 0;
}

/* Takes at most `most` bytes at a time from what is to be sent, and reads the frames. Every one must be masked. */
static void read_sent(size_t most)
{
    struct buf raw;
    struct str out;
    buf_init(&raw, 1 << 24);
    while ((out = frames_out(t.f)).n) {
        size_t n = out.n < most ? out.n : most;
        buf_add(&raw, str_sub(out, 0, n));
        frames_sent(t.f, n);
    }
    const unsigned char *p = (const unsigned char *)raw.p;
    for (size_t at = 0; at < raw.n;) {
        size_t n = p[at + 1] & 0x7F, head = 2;
        assert_true(p[at + 1] & 0x80);
        if (n == 126)
            n = (size_t)p[at + 2] << 8 | p[at + 3], head = 4;
        else if (n == 127)
            n = (size_t)p[at + 6] << 24 | (size_t)p[at + 7] << 16 | (size_t)p[at + 8] << 8 | p[at + 9], head = 10;
        buf_addf(&t.sent, "%02x", p[at]);
        for (size_t i = 0; i < n; i++)
            buf_addc(&t.sent, (char)(p[at + head + 4 + i] ^ p[at + head + i % 4]));
        buf_addc(&t.sent, '|');
        at += head + 4 + n;
        assert_true(at <= raw.n);
    }
    buf_release(&raw);
}

#define PING_X "\x89\x01x"
#define BYE \
    "\x88\x05\x03\xe8" \
    "bye"

static const struct {
    int line;
    struct {
        const char *p;
        size_t n;
    } bytes;
    const char *heard, *sent, *fault;
    int code;
} rows[] = {
#define IN(literal) \
    { \
        literal, sizeof literal - 1 \
    }
    {__LINE__, IN(""), "", "", NULL, 1006},
    {__LINE__, IN("\x81\x02hi"), "hi|", "", NULL, 1006},
    {__LINE__, IN("\x81\x00\x81\x01x"), "|x|", "", NULL, 1006},
    {__LINE__,
     IN("\x01\x01"
        "a\x00\x01"
        "b\x80\x01"
        "c"),
     "abc|", "", NULL, 1006},
    {__LINE__,
     IN("\x01\x01"
        "a" PING_X "\x80\x01"
        "b"),
     "ab|", "8ax|", NULL, 1006},
    {__LINE__, IN("\x01\x01\xc3\x80\x01\xa9"), "\xc3\xa9|", "", NULL, 1006},
    {__LINE__, IN("\x89\x00\x8a\x00"), "", "8a|", NULL, 1006},
    {__LINE__, IN("\x82\x01x\x81\x01y"), "y|", "", NULL, 1006},
    {__LINE__, IN(BYE), "",
     "88\x03\xe8"
     "bye|",
     NULL, 1000},
    {__LINE__, IN("\x88\x02\x0f\xa0"), "", "88\x0f\xa0|", NULL, 4000},
    {__LINE__, IN("\x88\x00"), "", "88|", NULL, 1005},
    {__LINE__, IN(BYE "\x81\x01x"), "",
     "88\x03\xe8"
     "bye|",
     NULL, 1000},
    {__LINE__,
     IN("\x81\x01"
        "a" BYE),
     "a|",
     "88\x03\xe8"
     "bye|",
     NULL, 1000},
    /* what breaks the protocol */
    {__LINE__, IN("\x81\x81\x00\x00\x00\x00x"), "", "88\x03\xea|", "a frame that breaks the protocol", 1006},
    {__LINE__, IN("\xc1\x01x"), "", "88\x03\xea|", "a frame that breaks the protocol", 1006},
    {__LINE__, IN("\x80\x01x"), "", "88\x03\xea|", "a frame that breaks the protocol", 1006},
    {__LINE__, IN("\x83\x01x"), "", "88\x03\xea|", "a frame that breaks the protocol", 1006},
    {__LINE__, IN("\x01\x01x\x81\x01y"), "", "88\x03\xea|", "a frame that breaks the protocol", 1006},
    {__LINE__, IN("\x88\x02\x03\xed"), "", "88\x03\xea|", "a frame that breaks the protocol", 1006}, /* 1005 */
    {__LINE__, IN("\x81\x01\xff"), "", "88\x03\xef|", "a text that is not UTF-8", 1006},
    {__LINE__, IN("\x81\x01\xc3"), "", "88\x03\xef|", "a text that is not UTF-8", 1006},
    {__LINE__, IN("\x81\x03\xed\xa0\x80"), "", "88\x03\xef|", "a text that is not UTF-8", 1006},
    {__LINE__, IN("\x81\x7f\x00\x00\x00\x00\x00\x10\x00\x01x"), "", "88\x03\xf1|", "a message that is too large", 1006},
    {__LINE__, IN("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xffx"), "", "88|", "a frame that cannot be read", 1006},
    {__LINE__, IN("\x89\x7e\x00\x7ex"), "", "88|", "a frame that cannot be read", 1006},  /* a ping of 126 bytes */
    {__LINE__, IN("\x81\x7e\x00\x02hi"), "", "88|", "a frame that cannot be read", 1006}, /* a length too long */
    {__LINE__, IN("\x09\x01x"), "", "88|", "a frame that cannot be read", 1006},          /* a ping in fragments */
};

/* Whole, and byte by byte: it must make no difference. */
static void test_what_comes(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * (sizeof rows / sizeof *rows); i++) {
        size_t row = i / 2, piece = i % 2 ? 1 : SIZE_MAX;
        struct str bytes = {rows[row].bytes.p, rows[row].bytes.n};
        begin(1 << 20, 1 << 20);
        for (size_t n; bytes.n; bytes = str_sub(bytes, n, bytes.n))
            frames_feed(t.f, str_sub(bytes, 0, n = bytes.n < piece ? bytes.n : piece));
        read_sent(piece);
        const char *fault = frames_fault(t.f) ? frames_fault(t.f) : "";
        const char *expected = rows[row].fault ? rows[row].fault : "";
        bool over = rows[row].fault || rows[row].code != 1006;
        if (strcmp(t.heard.p, rows[row].heard) != 0 || strcmp(t.sent.p, rows[row].sent) != 0 ||
            frames_close_code(t.f) != rows[row].code || strcmp(fault, expected) != 0 || frames_over(t.f) != over)
            fail_msg("row of line %d: heard '%s', sent '%s', code %d, fault '%s', over %d", rows[row].line, t.heard.p,
                     t.sent.p, frames_close_code(t.f), fault, frames_over(t.f));
    }
}

static void test_reason_is_kept(void **state)
{
    (void)state;
    frames_feed(t.f, STR(BYE));
    assert_true(str_is(frames_close_reason(t.f), "bye"));
    assert_false(frames_over(t.f)); /* ours is not sent yet */
    read_sent(SIZE_MAX);
    assert_true(frames_over(t.f));
}

static void test_binary_is_counted(void **state)
{
    (void)state;
    frames_feed(t.f, STR("\x82\x01x\x82\x00"));
    assert_int_equal(frames_dropped(t.f), 2);
}

static void test_texts_of_every_length_go_out_whole(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 125, 126, 4095, 4096, 4097, 16383, 16384, 65535, 65536, 1 << 20};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct buf b;
        begin(1 << 20, 1 << 20);
        buf_init(&b, 1 << 20);
        buf_adds(&b, "");
        buf_fill(&b, 'x', lengths[i]);
        assert_true(frames_text(t.f, buf_str(&b)));
        read_sent(1000);
        assert_int_equal(t.sent.n, lengths[i] + 3);
        assert_int_equal(strspn(t.sent.p + 2, "x"), lengths[i]);
        buf_release(&b);
    }
}

/* TLS fails for good when bytes that could not be sent come again from another place. */
static void test_what_was_shown_stays_where_it_is(void **state)
{
    (void)state;
    char big[10000];
    memset(big, 'a', sizeof big);
    frames_text(t.f, (struct str){big, sizeof big});
    struct str shown = frames_out(t.f);
    frames_text(t.f, (struct str){big, sizeof big});
    frames_feed(t.f, STR(PING_X));
    struct str again = frames_out(t.f);
    assert_ptr_equal(again.p, shown.p);
    assert_true(again.n >= shown.n);
    frames_sent(t.f, 100);
    assert_ptr_equal(frames_out(t.f).p, shown.p + 100);
    frames_text(t.f, (struct str){big, sizeof big});
    assert_ptr_equal(frames_out(t.f).p, shown.p + 100);
}

static void test_queue_is_bounded(void **state)
{
    (void)state;
    begin(1000, 100);
    char text[101] = {0};
    assert_false(frames_text(t.f, (struct str){text, 101}));
    assert_true(frames_text(t.f, (struct str){text, 100}));
    assert_false(frames_text(t.f, (struct str){text, 1}));
    read_sent(SIZE_MAX);
    assert_true(frames_text(t.f, (struct str){text, 1}));
}

static void test_a_flood_of_pings_chokes(void **state)
{
    (void)state;
    int pings = 0;
    for (; !frames_choked(t.f) && pings < 100000; pings++) {
        frames_feed(t.f, STR("\x89\x00"));
        frames_out(t.f); /* shown, not sent */
    }
    assert_in_range(pings, 1000, 99999);
    read_sent(SIZE_MAX);
    assert_false(frames_choked(t.f));
}

static void test_too_many_fragments(void **state)
{
    (void)state;
    frames_feed(t.f, STR("\x01\x01x"));
    for (int i = 0; i < 20000 && !frames_fault(t.f); i++) {
        frames_feed(t.f, STR("\x00\x01x"));
        read_sent(SIZE_MAX);
    }
    assert_string_equal(frames_fault(t.f), "a message in too many fragments");
    frames_feed(t.f, STR("\x80\x01x"));
    assert_string_equal(t.heard.p, "");
    assert_string_equal(t.sent.p, "88\x03\xf1|");
    assert_true(frames_over(t.f));
}

static void test_close_from_our_side(void **state)
{
    (void)state;
    frames_close(t.f, 4000, STR("enough"));
    assert_false(frames_text(t.f, STR("late")));
    read_sent(SIZE_MAX);
    assert_string_equal(t.sent.p, "88\x0f\xa0"
                                  "enough|");
    frames_feed(t.f, STR("\x81\x01x")); /* was under way */
    assert_string_equal(t.heard.p, "x|");
    assert_false(frames_over(t.f));
    frames_feed(t.f, STR("\x88\x02\x0f\xa0"));
    assert_true(frames_over(t.f));
    assert_int_equal(frames_close_code(t.f), 4000);
    assert_null(frames_fault(t.f));
}

static void test_close_with_a_long_reason(void **state)
{
    (void)state;
    char reason[500];
    memset(reason, 'r', sizeof reason);
    frames_close(t.f, 1000, (struct str){reason, sizeof reason});
    read_sent(SIZE_MAX);
    assert_int_equal(t.sent.n, 2 + 2 + 123 + 1);
}

static void test_mute_from_within_a_message(void **state)
{
    (void)state;
    t.mute_at_first = true;
    frames_feed(t.f, STR("\x81\x01"
                         "a\x81\x01"
                         "b"));
    frames_feed(t.f, STR("\x81\x01"
                         "c"));
    assert_string_equal(t.heard.p, "a|");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_comes),
        TEST(test_reason_is_kept),
        TEST(test_binary_is_counted),
        TEST(test_texts_of_every_length_go_out_whole),
        TEST(test_what_was_shown_stays_where_it_is),
        TEST(test_queue_is_bounded),
        TEST(test_a_flood_of_pings_chokes),
        TEST(test_too_many_fragments),
        TEST(test_close_from_our_side),
        TEST(test_close_with_a_long_reason),
        TEST(test_mute_from_within_a_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
