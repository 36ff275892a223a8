/* The exact metric of a soft-max layer, against the dense metric by its definition. Every other
 * sample is nearly sure of its class, and has a class whose probability has underflowed to 0. */
#include "metric/kept_directions.h"
#include "metric/kept_habits.h"

static const kind classes = {"classes", RFIM__CLASSES, 1, {RFIM__LAYER}, 1};

/* n samples, D inputs, m classes: n < D, n > D, one sample, two classes, one. */
static const size_t shapes[][3] = {{12, 5, 4}, {5, 17, 3}, {1, 9, 5}, {7, 7, 2}, {4, 3, 1}};

static void over_classes(backends *all, property holds)
{
    subject_representation = RFIM_SOFTMAX;
    now = classes;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        over_backends(all, holds, shapes[i][0], shapes[i][1], shapes[i][2]);
}

static void test_mean_over_samples(void **state)
{
    over_classes(*state, is_the_mean_over_samples);
}

static void test_solves(void **state)
{
    over_classes(*state, solves_backward_stably);
}

static void test_pieces(void **state)
{
    over_classes(*state, is_linear_in_pieces);
}

static void test_merge(void **state)
{
    over_classes(*state, merges);
}

static void test_refusals(void **state)
{
    over_classes(*state, refuses_what_it_cannot_hold);
}

static void test_factor_stays(void **state)
{
    over_classes(*state, keeps_its_factor);
}

static void test_empty(void **state)
{
    over_classes(*state, is_nothing_when_empty);
}

static void test_tensors(void **state)
{
    over_classes(*state, comes_back_from_its_tensors);
}

/* G (1 (x) v) = 0 for every v, to the last bit but one: nothing is left to cancel. */
static void does_not_see_what_all_classes_share(trial *t)
{
    subject s = subject_create(t, RFIM_SOFTMAX);
    rfim__observed_part parts[MOST_PARTS];
    rfim__observation seen = random_observation(t, &s, parts, t->shape[0]);
    size_t rows = s.parts[0].rows;
    double *x = random_flat(t, &s);
    for (size_t k = rows; k < s.shape.order; k++)
        x[k] = x[k - rows];
    observe(t, &s, 0, 1, &seen);
    double size = spectral_norm(t, s.g, s.shape.order) * norm(x, s.shape.order);
    double found = norm(multiplied(t, &s, x), s.shape.order);
    expect(t, found <= 8 * t->unit * size, "G (1 (x) v) is %g, where |G| |v| is %g", found, size);
    rfim__metric_free(s.metric);
}

static void test_null_space(void **state)
{
    over_classes(*state, does_not_see_what_all_classes_share);
}

/* A sure sample, eta = (1 - p, p) with p = 1e-14, in float32 (1, p): F is p (1, -1; -1, 1), of
 * which eta - eta^2 would leave two digits or none. */
static void is_exact_where_one_class_is_sure(trial *t)
{
    const double p = 1e-14;
    subject s = subject_create(t, RFIM_SOFTMAX);
    rfim__observed_part part = {new_matrix(t, 1, 1), new_matrix(t, 1, 2)};
    rfim__observation seen = {1, 1, RFIM__CLASSES, 1, &part};
    rfim__matrix out = new_matrix(t, 1, 2);
    put(t, part.reference, 0, 0, 1);
    put(t, part.curvature, 0, 0, 1 - p);
    put(t, part.curvature, 0, 1, p);
    assert_true(s.metric->table->observe(s.metric, 0, 1, &seen));
    const double *product = multiplied(t, &s, (const double[]){1, 0});
    s.metric->table->diagonal(s.metric, &out);
    const double found[] = {product[0], -product[1], at(t, out, 0, 0), at(t, out, 0, 1)};
    for (size_t i = 0; i < 4; i++)
        expect(t, fabs(found[i] - p) < 1e-6 * p, "number %zu of F is %.9g, not %g", i, found[i], p);
    refresh(t, &s, RFIM_DAMPING_ABSOLUTE, p / 2); /* (G + lambda)^-1 (1, -1) = (1, -1) / 2.5 p */
    const double *z = solved(t, &s, (const double[]){1, -1});
    expect(t, fabs(z[0] * 2.5 * p - 1) < 1e-6 && fabs(z[1] * 2.5 * p + 1) < 1e-6, "solution %g %g",
           z[0], z[1]);
    rfim__metric_free(s.metric);
}

static void test_sure_class(void **state)
{
    now = classes;
    over_backends(*state, is_exact_where_one_class_is_sure, 1, 1, 2);
}

/* --- the step from delta ---------------------------------------------------------------------- */

/* delta = eta - one-hot; with surprises in places with the class that has underflowed: delta is -1
 * there. What the rounding of delta leaves of its sum is no part of the gradient: the exact one
 * sums to 0. */
static bool surprises;

static void steps_from_delta(trial *t)
{
    subject s = subject_create(t, RFIM_SOFTMAX);
    rfim__observed_part parts[MOST_PARTS];
    rfim__observation seen = random_observation(t, &s, parts, t->shape[0]);
    size_t m = s.parts[0].columns;
    size_t D = s.parts[0].rows;
    rfim__matrix eta = parts[0].curvature;
    rfim__matrix delta = new_matrix(t, seen.samples, m);
    double bound = 0;
    make_references_plain(t, &seen);
    for (size_t i = 0; i < seen.samples; i++) {
        size_t gone = i % 2 == 0 ? i % m : m;
        size_t class = rfim__random_below(&t->random, (uint32_t)m);
        if (class == gone && !surprises)
            class = (class + 1) % m;
        if (i % 4 == 0 && surprises)
            class = gone;
        for (size_t j = 0; j < m; j++)
            put(t, delta, i, j, at(t, eta, i, j) - (j == class));
    }
    observe(t, &s, 0, 1, &seen);
    double *gradient = gradient_of(t, &s, &seen, delta);
    for (size_t i = 0; i < seen.samples; i++) {
        double sum = 0;
        for (size_t j = 0; j < m; j++)
            sum += at(t, delta, i, j);
        for (size_t k = 0; k < D * m; k++) {
            number place = number_of(&s, k);
            gradient[k] -= sum * at(t, eta, i, place.output) * jacobian(t, &seen, i, place) /
                           (double)seen.samples;
        }
    }
    for (double eps = 1e-2; eps > .5e-6; eps *= 1e-2) {
        bound = step_bound(t, eps);
        refresh(t, &s, RFIM_DAMPING_TRACE, eps);
        step_errors errors = errors_of_step(t, &s, delta, gradient);
        expect(t, errors.from_delta <= bound, "step at %g: error %g, bound %g", eps,
               errors.from_delta, bound);
        double sums = 0;
        for (size_t k = 0; k < D; k++) {
            double sum = 0;
            for (size_t j = 0; j < m; j++)
                sum += errors.step[j * D + k];
            sums += sum * sum;
        }
        double size = norm(errors.step, D * m);
        expect(t, sqrt(sums) <= 16 * t->unit * sqrt((double)(m * seen.samples)) * size,
               "step at %g: its sums over the classes are %g, its norm %g", eps, sqrt(sums), size);
    }
    refresh(t, &s, RFIM_DAMPING_DIAGONAL, 1e-2);
    step_errors errors = errors_of_step(t, &s, delta, gradient);
    expect(t, errors.from_delta <= step_bound(t, 1e-4), "step, Lambda diagonal: error %g",
           errors.from_delta);
    rfim__metric_free(s.metric);
}

static void test_step_from_delta(void **state)
{
    now = classes;
    for (int s = 0; s < 2; s++) {
        surprises = s == 1;
        over_backends(*state, steps_from_delta, 10, 33, 4);
        over_backends(*state, steps_from_delta, 20, 41, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mean_over_samples),
        cmocka_unit_test(test_solves),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_factor_stays),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_tensors),
        cmocka_unit_test(test_null_space),
        cmocka_unit_test(test_sure_class),
        cmocka_unit_test(test_step_from_delta),
    };
    return cmocka_run_group_tests(tests, backends_set_up, backends_tear_down);
}
