/*
 * pattern_names: what the names in patterns stand for, <group>, <entity> and <entity:value>, as pieces of expressions.
 *
 * Each is made when it is first needed, and kept: many patterns share them.
 */
#ifndef DOCENT_ENGINE_PATTERN_NAMES_H
#define DOCENT_ENGINE_PATTERN_NAMES_H

#include "base/buf.h"
#include "engine/pack.h"

struct pattern_names;

struct pattern_names *pattern_names_new(const struct docent *d, struct arena *a); /* once packs are loaded */
void pattern_names_free(struct pattern_names *names);

/* Any of the phrases, each as folded words with a space behind; the longest is preferred. Views, as long as the docent. */
struct str expression_of_group(const struct docent *d, uint16_t group);
struct str expression_of_entity(const struct docent *d, uint16_t entity);
struct str expression_of_value(const struct docent *d, uint16_t entity, uint16_t value);

void expression_char(struct buf *out, char c); /* a character that stands for itself */

#endif
