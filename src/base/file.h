/* file: whole files in and out, and the names in a folder. */
#ifndef DOCENT_BASE_FILE_H
#define DOCENT_BASE_FILE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Reads a regular file of at most max_bytes into the arena, with a NUL behind it. */
bool file_read(const char *path, size_t max_bytes, struct arena *a, struct str *text, struct err *err);

/*
 * The bytes of such a file where the system holds them, until file_unmap: for files that are only ever replaced by
 * renaming, as file_write does. Cutting one short while it is mapped would end the program.
 */
bool file_map(const char *path, size_t max_bytes, struct str *bytes, struct err *err);
void file_unmap(struct str bytes);

/* Writes beside the target and renames over it, so that a reader sees the old bytes or the new ones. */
bool file_write(const char *path, struct str bytes, struct err *err);

/* Names (not paths) in a folder that end in `suffix`, hidden ones left out, in byte order. */
bool file_names(const char *folder, const char *suffix, struct arena *a, struct str **names, size_t *n,
                struct err *err);

bool file_is_folder(const char *path);
bool file_make_folders(const char *path, struct err *err); /* with parents, mode 0700 */

/*
 * Reads one line without its line end, of at most max_bytes; the rest of a longer line is thrown away and *cut set.
 * Returns false at the end of the stream. The line lives until the next call with the same buffer.
 */
struct buf;
bool file_line(FILE *in, struct buf *line, bool *cut);

#endif
