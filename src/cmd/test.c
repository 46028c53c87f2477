/*
 * docent test: plays scripted conversations (*.talk) and scores labelled questions (*.jsonl).
 *
 * A run reads everything first, so that a broken file is reported before anything is played; then it plays, mends the
 * files if --bless says so, and reports.
 */
#include "base/file.h"
#include "cmd/command.h"
#include "cmd/cover.h"
#include "cmd/packs.h"
#include "cmd/problems.h"
#include "cmd/report.h"
#include "cmd/score.h"
#include "cmd/talk.h"
#include "cmd/watch.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEST_FILE_MAX = 16 << 20, REPORT_MAX = 256 << 20 };

#define PACK_TESTS "tests" /* a pack's tests, beside its files */
static const char default_folder[] = "tests/talk";

struct test_options {
    bool tap, bless, watch, failures, coverage;
    const char *junit, *filter, *record;
    const char *fail_under, *wrong_over; /* percentages as written; NULL: no demand */
};

struct test_call { /* one `docent test`, its options read */
    const struct test_options *options;
    const struct settings *settings;
    char **words;
    size_t n_words;
};

/* --- demands ------------------------------------------------------------------------------------------------ */

/* What is asked of a question set, or of what the questions cover: percentages, NAN for none. */
struct demands {
    double fail_under, wrong_over;
    struct cover_demands cover;
};

static bool read_percentage(const char *text, double *out)
{
    *out = NAN;
    if (!text)
        return true;
    char *end = NULL;
    *out = strtod(text, &end);
    return end != text && !*end && *out >= 0 && *out <= 100;
}

/* --- what is to be run -------------------------------------------------------------------------------------- */

struct suite {
    struct arena arena; /* texts, talks, results */
    struct source *sources;
    size_t n_sources, cap_sources;
    struct talk_file *talks;   /* of each source; empty for a question set */
    struct question_set *sets; /* of each source; empty for a talk */
    struct diags diags;
    struct talk_run run;
    size_t played; /* turns, of talks and of question sets */
};

static bool is_question_set(struct str name)
{
    return str_ends(name, STR(".jsonl"));
}

static bool holds_files(const char *folder, const char *suffix)
{
    struct arena a = {0};
    struct str *names;
    size_t n = 0;
    struct err ignored = {0};
    bool any = file_names(folder, suffix, &a, &names, &n, &ignored) && n > 0;
    arena_release(&a);
    return any;
}

/* A folder of packs' files and of no tests. */
static bool is_pack(const char *word)
{
    return file_is_folder(word) && holds_files(word, ".json") && !holds_files(word, ".talk") &&
           !holds_files(word, ".jsonl");
}

static bool add_file(struct suite *s, struct str path, struct err *err)
{
    struct source source = {.name = arena_str(&s->arena, path)};
    if (!file_read(source.name.p, TEST_FILE_MAX, &s->arena, &source.text, err))
        return false;
    *ARENA_PUSH(&s->arena, s->sources, s->n_sources, s->cap_sources) = source;
    return true;
}

static bool add_folder(struct suite *s, const char *folder, const char *suffix, struct err *err)
{
    struct str *names;
    size_t n = 0, length = strlen(folder);
    if (!file_names(folder, suffix, &s->arena, &names, &n, err))
        return false;
    const char *slash = length && folder[length - 1] == '/' ? "" : "/";
    for (size_t i = 0; i < n; i++)
        if (!add_file(s, arena_fmt(&s->arena, "%s%s%.*s", folder, slash, STR_FMT(names[i])), err))
            return false;
    return true;
}

static bool add_word(struct suite *s, const char *word, struct err *err)
{
    if (!file_is_folder(word))
        return add_file(s, str_of(word), err);
    size_t before = s->n_sources;
    if (is_pack(word)) /* its own folder stands for its tests */
        word = arena_fmt(&s->arena, "%s/" PACK_TESTS, word).p;
    if (!add_folder(s, word, ".talk", err) || !add_folder(s, word, ".jsonl", err))
        return false;
    return s->n_sources > before || err_set(err, STATUS_NO_INPUT, "no *.talk and no *.jsonl in '%s'", word);
}

static bool suite_read(struct suite *s, const struct test_call *call, struct err *err)
{
    if (!call->n_words)
        return add_word(s, default_folder, err);
    for (size_t i = 0; i < call->n_words; i++)
        if (!add_word(s, call->words[i], err))
            return false;
    return true;
}

static void parse_one(struct suite *s, size_t i, const struct docent *docent)
{
    struct diags found = {0}; /* of this file, so that "nothing in it" can be told from "all of it wrong" */
    if (is_question_set(s->sources[i].name))
        questions_parse(&s->sources[i], &s->arena, &s->sets[i], &found);
    else
        talk_parse(&s->sources[i], docent, &s->arena, &s->talks[i], &found);
    for (size_t k = 0; k < found.n; k++)
        diag_add(&s->diags, found.items[k].level, found.items[k].rule, found.items[k].source,
                 found.items[k].line ? found.items[k].offset : DIAG_WHOLE, found.items[k].message, found.items[k].hint);
    diags_release(&found);
}

static void suite_parse(struct suite *s, const struct docent *docent)
{
    s->talks = arena_array(&s->arena, s->n_sources, sizeof *s->talks);
    s->sets = arena_array(&s->arena, s->n_sources, sizeof *s->sets);
    for (size_t i = 0; i < s->n_sources; i++)
        parse_one(s, i, docent);
}

static void suite_release(struct suite *s)
{
    for (size_t i = 0; s->talks && i < s->n_sources; i++) {
        talk_release(&s->talks[i]);
        questions_release(&s->sets[i]);
    }
    diags_release(&s->diags);
    arena_release(&s->arena);
}

/* --- running ------------------------------------------------------------------------------------------------ */

static struct str filter_of(const struct test_options *o)
{
    return o->filter ? str_of(o->filter) : STR("");
}

static void play_talks(struct suite *s, const struct test_options *o, const struct docent *docent)
{
    s->run = (struct talk_run){.coverage = s->run.coverage};
    for (size_t i = 0; i < s->n_sources; i++)
        talk_play(&s->talks[i], filter_of(o), docent, &s->arena, &s->run);
}

/* Rewrites the files whose `=` lines do not hold, and reads and plays everything again. */
static bool bless(struct suite *s, const struct test_options *o, const struct docent *docent, struct err *err)
{
    size_t total = 0;
    for (size_t i = 0; i < s->n_sources; i++) {
        size_t blessed = 0;
        struct str text = talk_bless(&s->talks[i], &s->run, &s->arena, &blessed);
        if (!blessed)
            continue;
        if (!file_write(s->sources[i].name.p, text, err))
            return false;
        fprintf(stderr, "%s: %zu turn%s blessed\n", s->sources[i].name.p, blessed, blessed == 1 ? "" : "s");
        talk_release(&s->talks[i]);
        s->sources[i].text = text;
        parse_one(s, i, docent);
        total += blessed;
    }
    if (total)
        play_talks(s, o, docent);
    return true;
}

/* A demand on a question set counts as a test. */
static void demand(struct suite *s, struct str file, const char *what, double limit, const char *bound, double came,
                   bool holds)
{
    struct talk_result *r = talk_result_add(&s->run, &s->arena, holds);
    r->where = file;
    r->name = arena_fmt(&s->arena, "%s %.2f %%, %s %g %%", what, came, bound, limit);
    r->expected = arena_fmt(&s->arena, "%s %s %g %%", what, bound, limit);
    r->came = arena_fmt(&s->arena, "%.2f %%", came);
    if (holds)
        r->expected = r->came = STR("");
}

static void score_set(struct suite *s, size_t i, const struct test_options *o, const struct demands *demands,
                      const struct docent *docent, struct buf *out)
{
    struct score score = {.coverage = s->run.coverage};
    struct str name = s->sources[i].name;
    score_play(&s->sets[i], filter_of(o), docent, &s->arena, &score, o->failures && !o->tap ? out : NULL);
    s->played += score.total.turns;
    if (!score.total.turns)
        return;
    const char *prefix = o->tap ? "# " : "";
    buf_addf(out, "%s%.*s\n", prefix, STR_FMT(name));
    score_table(out, &score, prefix);
    buf_addc(out, '\n');
    double right = score_percent(&score, VERDICT_RIGHT), wrong = score_percent(&score, VERDICT_WRONG);
    if (!isnan(demands->fail_under))
        demand(s, name, "right", demands->fail_under, "at least", right, right >= demands->fail_under);
    if (!isnan(demands->wrong_over))
        demand(s, name, "wrong", demands->wrong_over, "at most", wrong, wrong <= demands->wrong_over);
}

/* What the packs' own examples and all that was played have touched. */
static void cover(struct suite *s, const struct test_options *o, const struct demands *demands, bool verbose,
                  struct buf *out)
{
    const char *prefix = o->tap ? "# " : "";
    coverage_ask_examples(s->run.coverage);
    for (size_t k = 0; k < COVER_KINDS; k++) {
        double least = demands->cover.least[k],
               came = cover_percent(coverage_count(s->run.coverage, (enum coverage_kind)k));
        const char *name = coverage_kind_name((enum coverage_kind)k);
        if (!isnan(least))
            demand(s, STR("coverage"), name, least, "at least", came, came >= least);
    }
    cover_table(out, s->run.coverage, prefix);
    cover_list(out, s->run.coverage, verbose, prefix);
}

static bool write_junit(const char *path, const struct talk_run *run, struct err *err)
{
    struct buf xml;
    buf_init(&xml, REPORT_MAX);
    report_junit(&xml, run);
    bool ok = file_write(path, buf_str(&xml), err);
    buf_release(&xml);
    return ok;
}

static void print_report(const struct suite *s, const struct test_options *o, bool verbose, const struct buf *tables)
{
    struct buf out;
    buf_init(&out, REPORT_MAX);
    buf_add(&out, buf_str(tables));
    if (o->tap)
        report_tap(&out, &s->run);
    else
        report_text(&out, &s->run, verbose);
    if (s->run.n)
        buf_addf(&out, "%s%zu passed, %zu failed\n", o->tap ? "# " : "", s->run.passed, s->run.failed);
    fwrite(buf_str(&out).p, 1, out.n, stdout);
    fflush(stdout);
    buf_release(&out);
}

static bool play_and_report(struct suite *s, const struct test_call *call, const struct demands *demands,
                            const struct docent *docent, struct err *err)
{
    const struct test_options *o = call->options;
    struct buf tables;
    buf_init(&tables, REPORT_MAX);
    s->run.coverage = o->coverage ? coverage_new(docent) : NULL;
    play_talks(s, o, docent);
    s->played = s->run.n;
    bool ok = !o->bless || bless(s, o, docent, err);
    for (size_t i = 0; ok && i < s->n_sources; i++)
        score_set(s, i, o, demands, docent, &tables);
    if (ok && o->coverage)
        cover(s, o, demands, call->settings->flags.verbose, &tables);
    if (ok) {
        print_report(s, o, call->settings->flags.verbose, &tables);
        ok = !o->junit || write_junit(o->junit, &s->run, err);
    }
    coverage_free(s->run.coverage);
    buf_release(&tables);
    return ok;
}

static int complain(const struct err *err)
{
    fprintf(stderr, "docent: %s\n", err->text);
    return err->status;
}

static int run_once(const struct test_call *call, const struct demands *demands)
{
    struct packs loaded = {.docent = NULL};
    struct suite suite = {0};
    struct err err = {0};
    int status = packs_start(&loaded, call->settings);
    if (status)
        return status;
    if (!suite_read(&suite, call, &err)) {
        status = complain(&err);
        goto out;
    }
    suite_parse(&suite, loaded.docent);
    if (suite.diags.errors) {
        problems_print(stderr, &suite.diags, suite.n_sources, settings_color(call->settings, fileno(stderr)));
        status = STATUS_DATA;
        goto out;
    }
    if (!play_and_report(&suite, call, demands, loaded.docent, &err))
        status = complain(&err);
    else if (call->options->filter && !suite.played) {
        fprintf(stderr, "docent: no file's name and no first question holds '%s'\n", call->options->filter);
        status = STATUS_NO;
    } else if (suite.run.failed)
        status = STATUS_NO;
out:
    suite_release(&suite);
    packs_close(&loaded);
    return status;
}

/* --- recording ---------------------------------------------------------------------------------------------- */

static bool read_stream(FILE *in, struct arena *a, struct str *text, struct err *err)
{
    struct buf all, line;
    bool cut = false;
    buf_init(&all, TEST_FILE_MAX);
    buf_init(&line, TEST_FILE_MAX);
    while (file_line(in, &line, &cut)) {
        buf_add(&all, buf_str(&line));
        buf_addc(&all, '\n');
    }
    bool ok = !ferror(in) || err_set(err, STATUS_IO, "cannot read standard input: %s", strerror(errno));
    *text = arena_str(a, buf_str(&all));
    buf_release(&line);
    buf_release(&all);
    return ok;
}

static int record(const struct test_call *call)
{
    const struct test_options *o = call->options;
    struct packs loaded = {.docent = NULL};
    struct arena a = {0};
    struct err err = {0};
    struct str questions = {0};
    int status = packs_start(&loaded, call->settings);
    if (status)
        return status;
    bool ok = str_is(str_of(o->record), "-") ? read_stream(stdin, &a, &questions, &err)
                                             : file_read(o->record, TEST_FILE_MAX, &a, &questions, &err);
    if (ok) {
        struct buf out;
        buf_init(&out, REPORT_MAX);
        talk_record(&out, questions, loaded.docent);
        fwrite(buf_str(&out).p, 1, out.n, stdout);
        buf_release(&out);
    } else {
        status = complain(&err);
    }
    arena_release(&a);
    packs_close(&loaded);
    return status;
}

/* --- watching ----------------------------------------------------------------------------------------------- */

struct watched {
    const struct test_call *call;
    const struct demands *demands;
};

static void run_watched(void *arg)
{
    const struct watched *w = arg;
    run_once(w->call, w->demands);
}

static int watch(const struct test_call *call, const struct demands *demands)
{
    struct arena a = {0};
    const struct opt_list *packs = &call->settings->packs;
    const char **paths = arena_array(&a, packs->n + call->n_words + 1, sizeof *paths);
    size_t n = 0;
    for (size_t i = 0; i < packs->n; i++)
        paths[n++] = packs->items[i];
    for (size_t i = 0; i < call->n_words; i++)
        paths[n++] = is_pack(call->words[i]) ? arena_fmt(&a, "%s/" PACK_TESTS, call->words[i]).p : call->words[i];
    if (!call->n_words)
        paths[n++] = default_folder;
    int status = watch_files(paths, n, run_watched, &(struct watched){call, demands});
    arena_release(&a);
    return status;
}

/* Packs among the words are what is tested, unless --pack names others. In a pack's own folder no word is needed. */
static void take_packs(struct call *begun)
{
    static char folder[] = ".", *here[] = {folder};
    struct opt_list named = {.n = 0};
    if (!begun->n_words && !file_is_folder(default_folder) && is_pack(here[0]))
        begun->words = here, begun->n_words = 1;
    for (size_t i = 0; i < begun->n_words && named.n < sizeof named.items / sizeof *named.items; i++)
        if (is_pack(begun->words[i]))
            named.items[named.n++] = begun->words[i];
    if (named.n && !begun->settings.flags.packs.n)
        begun->settings.packs = named;
}

int cmd_test(struct call *begun)
{
    struct test_options o = {.tap = false};
    const struct opt rows[] = {
        OPT_FLAG('t', "tap", "report as TAP", &o.tap),
        OPT_TEXT('j', "junit", "FILE", "write a JUnit report as well", &o.junit),
        OPT_TEXT('f', "filter", "TEXT", "only conversations whose file or first question holds TEXT", &o.filter),
        OPT_TEXT('r', "record", "FILE", "make a talk of plain questions, one a line; - is stdin", &o.record),
        OPT_FLAG('b', "bless", "rewrite the = lines of failing turns to what comes now", &o.bless),
        OPT_FLAG('w', "watch", "run again whenever a pack or a test changes", &o.watch),
        OPT_FLAG('C', "coverage", "tell what of the packs the talks and the packs' examples exercise", &o.coverage),
        OPT_FLAG('F', "failures", "show each turn of a question set that is not right", &o.failures),
        OPT_TEXT(0, "fail-under", "PCT", "fail when fewer turns of a question set are right, or less is covered",
                 &o.fail_under),
        OPT_TEXT(0, "wrong-over", "PCT", "fail when more turns of a question set are wrong", &o.wrong_over),
    };
    int status;
    if (!command_begin(begun, rows, sizeof rows / sizeof *rows, &status))
        return status;
    take_packs(begun);
    const struct test_call call = {&o, &begun->settings, begun->words, begun->n_words};
    struct demands demands;
    demands.fail_under = NAN;
    if (!cover_demands_read(o.coverage ? o.fail_under : NULL, &demands.cover))
        return command_usage(
            begun, "--fail-under takes a percentage, or some such as answers=100,patterns=95, not '%s'", o.fail_under);
    if (!o.coverage && !read_percentage(o.fail_under, &demands.fail_under))
        return command_usage(begun, "--fail-under takes a percentage from 0 to 100, not '%s'", o.fail_under);
    if (!read_percentage(o.wrong_over, &demands.wrong_over))
        return command_usage(begun, "--wrong-over takes a percentage from 0 to 100, not '%s'", o.wrong_over);
    for (size_t i = 0; o.record && i < begun->n_words; i++)
        if (!is_pack(begun->words[i]))
            return command_usage(begun, "--record takes packs, and no files to test: '%s'", begun->words[i]);
    if (o.record)
        return record(&call);
    return o.watch ? watch(&call, &demands) : run_once(&call, &demands);
}
