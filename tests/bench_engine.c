/*
 * bench_engine: what docent costs, as medians of repeated runs. Nothing is asserted.
 *
 *     bench_engine DOCENT PACK QUESTIONS.jsonl...
 *
 * Whole processes are timed from fork to exit, with a cache of their own. The grown packs are copies of PACK beside it
 * in which every word of content is another, made-up one: so much other subjects are in the way of each question.
 */
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "docent.h"
#include "engine/model.h"
#include "engine/pack.h"
#include "engine/pattern.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 16 << 20, RUNS_MAX = 101, PACKS_MAX = 64 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The value that a share of the others is below; sorts them. */
static double quantile(double *values, size_t n, double share)
{
    qsort(values, n, sizeof *values, by_value);
    return n ? values[(size_t)((double)(n - 1) * share + 0.5)] : 0;
}

static double median(double *values, size_t n)
{
    return quantile(values, n, 0.5);
}

static void say(const char *what, double value, const char *unit, const char *more)
{
    printf("  %-52s %10.*f %s%s%s\n", what,
           value < 10     ? 3
           : value < 1000 ? 1
                          : 0,
           value, unit, *more ? "   " : "", more);
    fflush(stdout);
}

/* --- whole processes ---------------------------------------------------------------------------------------- */

struct run {
    double ms;
    double peak_mb;
};

static struct run run_docent(const char *const *argv, const char *cache, const char *input)
{
    struct rusage usage;
    int status;
    double start = now_ms();
    pid_t child = fork();
    if (child == 0) {
        int in = open(input ? input : "/dev/null", O_RDONLY), out = open("/dev/null", O_WRONLY);
        if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || setenv("XDG_CACHE_HOME", cache, 1))
            _exit(126);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1) {
        fprintf(stderr, "bench_engine: %s failed\n", argv[0]);
        exit(70);
    }
    return (struct run){now_ms() - start, (double)usage.ru_maxrss / 1024};
}

static struct run run_often(const char *const *argv, const char *cache, const char *input, size_t times, bool cold)
{
    double ms[RUNS_MAX], mb[RUNS_MAX];
    for (size_t i = 0; i < times; i++) {
        char fresh[300];
        snprintf(fresh, sizeof fresh, "%s/%zu", cache, cold ? i + 1 : 0);
        struct run r = run_docent(argv, fresh, input);
        ms[i] = r.ms;
        mb[i] = r.peak_mb;
    }
    return (struct run){median(ms, times), median(mb, times)};
}

/* --- questions ---------------------------------------------------------------------------------------------- */

struct asked {
    struct str text;
    bool first; /* of its conversation */
};

struct questions {
    struct asked *items;
    size_t n, cap;
};

static void read_questions(const char *path, struct arena *a, struct questions *q)
{
    struct err err;
    struct str rest, line;
    if (!file_read(path, FILE_MAX_BYTES, a, &rest, &err)) {
        fprintf(stderr, "bench_engine: %s\n", err.text);
        exit(66);
    }
    while (str_cut(&rest, '\n', &line)) {
        cJSON *json = json_parse(line, NULL);
        const cJSON *turn = cJSON_GetObjectItemCaseSensitive(json, "turns");
        bool first = true;
        for (turn = turn ? turn->child : NULL; turn; turn = turn->next, first = false)
            *ARENA_PUSH(a, q->items, q->n, q->cap) = (struct asked){arena_str(a, json_str(turn, "q")), first};
        cJSON_Delete(json);
    }
}

static void write_jsonl(const char *path, const struct questions *q, size_t rounds)
{
    struct buf out;
    struct err err;
    size_t conversation = 0;
    buf_init(&out, (size_t)64 << 20);
    for (size_t r = 0; r < rounds; r++)
        for (size_t i = 0; i < q->n; i++) {
            conversation += q->items[i].first;
            buf_addf(&out, "{\"conversation\": \"c%zu\", \"text\": ", conversation);
            json_quote(&out, q->items[i].text);
            buf_adds(&out, "}\n");
        }
    if (!file_write(path, buf_str(&out), &err)) {
        fprintf(stderr, "bench_engine: %s\n", err.text);
        exit(74);
    }
    buf_release(&out);
}

/* --- the engine alone --------------------------------------------------------------------------------------- */

/*
 * Asks every question; us[i] becomes what it took in the best of the rounds, unless it is less already. Shared machines run
 * at changing speeds, seconds at a time: of nine rounds some may not have been disturbed.
 */
static void time_questions(const struct docent *d, const struct questions *q, double *us)
{
    enum { ROUNDS = 9 };
    struct arena a = {0};
    for (size_t r = 0; r < ROUNDS; r++) {
        struct dialog dialog = {0};
        for (size_t i = 0; i < q->n; i++) {
            if (q->items[i].first)
                dialog = (struct dialog){0};
            double start = now_ms();
            docent_ask(d, &dialog, q->items[i].text, &a);
            double took = (now_ms() - start) * 1e3;
            us[i] = took < us[i] ? took : us[i];
            arena_reset(&a);
        }
    }
    arena_release(&a);
}

struct message_cost {
    double ms;
    size_t matches, limited, kb;
};

static struct message_cost time_message(const struct docent *d, struct str text)
{
    double ms[9];
    struct message_cost cost = {0};
    for (size_t i = 0; i < 9; i++) {
        struct arena a = {0};
        struct dialog dialog = {0};
        double start = now_ms();
        struct reply *r = docent_ask_why(d, &dialog, text, &a);
        ms[i] = now_ms() - start;
        cost.matches = r->why->matches;
        cost.limited = r->why->patterns_limited;
        cost.kb = arena_used(&a) >> 10;
        arena_release(&a);
    }
    cost.ms = median(ms, 9);
    return cost;
}

static void say_message(const char *what, struct message_cost cost)
{
    char more[100];
    snprintf(more, sizeof more, "%zu matches, %zu stopped, %zu KB", cost.matches, cost.limited, cost.kb);
    say(what, cost.ms, "ms", more);
}

/* 4,000 characters of questions one after the other, as somebody pastes them. */
static void add_paste(struct buf *text, const struct questions *q)
{
    for (size_t i = 0; i < q->n && text->n < DOCENT_TEXT_MAX; i++) {
        buf_add(text, q->items[i].text);
        buf_addc(text, '\n');
    }
}

/* Repeated up to what is read: each found by trying, to cost more than others of its kind. */
static const char *const worst_units[] = {
    "pay and ",
    "what and and ",
    "coding salary and training and remote work and ",
    "salary and it ",
    "salaryof ",
    "what? ",
    "coder pay more than biller why entry level ",
    "42 or coding much ? icd need salaryof how why i which coding do work earn plus job become the icd from easy "
    "salary why billing it salaryof it remote and plus training and plus it work it "};

static void time_worst(const struct docent *d)
{
    struct message_cost worst = {0};
    const char *unit = "";
    for (size_t i = 0; i < sizeof worst_units / sizeof *worst_units; i++) {
        struct buf text;
        buf_init(&text, 4 * DOCENT_TEXT_MAX);
        while (text.n < DOCENT_TEXT_MAX)
            buf_adds(&text, worst_units[i]);
        struct message_cost cost = time_message(d, buf_str(&text));
        if (cost.ms > worst.ms)
            worst = cost, unit = worst_units[i];
        buf_release(&text);
    }
    char what[100];
    snprintf(what, sizeof what, "worst message found: \"%s\" over and over", unit);
    say_message(what, worst);
}

/* --- packs -------------------------------------------------------------------------------------------------- */

static void read_pack(const char *folder, struct arena *a, struct pack_files *pack)
{
    struct str *names;
    struct err err;
    size_t n;
    bool ok = file_names(folder, ".json", a, &names, &n, &err);
    struct source *files = arena_array(a, ok ? n : 0, sizeof *files);
    for (size_t i = 0; ok && i < n; i++) {
        files[i].name = arena_fmt(a, "%s/%.*s", folder, STR_FMT(names[i]));
        ok = file_read(files[i].name.p, FILE_MAX_BYTES, a, &files[i].text, &err);
    }
    if (!ok) {
        fprintf(stderr, "bench_engine: %s\n", err.text);
        exit(66);
    }
    *pack = (struct pack_files){str_of(folder), files, n};
}

/* A word that no language has, the same for the same word and copy. */
static void add_made_up(struct buf *out, struct str word, size_t copy)
{
    static const char *const sounds[] = {"ba",  "ko", "ri",  "tu", "ne", "sha", "lo",  "vi",
                                         "gru", "pe", "dax", "mo", "zu", "fi",  "wen", "ju"};
    uint64_t hash = str_hash_more(str_hash(word), (struct str){(const char *)&copy, sizeof copy});
    for (int i = 0; i < 4; i++, hash /= 16)
        buf_adds(out, sounds[hash % 16]);
}

/* Words of content are exchanged; names in <> and {}, what stands behind a backslash, and words of grammar stay. */
static void exchange_words(struct buf *out, struct str text, const struct docent *d, size_t copy)
{
    for (size_t i = 0; i < text.n;) {
        char c = text.p[i];
        if (c == '<' || c == '{') {
            const char *end = memchr(text.p + i, c == '<' ? '>' : '}', text.n - i);
            size_t to = end ? (size_t)(end - text.p) + 1 : i + 1;
            buf_add(out, str_sub(text, i, to));
            i = to;
            continue;
        }
        if (c == '\\' || !ch_alpha(c)) {
            buf_addc(out, c);
            if (c == '\\' && ++i < text.n)
                buf_addc(out, text.p[i]);
            i++;
            continue;
        }
        size_t end = i;
        char word[WORD_MAX], folded[WORD_MAX];
        while (end < text.n && ch_alpha(text.p[end]) && end - i < WORD_MAX)
            word[end - i] = ch_lower(text.p[end]), end++;
        struct str typed = {word, end - i}, bare = word_fold(typed, folded);
        uint32_t id = lexicon_find(&d->lexicon, bare);
        bool grammar =
            (id && d->lexicon.words[id].flags & (WORD_FUNCTION | WORD_FILLER)) || lexicon_spoken(&d->lexicon, typed);
        if (grammar || typed.n < 3) {
            buf_add(out, typed);
        } else {
            add_made_up(out, bare, copy);
            if (bare.n < typed.n)
                buf_addc(out, 's');
        }
        i = end;
    }
}

static bool is_language(const char *key)
{
    static const char *const keys[] = {"patterns", "examples", "phrases", "words", "facts", "replace"};
    for (size_t i = 0; key && i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

static void exchange(cJSON *value, bool language, const struct docent *d, size_t copy)
{
    for (; value; value = value->next) {
        bool inside = language || is_language(value->string);
        if (inside && cJSON_IsString(value)) {
            struct buf text;
            buf_init(&text, 1 << 20);
            buf_adds(&text, "");
            exchange_words(&text, str_of(value->valuestring), d, copy);
            cJSON_SetValuestring(value, text.p);
            buf_release(&text);
        }
        exchange(value->child, inside, d, copy);
    }
}

static void grow_pack(const struct pack_files *from, const struct docent *d, size_t copy, struct arena *a,
                      struct pack_files *to)
{
    struct source *files = arena_array(a, from->n, sizeof *files);
    for (size_t i = 0; i < from->n; i++) {
        cJSON *json = json_parse(from->files[i].text, NULL);
        exchange(json ? json->child : NULL, false, d, copy);
        cJSON *header = cJSON_GetObjectItemCaseSensitive(json, "pack"),
              *name = cJSON_GetObjectItemCaseSensitive(header, "name");
        if (name)
            cJSON_SetValuestring(name, arena_fmt(a, "copy%zu", copy).p);
        cJSON_DeleteItemFromObject(json, "replace"); /* it would be of other words */
        char *text = cJSON_PrintUnformatted(json);
        files[i] = (struct source){arena_fmt(a, "copy%zu-%.*s", copy, STR_FMT(from->files[i].name)),
                                   arena_str(a, str_of(text))};
        free(text);
        cJSON_Delete(json);
    }
    *to = (struct pack_files){arena_fmt(a, "copy%zu", copy), files, from->n};
}

/* What opening packs costs, in milliseconds: medians. */
struct opening {
    double without_model, training, with_model; /* training is part of the first */
};

/* Opens the packs several times. NULL: they are refused, which is said. */
static struct docent *time_opening(const struct pack_files *packs, size_t n, size_t times, struct opening *opening)
{
    double slow[RUNS_MAX], training[RUNS_MAX], fast[RUNS_MAX];
    struct docent *d = NULL;
    for (size_t i = 0; i < times; i++) {
        struct diags diags = {0};
        double start = now_ms();
        struct docent *fresh = docent_open(packs, n, (struct str){"", 0}, &diags);
        slow[i] = now_ms() - start;
        if (!fresh) {
            struct buf out;
            buf_init(&out, 4000);
            for (size_t k = 0; k < diags.n && k < 2; k++)
                buf_addf(&out, "%s%.*s", k ? "; " : "", STR_FMT(diags.items[k].message));
            printf("  %zu packs are refused, %zu problems: %s\n", n, diags.errors, out.p);
            buf_release(&out);
            diags_release(&diags);
            return NULL;
        }
        struct arena a = {0};
        start = now_ms();
        model_train(fresh, &a);
        training[i] = now_ms() - start;
        arena_release(&a);
        start = now_ms();
        struct docent *again = docent_open(packs, n, docent_model(fresh), &diags);
        fast[i] = now_ms() - start;
        docent_free(again);
        docent_free(d);
        d = fresh;
        diags_release(&diags);
    }
    *opening = (struct opening){median(slow, times), median(training, times), median(fast, times)};
    return d;
}

static void say_opening(const struct docent *d, const struct opening *o)
{
    char more[100];
    snprintf(more, sizeof more, "%d patterns, %zu intents, %zu KB of model", patterns_count(d), d->n_intents,
             docent_model(d).n >> 10);
    say("open with a model", o->with_model, "ms", more);
    size_t examples = 0;
    for (size_t i = 0; i < d->n_intents; i++)
        examples += d->intents[i].n_examples;
    snprintf(more, sizeof more, "%zu examples; all of opening without a model %.0f ms", examples, o->without_model);
    say("train", o->training, "ms", more);
}

/* By question how long it took; nothing is known yet. */
static double *no_times(const struct questions *q, struct arena *a)
{
    double *us = arena_raw(a, (q->n + 1) * sizeof *us);
    for (size_t i = 0; i < q->n; i++)
        us[i] = INFINITY;
    return us;
}

static double say_times(const double *times, const struct questions *q, const char *name, struct arena *a)
{
    double *us = arena_raw(a, (q->n + 1) * sizeof *us), sum = 0;
    char what[100], more[100];
    memcpy(us, times, q->n * sizeof *us);
    for (size_t i = 0; i < q->n; i++)
        sum += us[i];
    double middle = median(us, q->n);
    snprintf(what, sizeof what, "a question through the engine, %s", name);
    snprintf(more, sizeof more, "mean %.0f, 99%% below %.0f, slowest %.0f; %zu questions",
             sum / (double)(q->n ? q->n : 1), quantile(us, q->n, 0.99), quantile(us, q->n, 1), q->n);
    say(what, middle, "us", more);
    return middle;
}

/* The pack alone is timed again beside a grown one, so that both ran on as fast a machine. Returns the ratio of medians. */
static double times_as_long(const struct docent *d, const struct questions *q, double grown_us, double *alone,
                            struct arena *a)
{
    double *again = no_times(q, a);
    time_questions(d, q, again);
    for (size_t i = 0; i < q->n; i++)
        alone[i] = again[i] < alone[i] ? again[i] : alone[i];
    return grown_us / median(again, q->n);
}

static void name_machine(void)
{
    char line[300], model[200] = "unknown processor";
    FILE *in = fopen("/proc/cpuinfo", "r");
    while (in && fgets(line, sizeof line, in))
        if (sscanf(line, "model name%*[^:]: %199[^\n]", model) == 1)
            break;
    if (in)
        fclose(in);
    printf("on %s, %ld cores\n", model, sysconf(_SC_NPROCESSORS_ONLN));
}

static void bench_processes(const char *docent, const char *pack, const struct questions *q, const char *scratch)
{
    const char *const one[] = {docent, "ask", "--pack", pack, "how much do coders earn?", NULL};
    const char *const many[] = {docent, "ask", "--jsonl", "--pack", pack, NULL};
    char path[300], more[100];
    run_often(one, scratch, NULL, 1, false); /* leaves a model for the warm ones */
    struct run cold = run_often(one, scratch, NULL, 9, true), warm = run_often(one, scratch, NULL, 51, false);
    snprintf(more, sizeof more, "peak %.1f MB", cold.peak_mb);
    say("start to first answer, cold (trains and keeps a model)", cold.ms, "ms", more);
    snprintf(more, sizeof more, "peak %.1f MB; cold takes %.1f times as long", warm.peak_mb, cold.ms / warm.ms);
    say("start to first answer, warm", warm.ms, "ms", more);
    enum { ROUNDS = 10 };
    snprintf(path, sizeof path, "%s/questions.jsonl", scratch);
    write_jsonl(path, q, ROUNDS);
    struct run all = run_often(many, scratch, path, 5, false);
    snprintf(more, sizeof more, "%zu questions, peak %.1f MB", q->n * ROUNDS, all.peak_mb);
    say("a question through `ask --jsonl`, a pipe", (all.ms - warm.ms) * 1e3 / (double)(q->n * ROUNDS), "us", more);
}

/* alone  by question how long it took with the pack alone; becomes less where that is seen */
static void bench_grown(const struct pack_files *pack, const struct docent *d, const struct questions *q, double *alone,
                        struct arena *a)
{
    static const size_t targets[] = {3500, 7000, 35000};
    struct pack_files packs[PACKS_MAX];
    packs[0] = *pack;
    size_t made = 1, each = patterns_count(d);
    for (size_t t = 0; t < sizeof targets / sizeof *targets; t++) {
        size_t n = (targets[t] + each - 1) / each;
        if (n > PACKS_MAX || n < 2)
            continue;
        for (; made < n; made++)
            grow_pack(pack, d, made, a, &packs[made]);
        printf("grown to at least %zu patterns: %zu copies of the pack beside it\n", targets[t], n - 1);
        struct opening opening;
        char name[60];
        struct docent *grown = time_opening(packs, n, 3, &opening);
        if (!grown)
            continue;
        say_opening(grown, &opening);
        snprintf(name, sizeof name, "%d patterns", patterns_count(grown));
        double *us = no_times(q, a);
        time_questions(grown, q, us);
        double ratio = times_as_long(d, q, say_times(us, q, name, a), alone, a);
        printf("  that is %.2f times the time for %.2f times the patterns\n", ratio,
               (double)patterns_count(grown) / (double)each);
        time_worst(grown);
        docent_free(grown);
    }
}

int main(int argc, char **argv)
{
    struct arena a = {0};
    struct questions q = {0};
    struct pack_files pack;
    char scratch[] = "/tmp/docent-bench-XXXXXX", remove[100];
    if (argc < 4 || !mkdtemp(scratch)) {
        fprintf(stderr, "Usage: bench_engine DOCENT PACK QUESTIONS.jsonl...\n");
        return 64;
    }
    for (int i = 3; i < argc; i++)
        read_questions(argv[i], &a, &q);
    read_pack(argv[2], &a, &pack);
    name_machine();
    bench_processes(argv[1], argv[2], &q, scratch);

    struct opening opening;
    struct docent *d = time_opening(&pack, 1, 15, &opening);
    if (d) {
        say_opening(d, &opening);
        double *us = no_times(&q, &a);
        time_questions(d, &q, us);
        say_times(us, &q, argv[2], &a);
        struct buf paste;
        buf_init(&paste, 4 * DOCENT_TEXT_MAX);
        buf_adds(&paste, "");
        add_paste(&paste, &q);
        say_message("a paste of 4,000 characters of questions", time_message(d, buf_str(&paste)));
        time_worst(d);
        bench_grown(&pack, d, &q, us, &a);
        printf("over the whole run, which a shared machine does not disturb all the time\n");
        say_times(us, &q, argv[2], &a);
        buf_release(&paste);
    }
    docent_free(d);
    arena_release(&a);
    snprintf(remove, sizeof remove, "rm -rf '%s'", scratch);
    return system(remove) ? 74 : d ? 0 : 65;
}
