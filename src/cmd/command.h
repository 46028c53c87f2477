/*
 * command: what a subcommand is made of.
 *
 * Each has a file here with `cmd_NAME` in it, and one row in main.c. It starts with its option rows:
 *
 *     int cmd_ask(struct call *call)
 *     {
 *         struct ask_options o = {0};
 *         const struct opt rows[] = {OPT_FLAG('j', "json", "print the reply as JSON", &o.json)};
 *         int status;
 *         if (!command_begin(call, rows, sizeof rows / sizeof *rows, &status))
 *             return status;
 *         … o, call->words, call->settings …
 *
 * A command returns its exit status, an enum status of base/err.h. What it leaves in stdout's buffer, main.c writes.
 */
#ifndef DOCENT_CMD_COMMAND_H
#define DOCENT_CMD_COMMAND_H

#include "base/opt.h"
#include "cmd/settings.h"

#include <stdbool.h>
#include <stddef.h>

struct call;

struct command {
    const char *name;
    int (*run)(struct call *call);
    const char *words;    /* what follows the options, for the help */
    const char *help;     /* one line */
    const char *examples; /* lines, each with a line feed */
};

struct call {
    const struct command *command;
    struct settings settings; /* flags given before the command at first; all of it from command_begin on */
    char **words;             /* what is no option; ends with NULL */
    size_t n_words;
    int argc; /* as given, argv[0] being the command's name */
    char **argv;
    char *const *all; /* the program's whole command line */
};

/*
 * Reads the command's options and those common to all, then the settings. false: the command is over, with *status,
 * because its help was asked for or because something is wrong, which has been printed.
 */
bool command_begin(struct call *call, const struct opt *rows, size_t n, int *status);

/* Reads the settings, given those that came as options; false after saying on stderr what is wrong. */
bool command_settings(struct settings *s);

/* Prints `docent COMMAND: …` and where to read on; returns STATUS_USAGE. */
int command_usage(const struct call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Is help asked for, wherever and beside whatever mistake? */
bool command_wants_help(int argc, char **argv);

int cmd_ask(struct call *call);
int cmd_chat(struct call *call);
int cmd_check(struct call *call);
int cmd_test(struct call *call);
int cmd_new(struct call *call);
int cmd_export(struct call *call);
int cmd_serve(struct call *call);
int cmd_report(struct call *call);
int cmd_post(struct call *call);
int cmd_slack(struct call *call);
int cmd_discord(struct call *call);
int cmd_doctor(struct call *call);

#endif
