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

/* Half a step; compilers make it fit the machine. */
enum { HALF = WHOLE_STEP / 2 };
typedef int16_t half_of_sums __attribute__((vector_size(2 * HALF), may_alias));
typedef uint16_t half_of_bits __attribute__((vector_size(2 * HALF), aligned(2), may_alias));
typedef float half_of_values __attribute__((vector_size(4 * HALF), aligned(4), may_alias));

/* So many weights, which are one byte each, add up to no more than 16 bits hold. */
enum { ADDED_MAX = INT16_MAX / 128 };

/* The features of one block while they are added up, in whole numbers: the block's value is put on at the end. */
struct sums {
    float *totals; /* by class */
    const int16_t *rows[ADDED_MAX];
    size_t n_rows; /* whole ones that wait, to be added all at once */
};

static void add_whole_rows(const struct model *m, struct sums *s)
{
    for (uint32_t k = 0; k < m->stride; k += WHOLE_STEP) {
        half_of_sums low = {0}, high = {0};
        for (size_t i = 0; i < s->n_rows; i++) {
            half_of_bits pairs = *(const half_of_bits *)(s->rows[i] + k / 2);
            low += (half_of_sums)(pairs << 8) >> 8;
            high += (half_of_sums)pairs >> 8;
        }
        *(half_of_values *)(s->totals + k) += __builtin_convertvector(low, half_of_values);
        *(half_of_values *)(s->totals + k + HALF) += __builtin_convertvector(high, half_of_values);
    }
    s->n_rows = 0;
}

static void add_row(const struct model *m, uint32_t row, struct sums *s)
{
    if (row == MODEL_NO_ROW)
        return;
    if (row < m->wholes) {
        if (s->n_rows == ADDED_MAX)
            add_whole_rows(m, s);
        s->rows[s->n_rows++] = whole_row(m, row);
        return;
    }
    const uint32_t *from = &m->row_from[row - m->wholes];
    for (uint32_t i = from[0]; i < from[1]; i++)
        s->totals[m->entry_class[i]] += m->entry_weight[i];
}

/*
 * Rows lie all over the model, and each step to one leads to the next: slot, row, entries. Taken for all features at
 * once, a step's waits for memory go on side by side.
 */
static uint32_t *find_rows(const struct model *m, const struct features *f, struct arena *a)
{
    enum { LINE = 64 };
    uint32_t *rows = arena_raw(a, f->n * sizeof *rows);
    for (size_t i = 0; i < f->n; i++)
        __builtin_prefetch(&m->slot[f->items[i].hash & (m->slots - 1)]);
    for (size_t i = 0; i < f->n; i++) {
        rows[i] = model_row(m, f->items[i].hash);
        if (rows[i] < m->wholes)
            for (uint32_t at = 0; at < m->stride; at += LINE)
                __builtin_prefetch((const char *)whole_row(m, rows[i]) + at);
        else if (rows[i] != MODEL_NO_ROW)
            __builtin_prefetch(&m->row_from[rows[i] - m->wholes]);
    }
    for (size_t i = 0; i < f->n; i++)
        if (rows[i] != MODEL_NO_ROW && rows[i] >= m->wholes) {
            __builtin_prefetch(&m->entry_class[m->row_from[rows[i] - m->wholes]]);
            __builtin_prefetch(&m->entry_weight[m->row_from[rows[i] - m->wholes]]);
        }
    return rows;
}

/* By class the decision values of the features, in the arena. */
static float *add_up(const struct model *m, const struct features *f, struct arena *a)
{
    const uint32_t *rows = find_rows(m, f, a);
    float *totals = arena_array(a, (BLOCKS + 1) * (size_t)m->stride, sizeof *totals);
    struct sums sums[BLOCKS + 1]; /* the bias is the last */
    for (size_t b = 0; b <= BLOCKS; b++) {
        sums[b].totals = totals + b * m->stride;
        sums[b].n_rows = 0;
    }
    add_row(m, model_row(m, FEATURE_BIAS), &sums[BLOCKS]);
    for (size_t i = 0; i < f->n; i++)
        add_row(m, rows[i], &sums[f->items[i].block]);
    for (size_t b = 0; b <= BLOCKS; b++)
        add_whole_rows(m, &sums[b]);
    float *values = sums[BLOCKS].totals;
    for (size_t b = 0; b < BLOCKS; b++)
        for (uint32_t k = 0; k < m->stride; k += HALF)
            *(half_of_values *)(values + k) += f->values[b] * *(const half_of_values *)(sums[b].totals + k);
    return values;
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
    const float *values = add_up(m, &f, a);
    for (uint32_t k = 0; k < m->classes; k++) {
        float *out_k = &out[m->intents[k]], value = values[k] * m->scales[k];
        bool again =
            m->intents[k] == d->n_intents && *out_k != NO_EXAMPLES; /* each pack that was trained by itself has one */
        if (!again || value < *out_k)
            *out_k = value;
    }
}

struct classifier *classifier_train(const struct docent *d, struct arena *a)
{
    struct str bytes = model_train(d, a);
    return bytes.n ? classifier_of(d, bytes, a) : NULL;
}
