/*
 * command: what a subcommand is made of.
 *
 * Each has a file here, `cmd_NAME` in it, and one row in main.c. Its options are rows as well; main.c parses them into
 * a zeroed struct of the size that opt_rows names and hands everything over as one call:
 *
 *     int cmd_ask(const struct call *call)
 *     {
 *         const struct ask_options *options = call->options;
 *
 * A command returns its exit status, an enum status of base/err.h. What it leaves in stdout's buffer, main.c writes.
 */
#ifndef DOCENT_CMD_COMMAND_H
#define DOCENT_CMD_COMMAND_H

#include "base/opt.h"
#include "cmd/settings.h"

#include <stddef.h>

struct opt_rows {
    const struct opt *rows;
    size_t n;
    size_t into_size;               /* of the struct that the rows fill */
};

struct call {
    const struct settings *settings;
    const void *options;            /* the command's own struct, filled; NULL: it has no options */
    char **words;                   /* what is no option */
    size_t n_words;
};

/* Prints `docent: …` and where to read on, and returns STATUS_USAGE. */
int usage_error(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

extern const struct opt_rows ask_rows;

int cmd_ask(const struct call *call);
int cmd_chat(const struct call *call);
int cmd_check(const struct call *call);

#endif
