#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "net/http_client.h"

#include "base/buf.h"
#include "../fake/tls.h"
#include "net/http_server.h"
#include "peer.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
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
    struct tls_end *tls;
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
    tls_stop(t.tls);
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
    {"POST", "/echo", echo},   {"GET", "/echo", echo},      {"PUT", "/echo", echo},    {"PATCH", "/echo", echo},
    {"DELETE", "/echo", echo}, {"GET", "/agent", agent},    {"GET", "/429", too_many}, {"GET", "/never", never},
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
        {"GET", ""},        {"POST", "hello"}, {"POST", ""},        {"PUT", "hello"},
        {"PATCH", "hello"}, {"DELETE", ""},    {"DELETE", "hello"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        send_and_wait(&(struct http_request){.method = rows[i].method,
                                             .url = serve("/echo"),
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
    send_and_wait(&(struct http_request){
        .method = "POST", .url = serve("/echo"), .body = buf_str(&b), .reply_max = (1 << 20) - 1});
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
    send_and_wait(&(struct http_request){.method = "POST", .url = serve("/never"), .timeout_ms = 500});
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
    send_and_wait(
        &(struct http_request){.method = "GET", .url = serve("/echo"), .headers = {"X-Thing: a\r\nX-Other: b"}});
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
    assert_in_range(loop_turns(t.loop) - turns, 1, 5);
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

/* --- TLS ------------------------------------------------------------------------------------------------------- */

/* Our server behind TLS, and a client that trusts it unless told to trust another file. */
static const char *serve_tls(const char *path, const struct tls_end_options *options, const char *ca_file,
                             const char *proxy)
{
    serve(path);
    t.tls = tls_start(http_server_port(t.server), options);
    http_client_free(t.http);
    t.http = http_client_new(t.loop, &(struct http_client_options){.user_agent = "docent-test",
                                                                   .proxy = proxy,
                                                                   .ca_file = ca_file ? ca_file : tls_ca_file(t.tls)});
    snprintf(t.url, sizeof t.url, "https://127.0.0.1:%d%s", tls_port(t.tls), path);
    return t.url;
}

static void test_fifty_at_once_share_a_few_tls_connections(void **state)
{
    (void)state;
    struct http_request request = {
        .method = "POST", .body = STR("hi"), .url = serve_tls("/onward", &(struct tls_end_options){0}, NULL, NULL)};
    for (int i = 0; i < 50; i++)
        http_send(t.http, &request, done, NULL);
    turn_until_came(50);
    assert_int_equal(t.end, HTTP_DONE);
    assert_string_equal(t.body.p, "hi");
    assert_in_range(tls_connections(t.tls), 1, 6);
    send_and_wait(&request);
    assert_in_range(tls_connections(t.tls), 1, 6);
}

static void test_a_megabyte_each_way_through_tls(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_fill(&b, 'x', 1 << 20);
    send_and_wait(&(struct http_request){
        .method = "POST", .body = buf_str(&b), .url = serve_tls("/echo", &(struct tls_end_options){0}, NULL, NULL)});
    assert_int_equal(t.end, HTTP_DONE);
    assert_int_equal(t.body.n, 1 << 20);
    buf_release(&b);
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
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        send_and_wait(&(struct http_request){
            .method = "POST", .body = STR("hi"), .url = serve_tls("/echo", &rows[i].tls, rows[i].ca_file, NULL)});
        assert_int_equal(t.end, HTTP_NOT_SENT);
        if (!strstr(t.problem.p, rows[i].problem))
            fail_msg("'%s' is not in '%s'", rows[i].problem, t.problem.p);
        tear_down(state);
        set_up(state);
    }
}

/* --- proxies ---------------------------------------------------------------------------------------------------- */

/* A proxy that knows one host: other.example:443 is our TLS server. */
static void proxy(int fd, int nth)
{
    char head[4096], bytes[4096];
    (void)nth;
    if (!peer_read_head(fd, head, sizeof head))
        return;
    t.requests++;
    if (strncmp(head, "CONNECT other.example:443 HTTP/1.1\r\n", 36) != 0) {
        peer_write(fd, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        return;
    }
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)tls_port(t.tls))};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(on, (struct sockaddr *)&at, sizeof at) == 0) {
        peer_write(fd, "HTTP/1.1 200 Connection established\r\n\r\n");
        fcntl(fd, F_SETFL, O_NONBLOCK);
        fcntl(on, F_SETFL, O_NONBLOCK);
        for (ssize_t in = -1, out = -1; in && out; usleep(200)) {
            if ((in = recv(fd, bytes, sizeof bytes, 0)) > 0)
                send(on, bytes, (size_t)in, MSG_NOSIGNAL);
            if ((out = recv(on, bytes, sizeof bytes, 0)) > 0)
                send(fd, bytes, (size_t)out, MSG_NOSIGNAL);
        }
    }
    close(on);
}

static void test_proxy_by_option(void **state)
{
    (void)state;
    char address[64];
    peer_url(proxy);
    snprintf(address, sizeof address, "http://127.0.0.1:%d", t.peer->port);
    serve_tls("/echo", &(struct tls_end_options){.other_name = true}, NULL, address);
    struct http_request request = {.method = "POST", .body = STR("hi"), .url = "https://other.example/echo"};
    send_and_wait(&request);
    assert_int_equal(t.end, HTTP_DONE);
    assert_string_equal(t.body.p, "hi");
    assert_int_equal(t.requests, 1);
    request.url = "https://unknown.example/echo"; /* which the proxy refuses: nobody has seen the request */
    send_and_wait(&request);
    assert_int_equal(t.end, HTTP_NOT_SENT);
    assert_int_equal(t.requests, 2);
    request.url = serve("/echo"); /* loopback, past the proxy */
    send_and_wait(&request);
    assert_int_equal(t.end, HTTP_DONE);
    assert_int_equal(t.requests, 2);
}

static void test_proxy_of_the_environment(void **state)
{
    (void)state;
    char address[64];
    peer_url(proxy);
    snprintf(address, sizeof address, "http://127.0.0.1:%d", t.peer->port);
    setenv("https_proxy", address, 1);
    setenv("http_proxy", address, 1);
    serve_tls("/echo", &(struct tls_end_options){.other_name = true}, NULL, NULL);
    send_and_wait(&(struct http_request){.method = "POST", .body = STR("hi"), .url = "https://other.example/echo"});
    assert_int_equal(t.end, HTTP_DONE);
    assert_int_equal(t.requests, 1);
    send_and_wait(&(struct http_request){.method = "GET", .url = serve("/echo")});
    assert_int_equal(t.end, HTTP_DONE);
    assert_int_equal(t.requests, 1);
    unsetenv("https_proxy");
    unsetenv("http_proxy");
}

/* --- a name server that never answers --------------------------------------------------------------------------- */

enum { CANNOT = 77 };

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t n = fd >= 0 ? write(fd, text, strlen(text)) : -1;
    if (fd >= 0)
        close(fd);
    return n == (ssize_t)strlen(text);
}

/* In name spaces of its own: a network with nothing but loopback, and our own list of name servers. */
static bool enter_world_with_dead_dns(void)
{
    char map[64], list[] = "/tmp/docent-resolv-XXXXXX";
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(53)};
    snprintf(map, sizeof map, "0 %d 1", (int)getuid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) || !write_file("/proc/self/uid_map", map))
        return false;
    int fd = socket(AF_INET, SOCK_DGRAM, 0), list_fd = mkstemp(list);
    bool ok = ioctl(fd, SIOCSIFFLAGS, &lo) == 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
              write_file(list, "nameserver 127.0.0.1\n") && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
              mount(list, "/etc/resolv.conf", NULL, MS_BIND, NULL) == 0;
    close(list_fd);
    unlink(list);
    return ok; /* fd stays open and is never read */
}

/* The request ends at its own limit, and no turn of the loop waits for the resolver's, which is 10 s. */
static int ask_dead_dns(void)
{
    if (!enter_world_with_dead_dns())
        return CANNOT;
    struct http_request request = {.method = "GET", .url = "https://docs.example.com/", .timeout_ms = 300};
    int64_t start_ms = now_ms();
    http_send(t.http, &request, done, NULL);
    while (t.came == 0 && now_ms() < start_ms + PATIENCE_MS)
        loop_turn(t.loop, 50);
    bool ok = t.came == 1 && t.end == HTTP_NOT_SENT && now_ms() - start_ms < 4000;
    http_cancel(t.http, http_send(t.http, &request, done, NULL));
    loop_turn(t.loop, 50);
    http_send(t.http, &request, done, NULL);
    loop_turn(t.loop, 50);
    http_client_free(t.http);
    return ok && now_ms() - start_ms < 4000 ? 0 : 1;
}

static void test_dead_name_server_does_not_stop_the_loop(void **state)
{
    (void)state;
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(ask_dead_dns());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == CANNOT)
        skip(); /* no name spaces here */
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    static const char *const proxies[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++)
        unsetenv(proxies[i]);
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
        TEST(test_fifty_at_once_share_a_few_tls_connections),
        TEST(test_a_megabyte_each_way_through_tls),
        TEST(test_certificates_that_fail),
        TEST(test_proxy_by_option),
        TEST(test_proxy_of_the_environment),
        TEST(test_dead_name_server_does_not_stop_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
