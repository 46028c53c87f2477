#include "cmd/places.h"

#include "base/file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

enum { PATH_MAX_BYTES = 4096 };

/* Where the running program lies, with links followed; empty when the system does not tell. */
static struct str program_path(struct arena *a)
{
    char path[PATH_MAX_BYTES];
#ifdef __APPLE__
    uint32_t size = sizeof path;
    if (_NSGetExecutablePath(path, &size) != 0)
        return STR("");
    char *real = realpath(path, NULL);
    struct str found = arena_str(a, str_of(real));
    free(real);
    return found;
#else
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    return n > 0 ? arena_str(a, (struct str){path, (size_t)n}) : STR("");
#endif
}

/* Takes the last component off a path and returns it. */
static struct str take_last(struct str *path)
{
    size_t slash = path->n;
    while (slash && path->p[slash - 1] != '/')
        slash--;
    struct str last = str_sub(*path, slash, path->n);
    *path = str_sub(*path, 0, slash ? slash - 1 : 0);
    return last;
}

/* As seen from the current folder, if it lies below: messages become shorter. */
static struct str shorten(struct str path)
{
    char here[PATH_MAX_BYTES];
    if (!getcwd(here, sizeof here))
        return path;
    size_t n = strlen(here);
    bool below = str_starts(path, str_of(here)) && path.n > n + 1 && path.p[n] == '/';
    return below ? str_sub(path, n + 1, path.n) : path;
}

struct str place_file(struct arena *a, const char *variable, const char *below_home, const char *name)
{
    const char *base = getenv(variable), *home = getenv("HOME");
    if (base && base[0] == '/')
        return arena_fmt(a, "%s/docent/%s", base, name);
    if (home && home[0] == '/')
        return arena_fmt(a, "%s/%s/docent/%s", home, below_home, name);
    return (struct str){NULL, 0};
}

struct str place_state(struct arena *a, const char *setting)
{
    const char *systemd = getenv("STATE_DIRECTORY"); /* several folders have a colon between them */
    struct str first = str_of(systemd), rest = first;
    if (setting && *setting)
        return arena_str(a, str_of(setting));
    if (str_cut(&rest, ':', &first) && first.n)
        return arena_str(a, first);
    struct str folder = place_file(a, "XDG_STATE_HOME", ".local/state", "");
    return str_sub(folder, 0, folder.n ? folder.n - 1 : 0);
}

struct str place_database(struct arena *a, struct str state_folder)
{
    return arena_fmt(a, "%.*s/docent.db", STR_FMT(state_folder));
}

/* Installed, the programs lie in PREFIX/bin and PREFIX/libexec/docent. */
static struct str installed_prefix(struct str program)
{
    take_last(&program);
    struct str folder = take_last(&program);
    if (str_is(folder, "bin"))
        return program;
    return str_is(folder, "docent") && str_is(take_last(&program), "libexec") ? program : STR("");
}

struct str place_intents(struct arena *a)
{
    struct str root = program_path(a), prefix = installed_prefix(root), intents = STR("");
    take_last(&root);
    take_last(&root);
    if (prefix.n)
        intents = arena_fmt(a, "%.*s/share/docent/intents", STR_FMT(prefix));
    else if (str_is(take_last(&root), "build"))
        intents = arena_fmt(a, "%.*s/intents", STR_FMT(root));
    return intents.n && file_is_folder(intents.p) ? shorten(intents) : STR(DOCENT_PREFIX "/share/docent/intents");
}

struct str place_net_program(struct arena *a)
{
    struct str folder = program_path(a), prefix = installed_prefix(folder);
    take_last(&folder);
    struct str beside = arena_fmt(a, "%.*s/docent-net", STR_FMT(folder));
    if (access(beside.p, X_OK) == 0)
        return beside;
    return prefix.n ? arena_fmt(a, "%.*s/libexec/docent/docent-net", STR_FMT(prefix))
                    : STR(DOCENT_PREFIX "/libexec/docent/docent-net");
}
