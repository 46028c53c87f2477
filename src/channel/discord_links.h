/*
 * discord_links: the links of this process to Discord's Gateway: what discord_gateway wants done is done, and what is
 * needed to resume a session stands in the store.
 *
 * A session's sequence is written in the transaction in which its events' questions are, and counts when that is on
 * disk.
 */
#ifndef DOCENT_CHANNEL_DISCORD_LINKS_H
#define DOCENT_CHANNEL_DISCORD_LINKS_H

#include "base/json.h"
#include "base/str.h"
#include "channel/desk.h"
#include "channel/discord_rest.h"
#include "channel/discord_starts.h"
#include "channel/link.h"

#include <stdbool.h>
#include <stddef.h>

struct discord_links;

enum discord_heed {
    DISCORD_SEEN,    /* nothing came of the event */
    DISCORD_KEPT,    /* something was written into the store's open transaction */
    DISCORD_REFUSED, /* it could not be kept: have it sent again later */
};

struct discord_links_options { /* copied; the pointers outlive it */
    struct loop *loop;
    struct desk *desk;
    struct store *store;
    struct metrics *metrics;
    struct discord_rest *rest;
    const char *token, *proxy, *ca_file;
    unsigned intents;
    struct discord_range range;
    enum discord_heed (*event)(void *arg, struct str type, const cJSON *d);
    void (*self)(void *arg, struct str bot, struct str application); /* our own ids, whenever they are learnt */
    void (*dead)(void *arg, const char *reason);
    void *arg;
};

struct discord_links *discord_links_new(const struct discord_links_options *options);
void discord_links_free(struct discord_links *links); /* NULL is fine */
void discord_links_start(struct discord_links *links);
void discord_links_drain(struct discord_links *links);
bool discord_links_idle(const struct discord_links *links); /* every link is closed */
size_t discord_links_state(const struct discord_links *links, struct link *out, size_t max);

#endif
