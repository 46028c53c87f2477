/*
 * websocket_handshake: how a WebSocket begins (RFC 6455, section 4). Bytes in, bytes out; no sockets, no randomness.
 */
#ifndef DOCENT_NET_WEBSOCKET_HANDSHAKE_H
#define DOCENT_NET_WEBSOCKET_HANDSHAKE_H

#include "base/buf.h"
#include "base/str.h"
#include "net/url.h"

#include <stddef.h>

enum { HANDSHAKE_RANDOM = 16, HANDSHAKE_KEY = 24, HANDSHAKE_ACCEPT = 28, HANDSHAKE_HEAD_MAX = 16 << 10 };

/* The key to send, made of random bytes, and what a server must answer to it; both with a NUL behind them. */
void handshake_key(const unsigned char random[HANDSHAKE_RANDOM], char key[HANDSHAKE_KEY + 1]);
void handshake_accept(const char *key, char accept[HANDSHAKE_ACCEPT + 1]);

/* The request. user_agent  NULL: none */
void handshake_request(struct buf *out, const struct url *url, const char *user_agent, const char *key);

enum handshake_end {
    HANDSHAKE_MORE, /* the head is not whole yet */
    HANDSHAKE_OPEN, /* what follows the head are frames */
    HANDSHAKE_REFUSED,
};

struct handshake_reply {
    int status;          /* 0: none was understood */
    size_t head_n;       /* bytes up to and with the blank line; 0: it was not found */
    const char *problem; /* when it was refused, as a sentence part; NULL: the status says it */
};

/* bytes  everything that came so far. A head larger than HANDSHAKE_HEAD_MAX is refused. */
enum handshake_end handshake_read(struct str bytes, const char *accept, struct handshake_reply *reply);

#endif
