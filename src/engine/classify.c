#include "engine/classify.h"

#include "engine/features.h"
#include "engine/model.h"

#include <string.h>

static const float NO_EXAMPLES = -1; /* what noise gets */

struct classifier {
    struct model model;
};

struct classifier *classifier_of(const struct docent *d, struct str bytes, struct arena *a)
{
    struct model m;
    if (!model_read(bytes, d->fingerprint, &m))
        return NULL;
    for (uint32_t i = 0; i < m.classes; i++)
        if (m.intents[i] > d->n_intents)
            return NULL;
    struct classifier *c = arena_alloc(a, sizeof *c);
    c->model = m;
    return c;
}

struct str classifier_taught(const struct classifier *c)
{
    return c->model.taught;
}

struct str classifier_model(const struct classifier *c)
{
    return c ? c->model.bytes : (struct str){"", 0};
}

typedef int8_t eight_weights
    __attribute__((vector_size(8), aligned(1), may_alias)); /* compilers make them fit the machine */
typedef int16_t eight_sums __attribute__((vector_size(16), aligned(2), may_alias));

/* So many weights, which are one byte each, add up to no more than 16 bits hold. */
enum { ADDED_MAX = INT16_MAX / 128 };

static void add_whole_row(const int8_t *weight, int16_t *sums, uint32_t n)
{
    uint32_t k = 0;
    for (; k + 8 <= n; k += 8)
        *(eight_sums *)(sums + k) += __builtin_convertvector(*(const eight_weights *)(weight + k), eight_sums);
    for (; k < n; k++)
        sums[k] = (int16_t)(sums[k] + weight[k]);
}

/* Adds the row of a feature to the sums of its block, in whole numbers: the block's value is put on at the end. */
static void add_row(const struct model *m, uint32_t hash, int16_t *sums)
{
    uint32_t row = model_row(m, hash);
    if (row == MODEL_NO_ROW)
        return;
    if (row < m->wholes) {
        add_whole_row(m->whole_weight + (size_t)row * m->classes, sums, m->classes);
        return;
    }
    const uint32_t *from = &m->row_from[row - m->wholes];
    for (uint32_t i = from[0]; i < from[1]; i++)
        sums[m->entry_class[i]] = (int16_t)(sums[m->entry_class[i]] + m->entry_weight[i]);
}

/* Adds the sums to the totals, and begins them anew. */
static void carry(int16_t *sums, int32_t *totals, size_t n)
{
    for (size_t i = 0; i < n; i++)
        totals[i] += sums[i];
    memset(sums, 0, n * sizeof *sums);
}

/* By block and class the sum of the weights of a question's features; the bias stands behind the blocks. */
static int32_t *add_up(const struct model *m, const struct features *f, struct arena *a)
{
    size_t n = (BLOCKS + 1) * (size_t)m->classes;
    int32_t *totals = arena_array(a, n, sizeof *totals);
    int16_t *sums = arena_array(a, n, sizeof *sums);
    add_row(m, FEATURE_BIAS, sums + BLOCKS * m->classes);
    for (size_t i = 0; i < f->n; i++) {
        if (i % ADDED_MAX == ADDED_MAX - 1)
            carry(sums, totals, n);
        add_row(m, f->items[i].hash, sums + f->items[i].block * m->classes);
    }
    carry(sums, totals, n);
    return totals;
}

void classifier_score(const struct docent *d, const struct classifier *c, const struct observed *seen, float *out,
                      struct arena *a)
{
    for (size_t i = 0; i <= d->n_intents; i++)
        out[i] = NO_EXAMPLES;
    if (!c)
        return;
    const struct model *m = &c->model;
    struct features f = features_of(d, seen, a);
    const int32_t *sums = add_up(m, &f, a), *bias = sums + BLOCKS * m->classes;
    for (uint32_t k = 0; k < m->classes; k++) {
        float sum = (float)bias[k];
        for (uint32_t b = 0; b < BLOCKS; b++)
            sum += f.values[b] * (float)sums[b * m->classes + k];
        float *value = &out[m->intents[k]];
        bool again =
            m->intents[k] == d->n_intents && *value != NO_EXAMPLES; /* each pack that was trained by itself has one */
        if (!again || sum * m->scales[k] < *value)
            *value = sum * m->scales[k];
    }
}

struct classifier *classifier_train(const struct docent *d, struct arena *a)
{
    struct str bytes = model_train(d, a);
    return bytes.n ? classifier_of(d, bytes, a) : NULL;
}
