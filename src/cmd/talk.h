/*
 * talk: conversations written as text, and whether the packs hold them.
 *
 *     # tests/talk/salary.talk
 *     > how much do coders earn                      what the person says
 *     = answer coding-salary intent=salary role=coding
 *     ~ 42,?000                                      the reply contains (PCRE2, case-insensitive)
 *     ! \berror\b                                    the reply does not contain
 *     > and billers?
 *     = answer billing-salary
 *
 * A blank line ends a conversation. On a `=` line stand, in any number: first an outcome, then section ids that must
 * be among the sources, `intent=NAME`, and `ENTITY=VALUE` (several values joined by commas, none: the slot is empty).
 * Each of these may be alternatives joined by `|`. Several `=` lines must all hold.
 *
 *     struct talk_file file;
 *     talk_parse(&source, docent, &a, &file, &diags);
 *     struct talk_run run = {0};
 *     talk_play(&file, STR(""), docent, &a, &run);
 *     … run.results …
 *     talk_release(&file);
 */
#ifndef DOCENT_CMD_TALK_H
#define DOCENT_CMD_TALK_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/str.h"
#include "docent.h"

#include <stdbool.h>
#include <stddef.h>

enum { TALK_SHOWN_MAX = 200 }; /* bytes of a reply in a report */

struct coverage;
struct regex;

enum term_kind { TERM_OUTCOME, TERM_SOURCE, TERM_INTENT, TERM_SLOT };

struct term { /* one word of a `=` line */
    enum term_kind kind;
    struct str name;   /* of a slot */
    struct str wanted; /* alternatives, joined by | */
};

struct said { /* a `~` or `!` line */
    struct str pattern;
    struct regex *regex;
    bool absent; /* must not be found */
    size_t line;
};

struct talk_turn {
    struct str question;
    size_t line;
    struct term *terms;
    size_t n_terms, cap_terms;
    struct said *said;
    size_t n_said, cap_said;
    struct str *equals; /* the `=` lines, as views into the text, line ends included */
    size_t n_equals, cap_equals;
};

struct talk { /* one conversation */
    struct talk_turn *turns;
    size_t n_turns, cap_turns;
};

struct talk_file {
    const struct source *source;
    struct talk *talks;
    size_t n_talks, cap_talks;
};

/* What one turn came to. The views live as long as the arena of talk_play. */
struct talk_result {
    const struct talk_file *file; /* NULL: no turn of a talk, but a demand on a whole file, such as --fail-under */
    const struct talk_turn *turn;
    struct str where, name; /* "salary.talk:12", and the question */
    bool passed;
    bool equals_failed;                   /* a `=` line does not hold: blessing can mend it */
    struct str expected, came, text, why; /* of a failure; any may be empty */
    struct str blessed;                   /* the `=` line that would hold */
};

struct talk_run {
    struct talk_result *results;
    size_t n, cap;
    size_t passed, failed;
    struct coverage *coverage; /* NULL, or notes what is played */
};

/*
 * Reads a file of talks. The source and its text outlive the result; it is filled even when there are faults.
 *
 * docent  to know its section ids; NULL: they are not checked
 */
void talk_parse(const struct source *source, const struct docent *docent, struct arena *a, struct talk_file *file,
                struct diags *diags);
void talk_release(struct talk_file *file); /* frees the patterns; the rest is the arena's */

/* Plays the conversations whose file name or first question contains `filter`, and adds a result for each turn. */
void talk_play(const struct talk_file *file, struct str filter, const struct docent *docent, struct arena *a,
               struct talk_run *run);
struct talk_result *talk_result_add(struct talk_run *run, struct arena *a, bool passed);

/* The file's text with the `=` lines of failing turns made to hold. *blessed: how many turns that changed. */
struct str talk_bless(const struct talk_file *file, const struct talk_run *run, struct arena *a, size_t *blessed);

/*
 * Plays plain questions, one a line, and writes them as talks of what the packs say now. Each line is a conversation
 * of its own; one that begins with white space goes on with the conversation above it.
 */
void talk_record(struct buf *out, struct str questions, const struct docent *docent);

/* Whether the conversation that begins with this question is to be played; the case of ASCII letters does not matter. */
bool filter_lets(struct str filter, struct str file, struct str question);

/* --- shared by the files of talk ---------------------------------------------------------------------------- */

struct str talk_line(struct str *rest);                             /* takes the next line off, its end included */
void talk_bless_intent(struct buf *out, const struct reply *reply); /* " intent=salary" */
/* The `=` line that holds, naming outcome and sources, and of intent and slots what the lines so far named. */
struct str talk_blessed_line(const struct talk_turn *turn, const struct reply *reply, struct arena *a);

#endif
