#include "net/http_exchange.h"

#include "base/log.h"
#include "base/mem.h"

#include <assert.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SPARE_MAX = 64,            /* exchanges kept for reuse */
    SPARE_BODY_MAX = 16 << 10, /* of their bodies' memory */
};

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

struct http_exchange *exchange_begin(struct http_server *server, struct MHD_Connection *connection,
                                     struct client *client)
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
    *x = (struct http_exchange){.server = server, .connection = connection, .client = client, .body = body};
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

void exchange_end(struct http_exchange *x)
{
    struct http_server *server = x->server;
    server->open--;
    x->client->since_ms = loop_now_ms(server->loop);
    if (x->state == WAITING)
        take_out(&server->waiting, x);
    if (x->state == PAUSED || x->state == WAITING || x->state == EXPIRED)
        abandon(x);
    else
        recycle(x);
}

void exchanges_free(struct http_server *server)
{
    struct http_exchange *lists[] = {server->abandoned.first, server->spare};
    for (size_t i = 0; i < 2; i++)
        for (struct http_exchange *x = lists[i], *next; x; x = next) {
            next = x->next;
            free_exchange(x);
        }
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

struct MHD_Response *exchange_empty_response(void)
{
    return make_response(NULL, STR(""), NULL);
}

static void set_reply(struct http_exchange *x, int status, const char *content_type, struct str body,
                      const char *header)
{
    struct http_server *server = x->server;
    bool prepared = body.n == 0 && !header && !server->quiet; /* nothing has no type */
    x->status = status;
    x->response = prepared ? server->empty : make_response(content_type, body, header);
    if (server->quiet)
        MHD_add_response_header(x->response, MHD_HTTP_HEADER_CONNECTION, "close");
}

void exchange_refuse(struct http_exchange *x, int status, const char *reason, const char *header)
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

bool exchange_send(struct http_exchange *x)
{
    enum MHD_Result result = MHD_queue_response(x->connection, (unsigned)x->status, x->response);
    x->client->since_ms = loop_now_ms(x->server->loop);
    x->state = ANSWERED;
    drop_response(x);
    return result == MHD_YES;
}

/* --- deadlines ---------------------------------------------------------------------------------------------- */

void exchange_expire(struct http_exchange *x)
{
    resume(x);
    x->state = EXPIRED;
}

/* All wait equally long, so the first of the list is the next to be due. */
static void expire_late(void *arg)
{
    struct http_server *server = arg;
    int64_t now_ms = loop_now_ms(server->loop);
    struct http_exchange *x;
    server->reply_timer = NULL;
    while ((x = server->waiting.first) && x->due_ms <= now_ms) {
        exchange_expire(x);
        log_warn("http.late", log_text("path", x->route->path));
    }
    if (x)
        server->reply_timer = loop_after(server->loop, x->due_ms - now_ms, expire_late, server);
}

void exchange_pause(struct http_exchange *x)
{
    x->state = PAUSED;
    x->server->pending = true;
}

void exchange_wait(struct http_exchange *x)
{
    struct http_server *server = x->server;
    x->state = WAITING;
    x->due_ms = loop_now_ms(server->loop) + server->reply_ms;
    append(&server->waiting, x);
    MHD_suspend_connection(x->connection);
    if (!server->reply_timer)
        server->reply_timer = loop_after(server->loop, server->reply_ms, expire_late, server);
}

struct http_exchange *exchange_replace(struct http_exchange *late)
{
    struct http_exchange *x = exchange_begin(late->server, late->connection, late->client);
    late->server->open--;
    abandon(late);
    exchange_refuse(x, 503, "no answer in time", NULL);
    return x;
}
