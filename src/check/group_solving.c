/* group_solving.c - solving with damped metrics in every representation.
 *
 *   solve        backward error |b - (G + Lambda) x| / (|G + Lambda|_F |x| + |b|), at most 10 N eps
 *                in each precision, N the order of the matrix that is factorised
 *   damping      Lambda by its definition, block by block
 *   log det      against the sum of the logarithms of Jacobi's eigenvalues
 *   square root  S S^T (G + Lambda) = I, S column by column
 *   direction    against (G + Lambda)^-1 times the gradient
 *
 * The error is the one nearest to its limit of all subsystems and rules. */
#include "check/compare.h"
#include "check/oracle/dense.h"
#include "check/specimens.h"

#include <float.h>
#include <math.h>

typedef struct trial {
    rfim__check *check;
    const rfim__specimen *specimen;
    rfim__toy *toy;
    rfim_metric_options options;
    rfim_metric *metric;
    size_t order;
    double *damped; /* G + Lambda [N x N] */
    double *lambda; /* [N] */
    double eps;     /* as it was asked for */
} trial;

typedef struct finding {
    double error, tolerance;
} finding;

static const finding nothing = {(double)NAN, 0};

/* A metric that has seen its batch and been factorised. What is absolute is so for a metric whose
 * mean diagonal is 1: others would not be resolved in single precision, or be all damping. */
static bool begin(trial *t, rfim_precision precision, rfim_damping_rule rule, double eps)
{
    t->toy = rfim__specimen_create(t->check, t->specimen, precision);
    t->metric = rfim__toy_observed(t->toy, &t->options);
    t->damped = rfim__check_dense(t->check, t->metric);
    double sum = 0;
    if (!t->damped || rfim_metric_metric_trace(t->metric, &sum) != RFIM_OK)
        return false;
    t->order = rfim_metric_order(t->metric);
    t->eps = rule == RFIM_DAMPING_ABSOLUTE ? eps * sum / (double)t->order : eps;
    if (rfim_metric_refresh(t->metric, rule, t->eps, NULL) != RFIM_OK)
        return false;
    t->lambda = rfim__check_numbers(t->check, t->order);
    if (!t->lambda || rfim_metric_damping(t->metric, t->lambda) != RFIM_OK)
        return false;
    for (size_t k = 0; k < t->order; k++)
        t->damped[k * t->order + k] += t->lambda[k];
    return true;
}

/* |b - A x| / (|A|_F |x| + |b|) */
static double backward_error(rfim__check *check, const double *a, size_t order, const double *b,
                             const double *x)
{
    double *product = rfim__check_numbers(check, order);
    if (!product)
        return (double)NAN;
    rfim__oracle_matvec(a, order, order, x, product);
    double residual = rfim__check_norm(rfim__check_minus(check, b, product, order), order);
    double size = rfim__check_norm(a, order * order) * rfim__check_norm(x, order) +
                  rfim__check_norm(b, order);
    return size > 0 ? residual / size : (double)NAN;
}

/* Normal numbers that the precision holds. */
static double *right_hand_side(rfim__check *check, size_t order, rfim_precision precision)
{
    double *b = rfim__check_normals(check, order);
    for (size_t k = 0; b && precision == RFIM_SINGLE && k < order; k++)
        b[k] = (double)(float)b[k];
    return b;
}

static finding solve_in(trial *t, rfim_precision precision, rfim_damping_rule rule, double eps)
{
    rfim_metric_plan plan;
    if (!begin(t, precision, rule, eps) ||
        rfim_metric_plan_get(t->toy->network, &t->options, &plan) != RFIM_OK)
        return nothing;
    double *b = right_hand_side(t->check, t->order, precision);
    double *x = rfim__check_numbers(t->check, t->order);
    if (!b || !x || rfim_metric_solve(t->metric, b, x) != RFIM_OK)
        return nothing;
    double unit = precision == RFIM_SINGLE ? (double)FLT_EPSILON : DBL_EPSILON;
    return (finding){backward_error(t->check, t->damped, t->order, b, x),
                     10 * (double)plan.factor_order * unit};
}

static finding solve(trial *t, rfim_damping_rule rule)
{
    return solve_in(t, RFIM_DOUBLE, rule, 1e-6);
}

static finding solve_single(trial *t, rfim_damping_rule rule)
{
    return solve_in(t, RFIM_SINGLE, rule, 1e-3);
}

/* Lambda of one block of the diagonal of G. */
static void expected_damping(rfim_damping_rule rule, double eps, const double *diagonal,
                             size_t order, double *lambda)
{
    double sum = 0;
    for (size_t k = 0; k < order; k++)
        sum += diagonal[k];
    for (size_t k = 0; k < order; k++)
        switch (rule) {
        case RFIM_DAMPING_TRACE:
            lambda[k] = eps * sum;
            break;
        case RFIM_DAMPING_MEAN_DIAGONAL:
            lambda[k] = eps * sum / (double)order;
            break;
        case RFIM_DAMPING_DIAGONAL: /* an entry of 0 takes the mean */
            lambda[k] = eps * (diagonal[k] > 0 ? diagonal[k] : sum / (double)order);
            break;
        case RFIM_DAMPING_ABSOLUTE:
            lambda[k] = eps;
        }
}

static finding damping(trial *t, rfim_damping_rule rule)
{
    if (!begin(t, RFIM_DOUBLE, rule, 3e-3))
        return nothing;
    rfim_representation representation = t->options.representation;
    size_t block = representation == RFIM_SHARED || representation == RFIM_NEURON
                       ? rfim__specimen_rows(t->toy, t->specimen)
                       : t->order;
    double *expected = rfim__check_numbers(t->check, t->order);
    double *diagonal = rfim__check_numbers(t->check, t->order);
    if (!expected || !diagonal || rfim_metric_diagonal(t->metric, diagonal) != RFIM_OK)
        return nothing;
    for (size_t first = 0; first < t->order; first += block)
        expected_damping(rule, t->eps, diagonal + first, block, expected + first);
    return (finding){rfim__check_difference(t->lambda, expected, t->order), 1e-12};
}

/* Of symmetric A: sum of log(eigenvalues), and of their absolute values. */
static bool log_sums(rfim__check *check, const double *a, size_t order, double *sum, double *size)
{
    double *copy = rfim__check_copy(check, a, order * order);
    double *values = rfim__check_numbers(check, order);
    *sum = 0;
    *size = 0;
    if (!copy || !values || !rfim__oracle_eigenvalues(copy, order, values) || !(values[0] > 0))
        return false;
    for (size_t k = 0; k < order; k++) {
        *sum += log(values[k]);
        *size += fabs(log(values[k]));
    }
    return *size > 0;
}

static finding log_det(trial *t, rfim_damping_rule rule)
{
    double found = 0;
    double sum = 0;
    double size = 0;
    if (!begin(t, RFIM_DOUBLE, rule, 1e-3) || rfim_metric_log_det(t->metric, &found) != RFIM_OK ||
        !log_sums(t->check, t->damped, t->order, &sum, &size))
        return nothing;
    return (finding){fabs(found - sum) / size, 1e-11};
}

static finding square_root(trial *t, rfim_damping_rule rule)
{
    if (!begin(t, RFIM_DOUBLE, rule, 1e-3))
        return nothing;
    size_t order = t->order;
    double *rows = rfim__check_numbers(t->check, order * order); /* S^T */
    double *inverse = rfim__check_numbers(t->check, order * order);
    double *product = rfim__check_numbers(t->check, order * order);
    double *identity = rfim__check_numbers(t->check, order * order);
    if (!rows || !inverse || !product || !identity)
        return nothing;
    for (size_t k = 0; k < order; k++) {
        identity[k * order + k] = 1;
        if (rfim_metric_sqrt_solve(t->metric, identity + k * order, rows + k * order) != RFIM_OK)
            return nothing;
    }
    for (size_t k = 0; k < order; k++)
        for (size_t p = 0; p < order; p++)
            for (size_t q = 0; q < order; q++)
                inverse[p * order + q] += rows[k * order + p] * rows[k * order + q];
    rfim__oracle_product(t->damped, inverse, order, order, order, product);
    return (finding){rfim__check_difference(product, identity, order * order), 1e-9};
}

/* Gradients of the mean loss for made-up targets. */
static bool pass_back(trial *t)
{
    rfim__toy *s = t->toy;
    rfim_network *network = s->network;
    size_t m = rfim_network_outputs(network);
    double loss = 0;
    double *values = rfim__check_normals(t->check, s->samples * m);
    int32_t *labels = rfim__check_room(t->check, s->samples, sizeof *labels);
    if (!values || !labels)
        return false;
    for (size_t i = 0; i < s->samples; i++)
        labels[i] = (int32_t)rfim__random_below(&t->check->random, (uint32_t)m);
    rfim_array targets = rfim_network_loss(network) == RFIM_LOSS_SOFTMAX
                             ? rfim_labels(labels, s->samples)
                             : rfim_doubles(values, s->samples, m);
    return rfim_trace_loss(s->trace, targets, &loss) == RFIM_OK &&
           rfim_trace_backward(s->trace) == RFIM_OK;
}

static finding direction(trial *t, rfim_damping_rule rule)
{
    if (!begin(t, RFIM_DOUBLE, rule, 1e-3) || !pass_back(t))
        return nothing;
    double *gradient = rfim__check_numbers(t->check, t->order);
    double *found = rfim__check_numbers(t->check, t->order);
    if (!gradient || !found ||
        rfim_metric_gradient(t->metric, t->toy->trace, gradient) != RFIM_OK ||
        rfim_metric_direction(t->metric, t->toy->trace, found) != RFIM_OK ||
        !rfim__oracle_solve(t->damped, t->order, gradient, 1))
        return nothing;
    return (finding){rfim__check_difference(found, gradient, t->order), 1e-9};
}

/* --- K-FAC's factored damping ----------------------------------------------------------------- */

/* damped <- (A + (root/pi) I) (x) (B + pi root I), A and B read off G = A (x) B with B's last entry
 * 1; root = sqrt(eps tr G), pi^2 = tr(B) m / (tr(A) D) */
static bool factored_definition(trial *t, double eps, double *damped)
{
    size_t D = rfim__specimen_rows(t->toy, t->specimen);
    size_t m = t->order / D;
    const double *g = rfim__check_dense(t->check, t->metric);
    double *a = rfim__check_numbers(t->check, m * m);
    double *b = rfim__check_numbers(t->check, D * D);
    double trace_a = 0;
    double trace_b = 0;
    if (!g || !a || !b)
        return false;
    for (size_t j = 0; j < m; j++)
        for (size_t k = 0; k < m; k++)
            a[j * m + k] = g[(j * D + D - 1) * t->order + k * D + D - 1];
    for (size_t k = 0; k < D; k++)
        for (size_t l = 0; l < D; l++)
            b[k * D + l] = g[k * t->order + l] / a[0];
    for (size_t j = 0; j < m; j++)
        trace_a += a[j * m + j];
    for (size_t k = 0; k < D; k++)
        trace_b += b[k * D + k];
    double root = sqrt(eps * trace_a * trace_b);
    double pi = sqrt(trace_b * (double)m / (trace_a * (double)D));
    for (size_t j = 0; j < m; j++)
        a[j * m + j] += root / pi;
    for (size_t k = 0; k < D; k++)
        b[k * D + k] += pi * root;
    rfim__oracle_kronecker(a, m, b, D, damped);
    return true;
}

static finding factored(trial *t, rfim_damping_rule rule)
{
    const double eps = 1e-4;
    double found = 0;
    double sum = 0;
    double size = 0;
    (void)rule;
    t->options.kronecker_rule = RFIM_KRONECKER_FACTORED;
    if (!begin(t, RFIM_DOUBLE, RFIM_DAMPING_TRACE, eps))
        return nothing;
    double *damped = rfim__check_numbers(t->check, t->order * t->order);
    double *b = rfim__check_normals(t->check, t->order);
    double *x = rfim__check_numbers(t->check, t->order);
    double *diagonal = rfim__check_numbers(t->check, t->order);
    double *lambda = rfim__check_numbers(t->check, t->order);
    if (!damped || !b || !x || !diagonal || !lambda || !factored_definition(t, eps, damped) ||
        rfim_metric_solve(t->metric, b, x) != RFIM_OK ||
        rfim_metric_diagonal(t->metric, diagonal) != RFIM_OK ||
        rfim_metric_log_det(t->metric, &found) != RFIM_OK ||
        !log_sums(t->check, damped, t->order, &sum, &size))
        return nothing;
    for (size_t k = 0; k < t->order; k++)
        lambda[k] = damped[k * t->order + k] - diagonal[k];
    double worst = rfim__check_worse(backward_error(t->check, damped, t->order, b, x),
                                     fabs(found - sum) / size);
    worst = rfim__check_worse(worst, rfim__check_difference(t->lambda, lambda, t->order));
    return (finding){worst, 1e-11};
}

/* --- tables ----------------------------------------------------------------------------------- */

typedef finding verb_fn(trial *t, rfim_damping_rule rule);

static const struct row {
    const char *name;
    const char *against;
    verb_fn *verb;
    int rules;     /* of rfim_damping_rule, from the first */
    unsigned not ; /* bits of representations that do not offer it */
} verbs[] = {
    {"solve", "backward error", solve, 4, 0},
    {"solve, float32", "backward error", solve_single, 4, 0},
    {"damping", "definition", damping, 4, 0},
    {"log det", "Jacobi", log_det, 1, 0},
    {"square root", "identity", square_root, 1, 1u << RFIM_GRAM | 1u << RFIM_SOFTMAX},
    {"direction", "elimination", direction, 1, 0},
};

/* Nearer to its limit, or beyond it; what is not a number is beyond all. */
static finding worse(finding a, finding b)
{
    if (isnan(a.error) || isnan(b.error))
        return nothing;
    return a.error / a.tolerance >= b.error / b.tolerance ? a : b;
}

static void check_verb(rfim__check *check, rfim_representation representation,
                       const struct row *row)
{
    finding worst = nothing;
    size_t tried = 0;
    for (size_t s = 0; s < rfim__specimens_count; s++) {
        const rfim__specimen *specimen = &rfim__specimens[s];
        bool untrained = specimen->variable == RFIM_VARIABLE_INPUT && row->verb == direction;
        if (!rfim__specimen_is_for(check, specimen, representation) || untrained)
            continue;
        for (int rule = 0; rule < row->rules; rule++) {
            trial t = {.check = check, .specimen = specimen};
            t.options = rfim__specimen_options(specimen, representation);
            finding found = row->verb(&t, (rfim_damping_rule)rule);
            worst = tried++ > 0 ? worse(worst, found) : found;
        }
    }
    rfim__check_near(check, row->against, worst.error, worst.tolerance);
}

void rfim__check_solving(rfim__check *check)
{
    static const struct row by_factors = {"", "definition", factored, 1, 0};
    for (int r = 0; r < RFIM_REPRESENTATIONS; r++)
        for (size_t v = 0; v < sizeof verbs / sizeof verbs[0]; v++) {
            rfim_representation representation = (rfim_representation)r;
            if (verbs[v].not >> r & 1)
                continue;
            if (!rfim__check_begin(check, "%s: %s", rfim_representation_name(representation),
                                   verbs[v].name))
                return;
            check_verb(check, representation, &verbs[v]);
        }
    if (rfim__check_begin(check, "kronecker: factored damping"))
        check_verb(check, RFIM_KRONECKER, &by_factors);
}
