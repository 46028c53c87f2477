/*
 * dialogs: what is remembered of each conversation, for as many of them as a maximum allows.
 *
 *     struct dialogs *t = dialogs_new(1000, 30 * 60 * 1000);
 *     struct reply *r = docent_ask(d, dialogs_get(t, STR("slack:C1:U2"), now_ms), text, &arena);
 *     dialogs_free(t);
 *
 * When the table is full, the conversation that was used longest ago makes room. One that was not used for ttl_ms
 * starts anew. Every call takes constant time, whatever the keys.
 */
#ifndef DOCENT_CHANNEL_DIALOGS_H
#define DOCENT_CHANNEL_DIALOGS_H

#include "docent.h"

#include <stddef.h>
#include <stdint.h>

struct dialogs;

/* max at least 1; ttl_ms 0: conversations last as long as there is room */
struct dialogs *dialogs_new(size_t max, int64_t ttl_ms);
void dialogs_free(struct dialogs *t);

/*
 * The conversation of that key, a new one if there is none. Never NULL; lives until the next call. The key is copied.
 * now_ms  from any clock that does not go back
 */
struct dialog *dialogs_get(struct dialogs *t, struct str key, int64_t now_ms);
void dialogs_forget(struct dialogs *t, struct str key);
size_t dialogs_count(const struct dialogs *t);

#endif
