/*
 * repl_commands: what a line means in a conversation that is typed: a question, or a command such as /topics.
 *
 * Knows nothing of terminals: a line goes in, text comes out.
 *     struct session s;
 *     session_init(&s, &options);
 *     session_line(&s, STR("/topics salary"));
 *     … print s.out; leave when s.quit …
 *     session_release(&s);
 */
#ifndef DOCENT_CHANNEL_REPL_COMMANDS_H
#define DOCENT_CHANNEL_REPL_COMMANDS_H

#include "base/arena.h"
#include "base/buf.h"
#include "channel/repl.h"
#include "docent.h"

#include <stdbool.h>
#include <stddef.h>

struct session {
    struct repl_options *options;
    size_t width;   /* columns to wrap at, 0: none; set before each line */
    bool color;     /* replies go to a terminal that shows colours */
    struct buf out; /* what the last line is answered with */
    bool quit;

    struct dialog dialog;
    struct dialog before; /* as it was when `question` was asked: /why asks it again */
    struct buf question;  /* the last one; empty: none yet */
    struct arena request;

    struct arena lists; /* holds the rest, which changes with the packs */
    struct topic *topics;
    struct source_ref *sections;
    struct str *listed; /* questions that /topics has just numbered; a number asks one of them */
    size_t n_topics, n_sections, n_listed;
};

void session_init(struct session *s, struct repl_options *options);
void session_release(struct session *s);

/* Carries out one line. Afterwards s->out holds the text to show: empty, or ended by one line end. */
void session_line(struct session *s, struct str line);

/* One way to go on from what is typed. */
struct completion {
    struct str text;  /* the whole line */
    struct str shown; /* its part that is worth listing */
};

/*
 * How `typed` could go on: commands; sections behind "/topics "; questions that begin so, in any case of letters.
 * Returns how many there are, also those past max. The views live as long as the arena and the packs.
 */
size_t session_complete(const struct session *s, struct str typed, struct arena *a, struct completion *out, size_t max);

#endif
