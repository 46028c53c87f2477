/*
 * keep: rows of numbers and texts in one run of bytes, for what is kept with the model (teach.h), used where it lies.
 *
 *     keep_row(&out, items, n, sizeof *items);
 *
 *     struct kept k = {bytes};                     aligned to eight bytes; they must outlive what is taken from them
 *     size_t n;
 *     const struct item *items = kept_row(&k, &n, sizeof *items);
 *     if (!kept_whole(&k)) …                       damaged, or of something else
 *
 * A damaged row has no items. What the items say is for their taker to check.
 */
#ifndef DOCENT_ENGINE_KEEP_H
#define DOCENT_ENGINE_KEEP_H

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void keep_row(struct buf *out, const void *items, size_t n, size_t each_bytes);

struct kept {
    struct str rest;
    bool damaged;
};

const void *kept_row(struct kept *k, size_t *n, size_t each_bytes);
const void *kept_row_of(struct kept *k, size_t n, size_t each_bytes); /* damaged, unless it has so many */
bool kept_whole(const struct kept *k);                                /* after the last row */

static inline bool all_below(const uint32_t *numbers, size_t n, size_t limit)
{
    bool below = true;
    for (size_t i = 0; i < n; i++)
        below &= numbers[i] < limit;
    return below;
}

#endif
