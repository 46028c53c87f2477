/*
 * slack: docent on Slack. Moves bytes between the loop and what knows Slack's protocol: slack_event (what happened),
 * slack_link (Socket Mode), slack_posts (answers), slack_api (what Slack says to a call).
 *
 *     struct slack *s = slack_new(&options, &err);
 *     desk_platform(desk, slack_platform(s));
 *     slack_start(s);                         after desk_start
 *     … route "POST", "/slack/events" and the others -> slack_serve …
 *     slack_drain(s); … until desk_idle and slack_idle … slack_free(s);
 *
 * Nothing is taken before auth.test has told who we are; until then Slack is told to come back.
 */
#ifndef DOCENT_CHANNEL_SLACK_H
#define DOCENT_CHANNEL_SLACK_H

#include "base/err.h"
#include "channel/desk.h"
#include "channel/link.h"
#include "channel/metrics.h"
#include "channel/platform.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slack;

#define SLACK_API_URL "https://slack.com/api/"

struct slack_options { /* copied; the pointers below outlive the slack */
    struct loop *loop;
    struct http_client *http;
    struct desk *desk;
    struct metrics *metrics;
    int64_t (*clock_ms)(void); /* Unix time */

    const char *bot_token;
    const char *app_token;                    /* NULL: no Socket Mode */
    const char *signing_secret;               /* NULL: nothing over HTTP */
    const char *api_url;                      /* NULL: SLACK_API_URL; with or without a slash at the end */
    const char *command;                      /* NULL: "/ask" */
    unsigned connections;                     /* of Socket Mode, at most 10; 0: 1 */
    int64_t lane_ms;                          /* between two messages in a channel; 0: 1,000, as Slack wants */
    const char *user_agent, *proxy, *ca_file; /* of Socket Mode's connections, as in websocket.h */

    /* Slack refuses a token for good. reason: one sentence for people, also logged; lives during the call. */
    void (*dead)(void *arg, const char *reason);
    void *arg;
};

/* NULL and err (status CONFIG) when an option makes no sense. */
struct slack *slack_new(const struct slack_options *options, struct err *err);
void slack_free(struct slack *s); /* NULL is fine */

const struct platform *slack_platform(struct slack *s);
void slack_start(struct slack *s);
void slack_drain(struct slack *s);      /* takes nothing more: over HTTP Slack is told to come back */
bool slack_idle(const struct slack *s); /* what was acknowledged is, and every connection is closed */

/* "web api", "http", "socket 1", … : returns how many were written. */
size_t slack_links(const struct slack *s, struct link *out, size_t max);

/*
 * POST /slack/events, /slack/commands and /slack/interactivity, which tell by what they hold what they are; arg is the
 * struct slack. The signature is checked before anything is read.
 */
void slack_serve(void *arg, struct http_exchange *x);

#endif
