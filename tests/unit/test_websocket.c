#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "net/websocket.h"

#include "base/buf.h"
#include "net/websocket_handshake.h"
#include "../fake/tls.h"
#include "peer.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <time.h>

enum { PATIENCE_MS = 8000, BIG = 1 << 20 };

/* What the owner of a WebSocket was told. */
static struct {
    struct loop *loop;
    struct websocket *ws;
    struct peer *peer;
    bool secure; /* with TLS in front of the peer */
    struct tls_end_options tls_options;
    struct tls_end *tls;
    char url[128];
    int opened, came, closed, code;
    struct buf heard;   /* messages, each with a '|' behind it */
    size_t heard_bytes; /* of messages, when `heard` would be too large */
    struct buf reason, problem;
    void (*at_open)(void), (*at_message)(void);
    atomic_int pings, pongs, frames;
    atomic_bool go; /* for a peer that waits */
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

static int set_up_tls(void **state)
{
    set_up(state);
    t.secure = true;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    websocket_free(t.ws);
    loop_free(t.loop);
    t.go = true;
    tls_stop(t.tls);
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
    int port = t.peer->port;
    if (t.secure) {
        t.tls = tls_start(port, &t.tls_options);
        port = tls_port(t.tls);
        options.ca_file = options.ca_file ? options.ca_file : tls_ca_file(t.tls);
    }
    snprintf(t.url, sizeof t.url, "%s://127.0.0.1:%d/link?ticket=secret", t.secure ? "wss" : "ws", port);
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
                       "Sec-WebSocket-Accept: %s\r\n\r\n",
                       accept);
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

/* The first frames come in the same write as the reply's head, and nothing follows. */
static void early(int fd, int nth)
{
    (void)nth;
    char with[4000] = "\x81\x02hi\x81\x7e\x0b\xb8";
    memset(with + 8, 'x', 3000);
    if (upgrade(fd, with, 8 + 3000))
        echo_on(fd);
}

static void test_frames_in_one_piece_with_the_head(void **state)
{
    (void)state;
    open_to(early, (struct websocket_options){0});
    turn_until(has_heard);
    assert_int_equal(t.came, 2);
    assert_int_equal(t.heard.n, 3 + 3001);
    websocket_close(t.ws, 1000, STR(""));
    assert_closed(1000, "", "closed by us");
}

static void head_in_pieces(int fd, int nth)
{
    int pair[2];
    char reply[4096];
    (void)nth;
    /* upgrade() answers into a pair of sockets; its answer is passed on byte by byte */
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        return;
    char head[4096];
    if (peer_read_head(fd, head, sizeof head)) {
        peer_write(pair[1], head);
        upgrade(pair[0], "\x81\x02hi", 4);
        ssize_t n = recv(pair[1], reply, sizeof reply, 0);
        int yes = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        for (ssize_t i = 0; i < n; i++) {
            put(fd, reply + i, 1);
            usleep(200);
        }
        echo_on(fd);
    }
    close(pair[0]);
    close(pair[1]);
}

static void test_head_in_pieces(void **state)
{
    (void)state;
    open_to(head_in_pieces, (struct websocket_options){0});
    turn_until(has_heard);
    assert_string_equal(t.heard.p, "hi|");
}

static void fragments(int fd, int nth)
{
    char *bytes;
    size_t n;
    (void)nth;
    if (!upgrade(fd, "", 0))
        return;
    PUT(fd, "\x01\x02"
            "ab");
    PUT(fd, "\x89\x02zz");
    t.pongs += get_frame(fd, &bytes, &n) == 10 && n == 2 && strcmp(bytes, "zz") == 0;
    PUT(fd, "\x00\x02"
            "cd\x80\x01"
            "e");
    echo_on(fd);
}

static void test_fragments_with_a_ping_between(void **state)
{
    (void)state;
    open_to(fragments, (struct websocket_options){0});
    turn_until(has_heard);
    assert_string_equal(t.heard.p, "abcde|");
    assert_int_equal(t.pongs, 1);
}

static void test_a_megabyte_out_and_in(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, BIG);
    buf_fill(&b, 'x', BIG);
    open_to(echo, (struct websocket_options){0});
    turn_until(is_open);
    assert_true(websocket_send(t.ws, buf_str(&b)));
    turn_until(has_heard);
    assert_int_equal(t.heard_bytes, BIG);
    websocket_close(t.ws, 1000, STR(""));
    assert_closed(1000, "", "closed by us");
    buf_release(&b);
}

/* Many records at once, then silence: all of it must be told though no further event comes. */
static void burst(int fd, int nth)
{
    enum { N = 20, EACH = 12000 };
    static char bytes[N * (EACH + 4)];
    (void)nth;
    for (char *p = bytes; p < bytes + sizeof bytes; p += EACH + 4) {
        memset(p, 'x', EACH + 4);
        memcpy(p, "\x81\x7e\x2e\xe0", 4);
    }
    if (upgrade(fd, "", 0)) {
        put(fd, bytes, sizeof bytes);
        echo_on(fd);
    }
}

static bool has_heard_20(void)
{
    return t.came == 20;
}

static void test_nothing_stays_in_the_tls_library(void **state)
{
    (void)state;
    open_to(burst, (struct websocket_options){.ping_ms = 60000});
    turn_until(has_heard_20);
    assert_int_equal(t.heard_bytes, 20 * 12000);
}

/* Does not read until it is told to. */
static void paused(int fd, int nth)
{
    (void)nth;
    if (!upgrade(fd, "", 0))
        return;
    while (!t.go)
        usleep(1000);
    echo_on(fd);
}

static void test_reader_that_pauses(void **state)
{
    (void)state;
    static char bytes[100000];
    memset(bytes, 'x', sizeof bytes);
    open_to(paused, (struct websocket_options){0});
    turn_until(is_open);
    int sent = 0;
    for (; sent < 1000 && websocket_send(t.ws, (struct str){bytes, sizeof bytes}); sent++)
        loop_turn(t.loop, 0);
    assert_in_range(sent, 10, 999); /* the queue is full, which holds 1 MiB */
    uint64_t turns = loop_turns(t.loop);
    for (int64_t end_ms = now_ms() + 200; now_ms() < end_ms;)
        loop_turn(t.loop, end_ms - now_ms());
    assert_in_range(loop_turns(t.loop) - turns, 1, 5); /* waiting for it does not spin */
    t.go = true;
    for (int64_t end_ms = now_ms() + PATIENCE_MS; t.came < sent && now_ms() < end_ms;)
        loop_turn(t.loop, 50);
    assert_int_equal(t.came, sent);
    assert_int_equal(t.heard_bytes, (size_t)sent * sizeof bytes);
    assert_true(websocket_send(t.ws, STR("room again")));
}

/* Pings without end and never reads a pong. */
static void flood(int fd, int nth)
{
    (void)nth;
    if (!upgrade(fd, "", 0))
        return;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    char pings[6400];
    for (size_t i = 0; i < sizeof pings; i += 64) {
        memset(pings + i, 'p', 64);
        memcpy(pings + i, "\x89\x3e", 2);
    }
    while (!t.go)
        if (send(fd, pings, sizeof pings, MSG_NOSIGNAL) < 0)
            usleep(1000);
}

static void test_peer_that_pings_and_never_reads_is_dropped(void **state)
{
    (void)state;
    open_to(flood, (struct websocket_options){.dead_ms = 500});
    assert_closed(1006, "", "");
}

/* --- ends ----------------------------------------------------------------------------------------------------- */

static void close_4004(int fd, int nth)
{
    char *bytes;
    size_t n;
    (void)nth;
    if (upgrade(fd, "", 0)) {
        PUT(fd, "\x81\x02hi\x88\x0d\x0f\xa4"
                "not allowed");
        t.frames += get_frame(fd, &bytes, &n) == 8 && n == 13; /* which answers it */
    }
}

static void test_peer_closes(void **state)
{
    (void)state;
    open_to(close_4004, (struct websocket_options){0});
    assert_closed(4004, "not allowed", "closed by the peer");
    assert_string_equal(t.heard.p, "hi|");
    peer_join(t.peer, 0);
    assert_int_equal(t.frames, 2);
}

static void reset(int fd, int nth)
{
    (void)nth;
    if (upgrade(fd, "\x81\x0ahal", 5)) { /* in the middle of a frame */
        while (!t.go)
            usleep(1000);
        peer_will_reset(fd);
    }
}

static void finish(int fd, int nth)
{
    (void)nth;
    if (upgrade(fd, "\x81\x02hi\x81\x0ahal", 9))
        while (!t.go)
            usleep(1000);
}

static void let_go(void)
{
    t.go = true;
}

static void test_connection_is_reset(void **state)
{
    (void)state;
    t.at_open = let_go;
    open_to(reset, (struct websocket_options){0});
    assert_closed(1006, "", "the connection");
}

static void test_connection_ends_without_close_frame(void **state)
{
    (void)state;
    t.at_open = let_go;
    open_to(finish, (struct websocket_options){0});
    assert_closed(1006, "", "the connection ended without a close frame");
    assert_string_equal(t.heard.p, "hi|");
}

static void mute(int fd, int nth)
{
    char bytes[1000];
    (void)nth;
    if (upgrade(fd, "", 0))
        while (!t.go && recv(fd, bytes, sizeof bytes, 0) > 0)
            ;
}

static void test_silence(void **state)
{
    (void)state;
    open_to(mute, (struct websocket_options){.ping_ms = 40, .dead_ms = 150});
    assert_closed(1006, "", "nothing was heard for ");
}

static bool has_pinged(void)
{
    return t.pings >= 30;
}

static void test_pongs_keep_it_alive(void **state)
{
    (void)state;
    open_to(echo, (struct websocket_options){.ping_ms = 50, .dead_ms = 1000});
    turn_until(has_pinged);
    assert_int_equal(t.closed, 0);
}

static void test_close_is_not_answered(void **state)
{
    (void)state;
    open_to(mute, (struct websocket_options){.close_ms = 50});
    turn_until(is_open);
    websocket_close(t.ws, 1000, STR(""));
    assert_closed(1006, "", "the peer did not answer our close frame");
}

static void too_large(int fd, int nth)
{
    char *bytes;
    size_t n;
    (void)nth;
    if (upgrade(fd, "\x81\x7e\x03\xe9x", 5)) /* announces 1001 bytes */
        t.frames += get_frame(fd, &bytes, &n) == 8 && n == 2 && memcmp(bytes, "\x03\xf1", 2) == 0;
}

static void test_message_too_large(void **state)
{
    (void)state;
    open_to(too_large, (struct websocket_options){.message_max = 1000});
    assert_closed(1006, "", "the peer sent a message that is too large");
    peer_join(t.peer, 0);
    assert_int_equal(t.frames, 2);
}

/* --- no beginning --------------------------------------------------------------------------------------------- */

static void refuse(int fd, int nth)
{
    char head[4096];
    (void)nth;
    peer_read_head(fd, head, sizeof head);
    peer_write(fd, "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 9\r\n\r\nslow down");
}

static void wrong_accept(int fd, int nth)
{
    char head[4096];
    (void)nth;
    peer_read_head(fd, head, sizeof head);
    peer_write(fd, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

static void endless_head(int fd, int nth)
{
    char head[4096];
    (void)nth;
    peer_read_head(fd, head, sizeof head);
    peer_write(fd, "HTTP/1.1 101 Switching Protocols\r\n");
    while (!t.go && send(fd, "X-Thing: on and on\r\n", 20, MSG_NOSIGNAL) > 0)
        ;
}

static void never_answers(int fd, int nth)
{
    char head[4096];
    (void)nth;
    peer_read_head(fd, head, sizeof head);
    while (!t.go)
        usleep(1000);
}

static void hang_up(int fd, int nth)
{
    char head[4096];
    (void)nth;
    peer_read_head(fd, head, sizeof head);
}

static void test_handshakes_that_fail(void **state)
{
    static const struct {
        void (*serve)(int fd, int nth);
        const char *reason, *problem;
    } rows[] = {
        {refuse, "slow down", "the server answered the handshake with status 429"},
        {wrong_accept, "", "the server's accept key is wrong"},
        {endless_head, "", "the reply's head is too large"},
        {never_answers, "", "not open after 1000 ms"},
        {hang_up, "", "the connection ended during the handshake"},
    };
    bool secure = t.secure;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        open_to(rows[i].serve, (struct websocket_options){.connect_ms = rows[i].serve == never_answers ? 1000 : 0});
        assert_closed(1006, rows[i].reason, rows[i].problem);
        assert_int_equal(t.opened, 0);
        tear_down(state);
        set_up(state);
        t.secure = secure;
    }
}

static void test_addresses_that_fail(void **state)
{
    (void)state;
    static const struct {
        const char *url, *problem;
    } rows[] = {
        {"ws://example.com/?secret", "the address is neither wss:// nor a loopback address"},
        {"nonsense", "the address is neither wss:// nor a loopback address"},
        {"", "the address is neither wss:// nor a loopback address"},
        {"ws://127.0.0.1:1/secret", "connect"},
        {"wss://127.0.0.1:1/secret", "connect"},
        {"wss://does-not-exist.invalid/secret", "resolve"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        t.closed = 0;
        t.ws = websocket_open(t.loop, &(struct websocket_options){.url = rows[i].url}, &handler, &t);
        assert_int_equal(t.closed, 0);
        assert_closed(1006, "", rows[i].problem);
        websocket_free(t.ws);
    }
    t.ws = NULL;
}

static void test_close_before_it_is_open(void **state)
{
    (void)state;
    open_to(never_answers, (struct websocket_options){0});
    websocket_close(t.ws, 1000, STR(""));
    assert_int_equal(t.closed, 0);
    assert_closed(1006, "", "closed by us before it was open");
}

/* --- freed wherever ------------------------------------------------------------------------------------------- */

static void free_it(void)
{
    websocket_free(t.ws);
    t.ws = NULL;
}

static void send_and_free(void)
{
    websocket_send(t.ws, STR("x"));
    websocket_close(t.ws, 1000, STR(""));
    free_it();
}

static void turn_a_while(void)
{
    for (int i = 0; i < 5; i++)
        loop_turn(t.loop, 5);
}

static void test_freed_while_it_opens(void **state)
{
    (void)state;
    t.at_open = send_and_free;
    open_to(early, (struct websocket_options){0});
    turn_until(is_open);
    turn_a_while();
    assert_int_equal(t.came + t.closed, 0);
}

static void test_freed_by_a_message(void **state)
{
    (void)state;
    t.at_message = free_it;
    open_to(early, (struct websocket_options){0});
    turn_until(has_heard);
    turn_a_while();
    assert_int_equal(t.came, 1);
    assert_int_equal(t.closed, 0);
}

static void close_it(void)
{
    websocket_close(t.ws, 1000, STR("enough"));
}

static void test_closed_by_a_message(void **state)
{
    (void)state;
    t.at_message = close_it;
    open_to(early, (struct websocket_options){0});
    assert_closed(1000, "enough", "closed by us");
}

static void test_freed_at_once(void **state)
{
    (void)state;
    open_to(echo, (struct websocket_options){0});
    free_it();
    turn_a_while();
    websocket_free(NULL);
    assert_int_equal(t.opened + t.closed, 0);
}

/* --- with others ---------------------------------------------------------------------------------------------- */

static void stop(void *arg)
{
    loop_stop(arg);
}

static void test_idle_means_idle(void **state)
{
    (void)state;
    open_to(echo, (struct websocket_options){.ping_ms = 60000});
    turn_until(is_open);
    turn_a_while();
    uint64_t turns = loop_turns(t.loop);
    loop_after(t.loop, 1000, stop, t.loop);
    loop_run(t.loop);
    assert_in_range(loop_turns(t.loop) - turns, 1, 5);
}

/* libcurl opens only some connections to one host at a time; those that stay must not use that up. */
static void test_a_dozen_to_one_host(void **state)
{
    (void)state;
    enum { N = 12 };
    struct websocket *all[N];
    open_to(echo, (struct websocket_options){0});
    struct websocket_options options = {.url = t.url, .user_agent = "docent-test"};
    if (t.secure)
        options.ca_file = tls_ca_file(t.tls);
    for (int i = 0; i < N; i++)
        all[i] = websocket_open(t.loop, &options, &handler, &t);
    for (int64_t end_ms = now_ms() + PATIENCE_MS; t.opened < N + 1 && now_ms() < end_ms;)
        loop_turn(t.loop, 50);
    assert_int_equal(t.opened, N + 1);
    for (int i = 0; i < N; i++)
        websocket_free(all[i]);
}

/* --- TLS ------------------------------------------------------------------------------------------------------ */

static void test_server_that_can_do_http2(void **state)
{
    (void)state;
    t.tls_options.h2 = true;
    open_to(echo, (struct websocket_options){0});
    turn_until(is_open);
    assert_true(websocket_send(t.ws, STR("hello")));
    turn_until(has_heard);
    assert_int_equal(tls_h2_agreed(t.tls), 0);
}

static void test_certificates_that_fail(void **state)
{
    static const struct {
        struct tls_end_options tls;
        const char *ca_file, *problem;
    } rows[] = {
        {{.other_name = true}, NULL, "no alternative certificate subject name matches"},
        {{.expired = true}, NULL, "certificate has expired"},
        {{0}, "/etc/ssl/certs/ca-certificates.crt", "certificate"},
        {{0}, "/nowhere", "error setting certificate"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        t.tls_options = rows[i].tls;
        open_to(echo, (struct websocket_options){.ca_file = rows[i].ca_file});
        assert_closed(1006, "", rows[i].problem);
        assert_int_equal(t.opened, 0);
        tear_down(state);
        set_up_tls(state);
    }
}

#define PLAIN(fn) \
    { \
#fn, fn, set_up, tear_down, NULL \
    }
#define SECURE(fn) \
    { \
#fn " (TLS)", fn, set_up_tls, tear_down, NULL \
    }
#define BOTH(fn) PLAIN(fn), SECURE(fn)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(test_open_send_close),
        BOTH(test_frames_in_one_piece_with_the_head),
        BOTH(test_head_in_pieces),
        BOTH(test_fragments_with_a_ping_between),
        BOTH(test_a_megabyte_out_and_in),
        BOTH(test_nothing_stays_in_the_tls_library),
        BOTH(test_reader_that_pauses),
        BOTH(test_peer_that_pings_and_never_reads_is_dropped),
        BOTH(test_peer_closes),
        BOTH(test_connection_is_reset),
        BOTH(test_connection_ends_without_close_frame),
        BOTH(test_silence),
        BOTH(test_pongs_keep_it_alive),
        BOTH(test_close_is_not_answered),
        BOTH(test_message_too_large),
        BOTH(test_handshakes_that_fail),
        PLAIN(test_addresses_that_fail),
        BOTH(test_close_before_it_is_open),
        BOTH(test_freed_while_it_opens),
        BOTH(test_freed_by_a_message),
        BOTH(test_closed_by_a_message),
        BOTH(test_freed_at_once),
        BOTH(test_idle_means_idle),
        BOTH(test_a_dozen_to_one_host),
        SECURE(test_server_that_can_do_http2),
        SECURE(test_certificates_that_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
