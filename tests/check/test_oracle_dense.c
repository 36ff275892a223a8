/* Quadrature rules against integrals that are known, and the dense helpers against matrices with
 * known spectra. */
#include "check/oracle/quadrature.h"
#include "check/oracle_problem.h"

/* integral of e^{-z^2} z^{2k} = (2k - 1)!!/2^k sqrt(pi) */
static void hermite_integrates_polynomials(void **state)
{
    (void)state;
    for (size_t count = 1; count <= RFIM__ORACLE_MOST_NODES; count++) {
        rfim__oracle_rule rule;
        rfim__oracle_hermite(count, &rule);
        double expected = 1.77245385090551602730;
        for (size_t power = 0; power < 2 * count && power <= 20; power++) {
            double sum = 0;
            double size = 0; /* odd powers cancel */
            for (size_t q = 0; q < count; q++) {
                double term = rule.weight[q] * pow(rule.node[q], (double)power);
                sum += term;
                size += fabs(term);
            }
            if (power > 0 && power % 2 == 0)
                expected *= ((double)power - 1) / 2;
            assert_true(fabs(sum - (power % 2 ? 0 : expected)) <= 1e-13 * size);
        }
    }
}

static void legendre_integrates_polynomials(void **state)
{
    (void)state;
    for (size_t count = 1; count <= RFIM__ORACLE_MOST_NODES; count++) {
        rfim__oracle_rule rule;
        rfim__oracle_legendre(count, &rule);
        for (size_t power = 0; power < 2 * count; power++) {
            double sum = 0;
            for (size_t q = 0; q < count; q++)
                sum += rule.weight[q] * pow(rule.node[q], (double)power);
            assert_true(fabs(sum * ((double)power + 1) - 1) <= 1e-12);
        }
    }
}

#define ORDER 7

/* A = Q diag(values) Q^T, Q a product of reflections */
static void with_spectrum(const double *values, uint64_t seed, double *a)
{
    uint64_t state = seed;
    memset(a, 0, ORDER * ORDER * sizeof *a);
    for (size_t k = 0; k < ORDER; k++)
        a[k * ORDER + k] = values[k];
    for (int reflection = 0; reflection < 3; reflection++) {
        double v[ORDER], r[ORDER * ORDER], b[ORDER * ORDER];
        double squares = 0;
        for (size_t k = 0; k < ORDER; k++) {
            v[k] = made_up(&state);
            squares += v[k] * v[k];
        }
        for (size_t p = 0; p < ORDER; p++)
            for (size_t q = 0; q < ORDER; q++)
                r[p * ORDER + q] = (p == q) - 2 * v[p] * v[q] / squares;
        rfim__oracle_product(r, a, ORDER, ORDER, ORDER, b);
        rfim__oracle_product(b, r, ORDER, ORDER, ORDER, a);
    }
}

static void eigenvalues_come_ascending(void **state)
{
    (void)state;
    static const double spectra[3][ORDER] = {
        {-3, -1, 0, 1e-6, .5, 2, 1000}, {0, 0, 0, 0, 0, 1, 1}, {0, 0, 0, 0, 0, 0, 0}};
    for (size_t c = 0; c < 3; c++) {
        double a[ORDER * ORDER], found[ORDER];
        with_spectrum(spectra[c], 5 + c, a);
        assert_true(rfim__oracle_eigenvalues(a, ORDER, found));
        for (size_t k = 0; k < ORDER; k++) /* of the largest */
            assert_true(fabs(found[k] - spectra[c][k]) <= 1e-14 * spectra[c][ORDER - 1]);
    }
    double broken[4] = {1, NAN, NAN, 1};
    double found[2];
    assert_false(rfim__oracle_eigenvalues(broken, 2, found));
}

/* x comes back to about the condition, 1e6, times the rounding unit. */
static void systems_are_solved_with_pivots(void **state)
{
    (void)state;
    static const double spectrum[ORDER] = {1e-6, -1e-3, .1, 1, 1, -2, 3};
    double a[ORDER * ORDER], x[ORDER * 2], b[ORDER * 2];
    uint64_t seed = 3;
    with_spectrum(spectrum, 11, a);
    for (size_t k = 0; k < ORDER * 2; k++)
        x[k] = made_up(&seed);
    rfim__oracle_product(a, x, ORDER, ORDER, 2, b);
    assert_true(rfim__oracle_solve(a, ORDER, b, 2));
    assert_near(b, x, ORDER * 2, 1e-9);
    double swap[4] = {0, 2, 4, 0};
    double two[2] = {6, 8};
    assert_true(rfim__oracle_solve(swap, 2, two, 1));
    assert_true(two[0] == 2 && two[1] == 3);
    double singular[4] = {1, 1, 1, 1};
    assert_false(rfim__oracle_solve(singular, 2, two, 1));
}

static void products_are_products(void **state)
{
    (void)state;
    static const double a[4] = {1, 2, 3, 4};
    static const double b[4] = {0, 1, 1, 5};
    static const double kronecker[16] = {0, 1, 0, 2, 1, 5, 2, 10, 0, 3, 0, 4, 3, 15, 4, 20};
    static const double x[2] = {2, -1};
    double c[16], y[2];
    rfim__oracle_kronecker(a, 2, b, 2, c);
    assert_near(c, kronecker, 16, 0);
    rfim__oracle_matvec(a, 2, 2, x, y);
    assert_true(y[0] == 0 && y[1] == 2);
    assert_true(rfim__oracle_quadratic(a, 2, x) == -2);
    assert_true(rfim__oracle_difference(a, b, 4) == sqrt(7. / 27));
    assert_true(rfim__oracle_difference(x, (double[2]){0, 0}, 2) == sqrt(5));
    assert_true(isnan(rfim__oracle_difference(x, (double[2]){NAN, 0}, 2)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hermite_integrates_polynomials),
        cmocka_unit_test(legendre_integrates_polynomials),
        cmocka_unit_test(eigenvalues_come_ascending),
        cmocka_unit_test(systems_are_solved_with_pivots),
        cmocka_unit_test(products_are_products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
