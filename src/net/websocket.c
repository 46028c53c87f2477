#include "net/websocket.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/easy.h"
#include "net/sign.h"
#include "net/websocket_frames.h"
#include "net/websocket_handshake.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MESSAGE_MAX = 4 << 20,
    QUEUE_MAX = 1 << 20,
    CONNECT_MS = 10 * 1000,
    PING_MS = 15 * 1000,
    DEAD_MS = 60 * 1000,
    CLOSE_MS = 1000,
    READ_BYTES = 16 << 10, /* a TLS record */
    READS_A_TURN = 8,      /* then others have their turn */
    REFUSAL_MAX = 200,     /* bytes of the body of a refused handshake that are told */
    ABNORMAL = 1006,       /* RFC 6455, 7.4.1: closed without a close frame */
};

/* CONNECTING ─ TCP and TLS stand ─▶ UPGRADING ─ 101 ─▶ OPEN. From anywhere: ENDED ─ `closed` is called ─▶ TOLD */
enum state { CONNECTING, UPGRADING, OPEN, ENDED, TOLD };

struct websocket {
    struct loop_transfer transfer; /* first: it is what libcurl knows us by */
    struct loop *loop;
    const struct websocket_handler *handler;
    void *arg;
    struct websocket_options options; /* its texts are not used after websocket_open */
    enum state state;
    bool busy, freed; /* in its own callback; to be freed after it */
    bool closing;     /* we have asked for the end */

    CURL *easy;
    char problem[EASY_PROBLEM];
    struct watch *watch;
    struct timer *timer; /* of connecting, then of pings, then of closing, then of telling the end */
    int64_t heard_ms;

    char accept[HANDSHAKE_ACCEPT + 1];
    struct buf request, head;
    size_t request_sent;
    struct frames *frames;

    int end_code;
    struct buf end_reason, end_problem;
};

/* --- the end ------------------------------------------------------------------------------------------------ */

static void set_timer(struct websocket *ws, int64_t ms, void (*fn)(void *arg))
{
    loop_cancel(ws->loop, ws->timer);
    ws->timer = loop_after(ws->loop, ms, fn, ws);
}

/* Gives back what the loop and libcurl hold. The connection is closed by that. */
static void let_go(struct websocket *ws)
{
    loop_cancel(ws->loop, ws->timer);
    loop_unwatch(ws->loop, ws->watch);
    ws->timer = NULL;
    ws->watch = NULL;
    if (ws->easy) {
        curl_multi_remove_handle(loop_curl(ws->loop), ws->easy);
        curl_easy_cleanup(ws->easy);
        loop_lasting(ws->loop, -1);
    }
    ws->easy = NULL;
}

static void tell_end(void *arg)
{
    struct websocket *ws = arg;
    ws->timer = NULL;
    ws->state = TOLD;
    if (ws->frames && frames_dropped(ws->frames))
        log_warn("websocket.binary", log_int("dropped", (long long)frames_dropped(ws->frames)));
    ws->handler->closed(ws->arg, ws->end_code, buf_str(&ws->end_reason), ws->end_problem.p);
}

/* `closed` is called from the loop, never from within a call of the owner. */
static void end(struct websocket *ws, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void end(struct websocket *ws, int code, const char *format, ...)
{
    char problem[EASY_PROBLEM + 64];
    va_list args;
    if (ws->state >= ENDED)
        return;
    va_start(args, format);
    vsnprintf(problem, sizeof problem, format, args);
    va_end(args);
    ws->state = ENDED;
    ws->end_code = code;
    buf_adds(&ws->end_problem, problem);
    let_go(ws);
    set_timer(ws, 0, tell_end);
}

/* Of a connection that ended, or whose frames are at their end. */
static void end_by_frames(struct websocket *ws, const char *else_problem)
{
    const char *fault = frames_fault(ws->frames);
    int code = frames_close_code(ws->frames);
    buf_add(&ws->end_reason, frames_close_reason(ws->frames));
    if (fault)
        end(ws, code, "the peer sent %s", fault);
    else if (code == ABNORMAL)
        end(ws, code, "%s", else_problem);
    else
        end(ws, code, "closed by %s", ws->closing ? "us" : "the peer");
}

/* --- sending ------------------------------------------------------------------------------------------------ */

/* What is to be sent now: the request first, frames afterwards. */
static struct str next_out(struct websocket *ws)
{
    if (ws->state == UPGRADING)
        return str_sub(buf_str(&ws->request), ws->request_sent, ws->request.n);
    return ws->state == OPEN ? frames_out(ws->frames) : (struct str){NULL, 0};
}

static const char *curl_problem(const struct websocket *ws, CURLcode result)
{
    return *ws->problem ? ws->problem : curl_easy_strerror(result);
}

/* Sends what can be sent, and lets the loop watch for what is wanted next. */
static void flush(struct websocket *ws)
{
    struct str out;
    bool blocked = false;
    while (!blocked && (out = next_out(ws)).n) {
        size_t n = 0;
        CURLcode result = curl_easy_send(ws->easy, out.p, out.n, &n);
        blocked = result == CURLE_AGAIN;
        if (result != CURLE_OK && !blocked) {
            end(ws, ABNORMAL, "cannot send: %s", curl_problem(ws, result));
            return;
        }
        if (ws->state == UPGRADING)
            ws->request_sent += n;
        else
            frames_sent(ws->frames, n);
    }
    if (ws->state >= ENDED)
        return;
    bool choked = ws->state == OPEN && frames_choked(ws->frames);
    loop_watch_for(ws->watch, (choked ? 0U : LOOP_READ) | (blocked ? LOOP_WRITE : 0U));
}

/* --- an open connection ------------------------------------------------------------------------------------- */

static void check_alive(void *arg)
{
    struct websocket *ws = arg;
    int64_t silent_ms = loop_now_ms(ws->loop) - ws->heard_ms, left_ms = ws->options.dead_ms - silent_ms;
    ws->timer = NULL;
    if (left_ms <= 0) {
        end(ws, ABNORMAL, "nothing was heard for %lld ms", (long long)silent_ms);
        return;
    }
    frames_ping(ws->frames);
    set_timer(ws, left_ms < ws->options.ping_ms ? left_ms : ws->options.ping_ms, check_alive);
    flush(ws);
}

static void give_up_closing(void *arg)
{
    struct websocket *ws = arg;
    ws->timer = NULL;
    end_by_frames(ws, "the peer did not answer our close frame");
}

static void on_message(void *arg, struct str text)
{
    struct websocket *ws = arg;
    if (ws->state == OPEN)
        ws->handler->message(ws->arg, text);
}

static void take_frames(struct websocket *ws, struct str bytes)
{
    frames_feed(ws->frames, bytes);
    if (ws->state == OPEN)
        flush(ws);
    if (ws->state == OPEN && frames_over(ws->frames))
        end_by_frames(ws, "closed without a close frame");
}

static void start_frames(struct websocket *ws, struct str bytes)
{
    struct frames_options options = {ws->options.message_max, ws->options.queue_max, on_message, ws};
    ws->frames = frames_new(&options);
    ws->state = OPEN;
    set_timer(ws, ws->options.ping_ms < ws->options.dead_ms ? ws->options.ping_ms : ws->options.dead_ms, check_alive);
    ws->handler->open(ws->arg);
    if (ws->state == OPEN) /* frames may have come together with the head */
        take_frames(ws, bytes);
}

/* --- the handshake ------------------------------------------------------------------------------------------ */

static void take_head(struct websocket *ws, struct str bytes)
{
    struct handshake_reply reply;
    buf_add(&ws->head, bytes);
    enum handshake_end result = handshake_read(buf_str(&ws->head), ws->accept, &reply);
    struct str rest = str_sub(buf_str(&ws->head), reply.head_n, ws->head.n);
    if (result == HANDSHAKE_OPEN) {
        start_frames(ws, rest);
    } else if (result == HANDSHAKE_REFUSED && reply.problem) {
        end(ws, ABNORMAL, "%s", reply.problem);
    } else if (result == HANDSHAKE_REFUSED) {
        buf_add(&ws->end_reason, rest);
        end(ws, ABNORMAL, "the server answered the handshake with status %d", reply.status);
    }
}

static void take(struct websocket *ws, struct str bytes)
{
    ws->heard_ms = loop_now_ms(ws->loop);
    if (ws->state == UPGRADING)
        take_head(ws, bytes);
    else
        take_frames(ws, bytes);
}

/*
 * Reads until libcurl has nothing more: what is left in OpenSSL, poll does not see. After a while others have their
 * turn; this one goes on in the next.
 */
static void read_all(struct websocket *ws)
{
    char bytes[READ_BYTES];
    for (int i = 0; i < READS_A_TURN; i++) {
        size_t n = 0;
        if (ws->state == OPEN && frames_choked(ws->frames))
            return;
        CURLcode result = curl_easy_recv(ws->easy, bytes, sizeof bytes, &n);
        if (result == CURLE_AGAIN)
            return;
        if (result == CURLE_OK && n)
            take(ws, (struct str){bytes, n});
        else if (ws->state == OPEN)
            end_by_frames(ws, result ? "the connection broke" : "the connection ended without a close frame");
        else
            end(ws, ABNORMAL, "the connection ended during the handshake");
        if (ws->state >= ENDED)
            return;
    }
    loop_watch_again(ws->watch);
}

static void release(struct websocket *ws)
{
    let_go(ws);
    frames_free(ws->frames);
    buf_release(&ws->request);
    buf_release(&ws->head);
    buf_release(&ws->end_reason);
    buf_release(&ws->end_problem);
    free(ws);
}

static void on_ready(void *arg, unsigned ready)
{
    struct websocket *ws = arg;
    ws->busy = true;
    if (ready & LOOP_WRITE)
        flush(ws);
    if (ws->state < ENDED)
        read_all(ws);
    ws->busy = false;
    if (ws->freed)
        release(ws);
}

static void on_connected(struct loop_transfer *transfer, int result)
{
    struct websocket *ws = (struct websocket *)transfer;
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (result == CURLE_OK)
        curl_easy_getinfo(ws->easy, CURLINFO_ACTIVESOCKET, &fd);
    if (fd == CURL_SOCKET_BAD) {
        end(ws, ABNORMAL, "%s", result ? curl_problem(ws, (CURLcode)result) : "the connection is gone already");
        return;
    }
    ws->state = UPGRADING;
    ws->watch = loop_watch(ws->loop, fd, LOOP_READ, on_ready, ws);
    flush(ws); /* at once: until then libcurl takes the connection for an idle one */
}

static void give_up_connecting(void *arg)
{
    struct websocket *ws = arg;
    ws->timer = NULL;
    end(ws, ABNORMAL, "not open after %lld ms", (long long)ws->options.connect_ms);
}

/* --- for the owner ------------------------------------------------------------------------------------------ */

static void fill_in(struct websocket_options *o)
{
    o->message_max = o->message_max ? o->message_max : MESSAGE_MAX;
    o->queue_max = o->queue_max ? o->queue_max : QUEUE_MAX;
    o->connect_ms = o->connect_ms ? o->connect_ms : CONNECT_MS;
    o->ping_ms = o->ping_ms ? o->ping_ms : PING_MS;
    o->dead_ms = o->dead_ms ? o->dead_ms : DEAD_MS;
    o->close_ms = o->close_ms ? o->close_ms : CLOSE_MS;
}

/* libcurl knows no ws:// and wss:// here: it opens the connection as if for HTTP, then stands aside. */
static void connect_to(struct websocket *ws, const struct url *url)
{
    const struct websocket_options *o = &ws->options;
    struct easy_options options = {
        .proxy = o->proxy, .ca_file = o->ca_file, .connect_ms = o->connect_ms, .problem = ws->problem};
    struct buf address;
    buf_init(&address, url->authority.n + 16);
    buf_addf(&address, "%s://%.*s/", url->secure ? "https" : "http", STR_FMT(url->authority));
    ws->easy = easy_new(address.p, url, &options, &ws->transfer);
    buf_release(&address);
    curl_easy_setopt(ws->easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(ws->easy, CURLOPT_FRESH_CONNECT, 1L);
    /* Else a server that takes up the offer of HTTP/2 crashes curl_easy_recv. */
    curl_easy_setopt(ws->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    loop_lasting(ws->loop, +1);
    curl_multi_add_handle(loop_curl(ws->loop), ws->easy); /* it stays there: taking it out closes the connection */
}

static void make_handshake(struct websocket *ws, const struct url *url)
{
    unsigned char random[HANDSHAKE_RANDOM];
    char key[HANDSHAKE_KEY + 1];
    for (size_t i = 0; i < sizeof random; i += sizeof(uint32_t)) {
        uint32_t four = sign_random();
        memcpy(random + i, &four, sizeof four);
    }
    handshake_key(random, key);
    handshake_accept(key, ws->accept);
    buf_init(&ws->request, HANDSHAKE_HEAD_MAX);
    handshake_request(&ws->request, url, ws->options.user_agent, key);
}

struct websocket *websocket_open(struct loop *loop, const struct websocket_options *options,
                                 const struct websocket_handler *handler, void *arg)
{
    struct websocket *ws = mem_alloc(sizeof *ws);
    struct url url;
    *ws = (struct websocket){.transfer = {on_connected}, .loop = loop, .handler = handler, .arg = arg};
    ws->options = *options;
    fill_in(&ws->options);
    ws->heard_ms = loop_now_ms(loop);
    buf_init(&ws->head, HANDSHAKE_HEAD_MAX + READ_BYTES);
    buf_init(&ws->end_reason, REFUSAL_MAX);
    buf_init(&ws->end_problem, 2 * EASY_PROBLEM);
    if (!url_parse(str_of(options->url), &url) || !(url.secure || url.loopback)) {
        end(ws, ABNORMAL, "the address is neither wss:// nor a loopback address");
        return ws;
    }
    make_handshake(ws, &url);
    if (ws->request.full) {
        end(ws, ABNORMAL, "the address is too long");
        return ws;
    }
    set_timer(ws, ws->options.connect_ms, give_up_connecting);
    connect_to(ws, &url);
    return ws;
}

bool websocket_send(struct websocket *ws, struct str text)
{
    if (ws->state != OPEN || ws->closing || !frames_text(ws->frames, text))
        return false;
    flush(ws);
    return true;
}

void websocket_close(struct websocket *ws, int code, struct str reason)
{
    if (ws->closing || ws->state >= ENDED)
        return;
    ws->closing = true;
    if (ws->state != OPEN) {
        end(ws, ABNORMAL, "closed by us before it was open");
        return;
    }
    frames_close(ws->frames, code, reason);
    set_timer(ws, ws->options.close_ms, give_up_closing);
    flush(ws);
}

void websocket_free(struct websocket *ws)
{
    if (!ws)
        return;
    if (!ws->busy) {
        release(ws);
        return;
    }
    ws->freed = true;
    ws->state = TOLD;
    if (ws->frames)
        frames_mute(ws->frames);
    let_go(ws);
}
