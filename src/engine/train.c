/* Training of the classifier: example questions -> features -> weights. */
#include "engine/features.h"
#include "engine/model.h"
#include "engine/observe.h"
#include "engine/svm.h"
#include "engine/teach.h"

#include <string.h>

/*
 * The more packs, the more weights there are, by both their intents and their features. Up to TOGETHER_MAX weights (four
 * bytes each while training) all packs' intents are told from each other; above, those of each pack.
 */
enum { FEATURES_MAX = 1 << 20, OCCURS_MIN = 3, CLASSES_MIN = 3, TOGETHER_MAX = 16 << 20 };

struct row {         /* an example as features */
    uint32_t intent; /* or docent.n_intents: about another subject */
    struct features features;
};

/* Features by hash; open addressing, hash 0 is free. */
struct vocabulary {
    struct known {
        uint32_t hash, count,
            number; /* numbers from 1, in the order in which features are found to count; 0: does not */
    } * slots;
    size_t size, used, n;
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

static struct known *vocabulary_find(const struct vocabulary *v, uint32_t hash)
{
    size_t at = hash & (v->size - 1);
    while (v->slots[at].hash && v->slots[at].hash != hash)
        at = (at + 1) & (v->size - 1);
    return &v->slots[at];
}

static void vocabulary_grow(struct vocabulary *v, struct arena *a)
{
    struct vocabulary old = *v;
    v->size = old.size ? old.size * 2 : 1 << 14;
    v->slots = arena_array(a, v->size, sizeof *v->slots);
    for (size_t i = 0; i < old.size; i++)
        if (old.slots[i].hash)
            *vocabulary_find(v, old.slots[i].hash) = old.slots[i];
}

/* Features that occur three times at least, numbered as they come; what occurs less teaches little and makes models large. */
static void choose_vocabulary(struct training *t)
{
    struct vocabulary *v = &t->vocabulary;
    vocabulary_grow(v, &t->a);
    for (size_t r = 0; r < t->n_rows; r++)
        for (size_t i = 0; i < t->rows[r].features.n; i++) {
            struct known *k = vocabulary_find(v, t->rows[r].features.items[i].hash);
            if (!k->hash && ++v->used * 2 > v->size) {
                vocabulary_grow(v, &t->a);
                k = vocabulary_find(v, t->rows[r].features.items[i].hash);
            }
            k->hash = t->rows[r].features.items[i].hash;
            if (++k->count == OCCURS_MIN && v->n + 1 < FEATURES_MAX)
                k->number = (uint32_t)++v->n;
        }
}

static uint64_t key_of(const struct docent *d, const struct row *row)
{
    uint64_t key = str_hash(row->intent == d->n_intents ? STR("") : d->intents[row->intent].id);
    for (size_t i = 0; i < row->features.n; i++)
        key = str_hash_more(
            key, (struct str){(const char *)&row->features.items[i].hash, sizeof row->features.items[i].hash});
    return key;
}

/*
 * A row of the problem: features by number, repeated ones added up, the bias last.
 * at  by feature, where it stands in the row, plus 1; all 0 before and afterwards
 */
static struct svm_row problem_row(struct training *t, const struct row *row, uint32_t class, uint32_t *at)
{
    struct svm_value *values = arena_array(&t->a, row->features.n + 1, sizeof *values);
    uint32_t n = 0;
    for (size_t i = 0; i < row->features.n; i++) {
        const struct feature *f = &row->features.items[i];
        uint32_t number = vocabulary_find(&t->vocabulary, f->hash)->number;
        if (!number)
            continue;
        if (!at[number - 1]) {
            values[n] = (struct svm_value){number - 1, 0};
            at[number - 1] = ++n;
        }
        values[at[number - 1] - 1].value += row->features.values[f->block];
    }
    for (uint32_t i = 0; i < n; i++)
        at[values[i].feature] = 0;
    values[n++] = (struct svm_value){(uint32_t)t->vocabulary.n, 1};
    return (struct svm_row){class, n, values, key_of(t->d, row)};
}

/* The features' hashes by number, the bias last. */
static uint32_t *hashes_of(struct training *t)
{
    uint32_t *hashes = arena_array(&t->a, t->vocabulary.n + 1, sizeof *hashes);
    for (size_t i = 0; i < t->vocabulary.size; i++)
        if (t->vocabulary.slots[i].number)
            hashes[t->vocabulary.slots[i].number - 1] = t->vocabulary.slots[i].hash;
    hashes[t->vocabulary.n] = FEATURE_BIAS;
    return hashes;
}

/* Rows for the solver, and the classes' intents. Rows of an intent lie together. */
static struct svm_problem problem_of(struct training *t, uint32_t **intents)
{
    struct svm_row *rows = arena_array(&t->a, t->n_rows, sizeof *rows);
    uint32_t classes = 0, *at = arena_array(&t->a, t->vocabulary.n, sizeof *at);
    *intents = arena_array(&t->a, t->n_rows, sizeof **intents);
    for (size_t r = 0; r < t->n_rows; r++) {
        if (!classes || (*intents)[classes - 1] != t->rows[r].intent)
            (*intents)[classes++] = t->rows[r].intent;
        rows[r] = problem_row(t, &t->rows[r], classes - 1, at);
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
        uint32_t *hashes = arena_array(keep, p.n_features, sizeof *hashes),
                 *kept = arena_array(keep, p.n_classes, sizeof *kept);
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
    struct str bytes = n ? model_write(d->fingerprint, blocks, n, taught_write(d, &scratch), a) : (struct str){NULL, 0};
    arena_release(&scratch);
    return bytes;
}
