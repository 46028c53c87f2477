#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "net/http_client.h"

#include "base/buf.h"
#include "net/http_server.h"
#include "peer.h"

#include <time.h>

enum { PATIENCE_MS = 8000, REPLIES_MAX = 128 };

/* One reply, copied; how many came. */
static struct {
    struct loop *loop;
    struct http_client *http;
    struct http_server *server;
    struct peer *peer;
    char url[128];
    int wanted, came;
    enum http_end end;
    int status;
    int64_t retry_after_ms;
    struct buf body, problem, header;
    struct http_exchange *held;
    atomic_int requests;
} t;

static void done(void *arg, const struct http_reply *reply)
{
    (void)arg;
    t.came++;
    t.end = reply->end;
    t.status = reply->status;
    t.retry_after_ms = reply->retry_after_ms;
    buf_clear(&t.body);
    buf_add(&t.body, reply->body);
    if (reply->end == HTTP_DONE)
        assert_int_equal(reply->body.p[reply->body.n], 0);
    else
        assert_true(reply->status == 0 && *reply->problem);
    buf_clear(&t.problem);
    buf_adds(&t.problem, reply->problem);
    buf_clear(&t.header);
    buf_add(&t.header, http_header(reply, "x-thing"));
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void turn_until_came(int n)
{
    for (int64_t end_ms = now_ms() + PATIENCE_MS; t.came < n && now_ms() < end_ms;)
        loop_turn(t.loop, 100);
    assert_int_equal(t.came, n);
}

static void send_and_wait(const struct http_request *request)
{
    t.came = 0;
    http_send(t.http, request, done, NULL);
    assert_int_equal(t.came, 0);
    turn_until_came(1);
    assert_int_equal(http_under_way(t.http), 0);
}

static int set_up(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    buf_init(&t.body, 4 << 20);
    buf_init(&t.problem, 1000);
    buf_init(&t.header, 1000);
    t.loop = loop_new();
    t.http = http_client_new(t.loop, &(struct http_client_options){.user_agent = "docent-test"});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    http_client_free(t.http);
    http_server_free(t.server);
    loop_free(t.loop);
    peer_stop(t.peer);
    buf_release(&t.body);
    buf_release(&t.problem);
    buf_release(&t.header);
    return 0;
}

/* --- against our own server in the same loop ------------------------------------------------------------------ */

static void echo(void *arg, struct http_exchange *x)
{
    (void)arg;
    char header[200];
    snprintf(header, sizeof header, "X-Thing: %.*s", STR_FMT(http_request_header(x, "X-Thing")));
    http_reply_with(x, 200, "text/plain", http_body(x), header);
}

static void agent(void *arg, struct http_exchange *x)
{
    (void)arg;
    http_reply_text(x, 404, "text/plain", http_request_header(x, "User-Agent"));
}

static void too_many(void *arg, struct http_exchange *x)
{
    (void)arg;
    http_reply_with(x, 429, "text/plain", STR("slow down"), "Retry-After: 3");
}

static void never(void *arg, struct http_exchange *x)
{
    (void)arg;
    t.held = x;
}

/* A webhook whose answer needs a request of its own: to the same server, by another name, as a host has its limit. */
static void answer_onward(void *arg, const struct http_reply *reply)
{
    struct http_exchange *x = arg;
    http_reply_text(x, reply->status, "text/plain", reply->body);
}

static void onward(void *arg, struct http_exchange *x)
{
    (void)arg;
    char url[128];
    snprintf(url, sizeof url, "http://localhost:%d/echo", http_server_port(t.server));
    http_send(t.http, &(struct http_request){.method = "POST", .url = url, .body = http_body(x)}, answer_onward, x);
}

static const struct http_route routes[] = {
    {"POST", "/echo", echo},   {"GET", "/echo", echo},    {"PUT", "/echo", echo},     {"PATCH", "/echo", echo},
    {"DELETE", "/echo", echo}, {"GET", "/agent", agent},  {"GET", "/429", too_many},  {"GET", "/never", never},
    {"POST", "/never", never}, {"POST", "/onward", onward},
};

static const char *serve(const char *path)
{
    struct err err;
    if (!t.server)
        t.server = http_server_new(t.loop, &(struct http_server_options){.listen = "127.0.0.1:0", .body_max = 2 << 20},
                                   routes, sizeof routes / sizeof *routes, NULL, &err);
    if (!t.server)
        fail_msg("%s", err.text);
    snprintf(t.url, sizeof t.url, "http://127.0.0.1:%d%s", http_server_port(t.server), path);
    return t.url;
}

static void test_methods(void **state)
{
    (void)state;
    static const struct {
        const char *method, *body;
    } rows[] = {
        {"GET", ""}, {"POST", "hello"}, {"POST", ""}, {"PUT", "hello"}, {"PATCH", "hello"}, {"DELETE", ""},
        {"DELETE", "hello"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        send_and_wait(&(struct http_request){.method = rows[i].method, .url = serve("/echo"),
                                             .headers = {"X-Thing: one", "Content-Type: text/plain"},
                                             .body = str_of(rows[i].body)});
        assert_int_equal(t.end, HTTP_DONE);
        assert_int_equal(t.status, 200);
        assert_string_equal(t.body.p, rows[i].body);
        assert_string_equal(t.header.p, "one");
        assert_int_equal(t.retry_after_ms, -1);
    }
}

static void test_status_is_not_a_failure(void **state)
{
    (void)state;
    send_and_wait(&(struct http_request){.method = "GET", .url = serve("/agent")});
    assert_int_equal(t.end, HTTP_DONE);
    assert_int_equal(t.status, 404);
    assert_string_equal(t.body.p, "docent-test");
    send_and_wait(&(struct http_request){.method = "GET", .url = serve("/429")});
    assert_int_equal(t.status, 429);
    assert_int_equal(t.retry_after_ms, 3000);
}

static void test_a_megabyte_each_way(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_fill(&b, 'x', 1 << 20);
    send_and_wait(&(struct http_request){.method = "POST", .url = serve("/echo"), .body = buf_str(&b)});
    assert_int_equal(t.end, HTTP_DONE);
    assert_int_equal(t.body.n, 1 << 20);
    send_and_wait(&(struct http_request){.method = "POST", .url = serve("/echo"), .body = buf_str(&b),
                                         .reply_max = (1 << 20) - 1});
    assert_int_equal(t.end, HTTP_UNSURE);
    assert_string_equal(t.problem.p, "the reply is too large");
    buf_release(&b);
}

static void test_fifty_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++)
        http_send(t.http, &(struct http_request){.method = "POST", .url = serve("/onward"), .body = STR("hi")}, done,
                  NULL);
    assert_int_equal(http_under_way(t.http), 50);
    turn_until_came(50);
    assert_int_equal(t.end, HTTP_DONE);
    assert_string_equal(t.body.p, "hi");
}

static void test_times_out(void **state)
{
    (void)state;
    send_and_wait(&(struct http_request){.method = "POST", .url = serve("/never"), .timeout_ms = 50});
    assert_int_equal(t.end, HTTP_UNSURE);
    http_reply_text(t.held, 200, NULL, STR(""));
}

static void test_cancelled_is_never_done(void **state)
{
    (void)state;
    struct http_request request = {.method = "GET", .url = serve("/never")};
    struct http_call *call = http_send(t.http, &request, done, NULL);
    while (!t.held)
        loop_turn(t.loop, 100);
    http_cancel(t.http, call);
    assert_int_equal(http_under_way(t.http), 0);
    call = http_send(t.http, &(struct http_request){.method = "GET", .url = "http://example.com/"}, done, NULL);
    http_cancel(t.http, call);
    http_reply_text(t.held, 200, NULL, STR(""));
    for (int i = 0; i < 3; i++)
        loop_turn(t.loop, 10);
    assert_int_equal(t.came, 0);
}

static void free_client(void *arg, const struct http_reply *reply)
{
    done(arg, reply);
    http_client_free(t.http);
    t.http = NULL;
}

static void test_client_is_freed_by_its_own_reply(void **state)
{
    (void)state;
    http_send(t.http, &(struct http_request){.method = "GET", .url = serve("/never")}, done, NULL);
    http_send(t.http, &(struct http_request){.method = "GET", .url = serve("/echo")}, free_client, NULL);
    turn_until_came(1);
    while (!t.held)
        loop_turn(t.loop, 100);
    http_reply_text(t.held, 200, NULL, STR(""));
    loop_turn(t.loop, 10);
    assert_int_equal(t.came, 1);
}

static void test_addresses_that_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"http://example.com/", "http://127.0.0.1@example.com/", "", "file:///etc/passwd"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        send_and_wait(&(struct http_request){.method = "GET", .url = bad[i]});
        assert_int_equal(t.end, HTTP_NOT_SENT);
    }
    send_and_wait(&(struct http_request){.method = "GET", .url = serve("/echo"),
                                         .headers = {"X-Thing: a\r\nX-Other: b"}});
    assert_int_equal(t.end, HTTP_NOT_SENT);
    assert_string_equal(t.problem.p, "a header holds a control character");
}

static void test_idle_means_idle(void **state)
{
    (void)state;
    send_and_wait(&(struct http_request){.method = "GET", .url = serve("/echo")});
    loop_turn(t.loop, 10);
    uint64_t turns = loop_turns(t.loop);
    for (int64_t end_ms = now_ms() + 1000; now_ms() < end_ms;)
        loop_turn(t.loop, end_ms - now_ms());
    assert_in_range(loop_turns(t.loop) - turns, 1, 3);
}

/* --- against servers that misbehave --------------------------------------------------------------------------- */

static const char *peer_url(void (*serve_one)(int fd, int nth))
{
    t.peer = peer_start(serve_one);
    snprintf(t.url, sizeof t.url, "http://127.0.0.1:%d/", t.peer->port);
    return t.url;
}

static void test_nobody_listens(void **state)
{
    (void)state;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    assert_true(bind(fd, (struct sockaddr *)&at, n) == 0 && getsockname(fd, (struct sockaddr *)&at, &n) == 0);
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", ntohs(at.sin_port));
    send_and_wait(&(struct http_request){.method = "POST", .url = url, .body = STR("x")});
    assert_int_equal(t.end, HTTP_NOT_SENT);
    close(fd);
}

static void read_then_close(int fd, int nth)
{
    char head[4096];
    (void)nth;
    peer_read_head(fd, head, sizeof head);
    t.requests++;
}

static void read_then_reset(int fd, int nth)
{
    read_then_close(fd, nth);
    peer_will_reset(fd);
}

static void half_a_reply(int fd, int nth)
{
    read_then_close(fd, nth);
    peer_write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
}

static void not_http(int fd, int nth)
{
    read_then_close(fd, nth);
    peer_write(fd, "SSH-2.0-OpenSSH_9.2\r\n");
}

static void test_no_whole_reply_is_unsure(void **state)
{
    (void)state;
    void (*const peers[])(int fd, int nth) = {read_then_close, read_then_reset, half_a_reply, not_http};
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
        send_and_wait(&(struct http_request){.method = "POST", .url = peer_url(peers[i]), .body = STR("x")});
        assert_int_equal(t.end, HTTP_UNSURE);
        peer_stop(t.peer);
        t.peer = NULL;
    }
    assert_int_equal(t.requests, 4);
}

/* Answers the first request of each connection, reads the second, and closes without a word. */
static void answer_one_then_close(int fd, int nth)
{
    char head[4096], body[1];
    (void)nth;
    for (int i = 0; i < 2 && peer_read_head(fd, head, sizeof head) && peer_read(fd, body, 1); i++) {
        t.requests++;
        if (i == 0)
            peer_write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
}

static void test_post_on_a_dying_connection_is_not_sent_twice(void **state)
{
    (void)state;
    struct http_request request = {.method = "POST", .url = peer_url(answer_one_then_close), .body = STR("x")};
    send_and_wait(&request);
    assert_int_equal(t.end, HTTP_DONE);
    send_and_wait(&request);
    assert_int_equal(t.end, HTTP_UNSURE);
    assert_int_equal(t.requests, 2);
}

/* Closes while the connection is idle: the next request goes out on a new one. */
static void answer_one_and_close(int fd, int nth)
{
    char head[4096], body[1];
    (void)nth;
    if (peer_read_head(fd, head, sizeof head) && peer_read(fd, body, 1))
        peer_write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

static void test_kept_connection_that_has_closed_is_not_used(void **state)
{
    (void)state;
    struct http_request request = {.method = "POST", .url = peer_url(answer_one_and_close), .body = STR("x")};
    for (int i = 0; i < 3; i++) {
        send_and_wait(&request);
        assert_int_equal(t.end, HTTP_DONE);
        while (t.peer->served <= i)
            loop_turn(t.loop, 10);
        peer_join(t.peer, i); /* it has closed by now */
    }
    assert_int_equal(t.peer->served, 3);
}

static void redirect(int fd, int nth)
{
    read_then_close(fd, nth);
    peer_write(fd, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nX-Thing:  there \r\n"
                   "Content-Length: 0\r\n\r\n");
}

static void test_redirects_are_not_followed(void **state)
{
    (void)state;
    send_and_wait(&(struct http_request){.method = "GET", .url = peer_url(redirect)});
    assert_int_equal(t.status, 302);
    assert_string_equal(t.header.p, "there");
}

static const struct {
    int line;
    const char *value;
    int64_t least_ms, most_ms;
} retry_rows[] = {
    {__LINE__, "0", 0, 0},
    {__LINE__, "30", 30000, 30000},
    {__LINE__, " 1 ", 1000, 1000},
    {__LINE__, "99999999999999999999", 999999999000, 999999999000},
    {__LINE__, "Wed, 21 Oct 2015 07:28:00 GMT", 0, 0},
    {__LINE__, "Fri, 01 Jan 2100 00:00:00 GMT", INT64_C(1000000000), INT64_MAX},
    {__LINE__, "", -1, -1},
    {__LINE__, "-5", -1, -1},
    {__LINE__, "soon", -1, -1},
    {__LINE__, "5 minutes", -1, -1},
};

static void answer_retry_after(int fd, int nth)
{
    char head[4096], reply[300];
    for (; peer_read_head(fd, head, sizeof head); nth++) {
        snprintf(reply, sizeof reply, "HTTP/1.1 503 Busy\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n",
                 retry_rows[t.requests++].value);
        peer_write(fd, reply);
    }
}

static void test_retry_after(void **state)
{
    (void)state;
    struct http_request request = {.method = "GET", .url = peer_url(answer_retry_after)};
    for (size_t i = 0; i < sizeof retry_rows / sizeof *retry_rows; i++) {
        send_and_wait(&request);
        if (t.retry_after_ms < retry_rows[i].least_ms || t.retry_after_ms > retry_rows[i].most_ms)
            fail_msg("row of line %d: %lld", retry_rows[i].line, (long long)t.retry_after_ms);
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_methods),
        TEST(test_status_is_not_a_failure),
        TEST(test_a_megabyte_each_way),
        TEST(test_fifty_at_once),
        TEST(test_times_out),
        TEST(test_cancelled_is_never_done),
        TEST(test_client_is_freed_by_its_own_reply),
        TEST(test_addresses_that_are_refused),
        TEST(test_idle_means_idle),
        TEST(test_nobody_listens),
        TEST(test_no_whole_reply_is_unsure),
        TEST(test_post_on_a_dying_connection_is_not_sent_twice),
        TEST(test_kept_connection_that_has_closed_is_not_used),
        TEST(test_redirects_are_not_followed),
        TEST(test_retry_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
