/*
 * point: what a message means that points at something listed before, in place of naming it.
 *
 *     "which certifications are there for billers?"   "what about the second one"   "who offers the first of those"
 */
#ifndef DOCENT_ENGINE_POINT_H
#define DOCENT_ENGINE_POINT_H

#include "engine/meaning.h"

/* What a message that only points would be, written out, in its arena. Empty: there is nothing that it points at. */
struct str point_written_out(struct asking *q, const struct chosen *chosen);

/* Where a message points besides asking something, a name takes the place in q->words: "who offers the CPB". */
void point_name_value(struct asking *q);

#endif
