#include "cmd/cover.h"

#include "render/render.h"

#include <math.h>
#include <stdlib.h>

/* --- demands ------------------------------------------------------------------------------------------------ */

static bool read_percent(struct str text, double *out)
{
    char digits[16] = "", *end = NULL;
    if (!text.n || text.n >= sizeof digits)
        return false;
    for (size_t i = 0; i < text.n; i++)
        digits[i] = text.p[i];
    *out = strtod(digits, &end);
    return !*end && *out >= 0 && *out <= 100;
}

static bool read_demand(struct str one, struct cover_demands *out)
{
    struct str name, rest = one;
    if (!str_cut(&rest, '=', &name))
        return false;
    for (size_t k = 0; k < COVER_KINDS; k++)
        if (str_is(name, coverage_kind_name((enum coverage_kind)k)))
            return read_percent(rest, &out->least[k]);
    return false;
}

bool cover_demands_read(const char *text, struct cover_demands *out)
{
    double all;
    for (size_t k = 0; k < COVER_KINDS; k++)
        out->least[k] = NAN;
    if (!text)
        return true;
    if (read_percent(str_of(text), &all)) {
        static const enum coverage_kind kinds[] = {COVER_SECTIONS, COVER_INTENTS, COVER_PATTERNS, COVER_ANSWERS};
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            out->least[kinds[i]] = all;
        return true;
    }
    struct str rest = str_of(text), one;
    while (str_cut(&rest, ',', &one))
        if (!read_demand(one, out))
            return false;
    return true;
}

/* --- what came of it ---------------------------------------------------------------------------------------- */

double cover_percent(struct coverage_count count)
{
    return count.total ? 100.0 * (double)count.touched / (double)count.total : 100.0;
}

void cover_table(struct buf *out, const struct coverage *c, const char *prefix)
{
    buf_addf(out, "%s%-14s%9s%9s%9s\n", prefix, "coverage", "touched", "of", "%");
    for (size_t k = 0; k < COVER_KINDS; k++) {
        struct coverage_count n = coverage_count(c, (enum coverage_kind)k);
        /* cut, not rounded: 100.0 says that all of them are touched */
        buf_addf(out, "%s%-14s%9zu%9zu%9.1f\n", prefix, coverage_kind_name((enum coverage_kind)k), n.touched, n.total,
                 floor(10 * cover_percent(n)) / 10);
    }
}

static void list_kind(struct buf *out, const struct coverage *c, enum coverage_kind kind, const char *prefix, bool *any)
{
    struct arena a = {0};
    struct untouched *items;
    size_t n = coverage_untouched(c, kind, &a, &items);
    for (size_t i = 0; i < n; i++) {
        buf_addf(out, "%s%s%.*s:%zu: ", *any ? "" : "\nnot touched\n", prefix, STR_FMT(items[i].file), items[i].line);
        plain_safe(out, items[i].what);
        buf_addc(out, '\n');
        *any = true;
    }
    arena_release(&a);
}

void cover_list(struct buf *out, const struct coverage *c, bool alternatives, const char *prefix)
{
    struct coverage_count n = coverage_count(c, COVER_ALTERNATIVES);
    bool any = false;
    for (size_t k = 0; k < COVER_KINDS; k++)
        if (k != COVER_ALTERNATIVES || alternatives)
            list_kind(out, c, (enum coverage_kind)k, prefix, &any);
    if (!alternatives && n.touched < n.total)
        buf_addf(out, "%s%s%zu alternatives of patterns are not touched; --verbose lists them\n", any ? "" : "\n",
                 prefix, n.total - n.touched);
    buf_addc(out, '\n');
}
