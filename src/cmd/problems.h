/* problems: the mistakes of an author as the terminal shows them, and their count. */
#ifndef DOCENT_CMD_PROBLEMS_H
#define DOCENT_CMD_PROBLEMS_H

#include "base/diag.h"

#include <stdbool.h>
#include <stdio.h>

void problems_list(FILE *out, struct diags *diags, bool color);                  /* in the order of their places */
void problems_count(FILE *out, size_t errors, size_t warnings, size_t n_files);  /* N errors, M warnings in K files */
void problems_print(FILE *out, struct diags *diags, size_t n_files, bool color); /* both */

#endif
