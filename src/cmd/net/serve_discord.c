/* Discord as one of the places where docent serve answers. */
#include "channel/discord.h"

#include "cmd/net/service.h"

static void is_dead(void *arg, const char *reason)
{
    service_place_dead(arg, "discord", reason);
}

static const char *or_null(struct str secret)
{
    return secret.n ? secret.p : NULL;
}

static bool open(struct service *s, struct err *err)
{
    const struct settings *o = s->settings;
    const struct secrets *secrets = &s->secrets;
    bool gateway = o->discord.gateway && secrets->discord_token.n;
    const char *public_key = o->discord.interactions ? or_null(secrets->discord_public_key) : NULL;
    if (!gateway && !public_key)
        return true;
    s->discord = discord_new(
        &(struct discord_options){
            .loop = s->loop,
            .http = s->http_client,
            .desk = s->desk,
            .store = s->store,
            .metrics = s->metrics,
            .clock_ms = service_clock_ms,
            .token = or_null(secrets->discord_token),
            .application_id = or_null(secrets->discord_application_id),
            .public_key = public_key,
            .api_url = or_null(secrets->discord_api_url),
            .gateway = gateway,
            .message_content = o->discord.message_content,
            .shards = o->discord.shards,
            .proxy = *o->proxy ? o->proxy : NULL,
            .ca_file = *o->ca_file ? o->ca_file : NULL,
            .dead = is_dead,
            .arg = s,
        },
        err);
    if (!s->discord)
        return false;
    desk_platform(s->desk, discord_platform(s->discord));
    return true;
}

static void start(struct service *s)
{
    if (s->discord)
        discord_start(s->discord);
}

static void serve(void *arg, struct http_exchange *x)
{
    discord_interactions(((struct service *)arg)->discord, x);
}

static size_t routes(const struct service *s, struct http_route *out, size_t max)
{
    if (!s->discord || !s->settings->discord.interactions || !s->secrets.discord_public_key.n || !max)
        return 0;
    out[0] = (struct http_route){"POST", "/discord/interactions", serve};
    return 1;
}

static size_t links(const struct service *s, struct link *out, size_t max)
{
    return s->discord ? discord_links(s->discord, out, max) : 0;
}

static void use_settings(struct service *s, const struct settings *settings)
{
    struct rules rules = service_rules(&settings->discord.rules);
    if (!s->discord)
        return;
    desk_rules(s->desk, "discord", &rules);
    discord_reload(s->discord);
}

static void drain(struct service *s)
{
    if (s->discord)
        discord_drain(s->discord);
}

static bool idle(const struct service *s)
{
    return !s->discord || discord_idle(s->discord);
}

static void close(struct service *s)
{
    discord_free(s->discord);
}

const struct service_place service_discord = {"discord", open, start, routes, links, use_settings, drain, idle, close};
