#include "cmd/command.h"

#include "base/diag.h"
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX_BYTES = 1 << 20 };

int command_fail(int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("docent: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return status;
}

bool command_write(FILE *out, struct str text)
{
    bool ok = fwrite(text.p, 1, text.n, out) == text.n && fflush(out) == 0;
    if (!ok && errno != EPIPE)
        command_fail(STATUS_IO, "cannot write the result: %s", strerror(errno));
    return ok;
}

static int show_help(const struct command_help *help, const struct opt_group *groups, size_t n_groups)
{
    struct buf text;
    buf_init(&text, TEXT_MAX_BYTES);
    buf_addf(&text, "Usage: %s\n\n%s\n\n%s\n", help->usage, help->examples, help->about);
    opt_help(&text, groups, n_groups);
    bool ok = command_write(stdout, buf_str(&text));
    buf_release(&text);
    return ok ? STATUS_OK : STATUS_IO;
}

static int show_version(void)
{
    return command_write(stdout, STR("docent " DOCENT_VERSION "\n")) ? STATUS_OK : STATUS_IO;
}

static int report_settings(const struct settings *s, const struct diags *diags, const struct err *err)
{
    struct buf text;
    buf_init(&text, TEXT_MAX_BYTES);
    for (size_t i = 0; i < diags->n; i++)
        diag_print(&text, &diags->items[i], settings_color(s, STDERR_FILENO));
    fputs(text.n ? text.p : "", stderr);
    buf_release(&text);
    if (err->text[0])
        command_fail(STATUS_CONFIG, "%s", err->text);
    return STATUS_CONFIG;
}

static bool load_settings(struct settings *s, int *status)
{
    struct diags diags = {0};
    struct err err = {0};
    bool ok = settings_load(s, &diags, &err);
    if (!ok)
        *status = report_settings(s, &diags, &err);
    diags_release(&diags);
    return ok;
}

bool command_begin(struct settings *s, const struct command_help *help, const struct opt *options, size_t n, int *argc,
                   char **argv, int *status)
{
    struct opt common[SETTINGS_OPTIONS];
    *status = STATUS_OK;
    settings_options(s, common);
    const struct opt_group groups[] = {{"Options", options, n}, {"Common options", common, SETTINGS_OPTIONS}};
    size_t first = n ? 0 : 1;
    struct err err = {0};
    if (!opt_parse(groups + first, 2 - first, OPT_ALL, argc, argv, &err)) {
        *status = command_fail(err.status, "%s", err.text);
        fprintf(stderr, "Usage: %s\n", help->usage);
        return false;
    }
    if (s->flags.help || s->flags.version) {
        *status = s->flags.help ? show_help(help, groups + first, 2 - first) : show_version();
        return false;
    }
    log_threshold(s->flags.quiet ? LOG_ERROR : s->flags.verbose ? LOG_DEBUG : LOG_INFO);
    return load_settings(s, status);
}
