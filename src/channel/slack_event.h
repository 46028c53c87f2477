/*
 * slack_event: what happened on Slack, in docent's words.
 *
 *     struct slack_event e = slack_read_event(body, &self, &arena);
 *     if (e.act == SLACK_TAKE)
 *         desk_take(desk, &e.in, kept, arg);
 *
 * Pure: nothing is sent and nothing is looked up. Texts of the result are views into the JSON tree or lie in the arena.
 * Sources: docs.slack.dev, "The Events API", "Implementing slash commands", "Handling user interaction". In this order
 * it is decided whether an event is for us: kind of event, who wrote it; whether it addresses us is the desk's
 * question, because the keys of what is not for us must stay unused: a mention comes twice, as app_mention and as
 * message.
 */
#ifndef DOCENT_CHANNEL_SLACK_EVENT_H
#define DOCENT_CHANNEL_SLACK_EVENT_H

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "channel/incoming.h"
#include "channel/slack_target.h"

struct slack_self {
    struct str team, user, bot; /* ids, as auth.test tells them */
    struct str api_url;         /* what response_urls are measured by */
};

enum slack_act {
    SLACK_IGNORE,    /* not for us: acknowledge, do nothing */
    SLACK_TAKE,      /* for the desk */
    SLACK_HELP,      /* /ask help: explain yourself, to that person alone */
    SLACK_CHALLENGE, /* answer with `challenge` */
    SLACK_STRANGE,   /* not what Slack sends */
};

struct slack_event {
    enum slack_act act;
    const char *why; /* of IGNORE and STRANGE: for the log */
    struct incoming in;
    struct slack_target target; /* in.target is the same, as JSON */
    struct str challenge;
};

/* The body of an Events API request, or the payload of an envelope of type events_api. */
struct slack_event slack_read_event(const cJSON *body, const struct slack_self *self, struct arena *a);

/* The fields of a slash command: as a form over HTTP (slack_form), as an object in Socket Mode. */
struct slack_event slack_read_command(const cJSON *fields, const struct slack_self *self, struct arena *a);

/* The payload of an interaction: a click on a button. */
struct slack_event slack_read_click(const cJSON *payload, const struct slack_self *self, struct arena *a);

/*
 * A form (application/x-www-form-urlencoded) as an object of strings; at most 64 fields, further ones are left out. Of
 * a name that comes twice the first counts. Free with cJSON_Delete.
 */
cJSON *slack_form(struct str body);

#endif
