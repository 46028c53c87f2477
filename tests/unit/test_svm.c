#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/svm.h"
#include "packs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 7, FEATURES = 40, ROWS = 200, VALUES = 6 };
enum { CLASSES_TAKEN = (CLASSES + SVM_BLOCK - 1) / SVM_BLOCK * SVM_BLOCK };
struct weights {
    float of[CLASSES_TAKEN][FEATURES];
};

static void take(void *taker, uint32_t first, const float *weights)
{
    struct weights *all = taker;
    for (uint32_t f = 0; f < FEATURES; f++)
        for (uint32_t k = 0; k < SVM_BLOCK; k++)
            all->of[first + k][f] = weights[f * SVM_BLOCK + k];
}

struct made {
    struct svm_row rows[ROWS];
    struct svm_value values[ROWS][VALUES];
    struct svm_problem problem;
};

/* Rows whose class is told by one feature of its own among others that say nothing. */
static void make_rows(struct made *m, uint32_t seed)
{
    for (uint32_t r = 0; r < ROWS; r++) {
        m->rows[r] = (struct svm_row){r % CLASSES, VALUES, m->values[r], r};
        m->values[r][0] = (struct svm_value){r % CLASSES, 0.6f};
        for (uint32_t i = 1; i < VALUES; i++)
            m->values[r][i] = (struct svm_value){CLASSES + (i - 1) * 6 + next_random(&seed) % 6, 0.3f};
    }
    m->problem = (struct svm_problem){m->rows, ROWS, FEATURES, CLASSES};
}

static uint32_t best_class(const struct svm_row *row, const struct weights *weights)
{
    float sums[CLASSES] = {0};
    uint32_t best = 0;
    for (uint32_t i = 0; i < row->n; i++)
        for (uint32_t k = 0; k < CLASSES; k++)
            sums[k] += weights->of[k][row->values[i].feature] * row->values[i].value;
    for (uint32_t k = 1; k < CLASSES; k++)
        best = sums[k] > sums[best] ? k : best;
    return best;
}

static void test_learns(void **state)
{
    (void)state;
    static struct made m;
    for (uint32_t seed = 1; seed < 6; seed++) {
        struct weights weights = {0};
        make_rows(&m, seed);
        svm_train(&m.problem, take, &weights);
        for (uint32_t r = 0; r < ROWS; r++)
            if (best_class(&m.rows[r], &weights) != m.rows[r].class)
                fail_msg("seed %u: row %u of class %u is taken for %u", seed, r, m.rows[r].class,
                         best_class(&m.rows[r], &weights));
    }
}

static void test_same_weights(void **state)
{
    (void)state;
    static struct made m;
    struct weights first = {0};
    struct weights second = {0};
    make_rows(&m, 9);
    svm_train(&m.problem, take, &first);
    srand(4711); /* what the program does with rand() is all the same */
    svm_train(&m.problem, take, &second);
    assert_memory_equal(&first, &second, sizeof first);
}

static void lay_in_order(struct made *m)
{
    static struct svm_row rows[ROWS];
    uint64_t keys[ROWS];
    uint32_t order[ROWS];
    for (uint32_t r = 0; r < ROWS; r++)
        keys[r] = m->rows[r].key;
    svm_order(keys, ROWS, 0, order);
    for (uint32_t r = 0; r < ROWS; r++)
        rows[r] = m->rows[order[r]];
    memcpy(m->rows, rows, sizeof rows);
}

/* Where a row comes in each round is told by its key, not by where it stood. */
static void test_order_of_rows(void **state)
{
    (void)state;
    static struct made m, turned;
    struct weights first = {0};
    struct weights second = {0};
    make_rows(&m, 9);
    for (uint32_t r = 0; r < ROWS; r++)
        turned.rows[r] = m.rows[ROWS - 1 - r];
    turned.problem = m.problem;
    turned.problem.rows = turned.rows;
    lay_in_order(&m);
    lay_in_order(&turned);
    svm_train(&m.problem, take, &first);
    svm_train(&turned.problem, take, &second);
    assert_memory_equal(&first, &second, sizeof first);
}

/* Another order each round, in which every row has one place. */
static void test_orders(void **state)
{
    (void)state;
    uint64_t keys[ROWS];
    uint32_t order[2][ROWS];
    size_t same = 0;
    for (uint32_t r = 0; r < ROWS; r++)
        keys[r] = r;
    for (uint64_t round = 0; round < 2; round++) {
        bool seen[ROWS] = {false};
        svm_order(keys, ROWS, round, order[round]);
        for (uint32_t r = 0; r < ROWS; r++)
            seen[order[round][r]] = true;
        for (uint32_t r = 0; r < ROWS; r++)
            assert_true(seen[r]);
    }
    for (uint32_t r = 0; r < ROWS; r++)
        same += order[0][r] == order[1][r];
    assert_true(same < ROWS / 10);
}

/* Nothing to learn from: no rows, rows without features, rows of all classes that are the same. */
static void test_nothing_to_learn(void **state)
{
    (void)state;
    struct weights weights = {0};
    struct svm_value same[] = {{0, 1.0f}, {5, 0.5f}};
    struct svm_row empty[3] = {{0, 0, NULL, 1}, {1, 0, NULL, 2}, {2, 0, NULL, 3}},
                   alike[3] = {{0, 2, same, 1}, {1, 2, same, 2}, {2, 2, same, 3}};
    svm_train(&(struct svm_problem){NULL, 0, FEATURES, CLASSES}, take, &weights);
    svm_train(&(struct svm_problem){empty, 3, FEATURES, CLASSES}, take, &weights);
    for (size_t k = 0; k < CLASSES; k++)
        for (size_t f = 0; f < FEATURES; f++)
            assert_true(weights.of[k][f] <= 0 && weights.of[k][f] >= 0);
    svm_train(&(struct svm_problem){alike, 3, FEATURES, CLASSES}, take, &weights);
    for (size_t k = 0; k < CLASSES; k++)
        for (size_t f = 0; f < FEATURES; f++)
            assert_true(weights.of[k][f] > -10 && weights.of[k][f] < 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_learns), cmocka_unit_test(test_same_weights),     cmocka_unit_test(test_order_of_rows),
        cmocka_unit_test(test_orders), cmocka_unit_test(test_nothing_to_learn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
