/*
 * fake: a small server for tests that plays somebody else's platform, and misbehaves on order.
 *
 * One thread, one poll() loop: HTTP/1.1 with keep-alive, WebSocket (RFC 6455) from the server's side, calls of its own,
 * timers. It shares no code with src/net. A platform's program fills a struct fake_play and gives it to fake_main,
 * which listens on a free port of 127.0.0.1, prints the port as one line on stdout, and ends when stdin closes.
 *
 * Every request is noted with its time. Paths below /_fake/ are for the test, see orders.c:
 *
 *     POST /_fake/fault   {"path": "/api/chat.postMessage", "do": "status", "status": 429, "times": 2}
 *     POST /_fake/ws      {"do": "reset"}                  to every WebSocket, or to {"conn": 7}
 *     GET  /_fake/log?path=/api/&has=text                  what came, one JSON object a line
 *     GET  /_fake/count?path=/api/&has=text                how many came
 *     GET  /_fake/wait?path=/api/&has=text&count=3&ms=5000 answers when so many came (200), or did not in time (504)
 *     POST /_fake/forget                                   empties the log and the faults
 */
#ifndef FAKE_H
#define FAKE_H

#include "base/buf.h"
#include "base/str.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake;

enum { FAKE_BODY_MAX = 16 << 20, FAKE_HEAD_MAX = 64 << 10 };

/* What is done to a request instead of, or with, its answer. */
enum fault_kind {
    FAULT_NONE,
    FAULT_STATUS,  /* answered with `status`; 5xx with a page of HTML, 429 with Retry-After */
    FAULT_SLOW,    /* answered after delay_ms */
    FAULT_SILENCE, /* taken, never answered: a half-open connection */
    FAULT_RESET,   /* reset before anybody looked at it */
    FAULT_CUT,     /* carried out; half of the answer is sent, then a reset */
    FAULT_CLOSE,   /* carried out; closed without an answer */
    FAULT_GARBAGE, /* carried out; answered 200 with broken JSON */
    FAULT_HUGE,    /* carried out; answered 200 with `bytes` of JSON */
    FAULT_HEADER,  /* carried out; answered with the header line in `body` instead of others */
};

struct fault {
    enum fault_kind kind;
    char path[256];         /* requests whose path begins so */
    int times, skip, every; /* -1: for ever; let so many pass first; only each so-manieth */
    int seen;
    int status, bytes;
    char retry_after[32]; /* the header's text; empty: none */
    char *body;           /* of FAULT_STATUS: NULL: what fits the status; of FAULT_HEADER */
    int64_t delay_ms;
};

enum conn_kind { CONN_HTTP, CONN_WEBSOCKET, CONN_CALL };

struct fake_conn {
    struct fake *fake;
    int id, fd;
    enum conn_kind kind;
    struct buf in, out;
    size_t sent;         /* of out */
    bool mute;           /* neither read nor written any more; stays open */
    bool ending;         /* closed once `out` is sent */
    bool gone;           /* freed at the end of the turn */
    bool waiting;        /* a request is being answered: no next one is read */
    bool last;           /* its client wants no other on this connection */
    struct fault fault;  /* of the request being answered */
    int64_t reply_at_ms; /* a slow answer's time; 0: at once */
    struct buf message;  /* of a WebSocket: fragments so far */
    bool close_sent;
    void *user; /* the platform's */

    /* of a call */
    bool connecting, idle;
    int port;
    int64_t deadline_ms;
    void (*done)(void *arg, int status, struct str body);
    void *arg;
};

/* A request; views that live during the call. */
struct fake_request {
    struct fake_conn *conn;
    struct str method, path, query, head, body;
};

struct fake_play {
    const char *name;
    bool keep_open; /* after the close handshake TCP stays open until the client ends it */
    void (*request)(void *self, struct fake_request *r);               /* answers, or will: fake_reply, fake_upgrade */
    void (*message)(void *self, struct fake_conn *c, struct str text); /* a whole text message */
    void (*gone)(void *self, struct fake_conn *c);                     /* of a WebSocket */
    void *self;
};

int fake_main(const struct fake_play *play);
struct fake *fake_of(const struct fake_play *play); /* after fake_main has begun */
int fake_port(const struct fake *f);
const struct fake_play *fake_play(const struct fake *f);
int64_t fake_now_ms(void); /* monotonic */
int64_t fake_unix_ms(void);

/* --- requests ---------------------------------------------------------------------------------------------- */

struct str fake_header(const struct fake_request *r, const char *name); /* any case */
struct str fake_query(const struct fake_request *r, const char *name);  /* not decoded; empty when missing */
/* headers  more header lines, each with CR LF; NULL: none. Content-Type is JSON unless one is among them. */
void fake_reply(struct fake_conn *c, int status, const char *headers, struct str body);
void fake_replyf(struct fake_conn *c, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
struct fake_conn *fake_find(struct fake *f, int id); /* NULL when it is gone */
struct fake_conn **fake_conns(struct fake *f, size_t *n);

/* --- WebSocket --------------------------------------------------------------------------------------------- */

bool fake_upgrade(struct fake_request *r); /* answers 101, or 400 when it is no good upgrade */
void fake_ws_text(struct fake_conn *c, struct str text);
void fake_ws_frame(struct fake_conn *c, bool fin, int opcode, struct str bytes);
void fake_ws_close(struct fake_conn *c, int code, const char *reason);
void fake_ws_read(struct fake_conn *c); /* for server.c */

/* --- ends --------------------------------------------------------------------------------------------------- */

void fake_reset(struct fake_conn *c);   /* RST */
void fake_hang_up(struct fake_conn *c); /* FIN, once everything is sent */

/* --- calls and timers --------------------------------------------------------------------------------------- */

/* A request to a port of 127.0.0.1; done gets status 0 when no whole answer came. request: the bytes to send. */
void fake_call(struct fake *f, int port, struct str request, int64_t timeout_ms,
               void (*done)(void *arg, int status, struct str body), void *arg);
void fake_every(struct fake *f, int64_t ms, void (*fn)(void *arg), void *arg); /* for ever; a few of them */
void fake_soon(struct fake *f);                                                /* the loop does not wait in this turn */

/* --- log and orders (orders.c) ------------------------------------------------------------------------------- */

struct order;
struct order *order_new(struct fake *f);
void order_free(struct order *o);
bool order_serves(struct order *o, struct fake_request *r); /* was it for /_fake/…? */
struct fault order_fault(struct order *o, struct str path); /* what is to be done to a request, if anything */
void order_tick(struct order *o);
/* Notes a line: kind "request", "ws.open", "ws.text", "ws.closed", or the platform's own. */
void fake_note(struct fake *f, int conn, const char *kind, struct str method, struct str path, struct str head,
               struct str body);
struct order *fake_order(struct fake *f);

struct str json_at(const cJSON *object, const char *path); /* "a.b.c": the string there, or empty */
int json_int_at(const cJSON *object, const char *key, int fallback);

/* What most platforms say with a 429; they may set their own. */
extern const char *fake_too_fast_body;

#endif
