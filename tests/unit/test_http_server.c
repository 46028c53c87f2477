#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "net/http_server.h"

#include "base/buf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BODY_MAX_HERE = 1000, PATIENCE_MS = 5000, HELD_MAX = 128 };

/* One server in one loop, and what its handlers were given. */
static struct {
    struct loop *loop;
    struct http_server *server;
    struct buf seen;                      /* bodies and headers, as handlers saw them */
    struct http_exchange *held[HELD_MAX]; /* by /later */
    int n_held;
    int at_end; /* exchanges to answer at the end of the turn */
} t;

static void echo(void *arg, struct http_exchange *x)
{
    (void)arg;
    struct str header = http_request_header(x, "x-thing");
    buf_add(&t.seen, header);
    buf_addf(&t.seen, "|%zu|", header.n);
    http_reply_text(x, 200, "text/plain", http_body(x));
}

static void nothing(void *arg, struct http_exchange *x)
{
    (void)arg;
    http_reply_text(x, 200, NULL, STR(""));
}

static void moved(void *arg, struct http_exchange *x)
{
    (void)arg;
    http_reply_with(x, 302, NULL, STR(""), "Location: /elsewhere");
}

static void later(void *arg, struct http_exchange *x)
{
    (void)arg;
    t.held[t.n_held++] = x;
}

static void at_end_of_turn(void *arg, struct http_exchange *x)
{
    later(arg, x);
    t.at_end++;
}

static void end_turn(void *arg)
{
    (void)arg;
    for (; t.at_end; t.at_end--)
        http_reply_text(t.held[--t.n_held], 200, "text/plain", STR("at the end"));
}

/* More than the kernel takes without the client reading it. */
static void huge(void *arg, struct http_exchange *x)
{
    struct buf b;
    (void)arg;
    buf_init(&b, 64 << 20);
    buf_fill(&b, 'x', 64 << 20);
    http_reply_text(x, 200, "text/plain", buf_str(&b));
    buf_release(&b);
}

static const struct http_route routes[] = {
    {"POST", "/echo", echo},  {"GET", "/echo", echo},    {"POST", "/nothing", nothing},      {"GET", "/moved", moved},
    {"GET", "/later", later}, {"POST", "/later", later}, {"GET", "/at-end", at_end_of_turn}, {"GET", "/huge", huge},
};

static void start(struct http_server_options options)
{
    struct err err;
    options.listen = options.listen ? options.listen : "127.0.0.1:0";
    t.server = http_server_new(t.loop, &options, routes, sizeof routes / sizeof *routes, NULL, &err);
    if (!t.server)
        fail_msg("%s", err.text);
}

static int set_up(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    buf_init(&t.seen, 1 << 20);
    buf_adds(&t.seen, "");
    t.loop = loop_new();
    loop_at_end(t.loop, end_turn, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    http_server_free(t.server);
    loop_free(t.loop);
    buf_release(&t.seen);
    return 0;
}

/* --- a client, by hand --------------------------------------------------------------------------------------- */

static int connect_to(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(fd, (struct sockaddr *)&at, sizeof at);
    loop_turn(t.loop, 10);
    return fd;
}

static int client(void)
{
    return connect_to(http_server_port(t.server));
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Sends all of it, turning the loop; false when the server closes before. */
static bool put(int fd, struct str bytes)
{
    for (int64_t end_ms = now_ms() + PATIENCE_MS; bytes.n && now_ms() < end_ms; loop_turn(t.loop, 1)) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            return false;
        if (n > 0)
            bytes = str_sub(bytes, (size_t)n, bytes.n);
    }
    return bytes.n == 0;
}

/* Into the socket, without a turn of the loop. */
static void push(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), 0), strlen(text));
}

/* Reads until `wanted` has come, the server closes, or it takes too long: then "…" ends the text. */
static const char *get_until(int fd, const char *wanted)
{
    static struct buf got;
    buf_release(&got);
    buf_init(&got, 1 << 20);
    buf_adds(&got, "");
    for (int64_t end_ms = now_ms() + PATIENCE_MS; !wanted || !strstr(got.p, wanted); loop_turn(t.loop, 1)) {
        char bytes[4096];
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            break;
        if (n > 0)
            buf_add(&got, (struct str){bytes, (size_t)n});
        if (now_ms() > end_ms) {
            buf_adds(&got, "…");
            break;
        }
    }
    return got.p;
}

static const char *ask(const char *request)
{
    int fd = client();
    put(fd, str_of(request));
    shutdown(fd, SHUT_WR);
    const char *reply = get_until(fd, NULL);
    close(fd);
    return reply;
}

#define HOST "Host: x\r\n"

static void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in: %s", part, text);
}

static void assert_starts(const char *text, const char *with)
{
    if (strncmp(text, with, strlen(with)) != 0)
        fail_msg("'%s' does not begin: %s", with, text);
}

/* --- answers ------------------------------------------------------------------------------------------------- */

static const struct {
    int line;
    const char *request, *begins, *contains;
} rows[] = {
    {__LINE__, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello", "HTTP/1.1 200", "\r\n\r\nhello"},
    {__LINE__, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello", "HTTP/1.1 200",
     "Content-Type: text/plain\r\n"},
    {__LINE__, "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
     "HTTP/1.1 200", "\r\n\r\nhello"},
    {__LINE__, "POST /echo?query=1 HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", "HTTP/1.1 200", "Content-Length: 0"},
    {__LINE__, "POST /nothing HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", "HTTP/1.1 200", "Content-Length: 0"},
    {__LINE__, "GET /moved HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 302", "Location: /elsewhere\r\n"},
    {__LINE__, "HEAD /echo HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 200", "\r\n\r\n"},
    {__LINE__, "GET /at-end HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 200", "\r\n\r\nat the end"},
    {__LINE__, "GET /unknown HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 404", "{\"error\": \"not found\"}"},
    {__LINE__, "GET / HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 404", ""},
    {__LINE__, "GET /echo/ HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 404", ""},
    {__LINE__, "GET /ECHO HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 404", ""},
    {__LINE__, "GET /echo%00 HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 404", ""},
    {__LINE__, "GET /ech%6f HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 404", ""},
    {__LINE__, "POST /unknown HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello", "HTTP/1.1 404", ""},
    {__LINE__, "DELETE /echo HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 405", "Allow: POST, GET, HEAD\r\n"},
    {__LINE__, "GET /nothing HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 405", "Allow: POST\r\n"},
    {__LINE__, "post /nothing HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 405", "Allow: POST\r\n"},
    {__LINE__, "HEAD /nothing HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 405", "Allow: POST\r\n"},
    {__LINE__, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 99999\r\n\r\n", "HTTP/1.1 413", "body too large"},
    {__LINE__, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 99999\r\n\r\n", "HTTP/1.1 413", "Connection: close"},
    {__LINE__, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n", "HTTP/1.1 413",
     ""},
    {__LINE__, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\nExpect: 100-continue\r\n\r\nhi", "HTTP/1.1 ",
     "\r\n\r\nhi"},
    {__LINE__, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", "HTTP/1.1 400", ""},
    {__LINE__, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999999\r\n\r\n", "HTTP/1.1 413", ""},
    {__LINE__, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 400",
     ""},
    {__LINE__, "GET /echo HTTP/1.1\r\n\r\n", "HTTP/1.1 400", ""}, /* no Host */
    {__LINE__, "nonsense\r\n\r\n", "", ""},
};

static void test_answers(void **state)
{
    (void)state;
    start((struct http_server_options){.body_max = BODY_MAX_HERE});
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *reply = ask(rows[i].request);
        bool begins = strncmp(reply, rows[i].begins, strlen(rows[i].begins)) == 0;
        if (!begins || !strstr(reply, rows[i].contains) || strstr(reply, "…"))
            fail_msg("row of line %d: %s", rows[i].line, reply);
    }
    assert_int_equal(http_server_open(t.server), 0);
}

static void turn_until(bool (*done)(void))
{
    for (int64_t end_ms = now_ms() + PATIENCE_MS; !done() && now_ms() < end_ms;)
        loop_turn(t.loop, 10);
    assert_true(done());
}

static void test_connection_is_kept(void **state)
{
    (void)state;
    start((struct http_server_options){0});
    int fd = client();
    for (int i = 0; i < 3; i++) {
        put(fd, STR("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhi"));
        assert_contains(get_until(fd, "\r\n\r\nhi"), "HTTP/1.1 200");
    }
    put(fd, STR("GET /unknown HTTP/1.1\r\n" HOST "\r\nPOST /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nho"));
    assert_contains(get_until(fd, "\r\n\r\nho"), "HTTP/1.1 404");
    close(fd);
}

static void test_bodies_up_to_the_limit(void **state)
{
    (void)state;
    start((struct http_server_options){.body_max = BODY_MAX_HERE});
    struct buf b;
    buf_init(&b, 10000);
    for (int excess = 0; excess < 2; excess++) {
        buf_clear(&b);
        buf_addf(&b, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: %d\r\n\r\n", BODY_MAX_HERE + excess);
        buf_fill(&b, 'x', BODY_MAX_HERE + (size_t)excess);
        assert_starts(ask(b.p), excess ? "HTTP/1.1 413" : "HTTP/1.1 200");
        buf_clear(&b);
        buf_addf(&b, "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1f4\r\n");
        buf_fill(&b, 'x', 500);
        buf_addf(&b, "\r\n%x\r\n", 500 + excess);
        buf_fill(&b, 'y', 500 + (size_t)excess);
        buf_addf(&b, "\r\n0\r\n\r\n");
        assert_starts(ask(b.p), excess ? "HTTP/1.1 413" : "HTTP/1.1 200");
    }
    buf_release(&b);
}

static void test_endless_chunked_body_is_cut_off(void **state)
{
    (void)state;
    start((struct http_server_options){.body_max = BODY_MAX_HERE});
    int fd = client(), sent = 0;
    put(fd, STR("POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"));
    while (sent < 100000 && put(fd, STR("a\r\n0123456789\r\n")))
        sent += 10;
    assert_in_range(sent, BODY_MAX_HERE, 99999);
    assert_null(strstr(t.seen.p, "0123456789"));
    close(fd);
}

static void test_head_too_large(void **state)
{
    (void)state;
    start((struct http_server_options){0});
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_adds(&b, "GET /echo HTTP/1.1\r\n" HOST "X-Thing: ");
    buf_fill(&b, 'x', 100000);
    int fd = client();
    put(fd, buf_str(&b));
    const char *reply = get_until(fd, NULL);
    if (*reply) /* or it just closes */
        assert_starts(reply, "HTTP/1.1 4");
    assert_string_equal(t.seen.p, "");
    close(fd);
    buf_release(&b);
}

static void test_headers_as_they_came(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *headers;
        const char *seen;
    } header_rows[] = {
        {__LINE__, "X-Thing: one\r\n", "one|3|"},
        {__LINE__, "x-THING:   one  \r\n", "one|3|"},
        {__LINE__, "X-Thing: one\r\nX-Thing: two\r\n", "one|3|"},
        {__LINE__, "X-Thing:\r\n", "|0|"},
        {__LINE__, "X-Things: one\r\n", "|0|"},
        {__LINE__, "X-Thing: caf\xC3\xA9\r\n", "caf\xC3\xA9|5|"},
    };
    start((struct http_server_options){0});
    for (size_t i = 0; i < sizeof header_rows / sizeof *header_rows; i++) {
        struct buf b;
        buf_init(&b, 1000);
        buf_adds(&b, "GET /echo HTTP/1.1\r\n" HOST);
        buf_adds(&b, header_rows[i].headers);
        buf_adds(&b, "\r\n");
        buf_clear(&t.seen);
        int fd = client();
        put(fd, buf_str(&b));
        get_until(fd, "\r\n\r\n");
        if (strcmp(t.seen.p, header_rows[i].seen) != 0)
            fail_msg("row of line %d: %s", header_rows[i].line, t.seen.p);
        close(fd);
        buf_release(&b);
    }
}

/* Nobody may be shown more of a header than libmicrohttpd sees, nor another header behind it. */
static void test_nul_in_header_shows_nothing_behind_it(void **state)
{
    (void)state;
    start((struct http_server_options){0});
    int fd = client();
    put(fd, STR("GET /echo HTTP/1.1\r\n" HOST "X-Thing: one\0X-Thing: two\r\nX-Other: three\r\n\r\n"));
    get_until(fd, "\r\n\r\n");
    assert_null(strstr(t.seen.p, "two"));
    close(fd);
}

static bool is_held(void)
{
    return t.n_held > 0;
}

static bool is_closed(void)
{
    return http_server_open(t.server) == 0;
}

static void test_answer_comes_later(void **state)
{
    (void)state;
    start((struct http_server_options){0});
    int fd = client();
    put(fd, STR("POST /later HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhi"));
    turn_until(is_held);
    for (int i = 0; i < 3; i++)
        loop_turn(t.loop, 1);
    assert_int_equal(http_server_open(t.server), 1);
    assert_true(str_is(http_body(t.held[0]), "hi"));
    http_reply_text(t.held[0], 200, "text/plain", STR("at last"));
    assert_contains(get_until(fd, "at last"), "HTTP/1.1 200");
    turn_until(is_closed);
    t.n_held = 0;
    put(fd, STR("GET /later HTTP/1.1\r\n" HOST "\r\n"));
    turn_until(is_held);
    http_reply_text(t.held[0], 200, "text/plain", STR("again"));
    assert_contains(get_until(fd, "again"), "HTTP/1.1 200");
    close(fd);
}

static void test_reply_at_the_end_of_the_turn_goes_out_in_it(void **state)
{
    (void)state;
    start((struct http_server_options){0});
    int fd = client();
    push(fd, "GET /at-end HTTP/1.1\r\n" HOST "\r\n");
    char reply[1000] = "";
    uint64_t turns = loop_turns(t.loop);
    for (int i = 0; i < 5 && recv(fd, reply, sizeof reply - 1, 0) < 0; i++)
        loop_turn(t.loop, 100);
    assert_contains(reply, "at the end");
    assert_int_equal(loop_turns(t.loop) - turns, 1);
    close(fd);
}

static void test_client_leaves_while_suspended(void **state)
{
    (void)state;
    start((struct http_server_options){0});
    int fd = client();
    put(fd, STR("GET /later HTTP/1.1\r\n" HOST "\r\n"));
    turn_until(is_held);
    struct linger now = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now); /* a reset, not a polite end */
    close(fd);
    loop_turn(t.loop, 10);
    http_reply_text(t.held[0], 200, "text/plain", STR("nobody there"));
    turn_until(is_closed);
}

static void test_late_answer_goes_nowhere(void **state)
{
    (void)state;
    start((struct http_server_options){.reply_ms = 20});
    int fd = client();
    put(fd, STR("POST /later HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhi"));
    assert_starts(get_until(fd, "no answer in time"), "HTTP/1.1 503");
    turn_until(is_closed);
    assert_true(str_is(http_body(t.held[0]), "hi"));
    assert_true(str_is(http_request_header(t.held[0], "Host"), ""));
    http_reply_text(t.held[0], 200, "text/plain", STR("too late"));
    put(fd, STR("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nnext"));
    const char *reply = get_until(fd, "\r\n\r\nnext");
    assert_starts(reply, "HTTP/1.1 200");
    close(fd);
}

static void test_free_while_one_is_suspended(void **state)
{
    (void)state;
    start((struct http_server_options){0});
    int fd = client(), idle = client();
    put(fd, STR("GET /later HTTP/1.1\r\n" HOST "\r\n"));
    turn_until(is_held);
    /* another one comes while the server is taken down */
    push(idle, "GET /later HTTP/1.1\r\n" HOST "\r\n");
    http_server_free(t.server);
    t.server = NULL;
    assert_starts(get_until(fd, NULL), "HTTP/1.1 503");
    assert_int_equal(t.n_held, 1);
    close(fd);
    close(idle);
}

static void test_quiesce_answers_what_has_begun(void **state)
{
    (void)state;
    start((struct http_server_options){0});
    int port = http_server_port(t.server), fd = client();
    put(fd, STR("GET /later HTTP/1.1\r\n" HOST "\r\n"));
    turn_until(is_held);
    http_server_quiesce(t.server);
    int fd2 = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd2, (struct sockaddr *)&at, sizeof at), -1);
    assert_int_equal(errno, ECONNREFUSED);
    http_reply_text(t.held[0], 200, NULL, STR(""));
    assert_contains(get_until(fd, NULL), "Connection: close");
    assert_int_equal(http_server_open(t.server), 0);
    close(fd);
    close(fd2);
}

static void test_a_hundred_at_once(void **state)
{
    (void)state;
    enum { N = 100 };
    int fds[N];
    start((struct http_server_options){0});
    for (int i = 0; i < N; i++)
        fds[i] = client();
    for (int i = 0; i < N; i++)
        push(fds[i], "GET /at-end HTTP/1.1\r\n" HOST "\r\n");
    for (int i = 0; i < N; i++) {
        assert_contains(get_until(fds[i], "at the end"), "HTTP/1.1 200");
        close(fds[i]);
    }
}

static void test_more_connections_than_allowed_wait(void **state)
{
    (void)state;
    start((struct http_server_options){.connections_max = 2});
    int a = client(), b = client(), c = client();
    put(a, STR("GET /echo HTTP/1.1\r\n" HOST "\r\n"));
    put(b, STR("GET /echo HTTP/1.1\r\n" HOST "\r\n"));
    put(c, STR("GET /echo HTTP/1.1\r\n" HOST "\r\n"));
    assert_contains(get_until(a, "\r\n\r\n"), "200");
    assert_contains(get_until(b, "\r\n\r\n"), "200");
    char byte;
    loop_turn(t.loop, 10);
    assert_int_equal(recv(c, &byte, 1, 0), -1);
    close(a);
    assert_contains(get_until(c, "\r\n\r\n"), "200");
    close(b);
    close(c);
}

/*
 * One says nothing, one says a little all the time, one does not read, one reads a little all the time: all four are cut
 * off, and meanwhile others are served.
 */
static void test_slow_clients_are_cut_off(void **state)
{
    (void)state;
    start((struct http_server_options){.idle_s = 1, .body_max = 1 << 20});
    int silent = client(), dripping = client(), deaf = client(), sipping = client();
    put(silent, STR("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\nx"));
    put(dripping, STR("GET /echo HTTP/1.1\r\n" HOST "X-Thing: "));
    put(deaf, STR("GET /huge HTTP/1.1\r\n" HOST "\r\n"));
    put(sipping, STR("GET /huge HTTP/1.1\r\n" HOST "\r\n"));
    bool silent_gone = false, dripping_gone = false;
    for (int64_t end_ms = now_ms() + 4 * PATIENCE_MS;
         now_ms() < end_ms && !(silent_gone && dripping_gone && http_server_open(t.server) == 0);) {
        char bytes[100];
        loop_turn(t.loop, 100);
        silent_gone = silent_gone || recv(silent, bytes, sizeof bytes, 0) == 0;
        dripping_gone = dripping_gone || send(dripping, "x", 1, MSG_NOSIGNAL) < 0;
        recv(sipping, bytes, sizeof bytes, 0);
        assert_contains(ask("GET /echo HTTP/1.1\r\n" HOST "\r\n"), "200");
    }
    assert_true(silent_gone && dripping_gone);
    assert_int_equal(http_server_open(t.server), 0);
    close(silent);
    close(dripping);
    close(deaf);
    close(sipping);
}

static void test_a_megabyte_in_and_out(void **state)
{
    (void)state;
    start((struct http_server_options){0});
    struct buf b;
    buf_init(&b, 2 << 20);
    buf_addf(&b, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: %d\r\n\r\n", 1 << 20);
    buf_fill(&b, 'x', (1 << 20) - 3);
    buf_adds(&b, "end");
    int fd = client();
    assert_true(put(fd, buf_str(&b)));
    size_t got = 0;
    for (int64_t end_ms = now_ms() + PATIENCE_MS; got < 1 << 20 && now_ms() < end_ms; loop_turn(t.loop, 1)) {
        static char bytes[100000];
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        got += n > 0 ? (size_t)n : 0;
    }
    assert_true(got > 1 << 20);
    close(fd);
    buf_release(&b);
}

static void stop(void *arg)
{
    loop_stop(arg);
}

/* With a connection that is kept, and with one that waits for its answer. */
static void test_idle_means_idle(void **state)
{
    (void)state;
    start((struct http_server_options){.idle_s = 60});
    int fd = client(), waiting = client();
    put(fd, STR("GET /echo HTTP/1.1\r\n" HOST "\r\n"));
    get_until(fd, "\r\n\r\n");
    put(waiting, STR("GET /later HTTP/1.1\r\n" HOST "\r\n"));
    turn_until(is_held);
    loop_turn(t.loop, 10);
    uint64_t turns = loop_turns(t.loop);
    loop_after(t.loop, 1000, stop, t.loop);
    loop_run(t.loop);
    assert_in_range(loop_turns(t.loop) - turns, 1, 5);
    http_reply_text(t.held[0], 200, "text/plain", STR("at last"));
    assert_contains(get_until(waiting, "at last"), "200");
    close(fd);
    close(waiting);
}

static void test_addresses(void **state)
{
    (void)state;
    struct err err = {0};
    static const char *const bad[] = {"",      "127.0.0.1",          "127.0.0.1:",   "127.0.0.1:http", ":::8080",
                                      "[::1]", "127.0.0.1:99999999", "127.0.0.1:-1", "127.0.0.1:65536"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memset(&err, 0, sizeof err);
        if (http_server_new(t.loop, &(struct http_server_options){.listen = bad[i]}, routes, 1, NULL, &err))
            fail_msg("listens on '%s'", bad[i]);
        assert_int_equal(err.status, STATUS_CONFIG);
        assert_contains(err.text, bad[i]);
    }
    assert_null(http_server_new(t.loop, &(struct http_server_options){.listen = "256.0.0.1:0"}, routes, 1, NULL, &err));
    assert_int_equal(err.status, STATUS_UNAVAILABLE);
    start((struct http_server_options){0});
    char taken[32];
    snprintf(taken, sizeof taken, "127.0.0.1:%d", http_server_port(t.server));
    assert_null(http_server_new(t.loop, &(struct http_server_options){.listen = taken}, routes, 1, NULL, &err));
    assert_contains(err.text, "ddress already in use");
    http_server_free(t.server);
    start((struct http_server_options){.listen = taken});
    assert_contains(ask("GET /echo HTTP/1.1\r\n" HOST "\r\n"), "200");
    http_server_free(t.server);
    start((struct http_server_options){.listen = "localhost:0"});
    assert_true(http_server_port(t.server) > 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answers),
        TEST(test_connection_is_kept),
        TEST(test_bodies_up_to_the_limit),
        TEST(test_endless_chunked_body_is_cut_off),
        TEST(test_head_too_large),
        TEST(test_headers_as_they_came),
        TEST(test_nul_in_header_shows_nothing_behind_it),
        TEST(test_answer_comes_later),
        TEST(test_reply_at_the_end_of_the_turn_goes_out_in_it),
        TEST(test_client_leaves_while_suspended),
        TEST(test_late_answer_goes_nowhere),
        TEST(test_free_while_one_is_suspended),
        TEST(test_quiesce_answers_what_has_begun),
        TEST(test_a_hundred_at_once),
        TEST(test_more_connections_than_allowed_wait),
        TEST(test_slow_clients_are_cut_off),
        TEST(test_a_megabyte_in_and_out),
        TEST(test_idle_means_idle),
        TEST(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
