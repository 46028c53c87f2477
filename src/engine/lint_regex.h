/*
 * lint_regex: a word with PCRE2 in it, taken apart far enough to say what it can match and where it can be slow.
 *
 * What this does not understand (look-around, back references, …) stands for the empty text; `exact` is then false and
 * nothing is concluded from what could not be read.
 */
#ifndef DOCENT_ENGINE_LINT_REGEX_H
#define DOCENT_ENGINE_LINT_REGEX_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct regex;

struct regex *regex_read(struct str word, struct arena *a); /* never NULL; the arena holds it */

/* Texts that it matches, at most max of them, repeats done once or twice. *exact: there are no others. */
size_t regex_samples(const struct regex *r, struct arena *a, struct str *out, size_t max, bool *exact);

bool regex_matches_any_word(const struct regex *r); /* `\w+`, `[a-z]*`, … and nothing else */

/*
 * A repeat that can divide the same text in many ways: `(a+)+` in exponentially many (NESTED), `a*b*a*` or `.*x.*` in
 * many (OVERLAPPING). *at is where it stands in the word.
 */
enum regex_slowness { REGEX_FAST, REGEX_OVERLAPPING, REGEX_NESTED };
enum regex_slowness regex_slow(const struct regex *r, size_t *at);

/* A long word made of what its repeats take, most likely to make it slow. Empty: it has no repeat without an end. */
struct str regex_pumped(const struct regex *r, struct arena *a, size_t length);

#endif
