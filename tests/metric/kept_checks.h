/* kept_checks.h - what gram and softmax owe alike: properties over kept_subject.h. */
#ifndef RFIM_TESTS_METRIC_KEPT_CHECKS_H
#define RFIM_TESTS_METRIC_KEPT_CHECKS_H

#include "metric/kept_subject.h"

static inline bool report_wanted(void)
{
    return getenv("RFIM_TEST_REPORT") != NULL;
}

/* --- looking ---------------------------------------------------------------------------------- */

/* Products of q terms with a reference row and one of them summed up: random roundings; and a
 * few that all samples have in common, of the weights. */
static inline double product_bound(const trial *t, const subject *s)
{
    return 32 * t->unit * sqrt((double)(s->shape.order + s->shape.max_samples * s->shape.copies));
}

static inline void expect_near(const trial *t, const char *what, const double *found,
                               const double *wanted, size_t count, double bound)
{
    double error = 0;
    for (size_t k = 0; k < count; k++)
        error += pow(found[k] - wanted[k], 2);
    expect(t, sqrt(error) <= bound, "%s of %s: error %g, bound %g", what, now.name, sqrt(error),
           bound);
}

static inline void expect_multiply(trial *t, const subject *s)
{
    size_t order = s->shape.order;
    rfim__matrix v[MOST_PARTS];
    rfim__matrix out[MOST_PARTS];
    double *x = random_flat(t, s);
    new_vector(t, s, v);
    new_vector(t, s, out);
    to_vector(t, s, x, v);
    s->metric->table->multiply(s->metric, v, out);
    expect_near(t, "product", to_flat(t, s, out), apply(t, s->g, x, order), order,
                product_bound(t, s) * spectral_norm(t, s->g, order) * norm(x, order));
}

static inline void expect_diagonal(trial *t, const subject *s)
{
    size_t order = s->shape.order;
    rfim__matrix out[MOST_PARTS];
    rfim__matrix column = new_matrix(t, order, 1);
    double *wanted = new_values(t, order);
    double *blocks = new_values(t, order);
    new_vector(t, s, out);
    s->metric->table->diagonal(s->metric, out);
    s->metric->table->block_diagonal(s->metric, column);
    for (size_t k = 0; k < order; k++) {
        wanted[k] = s->g[k * order + k];
        blocks[k] = at(t, column, k, 0);
    }
    double bound = product_bound(t, s) * norm(wanted, order);
    expect_near(t, "diagonal", to_flat(t, s, out), wanted, order, bound);
    expect_near(t, "diagonal of the block", blocks, wanted, order, bound);
}

static inline void expect_squares(trial *t, const subject *s)
{
    size_t order = s->shape.order;
    double wanted = pow(norm(s->g, order * order), 2);
    double found = tell(t, s->metric->table->squares(s->metric));
    expect(t, fabs(found - wanted) <= 2 * product_bound(t, s) * wanted, "|G|^2 of %s is %g, not %g",
           now.name, found, wanted);
}

static inline int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Moments of the spectrum, sum of w^p = tr G^p, p = 1, 2, 4; and that G - w I is singular for the
 * largest w: it is |G|_2. */
static inline void expect_spectrum(trial *t, const subject *s)
{
    size_t order = s->shape.order;
    double *w = new_values(t, order);
    double *squared = new_values(t, order * order);
    double sums[3] = {0};
    double wanted[3] = {0};
    assert_true(s->metric->table->spectrum(s->metric, w));
    qsort(w, order, sizeof *w, by_size);
    for (size_t k = 0; k < order; k++)
        for (size_t l = 0; l < order; l++)
            for (size_t q = 0; q < order; q++)
                squared[k * order + l] += s->g[k * order + q] * s->g[q * order + l];
    for (size_t k = 0; k < order; k++) {
        sums[0] += w[k];
        sums[1] += w[k] * w[k];
        sums[2] += pow(w[k], 4);
        wanted[0] += s->g[k * order + k];
        wanted[1] += squared[k * order + k];
        wanted[2] += pow(norm(squared + k * order, order), 2);
    }
    for (size_t p = 0; p < 3; p++)
        expect(t, fabs(sums[p] - wanted[p]) <= 4 * product_bound(t, s) * wanted[p],
               "spectrum of %s: sum %zu is %.9g, not %.9g", now.name, p, sums[p], wanted[p]);
    expect(t, w[0] >= -product_bound(t, s) * w[order - 1], "spectrum of %s: %g is negative",
           now.name, w[0]);
    double largest = spectral_norm(t, s->g, order);
    expect(t, w[order - 1] >= largest * (1 - product_bound(t, s)),
           "spectrum of %s: largest %g, not %g", now.name, w[order - 1], largest);
}

static inline void expect_looks(trial *t, const subject *s)
{
    size_t kept = t->value_count;
    expect_multiply(t, s);
    expect_diagonal(t, s);
    expect_squares(t, s);
    expect_spectrum(t, s);
    forget(t, kept);
}

/* --- solving ---------------------------------------------------------------------------------- */

/* Normwise backward error of z as a solution of (G + Lambda) z = v, in 10 N eps. */
static inline double backward_error(trial *t, const subject *s, const double *a, double size,
                                    const double *v, const double *z)
{
    size_t order = s->shape.order;
    double *rest = apply(t, a, z, order);
    for (size_t k = 0; k < order; k++)
        rest[k] -= v[k];
    double error = norm(rest, order) / (size * norm(z, order) + norm(v, order));
    return error / (10 * (double)system_order(s) * 2 * t->unit);
}

/* v: anything; in the range of G; near its largest eigenvector, where cancellation is worst. */
static inline void expect_solves(trial *t, const subject *s)
{
    size_t kept = t->value_count;
    size_t order = s->shape.order;
    const double *a = damped(t, s);
    double size = spectral_norm(t, a, order);
    double *v = random_flat(t, s);
    double worst = 0;
    rfim__matrix in[MOST_PARTS];
    rfim__matrix out[MOST_PARTS];
    new_vector(t, s, in);
    new_vector(t, s, out);
    for (int range = 0; range < 4; range++) {
        to_vector(t, s, v, in);
        s->metric->table->solve(s->metric, in, out);
        double error = backward_error(t, s, a, size, v, to_flat(t, s, out));
        worst = fmax(worst, error);
        expect(t, error <= 1,
               "solution of %s: backward error %g times 10 N eps, v %d, rule %d, "
               "damping %g",
               now.name, error, range, (int)s->metric->rule, s->metric->damping);
        v = apply(t, s->g, v, order);
        double length = norm(v, order);
        for (size_t k = 0; k < order; k++)
            v[k] = rounded(t, length > 0 ? v[k] / length : 1);
    }
    if (report_wanted())
        print_message("%-28s %-22s n %zu D %zu m %zu rule %d eps %-6g: %.3g of 10 N eps\n",
                      t->backend, now.name, t->shape[0], t->shape[1], t->shape[2],
                      (int)s->metric->rule, s->metric->damping, worst);
    forget(t, kept);
}

static inline void expect_log_det(trial *t, const subject *s)
{
    size_t kept = t->value_count;
    size_t order = s->shape.order;
    double *a = damped(t, s);
    double found = tell(t, s->metric->table->log_det(s->metric));
    double wanted = oracle_cholesky(a, order);
    double lambda = INFINITY;
    for (size_t k = 0; k < order; k++)
        lambda = fmin(lambda, at(t, s->metric->lambda, k, 0));
    /* An eigenvalue moves by at most u |G| x its rounding, and is at least lambda. */
    double moved = product_bound(t, s) * spectral_norm(t, s->g, order) / lambda;
    double bound = fmin(moved, 1) * (double)system_order(s) + 1e-6 * fabs(wanted);
    expect(t, fabs(found - wanted) <= bound, "log det of %s is %.9g, not %.9g, bound %g", now.name,
           found, wanted, bound);
    forget(t, kept);
}

/* --- the oracle's lambda ---------------------------------------------------------------------- */

static inline void refresh(const trial *t, const subject *s, rfim_damping_rule rule, double eps)
{
    rfim_metric_refresh_report report = rfim__metric_refresh(s->metric, rule, eps);
    expect(t, report.kept == 0 && report.retries == 0 && s->metric->factorised,
           "%s: rule %d, eps %g: retries %zu, kept %d", now.name, (int)rule, eps, report.retries,
           report.kept);
}

/* --- properties ------------------------------------------------------------------------------- */

static rfim_representation subject_representation;

static inline void is_the_mean_over_samples(trial *t)
{
    subject s = subject_create(t, subject_representation);
    rfim__observed_part first[MOST_PARTS];
    rfim__observed_part second[MOST_PARTS];
    rfim__observation one = random_observation(t, &s, first, t->shape[0]);
    rfim__observation two = random_observation(t, &s, second, t->shape[0] / 2 + 1);
    observe(t, &s, 0, 1, &one);
    expect_looks(t, &s);
    observe(t, &s, .75, .25, &two);
    assert_int_equal(s.metric->table->samples(s.metric), one.samples + two.samples);
    expect_looks(t, &s);
    observe(t, &s, 0, 3, &two);
    assert_int_equal(s.metric->table->samples(s.metric), two.samples);
    expect_looks(t, &s);
    rfim__metric_free(s.metric);
}

static inline void solves_backward_stably(trial *t)
{
    subject s = subject_create(t, subject_representation);
    rfim__observed_part parts[MOST_PARTS];
    rfim__observation seen = random_observation(t, &s, parts, t->shape[0]);
    double least = t->algebra->precision == RFIM_DOUBLE ? 1e-12 : 1e-6;
    observe(t, &s, 0, 1, &seen);
    for (double eps = 1e-1; eps >= .5 * least; eps *= least < 1e-6 ? 1e-4 : 1e-2) {
        refresh(t, &s, RFIM_DAMPING_TRACE, eps);
        expect_solves(t, &s);
        expect_log_det(t, &s);
    }
    refresh(t, &s, RFIM_DAMPING_TRACE, least);
    expect_solves(t, &s);
    refresh(t, &s, RFIM_DAMPING_DIAGONAL, 1e-3);
    expect_solves(t, &s);
    expect_log_det(t, &s);
    refresh(t, &s, RFIM_DAMPING_MEAN_DIAGONAL, 1e-3);
    expect_solves(t, &s);
    refresh(t, &s, RFIM_DAMPING_ABSOLUTE, .5);
    expect_solves(t, &s);
    rfim__metric_free(s.metric);
}

#endif
