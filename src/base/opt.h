/*
 * opt: the options of a command line, as rows.
 *
 * A row says how an option is written, what --help says about it and where its value goes:
 *
 *     bool json = false;
 *     struct opt_list packs = {0};
 *     const struct opt rows[] = {
 *         OPT_FLAG('j', "json", "print the reply as JSON", &json),
 *         OPT_ITEMS('p', "pack", "DIR", "answer from this pack (repeatable)", &packs),
 *     };
 *     const struct opt_group groups[] = {{"Options", rows, 2}};
 *     if (!opt_parse(groups, 1, OPT_ALL, &argc, argv, &err)) …
 *
 * Understood: --name, --name=VALUE, --name VALUE, -x, -xVALUE, -x VALUE, -xyz for flags, and `--`, behind which
 * nothing is an option. `-` alone is no option. Names are written in full. Values are views into argv.
 */
#ifndef DOCENT_BASE_OPT_H
#define DOCENT_BASE_OPT_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { OPT_LIST_MAX = 16 };

struct opt_list {
    const char *items[OPT_LIST_MAX];
    size_t n;
};

enum opt_kind { OPT_IS_FLAG, OPT_IS_TEXT, OPT_IS_ITEMS, OPT_IS_NUMBER };

struct opt {
    char letter; /* 0: has none */
    const char *name;
    const char *argument; /* how help calls its value; NULL for a flag */
    const char *help;
    enum opt_kind kind;
    union {
        bool *flag;
        const char **text;
        struct opt_list *items;
        int *number;
    } to;
};

#define OPT_FLAG(letter, name, help, where) \
    { \
        letter, name, NULL, help, OPT_IS_FLAG, \
        { \
            .flag = where \
        } \
    }
#define OPT_TEXT(letter, name, argument, help, where) \
    { \
        letter, name, argument, help, OPT_IS_TEXT, \
        { \
            .text = where \
        } \
    }
#define OPT_ITEMS(letter, name, argument, help, where) \
    { \
        letter, name, argument, help, OPT_IS_ITEMS, \
        { \
            .items = where \
        } \
    }
#define OPT_NUMBER(letter, name, argument, help, where) \
    { \
        letter, name, argument, help, OPT_IS_NUMBER, \
        { \
            .number = where \
        } \
    }

struct opt_group {
    const char *title;
    const struct opt *rows;
    size_t n;
};

enum opt_extent {
    OPT_ALL,     /* options may stand anywhere */
    OPT_LEADING, /* reading ends at the first word that is no option */
};

/*
 * Takes the options out of argv (argv[0] is the program's name and stays) and stores their values. What remains moves
 * up and *argc counts it. With OPT_LEADING a `--` is left where it is.
 * On a mistake: false, and err says which, with the nearest option when the name is unknown.
 */
bool opt_parse(const struct opt_group *groups, size_t n_groups, enum opt_extent extent, int *argc, char **argv,
               struct err *err);

/* The rows as a help text: a title, then a line for each option. */
void opt_help(struct buf *out, const struct opt_group *groups, size_t n_groups);

/* The name that was probably meant by a mistyped word, or NULL when none is near. */
const char *opt_did_you_mean(const char *word, const char *const *names, size_t n);

#endif
