/*
 * backoff: how long to wait before trying again, with full jitter.
 *
 * Any time between half a second's least and first_ms * 2^attempt, never more than max_ms: so that many that failed
 * together do not come back together.
 */
#ifndef DOCENT_NET_BACKOFF_H
#define DOCENT_NET_BACKOFF_H

#include <stdint.h>

/* attempt  0 before the first repetition. random  any 32 random bits, from the caller: tests choose them. */
int64_t backoff_ms(unsigned attempt, int64_t first_ms, int64_t max_ms, uint32_t random);

#endif
