#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "net/websocket.h"

#include "base/buf.h"
#include "net/websocket_handshake.h"
#include "peer.h"

#include <time.h>

enum { PATIENCE_MS = 8000, BIG = 1 << 20 };

/* What the owner of a WebSocket was told. */
static struct {
    struct loop *loop;
    struct websocket *ws;
    struct peer *peer;
    char url[128];
    int opened, came, closed, code;
    struct buf heard;               /* messages, each with a '|' behind it */
    size_t heard_bytes;             /* of messages, when `heard` would be too large */
    struct buf reason, problem;
    void (*at_open)(void), (*at_message)(void);
    atomic_int pings, pongs, frames;
    atomic_bool go;                 /* for a peer that waits */
} t;

static void on_open(void *arg)
{
    assert_ptr_equal(arg, &t);
    t.opened++;
    if (t.at_open)
        t.at_open();
}

static void on_message(void *arg, struct str text)
{
    assert_ptr_equal(arg, &t);
    t.came++;
    t.heard_bytes += text.n;
    buf_add(&t.heard, text);
    buf_addc(&t.heard, '|');
    if (t.at_message)
        t.at_message();
}

static void on_closed(void *arg, int code, struct str reason, const char *problem)
{
    assert_ptr_equal(arg, &t);
    t.closed++;
    t.code = code;
    buf_clear(&t.reason);
    buf_add(&t.reason, reason);
    buf_clear(&t.problem);
    buf_adds(&t.problem, problem);
    assert_null(strstr(problem, "secret"));
}

static const struct websocket_handler handler = {on_open, on_message, on_closed};

static int set_up(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    buf_init(&t.heard, 100000);
    buf_init(&t.reason, 1000);
    buf_init(&t.problem, 1000);
    buf_adds(&t.heard, "");
    t.loop = loop_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    websocket_free(t.ws);
    loop_free(t.loop);
    t.go = true;
    peer_stop(t.peer);
    buf_release(&t.heard);
    buf_release(&t.reason);
    buf_release(&t.problem);
    return 0;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void turn_until(bool (*done)(void))
{
    for (int64_t end_ms = now_ms() + PATIENCE_MS; !done() && now_ms() < end_ms;)
        loop_turn(t.loop, 50);
    if (!done())
        fail_msg("opened %d, came %d '%s', closed %d %d '%s'", t.opened, t.came, t.heard.p, t.closed, t.code,
                 t.problem.p ? t.problem.p : "");
}

static bool is_open(void)
{
    return t.opened > 0;
}

static bool is_closed(void)
{
    return t.closed > 0;
}

static bool has_heard(void)
{
    return t.came > 0;
}

static void open_to(void (*serve)(int fd, int nth), struct websocket_options options)
{
    t.peer = peer_start(serve);
    snprintf(t.url, sizeof t.url, "ws://127.0.0.1:%d/link?ticket=secret", t.peer->port);
    options.url = t.url;
    options.user_agent = "docent-test";
    t.ws = websocket_open(t.loop, &options, &handler, &t);
    assert_int_equal(t.opened + t.closed, 0);
}

static void assert_closed(int code, const char *reason, const char *problem)
{
    turn_until(is_closed);
    assert_int_equal(t.code, code);
    assert_string_equal(t.reason.p, reason);
    if (!strstr(t.problem.p, problem))
        fail_msg("'%s' is not in '%s'", problem, t.problem.p);
    for (int i = 0; i < 3; i++)
        loop_turn(t.loop, 1);
    assert_int_equal(t.closed, 1);
    assert_false(websocket_send(t.ws, STR("late")));
    websocket_close(t.ws, 1000, STR(""));
}

/* --- the other side ------------------------------------------------------------------------------------------- */

static void put(int fd, const char *bytes, size_t n)
{
    for (ssize_t sent; n; bytes += sent, n -= (size_t)sent)
        if ((sent = send(fd, bytes, n, MSG_NOSIGNAL)) <= 0)
            return;
}

#define PUT(fd, literal) put(fd, literal, sizeof literal - 1)

/* Answers the upgrade request; `with` comes in the same write. */
static bool upgrade(int fd, const char *with, size_t n)
{
    char head[4096], reply[8192], accept[HANDSHAKE_ACCEPT + 1], key[HANDSHAKE_KEY + 1];
    if (!peer_read_head(fd, head, sizeof head))
        return false;
    const char *at = strstr(head, "Sec-WebSocket-Key: ");
    assert_true(at && strstr(head, "Upgrade: websocket\r\n") && strstr(head, "Connection: Upgrade\r\n"));
    assert_true(strstr(head, "Sec-WebSocket-Version: 13\r\n") && strstr(head, "User-Agent: docent-test\r\n"));
    snprintf(key, sizeof key, "%.24s", at + strlen("Sec-WebSocket-Key: "));
    handshake_accept(key, accept);
    int len = snprintf(reply, sizeof reply,
                       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
    memcpy(reply + len, with, n);
    put(fd, reply, (size_t)len + n);
    return true;
}

static void put_frame(int fd, int opcode, const char *bytes, size_t n)
{
    unsigned char head[10] = {(unsigned char)(0x80 | opcode)};
    size_t head_n = n < 126 ? 2 : n < 65536 ? 4 : 10;
    head[1] = (unsigned char)(n < 126 ? n : n < 65536 ? 126 : 127);
    for (size_t i = 2; i < head_n; i++)
        head[i] = (unsigned char)(n >> 8 * (head_n - 1 - i));
    put(fd, (char *)head, head_n);
    put(fd, bytes, n);
}

/* Reads a frame of at most BIG bytes into a buffer of the thread; returns its opcode, -1 at the end. */
static int get_frame(int fd, char **bytes, size_t *n)
{
    static _Thread_local char payload[BIG + 1];
    unsigned char head[14];
    if (!peer_read(fd, (char *)head, 2))
        return -1;
    size_t more = (head[1] & 0x7F) == 126 ? 2 : (head[1] & 0x7F) == 127 ? 8 : 0;
    if (!(head[1] & 0x80) || !peer_read(fd, (char *)head + 2, more + 4))
        return -1;
    *n = more ? 0 : head[1] & 0x7F;
    for (size_t i = 0; i < more; i++)
        *n = *n << 8 | head[2 + i];
    if (*n > BIG || !peer_read(fd, payload, *n))
        return -1;
    for (size_t i = 0; i < *n; i++)
        payload[i] = (char)(payload[i] ^ head[2 + more + i % 4]);
    payload[*n] = '\0';
    *bytes = payload;
    t.frames++;
    return head[0] & 0x0F;
}

/* Echoes texts, answers pings and closes, until the end. */
static void echo_on(int fd)
{
    char *bytes;
    size_t n;
    for (int opcode; (opcode = get_frame(fd, &bytes, &n)) >= 0;) {
        t.pings += opcode == 9;
        t.pongs += opcode == 10;
        if (opcode != 10)
            put_frame(fd, opcode == 9 ? 10 : opcode, bytes, n);
        if (opcode == 8)
            return;
    }
}

static void echo(int fd, int nth)
{
    (void)nth;
    if (upgrade(fd, "", 0))
        echo_on(fd);
}

/* --- talking -------------------------------------------------------------------------------------------------- */

static void test_open_send_close(void **state)
{
    (void)state;
    open_to(echo, (struct websocket_options){0});
    assert_false(websocket_send(t.ws, STR("too early")));
    turn_until(is_open);
    assert_true(websocket_send(t.ws, STR("hello")));
    turn_until(has_heard);
    assert_string_equal(t.heard.p, "hello|");
    websocket_close(t.ws, 1000, STR("bye"));
    websocket_close(t.ws, 1001, STR("twice"));
    assert_false(websocket_send(t.ws, STR("too late")));
    assert_int_equal(t.closed, 0);
    assert_closed(1000, "bye", "closed by us");
    assert_string_equal(t.heard.p, "hello|");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_open_send_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
