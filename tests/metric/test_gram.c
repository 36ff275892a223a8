/* The metric as its samples, against the dense metric by its definition. */
#include "metric/kept_directions.h"
#include "metric/kept_habits.h"

static const kind kinds[] = {
    {"unit", RFIM__UNIT, 1, {RFIM__LAYER}, 1},
    {"unit channels", RFIM__UNIT, 1, {RFIM__CHANNELS}, 1},
    {"weights", RFIM__WEIGHTS, 1, {RFIM__LAYER}, 1},
    {"weights channels", RFIM__WEIGHTS, 1, {RFIM__CHANNELS}, 1},
    {"factors", RFIM__FACTORS, 1, {RFIM__LAYER}, 3},
    {"factors of three parts", RFIM__FACTORS, 3, {RFIM__LAYER, RFIM__CHANNELS, RFIM__LAYER}, 2},
};

/* n samples, D, m: more samples than inputs, fewer, one of each. */
static const size_t shapes[][3] = {{21, 5, 4}, {6, 17, 3}, {1, 9, 5}, {12, 12, 2}, {3, 1, 1}};

static void over_kinds(backends *all, property holds)
{
    subject_representation = RFIM_GRAM;
    for (size_t c = 0; c < sizeof kinds / sizeof *kinds; c++) {
        now = kinds[c];
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
            over_backends(all, holds, shapes[i][0], shapes[i][1], shapes[i][2]);
    }
}

static void test_mean_over_samples(void **state)
{
    over_kinds(*state, is_the_mean_over_samples);
}

static void test_solves(void **state)
{
    over_kinds(*state, solves_backward_stably);
}

static void test_pieces(void **state)
{
    over_kinds(*state, is_linear_in_pieces);
}

static void test_merge(void **state)
{
    over_kinds(*state, merges);
}

static void test_refusals(void **state)
{
    over_kinds(*state, refuses_what_it_cannot_hold);
}

static void test_factor_stays(void **state)
{
    over_kinds(*state, keeps_its_factor);
}

static void test_empty(void **state)
{
    over_kinds(*state, is_nothing_when_empty);
}

static void test_tensors(void **state)
{
    over_kinds(*state, comes_back_from_its_tensors);
}

/* An observation may have fewer copies than the shape allows: the others are 0. */
static void takes_fewer_copies(trial *t)
{
    now.copies = 2;
    subject s = subject_create(t, RFIM_GRAM);
    rfim__observed_part parts[MOST_PARTS];
    rfim__observation seen = random_observation(t, &s, parts, t->shape[0]);
    observe(t, &s, 0, 1, &seen);
    seen.copies = 1;
    observe(t, &s, 0, 1, &seen); /* where two copies were */
    expect_looks(t, &s);
    seen.copies = 2;
    observe(t, &s, 1, 1, &seen);
    expect_looks(t, &s);
    refresh(t, &s, RFIM_DAMPING_TRACE, 1e-3);
    expect_solves(t, &s);
    rfim__metric_free(s.metric);
}

static void test_fewer_copies(void **state)
{
    now = kinds[5];
    over_backends(*state, takes_fewer_copies, 9, 5, 4);
}

/* --- the step from delta ---------------------------------------------------------------------- */

/* nu is 0 in places. There delta mostly is 0 as well, but need not be: a saturated output that is
 * wrong. Errors in float32, as measured: 4e-6 for n = 50, D = 81 at 1e-4 and 1e-6 of the trace. */
static void steps_from_delta(trial *t)
{
    subject s = subject_create(t, RFIM_GRAM);
    rfim__observed_part parts[MOST_PARTS];
    rfim__observation seen = random_observation(t, &s, parts, t->shape[0]);
    rfim__matrix delta = new_matrix(t, seen.samples, s.parts[0].columns);
    make_references_plain(t, &seen);
    random_matrix(t, delta);
    for (size_t i = 0; i < delta.rows; i++)
        for (size_t j = 0; j < delta.columns && now.curvature == RFIM__WEIGHTS; j++)
            if (at(t, parts[0].curvature, i, j) == 0 && i % 4 > 0)
                put(t, delta, i, j, 0);
    observe(t, &s, 0, 1, &seen);
    const double *gradient = gradient_of(t, &s, &seen, delta);
    for (double eps = 1e-2; eps > .5e-6; eps *= 1e-2) {
        double bound = step_bound(t, eps);
        refresh(t, &s, RFIM_DAMPING_TRACE, eps);
        step_errors errors = errors_of_step(t, &s, delta, gradient);
        expect(t, errors.from_delta <= bound, "step of %s at %g: error %g, bound %g", now.name, eps,
               errors.from_delta, bound);
    }
    refresh(t, &s, RFIM_DAMPING_DIAGONAL, 1e-2);
    step_errors errors = errors_of_step(t, &s, delta, gradient);
    expect(t, errors.from_delta <= step_bound(t, 1e-4), "step of %s, Lambda diagonal: error %g",
           now.name, errors.from_delta);
    rfim__metric_free(s.metric);
}

static void test_step_from_delta(void **state)
{
    for (size_t c = 0; c < 4; c += 2) { /* unit, weights; of a layer */
        now = kinds[c];
        over_backends(*state, steps_from_delta, 50, 81, 1);
        over_backends(*state, steps_from_delta, 20, 33, 4);
    }
}

/* Products of networks' outputs with a metric of one sample, by hand: G = w nu x x^T and
 * (G + lambda)^-1 v = (v - w nu x (x.v) / (lambda + w nu x.x)) / lambda. */
static void is_right_by_hand(trial *t)
{
    now = kinds[2];
    subject s = subject_create(t, RFIM_GRAM);
    rfim__observed_part part = {new_matrix(t, 1, 2), new_matrix(t, 1, 1)};
    rfim__observation seen = {1, 1, RFIM__WEIGHTS, 1, &part};
    put(t, part.reference, 0, 0, 3);
    put(t, part.reference, 0, 1, 1);
    put(t, part.curvature, 0, 0, .5);
    assert_true(s.metric->table->observe(s.metric, 0, 1, &seen));
    refresh(t, &s, RFIM_DAMPING_ABSOLUTE, 1);
    const double v[] = {4, 0};
    const double *product = multiplied(t, &s, v); /* .5 x 12 x (3, 1) */
    const double *solution = solved(t, &s, v);    /* (4, 0) - .5 x 12 / 6 x (3, 1) */
    expect(t, fabs(product[0] - 18) < 1e-5 && fabs(product[1] - 6) < 1e-5, "product %g %g",
           product[0], product[1]);
    expect(t, fabs(solution[0] - 1) < 1e-5 && fabs(solution[1] + 1) < 1e-5, "solution %g %g",
           solution[0], solution[1]);
    rfim__metric_free(s.metric);
}

static void test_by_hand(void **state)
{
    over_backends(*state, is_right_by_hand, 1, 2, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),         cmocka_unit_test(test_mean_over_samples),
        cmocka_unit_test(test_solves),          cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_merge),           cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_factor_stays),    cmocka_unit_test(test_empty),
        cmocka_unit_test(test_tensors),         cmocka_unit_test(test_fewer_copies),
        cmocka_unit_test(test_step_from_delta),
    };
    return cmocka_run_group_tests(tests, backends_set_up, backends_tear_down);
}
