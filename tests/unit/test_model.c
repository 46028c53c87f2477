#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/model.h"
#include "engine/svm.h"
#include "packs.h"

#include <math.h>

static const uint32_t first_hashes[] = {11, 64 + 11, 500}, first_intents[] = {3, 4, 9};
/* By feature, see svm.h; of the last class in the first part there is none. */
static _Alignas(max_align_t) const float first_weights[] = {1, 0, -0.5f, 7, /**/ 0, 0, 0, -7, /**/ 0.25f, 2, 0, 0};
static const uint32_t second_hashes[] = {500, 7}, second_intents[] = {1, 2};
static _Alignas(max_align_t) const float second_weights[] = {0, -4, 0, 0, /**/ 3, 0, 0, 0};

static float whole_weight(const struct model *m, uint32_t row, uint32_t class)
{
    int16_t pair = whole_row(m, row)[whole_place(class)];
    return (float)(int8_t)(whole_is_high(class) ? pair >> 8 : pair);
}

static float weight_of(const struct model *m, uint32_t hash, uint32_t intent)
{
    uint32_t row = model_row(m, hash);
    if (row == MODEL_NO_ROW)
        return 0;
    for (uint32_t k = 0; k < m->classes && row < m->wholes; k++)
        if (m->intents[k] == intent)
            return whole_weight(m, row, k) * m->scales[k];
    for (uint32_t i = row < m->wholes ? m->entries : m->row_from[row - m->wholes]; i < m->entries; i++)
        if (i < m->row_from[row - m->wholes + 1] && m->intents[m->entry_class[i]] == intent)
            return (float)m->entry_weight[i] * m->scales[m->entry_class[i]];
    return 0;
}

static void check_part(const struct model *m, const uint32_t *hashes, size_t rows, const uint32_t *intents,
                       size_t classes, const float *weights)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < classes; k++) {
            float is = weight_of(m, hashes[r], intents[k]), should = weights[r * SVM_BLOCK + k];
            if (fabsf(is - should) > 0.02f)
                fail_msg("feature %u, intent %u: %f, not %f", hashes[r], intents[k], (double)is, (double)should);
        }
}

/* What was trained part by part stands in one model; a feature that two parts have has one row of both. */
static void test_parts(void **state)
{
    (void)state;
    struct arena a = {0};
    struct model_part parts[] = {
        model_part(3, 3, first_hashes, first_intents, &a),
        model_part(2, 2, second_hashes, second_intents, &a),
    };
    model_take(&parts[0], 0, first_weights);
    model_take(&parts[1], 0, second_weights);
    for (size_t n = 1; n <= 2; n++) {
        struct model m;
        struct str bytes = model_write(77, parts, n, STR("taught"), &a);
        assert_true(model_read(bytes, 77, &m));
        assert_false(model_read(bytes, 78, &m));
        assert_int_equal(m.rows, n == 1 ? 3 : 4);
        assert_int_equal(m.classes, n == 1 ? 3 : 5);
        assert_true(str_is(m.taught, "taught"));
        assert_int_equal(m.wholes, 2); /* a row is whole when a quarter of its weights are not 0 */
        assert_int_equal(m.entries, n - 1);
        check_part(&m, first_hashes, 3, first_intents, 3, first_weights);
        if (n == 2)
            check_part(&m, second_hashes, 2, second_intents, 2, second_weights);
        assert_int_equal(model_row(&m, 12), MODEL_NO_ROW);
    }
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_parts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
