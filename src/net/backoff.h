/*
 * backoff: how long to wait before trying again, with jitter, so that many that failed together do not come back
 * together.
 */
#ifndef DOCENT_NET_BACKOFF_H
#define DOCENT_NET_BACKOFF_H

#include <stdint.h>

/*
 * Any time below limit = first_ms * 2^attempt, or below max_ms if that is less; but at least half a second, or half of
 * the limit if that is less.
 *
 * attempt  0 before the first repetition
 * random   any 32 random bits, from the caller: tests choose them
 */
int64_t backoff_ms(unsigned attempt, int64_t first_ms, int64_t max_ms, uint32_t random);

#endif
