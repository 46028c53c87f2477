#include "cmd/settings.h"

#include "base/file.h"
#include "base/json.h"
#include "cmd/places.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { CONFIG_MAX_BYTES = 1 << 20, WIDTH_MIN = 20, WIDTH_MAX = 1000, WIDTH_COMFORTABLE = 100 };

/* --- the settings ------------------------------------------------------------------------------------------- */

enum kind { FOLDERS, CHOICE, NUMBER, TEXT, FLAG, LIST };

enum { LIST_MAX = 256 }; /* items of a LIST */

#define AT(member) .offset = offsetof(struct settings, member)
#define RULES_OF(platform) \
    {.key = #platform ".allowed", .kind = LIST, AT(platform.rules.allowed)}, \
        {.key = #platform ".denied", .kind = LIST, AT(platform.rules.denied)}, \
        {.key = #platform ".everything", .kind = LIST, AT(platform.rules.everything)}, \
        {.key = #platform ".threads", .kind = FLAG, AT(platform.rules.threads), .number = true}, \
    { \
        .key = #platform ".per_minute", .kind = NUMBER, AT(platform.rules.per_minute), .min = 0, .max = 1000, \
        .number = 20 \
    }

/* One row for each setting: its key in the config file, its variable, where it goes, what it may be and is at first. */
static const struct row {
    const char *key, *variable;
    enum kind kind;
    size_t offset;
    const char *choices; /* of a CHOICE, with a space between */
    const char *text;    /* at first: of a CHOICE or TEXT */
    int number;          /* at first: of a NUMBER or FLAG */
    int min, max;        /* of a NUMBER */
    bool at_start;       /* docent serve heeds it only when it starts */
} rows[] = {
    {.key = "packs", .variable = "DOCENT_PACKS", .kind = FOLDERS, AT(packs)},
    {.key = "color",
     .variable = "DOCENT_COLOR",
     .kind = CHOICE,
     AT(color),
     .choices = "auto always never",
     .text = "auto"},
    {.key = "width", .variable = "DOCENT_WIDTH", .kind = NUMBER, AT(width), .min = WIDTH_MIN, .max = WIDTH_MAX},
    {.key = "listen",
     .variable = "DOCENT_LISTEN",
     .kind = TEXT,
     AT(listen),
     .text = "127.0.0.1:8080",
     .at_start = true},
    {.key = "state_dir", .variable = "DOCENT_STATE_DIR", .kind = TEXT, AT(state_dir), .text = "", .at_start = true},
    {.key = "keep_questions_days",
     .kind = NUMBER,
     AT(keep_questions_days),
     .min = 0,
     .max = 3650,
     .number = 90,
     .at_start = true},
    {.key = "expire_minutes",
     .kind = NUMBER,
     AT(expire_minutes),
     .min = 1,
     .max = 1440,
     .number = 10,
     .at_start = true},
    {.key = "proxy", .variable = "DOCENT_PROXY", .kind = TEXT, AT(proxy), .text = "", .at_start = true},
    {.key = "ca_file", .variable = "DOCENT_CA_FILE", .kind = TEXT, AT(ca_file), .text = "", .at_start = true},
    {.key = "slack.socket_mode", .kind = FLAG, AT(slack.socket_mode), .number = true, .at_start = true},
    {.key = "slack.http", .kind = FLAG, AT(slack.http), .number = true, .at_start = true},
    {.key = "slack.command", .kind = TEXT, AT(slack.command), .text = "/ask", .at_start = true},
    {.key = "slack.connections",
     .kind = NUMBER,
     AT(slack.connections),
     .min = 1,
     .max = 10,
     .number = 1,
     .at_start = true},
    {.key = "slack.channel_gap_ms",
     .kind = NUMBER,
     AT(slack.channel_gap_ms),
     .min = 1,
     .max = 60000,
     .number = 1000,
     .at_start = true},
    RULES_OF(slack),
    {.key = "discord.gateway", .kind = FLAG, AT(discord.gateway), .number = true, .at_start = true},
    {.key = "discord.interactions", .kind = FLAG, AT(discord.interactions), .number = true, .at_start = true},
    {.key = "discord.message_content", .kind = FLAG, AT(discord.message_content), .number = false, .at_start = true},
    {.key = "discord.shards", .kind = TEXT, AT(discord.shards), .text = "auto", .at_start = true},
    RULES_OF(discord),
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

/* Variables hold folders, texts, choices and numbers. */
static bool from_variable(struct settings *s, const struct row *row, const char *value, struct err *err)
{
    if (row->kind == FOLDERS)
        return list_from_text(s, row, str_of(value), err);
    if (row->kind == TEXT) {
        *(const char **)place_of(s, row) = value;
        return true;
    }
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
        const char *value = rows[i].variable ? getenv(rows[i].variable) : NULL;
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

static void list_from_json(const struct config *c, const struct row *row, const cJSON *value)
{
    const cJSON *item;
    int n = cJSON_IsArray(value) ? cJSON_GetArraySize(value) : LIST_MAX + 1;
    if (n > LIST_MAX) {
        wrong(c, value, arena_fmt(&c->s->arena, "'%s' is not a list of at most %d texts", row->key, LIST_MAX).p, NULL);
        return;
    }
    struct str *items = arena_array(&c->s->arena, (size_t)n, sizeof *items);
    size_t kept = 0;
    cJSON_ArrayForEach(item, value) {
        if (json_text(item).n)
            items[kept++] = arena_str(&c->s->arena, json_text(item));
        else
            wrong(c, item, "this is not a text", "write ids in quotes: \"C0123ABCD\"");
    }
    *(struct str_list *)place_of(c->s, row) = (struct str_list){items, kept};
}

static void number_from_json(const struct config *c, const struct row *row, const cJSON *value)
{
    double number = cJSON_IsNumber(value) ? value->valuedouble : row->min - 1.0;
    if (number >= row->min && number <= row->max)
        *(int *)place_of(c->s, row) = (int)number;
    else
        wrong(c, value, arena_fmt(&c->s->arena, "'%s' is not a number from %d to %d", row->key, row->min, row->max).p,
              NULL);
}

static void choice_from_json(const struct config *c, const struct row *row, const cJSON *value)
{
    const char *choice = find_choice(c->s, row, json_text(value));
    if (choice)
        *(const char **)place_of(c->s, row) = choice;
    else
        wrong(c, value, arena_fmt(&c->s->arena, "'%s' is not one of: %s", row->key, row->choices).p, NULL);
}

static void from_json(const struct config *c, const struct row *row, const cJSON *value)
{
    switch (row->kind) {
    case FOLDERS:
        folders_from_json(c, row, value);
        break;
    case CHOICE:
        choice_from_json(c, row, value);
        break;
    case NUMBER:
        number_from_json(c, row, value);
        break;
    case LIST:
        list_from_json(c, row, value);
        break;
    case TEXT:
        if (cJSON_IsString(value))
            *(const char **)place_of(c->s, row) = arena_str(&c->s->arena, json_text(value)).p;
        else
            wrong(c, value, arena_fmt(&c->s->arena, "'%s' is not a text", row->key).p, NULL);
        break;
    case FLAG:
        if (cJSON_IsBool(value))
            *(bool *)place_of(c->s, row) = cJSON_IsTrue(value);
        else
            wrong(c, value, arena_fmt(&c->s->arena, "'%s' is neither true nor false", row->key).p, NULL);
        break;
    }
}

static void unknown_key(const struct config *c, const cJSON *value, const char *name)
{
    const char *keys[N_ROWS];
    for (size_t i = 0; i < N_ROWS; i++)
        keys[i] = rows[i].key;
    const char *near = opt_did_you_mean(name, keys, N_ROWS);
    struct str hint = near ? arena_fmt(&c->s->arena, "did you mean '%s'?", near) : STR("");
    size_t offset = cJSON_IsNumber(value) ? DIAG_WHOLE : json_offset(c->source->text, json_number(value), JSON_KEY);
    diag_addf(c->diags, DIAG_ERROR, "config-key", c->source, offset, hint.p, "there is no setting '%s'", name);
}

static const struct row *find_row(const char *name)
{
    for (size_t i = 0; i < N_ROWS; i++)
        if (strcmp(name, rows[i].key) == 0)
            return &rows[i];
    return NULL;
}

/* Does a group of settings have this name, as "slack" has "slack.http"? */
static bool is_group(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < N_ROWS; i++)
        if (strncmp(name, rows[i].key, n) == 0 && rows[i].key[n] == '.')
            return true;
    return false;
}

/* group  "slack." within its object; "" at the top */
static void load_members(const struct config *c, const cJSON *object, const char *group)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, object) {
        const char *name = arena_fmt(&c->s->arena, "%s%s", group, member->string).p;
        const struct row *row = find_row(name);
        if (row)
            from_json(c, row, member);
        else if (is_group(name) && cJSON_IsObject(member))
            load_members(c, member, arena_fmt(&c->s->arena, "%s.", name).p);
        else if (is_group(name))
            wrong(c, member, arena_fmt(&c->s->arena, "'%s' is not an object of settings", name).p, NULL);
        else if (strcmp(name, "$schema") != 0)
            unknown_key(c, member, name);
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
        load_members(&c, root, "");
    cJSON_Delete(root);
    return diags->errors == 0;
}

/* The config file to read, or NULL. One that was asked for must be there; the usual places may be empty. */
static const char *find_config(struct settings *s)
{
    const char *named = s->flags.config ? s->flags.config : getenv("DOCENT_CONFIG");
    if (named && *named)
        return named;
    const char *own = place_file(&s->arena, "XDG_CONFIG_HOME", ".config", "docent.json").p;
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

/* ------------------------------------------------------------------------------------------------------------ */

static void use_own_packs(struct settings *s)
{
    static const char *const names[] = {"careers", "docent"};
    struct str intents = place_intents(&s->arena);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *folder = arena_fmt(&s->arena, "%.*s/%s", STR_FMT(intents), names[i]).p;
        if (file_is_folder(folder))
            s->packs.items[s->packs.n++] = folder;
    }
}

static void set_defaults(struct settings *s)
{
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].kind == CHOICE || rows[i].kind == TEXT)
            *(const char **)place_of(s, &rows[i]) = rows[i].text;
        else if (rows[i].kind == NUMBER)
            *(int *)place_of(s, &rows[i]) = rows[i].number;
        else if (rows[i].kind == FLAG)
            *(bool *)place_of(s, &rows[i]) = rows[i].number;
}

bool settings_load(struct settings *s, struct diags *diags, struct err *err)
{
    set_defaults(s);
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

static bool is_same(const struct settings *a, const struct settings *b, const struct row *row)
{
    const char *at_a = (const char *)a + row->offset, *at_b = (const char *)b + row->offset;
    if (row->kind == TEXT)
        return strcmp(*(const char *const *)at_a, *(const char *const *)at_b) == 0;
    return row->kind == FLAG ? *(const bool *)at_a == *(const bool *)at_b : *(const int *)at_a == *(const int *)at_b;
}

void settings_changed_at_start(const struct settings *before, const struct settings *after, struct buf *out)
{
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].at_start && !is_same(before, after, &rows[i]))
            buf_addf(out, "%s%s", out->n ? ", " : "", rows[i].key);
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
