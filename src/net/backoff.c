#include "net/backoff.h"

enum { LEAST_MS = 500 };

int64_t backoff_ms(unsigned attempt, int64_t first_ms, int64_t max_ms, uint32_t random)
{
    int64_t limit = first_ms < max_ms ? first_ms : max_ms;
    while (attempt-- && limit < max_ms)
        limit = limit > max_ms / 2 ? max_ms : limit * 2;
    int64_t least = limit / 2 < LEAST_MS ? limit / 2 : LEAST_MS;
    uint64_t span = (uint64_t)(limit - least);
    /* random / 2^32 of the span, cut in two so that days in milliseconds do not overflow */
    return least + (int64_t)((span >> 32) * random + ((span & UINT32_MAX) * random >> 32));
}
