/* What a refresh makes of a metric, and the directions that follow. */
#include "subject.h"

/* --- refreshing ------------------------------------------------------------------------------- */

static const rfim_damping_rule rules[] = {RFIM_DAMPING_TRACE, RFIM_DAMPING_MEAN_DIAGONAL,
                                          RFIM_DAMPING_DIAGONAL, RFIM_DAMPING_ABSOLUTE};

/* Spec 2.0. */
static double lambda_of(rfim_damping_rule rule, double eps, const double *a, size_t order, size_t k)
{
    double metric_trace = trace_of(a, order);
    switch (rule) {
    case RFIM_DAMPING_TRACE:
        return eps * metric_trace;
    case RFIM_DAMPING_MEAN_DIAGONAL:
        return eps * metric_trace / (double)order;
    case RFIM_DAMPING_DIAGONAL:
        return a[k * order + k] > 0 ? eps * a[k * order + k] : eps * metric_trace / (double)order;
    default:
        return eps;
    }
}

/* The condition of a damped block is at most (largest possible eigenvalue) / (least Lambda). */
static double condition_bound(const subject *s, const double *undamped, const double *damped_block)
{
    double least = INFINITY;
    for (size_t k = 0; k < s->order; k++)
        least = fmin(least, damped_block[k * s->order + k] - undamped[k * s->order + k]);
    return trace_of(damped_block, s->order) / least;
}

static void expect_lambda(trial *t, const subject *s, rfim_damping_rule rule, double eps)
{
    for (size_t b = 0; b < s->blocks; b++) {
        const double *a = dense(t, s, s->metric->m, b);
        for (size_t k = 0; k < s->order; k++) {
            double lambda = lambda_of(rule, eps, a, s->order, k);
            double found = entry(t, s->metric->lambda, k, b);
            expect(t, fabs(found - lambda) <= ((double)s->order * 0x1p-53 + 2 * t->unit) * lambda,
                   "rule %d: lambda %zu of block %zu is %.17g, not %.17g", (int)rule, k, b, found,
                   lambda);
        }
    }
}

/* (M + Lambda) P = I, and the direction is the solution D_b of (M + Lambda) D_b = gradient_b; both
 * up to 8 u condition sqrt(D) (see tests/algebra/test_factors.c). */
static void expect_solved(trial *t, const subject *s, const operand *gradient, const operand *out)
{
    size_t order = s->order;
    for (size_t b = 0; b < s->blocks; b++) {
        const double *m = dense(t, s, s->metric->m, b);
        const double *a = damped_dense(t, s, b);
        const double *p = dense(t, s, s->metric->factor, b);
        double bound = 8 * t->unit * condition_bound(s, m, a) * sqrt((double)order + 1);
        double error = 0;
        for (size_t k = 0; k < order; k++) {
            for (size_t l = 0; l < order; l++) {
                long double sum = k == l ? -1 : 0;
                for (size_t q = 0; q < order; q++)
                    sum += (long double)a[k * order + q] * p[q * order + l];
                error += (double)(sum * sum);
            }
        }
        expect(t, sqrt(error) <= bound * sqrt((double)order),
               "|(M + Lambda) P - I| is %g, bound %g", sqrt(error), bound * sqrt((double)order));
        for (size_t j = b; j < s->outputs; j += s->blocks) {
            double size = 0;
            error = 0;
            for (size_t k = 0; k < order; k++) {
                long double sum = -get(t, gradient, k, j);
                for (size_t q = 0; q < order; q++)
                    sum += (long double)a[k * order + q] * get(t, out, q, j);
                error += (double)(sum * sum);
                size += pow(get(t, gradient, k, j), 2);
            }
            expect(t, sqrt(error) <= bound * sqrt(size), "direction %zu: residual %g, bound %g", j,
                   sqrt(error), bound * sqrt(size));
        }
    }
}

static void refresh_property(trial *t)
{
    subject s = subject_create(t);
    operand *gradient = random_operand(t, s.order, s.outputs);
    operand *out = new_operand(t, s.order, s.outputs);
    freeze(gradient);
    if (s.order > 4) /* an input that is never on: `diagonal` has a floor for it */
        for (size_t i = 0; i < s.samples; i++)
            set(t, s.x, i, 2, 0);
    rfim_damping_rule rule = rules[t->seed / CHOICES % 4];
    double eps = uniform(t, 0.01, 0.1);
    observe(s.metric, 0, 1, &s, &s.view);
    rfim_metric_refresh_report result = rfim__metric_refresh(s.metric, rule, eps);
    expect(t, result.retries == 0 && !result.kept && result.block == 0,
           "rule %d: refresh failed in block %zu", (int)rule, result.block);
    expect(t, s.metric->damping == eps, "the damping in use is not told");
    direction(&s, gradient, out);
    if (t->compare) {
        expect_lambda(t, &s, rule, eps);
        expect_solved(t, &s, gradient, out);
    }
    rfim__metric_free(s.metric);
}

/* Before the first refresh P is I / prior. */
static void prior_property(trial *t)
{
    subject s = subject_create(t);
    operand *gradient = random_operand(t, s.order, s.outputs);
    operand *out = new_operand(t, s.order, s.outputs);
    freeze(gradient);
    observe(s.metric, 0.9, 0.1, &s, &s.view);
    direction(&s, gradient, out);
    for (size_t k = 0; k < s.order; k++)
        for (size_t j = 0; j < s.outputs; j++)
            expect(t, get(t, out, k, j) == get(t, gradient, k, j) / choice_of(t)->prior,
                   "direction %zu %zu is not the gradient's by the prior", k, j);
    expect(t, s.metric->damping == 0, "there is no factor yet, and no damping");
    rfim__metric_free(s.metric);
}

/* Other units of the inputs, x_k -> s_k x_k: `diagonal` damping moves the responses as before,
 * W_k -> W_k / s_k. Powers of two, so that the scaling itself is exact; pivots are scaled then,
 * too, and no digit changes but in sums of other magnitudes. `trace` damping is not invariant. */
static void units_property(trial *t)
{
    subject s = subject_create(t);
    size_t order = s.order;
    operand *gradient = random_operand(t, order, s.outputs);
    operand *out = new_operand(t, order, s.outputs);
    operand *scaled_out = new_operand(t, order, s.outputs);
    double *scale = new_values(t, order);
    for (size_t k = 0; k < order; k++)
        scale[k] = k + 1 < order ? ldexp(1, (int)rfim__random_below(&t->random, 21) - 10) : 1;
    static const rfim_damping_rule tried[] = {RFIM_DAMPING_DIAGONAL, RFIM_DAMPING_TRACE};
    double change[2] = {0, 0};
    double size[2] = {0, 0};
    for (size_t r = 0; r < 2; r++) {
        for (size_t scaled = 0; scaled < 2; scaled++) {
            observe(s.metric, 0, 1, &s, &s.view);
            rfim_metric_refresh_report result = rfim__metric_refresh(s.metric, tried[r], 0.1);
            expect(t, result.retries == 0, "refresh failed");
            direction(&s, gradient, scaled ? scaled_out : out);
            for (size_t k = 0; k < order; k++) {
                double by = scaled ? 1 / scale[k] : scale[k];
                for (size_t i = 0; i < s.samples; i++)
                    set(t, s.x, i, k, by * get(t, s.x, i, k));
                for (size_t j = 0; j < s.outputs; j++)
                    set(t, gradient, k, j, by * get(t, gradient, k, j));
            }
        }
        for (size_t k = 0; k < order; k++) {
            for (size_t j = 0; j < s.outputs; j++) {
                double before = get(t, out, k, j);
                change[r] += pow(get(t, scaled_out, k, j) * scale[k] - before, 2);
                size[r] += before * before;
            }
        }
    }
    /* condition of what is inverted, in units where the diagonal is 1: at most (D + 0.1) / 0.1 */
    double bound = 16 * t->unit * 10 * ((double)order + 1) * sqrt((double)order + 1);
    expect(t, sqrt(change[0]) <= bound * sqrt(size[0]), "`diagonal` depends on units: %g of %g",
           sqrt(change[0]), sqrt(size[0]));
    expect(t, order < 9 || sqrt(change[1]) > 0.01 * sqrt(size[1]), "`trace` does not: %g",
           sqrt(change[1]));
    rfim__metric_free(s.metric);
}

/* --- failures --------------------------------------------------------------------------------- */

/* M <- I, but entry (k, k) of block b is `bad`. */
static void spoil(const trial *t, const subject *s, size_t b, size_t k, double bad)
{
    s->metric->table->set_identity(s->metric, 1);
    set_metric(t, s, b, k, k, bad);
}

/* The damping is raised tenfold, three times at most; 0.01, 0.1, 1 and 10 are tried here. */
static void retry_property(trial *t)
{
    static const double bad[] = {-0.05, -0.5, -5};
    subject s = subject_create(t);
    operand *gradient = random_operand(t, s.order, s.outputs);
    operand *out = new_operand(t, s.order, s.outputs);
    for (size_t retries = 1; retries <= 3; retries++) {
        size_t block = rfim__random_below(&t->random, (uint32_t)s.blocks);
        size_t k = rfim__random_below(&t->random, (uint32_t)s.order);
        spoil(t, &s, block, k, bad[retries - 1]);
        rfim_metric_refresh_report result = rfim__metric_refresh(s.metric, RFIM_DAMPING_ABSOLUTE,
                                                                 0.01);
        expect(t, result.retries == retries && !result.kept && result.block == block + 1,
               "%zu retries, kept %d, block %zu", result.retries, result.kept, result.block);
        expect(t, fabs(s.metric->damping - 0.01 * pow(10, (double)retries)) < 1e-12, "damping %g",
               s.metric->damping);
        direction(&s, gradient, out);
        if (t->compare) {
            expect_lambda(t, &s, RFIM_DAMPING_ABSOLUTE, s.metric->damping);
            expect_solved(t, &s, gradient, out);
        }
    }
    rfim__metric_free(s.metric);
}

/* Nothing helps: the last good factor stays, to the bit, and goes on working; the next refresh
 * starts from the damping asked for. */
static void keep_property(trial *t)
{
    static const double bad[] = {-1e3, NAN, INFINITY, -INFINITY};
    subject s = subject_create(t);
    operand *gradient = random_operand(t, s.order, s.outputs);
    operand *before = new_operand(t, s.order, s.outputs);
    operand *after = new_operand(t, s.order, s.outputs);
    observe(s.metric, 0.5, 0.5, &s, &s.view);
    rfim_metric_refresh_report result = rfim__metric_refresh(s.metric, RFIM_DAMPING_MEAN_DIAGONAL,
                                                             0.02);
    expect(t, !result.kept && result.retries == 0, "the good metric fails");
    direction(&s, gradient, before);
    for (size_t way = 0; way < 4; way++) {
        for (size_t r = 0; r < 4; r++) {
            size_t block = rfim__random_below(&t->random, (uint32_t)s.blocks);
            spoil(t, &s, block, rfim__random_below(&t->random, (uint32_t)s.order), bad[way]);
            result = rfim__metric_refresh(s.metric, rules[r], 0.001);
            expect(t, result.kept && result.retries == 3 && result.block == block + 1,
                   "%g, rule %zu: kept %d, %zu retries, block %zu of %zu", bad[way], r, result.kept,
                   result.retries, result.block, block + 1);
            expect(t, s.metric->damping == 0.02, "damping %g is not the factor's",
                   s.metric->damping);
            direction(&s, gradient, after);
            for (size_t k = 0; k < s.order; k++)
                for (size_t j = 0; j < s.outputs; j++)
                    expect(t, get(t, after, k, j) == get(t, before, k, j), "the factor changed");
        }
    }
    s.metric->table->set_identity(s.metric, 1);
    result = rfim__metric_refresh(s.metric, RFIM_DAMPING_ABSOLUTE, 0.5);
    expect(t, !result.kept && result.retries == 0 && s.metric->damping == 0.5,
           "a good metric after a bad one fails");
    rfim__metric_free(s.metric);
}

/* A block without any information (a neuron that is dead for a whole batch, nothing remembered)
 * must not stop the others: it is damped by eps itself. So is one whose numbers are so small that
 * their inverses would not be finite. */
static void nothing_known_property(trial *t)
{
    static const double left[] = {0, 1e-320, 1e-44, 1e-39, 1e-36};
    subject s = subject_create(t);
    for (size_t way = 0; way < 5; way++) {
        for (size_t r = 0; r < 4; r++) {
            s.metric->table->set_identity(s.metric, 1);
            size_t block = rfim__random_below(&t->random, (uint32_t)s.blocks);
            for (size_t k = 0; k < s.order; k++)
                set_metric(t, &s, block, k, k, left[way]);
            rfim_metric_refresh_report result = rfim__metric_refresh(s.metric, rules[r], 0.001);
            expect(t, result.retries == 0 && !result.kept, "rule %zu with %g left: block %zu fails",
                   r, left[way], result.block);
            expect(t, t->algebra->ops.finite(t->algebra, s.metric->factor),
                   "rule %zu with %g left: the inverse is not finite", r, left[way]);
            for (size_t b = 0; b < s.blocks; b++) {
                double inverse = metric_entry(t, &s, s.metric->factor, b, 0, 0);
                expect(t, left[way] > 0 || b != block || fabs(inverse - 1000) < 0.01,
                       "block %zu is damped by %g", b, 1 / inverse);
            }
        }
    }
    rfim__metric_free(s.metric);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void a_refresh_inverts_the_damped_metric_by_every_rule(void **state)
{
    for (size_t r = 0; r < 4; r++)
        over_metrics(*state, refresh_property);
}

static void before_the_first_refresh_the_prior_is_inverted(void **state)
{
    over_metrics(*state, prior_property);
}

static void diagonal_damping_does_not_depend_on_units(void **state)
{
    over_metrics(*state, units_property);
}

static void damping_is_raised_until_the_metric_is_positive_definite(void **state)
{
    over_metrics(*state, retry_property);
}

static void the_last_good_factor_stays_when_nothing_helps(void **state)
{
    over_metrics(*state, keep_property);
}

static void a_block_that_knows_nothing_does_not_stop_the_others(void **state)
{
    over_metrics(*state, nothing_known_property);
}

/* Memory of at most a megabyte a piece. */
static void *little(void *user, size_t alignment, size_t bytes)
{
    (void)user;
    return bytes > (1 << 20) ? NULL : aligned_alloc(alignment, bytes);
}

static void give_back(void *user, void *memory)
{
    (void)user;
    free(memory);
}

static void a_metric_larger_than_memory_is_refused(void **state)
{
    (void)state;
    static const size_t inputs[] = {2000, SIZE_MAX / 2, SIZE_MAX - 1};
    rfim_context_options options;
    rfim_context *context = NULL;
    rfim__algebra *algebra = NULL;
    rfim_context_defaults(&options);
    options.allocator = (rfim_allocator){little, give_back, NULL};
    assert_int_equal(rfim_context_create(&options, &context), RFIM_OK);
    assert_int_equal(rfim__algebra_create_cpu(context, RFIM_SINGLE, &algebra), RFIM_OK);
    for (size_t i = 0; i < 3; i++) {
        for (int r = RFIM_SHARED; r <= RFIM_NEURON; r++) {
            rfim__module module = {.name = "layer3", .inputs = inputs[i], .outputs = 10};
            choice chosen = {(rfim_representation)r, {RFIM__RELU, 0, 1, 1, NULL}, 1, 1};
            rfim__metric *metric = (rfim__metric *)&module;
            assert_int_equal(try_to_create(algebra, &chosen, &module, 50, &metric),
                             RFIM_ERROR_MEMORY);
            assert_null(metric);
            assert_non_null(strstr(rfim_context_error(context), "layer3"));
        }
    }
    rfim__metric_free(NULL);
    rfim__algebra_free(algebra);
    rfim_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refresh_inverts_the_damped_metric_by_every_rule),
        cmocka_unit_test(before_the_first_refresh_the_prior_is_inverted),
        cmocka_unit_test(diagonal_damping_does_not_depend_on_units),
        cmocka_unit_test(damping_is_raised_until_the_metric_is_positive_definite),
        cmocka_unit_test(the_last_good_factor_stays_when_nothing_helps),
        cmocka_unit_test(a_block_that_knows_nothing_does_not_stop_the_others),
        cmocka_unit_test(a_metric_larger_than_memory_is_refused),
    };
    return cmocka_run_group_tests_name("metric: refresh and direction", tests, metrics_set_up,
                                       backends_tear_down);
}
