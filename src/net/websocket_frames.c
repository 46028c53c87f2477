#include "net/websocket_frames.h"

#include "base/mem.h"
#include "net/sign.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

enum {
    OUT_MAX = 16 << 10,    /* a TLS record */
    REASON_MAX = 123,      /* RFC 6455, 5.5.1 */
    WAITING_MAX = 1000,    /* frames: pongs for a peer that pings and does not read */
    FRAGMENTS_MAX = 10000, /* of one message: each costs memory beside its bytes */
};

struct frames {
    wslay_event_context_ptr wslay;
    struct frames_options options;
    struct str in; /* of what is being fed, the rest */
    char out[OUT_MAX];
    size_t out_n, out_sent;
    bool muted;
    size_t fragments;
    const char *fault;
    char reason[REASON_MAX];
    size_t reason_n;
    unsigned long dropped;
};

/* wslay's answer to what cannot go wrong but for want of memory. */
static void must(int result)
{
    if (result == WSLAY_ERR_NOMEM) {
        fputs("docent: out of memory\n", stderr);
        exit(70);
    }
}

static ssize_t give(wslay_event_context_ptr wslay, uint8_t *bytes, size_t max, int flags, void *arg)
{
    struct frames *f = arg;
    size_t n = f->in.n < max ? f->in.n : max;
    (void)flags;
    if (n == 0 || f->muted) {
        wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK); /* "nothing yet": 0 would mean an error */
        return -1;
    }
    memcpy(bytes, f->in.p, n);
    f->in = str_sub(f->in, n, f->in.n);
    return (ssize_t)n;
}

static ssize_t take(wslay_event_context_ptr wslay, const uint8_t *bytes, size_t n, int flags, void *arg)
{
    struct frames *f = arg;
    (void)flags;
    if (n > OUT_MAX - f->out_n)
        n = OUT_MAX - f->out_n;
    if (n == 0) {
        wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(f->out + f->out_n, bytes, n);
    f->out_n += n;
    return (ssize_t)n;
}

static int make_mask(wslay_event_context_ptr wslay, uint8_t *mask, size_t n, void *arg)
{
    (void)wslay, (void)arg;
    for (size_t i = 0; i < n; i += sizeof(uint32_t)) {
        uint32_t random = sign_random();
        memcpy(mask + i, &random, n - i < sizeof random ? n - i : sizeof random);
    }
    return 0;
}

static void on_frame(wslay_event_context_ptr wslay, const struct wslay_event_on_frame_recv_start_arg *frame, void *arg)
{
    struct frames *f = arg;
    if (wslay_is_ctrl_frame(frame->opcode))
        return;
    f->fragments = frame->opcode == WSLAY_CONTINUATION_FRAME ? f->fragments + 1 : 0;
    if (f->fragments > FRAGMENTS_MAX) {
        f->fault = "a message in too many fragments";
        wslay_event_shutdown_read(wslay);
        must(wslay_event_queue_close(wslay, WSLAY_CODE_MESSAGE_TOO_BIG, NULL, 0));
    }
}

static void on_message(wslay_event_context_ptr wslay, const struct wslay_event_on_msg_recv_arg *message, void *arg)
{
    struct frames *f = arg;
    (void)wslay;
    if (message->opcode == WSLAY_CONNECTION_CLOSE && message->msg_length > 2) {
        f->reason_n = message->msg_length - 2 < REASON_MAX ? message->msg_length - 2 : REASON_MAX;
        memcpy(f->reason, message->msg + 2, f->reason_n);
    }
    f->dropped += message->opcode == WSLAY_BINARY_FRAME;
    if (message->opcode == WSLAY_TEXT_FRAME && !f->muted && !f->fault)
        f->options.message(f->options.arg, (struct str){(const char *)message->msg, message->msg_length});
}

struct frames *frames_new(const struct frames_options *options)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = give,
        .send_callback = take,
        .genmask_callback = make_mask,
        .on_frame_recv_start_callback = on_frame,
        .on_msg_recv_callback = on_message,
    };
    struct frames *f = mem_alloc(sizeof *f);
    f->options = *options;
    must(wslay_event_context_client_init(&f->wslay, &callbacks, f));
    wslay_event_config_set_max_recv_msg_length(f->wslay, options->message_max);
    return f;
}

void frames_free(struct frames *f)
{
    if (!f)
        return;
    wslay_event_context_free(f->wslay);
    free(f);
}

void frames_mute(struct frames *f)
{
    f->muted = true;
}

/* Why wslay has sent a close frame that answers none. */
static const char *name_fault(int code)
{
    switch (code) {
    case WSLAY_CODE_PROTOCOL_ERROR:
        return "a frame that breaks the protocol";
    case WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA:
        return "a text that is not UTF-8";
    case WSLAY_CODE_MESSAGE_TOO_BIG:
        return "a message that is too large";
    default:
        return "a frame that cannot be read";
    }
}

void frames_feed(struct frames *f, struct str bytes)
{
    f->in = bytes;
    must(wslay_event_recv(f->wslay));
    f->in = (struct str){NULL, 0};
}

/* --- sending ------------------------------------------------------------------------------------------------ */

static bool queue(struct frames *f, uint8_t opcode, struct str bytes)
{
    struct wslay_event_msg message = {opcode, (const uint8_t *)bytes.p, bytes.n};
    int result = wslay_event_queue_msg(f->wslay, &message);
    must(result);
    return result == 0;
}

static size_t waiting(const struct frames *f)
{
    return wslay_event_get_queued_msg_length(f->wslay) + f->out_n - f->out_sent;
}

bool frames_text(struct frames *f, struct str text)
{
    size_t in_use = waiting(f);
    if (in_use > f->options.queue_max || text.n > f->options.queue_max - in_use)
        return false;
    return queue(f, WSLAY_TEXT_FRAME, text);
}

bool frames_ping(struct frames *f)
{
    return queue(f, WSLAY_PING, STR(""));
}

void frames_close(struct frames *f, int code, struct str reason)
{
    size_t n = reason.n < REASON_MAX ? reason.n : REASON_MAX;
    must(wslay_event_queue_close(f->wslay, (uint16_t)code, (const uint8_t *)reason.p, n));
}

struct str frames_out(struct frames *f)
{
    must(wslay_event_send(f->wslay));
    return (struct str){f->out + f->out_sent, f->out_n - f->out_sent};
}

void frames_sent(struct frames *f, size_t n)
{
    f->out_sent += n;
    if (f->out_sent == f->out_n)
        f->out_sent = f->out_n = 0;
}

/* --- the end ------------------------------------------------------------------------------------------------ */

bool frames_over(const struct frames *f)
{
    return !wslay_event_want_read(f->wslay) && !wslay_event_want_write(f->wslay) && f->out_n == 0;
}

bool frames_choked(const struct frames *f)
{
    return waiting(f) > f->options.queue_max || wslay_event_get_queued_msg_count(f->wslay) > WAITING_MAX;
}

int frames_close_code(const struct frames *f)
{
    return wslay_event_get_status_code_received(f->wslay);
}

struct str frames_close_reason(const struct frames *f)
{
    return (struct str){f->reason, f->reason_n};
}

const char *frames_fault(const struct frames *f)
{
    if (f->fault || wslay_event_want_read(f->wslay) || wslay_event_get_close_received(f->wslay))
        return f->fault;
    return name_fault(wslay_event_get_status_code_sent(f->wslay));
}

unsigned long frames_dropped(const struct frames *f)
{
    return f->dropped;
}
