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
    const struct svm_value *values; /* each feature at most once */
    uint64_t key;                   /* of its content: says when its turn is, so that one row more changes no other's */
};

struct svm_problem {
    const struct svm_row *rows;
    uint32_t n_rows, n_features, n_classes;
};

/* weights  becomes n_classes × n_features of them, class by class */
void svm_train(const struct svm_problem *problem, float *weights);

#endif
