/*
 * websocket_frames: the frames of a client's WebSocket (RFC 6455, section 5), by wslay. Bytes in, bytes out.
 *
 *     frames_feed(f, bytes_that_came);                   calls `message` for each whole text message
 *     frames_text(f, STR("hello"));
 *     while ((out = frames_out(f)).n && send(out))  frames_sent(f, n);
 *     if (frames_over(f))  … close the connection …
 *
 * Pings are answered, fragments joined, text checked to be UTF-8; what breaks the protocol is answered with a close
 * frame, after which nothing more is read.
 */
#ifndef DOCENT_NET_WEBSOCKET_FRAMES_H
#define DOCENT_NET_WEBSOCKET_FRAMES_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct frames;

struct frames_options {
    size_t message_max; /* bytes of one message; larger ones close with 1009 */
    size_t queue_max;   /* bytes that may wait to be sent */
    void (*message)(void *arg, struct str text);
    void *arg;
};

struct frames *frames_new(const struct frames_options *options);
void frames_free(struct frames *f); /* not from within message */

void frames_feed(struct frames *f, struct str bytes);
void frames_mute(struct frames *f); /* no message is told any more; may be called from within one */

bool frames_text(struct frames *f, struct str text); /* false: it is closing, or the queue is full */
bool frames_ping(struct frames *f);
void frames_close(struct frames *f, int code, struct str reason); /* a reason is cut at 123 bytes; 0: no code */

/*
 * What to send next. Once shown, these bytes stay where they are until they are sent, and only grow: TLS demands that
 * what could not be sent is offered again from the same place.
 */
struct str frames_out(struct frames *f);
void frames_sent(struct frames *f, size_t n);

bool frames_over(const struct frames *f);   /* closed from both sides, or broken, and all is sent */
bool frames_choked(const struct frames *f); /* so much waits to be sent that nothing more should be read */

int frames_close_code(const struct frames *f);          /* that the peer sent; 1005: without code; 1006: none came */
struct str frames_close_reason(const struct frames *f); /* may be anything but is UTF-8 */
const char *frames_fault(const struct frames *f);       /* what the peer did wrong; NULL: nothing */
unsigned long frames_dropped(const struct frames *f);   /* binary messages, so far */

#endif
