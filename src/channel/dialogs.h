/*
 * dialogs: the conversations of a channel, each known by a name, as many as there is room for.
 *
 *     struct dialogs *all = dialogs_new(1000, 60 * 60 * 1000);
 *     struct dialog *dialog = dialogs_get(all, STR("C024/U171"), now_ms);
 *     … docent_ask(d, dialog, text, &arena) …
 *     dialogs_free(all);
 *
 * The one that was not used for longest makes room for a new one. One that was not used for its time to live begins
 * anew. Time comes from the caller, in milliseconds from any start, and does not run back.
 */
#ifndef DOCENT_CHANNEL_DIALOGS_H
#define DOCENT_CHANNEL_DIALOGS_H

#include "base/str.h"
#include "docent.h"

#include <stddef.h>
#include <stdint.h>

struct dialogs;

struct dialogs *dialogs_new(size_t max, uint64_t ttl_ms);   /* max: at least 1; ttl_ms 0: they live on */
void dialogs_free(struct dialogs *all);

/* The dialog of that name, all zero if it is new or has expired. Lives until the next call. The name is copied. */
struct dialog *dialogs_get(struct dialogs *all, struct str name, uint64_t now_ms);

void dialogs_forget(struct dialogs *all, struct str name);
size_t dialogs_count(const struct dialogs *all);

#endif
