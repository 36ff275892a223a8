/* Eigenvalues and eigenvectors of the seam, over every backend (conformance.h), on matrices whose
 * spectrum is known.
 *
 * What is found belongs exactly to a matrix A + E with |E| <= p(N) u |A| (LAPACK Users' Guide,
 * section 4.7), so the eigenvalues are off by as much (Weyl); rounding the entries of the given
 * matrix adds u |A|_F at most. p(N) = 2 N + 16: of the order of the rotations or reflections that
 * every entry goes through. */
#include "spectra.h"

static double error_bound(const trial *t, size_t order, double norm)
{
    return (2 * (double)order + 16) * t->unit * norm;
}

static int ascending(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

/* Kinds of spectra, ascending; largest absolute value about 1 times `scale`. */
enum { SPREAD, RANK_DEFICIENT, INDEFINITE, REPEATED, ZERO, KINDS };

static double *spectrum(trial *t, size_t order, size_t kind, double scale)
{
    double *w = new_values(t, order);
    for (size_t k = 0; k < order; k++) {
        double fraction = order > 1 ? (double)k / (double)(order - 1) : 0;
        switch (kind) {
        case SPREAD: /* down to 1e-13 or 1e-6 */
            w[k] = pow(t->algebra->precision == RFIM_DOUBLE ? 1e-13 : 1e-6, fraction);
            break;
        case RANK_DEFICIENT:
            w[k] = 2 * k < order ? 1 - fraction : 0;
            break;
        case INDEFINITE:
            w[k] = uniform(t, -1, 1);
            break;
        case REPEATED:
            w[k] = k % 3 == 0 ? 1 : 0.25;
            break;
        default:
            w[k] = 0;
        }
        w[k] *= scale;
    }
    qsort(w, order, sizeof *w, ascending);
    return w;
}

static size_t eigen(trial *t, const operand *a, bool vectors, const operand *w)
{
    size_t room = t->algebra->ops.eigen_room(a->view.rows, vectors);
    assert_int_equal(rfim__algebra_reserve(t->algebra, room), RFIM_OK);
    return t->algebra->ops.eigen(t->algebra, a->view, vectors, w->view);
}

static void expect_eigenvalues(const trial *t, const operand *w, const double *expected,
                               double bound)
{
    for (size_t k = 0; k < w->view.columns; k++) {
        double found = get(t, w, 0, k);
        expect(t, fabs(found - expected[k]) <= bound, "eigenvalue %zu is %g, not %g, bound %g", k,
               found, expected[k], bound);
        expect(t, k == 0 || found >= get(t, w, 0, k - 1), "eigenvalue %zu is out of order", k);
    }
}

/* Columns of Q: |A q - w q| for each, and Q^T Q = I entry by entry */
static void expect_eigenvectors(trial *t, const double *a, const operand *q, const operand *w,
                                double bound, double orthogonality)
{
    size_t order = q->view.rows;
    double *column = new_values(t, order);
    double *other = new_values(t, order);
    for (size_t j = 0; j < order; j++) {
        for (size_t k = 0; k < order; k++)
            column[k] = get(t, q, k, j);
        double residual = 0;
        for (size_t k = 0; k < order; k++) {
            double sum = -get(t, w, 0, j) * column[k];
            for (size_t l = 0; l < order; l++)
                sum += a[k * order + l] * column[l];
            residual += sum * sum;
        }
        expect(t, sqrt(residual) <= bound, "|A q - w q| is %g for vector %zu, bound %g",
               sqrt(residual), j, bound);
        for (size_t i = 0; i <= j; i++) {
            double product = i == j ? -1 : 0;
            for (size_t k = 0; k < order; k++) {
                other[k] = get(t, q, k, i);
                product += column[k] * other[k];
            }
            expect(t, fabs(product) <= orthogonality, "q_%zu^T q_%zu is off by %g, bound %g", i, j,
                   product, orthogonality);
        }
    }
}

/* shape: N, kind, with vectors or without */
static void eigen_property(trial *t)
{
    static const double scales[] = {1, 1e-12, 1e15};
    size_t order = t->shape[0];
    bool vectors = t->shape[2] != 0;
    double scale = scales[rfim__random_below(&t->random, 3)];
    const double *expected = spectrum(t, order, t->shape[1], scale);
    const double *a = matrix_of_spectrum(t, expected, order);
    operand *x = lower_operand(t, a, order);
    operand *w = new_operand(t, 1, order);
    expect(t, tell(t, (double)eigen(t, x, vectors, w)) == 0, "did not converge");
    if (!t->compare)
        return;
    double bound = error_bound(t, order, scale);
    expect_eigenvalues(t, w, expected, bound);
    if (vectors)
        expect_eigenvectors(t, a, x, w, 2 * bound, error_bound(t, order, 1));
}

/* A number that is not finite, anywhere in the triangle, is told; above it, it does not count. */
static void not_finite_property(trial *t)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY};
    size_t order = t->shape[0];
    operand *x = lower_operand(t, spectral_matrix(t, order, 10), order);
    operand *w = new_operand(t, 1, order);
    size_t k = rfim__random_below(&t->random, (uint32_t)order);
    set(t, x, k, rfim__random_below(&t->random, (uint32_t)k + 1), bad[t->shape[1]]);
    expect(t, eigen(t, x, t->shape[2] != 0, w) != 0, "%g passes as a matrix", bad[t->shape[1]]);
}

static void eigenvalues_and_vectors(void **state)
{
    for (size_t o = 0; o < ORDERS; o++)
        for (size_t kind = 0; kind < KINDS; kind++)
            over_backends(*state, eigen_property, orders[o], kind, 1);
    over_backends(*state, eigen_property, 129, SPREAD, 1);
}

static void eigenvalues_alone(void **state)
{
    for (size_t o = 0; o < ORDERS; o++)
        for (size_t kind = 0; kind < KINDS; kind++)
            over_backends(*state, eigen_property, orders[o], kind, 0);
    over_backends(*state, eigen_property, 200, RANK_DEFICIENT, 0); /* several blocks of LAPACK */
}

static void a_number_that_is_not_finite_is_told(void **state)
{
    for (size_t o = 1; o < ORDERS; o++)
        for (size_t way = 0; way < 6; way++)
            over_backends(*state, not_finite_property, orders[o], way / 2, way % 2);
}

/* LAPACK counts its work area in 32 bits: 2 N^2 + 6 N + 1 numbers. */
static void room_property(trial *t)
{
    const rfim__algebra_table *ops = &t->algebra->ops;
    assert_true(ops->eigen_room(RFIM__MOST_EIGEN_ORDER, true) < SIZE_MAX);
    assert_true(ops->eigen_room(RFIM__MOST_EIGEN_ORDER + 1, true) == SIZE_MAX);
    assert_true(ops->eigen_room(SIZE_MAX, false) == SIZE_MAX);
}

static void an_order_beyond_lapack_s_integers_has_no_room(void **state)
{
    over_backends(*state, room_property, 1, 1, 1);
    assert_true(2 * RFIM__MOST_EIGEN_ORDER * RFIM__MOST_EIGEN_ORDER + 6 * RFIM__MOST_EIGEN_ORDER <
                INT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eigenvalues_and_vectors),
        cmocka_unit_test(eigenvalues_alone),
        cmocka_unit_test(a_number_that_is_not_finite_is_told),
        cmocka_unit_test(an_order_beyond_lapack_s_integers_has_no_room),
    };
    return cmocka_run_group_tests_name("algebra: eigen", tests, backends_set_up,
                                       backends_tear_down);
}
