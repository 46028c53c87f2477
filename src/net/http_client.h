/*
 * http_client: requests to other servers, in the loop.
 *
 * Connections are kept and shared, at most a few to a host; HTTP/2 where the server has it; TLS is verified; redirects
 * are not followed. Every request has a time limit and a limit on the reply's size.
 *
 *     struct http_client *http = http_client_new(loop, &(struct http_client_options){.user_agent = "docent/0.1"});
 *     http_send(http, &(struct http_request){.method = "POST", .url = url, .body = body}, done, self);
 *
 * done is called exactly once, later, from the loop, unless the call is cancelled or the client freed before; the call
 * is gone then. A request with a body is never sent twice: a kept connection that ends under it makes HTTP_UNSURE.
 */
#ifndef DOCENT_NET_HTTP_CLIENT_H
#define DOCENT_NET_HTTP_CLIENT_H

#include "base/str.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HTTP_REPLY_MAX = 1 << 20, HTTP_TIMEOUT_MS = 20 * 1000, HTTP_HEADERS_MAX = 8 };

struct http_client;
struct http_call;

struct http_client_options {
    const char *user_agent;
    const char *proxy;   /* NULL: as the environment says */
    const char *ca_file; /* NULL: the system's */
};

struct http_request {
    const char *method;                    /* "GET", "POST", "PUT", "PATCH", "DELETE" */
    const char *url;                       /* https://; http:// for loopback addresses only: see http_url_allowed */
    const char *headers[HTTP_HEADERS_MAX]; /* "Name: value", NULL at the end; may hold secrets, never logged */
    struct str body;
    int64_t timeout_ms; /* 0: HTTP_TIMEOUT_MS */
    size_t reply_max;   /* bytes; 0: HTTP_REPLY_MAX */
};                      /* everything is copied */

enum http_end {
    HTTP_DONE,     /* a reply came, whatever its status */
    HTTP_NOT_SENT, /* the server cannot have seen the request: no connection, no address, bad TLS */
    HTTP_UNSURE,   /* the request, or some of it, was sent and no whole reply came */
};

struct http_reply {
    enum http_end end;
    int status;             /* 0 unless HTTP_DONE */
    struct str body;        /* a view until done returns; NUL behind it */
    int64_t retry_after_ms; /* from Retry-After, seconds or a date; -1: none */
    const char *problem;    /* for people, when not HTTP_DONE */
    const struct http_headers *headers;
};
struct str http_header(const struct http_reply *reply, const char *name); /* any case; empty when it is not there */

struct http_client *http_client_new(struct loop *loop, const struct http_client_options *options);
void http_client_free(struct http_client *http); /* cancels what is under way */
struct http_call *http_send(struct http_client *http, const struct http_request *request,
                            void (*done)(void *arg, const struct http_reply *reply), void *arg);
void http_cancel(struct http_client *http, struct http_call *call);
size_t http_under_way(const struct http_client *http);

/*
 * https:// and wss:// anywhere, http:// and ws:// only with 127.0.0.0/8 as four plain numbers, [::1] or localhost; none
 * with a user name or password. See url.h.
 */
bool http_url_allowed(struct str url);

#endif
