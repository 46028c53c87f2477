/*
 * http: docent over HTTP: POST /v1/ask, GET /healthz, GET /metrics.
 *
 * These are handlers for the routes of net/http_server.h; their argument is a struct http_channel.
 */
#ifndef DOCENT_CHANNEL_HTTP_H
#define DOCENT_CHANNEL_HTTP_H

#include "channel/desk.h"
#include "channel/link.h"
#include "channel/metrics.h"
#include "net/http_server.h"

struct http_channel {
    struct desk *desk;
    struct metrics *metrics;
    size_t (*links)(void *arg, struct link *out, size_t max); /* of all platforms; returns how many */
    void *arg;
    struct arena arena; /* of one request; all zero at first, arena_release at the end */
};

/* One object of the --jsonl form in, the reply out; 400 with {"error": "…"} for anything else. */
void http_channel_ask(struct http_channel *c, struct http_exchange *x);

/* 200 while every link is up and the store works, else 503; in both cases JSON that says how each is. */
void http_channel_health(struct http_channel *c, struct http_exchange *x);

/* Prometheus text. */
void http_channel_metrics(struct http_channel *c, struct http_exchange *x);

#endif
