/* docent report: what was asked, what went unanswered, what people found helpful. */
#include "base/json.h"
#include "cmd/command.h"
#include "cmd/places.h"
#include "render/render.h"
#include "store/store.h"

#include <stdio.h>
#include <time.h>

enum { DAYS_MAX = 3650, ROWS_MAX = 1000, REPORT_MAX = 4 << 20 };
static const int64_t DAY_MS = (int64_t)24 * 60 * 60 * 1000;

struct report {
    bool json;
    int days, rows;
    struct store *store;
    int64_t since_ms;
    struct buf out;
    size_t n; /* tallies of the table so far */
};

/* The tables, in the order in which they are shown. `line` writes one row for people; JSON has all that a tally holds. */
static void line_count(struct report *r, const struct store_tally *t);
static void line_answered(struct report *r, const struct store_tally *t);
static void line_intent(struct report *r, const struct store_tally *t);
static void line_words(struct report *r, const struct store_tally *t);

static const struct table {
    enum store_report report;
    const char *key, *title, *none;
    void (*line)(struct report *r, const struct store_tally *t);
} tables[] = {
    {STORE_BY_OUTCOME, "outcomes", "How it went", "Nothing was asked.", line_count},
    {STORE_BY_PLATFORM, "platforms", "Where", NULL, line_answered},
    {STORE_BY_DAY, "days", "By day", NULL, line_answered},
    {STORE_BY_INTENT, "intents", "Asked most", "No question was answered.", line_intent},
    {STORE_UNANSWERED, "unanswered", "Unanswered: write an intent for these, or a pattern more",
     "Nothing went unanswered.", line_words},
};
enum { N_TABLES = sizeof tables / sizeof *tables };

static void add_day(struct buf *out, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm day;
    char text[16];
    strftime(text, sizeof text, "%Y-%m-%d", gmtime_r(&seconds, &day));
    buf_adds(out, text);
}

static void line_count(struct report *r, const struct store_tally *t)
{
    buf_addf(&r->out, "  %6lld  %.*s\n", (long long)t->asked, STR_FMT(t->name));
}

static void line_answered(struct report *r, const struct store_tally *t)
{
    buf_addf(&r->out, "  %6lld  %.*s, %lld %% answered\n", (long long)t->asked, STR_FMT(t->name),
             t->asked ? (long long)(100 * t->answered / t->asked) : 0);
}

static void line_intent(struct report *r, const struct store_tally *t)
{
    buf_addf(&r->out, "  %6lld  %.*s", (long long)t->asked, STR_FMT(t->name));
    if (t->helpful || t->unhelpful)
        buf_addf(&r->out, "   (helpful %lld, not helpful %lld)", (long long)t->helpful, (long long)t->unhelpful);
    buf_addc(&r->out, '\n');
}

static void line_words(struct report *r, const struct store_tally *t)
{
    buf_addf(&r->out, "  %6lld  ", (long long)t->asked);
    add_day(&r->out, t->last_ms);
    buf_adds(&r->out, "  ");
    plain_safe(&r->out, t->name);
    buf_addc(&r->out, '\n');
}

static void add_json(struct report *r, const struct store_tally *t)
{
    buf_adds(&r->out, r->n ? ", " : "");
    buf_adds(&r->out, "{\"name\": ");
    json_quote(&r->out, t->name);
    buf_addf(&r->out, ", \"asked\": %lld, \"answered\": %lld, \"helpful\": %lld, \"unhelpful\": %lld",
             (long long)t->asked, (long long)t->answered, (long long)t->helpful, (long long)t->unhelpful);
    if (t->last_ms) {
        buf_adds(&r->out, ", \"last\": \"");
        add_day(&r->out, t->last_ms);
        buf_addc(&r->out, '"');
    }
    buf_addc(&r->out, '}');
}

struct filling {
    struct report *report;
    const struct table *table;
};

static void each_tally(void *arg, const struct store_tally *t)
{
    const struct filling *f = arg;
    if (f->report->json)
        add_json(f->report, t);
    else
        f->table->line(f->report, t);
    f->report->n++;
}

static bool add_table(struct report *r, const struct table *table, struct err *err)
{
    struct filling f = {r, table};
    size_t start = r->out.n;
    r->n = 0;
    if (r->json)
        buf_addf(&r->out, ", \"%s\": [", table->key);
    else
        buf_addf(&r->out, "\n%s\n", table->title);
    if (!store_report(r->store, table->report, r->since_ms, (size_t)r->rows, each_tally, &f, err))
        return false;
    if (r->json)
        buf_addc(&r->out, ']');
    else if (!r->n && table->none)
        buf_addf(&r->out, "  %s\n", table->none);
    else if (!r->n)
        buf_cut(&r->out, start);
    return true;
}

static bool write_report(struct report *r, struct err *err)
{
    if (r->json) {
        buf_addf(&r->out, "{\"days\": %d", r->days);
    } else {
        buf_addf(&r->out, "The last %d days, since ", r->days);
        add_day(&r->out, r->since_ms);
        buf_adds(&r->out, " (UTC)\n");
    }
    for (size_t i = 0; i < N_TABLES; i++)
        if (!add_table(r, &tables[i], err))
            return false;
    if (r->json)
        buf_adds(&r->out, "}\n");
    return true;
}

static bool open_and_write(struct report *r, const struct settings *s, struct arena *a, struct err *err)
{
    struct str folder = place_state(a, s->state_dir);
    if (!folder.n)
        return err_set(err, STATUS_CONFIG, "no folder of the database: set DOCENT_STATE_DIR");
    r->store = store_open_to_read(place_database(a, folder).p, err);
    return r->store && write_report(r, err);
}

int cmd_report(struct call *call)
{
    struct report r = {.days = 30, .rows = 20};
    const struct opt rows[] = {
        OPT_NUMBER('d', "days", "N", "how far to look back (30)", &r.days),
        OPT_NUMBER('n', "rows", "N", "rows of a table at most (20)", &r.rows),
        OPT_FLAG('j', "json", "print it as JSON", &r.json),
    };
    struct err err = {0};
    int status;
    if (!command_begin(call, rows, sizeof rows / sizeof *rows, &status))
        return status;
    if (call->n_words)
        return command_usage(call, "takes no words");
    if (r.days < 1 || r.days > DAYS_MAX || r.rows < 1 || r.rows > ROWS_MAX)
        return command_usage(call, "--days is a number from 1 to %d, --rows from 1 to %d", DAYS_MAX, ROWS_MAX);
    r.since_ms = (int64_t)time(NULL) * 1000 - r.days * DAY_MS;
    buf_init(&r.out, REPORT_MAX);
    if (open_and_write(&r, &call->settings, &call->settings.arena, &err)) {
        fwrite(r.out.p, 1, r.out.n, stdout);
    } else {
        fprintf(stderr, "docent report: %s\n", err.text);
        status = err.status;
    }
    store_close(r.store);
    buf_release(&r.out);
    return status;
}
