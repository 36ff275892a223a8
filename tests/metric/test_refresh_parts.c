/* A refresh that needs float64, and one that is done in parts while the metric goes on changing. */
#include "subject.h"

/* A metric as the trial's choice says; the subject's own is freed. */
static void create_again(trial *t, subject *s, bool wide, bool background)
{
    rfim__metric_free(s->metric);
    assert_int_equal(try_to_create_as(t->algebra, choice_of(t), &s->module, s->samples, wide,
                                      background, &s->metric),
                     RFIM_OK);
}

/* Every entry of every block is 1: next to it float32 does not see a damping of 1e-9. */
static void set_ones(const trial *t, const subject *s)
{
    for (size_t b = 0; b < s->blocks; b++)
        for (size_t k = 0; k < s->order; k++)
            for (size_t l = 0; l <= k; l++)
                set_metric(t, s, b, k, l, 1);
}

/* P = (1 1^T + eps I)^-1 = (I - 1 1^T / (D + eps)) / eps */
static void expect_inverse_of_ones(const trial *t, const subject *s, double eps)
{
    for (size_t b = 0; b < s->blocks; b++) {
        for (size_t k = 0; k < s->order; k++) {
            for (size_t l = 0; l <= k; l++) {
                double expected = ((k == l) - 1 / ((double)s->order + eps)) / eps;
                double found = metric_entry(t, s, s->metric->factor, b, k, l);
                /* float64 knows 1 + eps to 2^-53, a ten-millionth of eps */
                expect(t, fabs(found - expected) <= 4e-6 / eps, "entry %zu %zu is %g, not %g", k, l,
                       found, expected);
            }
        }
    }
}

static void float64_property(trial *t)
{
    subject s = subject_create(t);
    bool lost = t->algebra->precision == RFIM_SINGLE && s.order > 1;
    set_ones(t, &s);
    rfim_metric_refresh_report report = rfim__metric_refresh(s.metric, RFIM_DAMPING_ABSOLUTE, 1e-9);
    expect(t, report.retries == 0 && !report.kept && report.damping == 1e-9, "%zu retries, kept %d",
           report.retries, report.kept);
    expect(t, report.wide == lost && report.block == (lost ? 1 : 0),
           "float64 %d, block %zu failed first", report.wide, report.block);
    expect_inverse_of_ones(t, &s, 1e-9);
    report = rfim__metric_refresh(s.metric, RFIM_DAMPING_ABSOLUTE, 1);
    expect(t, report.wide == 0 && report.block == 0, "float64 without need");
    rfim__metric_free(s.metric);
}

static void at_once_property(trial *t)
{
    subject s = subject_create(t);
    create_again(t, &s, true, false);
    set_ones(t, &s);
    rfim_metric_refresh_report report = rfim__metric_refresh(s.metric, RFIM_DAMPING_ABSOLUTE, 1e-9);
    expect(t, report.retries == 0 && !report.kept && report.block == 0, "block %zu fails",
           report.block);
    expect(t, report.wide == (t->algebra->precision == RFIM_SINGLE), "float64: %d", report.wide);
    expect_inverse_of_ones(t, &s, 1e-9);
    rfim__metric_free(s.metric);
}

/* Where float64 fails as well the damping is raised, as before. */
static void indefinite_property(trial *t)
{
    subject s = subject_create(t);
    s.metric->table->set_identity(s.metric, 1);
    set_metric(t, &s, 0, s.order - 1, s.order - 1, -.5);
    rfim_metric_refresh_report report = rfim__metric_refresh(s.metric, RFIM_DAMPING_ABSOLUTE, .1);
    expect(t, report.retries == 1 && !report.kept && report.block == 1 && report.damping == 1,
           "%zu retries, kept %d, block %zu", report.retries, report.kept, report.block);
    rfim__metric_free(s.metric);
}

static void same_factor(const trial *t, const subject *s, const subject *other, const char *when)
{
    for (size_t b = 0; b < s->blocks; b++)
        for (size_t k = 0; k < s->order; k++)
            for (size_t l = 0; l <= k; l++)
                expect(t,
                       metric_entry(t, s, s->metric->factor, b, k, l) ==
                           metric_entry(t, other, other->metric->factor, b, k, l),
                       "%s: entry %zu %zu of block %zu differs", when, k, l, b);
}

/* Between prepare and accept M changes and directions are taken; the factor that comes is that of
 * prepare, to the bit, and until then the old one works. */
static void background_property(trial *t)
{
    subject s = subject_create(t);
    subject plain = s;
    plain.metric = metric_create(t, &s.module, s.samples);
    create_again(t, &s, false, true);
    rfim__algebra *other = NULL;
    if (strcmp(t->algebra->ops.name, "ref") == 0)
        assert_int_equal(rfim__algebra_create_ref(t->algebra->context, &other), RFIM_OK);
    else
        assert_int_equal(
            rfim__algebra_create_cpu(t->algebra->context, t->algebra->precision, &other), RFIM_OK);
    assert_int_equal(rfim__algebra_reserve(other, rfim__metric_factorise_room(s.metric)), RFIM_OK);
    observe(s.metric, 0.5, 0.5, &s, &s.view);
    observe(plain.metric, 0.5, 0.5, &s, &s.view);
    rfim__metric_prepare(s.metric, RFIM_DAMPING_MEAN_DIAGONAL, 0.02);
    observe(s.metric, 0.1, 3, &s, &s.view);
    same_factor(t, &s, &plain, "before the refresh");
    rfim_metric_refresh_report report = rfim__metric_factorise_next(s.metric, other);
    observe(s.metric, 0.1, 3, &s, &s.view);
    same_factor(t, &s, &plain, "before it is accepted");
    expect(t, s.metric->damping == 0, "the damping is not that of the factor");
    rfim__metric_accept(s.metric, &report);
    rfim__metric_refresh(plain.metric, RFIM_DAMPING_MEAN_DIAGONAL, 0.02);
    same_factor(t, &s, &plain, "after it");
    expect(t, s.metric->damping == 0.02 && s.metric->factorised, "damping %g", s.metric->damping);
    set_metric(t, &s, 0, 0, 0, NAN);
    rfim__metric_prepare(s.metric, RFIM_DAMPING_MEAN_DIAGONAL, 0.5);
    report = rfim__metric_factorise_next(s.metric, other);
    rfim__metric_accept(s.metric, &report);
    expect(t, report.kept && s.metric->damping == 0.02, "NaN is accepted");
    same_factor(t, &s, &plain, "after a failure");
    rfim__algebra_free(other);
    rfim__metric_free(s.metric);
    rfim__metric_free(plain.metric);
}

/* Files hold [D(D+1)/2 x blocks] of a neuron metric, [D x D] of a shared one. */
static void file_property(trial *t)
{
    subject s = subject_create(t);
    rfim__metric_tensor tensor;
    bool packed = s.metric->table->packed;
    assert_int_equal(s.metric->table->tensors(s.metric, &tensor), 1);
    size_t rows = rfim__metric_file_rows(s.metric, &tensor);
    size_t columns = rfim__metric_file_columns(s.metric, &tensor);
    assert_int_equal(rows, packed ? rfim__triangle(s.order) : s.order);
    assert_int_equal(columns, packed ? s.outputs : s.order);
    double *values = new_values(t, rows * columns);
    for (size_t e = 0; e < rows * columns; e++)
        values[e] = rounded(t, uniform(t, -1, 1));
    rfim__metric_tensor_write(s.metric, &tensor, rows, values);
    for (size_t b = 0; b < s.blocks; b++)
        for (size_t k = 0; k < s.order; k++)
            for (size_t l = 0; l <= k; l++) {
                size_t at = packed ? (rfim__triangle(k) + l) * columns + b : k * columns + l;
                expect(t, metric_entry(t, &s, s.metric->m, b, k, l) == values[at],
                       "entry %zu %zu of block %zu is not the file's", k, l, b);
            }
    void *read = new_values(t, rows * columns);
    rfim__metric_tensor_read(s.metric, &tensor, rows, read);
    for (size_t e = 0; e < rows * columns; e++) {
        double found = t->algebra->precision == RFIM_DOUBLE ? ((double *)read)[e]
                                                            : (double)((float *)read)[e];
        expect(t, found == values[e], "number %zu comes back as %g, not %g", e, found, values[e]);
    }
    rfim__metric_free(s.metric);
}

static void float64_helps_before_the_damping_is_raised(void **state)
{
    over_metrics(*state, float64_property);
}

static void float64_can_be_asked_for(void **state)
{
    over_metrics(*state, at_once_property);
}

static void an_indefinite_metric_needs_more_damping(void **state)
{
    over_metrics(*state, indefinite_property);
}

static void a_metric_may_change_while_its_factor_is_made(void **state)
{
    over_metrics(*state, background_property);
}

static void files_do_not_know_the_lanes(void **state)
{
    over_metrics(*state, file_property);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(float64_helps_before_the_damping_is_raised),
        cmocka_unit_test(float64_can_be_asked_for),
        cmocka_unit_test(an_indefinite_metric_needs_more_damping),
        cmocka_unit_test(a_metric_may_change_while_its_factor_is_made),
        cmocka_unit_test(files_do_not_know_the_lanes),
    };
    return cmocka_run_group_tests_name("metric: parts of a refresh", tests, metrics_set_up,
                                       backends_tear_down);
}
