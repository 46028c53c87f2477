/*
 * fit_sure: fits the weights by which understand.c tells how sure it is (SURE_SIGNS in understand.h).
 *
 *     make fit                                      on the question sets of tests/questions
 *     build/cc/fit_sure [-w] SET.jsonl... [-- SET.jsonl...]
 *
 * Sets behind -- are kept aside: judged by the weights, not fitted to. -w writes every question with its signs as well.
 *
 * Each first turn with a single question is understood; an example for the fit is its strongest reading with its signs,
 * and whether answering by it would be right. Weights come of Newton's method on the logistic loss with a small ridge.
 * Ten parts of the data are each judged by weights fitted on the nine others; the table tells, by the confidence from
 * which one answers, how many questions would come out right, wrong and missed. Same input, same output.
 */
#include "base/file.h"
#include "cmd/packs.h"
#include "cmd/score.h"
#include "cmd/reply.h"
#include "engine/answer.h"
#include "engine/meaning.h"
#include "engine/pack.h"
#include "engine/split.h"
#include "cmd/reply.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SET_MAX_BYTES = 16 << 20, ROWS_MAX = 20000, FOLDS = 10 };

static const double RIDGE = 1.0, FALSE_WEIGHT = 2.0; /* an answer where none was wanted is as bad as two misses */

struct row {
    double signs[SURE_N];
    bool right;   /* answering by the strongest reading is right */
    bool wanted;  /* some answer, decline or chat of the packs' own was wanted: not answering is a miss */
    bool answers; /* the strongest reading is an answer */
    double weight;
    bool aside;  /* kept aside: judged, but not fitted to */
    double sure; /* by weights that were fitted without it */
    struct str question, intent;
};

static struct row rows[ROWS_MAX];
static size_t n_rows;

struct tally {
    size_t turns, first, among, learnt;
} tally;

static bool would_be_right(const struct docent *d, const struct reading *r, size_t of, const struct labelled *turn,
                           struct arena *a)
{
    struct telling t = {.reply = arena_alloc(a, sizeof *t.reply), .a = a};
    struct dialog_turn asked = turn_of(r->items[of].intent);
    turn_take_mentions(d, &asked, &r->seen);
    answer_turn(d, &asked, 0, 0, &t);
    t.reply->outcome = t.reply->parts[0].outcome;
    bool false_answer;
    return score_judge(turn, t.reply, reply_plain(t.reply, a), &false_answer, NULL) == VERDICT_RIGHT;
}

static void add_question(const struct docent *d, const struct labelled *turn, struct arena *kept, struct arena *a)
{
    struct words words = normalise(d, turn->question, false, a);
    struct segment segments[SEGMENTS_MAX];
    size_t n = words.n ? split(d, &words, segments) : 0, asked = 0, at = 0;
    for (size_t i = 0; i < n; i++)
        if (segments[i].asked)
            asked++, at = i;
    if (asked != 1 || n_rows == ROWS_MAX)
        return;
    struct dialog dialog = {0};
    struct asking q = {
        .d = d, .dialog = &dialog, .a = a, .words = words, .around = around_words(d, words.items, words.n)};
    struct reading r = *read_in_story(&q, segments, n, at);
    if (!r.n)
        return;
    struct row *row = &rows[n_rows++];
    *row = (struct row){
        .weight = 1, .question = arena_str(kept, turn->question), .intent = d->intents[r.items[0].intent].id};
    sure_signs(d, &r, 0, row->signs);
    row->right = would_be_right(d, &r, 0, turn, a);
    row->wanted = turn->outcomes != 1u << OUTCOME_DECLINE;
    row->weight = row->wanted ? 1 : FALSE_WEIGHT;
    row->answers = d->intents[r.items[0].intent].kind == KIND_ANSWER;
    bool among = false;
    size_t best = 0;
    for (size_t i = 0; i < r.n; i++) {
        among = among || would_be_right(d, &r, i, turn, a);
        if (r.items[i].learnt > r.items[best].learnt)
            best = i;
    }
    if (row->wanted) {
        tally.turns++;
        tally.first += row->right;
        tally.among += among;
        tally.learnt += would_be_right(d, &r, best, turn, a);
    }
}

static bool solve(double m[SURE_N][SURE_N + 1])
{
    for (size_t c = 0; c < SURE_N; c++) {
        size_t p = c;
        for (size_t i = c + 1; i < SURE_N; i++)
            if (fabs(m[i][c]) > fabs(m[p][c]))
                p = i;
        if (fabs(m[p][c]) < 1e-12)
            return false;
        for (size_t k = 0; k <= SURE_N; k++) {
            double t = m[c][k];
            m[c][k] = m[p][k];
            m[p][k] = t;
        }
        for (size_t i = 0; i < SURE_N; i++)
            if (i != c) {
                double f = m[i][c] / m[c][c];
                for (size_t k = c; k <= SURE_N; k++)
                    m[i][k] -= f * m[c][k];
            }
    }
    return true;
}

static double sure_of(const double w[SURE_N], const double x[SURE_N])
{
    double z = 0;
    for (size_t i = 0; i < SURE_N; i++)
        z += w[i] * x[i];
    return 1 / (1 + exp(-z));
}

static void fit(double w[SURE_N], size_t left_out)
{
    memset(w, 0, SURE_N * sizeof *w);
    for (size_t step = 0; step < 50; step++) {
        double m[SURE_N][SURE_N + 1] = {{0}};
        for (size_t i = 0; i < SURE_N; i++) {
            m[i][i] = i ? RIDGE : 1e-6;
            m[i][SURE_N] = i ? -RIDGE * w[i] : 0;
        }
        for (size_t r = 0; r < n_rows; r++) {
            if (rows[r].aside || r % FOLDS == left_out)
                continue;
            double p = sure_of(w, rows[r].signs), v = rows[r].weight * fmax(p * (1 - p), 1e-6);
            for (size_t i = 0; i < SURE_N; i++) {
                for (size_t k = 0; k < SURE_N; k++)
                    m[i][k] += v * rows[r].signs[i] * rows[r].signs[k];
                m[i][SURE_N] += rows[r].weight * (rows[r].right - p) * rows[r].signs[i];
            }
        }
        if (!solve(m))
            return;
        double moved = 0;
        for (size_t i = 0; i < SURE_N; i++) {
            double by = m[i][SURE_N] / m[i][i];
            w[i] += by;
            moved = fmax(moved, fabs(by));
        }
        if (moved < 1e-6)
            return;
    }
}

static void print_thresholds(bool aside)
{
    size_t n = 0;
    for (size_t r = 0; r < n_rows; r++)
        n += rows[r].aside == aside;
    if (!n)
        return;
    printf("\n  from   right  missed   wrong   false  (of %zu%s)\n", n, aside ? " kept aside" : "");
    for (double from = 0.1; from < 0.81; from += 0.05) {
        size_t right = 0, wrong = 0, missed = 0, false_answers = 0;
        for (size_t r = 0; r < n_rows; r++) {
            if (rows[r].aside != aside)
                continue;
            bool given = rows[r].sure >= from;
            right += given ? rows[r].right : !rows[r].wanted;
            wrong += given && !rows[r].right && rows[r].answers;
            false_answers += given && !rows[r].right && rows[r].answers && !rows[r].wanted;
            missed += given ? !rows[r].right && !rows[r].answers : rows[r].wanted;
        }
        printf("  %.2f  %6zu  %6zu  %6zu  %6zu\n", from, right, missed, wrong, false_answers);
    }
}

int main(int argc, char **argv)
{
    struct settings settings = {0};
    struct diags diags = {0};
    struct err err = {0};
    struct packs packs;
    if (!settings_load(&settings, &diags, &err) || packs_start(&packs, &settings) != 0)
        return 66;
    bool tell = argc > 1 && strcmp(argv[1], "-w") == 0;
    struct arena a = {0}, scratch = {0};
    bool aside = false;
    for (int i = 1 + tell; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            aside = true;
            continue;
        }
        size_t first = n_rows;
        struct source *source = arena_alloc(&a, sizeof *source);
        source->name = str_of(argv[i]);
        if (!file_read(argv[i], SET_MAX_BYTES, &a, &source->text, &err)) {
            fprintf(stderr, "fit_sure: cannot read %s\n", argv[i]);
            return 66;
        }
        struct question_set set;
        questions_parse(source, &a, &set, &diags);
        struct tally before = tally;
        for (size_t t = 0; t < set.n_talks; t++) {
            if (set.talks[t].n_turns)
                add_question(packs.docent, &set.talks[t].turns[0], &a, &scratch);
            arena_reset(&scratch);
        }
        questions_release(&set);
        for (size_t r = first; r < n_rows; r++)
            rows[r].aside = aside;
        double n = (double)(tally.turns - before.turns);
        if (n > 0)
            printf(
                "%-40s %5.0f asked: strongest right %5.1f %%, best by examples alone %5.1f %%, among the first %5.1f %%\n",
                argv[i], n, 100 * (double)(tally.first - before.first) / n,
                100 * (double)(tally.learnt - before.learnt) / n, 100 * (double)(tally.among - before.among) / n);
    }
    double w[SURE_N];
    for (size_t fold = 0; fold < FOLDS; fold++) {
        fit(w, fold);
        for (size_t r = fold; r < n_rows; r += FOLDS)
            rows[r].sure = sure_of(w, rows[r].signs);
    }
    for (size_t r = 0; tell && r < n_rows; r++) {
        printf("%.3f %d%c %.*s", rows[r].sure, rows[r].right, rows[r].wanted ? 'w' : '-', STR_FMT(rows[r].intent));
        for (size_t i = 1; i < SURE_N; i++)
            printf(" %.2f", rows[r].signs[i]);
        printf("  %.*s\n", STR_FMT(rows[r].aside ? STR("(kept aside)") : rows[r].question));
    }
    fit(w, FOLDS);
    for (size_t r = 0; r < n_rows; r++)
        if (rows[r].aside)
            rows[r].sure = sure_of(w, rows[r].signs);
    print_thresholds(false);
    print_thresholds(true);
    printf("\n#define SURE_SIGNS(X) \\\n");
    static const char *const names[] = {
#define X(name, weight) #name,
        SURE_SIGNS(X)
#undef X
    };
    for (size_t i = 0; i < SURE_N; i++)
        printf("    X(%s, %.2f)%s\n", names[i], w[i], i + 1 < SURE_N ? " \\" : "");
    arena_release(&a);
    arena_release(&scratch);
    packs_close(&packs);
    settings_release(&settings);
    return 0;
}
