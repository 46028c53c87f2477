/*
 * places: where things lie: docent's own files in the XDG folders, and what was installed with the program.
 */
#ifndef DOCENT_CMD_PLACES_H
#define DOCENT_CMD_PLACES_H

#include "base/arena.h"
#include "base/str.h"

/*
 * A file of docent's below one of the XDG base folders, or empty when there is no home.
 *     place_file(&a, "XDG_STATE_HOME", ".local/state", "history")
 */
struct str place_file(struct arena *a, const char *variable, const char *below_home, const char *name);

/* The folder of the database: the setting, else $STATE_DIRECTORY, else below $XDG_STATE_HOME; empty when there is no home. */
struct str place_state(struct arena *a, const char *setting);
struct str place_database(struct arena *a, struct str state_folder);

/* The folder of packs that belongs to this program: of its source tree, or where it is installed. */
struct str place_intents(struct arena *a);

/* The file of the program docent-net: beside this one in a build folder, in libexec where it is installed. */
struct str place_net_program(struct arena *a);

#endif
