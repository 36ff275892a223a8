/* Metrics that are not positive definite, or too large; that no verb allocates, and that bits do
 * not depend on threads. */
#include "conformance.h"

/* The solution of a random system, to the bit what it was before? */
static void expect_same_solution(trial *t, specimen *s, const double *v, const double *before,
                                 const char *when)
{
    size_t N = s->shape.order;
    double *z = new_values(t, N);
    apply(t, s, s->metric->table->solve, v, z);
    expect(t, memcmp(z, before, N * sizeof *z) == 0, "%s: %s, the last good factor has changed",
           s->metric->table->name, when);
}

/* In the shape of a neuron's metric: nothing but block `b`. */
static void leave_one_block(const specimen *s, sample_set *drawn, size_t b)
{
    size_t m = s->parts[0].columns;
    for (size_t r = 0; r < drawn->samples * drawn->copies && drawn->factors[0]; r++)
        for (size_t j = 0; j < m; j++)
            drawn->factors[0][r * m + j] = j == b ? drawn->factors[0][r * m + j] : 0;
}

/* G <- G - 3 H with a H that only block b holds (neuron) or H = G (all others). The eigenvalues of
 * what is left decide how much damping is enough: after 1, 2 or 3 retries, or never. Absolute
 * damping: 3, 0.3, 0.03 or 0.003 times what is missing, tenfold each time. */
static void indefinite_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    size_t N = s.shape.order;
    bool apart = s.representation == RFIM_NEURON && s.shape.curvature != RFIM__UNIT &&
                 s.shape.curvature != RFIM__CLASSES;
    size_t b = apart ? rfim__random_below(&t->random, (uint32_t)s.parts[0].columns) : 0;
    sample_set drawn = draw(t, &s);
    double *v = new_values(t, N);
    double *before = new_values(t, N);
    if (s.metric->table->samples || s.factored) { /* never indefinite; K-FAC adds otherwise */
        rfim__metric_free(s.metric);
        return;
    }
    random_vector(t, N, v);
    observe(t, &s, s.metric, 0, 1, &drawn);
    rfim__metric_refresh(s.metric, RFIM_DAMPING_TRACE, 0.1);
    apply(t, &s, s.metric->table->solve, v, before);
    if (apart)
        leave_one_block(&s, &drawn, b);
    rfim__metric *other = metric_of(t, &s);
    observe(t, &s, other, 0, 1, &drawn);
    s.metric->table->merge(s.metric, 1, -3, other);
    double missing = -eigenvalues(t, dense_of(t, &s, s.metric->table->multiply), N)[0];
    for (int retries = 4; retries >= 1 && missing > 0; retries--) {
        bool helps = retries < 4;
        double eps = missing * 3 * pow(10, -retries);
        rfim_metric_refresh_report report = rfim__metric_refresh(s.metric, RFIM_DAMPING_ABSOLUTE,
                                                                 eps);
        expect(t,
               report.retries == (helps ? (size_t)retries : 3) && report.kept == !helps &&
                   (apart || s.representation != RFIM_NEURON ? report.block == b + 1
                                                             : report.block > 0),
               "%s: %zu retries for %d, kept %d, block %zu for %zu", s.metric->table->name,
               report.retries, retries, report.kept, report.block, b + 1);
        expect(t, !helps || fabs(report.damping - 0.3 * missing * 10) < 1e-6 * missing,
               "the damping in use is %g", report.damping);
        if (!helps)
            expect_same_solution(t, &s, v, before, "after an indefinite metric");
    }
    rfim__metric_free(other);
    rfim__metric_free(s.metric);
}

/* Far beyond what ten thousand times the damping would mend, by every rule; NaN. */
static void hopeless_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    size_t N = s.shape.order;
    sample_set drawn = draw(t, &s);
    double *v = new_values(t, N);
    double *before = new_values(t, N);
    random_vector(t, N, v);
    observe(t, &s, s.metric, 0, 1, &drawn);
    rfim_metric_refresh_report report = rfim__metric_refresh(s.metric, RFIM_DAMPING_TRACE, 0.1);
    expect(t, !report.kept && s.metric->factorised, "%s: the good metric fails",
           s.metric->table->name);
    apply(t, &s, s.metric->table->solve, v, before);
    for (size_t way = 0; way < 2; way++) {
        if (way == 0 && s.metric->table->samples)
            continue; /* weighed samples make no indefinite metric */
        rfim__metric *other = metric_of(t, &s);
        if (way == 1)
            drawn.reference[0][0] = NAN;
        observe(t, &s, other, 0, 1, &drawn);
        s.metric->table->merge(s.metric, 1, way == 0 ? -1e6 : 1, other);
        rfim__metric_free(other);
        for (rfim_damping_rule rule = RFIM_DAMPING_TRACE; rule <= RFIM_DAMPING_ABSOLUTE; rule++) {
            if (s.factored && rule == RFIM_DAMPING_DIAGONAL)
                continue; /* refused in public */
            report = rfim__metric_refresh(s.metric, rule, 1e-9);
            expect(t, report.kept && report.retries == 3 && report.block > 0,
                   "%s, rule %d: kept %d, %zu retries, block %zu", s.metric->table->name, (int)rule,
                   report.kept, report.retries, report.block);
            expect(t, s.metric->damping == 0.1 && report.damping == 0.1, "damping %g",
                   s.metric->damping);
            expect_same_solution(t, &s, v, before, way == 0 ? "after -1e6 G" : "after NaN");
        }
    }
    rfim__metric_free(s.metric);
}

/* Nothing known at all: Lambda is eps I, whatever the rule. */
static void empty_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    size_t N = s.shape.order;
    double *v = new_values(t, N);
    double *z = new_values(t, N);
    random_vector(t, N, v);
    for (rfim_damping_rule rule = RFIM_DAMPING_TRACE; rule <= RFIM_DAMPING_ABSOLUTE; rule++) {
        rfim_metric_refresh_report report = rfim__metric_refresh(s.metric, rule, 0.25);
        apply(t, &s, s.metric->table->solve, v, z);
        expect(t, report.block == 0 && !report.kept, "%s: block %zu of an empty metric fails",
               s.metric->table->name, report.block);
        for (size_t c = 0; c < N; c++)
            expect(t, fabs(z[c] - 4 * v[c]) <= 64 * t->unit * fabs(v[c]), "%s: %g of %g",
                   s.metric->table->name, z[c], v[c]);
    }
    rfim__metric_free(s.metric);
}

/* What the verbs return goes into operands and scalars, which are compared between 1, 2 and 4
 * threads (algebra/conformance.h). */
static void bits_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    sample_set drawn = draw(t, &s);
    double *v = new_values(t, s.shape.order);
    double *z = new_values(t, s.shape.order);
    random_vector(t, s.shape.order, v);
    observe(t, &s, s.metric, 0, 1, &drawn);
    rfim_metric_refresh_report report = rfim__metric_refresh(s.metric, RFIM_DAMPING_TRACE, 0.01);
    expect(t, report.block == 0, "%s: block %zu failed", s.metric->table->name, report.block);
    apply(t, &s, s.metric->table->multiply, v, z);
    tell(t, length(z, s.shape.order));
    tell(t, s.metric->table->squares(s.metric));
    tell(t, s.metric->table->log_det(s.metric));
    apply(t, &s, s.metric->table->solve, v, z);
    rfim__metric_free(s.metric);
}

/* --- memory ----------------------------------------------------------------------------------- */

static size_t allocations;

static void *counted(void *user, size_t alignment, size_t bytes)
{
    (void)user;
    allocations++;
    return aligned_alloc(alignment, bytes);
}

static void give_back(void *user, void *memory)
{
    (void)user;
    free(memory);
}

/* Every verb once, and no allocation. */
static void verbs_property(trial *t)
{
    specimen s = {0};
    specimen_create(t, &s);
    rfim__metric *other = metric_of(t, &s);
    sample_set drawn = draw(t, &s);
    double *values = new_values(t, s.shape.order);
    rfim__metric_tensor tensors[RFIM__METRIC_TENSORS];
    const rfim__metric_table *table = s.metric->table;
    scatter(t, &s, values, s.v);
    size_t before = allocations;
    observe(t, &s, s.metric, 0, 1, &drawn);
    observe(t, &s, other, 0, 1, &drawn);
    table->merge(s.metric, 1, 1, other);
    table->tensors(s.metric, tensors);
    rfim__metric_refresh(s.metric, RFIM_DAMPING_TRACE, 0.1);
    table->multiply(s.metric, s.v, s.out);
    table->solve(s.metric, s.v, s.out);
    table->direction(s.metric, s.v, s.out);
    if (table->sqrt_solve)
        table->sqrt_solve(s.metric, s.v, s.out);
    table->log_det(s.metric);
    table->diagonal(s.metric, s.out);
    table->squares(s.metric);
    table->spectrum(s.metric, values);
    table->set_identity(s.metric, 0);
    expect(t, allocations == before, "%s allocates", table->name);
    rfim__metric_free(other);
    rfim__metric_free(s.metric);
}

static void no_verb_allocates(void **state)
{
    (void)state;
    rfim_context_options options;
    backends one = {.count = 1, .seed = 20170806, .threads_every = 1000000007};
    rfim_context_defaults(&options);
    options.allocator = (rfim_allocator){counted, give_back, NULL};
    assert_int_equal(rfim_context_create(&options, &one.contexts[0]), RFIM_OK);
    one.context_count = 1;
    assert_int_equal(
        rfim__algebra_create_cpu(one.contexts[0], RFIM_DOUBLE, &one.variants[0].algebra[0]),
        RFIM_OK);
    strcpy(one.variants[0].name, "cpu, counted");
    over_representations(&one, verbs_property);
    assert_true(allocations > 0);
    rfim__algebra_free(one.variants[0].algebra[0]);
    rfim_context_free(one.contexts[0]);
}

/* Counted before anything is allocated, and told with its size and with what would fit. */
static void metrics_beyond_the_limit_are_refused_with_their_size(void **state)
{
    backends *all = *state;
    rfim__algebra *algebra = all->variants[0].algebra[0];
    rfim__part part = {.kind = RFIM__LAYER, .rows = 785, .columns = 80};
    rfim__shape shape = {.parts = &part,
                         .count = 1,
                         .order = (size_t)785 * 80,
                         .copies = 1,
                         .curvature = RFIM__WEIGHTS,
                         .scale = 1,
                         .piece = 64,
                         .max_samples = 64};
    rfim__metric_settings settings = {
        .representation = RFIM_DENSE, .name = "layer1", .max_bytes = (size_t)2 << 30};
    rfim__metric *metric = (rfim__metric *)&shape;
    rfim__metric planned;
    rfim_metric_plan plan;
    assert_int_equal(rfim__metric_create(algebra, &shape, &settings, &metric), RFIM_ERROR_MEMORY);
    assert_null(metric);
    const char *told = rfim_context_error(algebra->context);
    static const char *const words[] = {"dense", "layer1", "94.7 GB", "2.15 GB"};
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        if (!strstr(told, words[w]))
            fail_msg("`%s` is not in: %s", words[w], told);
    char state_of[4096];
    memset(state_of, 0, sizeof state_of);
    assert_true(rfim__dense_metric.state_bytes(&shape) <= sizeof state_of);
    assert_true(rfim__metric_plan(algebra, &shape, &settings, state_of, &planned, &plan));
    assert_true(plan.order == shape.order && plan.factor_order == shape.order && plan.blocks == 1);
    assert_true(plan.bytes > 9.4e10 && plan.bytes < 9.6e10);
    part.rows = part.columns = SIZE_MAX / 2;
    shape.order = SIZE_MAX / 2;
    for (size_t r = 0; r < RFIM_REPRESENTATIONS; r++) {
        settings.representation = (rfim_representation)r;
        shape.curvature = r == RFIM_SHARED    ? RFIM__UNIT
                          : r == RFIM_SOFTMAX ? RFIM__CLASSES
                                              : RFIM__WEIGHTS;
        if (!rfim__metric_tables[r])
            continue;
        assert_int_equal(rfim__metric_create(algebra, &shape, &settings, &metric),
                         RFIM_ERROR_MEMORY);
        assert_non_null(strstr(rfim_context_error(algebra->context), "layer1"));
    }
}

/* --- tests ------------------------------------------------------------------------------------ */

static void damping_is_raised_until_it_is_enough(void **state)
{
    over_representations(*state, indefinite_property);
}

static void the_last_good_factor_goes_on_solving(void **state)
{
    over_representations(*state, hopeless_property);
}

static void a_metric_that_knows_nothing_is_damped_by_eps(void **state)
{
    over_representations(*state, empty_property);
}

static void bits_do_not_depend_on_threads(void **state)
{
    backends *all = *state;
    all->threads_every = 1;
    over_regimes(all, bits_property, LARGE, LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damping_is_raised_until_it_is_enough),
        cmocka_unit_test(the_last_good_factor_goes_on_solving),
        cmocka_unit_test(a_metric_that_knows_nothing_is_damped_by_eps),
        cmocka_unit_test(no_verb_allocates),
        cmocka_unit_test(metrics_beyond_the_limit_are_refused_with_their_size),
        cmocka_unit_test(bits_do_not_depend_on_threads),
    };
    return cmocka_run_group_tests_name("metric: failures", tests, representations_set_up,
                                       backends_tear_down);
}
