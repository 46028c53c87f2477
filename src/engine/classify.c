#include "engine/classify.h"

#include "engine/features.h"
#include "engine/model.h"

#include <string.h>

static const float NO_EXAMPLES = 0.3f; /* what noise gets: neither for nor against */

struct classifier {
    struct model model;
};

struct classifier *classifier_of(const struct docent *d, struct str bytes, struct arena *a)
{
    struct model m;
    if (!model_read(bytes, d->fingerprint, &m))
        return NULL;
    for (uint32_t i = 0; i < m.classes; i++)
        if (m.intents[i] >= d->n_intents)
            return NULL;
    struct classifier *c = arena_alloc(a, sizeof *c);
    c->model = m;
    return c;
}

struct str classifier_model(const struct classifier *c)
{
    return c ? c->model.bytes : (struct str){"", 0};
}

static void add_row(const struct model *m, uint32_t hash, float value, float *sums)
{
    uint32_t row = model_row(m, hash);
    if (row == MODEL_NO_ROW)
        return;
    for (uint32_t i = m->row_from[row]; i < m->row_from[row + 1]; i++)
        sums[m->entry_class[i]] += value * (float)m->entry_weight[i];
}

void classifier_score(const struct docent *d, const struct classifier *c, const struct observed *seen, float *out,
                      struct arena *a)
{
    for (size_t i = 0; i < d->n_intents; i++)
        out[i] = NO_EXAMPLES;
    if (!c)
        return;
    const struct model *m = &c->model;
    struct features f = features_of(d, seen, a);
    float *sums = arena_array(a, m->classes, sizeof *sums);
    for (size_t i = 0; i < f.n; i++)
        add_row(m, f.items[i].hash, f.values[f.items[i].block], sums);
    add_row(m, FEATURE_BIAS, 1, sums);
    for (uint32_t k = 0; k < m->classes; k++)
        out[m->intents[k]] = sums[k] * m->scales[k];
}

struct classifier *classifier_train(const struct docent *d, struct arena *a)
{
    struct str bytes = model_train(d, a);
    return bytes.n ? classifier_of(d, bytes, a) : NULL;
}
