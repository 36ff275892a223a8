/* Nodes are roots of orthogonal polynomials. The roots of the polynomial of degree k lie one by one
 * between those of degree k - 1, so that degree after degree each is bracketed: bisection finds it,
 * Newton's method polishes it.
 *
 * Hermite (orthonormal):  h_k = z sqrt(2/k) h_{k-1} - sqrt((k-1)/k) h_{k-2},  h_k' = sqrt(2k)
 * h_{k-1}, weight 2/h_n'^2, |z| < sqrt(2n + 1) Legendre:               k P_k = (2k-1) z P_{k-1} -
 * (k-1) P_{k-2},  (z^2 - 1) P_k' = k (z P_k - P_{k-1}), weight 2/((1 - z^2) P_n'^2), |z| < 1 */
#include "check/oracle/quadrature.h"

#include <math.h>

#define PI_TO_MINUS_QUARTER 0.75112554446494248286

/* The value of the polynomial of this degree; its derivative. */
typedef double polynomial(size_t degree, double z, double *derivative);

static double hermite(size_t degree, double z, double *derivative)
{
    double before = 0;
    double value = PI_TO_MINUS_QUARTER;
    for (size_t k = 1; k <= degree; k++) {
        double order = (double)k;
        double next = z * sqrt(2 / order) * value - sqrt((order - 1) / order) * before;
        before = value;
        value = next;
    }
    *derivative = sqrt(2 * (double)degree) * before;
    return value;
}

static double legendre(size_t degree, double z, double *derivative)
{
    double before = 0;
    double value = 1;
    for (size_t k = 1; k <= degree; k++) {
        double order = (double)k;
        double next = ((2 * order - 1) * z * value - (order - 1) * before) / order;
        before = value;
        value = next;
    }
    *derivative = (double)degree * (z * value - before) / (z * z - 1);
    return value;
}

static double root_between(polynomial *p, size_t degree, double low, double high)
{
    double derivative;
    double at_low = p(degree, low, &derivative);
    for (int halving = 0; halving < 30; halving++) {
        double middle = (low + high) / 2;
        double value = p(degree, middle, &derivative);
        if ((value < 0) == (at_low < 0))
            low = middle;
        else
            high = middle;
    }
    double z = (low + high) / 2;
    for (int step = 0; step < 3; step++) {
        double value = p(degree, z, &derivative);
        z -= value / derivative;
    }
    return z;
}

/* All roots of degree `count`, ascending; they lie strictly between -bound and bound. */
static void roots(polynomial *p, size_t count, double bound, double *node)
{
    for (size_t degree = 1; degree <= count; degree++) {
        double low = -bound;
        for (size_t q = 0; q < degree; q++) {
            double high = q + 1 < degree ? node[q] : bound;
            node[q] = root_between(p, degree, low, high);
            low = high;
        }
    }
}

void rfim__oracle_hermite(size_t count, rfim__oracle_rule *rule)
{
    rule->count = count;
    roots(hermite, count, sqrt(2 * (double)count + 1), rule->node);
    for (size_t q = 0; q < count; q++) {
        double derivative;
        hermite(count, rule->node[q], &derivative);
        rule->weight[q] = 2 / (derivative * derivative);
    }
}

void rfim__oracle_legendre(size_t count, rfim__oracle_rule *rule)
{
    rule->count = count;
    roots(legendre, count, 1 - 1e-9, rule->node);
    for (size_t q = 0; q < count; q++) {
        double z = rule->node[q];
        double derivative;
        legendre(count, z, &derivative);
        rule->weight[q] = 1 / ((1 - z * z) * derivative * derivative);
        rule->node[q] = (1 + z) / 2;
    }
}
