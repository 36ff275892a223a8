/* kept_habits.h - how gram and softmax remember samples: properties over kept_subject.h. */
#ifndef RFIM_TESTS_METRIC_KEPT_HABITS_H
#define RFIM_TESTS_METRIC_KEPT_HABITS_H

#include "metric/kept_checks.h"

static inline double *multiplied(trial *t, const subject *s, const double *x)
{
    rfim__matrix v[MOST_PARTS];
    rfim__matrix out[MOST_PARTS];
    new_vector(t, s, v);
    new_vector(t, s, out);
    to_vector(t, s, x, v);
    s->metric->table->multiply(s->metric, v, out);
    return to_flat(t, s, out);
}

static inline double *solved(trial *t, const subject *s, const double *x)
{
    rfim__matrix v[MOST_PARTS];
    rfim__matrix out[MOST_PARTS];
    new_vector(t, s, v);
    new_vector(t, s, out);
    to_vector(t, s, x, v);
    s->metric->table->solve(s->metric, v, out);
    return to_flat(t, s, out);
}

static inline void expect_same(const trial *t, const char *what, const double *a, const double *b,
                               size_t count)
{
    expect(t, memcmp(a, b, count * sizeof *a) == 0, "%s of %s has other bits", what, now.name);
}

/* A batch that comes in two pieces is the batch; a batch twice with half the weight is, too. */
static inline void is_linear_in_pieces(trial *t)
{
    subject s = subject_create(t, subject_representation);
    rfim__observed_part parts[MOST_PARTS];
    rfim__observation first = random_observation(t, &s, parts, t->shape[0]);
    rfim__observed_part more[MOST_PARTS];
    rfim__observation second = random_observation(t, &s, more, t->shape[0] / 2 + 1);
    double all = (double)(first.samples + second.samples);
    observe(t, &s, 0, 1, &second);
    observe(t, &s, 0, (double)first.samples / all, &first);
    observe(t, &s, 1, (double)second.samples / all, &second);
    expect_looks(t, &s);
    rfim__metric_free(s.metric);
}

/* G <- keep G + add H, of two metrics and of one with itself. */
static inline void merges(trial *t)
{
    subject s = subject_create(t, subject_representation);
    subject other = subject_create(t, subject_representation);
    rfim__observed_part parts[MOST_PARTS];
    rfim__observed_part more[MOST_PARTS];
    rfim__observation one = random_observation(t, &s, parts, t->shape[0]);
    rfim__observation two = random_observation(t, &s, more, t->shape[0] / 2 + 1);
    observe(t, &s, 0, 1, &one);
    observe(t, &other, 0, 2, &two);
    assert_true(s.metric->table->merge(s.metric, .5, .25, other.metric));
    for (size_t k = 0; k < s.shape.order * s.shape.order; k++)
        s.g[k] = .5 * s.g[k] + .25 * other.g[k];
    expect_looks(t, &s);
    assert_true(s.metric->table->merge(s.metric, 1, 2, s.metric));
    for (size_t k = 0; k < s.shape.order * s.shape.order; k++)
        s.g[k] *= 3;
    expect_looks(t, &s);
    assert_int_equal(s.metric->table->samples(s.metric), one.samples + two.samples);
    rfim__metric_free(s.metric);
    rfim__metric_free(other.metric);
}

/* What does not fit, and negative factors: false, and nothing has happened. */
static inline void refuses_what_it_cannot_hold(trial *t)
{
    subject s = subject_create(t, subject_representation);
    rfim__observed_part parts[MOST_PARTS];
    rfim__observation seen = random_observation(t, &s, parts, t->shape[0]);
    double *x = random_flat(t, &s);
    const rfim__metric_table *table = s.metric->table;
    observe(t, &s, 0, 1, &seen); /* n of 2 n + 1 */
    observe(t, &s, .5, .5, &seen);
    const double *before = multiplied(t, &s, x);
    assert_false(table->observe(s.metric, -1, 1, &seen));
    assert_false(table->observe(s.metric, 0, -1, &seen));
    assert_false(table->observe(s.metric, 1, NAN, &seen));
    assert_false(table->merge(s.metric, 1, -1, s.metric));
    assert_false(table->merge(s.metric, -1, 1, s.metric));
    if (seen.samples > 1)
        assert_false(table->observe(s.metric, 1, 1, &seen));
    assert_int_equal(table->samples(s.metric), 2 * seen.samples);
    expect_same(t, "product", before, multiplied(t, &s, x), s.shape.order);
    observe(t, &s, 1, 0, &seen); /* adds nothing: no room taken */
    assert_int_equal(table->samples(s.metric), 2 * seen.samples);
    observe(t, &s, 0, 1, &seen); /* fits again */
    assert_int_equal(table->samples(s.metric), seen.samples);
    table->set_identity(s.metric, 0);
    assert_int_equal(table->samples(s.metric), 0);
    rfim__metric_free(s.metric);
}

/* Damping that is lost in rounding is raised three times, then given up: the factor is as before.
 * A little less than what works is raised to what works. */
static inline void expect_lost_damping_is_raised(trial *t, const subject *s, const double *x,
                                                 const double *before, double log_det)
{
    rfim_metric_refresh_report report = rfim__metric_refresh(s->metric, RFIM_DAMPING_ABSOLUTE,
                                                             1e-25);
    assert_int_equal(report.kept, 1);
    assert_int_equal(report.retries, 3);
    assert_int_equal(report.block, 1);
    expect_same(t, "solution after a failure", before, solved(t, s, x), s->shape.order);
    assert_true(log_det == s->metric->table->log_det(s->metric));
    double lost = t->algebra->precision == RFIM_DOUBLE ? 1e-18 : 1e-9;
    report = rfim__metric_refresh(s->metric, RFIM_DAMPING_TRACE, lost);
    expect(t, report.kept == 0 && report.retries > 0 && report.damping > 5 * lost,
           "%s: damping %g was not raised: retries %zu, kept %d", now.name, lost, report.retries,
           report.kept);
}

/* The factor is that of the last refresh that worked, whatever has been observed since. */
static inline void keeps_its_factor(trial *t)
{
    subject s = subject_create(t, subject_representation);
    rfim__observed_part parts[MOST_PARTS];
    rfim__observed_part more[MOST_PARTS];
    rfim__observation seen = random_observation(t, &s, parts, t->shape[0]);
    rfim__observation other = random_observation(t, &s, more, t->shape[0]);
    double *x = random_flat(t, &s);
    observe(t, &s, 0, 1, &seen);
    refresh(t, &s, RFIM_DAMPING_TRACE, 1e-2);
    const double *before = solved(t, &s, x);
    double log_det = s.metric->table->log_det(s.metric);
    observe(t, &s, 0, 1, &other);
    expect_looks(t, &s); /* works in the other frame */
    expect_same(t, "solution after new samples", before, solved(t, &s, x), s.shape.order);
    if (s.metric->table->squares(s.metric) > 0) /* one class knows nothing */
        expect_lost_damping_is_raised(t, &s, x, before, log_det);
    rfim__metric_free(s.metric);
}

/* G = 0: (G + Lambda)^-1 = Lambda^-1 */
static inline void is_nothing_when_empty(trial *t)
{
    subject s = subject_create(t, subject_representation);
    size_t order = s.shape.order;
    double *x = random_flat(t, &s);
    double *zeros = new_values(t, order);
    double *w = new_values(t, order);
    refresh(t, &s, RFIM_DAMPING_ABSOLUTE, .5);
    expect_same(t, "product", zeros, multiplied(t, &s, x), order);
    const double *z = solved(t, &s, x);
    for (size_t k = 0; k < order; k++)
        expect(t, fabs(z[k] - 2 * x[k]) <= 4 * t->unit * fabs(2 * x[k]), "%s: %g / .5 is %g",
               now.name, x[k], z[k]);
    assert_true(s.metric->table->squares(s.metric) == 0);
    assert_true(s.metric->table->spectrum(s.metric, w));
    expect_same(t, "spectrum", zeros, w, order);
    double found = s.metric->table->log_det(s.metric);
    expect(t, fabs(found - (double)order * log(.5)) <= 1e-12 * (double)order, "log det is %g",
           found);
    rfim__metric_free(s.metric);
}

/* What a file holds makes the same metric. */
static inline void comes_back_from_its_tensors(trial *t)
{
    subject s = subject_create(t, subject_representation);
    subject copy = subject_create(t, subject_representation);
    rfim__observed_part parts[MOST_PARTS];
    rfim__observation seen = random_observation(t, &s, parts, t->shape[0]);
    rfim__metric_tensor from[RFIM__METRIC_TENSORS];
    rfim__metric_tensor to[RFIM__METRIC_TENSORS];
    double *x = random_flat(t, &s);
    observe(t, &s, 0, .5, &seen);
    observe(t, &s, .5, .5, &seen);
    size_t count = s.metric->table->tensors(s.metric, from);
    assert_int_equal(copy.metric->table->tensors(copy.metric, to), count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(from[i].name, to[i].name);
        assert_int_equal(from[i].matrix->columns, to[i].matrix->columns);
        for (size_t r = 0; r < from[i].rows; r++)
            for (size_t c = 0; c < from[i].matrix->columns; c++)
                put(t, *to[i].matrix, r, c, at(t, *from[i].matrix, r, c));
    }
    copy.metric->table->filled(copy.metric, from[0].rows);
    assert_int_equal(copy.metric->table->samples(copy.metric), 2 * seen.samples);
    expect_same(t, "product", multiplied(t, &s, x), multiplied(t, &copy, x), s.shape.order);
    rfim__metric_free(s.metric);
    rfim__metric_free(copy.metric);
}

#endif
