/* trace: what `why` tells of a message, written down while it is answered. Does nothing when nobody asked why. */
#ifndef DOCENT_ENGINE_TRACE_H
#define DOCENT_ENGINE_TRACE_H

#include "engine/meaning.h"
#include "engine/split.h"

void trace_split(struct asking *q, const struct segment *segments, size_t n);
/* b  NULL: no answer was told */
void trace_question(struct asking *q, const struct meaning *m, const struct branch *b);
void trace_end(struct asking *q);

#endif
