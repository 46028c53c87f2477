#include "engine/classify.h"

#include "base/buf.h"

#include <linear.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEATURES_MAX = 1 << 17, SEEN_FEATURES_MAX = 4096, MODEL_VERSION = 3 };

static const uint32_t BIAS = 0xFFFFFFFF;    /* stands for a feature that every example has */
static const float NO_EXAMPLES = 0.3f; /* what noise gets: neither for nor against */

/*
 * The bytes of a model: this head, then a table of feature hashes (open addressing), then for each slot of it the
 * number of its row + 1, then rows of one weight for each class, then the classes' scales and intents.
 */
struct head {
    char magic[8];
    uint64_t fingerprint;       /* of the packs */
    uint64_t check;             /* hash of all that follows the head */
    uint32_t version, slots, rows, classes;
};

struct classifier {
    struct str bytes;
    uint32_t slots, rows, classes;
    const uint32_t *hashes;     /* 0: slot is free */
    const uint32_t *row_of;
    const int8_t *weights;
    const float *scales;
    const uint32_t *intents;
};

/* --- features ----------------------------------------------------------------------------------------------- */

enum block { BLOCK_WORDS, BLOCK_PIECES, BLOCK_TAGS, BLOCKS };

/* How much a block weighs beside the others; each is brought to length 1 first. */
static const float block_weight[BLOCKS] = {1.0f, 0.8f, 0.8f};

struct features {
    struct { uint32_t hash; uint8_t block; } items[SEEN_FEATURES_MAX];
    size_t n;
    size_t in_block[BLOCKS];
};

static void add_feature(struct features *f, enum block block, uint64_t hash)
{
    uint32_t h = (uint32_t)(hash ^ hash >> 32);
    if (f->n == SEEN_FEATURES_MAX)
        return;
    f->items[f->n].hash = h && h != BIAS ? h : 1;
    f->items[f->n++].block = (uint8_t)block;
    f->in_block[block]++;
}

static uint64_t hash_of(char kind, struct str a, struct str b)
{
    uint64_t h = str_hash_more(STR_HASH_START, (struct str){&kind, 1});
    h = str_hash_more(h, a);
    h = str_hash_more(h, STR(" "));
    h = str_hash_more(h, b);
    return h ^ h >> 29;
}

/* Pieces of three to five letters, the blanks at both ends included. */
static void add_pieces(struct features *f, struct str word)
{
    char with_blanks[WORD_MAX + 2] = " ";
    size_t n = word.n < WORD_MAX ? word.n : WORD_MAX;
    memcpy(with_blanks + 1, word.p, n);
    with_blanks[n + 1] = ' ';
    for (size_t len = 4; len <= 4; len++)
        for (size_t at = 0; at + len <= n + 2; at++)
            add_feature(f, BLOCK_PIECES, hash_of('c', (struct str){with_blanks + at, len}, STR("")));
}

static void take_features(const struct docent *d, const struct observed *seen, struct features *f)
{
    *f = (struct features){.n = 0};
    struct str nothing = {"", 0};
    for (size_t i = 0; i < seen->n; i++) {
        struct str word = seen->words[i].text;
        bool grammar = seen->words[i].id && d->lexicon.words[seen->words[i].id].flags & WORD_FUNCTION;
        add_feature(f, BLOCK_WORDS, hash_of('w', word, nothing));
        if (i + 1 < seen->n)
            add_feature(f, BLOCK_WORDS, hash_of('b', word, seen->words[i + 1].text));
        if (i + 2 < seen->n)
            add_feature(f, BLOCK_WORDS, hash_of('s', word, seen->words[i + 2].text));
        if (!grammar)
            add_pieces(f, word);
    }
    uint32_t first = signal_of_group(d, 0);
    for (size_t i = 0; i < seen->n_present; i++)
        if (seen->present[i] >= first) {
            uint32_t tag = seen->present[i] - first;
            add_feature(f, BLOCK_TAGS, hash_of('t', (struct str){(const char *)&tag, sizeof tag}, nothing));
        }
}

/* --- models ------------------------------------------------------------------------------------------------- */

static size_t model_size(const struct head *h)
{
    return sizeof *h + 2 * sizeof(uint32_t) * (size_t)h->slots + (size_t)h->rows * h->classes + 8 +
           (sizeof(float) + sizeof(uint32_t)) * (size_t)h->classes;
}

static struct classifier *lay_out(struct str bytes, struct arena *a)
{
    struct classifier *c = arena_alloc(a, sizeof *c);
    struct head h;
    memcpy(&h, bytes.p, sizeof h);
    *c = (struct classifier){.bytes = bytes, .slots = h.slots, .rows = h.rows, .classes = h.classes};
    const char *p = bytes.p + sizeof h;
    c->hashes = (const uint32_t *)(const void *)p;
    c->row_of = c->hashes + h.slots;
    c->scales = (const float *)(const void *)(c->row_of + h.slots);
    c->intents = (const uint32_t *)(const void *)(c->scales + h.classes);
    c->weights = (const int8_t *)(c->intents + h.classes);
    return c;
}

static uint64_t check_of(struct str bytes)
{
    uint64_t h = STR_HASH_START;
    size_t i = sizeof(struct head);
    for (; i + 8 <= bytes.n; i += 8) {
        uint64_t word;
        memcpy(&word, bytes.p + i, 8);
        h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        h ^= h >> 32;
    }
    return str_hash_more(h, str_sub(bytes, i, bytes.n));
}

static const char magic[8] = {'d', 'o', 'c', 'e', 'n', 't', 'm', '\n'};

struct classifier *classifier_of(const struct docent *d, struct str model, struct arena *a)
{
    struct head h;
    if (model.n < sizeof h || (uintptr_t)model.p % 8)
        return NULL;
    memcpy(&h, model.p, sizeof h);
    bool fits = memcmp(h.magic, magic, sizeof magic) == 0 && h.version == MODEL_VERSION && h.fingerprint == d->fingerprint &&
                h.slots <= FEATURES_MAX * 4 && h.rows <= FEATURES_MAX && h.classes <= INTENTS_MAX && h.slots > h.rows &&
                (h.slots & (h.slots - 1)) == 0 && model_size(&h) == model.n && h.check == check_of(model);
    if (!fits)
        return NULL;
    struct classifier *c = lay_out(model, a);
    for (uint32_t i = 0; i < c->slots; i++)
        if (c->row_of[i] >= c->rows && c->row_of[i])
            return NULL;
    for (uint32_t i = 0; i < c->classes; i++)
        if (c->intents[i] >= d->n_intents)
            return NULL;
    return c;
}

struct str classifier_model(const struct classifier *c)
{
    return c ? c->bytes : (struct str){"", 0};
}

static const int8_t *row_for(const struct classifier *c, uint32_t hash)
{
    uint32_t mask = c->slots - 1;
    for (uint32_t at = hash & mask; c->hashes[at]; at = (at + 1) & mask)
        if (c->hashes[at] == hash)
            return c->weights + (size_t)c->row_of[at] * c->classes;
    return NULL;
}

void classifier_score(const struct docent *d, const struct classifier *c, const struct observed *seen, float *out,
                      struct arena *a)
{
    for (size_t i = 0; i < d->n_intents; i++)
        out[i] = NO_EXAMPLES;
    if (!c)
        return;
    struct features *f = arena_alloc(a, sizeof *f);
    float *sums = arena_array(a, c->classes, sizeof *sums);
    take_features(d, seen, f);
    for (size_t i = 0; i < f->n; i++) {
        const int8_t *row = row_for(c, f->items[i].hash);
        enum block b = (enum block)f->items[i].block;
        float value = block_weight[b] / sqrtf((float)f->in_block[b]);
        for (uint32_t k = 0; row && k < c->classes; k++)
            sums[k] += value * (float)row[k];
    }
    const int8_t *bias = row_for(c, BIAS);
    for (uint32_t k = 0; k < c->classes; k++)
        out[c->intents[k]] = (sums[k] + (bias ? (float)bias[k] : 0)) * c->scales[k];
}

/* --- training ----------------------------------------------------------------------------------------------- */

struct row {                    /* an example as features */
    uint32_t intent;
    uint32_t *hashes;
    uint8_t *blocks;
    size_t n;
    float values[BLOCKS];       /* of a feature of each block */
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

static void add_row(struct training *t, uint32_t intent, const struct example *x, struct features *f, struct arena *scratch)
{
    struct word *words = arena_array(scratch, x->n_words, sizeof *words);
    for (size_t i = 0; i < x->n_words; i++)
        words[i] = (struct word){.id = x->words[i], .text = t->d->lexicon.words[x->words[i]].text};
    struct observed seen;
    observe(t->d, words, x->n_words, scratch, &seen);
    take_features(t->d, &seen, f);
    struct row row = {.intent = intent, .n = f->n};
    row.hashes = arena_array(&t->a, f->n, sizeof *row.hashes);
    row.blocks = arena_array(&t->a, f->n, sizeof *row.blocks);
    for (size_t i = 0; i < f->n; i++) {
        row.hashes[i] = f->items[i].hash;
        row.blocks[i] = f->items[i].block;
    }
    for (size_t b = 0; b < BLOCKS; b++)
        row.values[b] = f->in_block[b] ? block_weight[b] / sqrtf((float)f->in_block[b]) : 0;
    *ARENA_PUSH(&t->a, t->rows, t->n_rows, t->cap_rows) = row;
}

static void collect_rows(struct training *t)
{
    struct features *f = arena_alloc(&t->a, sizeof *f);
    struct arena scratch = {0};
    for (size_t i = 0; i < t->d->n_intents; i++)
        for (size_t e = 0; e < t->d->intents[i].n_examples; e++)
            if (t->d->intents[i].examples[e].n_words) {
                add_row(t, (uint32_t)i, &t->d->intents[i].examples[e], f, &scratch);
                arena_reset(&scratch);
            }
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
        n += t->rows[r].n;
    for (v->size = 1024; v->size < n; v->size *= 2)
        ;
    v->hashes = arena_array(&t->a, v->size, sizeof *v->hashes);
    v->counts = arena_array(&t->a, v->size, sizeof *v->counts);
    v->numbers = arena_array(&t->a, v->size, sizeof *v->numbers);
    for (size_t r = 0; r < t->n_rows; r++)
        for (size_t i = 0; i < t->rows[r].n; i++) {
            size_t at = vocabulary_slot(v, t->rows[r].hashes[i]);
            v->hashes[at] = t->rows[r].hashes[i];
            if (++v->counts[at] == 2 && v->n + 1 < FEATURES_MAX)
                v->numbers[at] = (uint32_t)++v->n;
        }
}

static int by_index(const void *left, const void *right)
{
    return ((const struct feature_node *)left)->index - ((const struct feature_node *)right)->index;
}

/* A row as liblinear wants it: sorted indices from 1, repeated features added up, the bias last. */
static struct feature_node *nodes_of(struct training *t, const struct row *row)
{
    struct feature_node *nodes = arena_array(&t->a, row->n + 2, sizeof *nodes);
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < row->n; i++) {
        uint32_t number = t->vocabulary.numbers[vocabulary_slot(&t->vocabulary, row->hashes[i])];
        if (number)
            nodes[n++] = (struct feature_node){(int)number, (double)row->values[row->blocks[i]]};
    }
    qsort(nodes, n, sizeof *nodes, by_index);
    for (size_t i = 0; i < n; i++)
        if (kept && nodes[kept - 1].index == nodes[i].index)
            nodes[kept - 1].value += nodes[i].value;
        else
            nodes[kept++] = nodes[i];
    nodes[kept++] = (struct feature_node){(int)t->vocabulary.n + 1, 1.0};
    nodes[kept] = (struct feature_node){-1, 0};
    return nodes;
}

static void say_nothing(const char *text)
{
    (void)text;
}

static struct model *run_liblinear(struct training *t)
{
    struct problem problem = {.l = (int)t->n_rows, .n = (int)t->vocabulary.n + 1, .bias = 1};
    problem.y = arena_array(&t->a, t->n_rows, sizeof *problem.y);
    problem.x = arena_array(&t->a, t->n_rows, sizeof *problem.x);
    for (size_t r = 0; r < t->n_rows; r++) {
        problem.y[r] = t->rows[r].intent;
        problem.x[r] = nodes_of(t, &t->rows[r]);
    }
    struct parameter how = {.solver_type = MCSVM_CS, .eps = 2, .C = 1.0, .p = 0.1};
#if LIBLINEAR_VERSION >= 240
    how.regularize_bias = 1;
#endif
    set_print_string_function(say_nothing);
    srand(1); /* liblinear shuffles with rand(): the same packs shall give the same model */
    return train(&problem, &how);
}

/* Weights as one signed byte each, with one scale for each class. */
static void quantise(const struct model *m, uint32_t classes, uint32_t rows, float *scales, int8_t *weights)
{
    for (uint32_t k = 0; k < classes; k++)
        scales[k] = 1e-9f;
    for (size_t i = 0; i < (size_t)rows * classes; i++)
        scales[i % classes] = fmaxf(scales[i % classes], fabsf((float)m->w[i]) / 127);
    for (size_t i = 0; i < (size_t)rows * classes; i++)
        weights[i] = (int8_t)lrintf((float)m->w[i] / scales[i % classes]);
}

static void enter(uint32_t *hashes, uint32_t *row_of, uint32_t slots, uint32_t hash, uint32_t row)
{
    uint32_t at = hash & (slots - 1);
    while (hashes[at])
        at = (at + 1) & (slots - 1);
    hashes[at] = hash;
    row_of[at] = row;
}

static struct str pack_model(const struct training *t, const struct model *m, struct arena *a)
{
    struct head h = {.fingerprint = t->d->fingerprint, .version = MODEL_VERSION, .slots = 64};
    memcpy(h.magic, magic, sizeof magic);
    h.rows = (uint32_t)t->vocabulary.n + 1; /* the last one is the bias */
    h.classes = (uint32_t)get_nr_class(m);
    while (h.slots < h.rows * 2)
        h.slots *= 2;
    size_t size = model_size(&h);
    char *bytes = arena_alloc(a, size);
    uint32_t *hashes = (uint32_t *)(void *)(bytes + sizeof h), *row_of = hashes + h.slots;
    float *scales = (float *)(void *)(row_of + h.slots);
    uint32_t *intents = (uint32_t *)(void *)(scales + h.classes);
    int *labels = arena_array(a, h.classes, sizeof *labels);
    get_labels(m, labels);
    for (uint32_t k = 0; k < h.classes; k++)
        intents[k] = (uint32_t)labels[k];
    for (size_t i = 0; i < t->vocabulary.size; i++)
        if (t->vocabulary.numbers[i])
            enter(hashes, row_of, h.slots, t->vocabulary.hashes[i], t->vocabulary.numbers[i] - 1);
    enter(hashes, row_of, h.slots, BIAS, h.rows - 1);
    quantise(m, h.classes, h.rows, scales, (int8_t *)(intents + h.classes));
    h.check = 0;
    memcpy(bytes, &h, sizeof h);
    h.check = check_of((struct str){bytes, size});
    memcpy(bytes, &h, sizeof h);
    return (struct str){bytes, size};
}

struct classifier *classifier_train(const struct docent *d, struct arena *a)
{
    struct training t = {.d = d};
    struct classifier *c = NULL;
    collect_rows(&t);
    choose_vocabulary(&t);
    size_t classes = 0;
    for (size_t r = 0; r < t.n_rows; r++)
        classes += r == 0 || t.rows[r].intent != t.rows[r - 1].intent;
    if (classes >= 3) { /* liblinear keeps but one row of weights for two classes */
        struct model *m = run_liblinear(&t);
        c = lay_out(pack_model(&t, m, a), a);
        free_and_destroy_model(&m);
    }
    arena_release(&t.a);
    return c;
}
