/* roots.c - 4 sum (or integral) over y of d sqrt(p) d sqrt(p)^T, from p and dp as functions of u,
 * without log p: with 2 d sqrt(p) = dp/sqrt(p), outcome y gets the cotangent
 *
 *   c(y) = sqrt(w(y)/p(y)) dp(y)/du
 *
 * softmax   p_c = z_c/Z, z_c = e^{u_c}, Z = sum_k z_k:  dp_c/du_j = (z_c [j=c] Z - z_c z_j)/Z^2;
 *           w = 1
 * others    p = prod_j p_j, one factor an output, so that dp/du_j = p dp_j/p_j and
 *           c_j = (dp_j/p_j) prod_k sqrt(w_k p_k)
 *   sigmoid   dp_j/du_j = +-s (1-s); w_j = 1
 *   squared   p_j = phi(y_j - u_j), dp_j/du_j = (y_j - u_j) p_j. With w_j = weight_a/phi(node_a)
 * the quadrature is one of integrals over y itself. As y_j = u_j + node_a, what is integrated, dp
 * dp^T/p, is phi times a polynomial of degree 2, for which two nodes are exact.
 *
 * Drawn y: the integral is the mean of 4 d sqrt(p) d sqrt(p)^T/p, w_j = 1/p_j. */
#include "fim/expression.h"

#include <math.h>

typedef struct density {
    double p;      /* of one output's y */
    double dp;     /* dp/du */
    double weight; /* w */
} density;

static double normal_density(double x)
{
    return exp(-x * x / 2) * 0.39894228040143267794; /* 1/sqrt(2 pi) */
}

static density density_of(const rfim__outcomes *outcomes, const double *u, size_t index, size_t j)
{
    double y = rfim__row(outcomes->values, index)[j];
    density d = {.weight = 1};
    if (outcomes->loss == RFIM_LOSS_SIGMOID) {
        double e = exp(-fabs(u[j]));
        d.p = rfim__bernoulli(u[j], y != 0);
        d.dp = (y != 0 ? 1 : -1) * e / ((1 + e) * (1 + e));
    } else {
        d.p = normal_density(y - u[j]);
        d.dp = (y - u[j]) * d.p;
    }
    if (outcomes->kind == RFIM__QUADRATURE) {
        size_t a = rfim__outcomes_digit(outcomes, index, j);
        d.weight = outcomes->rule.weight[a] / normal_density(outcomes->rule.node[a]);
    } else if (outcomes->kind == RFIM__DRAWN) {
        d.weight = 1 / d.p;
    }
    return d;
}

/* An output whose p is 0 in float64 makes the whole row 0. */
static void fill_product(const rfim__outcomes *outcomes, const double *u, size_t index, double *c)
{
    double product = 1;
    for (size_t j = 0; j < outcomes->outputs; j++) {
        density d = density_of(outcomes, u, index, j);
        product *= sqrt(d.weight * d.p);
        c[j] = d.p > 0 ? d.dp / d.p : 0;
    }
    for (size_t j = 0; j < outcomes->outputs; j++)
        c[j] *= product;
}

/* The largest exponential is taken out of z and Z. */
static void fill_class(const rfim__outcomes *outcomes, const double *u, size_t index, double *c)
{
    size_t m = outcomes->outputs;
    size_t class = (size_t)outcomes->labels[index];
    double top = u[0];
    double total = 0;
    for (size_t j = 1; j < m; j++)
        top = fmax(top, u[j]);
    for (size_t j = 0; j < m; j++)
        total += exp(u[j] - top);
    double z = exp(u[class] - top);
    double p = z / total;
    double weight = outcomes->kind == RFIM__DRAWN ? 1 / p : 1;
    for (size_t j = 0; j < m; j++) {
        double dp = ((j == class ? z * total : 0) - z * exp(u[j] - top)) / (total * total);
        c[j] = p > 0 ? sqrt(weight / p) * dp : 0;
    }
}

static void fill(const rfim__subject *subject, const rfim__outcomes *outcomes, size_t sample,
                 size_t first, rfim__matrix cotangents)
{
    const double *u = rfim__subject_response(subject, sample);
    double share = outcomes->kind == RFIM__DRAWN ? sqrt(1 / (double)outcomes->count) : 1;
    for (size_t index = 0; index < cotangents.rows; index++) {
        double *c = rfim__row(cotangents, index);
        if (outcomes->labels)
            fill_class(outcomes, u, first + index, c);
        else
            fill_product(outcomes, u, first + index, c);
        for (size_t j = 0; j < cotangents.columns; j++)
            c[j] *= share;
    }
}

rfim_status rfim__fim_roots(rfim__fim_task *task)
{
    return rfim__fim_outer(task, fill);
}
