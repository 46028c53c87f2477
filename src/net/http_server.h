/*
 * http_server: requests from others, in the loop.
 *
 * Routes stand in a table. A handler gets the whole request, bounded in size and time, and replies at once or later:
 *
 *     static void ask(void *arg, struct http_exchange *x) { …; http_reply_text(x, 200, "application/json", body); }
 *     static const struct http_route routes[] = {{"POST", "/v1/ask", ask}};
 *     struct http_server *server = http_server_new(loop, &options, routes, 1, self, &err);
 *
 * Unknown paths get 404, known paths with another method 405 with Allow, bodies that are too large 413, slow clients
 * are cut off. HEAD is served as GET, without the body. When nobody answers within reply_ms the client gets 503; the
 * exchange is still to be answered, into the void.
 */
#ifndef DOCENT_NET_HTTP_SERVER_H
#define DOCENT_NET_HTTP_SERVER_H

#include "base/err.h"
#include "base/str.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_server;
struct http_exchange;

struct http_server_options {
    const char *listen;       /* "127.0.0.1:8080", "[::1]:0"; port 0 takes a free one */
    size_t body_max;          /* bytes; 0: 1 MiB */
    unsigned connections_max; /* 0: 1000 */
    unsigned idle_s;          /* seconds a client may be silent; three times that a request may take; 0: 10 */
    int64_t reply_ms;         /* 0: 10,000 */
};

struct http_route {
    const char *method, *path; /* exact; what came is compared without its query, %XX as it stands */
    void (*serve)(void *arg, struct http_exchange *x);
};

/* routes must outlive the server. On failure NULL and err: see listen_open. */
struct http_server *http_server_new(struct loop *loop, const struct http_server_options *options,
                                    const struct http_route *routes, size_t n_routes, void *arg, struct err *err);
int http_server_port(const struct http_server *server);
void http_server_quiesce(struct http_server *server);      /* take no new connections; answer what has begun */
size_t http_server_open(const struct http_server *server); /* exchanges whose answer is not yet wholly sent */
/* What is not answered gets 503. No exchange may be answered afterwards. */
void http_server_free(struct http_server *server);

/*
 * Of an exchange; views: the body's lives until it is answered, a header's until the handler returns.
 * name  in any case; the first of several; empty when it is missing
 */
struct str http_body(const struct http_exchange *x);
struct str http_request_header(const struct http_exchange *x, const char *name);

/*
 * The answer, exactly once for each exchange, from within the handler or later; x is gone afterwards. body is copied.
 * content_type, header  NULL: none. header is one more line "Name: value", name at most 63 bytes. An empty body goes out
 *                       without a type.
 */
void http_reply_with(struct http_exchange *x, int status, const char *content_type, struct str body,
                     const char *header);
void http_reply_text(struct http_exchange *x, int status, const char *content_type, struct str body);

#endif
