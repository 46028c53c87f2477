#include "cmd/net/doctor.h"

#include "channel/discord_commands.h"
#include "channel/discord_rest.h"
#include "channel/discord_starts.h"
#include "channel/discord_webhook.h"
#include "cmd/net/discord_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bits of Discord's documentation: "Application", flags; "Permissions". */
enum { FLAG_CONTENT = 1 << 18, FLAG_CONTENT_LIMITED = 1 << 19 };
#define MAY_ADMINISTER (UINT64_C(1) << 3)

static const struct {
    uint64_t bit;
    const char *name;
} permissions[] = {
    {UINT64_C(1) << 10, "View Channels"},
    {UINT64_C(1) << 11, "Send Messages"},
    {UINT64_C(1) << 14, "Embed Links"},
    {UINT64_C(1) << 16, "Read Message History"},
    {UINT64_C(1) << 38, "Send Messages in Threads"},
};

static struct discord_caller caller(struct doctor *d)
{
    return (struct discord_caller){&d->fetch, &d->secrets, &d->arena};
}

static void say_refused(struct doctor *d, const char *what, const struct discord_got *got)
{
    if (!got->status)
        doctor_unreached(d, "Discord", &(struct http_reply){.problem = got->problem});
    else if (got->status == 429 || got->status >= 500)
        doctor_say(d, DOCTOR_WARNING, "try again in a while", "Discord has trouble, or is asked too often: %s",
                   got->problem);
    else
        doctor_say(d, DOCTOR_PROBLEM, got->advice ? got->advice : "see https://discord.com/developers/applications",
                   "%s: %s", what, got->problem);
}

/* --- the application ---------------------------------------------------------------------------------------- */

static void check_id(struct doctor *d, struct str id)
{
    struct str set = d->secrets.discord_application_id;
    if (set.n && !str_eq(set, id))
        doctor_say(d, DOCTOR_PROBLEM, "copy it from the application's page (General Information)",
                   "DISCORD_APPLICATION_ID is that of another application: the token belongs to %.*s", STR_FMT(id));
    else
        doctor_say(d, DOCTOR_OK, NULL, "the application is %.*s", STR_FMT(id));
}

static void check_key(struct doctor *d, const cJSON *application)
{
    struct str set = d->secrets.discord_public_key, key = json_str(application, "verify_key");
    struct str endpoint = json_str(application, "interactions_endpoint_url");
    if (set.n && !str_eq(set, key))
        doctor_say(d, DOCTOR_PROBLEM, "copy it from the application's page (General Information)",
                   "DISCORD_PUBLIC_KEY is not that of the application");
    else if (set.n)
        doctor_say(d, DOCTOR_OK, NULL,
                   "the public key is right: interactions over HTTP are taken at %s/discord/interactions",
                   d->settings->listen);
    if (endpoint.n && !set.n)
        doctor_say(d, DOCTOR_PROBLEM,
                   "set DISCORD_PUBLIC_KEY, or empty Interactions Endpoint URL on the application's page",
                   "commands and clicks go to %.*s, not to the Gateway", STR_FMT(endpoint));
    else if (endpoint.n)
        doctor_say(d, DOCTOR_NOTE, NULL, "commands and clicks go to %.*s", STR_FMT(endpoint));
}

static void check_intents(struct doctor *d, const cJSON *application)
{
    const cJSON *flags = cJSON_GetObjectItemCaseSensitive(application, "flags");
    int bits = cJSON_IsNumber(flags) ? (int)flags->valuedouble : 0;
    if (!d->settings->discord.message_content)
        doctor_say(d, DOCTOR_OK, NULL,
                   "no privileged intent is needed: mentions, direct messages and commands are heard");
    else if (bits & (FLAG_CONTENT | FLAG_CONTENT_LIMITED))
        doctor_say(d, DOCTOR_OK, NULL, "Message Content Intent is on: messages that do not name docent are heard, too");
    else
        doctor_say(d, DOCTOR_PROBLEM,
                   "switch Message Content Intent on (Bot page), or set discord.message_content to false",
                   "Message Content Intent is off, and the settings ask for it: Discord will refuse the link");
}

static void check_application(struct doctor *d)
{
    struct discord_caller c = caller(d);
    struct discord_got got = discord_call(&c, "GET", "applications/@me", STR(""), false);
    if (discord_is_good(&got)) {
        check_id(d, json_str(got.tree, "id"));
        check_key(d, got.tree);
        check_intents(d, got.tree);
    } else {
        say_refused(d, "the application cannot be read", &got);
    }
    cJSON_Delete(got.tree);
}

/* --- the bot ------------------------------------------------------------------------------------------------ */

static bool check_token(struct doctor *d)
{
    struct discord_caller c = caller(d);
    struct discord_got got = discord_call(&c, "GET", "users/@me", STR(""), false);
    bool good = discord_is_good(&got);
    doctor_clock(d, got.date);
    if (good)
        doctor_say(d, DOCTOR_OK, NULL, "the token is good: %.*s", STR_FMT(json_str(got.tree, "username")));
    else
        say_refused(d, "the token is refused", &got);
    cJSON_Delete(got.tree);
    return good;
}

static void check_gateway(struct doctor *d)
{
    struct discord_caller c = caller(d);
    struct discord_starts starts = {0};
    if (!d->settings->discord.gateway) {
        doctor_say(d, DOCTOR_NOTE, NULL, "the Gateway is switched off in the settings");
        return;
    }
    struct discord_got got = discord_call(&c, "GET", "gateway/bot", STR(""), false);
    if (!discord_is_good(&got) || !discord_starts_learn(&starts, got.tree, 0))
        say_refused(d, "the Gateway's address cannot be read", &got);
    else if (discord_starts_used_up(&starts, 0))
        doctor_say(d, DOCTOR_WARNING, "look in the log why links begin anew so often",
                   "of today's sessions only %lld are left: docent waits %lld minutes before it begins one",
                   (long long)starts.remaining, (long long)starts.reset_at_ms / 60000);
    else
        doctor_say(d, DOCTOR_OK, NULL,
                   "the Gateway can be used: %lld of %lld sessions left today, %d shard%s recommended",
                   (long long)starts.remaining, (long long)starts.total, starts.shards, starts.shards == 1 ? "" : "s");
    cJSON_Delete(got.tree);
}

/* --- servers and commands ------------------------------------------------------------------------------------- */

static void check_permissions(struct doctor *d, const cJSON *server)
{
    struct str text = json_str(server, "permissions");
    uint64_t has = text.n && text.n < 20 ? strtoull(text.p, NULL, 10) : 0;
    if (has & MAY_ADMINISTER)
        return;
    for (size_t i = 0; i < sizeof permissions / sizeof *permissions; i++)
        if (!(has & permissions[i].bit))
            doctor_say(d, DOCTOR_WARNING, "give it to the bot's role there, or open the link below once more",
                       "in the server %.*s docent lacks the permission %s", STR_FMT(json_str(server, "name")),
                       permissions[i].name);
}

static void check_servers(struct doctor *d)
{
    struct discord_caller c = caller(d);
    struct discord_got got = discord_call(&c, "GET", "users/@me/guilds?limit=200", STR(""), false);
    const cJSON *server;
    int n = cJSON_GetArraySize(got.tree);
    if (!discord_is_good(&got) || !cJSON_IsArray(got.tree))
        say_refused(d, "the bot's servers cannot be read", &got);
    else if (!n)
        doctor_say(d, DOCTOR_WARNING, "open the link below to put it into one", "the bot is in no server");
    else
        doctor_say(d, DOCTOR_OK, NULL, "the bot is in %d server%s", n, n == 1 ? "" : "s");
    if (discord_is_good(&got))
        cJSON_ArrayForEach(server, got.tree)
            check_permissions(d, server);
    cJSON_Delete(got.tree);
}

static void check_commands(struct doctor *d, struct str application)
{
    struct discord_caller c = caller(d);
    const char *route = arena_fmt(&d->arena, "applications/%.*s/commands", STR_FMT(application)).p;
    struct discord_got got = discord_call(&c, "GET", route, STR(""), false);
    struct buf changes;
    buf_init(&changes, 64 << 10);
    if (!discord_is_good(&got))
        say_refused(d, "the commands cannot be read", &got);
    else if (discord_commands_differ(got.tree, false, &changes))
        doctor_say(d, DOCTOR_WARNING, "run: docent discord register",
                   "/ask and /topics are not registered as this docent has them");
    else
        doctor_say(d, DOCTOR_OK, NULL, "/ask and /topics are registered");
    buf_release(&changes);
    cJSON_Delete(got.tree);
}

static void say_link(struct doctor *d, struct str application)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof permissions / sizeof *permissions; i++)
        sum += permissions[i].bit;
    doctor_say(d, DOCTOR_NOTE, NULL,
               "to put docent into a server, open "
               "https://discord.com/oauth2/authorize?client_id=%.*s&scope=bot+applications.commands&permissions=%llu",
               STR_FMT(application), (unsigned long long)sum);
}

/* --- the webhook -------------------------------------------------------------------------------------------- */

static void read_webhook(void *arg, const struct http_reply *reply)
{
    struct doctor *d = arg;
    struct webhook_said said = discord_webhook_read(reply);
    if (reply->end != HTTP_DONE)
        doctor_unreached(d, "Discord's webhook", reply);
    else if (said.end == WEBHOOK_SENT)
        doctor_say(d, DOCTOR_OK, NULL, "the webhook is there (nothing was posted)");
    else
        doctor_say(d, said.end == WEBHOOK_REFUSED ? DOCTOR_PROBLEM : DOCTOR_WARNING,
                   said.advice ? said.advice : "try again in a while", "the webhook does not work: %s", said.word);
}

/* Reading a webhook needs no more than its address. */
static void check_webhook(struct doctor *d)
{
    const char *fault;
    struct str url;
    if (!d->secrets.discord_webhook_url.n)
        return;
    url = discord_webhook_url(d->secrets.discord_webhook_url, d->secrets.discord_api_url, &d->arena, &fault);
    if (url.n)
        doctor_ask(d, "GET", url.p, "User-Agent: " DISCORD_USER_AGENT, STR(""), read_webhook, d);
    else
        doctor_say(d, DOCTOR_PROBLEM, "copy it from the channel's settings (Integrations, Webhooks)",
                   "DISCORD_WEBHOOK_URL: %s", fault);
}

void doctor_discord(struct doctor *d)
{
    const struct secrets *s = &d->secrets;
    struct discord_caller c = caller(d);
    struct discord_got got;
    if (s->discord_token.n && check_token(d)) {
        check_application(d);
        check_gateway(d);
        check_servers(d);
        struct str application = discord_application(&c, &got);
        if (application.n) {
            check_commands(d, application);
            say_link(d, application);
        }
    } else if (!s->discord_token.n && (s->discord_application_id.n || s->discord_public_key.n)) {
        doctor_say(d, DOCTOR_WARNING, "set DISCORD_TOKEN to the bot's token (Bot page, Reset Token)",
                   "only interactions over HTTP are heard, neither mentions nor direct messages");
    } else if (!s->discord_token.n && !s->discord_webhook_url.n) {
        doctor_say(d, DOCTOR_NOTE, "to set it up, put the bot's token into DISCORD_TOKEN",
                   "not set up: none of its secrets are there");
    }
    check_webhook(d);
}
