/*
 * repl: a conversation with one person at a terminal, or with whatever is piped in.
 *
 *     struct repl_options options = {.docent = docent, .history_path = path, .color = true};
 *     int status = repl_run(&options);
 *
 * On a terminal lines are edited (libedit), remembered and completed with TAB. Otherwise each line of standard input
 * is a question, and standard output gets the replies as plain text with an empty line between them. In both cases a
 * line that begins with a slash is a command (repl_commands.h), and empty lines are passed over.
 */
#ifndef DOCENT_CHANNEL_REPL_H
#define DOCENT_CHANNEL_REPL_H

#include "docent.h"

#include <stdbool.h>

enum {
    REPL_LINE_MAX = 16 * 1024, /* bytes of a line that are read; the rest of it is left out */
    REPL_HISTORY_MAX = 1000,   /* lines remembered from one conversation to the next */
    REPL_WIDTH_MAX = 100,      /* columns; longer lines are hard to read */
};

struct repl_options {
    struct docent *docent;               /* after a reload: the new one */
    const char *history_path;            /* NULL: lines are remembered for this conversation only */
    bool color;                          /* whether a terminal gets colours */
    struct docent *(*reload)(void *arg); /* may be NULL; see below */
    void *arg;
};

/*
 * Talks until the input ends or /quit. Returns an exit status: STATUS_OK, or STATUS_IO when standard output is
 * closed or cannot be written, about which nothing is said.
 *
 * reload  opens the packs anew and returns the result, or prints what is wrong with them and returns NULL, whereupon
 *         the talk goes on with the old docent. The old one is the caller's to free, at any time from then on.
 */
int repl_run(struct repl_options *o);

#endif
