#include "cmd/report.h"

#include "base/json.h"
#include "base/utf8.h"
#include "render/render.h"

/* The particulars of a failure, in the order in which they are shown. */
enum { PARTICULARS = 4 };
struct particular {
    const char *name;
    struct str text;
};

static void particulars_of(const struct talk_result *r, struct particular out[PARTICULARS])
{
    out[0] = (struct particular){"expected", r->expected};
    out[1] = (struct particular){"came", r->came};
    out[2] = (struct particular){"text", r->text};
    out[3] = (struct particular){"why", r->why};
}

/* --- for people --------------------------------------------------------------------------------------------- */

static void add_line(struct buf *out, const char *name, struct str text)
{
    buf_addf(out, "  %-9s ", name);
    plain_safe(out, text);
    buf_addc(out, '\n');
}

static void add_particulars(struct buf *out, const struct talk_result *r)
{
    struct particular all[PARTICULARS];
    particulars_of(r, all);
    for (size_t i = 0; i < PARTICULARS; i++)
        if (all[i].text.n)
            add_line(out, all[i].name, all[i].text);
}

void report_text(struct buf *out, const struct talk_run *run, bool verbose)
{
    for (size_t i = 0; i < run->n; i++) {
        const struct talk_result *r = &run->results[i];
        if (r->passed && !verbose)
            continue;
        buf_addf(out, "%s%.*s: %s", r->passed ? "ok " : "", STR_FMT(r->where), r->file ? "> " : "");
        plain_safe(out, r->name);
        buf_addc(out, '\n');
        add_particulars(out, r);
        if (!r->passed)
            buf_addc(out, '\n');
    }
}

/* --- TAP ---------------------------------------------------------------------------------------------------- */

/* A # would begin a directive. */
static void add_description(struct buf *out, struct str text)
{
    struct buf safe;
    buf_init(&safe, text.n * 3); /* a byte becomes at most one character of three */
    plain_safe(&safe, text);
    for (size_t i = 0; i < safe.n; i++) {
        if (safe.p[i] == '#' || safe.p[i] == '\\')
            buf_addc(out, '\\');
        buf_addc(out, safe.p[i]);
    }
    buf_release(&safe);
}

static void add_yaml(struct buf *out, const struct talk_result *r)
{
    struct particular all[PARTICULARS];
    particulars_of(r, all);
    buf_adds(out, "  ---\n");
    for (size_t i = 0; i < PARTICULARS; i++)
        if (all[i].text.n) {
            buf_addf(out, "  %s: ", all[i].name);
            json_quote(out, all[i].text);
            buf_addc(out, '\n');
        }
    buf_adds(out, "  ...\n");
}

void report_tap(struct buf *out, const struct talk_run *run)
{
    buf_addf(out, "TAP version 13\n1..%zu\n", run->n);
    for (size_t i = 0; i < run->n; i++) {
        const struct talk_result *r = &run->results[i];
        buf_addf(out, "%s %zu - ", r->passed ? "ok" : "not ok", i + 1);
        add_description(out, r->where);
        buf_addc(out, ' ');
        add_description(out, r->name);
        buf_addc(out, '\n');
        if (!r->passed)
            add_yaml(out, r);
    }
}

/* --- JUnit -------------------------------------------------------------------------------------------------- */

static bool xml_character(int32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
}

/* Text as it may stand in an element or a quoted attribute; what XML 1.0 has no place for becomes U+FFFD. */
static void add_xml(struct buf *out, struct str text)
{
    while (text.n) {
        int32_t c = utf8_next(&text);
        char bytes[4];
        if (c == '&')
            buf_adds(out, "&amp;");
        else if (c == '<')
            buf_adds(out, "&lt;");
        else if (c == '>')
            buf_adds(out, "&gt;");
        else if (c == '"')
            buf_adds(out, "&quot;");
        else if (c == '\n')
            buf_adds(out, "&#10;");
        else
            buf_add(out, (struct str){bytes, utf8_put(xml_character(c) ? c : UTF8_REPLACEMENT, bytes)});
    }
}

static void add_attribute(struct buf *out, const char *name, struct str value)
{
    buf_addf(out, " %s=\"", name);
    add_xml(out, value);
    buf_addc(out, '"');
}

static void add_failure(struct buf *out, const struct talk_result *r)
{
    struct particular all[PARTICULARS];
    particulars_of(r, all);
    buf_adds(out, "      <failure");
    add_attribute(out, "message", r->expected);
    buf_addc(out, '>');
    for (size_t i = 0; i < PARTICULARS; i++)
        if (all[i].text.n) {
            buf_addf(out, "%s: ", all[i].name);
            add_xml(out, all[i].text);
            buf_addc(out, '\n');
        }
    buf_adds(out, "</failure>\n");
}

static void add_case(struct buf *out, const struct talk_result *r)
{
    buf_adds(out, "    <testcase");
    add_attribute(out, "classname", r->where);
    add_attribute(out, "name", r->name);
    buf_adds(out, r->passed ? "/>\n" : ">\n");
    if (r->passed)
        return;
    add_failure(out, r);
    buf_adds(out, "    </testcase>\n");
}

/* The results from `from` on that belong to the same file as it. */
static size_t suite_end(const struct talk_run *run, size_t from, size_t *failed)
{
    size_t i = from;
    *failed = 0;
    for (; i < run->n && run->results[i].file == run->results[from].file; i++) {
        *failed += !run->results[i].passed;
        if (!run->results[from].file)
            return i + 1; /* a demand on a whole file is a suite by itself */
    }
    return i;
}

void report_junit(struct buf *out, const struct talk_run *run)
{
    buf_addf(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"docent\" tests=\"%zu\" failures=\"%zu\">\n",
        run->n, run->failed);
    for (size_t i = 0; i < run->n;) {
        const struct talk_result *first = &run->results[i];
        size_t failed = 0, end = suite_end(run, i, &failed);
        buf_adds(out, "  <testsuite");
        add_attribute(out, "name", first->file ? first->file->source->name : first->where);
        buf_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n", end - i, failed);
        for (; i < end; i++)
            add_case(out, &run->results[i]);
        buf_adds(out, "  </testsuite>\n");
    }
    buf_adds(out, "</testsuites>\n");
}
