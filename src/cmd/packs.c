#include "cmd/packs.h"

#include "base/file.h"
#include "base/log.h"
#include "cmd/model_cache.h"
#include "cmd/problems.h"

#include <stdio.h>
#include <unistd.h>

static bool read_folder(struct packs *p, const char *folder, struct pack_files *out, struct err *err)
{
    struct str *names;
    size_t n;
    if (!file_names(folder, ".json", &p->arena, &names, &n, err))
        return false;
    if (n == 0)
        return err_set(err, STATUS_DATA, "no pack in '%s': it holds no *.json files", folder);
    if (n > PACK_FILES_MAX)
        return err_set(err, STATUS_DATA, "too many files in '%s': more than %d", folder, PACK_FILES_MAX);
    struct source *files = arena_array(&p->arena, n, sizeof *files);
    struct str base = str_of(folder);
    while (base.n > 1 && base.p[base.n - 1] == '/')
        base.n--;
    for (size_t i = 0; i < n; i++) {
        files[i].name = arena_fmt(&p->arena, "%.*s/%.*s", STR_FMT(base), STR_FMT(names[i]));
        if (!file_read(files[i].name.p, PACK_FILE_MAX_BYTES, &p->arena, &files[i].text, err))
            return false;
    }
    *out = (struct pack_files){base, files, n};
    p->n_files += n;
    return true;
}

static bool read_folders(struct packs *p, const struct opt_list *folders, struct err *err)
{
    if (folders->n == 0)
        return err_set(err, STATUS_NO_INPUT, "no pack found: name a folder with --pack DIR");
    p->n_folders = folders->n;
    p->folders = arena_array(&p->arena, folders->n, sizeof *p->folders);
    for (size_t i = 0; i < folders->n; i++)
        if (!read_folder(p, folders->items[i], &p->folders[i], err))
            return false;
    return true;
}

static bool open_docent(struct packs *p)
{
    uint64_t fingerprint = docent_fingerprint(p->folders, p->n_folders);
    p->model = model_cache_map(fingerprint);
    p->docent = docent_open(p->folders, p->n_folders, p->model, &p->diags);
    if (p->docent && !docent_model_was_used(p->docent))
        model_cache_write(fingerprint, docent_model(p->docent));
    return p->docent != NULL;
}

bool packs_open(struct packs *p, const struct opt_list *folders, struct err *err)
{
    *p = (struct packs){0};
    if (!read_folders(p, folders, err))
        return false;
    if (open_docent(p))
        return true;
    return err_set(err, STATUS_DATA, "%s", "");
}

void packs_close(struct packs *p)
{
    docent_free(p->docent);
    diags_release(&p->diags);
    file_unmap(p->model);
    arena_release(&p->arena);
    *p = (struct packs){0};
}

void packs_report(struct packs *p, const struct err *err, bool color)
{
    if (err && err->text[0])
        fprintf(stderr, "docent: %s\n", err->text);
    else
        problems_print(stderr, &p->diags, p->n_files, color);
}

int packs_start(struct packs *p, const struct settings *s)
{
    struct err err = {0};
    bool ok = packs_open(p, &s->packs, &err);
    if (!ok || (p->diags.n && s->flags.verbose))
        packs_report(p, &err, settings_color(s, STDERR_FILENO));
    if (!ok) {
        packs_close(p);
        return err.status;
    }
    log_debug("packs.opened", log_int("folders", (long long)p->n_folders), log_int("files", (long long)p->n_files),
              log_text("model", docent_model_was_used(p->docent) ? "cached" : "trained"));
    return STATUS_OK;
}
