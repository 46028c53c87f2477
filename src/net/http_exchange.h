/*
 * http_exchange: one request and its answer, between libmicrohttpd's connection and the owner who answers. Inside of
 * http_server only.
 *
 * RECEIVING ─ last byte ─▶ SERVING ─ the handler came back ─▶ PAUSED ─ the turn has ended ─▶ WAITING
 *
 * From SERVING, PAUSED and WAITING an answer leads to ANSWERED; from WAITING time leads to EXPIRED (503), then ABANDONED.
 * A connection that is only PAUSED costs nothing: libmicrohttpd asks again when it runs next, at the end of the turn.
 * Suspending one that is answered then would cost three system calls.
 */
#ifndef DOCENT_NET_HTTP_EXCHANGE_H
#define DOCENT_NET_HTTP_EXCHANGE_H

#include "base/buf.h"
#include "net/http_server.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct MHD_Connection;
struct MHD_Daemon;
struct MHD_Response;

enum exchange_state {
    RECEIVING,
    SERVING,
    PAUSED,    /* an answer may come until the end of the turn */
    WAITING,   /* libmicrohttpd has suspended the connection */
    ANSWERED,  /* the owner has let go of it */
    EXPIRED,   /* the client gets 503, the owner still holds it */
    ABANDONED, /* there is no connection any more, the owner still holds it */
};

/* A client's connection, to see when it is slow: libmicrohttpd only sees when it is silent. */
struct client {
    struct http_server *server;
    int fd;
    int64_t since_ms; /* it is their turn since then; INT64_MAX: it is ours */
    struct client *next, *prev;
};

struct http_exchange {
    struct http_server *server;
    struct MHD_Connection *connection; /* NULL when ABANDONED */
    struct client *client;
    const struct http_route *route;
    enum exchange_state state;
    bool too_large;
    size_t excess_bytes; /* of a body that is too large, thrown away */
    struct buf body;
    struct MHD_Response *response;
    int status;
    int64_t due_ms; /* while WAITING */
    struct http_exchange *next, *prev;
};

struct exchanges { /* a list, oldest first */
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
    bool quiet;   /* takes no new connections */
    bool closing; /* calls no handler any more */
    bool pending; /* libmicrohttpd must run again in this turn: an answer may have come */
    bool ending;  /* it runs for the second time in this turn */
    bool unsent;  /* it was given a reply that it will send when it runs next */
    size_t open;
    struct exchanges waiting, abandoned;
    struct timer *reply_timer, *slow_timer;
    struct client *clients;
    struct http_exchange *spare;
    size_t n_spare;
    struct MHD_Response *empty; /* prepared: the reply to most webhooks */
};

struct MHD_Response *exchange_empty_response(void);

struct http_exchange *exchange_begin(struct http_server *server, struct MHD_Connection *connection,
                                     struct client *client);
void exchange_end(struct http_exchange *x);    /* the connection has done with it */
void exchange_pause(struct http_exchange *x);  /* no answer yet, but the turn has not ended */
void exchange_wait(struct http_exchange *x);   /* no answer in this turn */
void exchange_expire(struct http_exchange *x); /* of one that is WAITING */
bool exchange_send(struct http_exchange *x);   /* hands the reply over; false: close the connection */

/* An answer of our own: {"error": "<reason>"}. header as in http_reply_with */
void exchange_refuse(struct http_exchange *x, int status, const char *reason, const char *header);

/* The client gets 503, by the exchange returned; the late one stays with its owner. */
struct http_exchange *exchange_replace(struct http_exchange *late);

void exchanges_free(struct http_server *server); /* what owners still hold, and the spare ones */

#endif
