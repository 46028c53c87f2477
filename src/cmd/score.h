/*
 * score: how the packs do on labelled questions.
 *
 * A question set is JSON Lines, a conversation a line:
 *
 *     {"id": "c1", "style": "terse", "turns": [{"q": "coder pay?", "outcome": ["answer"],
 *      "sources": [["coding-salary"]], "must": ["42,?000"], "must_not": []}]}
 *
 * (one line; broken here to fit). Every turn gets one verdict:
 *
 *     right    the outcome is one of those listed, no `must_not` is found in the text and, where the outcome is
 *              `answer`, of every group of sources at least one is there and every `must` is found
 *     wrong    an answer that is not right, or a listed outcome whose text holds a `must_not`
 *     missed   any other reply
 *
 * A false answer is an answer where a decline or chat, and no answer, was listed. It is wrong, and counted apart too.
 */
#ifndef DOCENT_CMD_SCORE_H
#define DOCENT_CMD_SCORE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/str.h"
#include "docent.h"

#include <stdbool.h>
#include <stddef.h>

struct coverage;
struct regex;

enum score_verdict { VERDICT_RIGHT, VERDICT_WRONG, VERDICT_MISSED };

struct wanted { /* a `must` or `must_not` */
    struct str pattern;
    struct regex *regex;
};

struct source_group { /* any of these will do */
    struct str *ids;
    size_t n, cap;
};

struct labelled { /* one turn and what may come of it */
    struct str question;
    unsigned outcomes; /* bit 1 << enum outcome */
    struct source_group *groups;
    size_t n_groups, cap_groups;
    struct wanted *must, *must_not;
    size_t n_must, cap_must, n_must_not, cap_must_not;
};

struct labelled_talk {
    struct str id, style;
    size_t line;
    struct labelled *turns;
    size_t n_turns, cap_turns;
};

struct question_set {
    const struct source *source;
    struct labelled_talk *talks;
    size_t n_talks, cap_talks;
};

struct score_row {
    struct str style;
    size_t turns, verdicts[3], false_answers;
};

struct score { /* rows by style, in the order of the README of question sets, others behind */
    struct score_row *rows;
    size_t n_rows, cap_rows;
    struct score_row total;
    struct coverage *coverage; /* NULL, or notes what is played */
};

/* Reads a question set; what it keeps is copied into the arena. Filled even when there are faults. */
void questions_parse(const struct source *source, struct arena *a, struct question_set *set, struct diags *diags);
void questions_release(struct question_set *set);

/* why  gets what is wrong with the reply, unless NULL or the verdict is right */
enum score_verdict score_judge(const struct labelled *turn, const struct reply *reply, struct str text,
                               bool *false_answer, struct buf *why);

/* Plays the conversations whose file name or first question contains `filter`. failures: NULL, or gets each turn that is not right. */
void score_play(const struct question_set *set, struct str filter, const struct docent *docent, struct arena *a,
                struct score *score, struct buf *failures);
void score_table(struct buf *out, const struct score *score, const char *prefix); /* prefix: before each line */
double score_percent(const struct score *score, enum score_verdict verdict);      /* of all turns; 0 without any */

#endif
