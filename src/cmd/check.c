#include "cmd/command.h"
#include "cmd/packs.h"
#include "cmd/problems.h"

#include <stdio.h>
#include <unistd.h>

struct tally {                      /* over all folders */
    size_t errors, warnings, files;
    int status;
};

/* Folders that belong together are opened as one, as answering does it: packs can get in each other's way. */
static void check(struct tally *t, const struct opt_list *folders, bool color)
{
    struct packs packs;
    struct err err = {0};
    bool ok = packs_open(&packs, folders, &err);
    problems_list(stdout, &packs.diags, color);
    t->errors += packs.diags.errors;
    t->warnings += packs.diags.warnings;
    t->files += packs.n_files;
    if (!ok && err.text[0]) {
        fprintf(stderr, "docent: %s\n", err.text);
        t->status = err.status == STATUS_NO_INPUT ? STATUS_NO_INPUT : STATUS_NO;
    } else if (packs.diags.errors && !t->status) {
        t->status = STATUS_NO;
    }
    packs_close(&packs);
}

int cmd_check(struct call *call)
{
    struct tally tally = {.status = STATUS_OK};
    int status;
    if (!command_begin(call, NULL, 0, &status))
        return status;
    bool color = settings_color(&call->settings, STDOUT_FILENO);
    if (!call->n_words)
        check(&tally, &call->settings.packs, color);
    for (size_t i = 0; i < call->n_words; i++)
        check(&tally, &(struct opt_list){{call->words[i]}, 1}, color);
    if (!call->settings.flags.quiet || tally.status)
        problems_count(stdout, tally.errors, tally.warnings, tally.files);
    return tally.status;
}
