/* docent slack manifest: what Slack needs to make the app. */
#include "channel/slack_manifest.h"

#include "cmd/command.h"

#include <stdio.h>
#include <string.h>

enum { MANIFEST_MAX = 64 << 10 };

int cmd_slack(struct call *call)
{
    bool http = false;
    const char *url = NULL, *name = "Docent";
    const struct opt rows[] = {
        OPT_FLAG('t', "http", "for events over HTTP instead of Socket Mode", &http),
        OPT_TEXT('u', "url", "URL", "where Slack reaches docent, https://… (with --http)", &url),
        OPT_TEXT('n', "name", "NAME", "the name of the app, up to 35 characters", &name),
    };
    int status;
    if (!command_begin(call, rows, sizeof rows / sizeof *rows, &status))
        return status;
    if (call->n_words != 1 || strcmp(call->words[0], "manifest") != 0)
        return command_usage(call, "say what: docent slack manifest");
    if (http != (url != NULL))
        return command_usage(call, "--http and --url belong together");
    const struct settings_rules *rules = &call->settings.slack.rules;
    struct slack_manifest m = {
        .name = str_of(name),
        .description = STR("Answers questions from a guide, and says where each answer stands"),
        .command = str_of(call->settings.slack.command),
        .url = str_of(url),
        .hears_channels = rules->threads || rules->everything.n > 0,
    };
    struct buf out;
    struct err err = {0};
    buf_init(&out, MANIFEST_MAX);
    bool ok = slack_manifest(&m, &out, &err);
    if (ok)
        fwrite(out.p, 1, out.n, stdout);
    buf_release(&out);
    return ok ? STATUS_OK : command_usage(call, "%s", err.text);
}
