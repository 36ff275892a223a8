/* kept_directions.h - the step straight from delta, which gram and softmax offer, against float64
 * Cholesky of the dense metric. */
#ifndef RFIM_TESTS_METRIC_KEPT_DIRECTIONS_H
#define RFIM_TESTS_METRIC_KEPT_DIRECTIONS_H

#include "metric/kept_checks.h"

/* References as a network has them: numbers of about 1 and a last column of ones. */
static inline void make_references_plain(trial *t, const rfim__observation *seen)
{
    rfim__matrix x = seen->parts[0].reference;
    random_matrix(t, x);
    for (size_t i = 0; i < x.rows; i++)
        put(t, x, i, x.columns - 1, 1);
}

/* X^T delta / n, flat */
static inline double *gradient_of(trial *t, const subject *s, const rfim__observation *seen,
                                  rfim__matrix delta)
{
    double *gradient = new_values(t, s->shape.order);
    for (size_t k = 0; k < s->shape.order; k++) {
        number place = number_of(s, k);
        for (size_t i = 0; i < seen->samples; i++)
            gradient[k] += jacobian(t, seen, i, place) * at(t, delta, i, place.output) /
                           (double)seen->samples;
    }
    return gradient;
}

static inline double distance(const double *found, const double *wanted, size_t count)
{
    double error = 0;
    for (size_t k = 0; k < count; k++)
        error += pow(found[k] - wanted[k], 2);
    return sqrt(error) / norm(wanted, count);
}

/* float32: 4e-6 was measured. float64: the error of the oracle, which knows the condition of the
 * damped metric, 1/eps. */
static inline double step_bound(const trial *t, double eps)
{
    return t->algebra->precision == RFIM_DOUBLE ? 8 * t->unit / eps : 4e-6;
}

/* Relative errors of the step from delta and of the solution from the gradient as float32 has it;
 * wanted: the exact gradient. */
typedef struct step_errors {
    double from_delta, from_gradient;
    double *step;
} step_errors;

static inline step_errors errors_of_step(trial *t, const subject *s, rfim__matrix delta,
                                         const double *gradient)
{
    size_t order = s->shape.order;
    step_errors errors = {0};
    double *wanted = new_values(t, order);
    double *factor = damped(t, s);
    rfim__matrix in = new_matrix(t, s->parts[0].rows, s->parts[0].columns);
    rfim__matrix out = new_matrix(t, s->parts[0].rows, s->parts[0].columns);
    memcpy(wanted, gradient, order * sizeof *wanted);
    oracle_cholesky(factor, order);
    oracle_solve(factor, wanted, order);
    to_vector(t, s, gradient, &in);
    s->metric->table->direction_from_delta(s->metric, delta, &in, &out);
    errors.step = to_flat(t, s, &out);
    errors.from_delta = distance(errors.step, wanted, order);
    s->metric->table->solve(s->metric, &in, &out);
    errors.from_gradient = distance(to_flat(t, s, &out), wanted, order);
    if (report_wanted())
        print_message("%-28s %-22s n %zu D %zu m %zu eps %-6g: step from delta %.2g, from the "
                      "gradient %.2g\n",
                      t->backend, now.name, t->shape[0], t->shape[1], t->shape[2],
                      s->metric->damping, errors.from_delta, errors.from_gradient);
    return errors;
}

#endif
