/*
 * doctor: checks of what docent needs to run, each of which says in words what is wrong and what to do about it.
 *
 * A platform's checks stand in a file of their own; each is a row in doctor.c.
 */
#ifndef DOCENT_CMD_NET_DOCTOR_H
#define DOCENT_CMD_NET_DOCTOR_H

#include "cmd/command.h"
#include "cmd/net/fetch.h"
#include "cmd/secrets.h"

#include <stdbool.h>
#include <stdint.h>

struct doctor {
    const struct settings *settings;
    struct secrets secrets;
    struct fetch fetch;
    struct arena arena;
    size_t problems, warnings;
    bool clock_checked;
};

enum doctor_finding { DOCTOR_OK, DOCTOR_NOTE, DOCTOR_WARNING, DOCTOR_PROBLEM };

/* Prints what was found, and on a line below what to do about it. advice: a sentence part; NULL: nothing to be done */
void doctor_say(struct doctor *d, enum doctor_finding finding, const char *advice, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A reply that did not come: why, and what usually helps. */
void doctor_unreached(struct doctor *d, const char *whom, const struct http_reply *reply);

/* Compares the clock with the Date that a server sent; once is enough. */
void doctor_clock(struct doctor *d, struct str date);

/* A request with this bearer token or NULL. */
void doctor_ask(struct doctor *d, const char *method, const char *url, const char *header, struct str body,
                void (*read)(void *arg, const struct http_reply *reply), void *arg);

void doctor_slack(struct doctor *d);
void doctor_discord(struct doctor *d);

#endif
