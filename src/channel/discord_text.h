/*
 * discord_text: what somebody wrote on Discord, as plain words.
 *
 *     discord_plain(STR("<@1100000000000000002> when are **you** open?"), &a)     // when are you open?
 *
 * Names of people, roles, channels, commands, emoji and times, which Discord writes as <…>, become a space; marks of
 * its Markdown go, what they mark stays. Source: Discord's documentation, "Reference", section Message Formatting.
 */
#ifndef DOCENT_CHANNEL_DISCORD_TEXT_H
#define DOCENT_CHANNEL_DISCORD_TEXT_H

#include "base/arena.h"
#include "base/str.h"

struct str discord_plain(struct str content, struct arena *a);

#endif
