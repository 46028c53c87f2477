#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "net/websocket_handshake.h"

#include <stdio.h>
#include <string.h>

#define KEY "dGhlIHNhbXBsZSBub25jZQ==" /* RFC 6455, 1.3 */
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static void test_key_and_accept(void **state)
{
    (void)state;
    static const struct {
        const char *random, *key, *accept;
    } rows[] = {
        {"the sample nonce", KEY, ACCEPT},
        /* computed with Python's hashlib and base64 */
        {"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f",
         "AAECAwQFBgcICQoLDA0ODw==", "Bz3qJYTGdOe8gUSpLosEdiLKDrk="},
        {"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7\xf6\xf5\xf4\xf3\xf2\xf1\xf0",
         "//79/Pv6+fj39vX08/Lx8A==", "KK6gXrxy1jl+SqT4+Dk+Xlb9/D4="},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char key[HANDSHAKE_KEY + 1], accept[HANDSHAKE_ACCEPT + 1];
        handshake_key((const unsigned char *)rows[i].random, key);
        handshake_accept(key, accept);
        assert_string_equal(key, rows[i].key);
        assert_string_equal(accept, rows[i].accept);
    }
}

static void test_request(void **state)
{
    (void)state;
    static const struct {
        const char *url, *begins;
    } rows[] = {
        {"wss://gw.example/?v=10&encoding=json", "GET /?v=10&encoding=json HTTP/1.1\r\nHost: gw.example\r\n"},
        {"ws://127.0.0.1:8080", "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"},
        {"wss://a.example:444?x#y", "GET /?x HTTP/1.1\r\nHost: a.example:444\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct url url;
        struct buf out;
        buf_init(&out, 10000);
        assert_true(url_parse(str_of(rows[i].url), &url));
        handshake_request(&out, &url, "docent/1", KEY);
        assert_true(str_starts(buf_str(&out), str_of(rows[i].begins)));
        assert_string_equal(out.p + strlen(rows[i].begins),
                            "User-Agent: docent/1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\n\r\n");
        buf_release(&out);
    }
}

#define OK101 "HTTP/1.1 101 Switching Protocols\r\n"
#define UP "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define ACC "Sec-WebSocket-Accept: " ACCEPT "\r\n"

static const struct {
    int line;
    enum handshake_end end;
    int status;
    const char *reply;
} rows[] = {
    {__LINE__, HANDSHAKE_OPEN, 101, OK101 UP ACC "\r\n"},
    {__LINE__, HANDSHAKE_OPEN, 101, OK101 UP ACC "\r\n\x81\x02hi"},
    {__LINE__, HANDSHAKE_OPEN, 101,
     OK101 "uPGRADE:WebSocket\r\nCONNECTION: keep-alive , UPGRADE\r\nDate: x\r\n"
           "sec-websocket-accept:  " ACCEPT "  \r\n\r\n"},
    {__LINE__, HANDSHAKE_OPEN, 101, "HTTP/1.1 101\r\n" UP ACC "\r\n"},
    {__LINE__, HANDSHAKE_MORE, 0, ""},
    {__LINE__, HANDSHAKE_MORE, 0, "H"},
    {__LINE__, HANDSHAKE_MORE, 0, OK101 UP ACC "\r"},
    {__LINE__, HANDSHAKE_REFUSED, 200, "HTTP/1.1 200 OK\r\n" UP ACC "\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 429, "HTTP/1.1 429 Too Many Requests\r\n\r\nslow down"},
    {__LINE__, HANDSHAKE_REFUSED, 503, "HTTP/1.0 503 Busy\r\n\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 0, "HTTP/2 101 Switching Protocols\r\n" UP ACC "\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 0, "HTTP/1.1 1010 x\r\n" UP ACC "\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 0, "HTTP/1.1 10\r\n" UP ACC "\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 0, "SSH-2.0-OpenSSH_9.2\r\n\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 0, "\r\n\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 101, OK101 "\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 101, OK101 UP "\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 101, OK101 ACC "\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 101, OK101 "Upgrade: websocket\r\nConnection: close\r\n" ACC "\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 101, OK101 "Upgrade: h2c\r\nConnection: Upgrade\r\n" ACC "\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 101, OK101 UP "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOO=\r\n\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 101, OK101 UP "Sec-WebSocket-Accept: S3PPLMBITXAQ9KYGZZHZRBK+XOO=\r\n\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 101, OK101 UP "Sec-WebSocket-Accept:\r\n\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 101, OK101 UP ACC ACC "\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 101, OK101 UP ACC "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 101, OK101 UP ACC "Sec-WebSocket-Protocol: chat\r\n\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 101, OK101 UP ACC "no colon\r\n\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 101, OK101 UP ACC "X: folded\r\n over lines\r\n\r\n"},
    {__LINE__, HANDSHAKE_REFUSED, 101, OK101 "\n" UP ACC "\r\n"},
};

static void test_replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct handshake_reply reply;
        struct str bytes = str_of(rows[i].reply);
        enum handshake_end end = handshake_read(bytes, ACCEPT, &reply);
        bool told = end != HANDSHAKE_REFUSED || reply.problem || reply.status != 101;
        if (end != rows[i].end || reply.status != rows[i].status || !told)
            fail_msg("row of line %d: %d, status %d", rows[i].line, end, reply.status);
    }
}

/* In however many pieces it comes, nothing is decided before the blank line, and what follows it is left. */
static void test_reply_in_pieces(void **state)
{
    (void)state;
    struct str whole = STR(OK101 UP ACC "\r\n\x81\x02hi");
    struct handshake_reply reply;
    for (size_t n = 0; n <= whole.n; n++) {
        enum handshake_end end = handshake_read(str_sub(whole, 0, n), ACCEPT, &reply);
        assert_int_equal(end, n < whole.n - 4 ? HANDSHAKE_MORE : HANDSHAKE_OPEN);
    }
    assert_int_equal(reply.head_n, whole.n - 4);
}

static void test_nul_and_endless_head(void **state)
{
    (void)state;
    struct handshake_reply reply;
    struct buf b;
    assert_int_equal(handshake_read(STR(OK101 UP ACC "X: a\0b\r\n\r\n"), ACCEPT, &reply), HANDSHAKE_REFUSED);
    assert_int_equal(handshake_read(STR(OK101 UP "Sec-WebSocket-Accept: " ACCEPT "\0\r\n\r\n"), ACCEPT, &reply),
                     HANDSHAKE_REFUSED);
    buf_init(&b, 100000);
    buf_adds(&b, OK101 "X: ");
    buf_fill(&b, 'x', HANDSHAKE_HEAD_MAX - b.n);
    assert_int_equal(handshake_read(buf_str(&b), ACCEPT, &reply), HANDSHAKE_MORE);
    buf_addc(&b, 'x');
    assert_int_equal(handshake_read(buf_str(&b), ACCEPT, &reply), HANDSHAKE_REFUSED);
    assert_string_equal(reply.problem, "the reply's head is too large");
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_and_accept),
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_reply_in_pieces),
        cmocka_unit_test(test_nul_and_endless_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
