#include "base/buf.h"
#include "base/json.h"
#include "cmd/command.h"
#include "cmd/packs.h"
#include "cmd/problems.h"
#include "engine/lint.h"

#include <stdio.h>
#include <unistd.h>

enum { JSON_MAX = 1 << 20 }; /* bytes of one problem */

struct checking { /* over all folders */
    bool json, strict, color, progress;
    size_t errors, warnings, files;
    size_t printed; /* as JSON */
    int status;
};

/* A line on the terminal while there is nothing else to see; it is gone when the problems are listed. */
static void show_progress(const struct checking *c, const struct opt_list *folders)
{
    if (!c->progress)
        return;
    fprintf(stderr, "checking %.60s%s ...", folders->n ? folders->items[0] : "", folders->n > 1 ? " and others" : "");
    fflush(stderr);
}

static void hide_progress(const struct checking *c)
{
    if (c->progress)
        fputs("\r\033[K", stderr);
}

static void print_json(struct checking *c, struct diags *diags)
{
    struct buf out;
    buf_init(&out, JSON_MAX);
    diags_sort(diags);
    for (size_t i = 0; i < diags->n; i++) {
        const struct diag *d = &diags->items[i];
        buf_clear(&out);
        buf_adds(&out, c->printed++ ? ",\n  {\"file\": " : "\n  {\"file\": ");
        json_quote(&out, d->source ? d->source->name : STR(""));
        buf_addf(&out, ", \"line\": %zu, \"column\": %zu, \"level\": \"%s\", \"rule\": ", d->line, d->column,
                 d->level == DIAG_ERROR ? "error" : "warning");
        json_quote(&out, str_of(d->rule));
        buf_adds(&out, ", \"message\": ");
        json_quote(&out, d->message);
        buf_adds(&out, ", \"hint\": ");
        json_quote(&out, d->hint);
        buf_addc(&out, '}');
        fwrite(out.p, 1, out.n, stdout);
    }
    buf_release(&out);
}

/* Folders that belong together are opened as one, as answering does it: packs can get in each other's way. */
static void check(struct checking *c, const struct opt_list *folders)
{
    struct packs packs;
    struct err err = {0};
    show_progress(c, folders);
    bool ok = packs_open(&packs, folders, &err);
    if (ok)
        docent_lint(packs.docent, &packs.diags);
    hide_progress(c);
    if (c->json)
        print_json(c, &packs.diags);
    else
        problems_list(stdout, &packs.diags, c->color);
    c->errors += packs.diags.errors;
    c->warnings += packs.diags.warnings;
    c->files += packs.n_files;
    if (!ok && err.text[0]) {
        fprintf(stderr, "docent: %s\n", err.text);
        c->status = err.status == STATUS_NO_INPUT ? STATUS_NO_INPUT : STATUS_NO;
    } else if (!c->status && (packs.diags.errors || (c->strict && packs.diags.warnings))) {
        c->status = STATUS_NO;
    }
    packs_close(&packs);
}

int cmd_check(struct call *call)
{
    struct checking c = {.status = STATUS_OK};
    const struct opt rows[] = {
        OPT_FLAG(0, "json", "print the problems as a JSON array", &c.json),
        OPT_FLAG(0, "strict", "fail on warnings, too", &c.strict),
    };
    int status;
    if (!command_begin(call, rows, sizeof rows / sizeof *rows, &status))
        return status;
    c.color = settings_color(&call->settings, STDOUT_FILENO);
    c.progress = isatty(STDERR_FILENO) && !call->settings.flags.quiet;
    if (c.json)
        putchar('[');
    if (!call->n_words)
        check(&c, &call->settings.packs);
    for (size_t i = 0; i < call->n_words; i++)
        check(&c, &(struct opt_list){{call->words[i]}, 1});
    if (c.json)
        puts(c.printed ? "\n]" : "]");
    else if (!call->settings.flags.quiet || c.status)
        problems_count(stdout, c.errors, c.warnings, c.files);
    return c.status;
}
