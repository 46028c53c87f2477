/*
 * websocket: a client's WebSocket (RFC 6455), in the loop: wslay over a connection that libcurl opened.
 *
 *     struct websocket *ws = websocket_open(loop, &options, &handler, self);
 *     … handler->message …; websocket_send(ws, STR("{}"));
 *     websocket_free(ws);
 *
 * Pings are answered, fragments joined, text checked to be UTF-8. It pings by itself; a peer of which nothing was heard
 * for dead_ms is dropped. `closed` is called exactly once for each that was opened, whatever the reason, unless it is
 * freed before; afterwards only websocket_free may be called. websocket_free may be called from within any callback.
 */
#ifndef DOCENT_NET_WEBSOCKET_H
#define DOCENT_NET_WEBSOCKET_H

#include "base/str.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct websocket;

struct websocket_options {
    const char *url; /* wss://; ws:// for loopback addresses only */
    const char *user_agent;
    const char *proxy, *ca_file; /* as in http_client.h */
    size_t message_max;          /* bytes of a message from the peer; 0: 4 MiB; larger ones close with 1009 */
    size_t queue_max;            /* bytes waiting to be sent; 0: 1 MiB */
    int64_t connect_ms;          /* until it is open; 0: 10,000 */
    int64_t ping_ms, dead_ms;    /* 0: 15,000 and 60,000 */
    int64_t close_ms;            /* how long the peer may take to answer our close frame; 0: 1,000 */
};                               /* copied */

struct websocket_handler {
    void (*open)(void *arg);
    void (*message)(void *arg, struct str text); /* text messages; binary ones are counted and dropped */
    /*
     * code  the close code that came, 1006 when none did (reset, silence, refused handshake)
     * problem  one sentence part for the log, never with the URL
     */
    void (*closed)(void *arg, int code, struct str reason, const char *problem);
};

/* Never fails: trouble arrives as `closed`, from the loop. handler must outlive it. */
struct websocket *websocket_open(struct loop *loop, const struct websocket_options *options,
                                 const struct websocket_handler *handler, void *arg);
bool websocket_send(struct websocket *ws, struct str text);              /* false: not open, or the queue is full */
void websocket_close(struct websocket *ws, int code, struct str reason); /* with the close handshake, then `closed` */
void websocket_free(struct websocket *ws);                               /* at once; NULL is fine */

#endif
