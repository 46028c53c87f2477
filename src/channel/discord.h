/*
 * discord: docent on Discord. Moves bytes between the loop and what knows Discord's protocol: discord_event (what
 * happened), discord_gateway (links), discord_limits and discord_api (calls), discord_posts (answers).
 *
 *     struct discord *d = discord_new(&options, &err);
 *     desk_platform(desk, discord_platform(d));
 *     discord_reload(d);                      after every desk_use
 *     discord_start(d);                       after desk_start
 *     … route "POST", "/discord/interactions" -> discord_interactions …
 *     discord_drain(d); … until desk_idle and discord_idle … discord_free(d);
 *
 * Links are closed so that Discord keeps their sessions: a docent that starts again within some minutes gets what it
 * missed. What a session needs for that stands in the store, in the same transaction as the questions themselves.
 */
#ifndef DOCENT_CHANNEL_DISCORD_H
#define DOCENT_CHANNEL_DISCORD_H

#include "base/err.h"
#include "channel/desk.h"
#include "channel/discord_rest.h"
#include "channel/link.h"
#include "channel/metrics.h"
#include "channel/platform.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct discord;

struct discord_options { /* copied; the pointers below outlive the discord */
    struct loop *loop;
    struct http_client *http;
    struct desk *desk;
    struct store *store;
    struct metrics *metrics;
    int64_t (*clock_ms)(void); /* Unix time */

    const char *token;           /* of the bot; NULL: HTTP interactions only */
    const char *application_id;  /* NULL: asked of Discord */
    const char *public_key;      /* 64 hex digits; NULL: no HTTP interactions */
    const char *api_url;         /* NULL: DISCORD_API_URL; with or without a slash at the end */
    bool gateway;                /* open links; needs the token */
    bool message_content;        /* ask for what is not addressed to us, too: a privileged intent */
    const char *shards;          /* "auto" or "FIRST-LAST/COUNT"; NULL: "auto" */
    const char *proxy, *ca_file; /* of the links, as in http_client.h */

    /* Discord refuses the token, or a link, for good. reason: for people, also logged; lives during the call. */
    void (*dead)(void *arg, const char *reason);
    void *arg;
};

/* NULL and err (status CONFIG) when an option makes no sense. */
struct discord *discord_new(const struct discord_options *options, struct err *err);
void discord_free(struct discord *d);

const struct platform *discord_platform(struct discord *d);
void discord_reload(struct discord *d); /* the packs are others now: what completion offers is made anew */
void discord_start(struct discord *d);
void discord_drain(struct discord *d);      /* closes the links, takes no more interactions */
bool discord_idle(const struct discord *d); /* nothing under way that somebody waits for */

/* POST /discord/interactions; arg is the struct discord. Checks the signature before it reads anything. */
void discord_interactions(void *arg, struct http_exchange *x);

/* "rest", "http", "shard 0", …: returns how many were written. */
size_t discord_links(const struct discord *d, struct link *out, size_t max);

#endif
