/*
 * slack_parts: what channel/slack*.c share among themselves. slack.c starts and sends, slack_take.c takes what comes,
 * over HTTP and out of envelopes, slack_sockets.c moves the bytes of Socket Mode.
 */
#ifndef DOCENT_CHANNEL_SLACK_PARTS_H
#define DOCENT_CHANNEL_SLACK_PARTS_H

#include "channel/slack.h"

#include "base/arena.h"
#include "channel/slack_api.h"
#include "channel/slack_event.h"
#include "channel/slack_link.h"
#include "net/websocket.h"

struct slack_socket { /* a WebSocket of a connection of slack_link's */
    struct slack *slack;
    uint32_t connection;
    struct websocket *ws;
    struct slack_socket *next;
};

/* A call to Slack under way. */
struct slack_call {
    struct slack *slack;
    struct http_call *http;
    struct slack_call *next, *before;
    void (*done)(struct slack_call *call, const struct http_reply *reply);
    uint32_t connection; /* of apps.connections.open */
    bool hook;           /* a post to a response_url */
    struct str body;     /* of a post; kept for the case that its blocks are refused */
    void (*sent)(void *arg, const struct sent *sent);
    void *arg;
};

struct slack {
    struct slack_options options;
    struct platform platform;
    struct arena lasting; /* options, who we are */
    struct arena scratch; /* of one event */
    struct slack_self self;
    const char *bot_header, *app_header; /* "Authorization: Bearer …" */

    bool ready; /* auth.test has told who we are */
    bool draining;
    const char *dead;  /* the token is refused: why; NULL while it is not */
    unsigned attempts; /* of auth.test */
    struct timer *retry;
    struct slack_call *calls;
    uint64_t complained; /* hash of the last missing permission that was logged */

    struct slack_link *link; /* NULL: no Socket Mode */
    struct slack_socket *sockets;
    struct timer *due;
    bool moving;         /* slack_sockets_move is at work */
    const char *problem; /* of the link, as last logged */
    enum slack_link_state states[SLACK_CONNECTIONS_MAX];
    uint64_t reconnects;
    size_t acknowledging; /* taken, not yet acknowledged */
};

/* --- slack.c ------------------------------------------------------------------------------------------------ */

/* header: one of the two above, or NULL. done gets the call, which is freed afterwards. */
struct slack_call *slack_call(struct slack *s, const char *url, const char *header, const char *content_type,
                              struct str body, void (*done)(struct slack_call *call, const struct http_reply *reply));
const char *slack_method_url(struct slack *s, const char *method); /* in scratch */
void slack_die(struct slack *s, const struct slack_said *said, const char *variable);

/* --- slack_take.c ------------------------------------------------------------------------------------------- */

void slack_take_envelope(struct slack *s, uint32_t connection, const cJSON *envelope);

/* --- slack_sockets.c ---------------------------------------------------------------------------------------- */

void slack_sockets_start(struct slack *s);
void slack_sockets_move(struct slack *s); /* does what slack_link ordered; to be called after everything told to it */
void slack_sockets_drain(struct slack *s);
void slack_sockets_free(struct slack *s);

#endif
