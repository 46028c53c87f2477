/*
 * settings: what was asked for on the command line, in the environment and in the config file.
 *
 * Flags > environment (DOCENT_*) > config file > built in. A config file is JSON with comments: --config FILE or
 * DOCENT_CONFIG, else $XDG_CONFIG_HOME/docent/docent.json, else /etc/docent/docent.json.
 *
 *     struct settings s = {0};
 *     … opt_parse with settings_options(&s) …
 *     if (!settings_load(&s, &diags, &err)) …
 *     settings_release(&s);
 */
#ifndef DOCENT_CMD_SETTINGS_H
#define DOCENT_CMD_SETTINGS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/opt.h"

#include <stdbool.h>
#include <stddef.h>

struct str_list {
    const struct str *items;
    size_t n;
};

struct settings_rules { /* of one platform: who may ask where, see channel/rules.h */
    struct str_list allowed, denied, everything;
    bool threads;
    int per_minute;
};

struct settings {
    struct { /* options common to all commands, as given */
        struct opt_list packs;
        const char *config;
        bool verbose, quiet, no_color, help, version;
    } flags;

    struct opt_list packs; /* folders; those that docent comes with when none are named */
    const char *color;     /* "auto", "always" or "never" */
    int width;             /* columns; 0: as wide as the terminal, but not more than 100 */

    /* of docent-net's commands */
    const char *listen;          /* "ADDR:PORT" */
    const char *state_dir;       /* where the database lies; empty: see place_state */
    const char *proxy, *ca_file; /* empty: as libcurl's environment variables say, the system's */
    int keep_questions_days, expire_minutes;
    struct {
        bool socket_mode, http; /* transports, where their secrets are there, too */
        const char *command;    /* the slash command */
        int connections;        /* of Socket Mode */
        int channel_gap_ms;     /* least time between two messages in a channel */
        struct settings_rules rules;
    } slack;
    struct {
        bool gateway, interactions;
        bool message_content; /* ask for the privileged intent */
        const char *shards;   /* "auto", or "FIRST-LAST/COUNT" */
        struct settings_rules rules;
    } discord;

    struct arena arena; /* what the above points into */
};

enum { SETTINGS_OPTIONS = 7 };
void settings_options(struct settings *s, struct opt rows[SETTINGS_OPTIONS]);

/* Puts everything in force. False: mistakes in the config file are in diags, anything else is in err. */
bool settings_load(struct settings *s, struct diags *diags, struct err *err);
void settings_release(struct settings *s);

/* Adds the keys that differ of those that docent serve heeds only when it starts, with ", " between. */
void settings_changed_at_start(const struct settings *before, const struct settings *after, struct buf *out);

/* Whether to write colours to this file descriptor. */
bool settings_color(const struct settings *s, int fd);

/* Columns to wrap at on this file descriptor, as it is now; 0: it is no terminal. */
size_t settings_width(const struct settings *s, int fd);

#endif
