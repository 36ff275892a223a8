/* A loss over a large batch is cut into tiles of samples: sums and gradients against those of the
 * samples one by one, the same bits for any number of threads. */
#include "algebra/conformance.h"
#include "network/loss.h"

/* Sums of n m positive terms in float64, the terms themselves from the same kernels: 1e-12. */
static void tile_property(trial *t)
{
    size_t n = t->shape[0];
    size_t m = t->shape[1];
    operand *u = random_operand(t, n, m);
    operand *y = random_operand(t, n, m);
    operand *e = new_operand(t, n, m);
    operand *one = new_operand(t, 1, m);
    int32_t *labels = malloc((n + 1) * sizeof *labels);
    assert_non_null(labels);
    freeze(u);
    freeze(y);
    for (size_t i = 0; i < n; i++)
        labels[i] = (int32_t)rfim__random_below(&t->random, (uint32_t)m);
    for (int kind = 0; kind < 5; kind++) {
        rfim_loss_kind loss = kind == 0  ? RFIM_LOSS_SOFTMAX
                              : kind < 3 ? RFIM_LOSS_SIGMOID
                                         : RFIM_LOSS_SQUARED;
        bool labelled = kind % 2 == 0;
        rfim__targets targets = {labelled ? labels : NULL, y->view};
        rfim__loss_sums found = rfim__loss_of(t->algebra, loss, u->view, &targets, e->view);
        rfim__matrix none = {NULL, n, m, 0};
        rfim__loss_sums again = rfim__loss_of(t->algebra, loss, u->view, &targets, none);
        rfim__loss_sums sum = {0};
        for (size_t i = 0; i < n; i++) {
            rfim__targets target = {labelled ? labels + i : NULL,
                                    rfim__rows(t->algebra, y->view, i, 1)};
            rfim__loss_sums of = rfim__loss_of(
                t->algebra, loss, rfim__rows(t->algebra, u->view, i, 1), &target, one->view);
            sum.loss += of.loss;
            sum.correct += of.correct;
            sum.error += of.error;
            for (size_t j = 0; j < m; j++)
                expect(t, get(t, e, i, j) == get(t, one, 0, j), "gradient %zu,%zu", i, j);
        }

        expect(t, fabs(found.loss - sum.loss) <= 1e-12 * sum.loss, "loss %.17g, not %.17g",
               tell(t, found.loss), sum.loss);
        expect(t, fabs(again.loss - sum.loss) <= 1e-12 * sum.loss, "loss without gradient");
        expect(t, fabs(found.error - sum.error) <= 1e-12 * sum.error, "error %.17g, not %.17g",
               tell(t, found.error), sum.error);
        expect(t, found.correct == sum.correct, "%g correct, not %g", found.correct, sum.correct);
    }
    free(labels);
}

static void tiles_add_up_to_the_batch(void **state)
{
    over_backends(*state, tile_property, 1, 10, 0);
    over_backends(*state, tile_property, 1000, 10, 0);
    over_backends(*state, tile_property, 999, 129, 0);
    over_backends(*state, tile_property, 40, 784, 0);
    over_backends(*state, tile_property, 3, 20000, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_add_up_to_the_batch),
    };
    return cmocka_run_group_tests_name("network: losses in tiles", tests, backends_set_up,
                                       backends_tear_down);
}
