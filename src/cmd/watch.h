/* watch: does something again whenever one of the files that it reads changes. */
#ifndef DOCENT_CMD_WATCH_H
#define DOCENT_CMD_WATCH_H

#include <stddef.h>

/*
 * Calls run(arg) now, and again when a pack, talk or question set changes in one of the folders, or beside one of the
 * files, of `paths`. Goes on until it is interrupted or watching fails. Returns an exit status.
 */
int watch_files(const char *const *paths, size_t n_paths, void (*run)(void *arg), void *arg);

#endif
