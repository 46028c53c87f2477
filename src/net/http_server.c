#include "net/http_server.h"

#include "base/log.h"
#include "base/mem.h"
#include "net/http_exchange.h"
#include "net/listen.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BODY_MAX = 1 << 20,
    CONNECTIONS_MAX = 1000,
    CONNECTION_BYTES = 16 << 10, /* for the head of a request and the reply; zeroed after each */
    IDLE_S = 10,
    REPLY_MS = 10 * 1000,
    SLOW_TIMES = 3, /* a request or a reply may take so many times the seconds of silence */
};

/* --- clients ------------------------------------------------------------------------------------------------ */

/* libmicrohttpd sees the end of the connection then, and closes it. */
static void cut_off_slow(void *arg)
{
    struct http_server *server = arg;
    int64_t now_ms = loop_now_ms(server->loop);
    server->slow_timer = NULL;
    for (struct client *c = server->clients; c; c = c->next)
        if (c->since_ms != INT64_MAX && now_ms - c->since_ms >= server->slow_ms)
            shutdown(c->fd, SHUT_RDWR);
    if (server->clients)
        server->slow_timer = loop_after(server->loop, server->slow_ms / SLOW_TIMES, cut_off_slow, server);
}

/* --- what libmicrohttpd calls ------------------------------------------------------------------------------- */

static void add_client(struct http_server *server, struct MHD_Connection *connection, void **context)
{
    struct client *c = mem_alloc(sizeof *c);
    int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    *c = (struct client){server, fd, loop_now_ms(server->loop), server->clients, NULL};
    if (c->next)
        c->next->prev = c;
    server->clients = c;
    *context = c;
    if (!server->slow_timer)
        server->slow_timer = loop_after(server->loop, server->slow_ms / SLOW_TIMES, cut_off_slow, server);
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = arg;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        add_client(server, connection, context);
        return;
    }
    struct client *c = *context;
    *(c->prev ? &c->prev->next : &server->clients) = c->next;
    if (c->next)
        c->next->prev = c->prev;
    free(c);
}

/* Of every exchange, good or bad. */
static void on_completed(void *arg, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    (void)arg, (void)connection, (void)code;
    if (*context)
        exchange_end(*context);
}

static bool is_method(const char *route_method, const char *method)
{
    return strcmp(route_method, method) == 0 || (strcmp(method, "HEAD") == 0 && strcmp(route_method, "GET") == 0);
}

static const struct http_route *find_route(const struct http_server *server, const char *method, const char *path)
{
    for (size_t i = 0; i < server->n_routes; i++)
        if (is_method(server->routes[i].method, method) && strcmp(server->routes[i].path, path) == 0)
            return &server->routes[i];
    return NULL;
}

/* Unknown path, or known with other methods, which `Allow` lists. */
static void refuse_route(struct http_exchange *x, const char *path)
{
    const struct http_server *server = x->server;
    struct buf allow;
    buf_init(&allow, 256);
    for (size_t i = 0; i < server->n_routes; i++)
        if (strcmp(server->routes[i].path, path) == 0) {
            const char *method = server->routes[i].method;
            buf_addf(&allow, "%s%s%s", allow.n ? ", " : "Allow: ", method, is_method(method, "HEAD") ? ", HEAD" : "");
        }
    if (allow.n)
        exchange_refuse(x, 405, "method not allowed", allow.p);
    else
        exchange_refuse(x, 404, "not found", NULL);
    buf_release(&allow);
}

static enum MHD_Result send_reply(struct http_exchange *x)
{
    return exchange_send(x) ? MHD_YES : MHD_NO;
}

/* How a head says where its body ends. */
struct framing {
    unsigned lengths, codings;
    struct str length;
};

static enum MHD_Result look_at_header(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct framing *framing = arg;
    (void)kind;
    if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
        framing->lengths++;
        framing->length = str_of(value);
    } else if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
        framing->codings++;
    }
    return MHD_YES;
}

/*
 * The head is there. A body that is announced as too large is refused before it comes, and so is one whose end could be
 * told in two ways: a proxy in front of us might choose the other (RFC 9112, 6.3).
 */
static enum MHD_Result start(struct http_server *server, struct MHD_Connection *connection, const char *method,
                             const char *path, struct http_exchange **context)
{
    struct client *client = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    struct http_exchange *x = *context = exchange_begin(server, connection, client);
    struct framing framing = {0};
    x->route = find_route(server, method, path);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, look_at_header, &framing);
    if (framing.lengths + framing.codings > 1)
        exchange_refuse(x, 400, "ambiguous length", "Connection: close");
    else if (framing.lengths && strtoull(framing.length.p, NULL, 10) > server->body_max)
        exchange_refuse(x, 413, "body too large", "Connection: close");
    return x->response ? send_reply(x) : MHD_YES;
}

/* Part of the body. What is too large is read for a while, so that the client gets to read why. */
static enum MHD_Result take_body(struct http_exchange *x, struct str bytes)
{
    if (x->state != RECEIVING)
        return MHD_YES;
    if (x->body.n + bytes.n > x->server->body_max)
        x->too_large = true;
    if (x->too_large)
        x->excess_bytes += bytes.n;
    else
        buf_add(&x->body, bytes);
    return x->excess_bytes <= x->server->body_max ? MHD_YES : MHD_NO;
}

static enum MHD_Result serve(struct http_exchange *x, const char *path)
{
    x->state = SERVING;
    if (x->too_large) {
        exchange_refuse(x, 413, "body too large", "Connection: close");
    } else if (!x->route) {
        refuse_route(x, path);
    } else if (x->server->closing) {
        exchange_refuse(x, 503, "shutting down", NULL);
    } else {
        x->client->since_ms = INT64_MAX;
        x->route->serve(x->server->arg, x);
        if (x->state == SERVING) {
            exchange_pause(x);
            return MHD_YES;
        }
    }
    return send_reply(x);
}

/* Asked again for an answer: what came in the second run of a turn sees the end of the next one. */
static enum MHD_Result go_on_waiting(struct http_exchange *x)
{
    if (x->server->ending)
        exchange_wait(x);
    else
        exchange_pause(x);
    return MHD_YES;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *path, const char *method,
                                  const char *version, const char *bytes, size_t *n, void **context)
{
    struct http_exchange *x = *context;
    (void)version;
    if (!x)
        return start(arg, connection, method, path, (struct http_exchange **)context);
    if (*n) {
        struct str part = {bytes, *n};
        *n = 0;
        return take_body(x, part);
    }
    if (x->state == RECEIVING)
        return serve(x, path);
    if (x->state == PAUSED && !x->server->closing)
        return go_on_waiting(x);
    if (x->state != ANSWERED)
        x = *context = exchange_replace(x);
    x->server->unsent = true;
    return send_reply(x);
}

static void on_library_log(void *arg, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
static void on_library_log(void *arg, const char *format, va_list args)
{
    char text[256];
    (void)arg;
    vsnprintf(text, sizeof text, format, args);
    log_debug("http.library", log_str("says", str_trim(str_of(text))));
}

/* Paths are compared as they came: none of ours needs %XX, and "%00" must not end one. */
static size_t leave_escaped(void *arg, struct MHD_Connection *connection, char *text)
{
    (void)arg;
    (void)connection;
    return strlen(text);
}

/* --- in the loop -------------------------------------------------------------------------------------------- */

static int64_t timeout_ms(void *arg)
{
    struct http_server *server = arg;
    MHD_UNSIGNED_LONG_LONG ms;
    return MHD_get_timeout(server->daemon, &ms) == MHD_YES ? (int64_t)ms : -1;
}

static void run(void *arg)
{
    struct http_server *server = arg;
    server->pending = false;
    do {
        server->unsent = false;
        MHD_run(server->daemon);
    } while (server->unsent);
    server->ending = false;
}

static bool is_pending(void *arg)
{
    struct http_server *server = arg;
    server->ending = server->pending;
    return server->pending;
}

static struct MHD_Daemon *start_daemon(struct http_server *server, const struct http_server_options *options)
{
    return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request,
                            server, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL, MHD_OPTION_LISTEN_SOCKET,
                            server->fd, MHD_OPTION_CONNECTION_LIMIT,
                            options->connections_max ? options->connections_max : CONNECTIONS_MAX,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
                            options->idle_s ? options->idle_s : IDLE_S, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
                            server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_UNESCAPE_CALLBACK,
                            leave_escaped, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

struct http_server *http_server_new(struct loop *loop, const struct http_server_options *options,
                                    const struct http_route *routes, size_t n_routes, void *arg, struct err *err)
{
    int fd = listen_open(options->listen, err);
    if (fd < 0)
        return NULL;
    struct http_server *server = mem_alloc(sizeof *server);
    *server = (struct http_server){
        .loop = loop,
        .routes = routes,
        .n_routes = n_routes,
        .arg = arg,
        .fd = fd,
        .port = listen_port(fd),
        .body_max = options->body_max ? options->body_max : BODY_MAX,
        .slow_ms = (int64_t)(options->idle_s ? options->idle_s : IDLE_S) * 1000 * SLOW_TIMES,
        .reply_ms = options->reply_ms ? options->reply_ms : REPLY_MS,
    };
    server->daemon = start_daemon(server, options);
    if (!server->daemon) {
        err_set(err, STATUS_UNAVAILABLE, "cannot serve on '%s': libmicrohttpd does not start", options->listen);
        close(fd);
        free(server);
        return NULL;
    }
    server->empty = exchange_empty_response();
    int epoll_fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    loop_serve(loop, &(struct loop_server){epoll_fd, timeout_ms, run, is_pending, server});
    return server;
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

size_t http_server_open(const struct http_server *server)
{
    return server->open;
}

void http_server_quiesce(struct http_server *server)
{
    if (server->quiet)
        return;
    server->quiet = true;
    MHD_quiesce_daemon(server->daemon);
    close(server->fd);
}

void http_server_free(struct http_server *server)
{
    if (!server)
        return;
    http_server_quiesce(server);
    server->closing = true;
    /* libmicrohttpd must not be stopped while a connection is suspended. */
    while (server->waiting.first)
        exchange_expire(server->waiting.first);
    run(server);
    loop_serve(server->loop, NULL);
    loop_cancel(server->loop, server->reply_timer);
    MHD_stop_daemon(server->daemon);
    loop_cancel(server->loop, server->slow_timer);
    MHD_destroy_response(server->empty);
    exchanges_free(server);
    free(server);
}
