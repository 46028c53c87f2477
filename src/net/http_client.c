#include "net/http_client.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/easy.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
    CONNECT_MS = 10 * 1000,
    HEADERS_BYTES_MAX = 64 << 10,
    SECONDS_DIGITS_MAX = 9,
};

struct http_headers {
    struct buf lines; /* of the last reply, as they came */
};

struct http_call {
    struct loop_transfer transfer; /* first: it is what libcurl knows us by */
    struct http_client *http;
    CURL *easy; /* NULL: refused before it began */
    struct curl_slist *request_headers;
    struct buf body;
    size_t body_sent;
    bool begun; /* the server may have seen something of it */
    struct buf reply;
    struct http_headers headers;
    char problem[EASY_PROBLEM];
    void (*done)(void *arg, const struct http_reply *reply);
    void *arg;
    struct timer *refusal;
    struct http_call *next, *prev;
};

struct http_client {
    struct loop *loop;
    char *user_agent, *proxy, *ca_file;
    struct http_call *calls;
    size_t n_calls;
};

bool http_url_allowed(struct str text)
{
    struct url url;
    return url_parse(text, &url) && (url.secure || url.loopback);
}

static char *copy(const char *text)
{
    size_t size = text ? strlen(text) + 1 : 0;
    return text ? memcpy(mem_alloc(size), text, size) : NULL;
}

struct http_client *http_client_new(struct loop *loop, const struct http_client_options *options)
{
    struct http_client *http = mem_alloc(sizeof *http);
    *http = (struct http_client){
        .loop = loop,
        .user_agent = copy(options->user_agent),
        .proxy = copy(options->proxy),
        .ca_file = copy(options->ca_file),
    };
    return http;
}

size_t http_under_way(const struct http_client *http)
{
    return http->n_calls;
}

/* --- the life of a call ------------------------------------------------------------------------------------- */

static struct http_call *new_call(struct http_client *http, void (*done)(void *arg, const struct http_reply *reply),
                                  void *arg)
{
    struct http_call *call = mem_alloc(sizeof *call);
    *call = (struct http_call){.http = http, .done = done, .arg = arg, .next = http->calls};
    if (call->next)
        call->next->prev = call;
    http->calls = call;
    http->n_calls++;
    return call;
}

/* Takes it from libcurl and from the client; afterwards only what it holds is left. */
static void detach(struct http_call *call)
{
    struct http_client *http = call->http;
    *(call->prev ? &call->prev->next : &http->calls) = call->next;
    if (call->next)
        call->next->prev = call->prev;
    http->n_calls--;
    loop_cancel(http->loop, call->refusal);
    if (call->easy) {
        curl_multi_remove_handle(loop_curl(http->loop), call->easy);
        curl_easy_cleanup(call->easy);
    }
}

static void free_call(struct http_call *call)
{
    curl_slist_free_all(call->request_headers);
    buf_release(&call->body);
    buf_release(&call->reply);
    buf_release(&call->headers.lines);
    free(call);
}

void http_cancel(struct http_client *http, struct http_call *call)
{
    (void)http;
    detach(call);
    free_call(call);
}

void http_client_free(struct http_client *http)
{
    if (!http)
        return;
    for (struct http_call *call = http->calls, *next; call; call = next) {
        next = call->next;
        http_cancel(http, call);
    }
    free(http->user_agent);
    free(http->proxy);
    free(http->ca_file);
    free(http);
}

/* --- the reply ---------------------------------------------------------------------------------------------- */

struct str http_header(const struct http_reply *reply, const char *name)
{
    size_t n = strlen(name);
    struct str rest = reply->headers ? buf_str(&reply->headers->lines) : (struct str){"", 0}, line;
    while (str_cut(&rest, '\n', &line))
        if (line.n > n && line.p[n] == ':' && strncasecmp(line.p, name, n) == 0)
            return str_trim(str_sub(line, n + 1, line.n));
    return (struct str){"", 0};
}

/* Seconds, or a date; -1: neither. */
static int64_t read_retry_after_ms(struct str text)
{
    int64_t seconds = 0;
    size_t digits = 0;
    for (; digits < text.n && ch_digit(text.p[digits]); digits++)
        if (digits < SECONDS_DIGITS_MAX)
            seconds = seconds * 10 + (text.p[digits] - '0');
    if (digits)
        return digits == text.n ? seconds * 1000 : -1;
    char date[64] = "";
    if (text.n == 0 || text.n >= sizeof date)
        return -1;
    memcpy(date, text.p, text.n);
    time_t then = curl_getdate(date, NULL), now = time(NULL);
    if (then == -1)
        return -1;
    return then > now ? (int64_t)(then - now) * 1000 : 0;
}

static void on_done(struct loop_transfer *transfer, int result)
{
    struct http_call *call = (struct http_call *)transfer;
    struct http_reply reply = {.end = HTTP_DONE, .headers = &call->headers};
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    buf_adds(&call->reply, ""); /* so that there is a NUL behind it */
    if (result == CURLE_OK) {
        reply.status = (int)status;
        reply.body = buf_str(&call->reply);
    } else {
        reply.end = call->begun ? HTTP_UNSURE : HTTP_NOT_SENT;
        reply.problem = call->reply.full ? "the reply is too large"
                        : *call->problem ? call->problem
                                         : curl_easy_strerror((CURLcode)result);
    }
    reply.retry_after_ms = read_retry_after_ms(http_header(&reply, "Retry-After"));
    detach(call);
    call->done(call->arg, &reply);
    free_call(call);
}

static void on_refusal(void *arg)
{
    struct http_call *call = arg;
    struct http_reply reply = {.end = HTTP_NOT_SENT, .retry_after_ms = -1, .problem = call->problem, .body = STR("")};
    call->refusal = NULL;
    detach(call);
    call->done(call->arg, &reply);
    free_call(call);
}

/* --- what libcurl calls ------------------------------------------------------------------------------------- */

/* The connection stands, the request comes next. */
static int on_begin(void *arg, char *ip, char *own_ip, int port, int own_port)
{
    (void)ip, (void)own_ip, (void)port, (void)own_port;
    ((struct http_call *)arg)->begun = true;
    return CURL_PREREQFUNC_OK;
}

static size_t on_send(char *out, size_t size, size_t n, void *arg)
{
    struct http_call *call = arg;
    struct str rest = str_sub(buf_str(&call->body), call->body_sent, call->body.n);
    if (rest.n > size * n)
        rest.n = size * n;
    if (rest.n)
        memcpy(out, rest.p, rest.n);
    call->body_sent += rest.n;
    return rest.n;
}

/*
 * A kept connection may end just when it is used again. libcurl then sends the request once more, a POST too, though
 * the server may have acted on it. It cannot send a body again that it cannot rewind: the call ends as HTTP_UNSURE.
 */
static int on_rewind(void *arg, curl_off_t offset, int origin)
{
    (void)arg, (void)offset, (void)origin;
    return CURL_SEEKFUNC_FAIL;
}

static size_t on_header(char *bytes, size_t size, size_t n, void *arg)
{
    struct http_call *call = arg;
    struct str line = {bytes, size * n};
    if (str_starts(line, STR("HTTP/"))) /* after an interim reply such as 100 */
        buf_clear(&call->headers.lines);
    buf_add(&call->headers.lines, line);
    return line.n;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct http_call *call = arg;
    buf_add(&call->reply, (struct str){bytes, size * n});
    return call->reply.full ? 0 : size * n;
}

/* --- the request -------------------------------------------------------------------------------------------- */

static void set_method(CURL *easy, const struct http_request *request)
{
    bool is_get = strcmp(request->method, "GET") == 0;
    if (request->body.n || strcmp(request->method, "POST") == 0) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n);
    }
    if (!is_get || request->body.n)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static bool add_headers(struct http_call *call, const struct http_request *request)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* else bodies of 1 MB wait for a 100 */
    for (size_t i = 0; i < HTTP_HEADERS_MAX && request->headers[i]; i++) {
        for (const char *p = request->headers[i]; *p; p++)
            if ((unsigned char)*p < ' ' || *p == 0x7F) {
                curl_slist_free_all(list);
                return false;
            }
        list = curl_slist_append(list, request->headers[i]);
    }
    call->request_headers = list;
    return true;
}

static void set_up(struct http_call *call, const struct http_request *request, bool secure)
{
    CURL *easy = call->easy;
    call->transfer.done = on_done;
    set_method(easy, request);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->request_headers);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(request->timeout_ms ? request->timeout_ms : HTTP_TIMEOUT_MS));
    /* Rather share an HTTP/2 connection than open another. Without TLS it would wait for a whole reply to know. */
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, (long)secure);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_begin);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_send);
    curl_easy_setopt(easy, CURLOPT_READDATA, call);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_rewind);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
}

/* Tells of it from the loop, as of everything else. */
static void refuse(struct http_call *call, const char *problem)
{
    snprintf(call->problem, sizeof call->problem, "%s", problem);
    call->refusal = loop_after(call->http->loop, 0, on_refusal, call);
}

struct http_call *http_send(struct http_client *http, const struct http_request *request,
                            void (*done)(void *arg, const struct http_reply *reply), void *arg)
{
    struct http_call *call = new_call(http, done, arg);
    struct url url;
    int64_t timeout_ms = request->timeout_ms ? request->timeout_ms : HTTP_TIMEOUT_MS;
    buf_init(&call->body, request->body.n);
    buf_init(&call->reply, request->reply_max ? request->reply_max : HTTP_REPLY_MAX);
    buf_init(&call->headers.lines, HEADERS_BYTES_MAX);
    if (!url_parse(str_of(request->url), &url) || !(url.secure || url.loopback)) {
        refuse(call, "the address is neither https:// nor a loopback address");
        return call;
    }
    if (!add_headers(call, request)) {
        refuse(call, "a header holds a control character");
        return call;
    }
    buf_add(&call->body, request->body);
    struct easy_options options = {
        .user_agent = http->user_agent,
        .proxy = http->proxy,
        .ca_file = http->ca_file,
        .problem = call->problem,
        .connect_ms = timeout_ms < CONNECT_MS ? timeout_ms : CONNECT_MS,
    };
    call->easy = easy_new(request->url, &url, &options, &call->transfer);
    set_up(call, request, url.secure);
    curl_multi_add_handle(loop_curl(http->loop), call->easy);
    return call;
}
