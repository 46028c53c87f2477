/*
 * slack_api: what Slack says to a call, and what to do about it.
 *
 * Success and most failures come as HTTP 200 with "ok" and "error"; 429 means too fast; 5xx bodies may be HTML. The
 * table of error words is that of docs.slack.dev's method pages (2026-08), by what helps: see slack_api.c.
 */
#ifndef DOCENT_CHANNEL_SLACK_API_H
#define DOCENT_CHANNEL_SLACK_API_H

#include "base/arena.h"
#include "base/json.h"
#include "channel/platform.h"
#include "net/http_client.h"

#include <stdbool.h>
#include <stdint.h>

enum slack_class {
    SLACK_OK,
    SLACK_DEAD,        /* the token is no good, for any call */
    SLACK_PERMISSION,  /* docent may not do this */
    SLACK_DESTINATION, /* not there, or not like this */
    SLACK_OUR_BUG,     /* Slack does not understand docent */
    SLACK_BLOCKS,      /* the same, for the blocks: plain text may do */
    SLACK_WAIT,        /* too fast */
    SLACK_RETRY,       /* trouble over there; nothing was done */
    SLACK_UNSURE,      /* trouble, and something may have been done */
};

enum { SLACK_WAIT_MS = 30 * 1000 }; /* when Slack does not say for how long */

struct slack_said {
    enum slack_class class;
    char error[64];   /* Slack's word, or "http 503", or what went wrong on the way */
    char detail[192]; /* the missing scope, the field that was wrong; else empty */
    int64_t wait_ms;  /* of WAIT */
};

/* Reads a reply to a Web API call. Where it is SLACK_OK and tree is not NULL, *tree is the reply, for cJSON_Delete. */
struct slack_said slack_api_read(const struct http_reply *reply, cJSON **tree);

/* Reads a reply to a post to a response_url. */
struct slack_said slack_hook_read(const struct http_reply *reply);

enum slack_class slack_error_class(struct str error);

/* What a person can do about this error word, one sentence; NULL: nothing in particular. */
const char *slack_error_advice(const char *error);

/*
 * The same for the delivery. body: of the post that was answered; reasons and texts lie in the arena.
 * hook: it went to a response_url, which is a lane of its own and no Web API call.
 */
struct sent slack_sent(const struct slack_said *said, struct str body, bool hook, struct arena *a);

#endif
