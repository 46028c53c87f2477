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
static void check(struct tally *t, const struct path_list *folders, bool color)
{
    struct loaded loaded = {.docent = NULL};
    struct diags diags = {0};
    int status = packs_check(&loaded, folders, &diags);
    problems_list(stdout, &diags, color);
    t->errors += diags.errors;
    t->warnings += diags.warnings;
    t->files += loaded.n_files;
    if (status)
        t->status = STATUS_NO_INPUT;
    else if (diags.errors && !t->status)
        t->status = STATUS_NO;
    diags_release(&diags);
    loaded_release(&loaded);
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
        check(&tally, &(struct path_list){{call->words[i]}, 1}, color);
    if (!call->settings.quiet || tally.status)
        problems_count(stdout, tally.errors, tally.warnings, tally.files);
    return tally.status;
}
