/*
 * secrets: tokens and keys, from the environment or from files, never from the command line or the config file.
 *
 * Each comes from the variable of its name, or from the file that the variable NAME_FILE names (a systemd credential),
 * without white space around it. What is read is never logged or printed.
 */
#ifndef DOCENT_CMD_SECRETS_H
#define DOCENT_CMD_SECRETS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

/* The variables; the member of struct secrets is the name in lower case. */
#define SECRETS(X) \
    X(slack_bot_token, "SLACK_BOT_TOKEN") \
    X(slack_app_token, "SLACK_APP_TOKEN") \
    X(slack_signing_secret, "SLACK_SIGNING_SECRET") \
    X(slack_webhook_url, "SLACK_WEBHOOK_URL") \
    X(discord_token, "DISCORD_TOKEN") \
    X(discord_application_id, "DISCORD_APPLICATION_ID") \
    X(discord_public_key, "DISCORD_PUBLIC_KEY") \
    X(discord_webhook_url, "DISCORD_WEBHOOK_URL") \
    X(slack_api_url, "SLACK_API_URL") \
    X(discord_api_url, "DISCORD_API_URL")

struct secrets {
#define X(member, variable) struct str member; /* empty: not there; NUL behind it */
    SECRETS(X)
#undef X
};

enum { SECRET_MAX_BYTES = 4096 };

/* Reads all of them into the arena. False: a file cannot be read, or a value has a control character or white space in it. */
bool secrets_read(struct secrets *secrets, struct arena *a, struct err *err);

/* Adds the names of the variables whose values differ, with ", " between. */
void secrets_changed(const struct secrets *before, const struct secrets *after, struct buf *out);

#endif
