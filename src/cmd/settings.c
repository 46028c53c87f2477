#include "cmd/settings.h"

#include "base/file.h"
#include "base/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

enum { CONFIG_MAX_BYTES = 1 << 20, PATH_MAX_BYTES = 4096, WIDTH_MIN = 20, WIDTH_MAX = 1000, WIDTH_COMFORTABLE = 100 };

/* --- the settings ------------------------------------------------------------------------------------------- */

enum kind { FOLDERS, CHOICE, NUMBER };

/* One row for each setting: its key in the config file, its variable, where it goes, what it may be. */
static const struct row {
    const char *key, *variable;
    enum kind kind;
    size_t offset;
    const char *choices;        /* of a CHOICE, with a space between */
    int min, max;               /* of a NUMBER */
} rows[] = {
    {.key = "packs", .variable = "DOCENT_PACKS", .kind = FOLDERS, .offset = offsetof(struct settings, packs)},
    {.key = "color", .variable = "DOCENT_COLOR", .kind = CHOICE, .offset = offsetof(struct settings, color),
     .choices = "auto always never"},
    {.key = "width", .variable = "DOCENT_WIDTH", .kind = NUMBER, .offset = offsetof(struct settings, width),
     .min = WIDTH_MIN, .max = WIDTH_MAX},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

void settings_options(struct settings *s, struct opt options[SETTINGS_OPTIONS])
{
    const struct opt common[SETTINGS_OPTIONS] = {
        OPT_ITEMS('p', "pack", "DIR", "answer from the pack in this folder (repeatable)", &s->flags.packs),
        OPT_TEXT('c', "config", "FILE", "read settings from this file", &s->flags.config),
        OPT_FLAG('v', "verbose", "say more about what happens, on stderr", &s->flags.verbose),
        OPT_FLAG('q', "quiet", "say nothing but results and errors", &s->flags.quiet),
        OPT_FLAG(0, "no-color", "no colours, even on a terminal", &s->flags.no_color),
        OPT_FLAG('h', "help", "show this help", &s->flags.help),
        OPT_FLAG('V', "version", "show the version", &s->flags.version),
    };
    memcpy(options, common, sizeof common);
}

static void *place_of(struct settings *s, const struct row *row)
{
    return (char *)s + row->offset;
}

/* The choice as a C string that lives as long as the settings, or NULL when the value is none of them. */
static const char *find_choice(struct settings *s, const struct row *row, struct str value)
{
    struct str rest = str_of(row->choices), choice;
    while (str_cut(&rest, ' ', &choice))
        if (str_eq(choice, value))
            return arena_str(&s->arena, choice).p;
    return NULL;
}

/* --- environment -------------------------------------------------------------------------------------------- */

static bool list_from_text(struct settings *s, const struct row *row, struct str text, struct err *err)
{
    struct opt_list *list = place_of(s, row);
    struct str item;
    *list = (struct opt_list){0};
    while (str_cut(&text, ':', &item)) {
        if (list->n == OPT_LIST_MAX)
            return err_set(err, STATUS_CONFIG, "%s names more than %d folders", row->variable, OPT_LIST_MAX);
        if (item.n)
            list->items[list->n++] = arena_str(&s->arena, item).p;
    }
    return true;
}

static bool from_variable(struct settings *s, const struct row *row, const char *value, struct err *err)
{
    if (row->kind == FOLDERS)
        return list_from_text(s, row, str_of(value), err);
    if (row->kind == CHOICE) {
        const char *choice = find_choice(s, row, str_of(value));
        if (!choice)
            return err_set(err, STATUS_CONFIG, "%s is '%s', not one of: %s", row->variable, value, row->choices);
        *(const char **)place_of(s, row) = choice;
        return true;
    }
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (*end || errno || number < row->min || number > row->max)
        return err_set(err, STATUS_CONFIG, "%s is '%s', not a number from %d to %d", row->variable, value, row->min,
                       row->max);
    *(int *)place_of(s, row) = (int)number;
    return true;
}

static bool load_environment(struct settings *s, struct err *err)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        const char *value = getenv(rows[i].variable);
        if (value && *value && !from_variable(s, &rows[i], value, err))
            return false;
    }
    return true;
}

/* --- config file -------------------------------------------------------------------------------------------- */

struct config {
    struct settings *s;
    const struct source *source;
    struct diags *diags;
};

static void wrong(const struct config *c, const cJSON *value, const char *message, const char *hint)
{
    size_t offset = json_offset(c->source->text, json_number(value), JSON_WHOLE);
    if (cJSON_IsNumber(value)) /* it has no number of its own */
        offset = DIAG_WHOLE;
    diag_add(c->diags, DIAG_ERROR, "config-value", c->source, offset, str_of(message), str_of(hint));
}

/* A folder in a config file is relative to where that file lies. */
static const char *beside_config(const struct config *c, struct str folder)
{
    struct str name = c->source->name;
    size_t cut = name.n;
    while (cut && name.p[cut - 1] != '/')
        cut--;
    if (str_starts(folder, STR("/")))
        cut = 0;
    return arena_fmt(&c->s->arena, "%.*s%.*s", (int)cut, name.p, STR_FMT(folder)).p;
}

static void folders_from_json(const struct config *c, const struct row *row, const cJSON *value)
{
    struct opt_list *list = place_of(c->s, row);
    const cJSON *item;
    if (!cJSON_IsArray(value) || cJSON_GetArraySize(value) > OPT_LIST_MAX) {
        wrong(c, value, "this is not a list of at most 16 folders", "write: \"packs\": [\"folder\"]");
        return;
    }
    *list = (struct opt_list){0};
    cJSON_ArrayForEach(item, value) {
        if (json_text(item).n)
            list->items[list->n++] = beside_config(c, json_text(item));
        else
            wrong(c, item, "this is not the name of a folder", NULL);
    }
}

static void from_json(const struct config *c, const struct row *row, const cJSON *value)
{
    if (row->kind == FOLDERS) {
        folders_from_json(c, row, value);
    } else if (row->kind == CHOICE) {
        const char *choice = find_choice(c->s, row, json_text(value));
        if (choice)
            *(const char **)place_of(c->s, row) = choice;
        else
            wrong(c, value, arena_fmt(&c->s->arena, "'%s' is not one of: %s", row->key, row->choices).p, NULL);
    } else {
        double number = cJSON_IsNumber(value) ? value->valuedouble : -1;
        if (number >= row->min && number <= row->max)
            *(int *)place_of(c->s, row) = (int)number;
        else
            wrong(c, value,
                  arena_fmt(&c->s->arena, "'%s' is not a number from %d to %d", row->key, row->min, row->max).p, NULL);
    }
}

static void unknown_key(const struct config *c, const cJSON *value)
{
    const char *keys[N_ROWS];
    for (size_t i = 0; i < N_ROWS; i++)
        keys[i] = rows[i].key;
    const char *near = opt_did_you_mean(value->string, keys, N_ROWS);
    struct str hint = near ? arena_fmt(&c->s->arena, "did you mean '%s'?", near) : STR("");
    size_t offset = cJSON_IsNumber(value) ? DIAG_WHOLE
                                          : json_offset(c->source->text, json_number(value), JSON_KEY);
    diag_addf(c->diags, DIAG_ERROR, "config-key", c->source, offset, hint.p, "there is no setting '%s'", value->string);
}

static void load_members(const struct config *c, const cJSON *root)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, root) {
        const struct row *row = NULL;
        for (size_t i = 0; i < N_ROWS; i++)
            if (strcmp(member->string, rows[i].key) == 0)
                row = &rows[i];
        if (row)
            from_json(c, row, member);
        else if (strcmp(member->string, "$schema") != 0)
            unknown_key(c, member);
    }
}

static bool load_config_text(struct settings *s, const struct source *source, struct diags *diags)
{
    struct config c = {s, source, diags};
    struct json_fault fault;
    cJSON *root = json_parse(source->text, &fault);
    if (!root)
        diag_add(diags, DIAG_ERROR, "json", source, fault.offset, str_of(fault.message), STR(""));
    else if (!cJSON_IsObject(root))
        wrong(&c, root, "the settings are not a JSON object", NULL);
    else
        load_members(&c, root);
    cJSON_Delete(root);
    return diags->errors == 0;
}

/* The config file to read, or NULL. One that was asked for must be there; the usual places may be empty. */
static const char *find_config(struct settings *s)
{
    const char *named = s->flags.config ? s->flags.config : getenv("DOCENT_CONFIG");
    if (named && *named)
        return named;
    const char *own = settings_path(&s->arena, "XDG_CONFIG_HOME", ".config", "docent.json").p;
    if (own && access(own, F_OK) == 0)
        return own;
    return access("/etc/docent/docent.json", F_OK) == 0 ? "/etc/docent/docent.json" : NULL;
}

static bool load_config(struct settings *s, struct diags *diags, struct err *err)
{
    const char *path = find_config(s);
    struct str text;
    if (!path)
        return true;
    if (!file_read(path, CONFIG_MAX_BYTES, &s->arena, &text, err)) {
        err->status = STATUS_CONFIG;
        return false;
    }
    struct source *source = arena_alloc(&s->arena, sizeof *source);
    *source = (struct source){arena_str(&s->arena, str_of(path)), text};
    return load_config_text(s, source, diags);
}

/* --- the packs that docent comes with ------------------------------------------------------------------------ */

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

/* The folder of packs that belongs to this program: of its source tree, or where it is installed. */
static struct str find_intents(struct arena *a)
{
    struct str root = program_path(a);
    take_last(&root);
    struct str folder = take_last(&root), intents = STR("");
    if (str_is(folder, "bin")) {
        intents = arena_fmt(a, "%.*s/share/docent/intents", STR_FMT(root));
    } else if (str_is(take_last(&root), "build")) {
        intents = arena_fmt(a, "%.*s/intents", STR_FMT(root));
    }
    return intents.n && file_is_folder(intents.p) ? shorten(intents) : STR(DOCENT_DATADIR "/intents");
}

static void use_own_packs(struct settings *s)
{
    static const char *const names[] = {"careers", "docent"};
    struct str intents = find_intents(&s->arena);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *folder = arena_fmt(&s->arena, "%.*s/%s", STR_FMT(intents), names[i]).p;
        if (file_is_folder(folder))
            s->packs.items[s->packs.n++] = folder;
    }
}

bool settings_load(struct settings *s, struct diags *diags, struct err *err)
{
    s->color = "auto";
    if (!load_config(s, diags, err) || !load_environment(s, err))
        return false;
    if (s->flags.packs.n)
        s->packs = s->flags.packs;
    if (s->flags.no_color)
        s->color = "never";
    if (!s->packs.n)
        use_own_packs(s);
    return true;
}

void settings_release(struct settings *s)
{
    arena_release(&s->arena);
}

/* --- what they mean ----------------------------------------------------------------------------------------- */

bool settings_color(const struct settings *s, int fd)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    if (strcmp(s->color, "never") == 0 || (no_color && *no_color) || (term && strcmp(term, "dumb") == 0))
        return false;
    return strcmp(s->color, "always") == 0 || isatty(fd);
}

size_t settings_width(const struct settings *s, int fd)
{
    struct winsize size;
    if (s->width)
        return (size_t)s->width;
    if (!isatty(fd))
        return 0;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col < WIDTH_COMFORTABLE ? size.ws_col : WIDTH_COMFORTABLE;
}

struct str settings_path(struct arena *a, const char *variable, const char *below_home, const char *name)
{
    const char *base = getenv(variable), *home = getenv("HOME");
    if (base && base[0] == '/')
        return arena_fmt(a, "%s/docent/%s", base, name);
    if (home && home[0] == '/')
        return arena_fmt(a, "%s/%s/docent/%s", home, below_home, name);
    return (struct str){NULL, 0};
}
