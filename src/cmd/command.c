#include "cmd/command.h"

#include "base/diag.h"
#include "base/log.h"
#include "cmd/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HELP_MAX = 64 << 10 };

bool command_wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

int command_usage(const struct call *call, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "docent %s: ", call->command->name);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\nTry 'docent %s --help'.\n", call->command->name);
    va_end(args);
    return STATUS_USAGE;
}

static void print_help(const struct command *c, const struct opt_group groups[2])
{
    struct buf out;
    buf_init(&out, HELP_MAX);
    buf_addf(&out, "docent %s: %s\n\nExamples:\n%s\nUsage: docent %s [options] %s\n", c->name, c->help, c->examples,
             c->name, c->words);
    opt_help(&out, groups[0].n ? groups : groups + 1, groups[0].n ? 2 : 1);
    fwrite(out.p, 1, out.n, stdout);
    buf_release(&out);
}

bool command_settings(struct settings *s)
{
    struct diags diags = {0};
    struct err err = {0};
    bool ok = settings_load(s, &diags, &err);
    if (!ok && err.text[0])
        fprintf(stderr, "docent: %s\n", err.text);
    else if (!ok)
        problems_print(stderr, &diags, 1, settings_color(s, STDERR_FILENO));
    diags_release(&diags);
    return ok;
}

bool command_begin(struct call *call, const struct opt *rows, size_t n, int *status)
{
    struct opt common[SETTINGS_OPTIONS];
    settings_options(&call->settings, common);
    const struct opt_group groups[] = {{"Options", rows, n}, {"Options of all commands", common, SETTINGS_OPTIONS}};
    size_t first = n ? 0 : 1;
    struct err err = {0};
    *status = STATUS_OK;
    if (call->settings.flags.help || command_wants_help(call->argc, call->argv)) {
        print_help(call->command, groups);
        return false;
    }
    if (!opt_parse(groups + first, 2 - first, OPT_ALL, &call->argc, call->argv, &err)) {
        *status = command_usage(call, "%s", err.text);
        return false;
    }
    if (call->settings.flags.version) {
        puts("docent " DOCENT_VERSION);
        return false;
    }
    call->words = call->argv + 1;
    call->n_words = (size_t)call->argc - 1;
    log_threshold(call->settings.flags.quiet ? LOG_ERROR : call->settings.flags.verbose ? LOG_DEBUG : LOG_INFO);
    if (!command_settings(&call->settings)) {
        *status = STATUS_CONFIG;
        return false;
    }
    return true;
}
