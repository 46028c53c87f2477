#include "cmd/packs.h"

#include "base/file.h"
#include "base/log.h"
#include "cmd/model_cache.h"

#include <unistd.h>

enum { REPORT_MAX_BYTES = 16 << 20 };

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
    struct arena cached = {0};
    uint64_t fingerprint = docent_fingerprint(p->folders, p->n_folders);
    struct str model = model_cache_read(fingerprint, &cached);
    p->docent = docent_open(p->folders, p->n_folders, model, &p->diags);
    if (p->docent && !docent_model_was_used(p->docent))
        model_cache_write(fingerprint, docent_model(p->docent));
    arena_release(&cached);
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
    arena_release(&p->arena);
    *p = (struct packs){0};
}

static void add_count(struct buf *out, size_t n, const char *one)
{
    buf_addf(out, "%zu %s%s", n, one, n == 1 ? "" : "s");
}

static void add_diags(struct buf *out, const struct packs *p, bool color)
{
    for (size_t i = 0; i < p->diags.n; i++)
        diag_print(out, &p->diags.items[i], color);
    add_count(out, p->diags.errors, "error");
    buf_adds(out, ", ");
    add_count(out, p->diags.warnings, "warning");
    buf_adds(out, " in ");
    add_count(out, p->n_files, "file");
    buf_addc(out, '\n');
}

void packs_report(const struct packs *p, const struct err *err, FILE *out, bool color)
{
    struct buf text;
    buf_init(&text, REPORT_MAX_BYTES);
    if (err && err->text[0])
        buf_addf(&text, "docent: %s\n", err->text);
    else
        add_diags(&text, p, color);
    fwrite(text.p, 1, text.n, out);
    buf_release(&text);
}

int packs_start(struct packs *p, const struct settings *s)
{
    struct err err = {0};
    bool ok = packs_open(p, &s->packs, &err);
    if (!ok || (p->diags.n && s->flags.verbose))
        packs_report(p, &err, stderr, settings_color(s, STDERR_FILENO));
    if (!ok) {
        packs_close(p);
        return err.status;
    }
    log_debug("packs.opened", log_int("folders", (long long)p->n_folders), log_int("files", (long long)p->n_files),
              log_text("model", docent_model_was_used(p->docent) ? "cached" : "trained"));
    return STATUS_OK;
}
