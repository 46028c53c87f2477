/* Training of the classifier: example questions -> features -> weights. */
#include "base/parallel.h"
#include "engine/features.h"
#include "engine/model.h"
#include "engine/observe.h"
#include "engine/svm.h"
#include "engine/teach.h"

#include <string.h>

/*
 * The more packs, the more weights there are, by both their intents and their features. Up to TOGETHER_MAX weights all
 * packs' intents are told from each other; above, those of each pack.
 */
enum { FEATURES_MAX = 1 << 20, OCCURS_MIN = 3, CLASSES_MIN = 3, TOGETHER_MAX = 16 << 20 };

/* An example as features. */
struct row {
    const struct example *example;
    uint32_t intent; /* or docent.n_intents: about another subject */
    uint32_t n;
    uint32_t *features;   /* hashes; once they are counted, each one's number among all that were seen */
    uint8_t *blocks;      /* of each */
    float values[BLOCKS]; /* as in struct features */
    uint64_t key;         /* of its intent and features */
};

/* All features that were seen, in the order in which they came, and by hash: open addressing, hash 0 is free. */
struct vocabulary {
    struct slot_of_hash {
        uint32_t hash, seen;
    } * slots;
    size_t size;
    struct seen {
        uint32_t hash, count;
        uint32_t number; /* from 1, in the order in which features are found to count; 0: does not */
    } * seen;
    size_t n_seen, cap_seen;
    uint32_t n;           /* that count */
    struct arena of_seen; /* so that it grows where it lies */
};

/* Rows are worked on by several threads, ROWS_A_PART at a time. */
enum { ROWS_A_PART = 128 };
struct worker {
    struct arena kept, scratch;
    uint32_t *at; /* see fill_row */
};

struct training {
    const struct docent *d;
    struct arena a;
    struct row *rows;
    size_t n_rows;
    struct vocabulary vocabulary;
    uint32_t *class;          /* by row */
    uint32_t *order;          /* the rows in that of the first round */
    struct svm_row *svm_rows; /* in that order */
    struct worker workers[PARALLEL_WORKERS_MAX];
};

static void in_parts(struct training *t, void (*do_part)(void *training, size_t worker, size_t part))
{
    size_t parts = (t->n_rows + ROWS_A_PART - 1) / ROWS_A_PART;
    parallel_do(parallel_workers(parts), parts, do_part, t);
}

static size_t end_of_part(const struct training *t, size_t part)
{
    size_t end = (part + 1) * ROWS_A_PART;
    return end < t->n_rows ? end : t->n_rows;
}

/* Where a feature is, or would be if no other were there. */
static const struct slot_of_hash *vocabulary_place(const struct vocabulary *v, uint32_t hash)
{
    return &v->slots[hash & (v->size - 1)];
}

static struct slot_of_hash *vocabulary_find(const struct vocabulary *v, uint32_t hash)
{
    size_t at = hash & (v->size - 1);
    while (v->slots[at].hash && v->slots[at].hash != hash)
        at = (at + 1) & (v->size - 1);
    return &v->slots[at];
}

static void vocabulary_grow(struct vocabulary *v, struct arena *a)
{
    v->size = v->size ? v->size * 2 : 1 << 14;
    v->slots = arena_array(a, v->size, sizeof *v->slots);
    for (size_t i = 0; i < v->n_seen; i++)
        *vocabulary_find(v, v->seen[i].hash) = (struct slot_of_hash){v->seen[i].hash, (uint32_t)i};
}

/* What occurs less than three times teaches little and makes models large: only other features get a number. */
static uint32_t vocabulary_count(struct vocabulary *v, uint32_t hash, struct arena *a)
{
    if (v->n_seen * 4 >= v->size * 3)
        vocabulary_grow(v, a);
    struct slot_of_hash *slot = vocabulary_find(v, hash);
    if (!slot->hash) {
        *slot = (struct slot_of_hash){hash, (uint32_t)v->n_seen};
        *ARENA_PUSH(&v->of_seen, v->seen, v->n_seen, v->cap_seen) = (struct seen){.hash = hash};
    }
    struct seen *seen = &v->seen[slot->seen];
    if (++seen->count == OCCURS_MIN && v->n + 1 < FEATURES_MAX)
        seen->number = ++v->n;
    return slot->seen;
}

static void read_row(const struct docent *d, struct row *row, struct worker *w)
{
    const struct example *x = row->example;
    struct arena *scratch = &w->scratch;
    arena_reset(scratch);
    struct word *words = arena_array(scratch, x->n_words, sizeof *words);
    for (size_t i = 0; i < x->n_words; i++)
        words[i] = (struct word){.id = x->words[i], .text = d->lexicon.words[x->words[i]].text};
    struct observed seen;
    observe(d, words, x->n_words, scratch, &seen);
    struct features f = features_of(d, &seen, scratch);
    row->n = (uint32_t)f.n;
    memcpy(row->values, f.values, sizeof row->values);
    row->features = arena_raw(&w->kept, f.n * (sizeof *row->features + sizeof *row->blocks));
    row->blocks = (uint8_t *)(row->features + f.n);
    row->key = str_hash(row->intent == d->n_intents ? STR("") : d->intents[row->intent].id);
    for (size_t i = 0; i < f.n; i++) {
        row->key = (row->key ^ f.items[i].hash) * UINT64_C(0x9E3779B97F4A7C15);
        row->key ^= row->key >> 32;
        row->features[i] = f.items[i].hash;
        row->blocks[i] = (uint8_t)f.items[i].block;
    }
}

static void read_part(void *training, size_t worker, size_t part)
{
    struct training *t = training;
    for (size_t r = part * ROWS_A_PART; r < end_of_part(t, part); r++)
        read_row(t->d, &t->rows[r], &t->workers[worker]);
}

static void count_features(struct training *t)
{
    for (size_t r = 0; r < t->n_rows; r++) {
        struct row *row = &t->rows[r];
        for (size_t i = 0; i < row->n && t->vocabulary.size; i++)
            __builtin_prefetch(vocabulary_place(&t->vocabulary, row->features[i]));
        for (size_t i = 0; i < row->n; i++)
            row->features[i] = vocabulary_count(&t->vocabulary, row->features[i], &t->a);
    }
}

static bool in_packs(const struct intent *intent, size_t first, size_t end)
{
    return intent->pack >= first && intent->pack < end;
}

static void add_row(struct training *t, size_t intent, const struct example *x)
{
    if (x->n_words)
        t->rows[t->n_rows++] = (struct row){.example = x, .intent = (uint32_t)intent};
}

static void collect_rows(struct training *t, size_t first_pack, size_t end_pack)
{
    const struct docent *d = t->d;
    size_t most = 0;
    for (size_t i = 0; i < d->n_intents; i++)
        most += in_packs(&d->intents[i], first_pack, end_pack) ? d->intents[i].n_examples : 0;
    for (size_t p = first_pack; p < end_pack; p++)
        most += d->packs[p].n_others;
    t->rows = arena_raw(&t->a, most * sizeof *t->rows);
    for (size_t i = 0; i < d->n_intents; i++)
        for (size_t e = 0; in_packs(&d->intents[i], first_pack, end_pack) && e < d->intents[i].n_examples; e++)
            add_row(t, i, &d->intents[i].examples[e]);
    for (size_t p = first_pack; p < end_pack; p++)
        for (size_t e = 0; e < d->packs[p].n_others; e++)
            add_row(t, d->n_intents, &d->packs[p].others[e]);
    features_prepare(d);
    in_parts(t, read_part);
    count_features(t);
}

/*
 * A row of the problem: features by number, repeated ones added up, the bias last.
 * at  by feature, where it stands in the row, plus 1; all 0 before and afterwards
 */
static void fill_row(const struct vocabulary *v, const struct row *row, struct svm_row *out, uint32_t *at,
                     struct arena *a)
{
    struct svm_value *values = arena_raw(a, (row->n + 1) * sizeof *values);
    uint32_t n = 0;
    for (size_t i = 0; i < row->n; i++) {
        uint32_t number = v->seen[row->features[i]].number;
        if (!number)
            continue;
        if (!at[number - 1]) {
            values[n] = (struct svm_value){number - 1, 0};
            at[number - 1] = ++n;
        }
        values[at[number - 1] - 1].value += row->values[row->blocks[i]];
    }
    for (uint32_t i = 0; i < n; i++)
        at[values[i].feature] = 0;
    values[n++] = (struct svm_value){v->n, 1};
    out->n = n;
    out->values = values;
}

static void fill_part(void *training, size_t worker, size_t part)
{
    struct training *t = training;
    struct worker *w = &t->workers[worker];
    if (!w->at)
        w->at = arena_array(&w->kept, t->vocabulary.n, sizeof *w->at);
    for (size_t i = part * ROWS_A_PART; i < end_of_part(t, part); i++) {
        const struct row *row = &t->rows[t->order[i]];
        t->svm_rows[i] = (struct svm_row){.class = t->class[t->order[i]], .key = row->key};
        fill_row(&t->vocabulary, row, &t->svm_rows[i], w->at, &w->kept);
    }
}

/* The features' hashes by number, the bias last. */
static uint32_t *hashes_of(const struct vocabulary *v, struct arena *a)
{
    uint32_t *hashes = arena_array(a, v->n + 1, sizeof *hashes);
    for (size_t i = 0; i < v->n_seen; i++)
        if (v->seen[i].number)
            hashes[v->seen[i].number - 1] = v->seen[i].hash;
    hashes[v->n] = FEATURE_BIAS;
    return hashes;
}

/* Rows for the solver, and the classes' intents. */
static struct svm_problem problem_of(struct training *t, uint32_t **intents)
{
    uint64_t *keys = arena_raw(&t->a, t->n_rows * sizeof *keys);
    uint32_t classes = 0;
    t->class = arena_raw(&t->a, t->n_rows * sizeof *t->class);
    t->order = arena_raw(&t->a, t->n_rows * sizeof *t->order);
    t->svm_rows = arena_raw(&t->a, t->n_rows * sizeof *t->svm_rows);
    *intents = arena_raw(&t->a, t->n_rows * sizeof **intents);
    for (size_t r = 0; r < t->n_rows; r++) { /* rows of an intent lie together */
        if (!classes || (*intents)[classes - 1] != t->rows[r].intent)
            (*intents)[classes++] = t->rows[r].intent;
        t->class[r] = classes - 1;
        keys[r] = t->rows[r].key;
    }
    svm_order(keys, (uint32_t)t->n_rows, 0, t->order);
    in_parts(t, fill_part);
    return (struct svm_problem){t->svm_rows, (uint32_t)t->n_rows, t->vocabulary.n + 1, classes};
}

enum learnt { LEARNT, TOO_FEW_CLASSES, TOO_MANY_WEIGHTS };

/* Trains on the examples of packs [first, end) together, if that takes at most weights_max weights. */
static enum learnt learn(const struct docent *d, size_t first, size_t end, size_t weights_max, struct arena *keep,
                         struct model_part *out)
{
    struct training t = {.d = d};
    uint32_t *intents;
    collect_rows(&t, first, end);
    struct svm_problem p = problem_of(&t, &intents);
    size_t n = (size_t)p.n_features * p.n_classes;
    enum learnt learnt = p.n_classes < CLASSES_MIN ? TOO_FEW_CLASSES : n > weights_max ? TOO_MANY_WEIGHTS : LEARNT;
    if (learnt == LEARNT) {
        uint32_t *kept = arena_array(keep, p.n_classes, sizeof *kept);
        memcpy(kept, intents, p.n_classes * sizeof *kept);
        *out = model_part(p.n_features, p.n_classes, hashes_of(&t.vocabulary, keep), kept, keep);
        svm_train(&p, model_take, out);
    }
    for (size_t w = 0; w < PARALLEL_WORKERS_MAX; w++) {
        arena_release(&t.workers[w].kept);
        arena_release(&t.workers[w].scratch);
    }
    arena_release(&t.vocabulary.of_seen);
    arena_release(&t.a);
    return learnt;
}

struct str model_train(const struct docent *d, struct arena *a)
{
    struct arena scratch = {0};
    struct model_part *parts = arena_array(&scratch, d->n_packs, sizeof *parts);
    size_t n = 0;
    enum learnt together = learn(d, 0, d->n_packs, TOGETHER_MAX, &scratch, parts);
    if (together == LEARNT)
        n = 1;
    for (size_t p = 0; together == TOO_MANY_WEIGHTS && p < d->n_packs; p++)
        n += learn(d, p, p + 1, SIZE_MAX, &scratch, &parts[n]) == LEARNT;
    struct str bytes = n ? model_write(d->fingerprint, parts, n, taught_write(d, &scratch), a) : (struct str){NULL, 0};
    arena_release(&scratch);
    return bytes;
}
