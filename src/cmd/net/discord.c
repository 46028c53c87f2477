/* docent discord register: tells Discord docent's commands, /ask and /topics. */
#include "channel/discord_commands.h"

#include "channel/discord_target.h"
#include "cmd/command.h"
#include "cmd/net/discord_call.h"

#include <stdio.h>
#include <string.h>

enum { CHANGES_MAX = 64 << 10 };

static int complain(const struct discord_got *got)
{
    fprintf(stderr, "docent discord: %s%s%s\n", got->problem, got->advice ? ": " : "", got->advice ? got->advice : "");
    if (got->status == 0 || got->status >= 500)
        return STATUS_UNAVAILABLE;
    return got->status == 429 ? STATUS_AGAIN : got->status == 401 ? STATUS_CONFIG : STATUS_UNAVAILABLE;
}

/* Writes only what differs. Prints what changed. */
static int write_commands(const struct discord_caller *c, const char *route, bool one_server)
{
    struct discord_got there = discord_call(c, "GET", route, STR(""), false);
    struct buf changes;
    int status = STATUS_OK;
    buf_init(&changes, CHANGES_MAX);
    if (!discord_is_good(&there)) {
        status = complain(&there);
    } else if (!discord_commands_differ(there.tree, one_server, &changes)) {
        printf("nothing to change: /ask and /topics are registered\n");
    } else {
        struct discord_got written = discord_call(c, "PUT", route, discord_commands_json(one_server), false);
        if (discord_is_good(&written))
            fwrite(changes.p, 1, changes.n, stdout);
        else
            status = complain(&written);
        cJSON_Delete(written.tree);
    }
    buf_release(&changes);
    cJSON_Delete(there.tree);
    return status;
}

static int register_commands(struct call *call, struct fetch *f, const struct secrets *secrets, const char *guild)
{
    struct arena *a = &call->settings.arena;
    struct discord_caller c = {f, secrets, a};
    struct discord_got got;
    struct str application = discord_application(&c, &got);
    if (!application.n)
        return complain(&got);
    const char *route = guild ? arena_fmt(a, "applications/%.*s/guilds/%s/commands", STR_FMT(application), guild).p
                              : arena_fmt(a, "applications/%.*s/commands", STR_FMT(application)).p;
    return write_commands(&c, route, guild != NULL);
}

int cmd_discord(struct call *call)
{
    const char *guild = NULL;
    const struct opt rows[] = {
        OPT_TEXT('g', "guild", "ID", "for this server only, where they can be used at once", &guild),
    };
    struct secrets secrets = {0};
    struct err err = {0};
    struct fetch f;
    int status;
    if (!command_begin(call, rows, sizeof rows / sizeof *rows, &status))
        return status;
    if (call->n_words != 1 || strcmp(call->words[0], "register") != 0)
        return command_usage(call, "say what: docent discord register");
    if (guild && !discord_is_id(str_of(guild)))
        return command_usage(call, "--guild takes a server's id, a number");
    if (!secrets_read(&secrets, &call->settings.arena, &err)) {
        fprintf(stderr, "docent discord: %s\n", err.text);
        return err.status;
    }
    if (!secrets.discord_token.n) {
        fprintf(stderr, "docent discord: DISCORD_TOKEN is not set: it holds the bot's token\n");
        return STATUS_CONFIG;
    }
    fetch_start(&f, &call->settings);
    status = register_commands(call, &f, &secrets, guild);
    fetch_end(&f);
    return status;
}
