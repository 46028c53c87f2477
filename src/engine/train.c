/* Training of the classifier: example questions -> features -> weights. */
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
    uint32_t intent; /* or docent.n_intents: about another subject */
    uint32_t n;
    uint32_t *features;   /* each its number among all that were seen, times BLOCKS, plus its block */
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

struct training {
    const struct docent *d;
    struct arena a;
    struct row *rows;
    size_t n_rows;
    struct vocabulary vocabulary;
};

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

static void add_row(struct training *t, uint32_t intent, const struct example *x, struct arena *scratch)
{
    arena_reset(scratch);
    if (!x->n_words)
        return;
    const struct docent *d = t->d;
    struct word *words = arena_array(scratch, x->n_words, sizeof *words);
    for (size_t i = 0; i < x->n_words; i++)
        words[i] = (struct word){.id = x->words[i], .text = d->lexicon.words[x->words[i]].text};
    struct observed seen;
    observe(d, words, x->n_words, scratch, &seen);
    struct features f = features_of(d, &seen, scratch);
    struct row *row = &t->rows[t->n_rows++];
    *row = (struct row){.intent = intent, .n = (uint32_t)f.n};
    memcpy(row->values, f.values, sizeof row->values);
    row->features = arena_raw(&t->a, f.n * sizeof *row->features);
    row->key = str_hash(intent == d->n_intents ? STR("") : d->intents[intent].id);
    for (size_t i = 0; i < f.n; i++)
        __builtin_prefetch(vocabulary_place(&t->vocabulary, f.items[i].hash));
    for (size_t i = 0; i < f.n; i++) {
        row->key = (row->key ^ f.items[i].hash) * UINT64_C(0x9E3779B97F4A7C15);
        row->key ^= row->key >> 32;
        row->features[i] = vocabulary_count(&t->vocabulary, f.items[i].hash, &t->a) * BLOCKS + f.items[i].block;
    }
}

static bool in_packs(const struct intent *intent, size_t first, size_t end)
{
    return intent->pack >= first && intent->pack < end;
}

static void collect_rows(struct training *t, size_t first_pack, size_t end_pack)
{
    struct arena scratch = {0};
    size_t most = 0;
    for (size_t i = 0; i < t->d->n_intents; i++)
        most += in_packs(&t->d->intents[i], first_pack, end_pack) ? t->d->intents[i].n_examples : 0;
    for (size_t p = first_pack; p < end_pack; p++)
        most += t->d->packs[p].n_others;
    t->rows = arena_raw(&t->a, most * sizeof *t->rows);
    for (size_t i = 0; i < t->d->n_intents; i++)
        for (size_t e = 0; in_packs(&t->d->intents[i], first_pack, end_pack) && e < t->d->intents[i].n_examples; e++)
            add_row(t, (uint32_t)i, &t->d->intents[i].examples[e], &scratch);
    for (size_t p = first_pack; p < end_pack; p++)
        for (size_t e = 0; e < t->d->packs[p].n_others; e++)
            add_row(t, (uint32_t)t->d->n_intents, &t->d->packs[p].others[e], &scratch);
    arena_release(&scratch);
}

/*
 * A row of the problem: features by number, repeated ones added up, the bias last.
 * at  by feature, where it stands in the row, plus 1; all 0 before and afterwards
 */
static struct svm_row problem_row(struct training *t, const struct row *row, uint32_t class, uint32_t *at)
{
    struct svm_value *values = arena_raw(&t->a, (row->n + 1) * sizeof *values);
    uint32_t n = 0;
    for (size_t i = 0; i < row->n; i++) {
        uint32_t number = t->vocabulary.seen[row->features[i] / BLOCKS].number;
        if (!number)
            continue;
        if (!at[number - 1]) {
            values[n] = (struct svm_value){number - 1, 0};
            at[number - 1] = ++n;
        }
        values[at[number - 1] - 1].value += row->values[row->features[i] % BLOCKS];
    }
    for (uint32_t i = 0; i < n; i++)
        at[values[i].feature] = 0;
    values[n++] = (struct svm_value){t->vocabulary.n, 1};
    return (struct svm_row){class, n, values, row->key};
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
    struct svm_row *rows = arena_raw(&t->a, t->n_rows * sizeof *rows);
    uint64_t *keys = arena_raw(&t->a, t->n_rows * sizeof *keys);
    uint32_t *class = arena_raw(&t->a, t->n_rows * sizeof *class), *order = arena_raw(&t->a, t->n_rows * sizeof *order);
    uint32_t classes = 0, *at = arena_array(&t->a, t->vocabulary.n, sizeof *at);
    *intents = arena_raw(&t->a, t->n_rows * sizeof **intents);
    for (size_t r = 0; r < t->n_rows; r++) { /* rows of an intent lie together */
        if (!classes || (*intents)[classes - 1] != t->rows[r].intent)
            (*intents)[classes++] = t->rows[r].intent;
        class[r] = classes - 1;
        keys[r] = t->rows[r].key;
    }
    svm_order(keys, (uint32_t)t->n_rows, 0, order);
    for (size_t i = 0; i < t->n_rows; i++)
        rows[i] = problem_row(t, &t->rows[order[i]], class[order[i]], at);
    return (struct svm_problem){rows, (uint32_t)t->n_rows, t->vocabulary.n + 1, classes};
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
