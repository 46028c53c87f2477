/*
 * cover: what `docent test --coverage` demands and prints.
 *
 *     coverage        touched       of        %
 *     sections             28       28    100.0
 *     …
 *     not touched
 *     intents/careers/salary.json:34: pattern "<pay> & <role>"
 */
#ifndef DOCENT_CMD_COVER_H
#define DOCENT_CMD_COVER_H

#include "base/buf.h"
#include "engine/coverage.h"

#include <stdbool.h>

struct cover_demands {
    double least[COVER_KINDS]; /* percent; NAN: no demand */
};

/*
 * "95", which is demanded of sections, intents, patterns and answers, or a list such as "answers=100,patterns=95".
 * NULL demands nothing. False: it is neither.
 */
bool cover_demands_read(const char *text, struct cover_demands *out);

double cover_percent(struct coverage_count count);                               /* 100 of nothing */
void cover_table(struct buf *out, const struct coverage *c, const char *prefix); /* prefix: before each line */
void cover_list(struct buf *out, const struct coverage *c, bool alternatives, const char *prefix);

#endif
