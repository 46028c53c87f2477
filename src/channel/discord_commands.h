/*
 * discord_commands: the commands that docent registers with Discord, and what differs from those that are there.
 *
 * Registering is rare and writes only what changed: Discord allows 200 new commands a day.
 */
#ifndef DOCENT_CHANNEL_DISCORD_COMMANDS_H
#define DOCENT_CHANNEL_DISCORD_COMMANDS_H

#include "base/buf.h"
#include "base/json.h"

#include <stdbool.h>

/*
 * The body of the call that replaces all commands: a JSON array.
 * one_server  those of one server: they name no places where they are shown
 */
struct str discord_commands_json(bool one_server);

/*
 * Whether what Discord has (the answer to the call that lists commands) must be replaced; a line into out for each
 * command that is new, changed or to go.
 */
bool discord_commands_differ(const cJSON *there, bool one_server, struct buf *out);

#endif
