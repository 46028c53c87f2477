/*
 * conversations: dialogs in memory for those that are busy, in the store for all.
 *
 *     struct dialog *dialog = conversations_get(c, STR("slack:C1:U2"));
 *     … docent_ask(d, dialog, …) …
 *     conversations_keep(c, STR("slack:C1:U2"), dialog);
 *     conversations_committed(c, store_commit(…));
 *
 * What is kept goes into the store's open transaction. When that fails, the conversations that it held are read again
 * as they were before.
 */
#ifndef DOCENT_CHANNEL_CONVERSATIONS_H
#define DOCENT_CHANNEL_CONVERSATIONS_H

#include "docent.h"
#include "net/loop.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conversations;

struct conversations_options {
    struct loop *loop;
    struct store *store;
    int64_t (*clock_ms)(void); /* Unix time */
    size_t max;                /* in memory */
    int64_t silence_ms;        /* one that was silent for so long starts anew */
};

struct conversations *conversations_new(const struct conversations_options *options);
void conversations_free(struct conversations *c);

struct dialog *conversations_get(struct conversations *c, struct str key); /* lives until the next call */
void conversations_keep(struct conversations *c, struct str key, const struct dialog *dialog);
void conversations_committed(struct conversations *c, bool ok);

/* Whether one was kept within the last 24 hours. */
bool conversations_lately(struct conversations *c, struct str key);

#endif
