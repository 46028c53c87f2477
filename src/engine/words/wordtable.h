/* wordtable: the table that mkwords makes, and where in it a word's bits are. */
#ifndef DOCENT_ENGINE_WORDTABLE_H
#define DOCENT_ENGINE_WORDTABLE_H

#include "base/str.h"

#include <stddef.h>

enum { WORDTABLE_HASHES = 8 };

extern const size_t wordtable_bits;
extern const unsigned char wordtable[];

static inline size_t wordtable_bit(struct str word, unsigned k, size_t bits)
{
    uint64_t h = str_hash(word);
    uint32_t a = (uint32_t)h, b = (uint32_t)(h >> 32) | 1;
    uint32_t mixed = (a + k * b) * UINT32_C(2654435769);
    return (size_t)((uint64_t)mixed * bits >> 32);
}

#endif
