#include "base/file.h"
#include "channel/repl.h"
#include "cmd/command.h"
#include "cmd/packs.h"

#include <unistd.h>

struct chat {
    const struct settings *settings;
    struct loaded loaded, replaced;     /* replaced: what a reload left behind, until the next one */
};

static struct docent *reload(void *arg)
{
    struct chat *chat = arg;
    struct loaded fresh = {.docent = NULL};
    if (packs_open(&fresh, &chat->settings->packs, chat->settings) != STATUS_OK)
        return NULL;
    loaded_release(&chat->replaced);
    chat->replaced = chat->loaded;
    chat->loaded = fresh;
    return fresh.docent;
}

/* NULL where no history can be kept: then lines are remembered for this conversation only. */
static const char *history_path(struct arena *a)
{
    struct str folder = settings_home(a, "XDG_STATE_HOME", ".local/state");
    if (!folder.n || !file_make_folders(folder.p, NULL))
        return NULL;
    return arena_fmt(a, "%.*s/history", STR_FMT(folder)).p;
}

int cmd_chat(struct call *call)
{
    struct chat chat = {.settings = &call->settings};
    int status;
    if (!command_begin(call, NULL, 0, &status))
        return status;
    if (call->n_words)
        return command_usage(call, "takes no words: docent ask '%s'?", call->words[0]);
    status = packs_open(&chat.loaded, &call->settings.packs, &call->settings);
    if (status)
        return status;
    struct repl_options options = {
        .docent = chat.loaded.docent,
        .history_path = isatty(STDIN_FILENO) ? history_path(&call->settings.arena) : NULL,
        .color = settings_color(&call->settings, STDOUT_FILENO),
        .reload = reload,
        .arg = &chat,
    };
    status = repl_run(&options);
    loaded_release(&chat.replaced);
    loaded_release(&chat.loaded);
    return status;
}
