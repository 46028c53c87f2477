/*
 * model: the bytes of a trained classifier.
 *
 * One run of bytes, so that it can be kept in a file and used where it lies. Most weights of a linear classifier over
 * many intents are 0, so most features have a row of (class, weight) entries for the others only. Where many are not, the
 * row is whole: a weight for each class, in order, which is less to keep and faster to add up. Whole rows come first.
 *
 *     head
 *     taught        what else the packs said (teach.h)
 *     slots         feature hash and row + 1, open addressing; both 0: free
 *     row_from      for each row that is not whole where its entries begin; one more for the end of the last
 *     scales        for each class what its weights are multiplied with
 *     intents       for each class which intent it is; the number of intents: questions about other subjects
 *     entry_class
 *     whole         row by row, two weights to a number, see whole_row
 *     entry_weight
 */
#ifndef DOCENT_ENGINE_MODEL_H
#define DOCENT_ENGINE_MODEL_H

#include "engine/pack.h"

struct model_slot {
    uint32_t hash, row;
};

struct model {
    struct str bytes;
    uint32_t slots, wholes, rows, classes, entries; /* wholes: of the rows, these many are whole */
    uint32_t stride;                                /* of whole rows: classes, filled up to a multiple of WHOLE_STEP */
    const struct model_slot *slot;
    const uint32_t *row_from;
    const float *scales;
    const uint32_t *intents;
    const uint16_t *entry_class;
    const int16_t *whole;
    const int8_t *entry_weight;
    struct str taught;
};

/* Going by its head, is it a model of packs with this fingerprint? */
bool model_is_of(struct str bytes, uint64_t fingerprint);

/* False if the bytes are not a whole model of packs with this fingerprint. The model is a view into them. */
bool model_read(struct str bytes, uint64_t fingerprint, struct model *out);

/*
 * Whole rows are added up WHOLE_STEP classes at a time (classify.c). So that this takes no more than shifts, the weights of
 * the first half of such a step are the low bytes of as many numbers, and those of the second half their high bytes.
 */
enum { WHOLE_STEP = 16 };
static inline const int16_t *whole_row(const struct model *m, uint32_t row)
{
    return m->whole + (size_t)row * (m->stride / 2);
}
static inline size_t whole_place(uint32_t class) /* in the row */
{
    return class / WHOLE_STEP * (WHOLE_STEP / 2) + class % (WHOLE_STEP / 2);
}
static inline bool whole_is_high(uint32_t class)
{
    return class % WHOLE_STEP >= WHOLE_STEP / 2;
}

#define MODEL_NO_ROW UINT32_MAX
static inline uint32_t model_row(const struct model *m, uint32_t hash)
{
    uint32_t mask = m->slots - 1;
    for (uint32_t at = hash & mask; m->slot[at].row; at = (at + 1) & mask)
        if (m->slot[at].hash == hash)
            return m->slot[at].row - 1;
    return MODEL_NO_ROW;
}

/* What a model is made of: one part, or several that were trained each by itself. */
struct model_part {
    uint32_t rows, classes;
    const uint32_t *hashes;  /* of the features, by row */
    const uint32_t *intents; /* by class */
    float *scales;           /* by class */
    int8_t *weights;         /* SVM_BLOCK classes at a time, by row, as svm_train hands them over */
};

/* A part without weights, in the arena; model_take, an svm_take for it, takes them. */
struct model_part model_part(uint32_t rows, uint32_t classes, const uint32_t *hashes, const uint32_t *intents,
                             struct arena *a);
void model_take(void *part, uint32_t first, const float *weights);
struct str model_write(uint64_t fingerprint, const struct model_part *parts, size_t n, struct str taught,
                       struct arena *a);

/*
 * Trains on all examples of the packs, see train.c: on those of all packs together, or, where these are too many for that,
 * pack by pack. Empty when fewer than three intents have examples.
 */
struct str model_train(const struct docent *d, struct arena *a);

#endif
