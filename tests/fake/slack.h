/*
 * What fake_slack is made of: the Web API and hooks (fake_slack.c), messages checked as Slack would (slack_check.c),
 * what it sends and sends again (slack_sender.c), and thousands of questions (slack_load.c).
 */
#ifndef FAKE_SLACK_H
#define FAKE_SLACK_H

#include "fake.h"

#define FAKE_TEAM "T0DOCENT1"
#define FAKE_SELF "U0DOCENT1"
#define FAKE_BOT "B0DOCENT1"

struct slack_setup {
    const char *secret, *bot_token, *app_token;
    int64_t pace_ms; /* posts to a channel that come sooner get 429; 0: as fast as they like */
};
extern struct slack_setup slack_setup;

/* --- messages ----------------------------------------------------------------------------------------------- */

/* The error word of a message that Slack would refuse; NULL: it is fine. */
const char *slack_check_message(const cJSON *message);

/* --- sending ------------------------------------------------------------------------------------------------ */

enum slack_via { VIA_HTTP, VIA_SOCKET };

struct slack_act {    /* something to be delivered to docent */
    const char *type; /* "events_api", "slash_commands", "interactive" */
    enum slack_via via;
    cJSON *payload; /* taken over */
    int tries_max;
    /* over HTTP: what is wrong with it */
    const char *sign; /* "bad", "none", "upper", "v1", "old": NULL: nothing */
    int64_t age_s;
    int truncate;    /* bytes cut off after it was signed */
    const char *raw; /* sent as the body instead of the payload */
    const char *content_type;
    bool drop; /* the first acknowledgement is lost on its way */
    /* Called once it is acknowledged (status 200) or given up (the last status, 0: none). */
    void (*done)(void *arg, int status, struct str body);
    void *arg;
};

void slack_sender_start(struct fake *f);
void slack_send(struct slack_act act);
void slack_send_to_port(int port); /* where docent listens from now on */
size_t slack_sending(void);        /* deliveries that are neither acknowledged nor given up */
void slack_sender_message(struct fake_conn *c, struct str text); /* of a Socket Mode connection */
void slack_sender_gone(struct fake_conn *c);
void slack_disconnect(struct fake *f, const char *reason, int64_t close_ms); /* every connection */
extern int64_t slack_ack_ms;      /* after which an act that was not acknowledged is sent again */
extern int64_t slack_retry_ms[3]; /* before the first, second and any further repetition */

/* --- questions by the thousand ------------------------------------------------------------------------------- */

void slack_load_start(struct fake *f);
bool slack_load_serves(struct fake_request *r);                  /* /_slack/load… */
void slack_load_answered(const cJSON *message, struct str hook); /* a message was posted, perhaps an answer */

#endif
