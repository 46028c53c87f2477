/*
 * packs: the folders of packs read from disk, and the docent made of them.
 *
 *     struct packs packs;
 *     if (!packs_open(&packs, &settings->packs, &err))
 *         … packs_report(&packs, err, color) …
 *     … packs.docent …
 *     packs_close(&packs);
 */
#ifndef DOCENT_CMD_PACKS_H
#define DOCENT_CMD_PACKS_H

#include "base/diag.h"
#include "base/err.h"
#include "base/opt.h"
#include "cmd/settings.h"
#include "docent.h"

#include <stdbool.h>

enum { PACK_FILE_MAX_BYTES = 4 << 20, PACK_FILES_MAX = 200 }; /* of a file; in a folder */

struct packs {
    struct arena arena; /* the files' texts, which the docent looks into */
    struct str model;   /* and the cached model, mapped; empty: there was none */
    struct pack_files *folders;
    size_t n_folders, n_files;
    struct docent *docent; /* NULL unless opened well */
    struct diags diags;
};

/*
 * Reads every *.json of the folders and opens a docent of them. False: either err tells which file or folder cannot be
 * read, or packs->diags tells what is wrong in them, and err is of status STATUS_DATA without a text. In both cases
 * packs_close is still to be called.
 */
bool packs_open(struct packs *packs, const struct opt_list *folders, struct err *err);
void packs_close(struct packs *packs);

/* Prints on stderr the diags, then "N errors, M warnings in K files"; or the error when it has a text. */
void packs_report(struct packs *packs, const struct err *err, bool color);

/* Opens the packs of the settings for a command, or says on stderr why not. Returns an exit status. */
int packs_start(struct packs *packs, const struct settings *s);

#endif
