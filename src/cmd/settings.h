/*
 * settings: what docent is told to do, by whom it likes.
 *
 * Flags win over the environment (DOCENT_*), that over the config files, those over what is built in. Two config files
 * are read when they are there, setting by setting: `--config FILE` (or $DOCENT_CONFIG), else
 * $XDG_CONFIG_HOME/docent/docent.json, wins over /etc/docent/docent.json.
 *
 * A setting is one row of the table in settings.c, and a comment in config/docent.json.
 */
#ifndef DOCENT_CMD_SETTINGS_H
#define DOCENT_CMD_SETTINGS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/opt.h"

#include <stdbool.h>
#include <stddef.h>

enum { SETTINGS_PACKS_MAX = OPT_LIST_MAX };

struct path_list {
    const char *items[SETTINGS_PACKS_MAX];
    size_t n;
};

/* The options that all commands have. */
struct common_options {
    struct opt_list packs;
    const char *config;
    bool verbose, quiet, no_color, help, version;
};
#define COMMON_ROWS 7
extern const struct opt common_rows[COMMON_ROWS];

struct settings {
    struct path_list packs;         /* folders; at least one */
    bool color;                     /* false: never; true: where the stream is a terminal that can */
    bool verbose, quiet;
    struct arena arena;             /* holds the texts above that are not from argv */
};

/*
 * Fills zeroed settings. false after printing what is wrong to stderr: STATUS_CONFIG, the mistakes in a config file
 * with their places.
 */
bool settings_load(struct settings *s, const struct common_options *flags);
void settings_release(struct settings *s);

bool settings_color(const struct settings *s, int fd);  /* may what goes to this descriptor have colours? */

/*
 * A folder of the XDG Base Directory Specification, with "/docent" behind it: of the variable if that is absolute,
 * else below $HOME. Empty when there is neither. Lives in the arena, NUL-terminated.
 *     settings_home(a, "XDG_CACHE_HOME", ".cache")
 */
struct str settings_home(struct arena *a, const char *variable, const char *below_home);

#endif
