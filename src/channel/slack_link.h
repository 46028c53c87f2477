/*
 * slack_link: Slack's Socket Mode, without sockets, clock or randomness.
 *
 * It keeps a number of connections alive. Fed with what happens and with the time, it says what is to be done:
 *
 *     struct slack_link *link = slack_link_new(&options);
 *     slack_link_tick(link, now_ms);
 *     for (struct slack_order order; slack_link_next(link, &order);)
 *         … do it; what comes of it is told by slack_link_url, _closed, _text …
 *     … again at slack_link_due(link) …
 *
 * A connection is asked for (apps.connections.open gives an address that is good for one), opened, and counts as live
 * once Slack has said hello. When Slack announces that it will end one, a replacement is opened first; the old one is
 * read until it ends or ten seconds after the replacement said hello. Connections are numbered from 1 and no number is
 * used twice, so that an acknowledgement finds the connection its envelope came on, or none.
 *
 * Source: docs.slack.dev, "Using Socket Mode"; reconnecting as in Slack's Node SDK 3.2.0.
 */
#ifndef DOCENT_CHANNEL_SLACK_LINK_H
#define DOCENT_CHANNEL_SLACK_LINK_H

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "channel/slack_api.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slack_link;

enum {
    SLACK_CONNECTIONS_MAX = 10,      /* Slack's limit for an app */
    SLACK_LINK_HELLO_MS = 15 * 1000, /* from asking for an address to hello */
    SLACK_LINK_GRACE_MS = 10 * 1000, /* Slack ends a connection about so long after its warning */
    SLACK_LINK_FIRST_MS = 1000,
    SLACK_LINK_MAX_MS = 60 * 1000,
    SLACK_LINK_DISABLED_MS = 5 * 60 * 1000, /* Socket Mode is switched off: look again */
    SLACK_LINK_TOO_MANY_MS = 60 * 1000,
};

struct slack_link_options {
    unsigned connections; /* 1 to SLACK_CONNECTIONS_MAX */
    uint32_t (*random)(void *arg);
    void *arg;
};

enum slack_order_kind {
    SLACK_LINK_ASK,      /* call apps.connections.open, then slack_link_url */
    SLACK_LINK_OPEN,     /* open a WebSocket to text */
    SLACK_LINK_SEND,     /* send text */
    SLACK_LINK_CLOSE,    /* close with 1000, then slack_link_closed */
    SLACK_LINK_DROP,     /* forget it at once; nothing is told any more */
    SLACK_LINK_ENVELOPE, /* an envelope: act on it, then slack_link_acknowledge */
    SLACK_LINK_STOPPED,  /* Slack refuses the token: text says so; nothing is tried any more */
};

struct slack_order {
    enum slack_order_kind kind;
    uint32_t connection;
    struct str text; /* lives until the next call of slack_link_next */
    cJSON *envelope; /* of ENVELOPE: the whole; deleted by the next call of slack_link_next */
};

struct slack_link *slack_link_new(const struct slack_link_options *options);
void slack_link_free(struct slack_link *link);

void slack_link_tick(struct slack_link *link, int64_t now_ms); /* time has passed; the first one starts it */
int64_t slack_link_due(const struct slack_link *link);         /* when to tick again; INT64_MAX: no need to */
bool slack_link_next(struct slack_link *link, struct slack_order *order);

/* The reply to apps.connections.open. url: of SLACK_OK; else empty */
void slack_link_url(struct slack_link *link, uint32_t connection, const struct slack_said *said, struct str url,
                    int64_t now_ms);
void slack_link_text(struct slack_link *link, uint32_t connection, struct str text, int64_t now_ms);
void slack_link_closed(struct slack_link *link, uint32_t connection, int64_t now_ms);

/* payload: JSON that goes back with it, for envelopes that accept one; empty: none. */
void slack_link_acknowledge(struct slack_link *link, uint32_t connection, struct str envelope_id, struct str payload);

/* Ends every connection in good order and opens none any more. */
void slack_link_drain(struct slack_link *link);
bool slack_link_idle(const struct slack_link *link); /* there is no connection */

enum slack_link_state { SLACK_LINK_WAITING, SLACK_LINK_OPENING, SLACK_LINK_LIVE, SLACK_LINK_OFF };

/* How the connections that are wanted stand, in out[0 … connections-1]. */
unsigned slack_link_states(const struct slack_link *link, enum slack_link_state out[SLACK_CONNECTIONS_MAX]);
uint64_t slack_link_reconnects(const struct slack_link *link); /* connections opened in place of others */
const char *slack_link_problem(const struct slack_link *link); /* what somebody should do something about; or NULL */

#endif
