/*
 * discord_gateway: one link to Discord's Gateway (API version 10), as a state machine without socket, clock or chance.
 *
 * It is told what happened and when; what is to be done waits in a queue, which is emptied after every call:
 *
 *     struct discord_gateway *g = discord_gateway_new(&options);
 *     discord_gateway_start(g, now_ms);
 *     while (discord_gateway_next(g, &action)) …               connect, send, close, learn, stop
 *     … discord_gateway_opened, _message, _closed, and _tick when discord_gateway_due says so …
 *
 * What was received counts only when the caller says that it is kept (discord_gateway_kept): heartbeats and resumes
 * name the last event that was, so Discord sends again what was not. Times are of one clock that does not go back.
 * Sources: Discord's documentation, "Gateway", "Gateway Events", "Opcodes and Status Codes".
 */
#ifndef DOCENT_CHANNEL_DISCORD_GATEWAY_H
#define DOCENT_CHANNEL_DISCORD_GATEWAY_H

#include "base/json.h"
#include "base/str.h"
#include "channel/discord_starts.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    GATEWAY_SENDS_MAX = 120,       /* in a minute, heartbeats included: more closes with 4008 */
    GATEWAY_SEND_BYTES_MAX = 4096, /* larger closes with 4002 */
    GATEWAY_CLOSE_KEEP = 4200,     /* our close code when the session shall live on: any but 1000 and 1001 */
};

enum gateway_intents { /* documentation, "Gateway", List of Intents */
                       GATEWAY_GUILD_MESSAGES = 1 << 9,
                       GATEWAY_DIRECT_MESSAGES = 1 << 12,
                       GATEWAY_MESSAGE_CONTENT = 1 << 15,
};

struct discord_gateway;

struct discord_gateway_options {
    struct str token; /* copied */
    unsigned intents;
    int shard, count;
    struct discord_starts *starts; /* shared by all links; outlives them */
};

struct discord_gateway *discord_gateway_new(const struct discord_gateway_options *options);
void discord_gateway_free(struct discord_gateway *g);

/* What a session needs to be resumed, also by a later process. Texts are views until the next call. */
struct gateway_session {
    struct str id; /* empty: none */
    struct str url;
    struct str bot, application; /* our own ids, from READY */
    int64_t seq;                 /* of the last event that was kept; 0: none */
};
struct gateway_session discord_gateway_session(const struct discord_gateway *g);
void discord_gateway_restore(struct discord_gateway *g, const struct gateway_session *session); /* before start */

/* --- what is to be done ------------------------------------------------------------------------------------- */

enum gateway_do {
    GATEWAY_CONNECT, /* open a WebSocket to `text` */
    GATEWAY_SEND,    /* send `text`; may hold the token */
    GATEWAY_CLOSE,   /* close with `code`; `text` says why, for the log */
    GATEWAY_LEARN,   /* ask GET /gateway/bot again: the address does not work */
    GATEWAY_STOP,    /* never again: `text` says what an administrator must do */
};
struct gateway_action {
    enum gateway_do what;
    int code;
    struct str text; /* a view until the next call of anything here */
};
bool discord_gateway_next(struct discord_gateway *g, struct gateway_action *out);

/* --- what happened; random: any 32 bits --------------------------------------------------------------------- */

void discord_gateway_start(struct discord_gateway *g, int64_t now_ms);
void discord_gateway_tick(struct discord_gateway *g, int64_t now_ms);
int64_t discord_gateway_due(const struct discord_gateway *g); /* when to tick; INT64_MAX: not */
void discord_gateway_opened(struct discord_gateway *g, int64_t now_ms);
void discord_gateway_closed(struct discord_gateway *g, int code, int64_t now_ms, uint32_t random);

struct gateway_event {
    struct str type; /* "MESSAGE_CREATE", "READY", … */
    const cJSON *d;
    int64_t seq;
    cJSON *tree; /* holds both: free it with cJSON_Delete */
};
/* True when the text brought an event, which *out then holds. */
bool discord_gateway_message(struct discord_gateway *g, struct str text, int64_t now_ms, uint32_t random,
                             struct gateway_event *out);
void discord_gateway_kept(struct discord_gateway *g, int64_t seq);
/* An event could not be kept: close, and have Discord send it again after a while. */
void discord_gateway_refuse(struct discord_gateway *g, uint32_t random);
/* Closes for good, so that the session lives on for who comes next. */
void discord_gateway_drain(struct discord_gateway *g);

enum gateway_link { GATEWAY_DOWN, GATEWAY_OPENING, GATEWAY_UP, GATEWAY_STOPPED };
enum gateway_link discord_gateway_link(const struct discord_gateway *g);

#endif
