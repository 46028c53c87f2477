/*
 * svm: a linear classifier for many classes, trained on sparse rows.
 *
 * The problem is Crammer and Singer's: the weights of all classes are learnt together, so that each row's own class gets
 * a value above all others' by 1. It is solved in its dual, row by row (Keerthi, Sundararajan, Chang, Hsieh and Lin, "A
 * sequential dual method for large scale multi-class linear SVMs", 2008). Each round goes over the
 * rows in another order, which their keys tell: the same rows give the same weights on every machine, and a row more or
 * less leaves the others in their places.
 */
#ifndef DOCENT_ENGINE_SVM_H
#define DOCENT_ENGINE_SVM_H

#include <stddef.h>
#include <stdint.h>

struct svm_value {              /* one feature of a row */
    uint32_t feature;
    double value;
};

struct svm_row {
    uint32_t class;
    uint32_t n;
    const struct svm_value *values;
    uint64_t key;               /* of what the row is made of: tells where it comes in each round */
};

struct svm_problem {
    const struct svm_row *rows;
    uint32_t n_rows, n_features, n_classes;
};

/* weights  n_features × n_classes of them, feature by feature, all 0 before */
void svm_train(const struct svm_problem *problem, double *weights);

#endif
