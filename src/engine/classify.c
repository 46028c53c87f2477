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
typedef int32_t eight_sums __attribute__((vector_size(32), aligned(4), may_alias));

static void add_whole_row(const int8_t *weight, int32_t *sums, uint32_t n)
{
    uint32_t k = 0;
    for (; k + 8 <= n; k += 8)
        *(eight_sums *)(sums + k) += __builtin_convertvector(*(const eight_weights *)(weight + k), eight_sums);
    for (; k < n; k++)
        sums[k] += weight[k];
}

/* Adds the row of a feature to the sums of its block, in whole numbers: the block's value is put on at the end. */
static void add_row(const struct model *m, uint32_t hash, int32_t *sums)
{
    uint32_t row = model_row(m, hash);
    if (row == MODEL_NO_ROW)
        return;
    const uint16_t *class = m->entry_class + m->row_from[row];
    const int8_t *weight = m->entry_weight + m->row_from[row];
    uint32_t n = m->row_from[row + 1] - m->row_from[row];
    if (n == m->classes) {
        add_whole_row(weight, sums, n);
        return;
    }
    for (; n; n--)
        sums[*class ++] += *weight++;
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
    int32_t *sums = arena_array(a, (BLOCKS + 1) * (size_t)m->classes, sizeof *sums), *bias = sums + BLOCKS * m->classes;
    for (size_t i = 0; i < f.n; i++)
        add_row(m, f.items[i].hash, sums + f.items[i].block * m->classes);
    add_row(m, FEATURE_BIAS, bias);
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
