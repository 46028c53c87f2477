#include "base/file.h"
#include "channel/repl.h"
#include "cmd/command.h"
#include "cmd/packs.h"
#include "cmd/places.h"

#include <string.h>
#include <unistd.h>

struct chat {
    const struct settings *settings;
    struct packs packs, replaced; /* replaced: what a reload left behind, until the next one */
};

static struct docent *reload(void *arg)
{
    struct chat *chat = arg;
    struct packs fresh;
    if (packs_start(&fresh, chat->settings) != STATUS_OK)
        return NULL;
    packs_close(&chat->replaced);
    chat->replaced = chat->packs;
    chat->packs = fresh;
    return fresh.docent;
}

/* NULL where no history can be kept: then lines are remembered for this conversation only. */
static const char *history_path(struct arena *a)
{
    struct str path = place_file(a, "XDG_STATE_HOME", ".local/state", "history");
    struct str folder = str_sub(path, 0, path.n ? path.n - strlen("/history") : 0);
    return path.n && file_make_folders(arena_str(a, folder).p, NULL) ? path.p : NULL;
}

int cmd_chat(struct call *call)
{
    struct chat chat = {.settings = &call->settings};
    int status;
    if (!command_begin(call, NULL, 0, &status))
        return status;
    if (call->n_words)
        return command_usage(call, "takes no words: docent ask '%s'?", call->words[0]);
    status = packs_start(&chat.packs, &call->settings);
    if (status)
        return status;
    struct repl_options options = {
        .docent = chat.packs.docent,
        .history_path = isatty(STDIN_FILENO) ? history_path(&call->settings.arena) : NULL,
        .color = settings_color(&call->settings, STDOUT_FILENO),
        .reload = reload,
        .arg = &chat,
    };
    status = repl_run(&options);
    packs_close(&chat.replaced);
    packs_close(&chat.packs);
    return status;
}
