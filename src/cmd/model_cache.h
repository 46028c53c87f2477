/*
 * model_cache: trained classifiers, kept so that docent starts in a moment.
 *
 * One file for each set of packs, named after its fingerprint, in $XDG_CACHE_HOME/docent/. Nothing here can fail in a
 * way that matters: without a cache the classifier is trained again.
 */
#ifndef DOCENT_CMD_MODEL_CACHE_H
#define DOCENT_CMD_MODEL_CACHE_H

#include "base/arena.h"
#include "base/str.h"

#include <stdint.h>

enum { MODEL_CACHE_KEEP = 8 }; /* files; older ones are removed */

struct str model_cache_map(uint64_t fingerprint); /* empty: there is none; to be given back with file_unmap */
void model_cache_write(uint64_t fingerprint, struct str model);

#endif
