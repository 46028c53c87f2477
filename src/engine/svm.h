/*
 * svm: linear classifiers trained on sparse rows, one for each class against all others.
 *
 * For each class k the weights w are sought that minimise |w|²/2 + Σ max(0, 1 - y (w·x))² over the rows x, with y = 1 where
 * x is of class k and -1 elsewhere. The dual problem is solved row by row (Hsieh, Chang, Lin, Keerthi and Sundararajan, "A
 * dual coordinate descent method for large-scale linear SVM", 2008), for all classes at a time: their weights of a feature
 * lie side by side, so that a machine takes several in one step. The same rows in the same order give the same weights.
 */
#ifndef DOCENT_ENGINE_SVM_H
#define DOCENT_ENGINE_SVM_H

#include <stddef.h>
#include <stdint.h>

struct svm_value { /* one feature of a row */
    uint32_t feature;
    float value;
};

struct svm_row {
    uint32_t class;
    uint32_t n;
    const struct svm_value *values; /* each feature at most once; best laid one row behind the other */
    uint64_t key;                   /* of its content, see svm_order */
};

struct svm_problem {
    const struct svm_row *rows; /* in the order in which they are taken first */
    uint32_t n_rows, n_features, n_classes;
};

/*
 * Rows of a class are better taken far from each other, and in another order each round. Where a row stands goes by its
 * content, so that one row more hardly moves the others.
 * out  becomes the n rows' numbers in the order of a round; 0 is the first
 */
void svm_order(const uint64_t *keys, uint32_t n, uint64_t round, uint32_t *out);

/*
 * Trains, on all processors that may be used, and hands over the weights of SVM_BLOCK classes at a time, from class `first`
 * on: by feature, those of the classes side by side; what is beyond the last class means nothing. They are there during
 * the call only, aligned like what an arena returns. Calls come from several threads, in any order, once for each block.
 */
enum { SVM_BLOCK = 4 };
typedef void svm_take(void *taker, uint32_t first, const float *weights);
void svm_train(const struct svm_problem *problem, svm_take *take, void *taker);

#endif
