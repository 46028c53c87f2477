/*
 * discord_rest: calls of Discord's REST API, in the loop, within its limits.
 *
 *     struct discord_rest *rest = discord_rest_new(&options);
 *     discord_rest_call(rest, "GET", STR("users/@me"), STR(""), done, self);
 *
 * Calls on behalf of an interaction or a webhook (routes below interactions/ and webhooks/) carry their own token in
 * the route, so the bot's is not sent with them.
 */
#ifndef DOCENT_CHANNEL_DISCORD_REST_H
#define DOCENT_CHANNEL_DISCORD_REST_H

#include "channel/discord_limits.h"
#include "channel/metrics.h"
#include "net/http_client.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>

#define DISCORD_API_URL "https://discord.com/api/v10/"
/* Discord wants this form, and an address and a version in it: documentation, "Reference", User Agent. */
#define DISCORD_USER_AGENT "DiscordBot (https://docent.invalid, " DOCENT_VERSION ")"

struct discord_rest;

struct discord_rest_options { /* copied; the pointers outlive it */
    struct loop *loop;
    struct http_client *http;
    struct metrics *metrics; /* NULL: nothing is counted */
    const char *api_url;     /* NULL: DISCORD_API_URL; with or without a slash at the end */
    const char *token;       /* of the bot; NULL: none */
};

struct discord_rest *discord_rest_new(const struct discord_rest_options *options);
void discord_rest_free(struct discord_rest *rest); /* cancels what is under way; NULL is fine */

struct discord_result {
    enum http_end end;
    const char *problem;          /* for people, unless HTTP_DONE */
    struct discord_answer answer; /* of HTTP_DONE; views that live during the call */
    struct discord_wait wait;     /* after a 429 */
};

/* Whether a call may go now; see discord_limits.h. */
struct discord_wait discord_rest_wait(struct discord_rest *rest, const char *method, struct str route);
bool discord_rest_forbidden(const struct discord_rest *rest, const char *method, struct str route);

/* done is called once, later, from the loop. Everything is copied. The caller has asked discord_rest_wait. */
void discord_rest_call(struct discord_rest *rest, const char *method, struct str route, struct str body,
                       void (*done)(void *arg, const struct discord_result *result), void *arg);
size_t discord_rest_under_way(const struct discord_rest *rest);

#endif
