/* What every representation makes of G + Lambda: Lambda itself, solutions, square roots,
 * determinants. */
#include "conformance.h"
#include "metric/kronecker.h"

/* Kinds of damping: all rules, with plenty and with little. */
static const rfim_damping_rule rules[] = {RFIM_DAMPING_TRACE, RFIM_DAMPING_MEAN_DIAGONAL,
                                          RFIM_DAMPING_DIAGONAL, RFIM_DAMPING_ABSOLUTE};

/* A refreshed metric with random samples. */
typedef struct damped {
    rfim_damping_rule rule;
    double eps;
    double *g;      /* [N x N] as the metric holds it */
    double *lambda; /* [N] as the metric tells it */
    double *sum;    /* [N x N] what was factorised */
} damped;

static double trace_of(const double *a, size_t order, size_t stride)
{
    double sum = 0;
    for (size_t k = 0; k < order; k++)
        sum += a[k * stride + k];
    return sum;
}

/* Lambda of coordinate c by its definition: `block` coordinates share a trace. */
static double expected_lambda(const damped *d, size_t order, size_t block, size_t c)
{
    size_t first = c / block * block;
    double metric_trace = trace_of(d->g + first * order + first, block, order);
    double own = d->eps * d->g[c * order + c];
    switch (d->rule) {
    case RFIM_DAMPING_ABSOLUTE:
        return d->eps;
    case RFIM_DAMPING_TRACE:
        return metric_trace > 0 ? d->eps * metric_trace : d->eps;
    default:
        if (d->rule == RFIM_DAMPING_DIAGONAL && own > 0)
            return own;
        return metric_trace > 0 ? d->eps * metric_trace / (double)block : d->eps;
    }
}

/* (A' + alpha I) (x) (B + beta I) of K-FAC, from what has been collected */
static void add_factored(const trial *t, const specimen *s, damped *d)
{
    const rfim__kronecker_state *state = s->metric->state;
    size_t N = s->shape.order;
    size_t m = s->parts[0].columns;
    size_t rows = s->parts[0].rows;
    double mass = matrix_get(t, state->mass, 0, 0);
    double a = 0;
    double b = 0;
    for (size_t j = 0; j < m; j++)
        a += matrix_get(t, state->outputs, j, j) / mass;
    for (size_t k = 0; k < rows; k++)
        b += matrix_get(t, state->inputs, k, k);
    double pi = a > 0 && b > 0 ? sqrt(b * (double)m / (a * (double)rows)) : 1;
    double root = sqrt(expected_lambda(d, N, N, 0));
    for (size_t c = 0; c < N; c++) {
        for (size_t e = 0; e < N; e++) {
            size_t j = c / rows > e / rows ? c / rows : e / rows;
            size_t i = c / rows + e / rows - j;
            size_t k = c % rows > e % rows ? c % rows : e % rows;
            size_t l = c % rows + e % rows - k;
            double left = matrix_get(t, state->outputs, j, i) / mass + (i == j ? root / pi : 0);
            double right = matrix_get(t, state->inputs, k, l) + (k == l ? pi * root : 0);
            d->sum[c * N + e] = left * right;
        }
    }
}

/* Observes, refreshes with a rule and an eps of the seed's choice, and reads what came of it. */
static damped damped_create(trial *t, specimen *s)
{
    size_t N = s->shape.order;
    sample_set drawn = draw(t, s);
    damped d = {.rule = rules[rfim__random_below(&t->random, s->factored ? 2 : 4)]};
    bool wide = t->algebra->precision == RFIM_DOUBLE;
    d.eps = pow(10, -uniform(t, 1, wide ? 8 : 3));
    observe(t, s, s->metric, 0, 1, &drawn);
    d.g = dense_of(t, s, s->metric->table->multiply);
    if (d.rule == RFIM_DAMPING_ABSOLUTE)
        d.eps *= trace_of(d.g, N, N);
    rfim_metric_refresh_report report = rfim__metric_refresh(s->metric, d.rule, d.eps);
    expect(t, report.block == 0 && report.retries == 0 && !report.kept && report.damping == d.eps,
           "%s, rule %d, eps %g: block %zu failed", s->metric->table->name, (int)d.rule, d.eps,
           report.block);
    d.lambda = new_values(t, N);
    d.sum = new_values(t, N * N);
    memcpy(d.sum, d.g, N * N * sizeof *d.sum);
    for (size_t c = 0; c < N; c++) {
        size_t block = s->metric->blocks == 1 ? 0 : c / s->metric->block_order;
        d.lambda[c] = matrix_get(t, s->metric->lambda, c % s->metric->block_order, block);
        d.sum[c * N + c] += d.lambda[c];
    }
    if (s->factored)
        add_factored(t, s, &d);
    return d;
}

/* 4 roundings, and those of the trace. */
static void lambda_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    damped d = damped_create(t, &s);
    size_t N = s.shape.order;
    for (size_t c = 0; c < N && t->compare; c++) {
        double expected = s.factored ? d.sum[c * N + c] - d.g[c * N + c]
                                     : expected_lambda(&d, N, s.metric->block_order, c);
        double size = s.factored ? d.sum[c * N + c] : expected;
        expect(t, fabs(d.lambda[c] - expected) <= ((double)N + 8) * t->unit * size,
               "%s, rule %d: Lambda %zu is %.17g, not %.17g", s.metric->table->name, (int)d.rule, c,
               d.lambda[c], expected);
    }
    rfim__metric_free(s.metric);
}

/* |(G + Lambda) z - v| <= 10 N eps (|G + Lambda| |z| + |v|), N the order of what is factorised, in
 * float64; block by block where blocks are solved apart. */
static void expect_backward_stable(trial *t, const specimen *s, const damped *d, const double *v,
                                   const double *z, const char *verb)
{
    size_t N = s->shape.order;
    rfim_metric_plan plan = {0};
    s->metric->table->plan(s->metric, &plan);
    bool apart = s->representation == RFIM_SHARED || s->representation == RFIM_NEURON;
    size_t order = apart ? s->metric->block_order : N;
    for (size_t first = 0; first < N; first += order) {
        double *block = new_values(t, order * order);
        double *rest = new_values(t, order);
        for (size_t k = 0; k < order; k++) {
            rest[k] = -v[first + k];
            for (size_t l = 0; l < order; l++) {
                block[k * order + l] = d->sum[(first + k) * N + first + l];
                rest[k] += block[k * order + l] * z[first + l];
            }
        }
        double norm = largest(eigenvalues(t, block, order), order);
        double bound = 10 * (double)plan.factor_order * 2 * t->unit *
                       (norm * length(z + first, order) + length(v + first, order));
        expect(t, length(rest, order) <= bound, "%s, %s, rule %d, eps %g: |rest| %g, bound %g",
               s->metric->table->name, verb, (int)d->rule, d->eps, length(rest, order), bound);
    }
}

static void solve_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    damped d = damped_create(t, &s);
    size_t N = s.shape.order;
    double *v = new_values(t, N);
    double *z = new_values(t, N);
    double *direction = new_values(t, N);
    for (size_t way = 0; way < 2; way++) {
        random_vector(t, N, v);
        if (way == 1) { /* in the range of G, as gradients are */
            apply(t, &s, s.metric->table->multiply, v, z);
            memcpy(v, z, N * sizeof *v);
        }
        apply(t, &s, s.metric->table->solve, v, z);
        apply(t, &s, s.metric->table->direction, v, direction);
        if (t->compare) {
            expect_backward_stable(t, &s, &d, v, z, "solve");
            expect_backward_stable(t, &s, &d, v, direction, "direction");
        }
    }
    rfim__metric_free(s.metric);
}

/* In units in which the diagonal is 1: damping relative to it has a good condition there only. */
static double *in_units(trial *t, const damped *d, const double *x, size_t N, bool inverse)
{
    double *scaled = new_values(t, N * N);
    for (size_t c = 0; c < N; c++) {
        for (size_t e = 0; e < N; e++) {
            double root = sqrt(d->sum[c * N + c]) * sqrt(d->sum[e * N + e]);
            if (d->rule != RFIM_DAMPING_DIAGONAL)
                root = 1;
            scaled[c * N + e] = x[c * N + e] * (inverse ? root : 1 / root);
        }
    }
    return scaled;
}

/* S S^T (G + Lambda) = I up to 20 N unit condition */
static void root_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    if (!s.metric->table->sqrt_solve) {
        rfim__metric_free(s.metric);
        return;
    }
    damped d = damped_create(t, &s);
    size_t N = s.shape.order;
    const double *root = dense_of(t, &s, s.metric->table->sqrt_solve);
    double *inverse = new_values(t, N * N);
    for (size_t c = 0; c < N && t->compare; c++)
        for (size_t e = 0; e < N; e++)
            for (size_t k = 0; k < N; k++)
                inverse[c * N + e] += root[c * N + k] * root[e * N + k];
    const double *sum = in_units(t, &d, d.sum, N, false);
    const double *by = in_units(t, &d, inverse, N, true);
    const double *values = eigenvalues(t, sum, N);
    double bound = 20 * (double)N * t->unit * values[N - 1] / values[0];
    for (size_t c = 0; c < N && t->compare; c++) {
        for (size_t e = 0; e < N; e++) {
            double entry = c == e ? -1 : 0;
            for (size_t k = 0; k < N; k++)
                entry += by[c * N + k] * sum[k * N + e];
            expect(t, fabs(entry) <= bound,
                   "%s, rule %d, eps %g: S S^T (G + Lambda) - I is %g at %zu %zu, bound %g",
                   s.metric->table->name, (int)d.rule, d.eps, entry, c, e, bound);
        }
    }
    rfim__metric_free(s.metric);
}

/* Condition of what is factorised: of G + Lambda or, where that is I + R Lambda^-1 R^T with the
 * samples' rows R, at most |G + Lambda| / least Lambda; values: eigenvalues of the former. */
static double condition_of(const specimen *s, const damped *d, const double *values)
{
    size_t N = s->shape.order;
    double least = values[0];
    for (size_t c = 0; c < N && s->metric->table->samples; c++)
        least = fmin(least, d->rule == RFIM_DAMPING_DIAGONAL ? d->lambda[c] / d->sum[c * N + c]
                                                             : d->lambda[c]);
    return values[N - 1] / least;
}

/* log det moves by the sum of the relative errors of the eigenvalues. */
static void determinant_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    damped d = damped_create(t, &s);
    size_t N = s.shape.order;
    double found = tell(t, s.metric->table->log_det(s.metric));
    if (t->compare) {
        const double *values = eigenvalues(t, in_units(t, &d, d.sum, N, false), N);
        double expected = 0;
        double size = 0;
        for (size_t c = 0; c < N; c++) {
            double unit = d.rule == RFIM_DAMPING_DIAGONAL ? d.sum[c * N + c] : 1;
            expected += log(values[c]) + log(unit);
            size += fabs(log(values[c])) + fabs(log(unit));
        }
        double bound = 10 * (double)N * t->unit * (size + condition_of(&s, &d, values));
        expect(t, fabs(found - expected) <= bound, "%s, rule %d: log det is %.17g, not %.17g (%g)",
               s.metric->table->name, (int)d.rule, found, expected, bound);
    }
    rfim__metric_free(s.metric);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void lambda_is_what_the_rule_says(void **state)
{
    for (size_t time = 0; time < 3; time++)
        over_representations(*state, lambda_property);
}

static void solutions_are_backward_stable(void **state)
{
    for (size_t time = 0; time < 3; time++)
        over_representations(*state, solve_property);
}

static void square_roots_multiply_to_the_inverse(void **state)
{
    for (size_t time = 0; time < 2; time++)
        over_representations(*state, root_property);
}

static void determinants_are_those_of_the_dense_matrix(void **state)
{
    for (size_t time = 0; time < 2; time++)
        over_representations(*state, determinant_property);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lambda_is_what_the_rule_says),
        cmocka_unit_test(solutions_are_backward_stable),
        cmocka_unit_test(square_roots_multiply_to_the_inverse),
        cmocka_unit_test(determinants_are_those_of_the_dense_matrix),
    };
    return cmocka_run_group_tests_name("metric: solving", tests, representations_set_up,
                                       backends_tear_down);
}
