/*
 * slack_manifest: what Slack needs to make the app, as `docent slack manifest` prints it.
 *
 * The limits are those of the manifest's schema (github slackapi/manifest-schema, 2.0.0, 2026-07).
 */
#ifndef DOCENT_CHANNEL_SLACK_MANIFEST_H
#define DOCENT_CHANNEL_SLACK_MANIFEST_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

struct slack_manifest {
    struct str name;        /* of the app: 1 to 35 characters */
    struct str description; /* 1 to 140 characters */
    struct str command;     /* with its slash: 2 to 32 characters */
    struct str url;         /* where Slack reaches docent, https://…; empty: Socket Mode */
    bool hears_channels;    /* messages that do not mention docent, too: follow-ups in threads */
};

/* The manifest as JSON, for people to read. False: a limit is not kept, and err says which. */
bool slack_manifest(const struct slack_manifest *m, struct buf *out, struct err *err);

/* Scopes of the bot's token that docent works with; ends with NULL. */
const char *const *slack_scopes(bool hears_channels);

#endif
