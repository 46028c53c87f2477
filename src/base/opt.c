#include "base/opt.h"

#include "base/near.h"
#include "base/str.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* --- did you mean ------------------------------------------------------------------------------------------- */

const char *opt_did_you_mean(const char *word, const char *const *names, size_t n)
{
    struct near near = near_to(str_of(word));
    for (size_t i = 0; i < n; i++)
        near_try(&near, str_of(names[i]));
    return near.best.p;
}

/* --- parsing ------------------------------------------------------------------------------------------------ */

struct parsing {
    const struct opt_group *groups;
    size_t n_groups;
    int argc, at; /* at: the word being read */
    char **argv;
    struct err *err;
};

static const struct opt *find(const struct parsing *p, struct str name, char letter)
{
    for (size_t g = 0; g < p->n_groups; g++)
        for (size_t i = 0; i < p->groups[g].n; i++) {
            const struct opt *row = &p->groups[g].rows[i];
            if (letter ? row->letter == letter : str_is(name, row->name))
                return row;
        }
    return NULL;
}

static bool unknown_name(const struct parsing *p, struct str name)
{
    struct near near = near_to(name);
    for (size_t g = 0; g < p->n_groups; g++)
        for (size_t i = 0; i < p->groups[g].n; i++)
            near_try(&near, str_of(p->groups[g].rows[i].name));
    if (near.best.n)
        return err_set(p->err, STATUS_USAGE, "unknown option '--%.*s', did you mean '--%.*s'?", STR_FMT(name),
                       STR_FMT(near.best));
    return err_set(p->err, STATUS_USAGE, "unknown option '--%.*s'", STR_FMT(name));
}

static bool store_number(const struct parsing *p, const struct opt *row, const char *value)
{
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (end == value || *end || errno || number < INT_MIN || number > INT_MAX)
        return err_set(p->err, STATUS_USAGE, "option '--%s' wants a number, not '%s'", row->name, value);
    *row->to.number = (int)number;
    return true;
}

static bool store(const struct parsing *p, const struct opt *row, const char *value)
{
    switch (row->kind) {
    case OPT_IS_FLAG:
        *row->to.flag = true;
        return true;
    case OPT_IS_TEXT:
        *row->to.text = value;
        return true;
    case OPT_IS_ITEMS:
        if (row->to.items->n == OPT_LIST_MAX)
            return err_set(p->err, STATUS_USAGE, "option '--%s' is given more than %d times", row->name, OPT_LIST_MAX);
        row->to.items->items[row->to.items->n++] = value;
        return true;
    case OPT_IS_NUMBER:
        return store_number(p, row, value);
    }
    return true;
}

/* The value of an option is what is attached to it or else the next word. */
static bool store_value(struct parsing *p, const struct opt *row, const char *attached)
{
    if (row->kind == OPT_IS_FLAG)
        return store(p, row, NULL);
    if (!attached && p->at + 1 >= p->argc)
        return err_set(p->err, STATUS_USAGE, "option '--%s' wants a value: %s", row->name, row->argument);
    return store(p, row, attached ? attached : p->argv[++p->at]);
}

static bool read_long(struct parsing *p, const char *text)
{
    const char *equals = strchr(text, '=');
    struct str name = {text, equals ? (size_t)(equals - text) : strlen(text)};
    const struct opt *row = find(p, name, 0);
    if (!row)
        return unknown_name(p, name);
    if (row->kind == OPT_IS_FLAG && equals)
        return err_set(p->err, STATUS_USAGE, "option '--%s' takes no value", row->name);
    return store_value(p, row, equals ? equals + 1 : NULL);
}

static bool read_letters(struct parsing *p, const char *letters)
{
    for (; *letters; letters++) {
        const struct opt *row = find(p, STR(""), *letters);
        if (!row)
            return err_set(p->err, STATUS_USAGE, "unknown option '-%c'", *letters);
        bool takes_rest = row->kind != OPT_IS_FLAG;
        if (!store_value(p, row, takes_rest && letters[1] ? letters + 1 : NULL))
            return false;
        if (takes_rest)
            return true;
    }
    return true;
}

bool opt_parse(const struct opt_group *groups, size_t n_groups, enum opt_extent extent, int *argc, char **argv,
               struct err *err)
{
    struct parsing p = {groups, n_groups, *argc, 1, argv, err};
    int kept = 1;
    for (; p.at < p.argc; p.at++) {
        char *word = argv[p.at];
        bool is_option = word[0] == '-' && word[1];
        bool ends_options = strcmp(word, "--") == 0;
        if (extent == OPT_LEADING && (!is_option || ends_options))
            break;
        if (ends_options) {
            p.at++;
            break;
        }
        if (!is_option)
            argv[kept++] = word;
        else if (!(word[1] == '-' ? read_long(&p, word + 2) : read_letters(&p, word + 1)))
            return false;
    }
    while (p.at < p.argc)
        argv[kept++] = argv[p.at++];
    argv[kept] = NULL;
    *argc = kept;
    return true;
}

/* --- help --------------------------------------------------------------------------------------------------- */

static size_t left_width(const struct opt *row)
{
    return strlen(row->name) + (row->argument ? strlen(row->argument) + 1 : 0);
}

void opt_help(struct buf *out, const struct opt_group *groups, size_t n_groups)
{
    size_t widest = 0;
    for (size_t g = 0; g < n_groups; g++)
        for (size_t i = 0; i < groups[g].n; i++)
            if (left_width(&groups[g].rows[i]) > widest)
                widest = left_width(&groups[g].rows[i]);
    for (size_t g = 0; g < n_groups; g++) {
        buf_addf(out, "\n%s:\n", groups[g].title);
        for (size_t i = 0; i < groups[g].n; i++) {
            const struct opt *row = &groups[g].rows[i];
            if (row->letter)
                buf_addf(out, "  -%c, ", row->letter);
            else
                buf_adds(out, "      ");
            buf_addf(out, "--%s%s%s", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
            buf_fill(out, ' ', widest - left_width(row) + 2);
            buf_addf(out, "%s\n", row->help);
        }
    }
}
