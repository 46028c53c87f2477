#include "channel/metrics.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_MAX = 48, SERIES_MAX = 100, BUCKETS_MAX = 16 };

enum type { COUNTER, GAUGE, HISTOGRAM };
static const char *const type_names[] = {"counter", "gauge", "histogram"};

/* Upper bounds in seconds, 0 at the end. */
static const double of_people[BUCKETS_MAX] = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300};
static const double of_machines[BUCKETS_MAX] = {0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005,
                                                0.001,   0.0025,   0.005,   0.01,   0.05,    0.25};

/* platform, what: names of the labels; NULL: it has none, and what is given for it is left out */
static const struct metric {
    const char *name;
    enum type type;
    const char *platform, *what;
    const double *bounds;
    const char *help;
} table[] = {
    {"docent_questions_total", COUNTER, "platform", "outcome", NULL,
     "Questions answered, by the outcome of the reply."},
    {"docent_ignored_total", COUNTER, "platform", "reason", NULL,
     "Messages that were taken and not answered, by reason."},
    {"docent_duplicates_total", COUNTER, "platform", NULL, NULL, "Deliveries of something that was taken before."},
    {"docent_refused_total", COUNTER, "platform", "reason", NULL, "Messages that could not be kept or not be trusted."},
    {"docent_feedback_total", COUNTER, "platform", "answer", NULL, "Clicks on helpful and not helpful."},
    {"docent_delivery_total", COUNTER, "platform", "result", NULL, "Posts that were sent, by what became of them."},
    {"docent_rate_limited_total", COUNTER, "platform", "scope", NULL, "Times that a platform told us to wait."},
    {"docent_unsure_total", COUNTER, "platform", NULL, NULL,
     "Posts of which nobody knows whether they arrived; not sent again."},
    {"docent_given_up_total", COUNTER, "platform", "reason", NULL, "Questions that were taken and got no answer."},
    {"docent_answer_seconds", HISTOGRAM, NULL, NULL, of_people,
     "From taking a question until its answer is delivered."},
    {"docent_engine_seconds", HISTOGRAM, NULL, NULL, of_machines, "Finding the answer to a question."},
    {"docent_commit_seconds", HISTOGRAM, NULL, NULL, of_machines, "Committing what a turn of the loop wrote."},
    {"docent_outbox_rows", GAUGE, NULL, "state", NULL, "Questions taken and not delivered, by state."},
    {"docent_outbox_oldest_seconds", GAUGE, NULL, NULL, NULL, "Age of the oldest question that is not delivered."},
    {"docent_lanes", GAUGE, NULL, NULL, NULL, "Channels that a post waits for, or was sent to a moment ago."},
    {"docent_store_up", GAUGE, NULL, NULL, NULL, "1 while the store takes what is written."},
    {"docent_store_failures_total", COUNTER, NULL, NULL, NULL, "Commits that failed."},
    {"docent_link_up", GAUGE, "platform", "link", NULL, "1 while a connection to a platform is up."},
    {"docent_reconnects_total", COUNTER, "platform", "reason", NULL,
     "Connections that were opened anew, by why the last one ended."},
    {"docent_identifies_total", COUNTER, "platform", NULL, NULL, "Sessions begun at a gateway."},
    {"docent_events_total", COUNTER, "platform", "type", NULL, "Events that came in, by type."},
    {"docent_requests_total", COUNTER, NULL, "route", NULL, "Requests served over HTTP, by route."},
    {"docent_reloads_total", COUNTER, NULL, "result", NULL, "Reloads of packs and settings."},
    {"docent_pack_info", GAUGE, NULL, "version", NULL, "1; the version of the pack as a label."},
    {"docent_start_time_seconds", GAUGE, NULL, NULL, NULL, "Unix time at which the process started."},
};
enum { METRICS = sizeof table / sizeof *table };

struct series {
    char platform[LABEL_MAX], what[LABEL_MAX];
    double value;                         /* of a histogram: the sum */
    uint64_t buckets[BUCKETS_MAX], count; /* of a histogram; the buckets do not add up */
};

struct metrics {
    struct {
        struct series *series;
        size_t n;
    } of[METRICS];
};

struct metrics *metrics_new(void)
{
    return mem_alloc(sizeof(struct metrics));
}

void metrics_free(struct metrics *m)
{
    for (size_t i = 0; m && i < METRICS; i++)
        free(m->of[i].series);
    free(m);
}

static size_t index_of(const char *name)
{
    for (size_t i = 0; i < METRICS; i++)
        if (strcmp(table[i].name, name) == 0)
            return i;
    assert(!"a metric that the table does not have");
    return 0;
}

/* Label values may come from outside: cut at a character, and bounded in number. */
static void copy_label(char out[LABEL_MAX], const char *name, const char *value)
{
    struct str s = name ? str_of(value) : (struct str){NULL, 0};
    size_t n = utf8_cut(s, LABEL_MAX - 1);
    if (s.p)
        memcpy(out, s.p, n);
    out[n] = '\0';
}

static struct series *find(struct metrics *m, size_t i, char labels[2][LABEL_MAX])
{
    for (size_t k = 0; k < m->of[i].n; k++) {
        struct series *s = &m->of[i].series[k];
        if (strcmp(s->platform, labels[0]) == 0 && strcmp(s->what, labels[1]) == 0)
            return s;
    }
    return NULL;
}

static struct series *series_of(struct metrics *m, size_t i, const char *platform, const char *what)
{
    char labels[2][LABEL_MAX];
    copy_label(labels[0], table[i].platform, platform);
    copy_label(labels[1], table[i].what, what);
    struct series *s = find(m, i, labels);
    if (!s && m->of[i].n >= SERIES_MAX) {
        copy_label(labels[1], table[i].what, "other");
        s = find(m, i, labels);
    }
    if (s)
        return s;
    m->of[i].series = mem_resize(m->of[i].series, m->of[i].n + 1, sizeof *s);
    s = &m->of[i].series[m->of[i].n++];
    *s = (struct series){0};
    memcpy(s->platform, labels[0], LABEL_MAX);
    memcpy(s->what, labels[1], LABEL_MAX);
    return s;
}

void metrics_add(struct metrics *m, const char *name, const char *platform, const char *what, double amount)
{
    series_of(m, index_of(name), platform, what)->value += amount;
}

void metrics_set(struct metrics *m, const char *name, const char *platform, const char *what, double value)
{
    series_of(m, index_of(name), platform, what)->value = value;
}

void metrics_observe(struct metrics *m, const char *name, double seconds)
{
    size_t metric = index_of(name), i = 0;
    assert(table[metric].type == HISTOGRAM);
    struct series *s = series_of(m, metric, NULL, NULL);
    while (table[metric].bounds[i] > 0 && seconds > table[metric].bounds[i])
        i++;
    s->buckets[i]++;
    s->count++;
    s->value += seconds;
}

/* --- text: https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4) ----------------------- */

static void add_label(struct buf *out, const char *name, const char *value, bool *first)
{
    if (!name)
        return;
    buf_addf(out, "%s%s=\"", *first ? "{" : ",", name);
    for (; *value; value++) {
        if (*value == '\n')
            buf_adds(out, "\\n");
        else if (*value == '"' || *value == '\\')
            buf_addf(out, "\\%c", *value);
        else
            buf_addc(out, *value);
    }
    buf_addc(out, '"');
    *first = false;
}

static void add_histogram(struct buf *out, const struct metric *metric, const struct series *s)
{
    uint64_t below = 0;
    for (size_t i = 0; metric->bounds[i] > 0; i++) {
        below += s->buckets[i];
        buf_addf(out, "%s_bucket{le=\"%g\"} %llu\n", metric->name, metric->bounds[i], (unsigned long long)below);
    }
    buf_addf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.9g\n%s_count %llu\n", metric->name,
             (unsigned long long)s->count, metric->name, s->value, metric->name, (unsigned long long)s->count);
}

static void add_value(struct buf *out, const struct metric *metric, const struct series *s)
{
    bool first = true;
    buf_adds(out, metric->name);
    add_label(out, metric->platform, s->platform, &first);
    add_label(out, metric->what, s->what, &first);
    buf_addf(out, "%s %.15g\n", first ? "" : "}", s->value);
}

void metrics_text(const struct metrics *m, struct buf *out)
{
    for (size_t i = 0; i < METRICS; i++) {
        if (m->of[i].n)
            buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", table[i].name, table[i].help, table[i].name,
                     type_names[table[i].type]);
        for (size_t k = 0; k < m->of[i].n; k++)
            (table[i].type == HISTOGRAM ? add_histogram : add_value)(out, &table[i], &m->of[i].series[k]);
    }
}
