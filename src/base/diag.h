/*
 * diag: the mistakes of an author, with their places.
 *
 * Every problem of every file is collected, then all are printed in the order of the files:
 *
 *     intents/careers/salary.json:12:43: error: pattern does not compile: missing closing parenthesis
 *        12 |     "patterns": ["how much (do|does) <role> (earn|make"],
 *           |                                             ^
 *        hint: close the group that opens here
 *     1 error, 0 warnings in 14 files
 */
#ifndef DOCENT_BASE_DIAG_H
#define DOCENT_BASE_DIAG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum diag_level { DIAG_ERROR, DIAG_WARNING };

/* A text that has lines, and the name that messages give it. Both views outlive the diags. */
struct source {
    struct str name, text;
};

struct diag {
    enum diag_level level;
    const struct source *source; /* NULL: about no file in particular */
    size_t line, column;         /* from 1, columns in characters; 0: about the file as a whole */
    size_t offset;               /* of the place, in bytes from the start of the text */
    const char *rule;            /* short stable name of the kind of fault, "pattern-syntax" */
    struct str message, hint;    /* hint may be empty */
};

struct diags {
    struct arena arena;
    struct diag *items;
    size_t n, cap, errors, warnings;
};

/* Adds a problem at a byte offset of the source (DIAG_WHOLE: no line). Message and hint are copied. */
void diag_add(struct diags *d, enum diag_level level, const char *rule, const struct source *source, size_t offset,
              struct str message, struct str hint);
void diag_addf(struct diags *d, enum diag_level level, const char *rule, const struct source *source, size_t offset,
               const char *hint, const char *format, ...) __attribute__((format(printf, 7, 8)));
#define DIAG_WHOLE ((size_t)-1)

void diags_sort(struct diags *d);                                   /* by file, then place */
void diag_print(struct buf *out, const struct diag *d, bool color); /* message, line, caret, hint */
void diags_release(struct diags *d);

#endif
