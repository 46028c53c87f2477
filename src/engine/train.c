/* Training of the classifier: example questions -> features -> weights. */
#include "engine/features.h"
#include "engine/model.h"
#include "engine/observe.h"
#include "engine/svm.h"

#include <stdlib.h>
#include <string.h>

/*
 * The more packs, the more weights there are, by both their intents and their features. Up to TOGETHER_MAX weights (four
 * bytes each while training) all packs' intents are told from each other; above, those of each pack.
 */
enum { FEATURES_MAX = 1 << 20, CLASSES_MIN = 3, TOGETHER_MAX = 16 << 20 };

struct row {                    /* an example as features */
    uint32_t intent;            /* or docent.n_intents: about another subject */
    struct features features;
};

/* Features by hash: how often each occurs, then its number among those that count. */
struct vocabulary {
    uint32_t *hashes, *counts, *numbers;    /* open addressing; hash 0 is free; numbers from 1, 0: does not count */
    size_t size, n;
};

struct training {
    const struct docent *d;
    struct arena a;
    struct row *rows;
    size_t n_rows, cap_rows;
    struct vocabulary vocabulary;
};

static void add_row(struct training *t, uint32_t intent, const struct example *x, struct arena *scratch)
{
    arena_reset(scratch);
    if (!x->n_words)
        return;
    struct word *words = arena_array(scratch, x->n_words, sizeof *words);
    for (size_t i = 0; i < x->n_words; i++)
        words[i] = (struct word){.id = x->words[i], .text = t->d->lexicon.words[x->words[i]].text};
    struct observed seen;
    observe(t->d, words, x->n_words, scratch, &seen);
    *ARENA_PUSH(&t->a, t->rows, t->n_rows, t->cap_rows) = (struct row){intent, features_of(t->d, &seen, &t->a)};
}

static bool in_packs(const struct intent *intent, size_t first, size_t end)
{
    return intent->pack >= first && intent->pack < end;
}

static void collect_rows(struct training *t, size_t first_pack, size_t end_pack)
{
    struct arena scratch = {0};
    for (size_t i = 0; i < t->d->n_intents; i++)
        for (size_t e = 0; in_packs(&t->d->intents[i], first_pack, end_pack) && e < t->d->intents[i].n_examples; e++)
            add_row(t, (uint32_t)i, &t->d->intents[i].examples[e], &scratch);
    for (size_t p = first_pack; p < end_pack; p++)
        for (size_t e = 0; e < t->d->packs[p].n_others; e++)
            add_row(t, (uint32_t)t->d->n_intents, &t->d->packs[p].others[e], &scratch);
    arena_release(&scratch);
}

static size_t vocabulary_slot(const struct vocabulary *v, uint32_t hash)
{
    size_t at = hash & (v->size - 1);
    while (v->hashes[at] && v->hashes[at] != hash)
        at = (at + 1) & (v->size - 1);
    return at;
}

/* Features that occur twice at least, numbered as they come; what occurs once teaches little and makes models large. */
static void choose_vocabulary(struct training *t)
{
    struct vocabulary *v = &t->vocabulary;
    size_t n = 1;
    for (size_t r = 0; r < t->n_rows; r++)
        n += t->rows[r].features.n;
    for (v->size = 1024; v->size < n; v->size *= 2)
        ;
    v->hashes = arena_array(&t->a, v->size, sizeof *v->hashes);
    v->counts = arena_array(&t->a, v->size, sizeof *v->counts);
    v->numbers = arena_array(&t->a, v->size, sizeof *v->numbers);
    for (size_t r = 0; r < t->n_rows; r++)
        for (size_t i = 0; i < t->rows[r].features.n; i++) {
            size_t at = vocabulary_slot(v, t->rows[r].features.items[i].hash);
            v->hashes[at] = t->rows[r].features.items[i].hash;
            if (++v->counts[at] == 2 && v->n + 1 < FEATURES_MAX)
                v->numbers[at] = (uint32_t)++v->n;
        }
}

static int by_feature(const void *left, const void *right)
{
    const struct svm_value *a = left, *b = right;
    return (a->feature > b->feature) - (a->feature < b->feature);
}

static uint64_t key_of(const struct docent *d, const struct row *row)
{
    uint64_t key = str_hash(row->intent == d->n_intents ? STR("") : d->intents[row->intent].id);
    for (size_t i = 0; i < row->features.n; i++)
        key = str_hash_more(key, (struct str){(const char *)&row->features.items[i].hash, sizeof row->features.items[i].hash});
    return key;
}

/* A row of the problem: features by number, repeated ones added up, the bias last. */
static struct svm_row problem_row(struct training *t, const struct row *row, uint32_t class)
{
    struct svm_value *values = arena_array(&t->a, row->features.n + 1, sizeof *values);
    uint32_t n = 0, kept = 0;
    for (size_t i = 0; i < row->features.n; i++) {
        const struct feature *f = &row->features.items[i];
        uint32_t number = t->vocabulary.numbers[vocabulary_slot(&t->vocabulary, f->hash)];
        if (number)
            values[n++] = (struct svm_value){number - 1, row->features.values[f->block]};
    }
    qsort(values, n, sizeof *values, by_feature);
    for (uint32_t i = 0; i < n; i++)
        if (kept && values[kept - 1].feature == values[i].feature)
            values[kept - 1].value += values[i].value;
        else
            values[kept++] = values[i];
    values[kept++] = (struct svm_value){(uint32_t)t->vocabulary.n, 1};
    return (struct svm_row){class, kept, values, key_of(t->d, row)};
}

/* The features' hashes by number, the bias last. */
static uint32_t *hashes_of(struct training *t)
{
    uint32_t *hashes = arena_array(&t->a, t->vocabulary.n + 1, sizeof *hashes);
    for (size_t i = 0; i < t->vocabulary.size; i++)
        if (t->vocabulary.numbers[i])
            hashes[t->vocabulary.numbers[i] - 1] = t->vocabulary.hashes[i];
    hashes[t->vocabulary.n] = FEATURE_BIAS;
    return hashes;
}

/* Rows for the solver, and the classes' intents. Rows of an intent lie together. */
static struct svm_problem problem_of(struct training *t, uint32_t **intents)
{
    struct svm_row *rows = arena_array(&t->a, t->n_rows, sizeof *rows);
    uint32_t classes = 0;
    *intents = arena_array(&t->a, t->n_rows, sizeof **intents);
    for (size_t r = 0; r < t->n_rows; r++) {
        if (!classes || (*intents)[classes - 1] != t->rows[r].intent)
            (*intents)[classes++] = t->rows[r].intent;
        rows[r] = problem_row(t, &t->rows[r], classes - 1);
    }
    return (struct svm_problem){rows, (uint32_t)t->n_rows, (uint32_t)t->vocabulary.n + 1, classes};
}

enum learnt { LEARNT, TOO_FEW_CLASSES, TOO_MANY_WEIGHTS };

/* Trains on the examples of packs [first, end) together, if that takes at most weights_max weights. */
static enum learnt learn(const struct docent *d, size_t first, size_t end, size_t weights_max, struct arena *keep,
                         struct model_block *out)
{
    struct training t = {.d = d};
    uint32_t *intents;
    collect_rows(&t, first, end);
    choose_vocabulary(&t);
    struct svm_problem p = problem_of(&t, &intents);
    size_t n = (size_t)p.n_features * p.n_classes;
    enum learnt learnt = p.n_classes < CLASSES_MIN ? TOO_FEW_CLASSES : n > weights_max ? TOO_MANY_WEIGHTS : LEARNT;
    if (learnt == LEARNT) {
        float *weights = arena_array(&t.a, n, sizeof *weights);
        uint32_t *hashes = arena_array(keep, p.n_features, sizeof *hashes), *kept = arena_array(keep, p.n_classes, sizeof *kept);
        svm_train(&p, weights);
        memcpy(hashes, hashes_of(&t), p.n_features * sizeof *hashes);
        memcpy(kept, intents, p.n_classes * sizeof *kept);
        *out = model_block(p.n_features, p.n_classes, hashes, kept, weights, keep);
    }
    arena_release(&t.a);
    return learnt;
}

struct str model_train(const struct docent *d, struct arena *a)
{
    struct arena scratch = {0};
    struct model_block *blocks = arena_array(&scratch, d->n_packs, sizeof *blocks);
    size_t n = 0;
    enum learnt together = learn(d, 0, d->n_packs, TOGETHER_MAX, &scratch, blocks);
    if (together == LEARNT)
        n = 1;
    for (size_t p = 0; together == TOO_MANY_WEIGHTS && p < d->n_packs; p++)
        n += learn(d, p, p + 1, SIZE_MAX, &scratch, &blocks[n]) == LEARNT;
    struct str bytes = n ? model_write(d->fingerprint, blocks, n, a) : (struct str){NULL, 0};
    arena_release(&scratch);
    return bytes;
}
