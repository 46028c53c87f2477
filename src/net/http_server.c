#include "net/http_server.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/listen.h"

#include <assert.h>
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
    IDLE_S = 10,
    REPLY_MS = 10 * 1000,
    SPARE_MAX = 64,             /* exchanges kept for reuse */
    SPARE_BODY_MAX = 16 << 10,  /* of their bodies' memory */
    SLOW_TIMES = 3,             /* a request or a reply may take so many times the seconds of silence */
};

/*
 * RECEIVING ─ last byte ─▶ SERVING ─ the handler came back ─▶ WAITING ─▶ ANSWERED
 *                             └─ it has answered ─▶ ANSWERED     └─ too late ─▶ EXPIRED (503) ─▶ ABANDONED
 */
enum state {
    RECEIVING,
    SERVING,
    WAITING,                    /* libmicrohttpd has suspended the connection */
    ANSWERED,                   /* the owner has let go of it */
    EXPIRED,                    /* the client gets 503, the owner still holds it */
    ABANDONED,                  /* there is no connection any more, the owner still holds it */
};

/* A client's connection, to see when it is slow: libmicrohttpd only sees when it is silent. */
struct client {
    struct http_server *server;
    int fd;
    int64_t since_ms;           /* it is their turn since then; INT64_MAX: it is ours */
    struct client *next, *prev;
};

struct http_exchange {
    struct http_server *server;
    struct MHD_Connection *connection;
    struct client *client;
    const struct http_route *route;
    enum state state;
    bool too_large;
    size_t excess_bytes;        /* of a body that is too large, thrown away */
    struct buf body;
    struct MHD_Response *response;
    int status;
    int64_t due_ms;             /* while WAITING */
    struct http_exchange *next, *prev;
};

struct exchanges {              /* a list, oldest first */
    struct http_exchange *first, *last;
};

struct http_server {
    struct loop *loop;
    struct MHD_Daemon *daemon;
    const struct http_route *routes;
    size_t n_routes;
    void *arg;
    int fd, port;
    size_t body_max;
    int64_t slow_ms, reply_ms;
    bool quiet;                 /* takes no new connections */
    bool closing;               /* calls no handler any more */
    bool pending;               /* a connection was resumed since libmicrohttpd last ran */
    size_t open;
    struct exchanges waiting, abandoned;
    struct timer *reply_timer, *slow_timer;
    struct client *clients;
    struct http_exchange *spare;
    size_t n_spare;
    struct MHD_Response *empty; /* prepared: the reply of most webhooks */
};

/* --- exchanges ---------------------------------------------------------------------------------------------- */

static void append(struct exchanges *list, struct http_exchange *x)
{
    x->next = NULL;
    x->prev = list->last;
    *(list->last ? &list->last->next : &list->first) = x;
    list->last = x;
}

static void take_out(struct exchanges *list, struct http_exchange *x)
{
    *(x->prev ? &x->prev->next : &list->first) = x->next;
    *(x->next ? &x->next->prev : &list->last) = x->prev;
}

static struct http_exchange *begin(struct http_server *server, struct MHD_Connection *connection)
{
    struct http_exchange *x = server->spare;
    if (x) {
        server->spare = x->next;
        server->n_spare--;
    } else {
        x = mem_alloc(sizeof *x);
        buf_init(&x->body, server->body_max);
    }
    struct buf body = x->body;
    *x = (struct http_exchange){.server = server, .connection = connection, .body = body};
    server->open++;
    return x;
}

static void drop_response(struct http_exchange *x)
{
    if (x->response && x->response != x->server->empty)
        MHD_destroy_response(x->response);
    x->response = NULL;
}

static void free_exchange(struct http_exchange *x)
{
    buf_release(&x->body);
    free(x);
}

static void recycle(struct http_exchange *x)
{
    struct http_server *server = x->server;
    drop_response(x);
    if (server->n_spare == SPARE_MAX || x->body.cap > SPARE_BODY_MAX) {
        free_exchange(x);
        return;
    }
    buf_clear(&x->body);
    x->next = server->spare;
    server->spare = x;
    server->n_spare++;
}

/* The connection has nothing more to do with it, but its owner has. */
static void abandon(struct http_exchange *x)
{
    x->state = ABANDONED;
    x->connection = NULL;
    x->client = NULL;
    append(&x->server->abandoned, x);
}

/* --- replies ------------------------------------------------------------------------------------------------ */

static void add_header(struct MHD_Response *response, const char *line)
{
    struct str value = str_of(line), name;
    char copy[64];
    str_cut(&value, ':', &name);
    if ((size_t)snprintf(copy, sizeof copy, "%.*s", STR_FMT(name)) < sizeof copy)
        MHD_add_response_header(response, copy, str_trim(value).p);
}

static struct MHD_Response *make_response(const char *content_type, struct str body, const char *header)
{
    /* The bytes are copied; that they are not const is libmicrohttpd's omission. */
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)body.p, MHD_RESPMEM_MUST_COPY);
    if (!response) {
        fputs("docent: out of memory\n", stderr);
        exit(STATUS_BUG);
    }
    if (content_type)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    if (header)
        add_header(response, header);
    return response;
}

static void set_reply(struct http_exchange *x, int status, const char *content_type, struct str body,
                      const char *header)
{
    struct http_server *server = x->server;
    bool prepared = body.n == 0 && !content_type && !header && !server->quiet;
    x->status = status;
    x->response = prepared ? server->empty : make_response(content_type, body, header);
    if (server->quiet)
        MHD_add_response_header(x->response, MHD_HTTP_HEADER_CONNECTION, "close");
}

static void refuse(struct http_exchange *x, int status, const char *reason, const char *header)
{
    char body[128];
    int n = snprintf(body, sizeof body, "{\"error\": \"%s\"}\n", reason);
    set_reply(x, status, "application/json", (struct str){body, (size_t)n}, header);
}

static void resume(struct http_exchange *x)
{
    take_out(&x->server->waiting, x);
    MHD_resume_connection(x->connection);
    x->server->pending = true; /* nothing else would wake the loop */
}

void http_reply_with(struct http_exchange *x, int status, const char *content_type, struct str body, const char *header)
{
    assert(x->state != RECEIVING && x->state != ANSWERED);
    if (x->state == ABANDONED) {
        take_out(&x->server->abandoned, x);
        recycle(x);
        return;
    }
    if (x->state == WAITING)
        resume(x);
    x->state = ANSWERED;
    set_reply(x, status, content_type, body, header);
}

void http_reply_text(struct http_exchange *x, int status, const char *content_type, struct str body)
{
    http_reply_with(x, status, content_type, body, NULL);
}

struct str http_body(const struct http_exchange *x)
{
    return buf_str(&x->body);
}

struct str http_request_header(const struct http_exchange *x, const char *name)
{
    const char *value = NULL;
    size_t n = 0;
    if (x->connection)
        MHD_lookup_connection_value_n(x->connection, MHD_HEADER_KIND, name, strlen(name), &value, &n);
    return str_trim((struct str){value ? value : "", n});
}

/* --- deadlines ---------------------------------------------------------------------------------------------- */

/* All wait equally long, so the first of the list is the next to be due. */
static void expire(void *arg)
{
    struct http_server *server = arg;
    int64_t now_ms = loop_now_ms(server->loop);
    struct http_exchange *x;
    server->reply_timer = NULL;
    while ((x = server->waiting.first) && x->due_ms <= now_ms) {
        resume(x);
        x->state = EXPIRED;
        log_warn("http.late", log_text("path", x->route->path));
    }
    if (x)
        server->reply_timer = loop_after(server->loop, x->due_ms - now_ms, expire, server);
}

static void wait_for_reply(struct http_exchange *x)
{
    struct http_server *server = x->server;
    x->state = WAITING;
    x->due_ms = loop_now_ms(server->loop) + server->reply_ms;
    append(&server->waiting, x);
    MHD_suspend_connection(x->connection);
    if (!server->reply_timer)
        server->reply_timer = loop_after(server->loop, server->reply_ms, expire, server);
}

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
    struct http_server *server = arg;
    struct http_exchange *x = *context;
    (void)connection;
    (void)code;
    if (!x)
        return;
    server->open--;
    x->client->since_ms = loop_now_ms(server->loop);
    if (x->state == WAITING)
        take_out(&server->waiting, x);
    if (x->state == WAITING || x->state == EXPIRED)
        abandon(x);
    else
        recycle(x);
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
        refuse(x, 405, "method not allowed", allow.p);
    else
        refuse(x, 404, "not found", NULL);
    buf_release(&allow);
}

static enum MHD_Result send_reply(struct http_exchange *x)
{
    enum MHD_Result result = MHD_queue_response(x->connection, (unsigned)x->status, x->response);
    x->client->since_ms = loop_now_ms(x->server->loop);
    x->state = ANSWERED;
    drop_response(x);
    return result;
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
    struct http_exchange *x = *context = begin(server, connection);
    struct framing framing = {0};
    x->client = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    x->route = find_route(server, method, path);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, look_at_header, &framing);
    if (framing.lengths + framing.codings > 1)
        refuse(x, 400, "ambiguous length", "Connection: close");
    else if (framing.lengths && strtoull(framing.length.p, NULL, 10) > server->body_max)
        refuse(x, 413, "body too large", "Connection: close");
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
        refuse(x, 413, "body too large", "Connection: close");
    } else if (!x->route) {
        refuse_route(x, path);
    } else if (x->server->closing) {
        refuse(x, 503, "shutting down", NULL);
    } else {
        x->client->since_ms = INT64_MAX;
        x->route->serve(x->server->arg, x);
        if (x->state == SERVING) {
            wait_for_reply(x);
            return MHD_YES;
        }
    }
    return send_reply(x);
}

/* The client gets 503 by an exchange of its own; the late one stays with its owner. */
static enum MHD_Result reply_late(struct http_exchange *late, struct http_exchange **context)
{
    struct http_exchange *x = *context = begin(late->server, late->connection);
    late->server->open--;
    x->client = late->client;
    abandon(late);
    refuse(x, 503, "no answer in time", NULL);
    return send_reply(x);
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
    switch (x->state) {
    case RECEIVING: return serve(x, path);
    case ANSWERED: return send_reply(x);
    case EXPIRED: return reply_late(x, (struct http_exchange **)context);
    default: return MHD_YES;
    }
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
    MHD_run(server->daemon);
}

static bool is_pending(void *arg)
{
    return ((struct http_server *)arg)->pending;
}

static struct MHD_Daemon *start_daemon(struct http_server *server, const struct http_server_options *options)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, server,
        MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, server->fd,
        MHD_OPTION_CONNECTION_LIMIT, options->connections_max ? options->connections_max : CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, options->idle_s ? options->idle_s : IDLE_S,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_END);
}

struct http_server *http_server_new(struct loop *loop, const struct http_server_options *options,
                                    const struct http_route *routes, size_t n_routes, void *arg, struct err *err)
{
    int fd = listen_open(options->listen, err);
    if (fd < 0)
        return NULL;
    struct http_server *server = mem_alloc(sizeof *server);
    *server = (struct http_server){
        .loop = loop, .routes = routes, .n_routes = n_routes, .arg = arg, .fd = fd, .port = listen_port(fd),
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
    server->empty = make_response(NULL, STR(""), NULL);
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
    for (struct http_exchange *x; (x = server->waiting.first); x->state = EXPIRED)
        resume(x);
    run(server);
    loop_serve(server->loop, NULL);
    loop_cancel(server->loop, server->reply_timer);
    MHD_stop_daemon(server->daemon);
    loop_cancel(server->loop, server->slow_timer);
    MHD_destroy_response(server->empty);
    for (struct http_exchange *x; (x = server->abandoned.first); free_exchange(x))
        take_out(&server->abandoned, x);
    for (struct http_exchange *x; (x = server->spare); free_exchange(x))
        server->spare = x->next;
    free(server);
}
