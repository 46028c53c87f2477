#include "cmd/model_cache.h"

#include "base/file.h"
#include "base/log.h"
#include "cmd/places.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MODEL_MAX_BYTES = 64 << 20 };

static struct str cache_path(struct arena *a, const char *name)
{
    return place_file(a, "XDG_CACHE_HOME", ".cache", name);
}

static struct str model_path(struct arena *a, uint64_t fingerprint)
{
    return cache_path(a, arena_fmt(a, "model-%016" PRIx64, fingerprint).p);
}

struct str model_cache_map(uint64_t fingerprint)
{
    struct arena a = {0};
    struct str path = model_path(&a, fingerprint), model = STR("");
    struct err err;
    if (path.n && access(path.p, F_OK) == 0 && !file_map(path.p, MODEL_MAX_BYTES, &model, &err))
        log_debug("cache.unreadable", log_text("error", err.text));
    arena_release(&a);
    return model;
}

/* --- keeping the newest --------------------------------------------------------------------------------------- */

struct aged {
    struct str path;
    struct timespec written;
};

static int newest_first(const void *left, const void *right)
{
    const struct aged *a = left, *b = right;
    if (a->written.tv_sec != b->written.tv_sec)
        return a->written.tv_sec > b->written.tv_sec ? -1 : 1;
    return (a->written.tv_nsec < b->written.tv_nsec) - (a->written.tv_nsec > b->written.tv_nsec);
}

static void remove_old(struct arena *a)
{
    struct str *names;
    size_t n_names, n = 0;
    if (!file_names(cache_path(a, "").p, "", a, &names, &n_names, NULL))
        return;
    struct aged *files = arena_array(a, n_names, sizeof *files);
    for (size_t i = 0; i < n_names; i++) {
        struct stat st;
        struct str path = cache_path(a, names[i].p);
        if (str_starts(names[i], STR("model-")) && stat(path.p, &st) == 0)
            files[n++] = (struct aged){path, st.st_mtim};
    }
    if (n > MODEL_CACHE_KEEP)
        qsort(files, n, sizeof *files, newest_first);
    for (size_t i = MODEL_CACHE_KEEP; i < n; i++)
        unlink(files[i].path.p);
}

void model_cache_write(uint64_t fingerprint, struct str model)
{
    struct arena a = {0};
    struct err err;
    struct str folder = cache_path(&a, "");
    if (folder.n && model.n) {
        if (file_make_folders(folder.p, &err) && file_write(model_path(&a, fingerprint).p, model, &err))
            remove_old(&a);
        else
            log_debug("cache.unwritable", log_text("error", err.text));
    }
    arena_release(&a);
}
