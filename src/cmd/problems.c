#include "cmd/problems.h"

enum { PROBLEM_MAX = 64 << 10 }; /* bytes of one */

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

void problems_count(FILE *out, size_t errors, size_t warnings, size_t n_files)
{
    fprintf(out, "%zu error%s, %zu warning%s in %zu file%s\n", errors, plural(errors), warnings, plural(warnings),
            n_files, plural(n_files));
}

void problems_list(FILE *out, struct diags *diags, bool color)
{
    struct buf text;
    buf_init(&text, PROBLEM_MAX);
    diags_sort(diags);
    for (size_t i = 0; i < diags->n; i++) {
        buf_clear(&text);
        diag_print(&text, &diags->items[i], color);
        fwrite(text.p, 1, text.n, out);
    }
    buf_release(&text);
}

void problems_print(FILE *out, struct diags *diags, size_t n_files, bool color)
{
    problems_list(out, diags, color);
    problems_count(out, diags->errors, diags->warnings, n_files);
}
