#include "channel/conversations.h"

#include "base/arena.h"
#include "base/mem.h"
#include "channel/dialogs.h"

#include <stdlib.h>
#include <string.h>

#define LATELY_MS (INT64_C(24) * 3600 * 1000)

/* A dialog as it stands in the store. One of another docent's layout must not be read: layout tells. */
struct kept_dialog {
    uint64_t layout;
    struct dialog dialog;
};

struct conversations {
    struct conversations_options options;
    struct dialogs *dialogs;
    uint64_t layout;
    struct arena turn; /* keys of what was kept since the last commit */
    struct str *changed;
    size_t n_changed, cap_changed;
};

static uint64_t layout_of_dialogs(void)
{
    const size_t parts[] = {sizeof(struct dialog),
                            sizeof(struct dialog_turn),
                            sizeof(struct dialog_slot),
                            offsetof(struct dialog, turns),
                            offsetof(struct dialog, topic),
                            offsetof(struct dialog, choices),
                            offsetof(struct dialog, offered),
                            offsetof(struct dialog, n_choices)};
    return str_hash_more(str_hash(STR(DOCENT_VERSION)), (struct str){(const char *)parts, sizeof parts});
}

struct conversations *conversations_new(const struct conversations_options *options)
{
    struct conversations *c = mem_alloc(sizeof *c);
    c->options = *options;
    c->dialogs = dialogs_new(options->max, options->silence_ms);
    c->layout = layout_of_dialogs();
    return c;
}

void conversations_free(struct conversations *c)
{
    if (!c)
        return;
    dialogs_free(c->dialogs);
    arena_release(&c->turn);
    free(c);
}

/* What the store holds, if that was kept within so many milliseconds. */
static bool read_kept(struct conversations *c, struct str key, int64_t within_ms, struct kept_dialog *kept)
{
    int64_t used_ms = 0;
    return store_dialog(c->options.store, key, kept, sizeof *kept, &used_ms) && kept->layout == c->layout &&
           c->options.clock_ms() - used_ms < within_ms;
}

struct dialog *conversations_get(struct conversations *c, struct str key)
{
    struct kept_dialog kept;
    struct dialog *dialog = dialogs_get(c->dialogs, key, loop_now_ms(c->options.loop));
    if (!dialog->packs && read_kept(c, key, c->options.silence_ms, &kept))
        *dialog = kept.dialog;
    return dialog;
}

void conversations_keep(struct conversations *c, struct str key, const struct dialog *dialog)
{
    struct kept_dialog kept;
    memset(&kept, 0, sizeof kept); /* the bytes between its members, too */
    kept.layout = c->layout;
    memcpy(&kept.dialog, dialog, sizeof *dialog);
    store_keep_dialog(c->options.store, key, &kept, sizeof kept, c->options.clock_ms());
    *ARENA_PUSH(&c->turn, c->changed, c->n_changed, c->cap_changed) = arena_str(&c->turn, key);
}

void conversations_committed(struct conversations *c, bool ok)
{
    for (size_t i = 0; !ok && i < c->n_changed; i++)
        dialogs_forget(c->dialogs, c->changed[i]);
    c->changed = NULL;
    c->n_changed = c->cap_changed = 0;
    arena_reset(&c->turn);
}

bool conversations_lately(struct conversations *c, struct str key)
{
    struct kept_dialog kept;
    return read_kept(c, key, LATELY_MS, &kept);
}
