/* utf8: characters in bytes from anywhere (RFC 3629). Nothing here trusts its input. */
#ifndef DOCENT_BASE_UTF8_H
#define DOCENT_BASE_UTF8_H

#include "base/str.h"

#include <stdint.h>

enum { UTF8_REPLACEMENT = 0xFFFD };

/*
 * Takes one character off the front of *s. A byte that begins no well-formed character (overlong forms,
 * surrogates and values past U+10FFFF among them) counts as one character, UTF8_REPLACEMENT.
 * s  not empty
 */
int32_t utf8_next(struct str *s);

size_t utf8_put(int32_t character, char out[4]); /* bytes written; what is no character becomes U+FFFD */
bool utf8_valid(struct str s);
size_t utf8_count(struct str s);                 /* characters */
size_t utf8_at(struct str s, size_t count);      /* byte offset behind the first `count` characters */
size_t utf8_cut(struct str s, size_t max_bytes); /* longest length <= max_bytes that splits no character */
int utf8_columns(int32_t character);             /* cells on a terminal: 0, 1 or 2 */

#endif
