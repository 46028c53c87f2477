/* new_pack: a pack while `docent new` makes it, in memory: nothing is written before it is sound. */
#ifndef DOCENT_CMD_NEW_PACK_H
#define DOCENT_CMD_NEW_PACK_H

#include "base/arena.h"
#include "base/diag.h"
#include "cmd/sheet.h"

enum { NEW_FILES_MAX = 128, NEW_FILE_MAX_BYTES = 64 << 20 };

struct new_pack {
    struct arena arena;
    struct source files[NEW_FILES_MAX]; /* names below the folder */
    size_t n;
};

void new_pack_add(struct new_pack *p, struct str name, struct str text); /* which outlive the pack */

/* Adds the files that say what the sheet says: each intent with its answer, and its questions as patterns and examples. */
void new_pack_of_sheet(struct new_pack *p, const struct sheet *sheet, const char *folder, const char *sheet_path);

#endif
