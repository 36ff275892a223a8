/* How far a metric is from another one: against plain loops, and the worst quadratic form against
 * the forms of many vectors. */
#include "check/oracle/dense.h"
#include "subsystem/kinds.h"

static rfim_metric_distance distance_of(api *a, rfim_metric *metric, rfim_metric *reference,
                                        double damping)
{
    rfim_metric_distance distance = {NAN, NAN};
    assert_ok(a, rfim_metric_compare(metric, reference, damping, &distance));
    return distance;
}

static void a_metric_is_not_far_from_itself(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        api a = api_open(kinds[k].text, RFIM_DOUBLE, 7, 71);
        rfim_metric *metric = metric_of(&a, asked_of(&kinds[k]));
        rfim_metric *dense = NULL;
        assert_ok(&a, rfim_metric_convert(metric, RFIM_DENSE, 0, &dense));
        rfim_metric_distance distance = distance_of(&a, dense, metric, 1e-6);
        assert_true(distance.frobenius < 1e-14);
        assert_true(distance.quadratic < 1e-8); /* 1e-14 tr H, against 1e-6 tr H / N */
        rfim_metric_free(dense);
        rfim_metric_free(metric);
        api_close(&a);
    }
}

/* H + lambda I, G - H and what plain loops make of them */
typedef struct pair {
    size_t order;
    double *g, *h; /* G - H; H + lambda I */
    double frobenius;
} pair;

static pair read_pair(api *a, rfim_metric *metric, rfim_metric *reference, double damping)
{
    pair p = {.order = rfim_metric_order(metric)};
    double trace = 0;
    p.g = dense_of(a, metric);
    p.h = dense_of(a, reference);
    p.frobenius = apart(p.g, p.h, p.order * p.order);
    for (size_t k = 0; k < p.order * p.order; k++)
        p.g[k] -= p.h[k];
    for (size_t k = 0; k < p.order; k++)
        trace += p.h[k * p.order + k];
    for (size_t k = 0; k < p.order; k++)
        p.h[k * p.order + k] += damping * trace / (double)p.order;
    return p;
}

static double form_of(const pair *p, const double *v)
{
    return fabs(rfim__oracle_quadratic(p->g, p->order, v)) /
           rfim__oracle_quadratic(p->h, p->order, v);
}

/* v <- (H + lambda I)^-1 (G - H) v, again and again: the worst form's own vector */
static double worst_form(const pair *p, double *v)
{
    size_t count = p->order * p->order;
    double *copy = numbers(count);
    double *next = numbers(p->order);
    for (size_t round = 0; round < 3000; round++) {
        rfim__oracle_matvec(p->g, p->order, p->order, v, next);
        memcpy(copy, p->h, count * sizeof *copy);
        assert_true(rfim__oracle_solve(copy, p->order, next, 1));
        double size = 0;
        for (size_t k = 0; k < p->order; k++)
            size += next[k] * next[k];
        for (size_t k = 0; k < p->order; k++)
            v[k] = next[k] / sqrt(size);
    }
    free(copy);
    free(next);
    return form_of(p, v);
}

static void check_pair(api *a, rfim_metric *metric, rfim_metric *reference, double damping)
{
    rfim_metric_distance distance = distance_of(a, metric, reference, damping);
    pair p = read_pair(a, metric, reference, damping);
    double *v = numbers(p.order);
    double worst = 0;
    assert_true(fabs(distance.frobenius - p.frobenius) <= 1e-12 * p.frobenius);
    for (size_t trial = 0; trial < 1000; trial++) {
        for (size_t k = 0; k < p.order; k++)
            v[k] = made_up(&a->state);
        worst = fmax(worst, form_of(&p, v));
    }
    assert_true(worst <= distance.quadratic * (1 + 1e-10));
    worst = worst_form(&p, v);
    assert_true(worst <= distance.quadratic * (1 + 1e-10));
    assert_true(worst >= distance.quadratic * .999);
    free(v);
    free(p.g);
    free(p.h);
}

static void the_worst_quadratic_form(void **state)
{
    (void)state;
    api a = api_open("input 2; linear 3 tanh; linear 3; loss softmax", RFIM_DOUBLE, 12, 72);
    rfim_metric *dense = metric_of(&a, asked(1, 1, RFIM_RESPONSE_OWN, RFIM_DENSE));
    static const rfim_representation less[] = {RFIM_NEURON, RFIM_KRONECKER, RFIM_DIAGONAL};
    for (size_t r = 0; r < 3; r++) {
        rfim_metric *other = NULL;
        assert_ok(&a, rfim_metric_convert(dense, less[r], 1, &other));
        check_pair(&a, other, dense, 1e-2);
        check_pair(&a, dense, other, 1e-1);
        rfim_metric_free(other);
    }
    rfim_metric_free(dense);
    api_close(&a);
}

/* Twice the metric: both distances are known. */
static void a_multiple_of_a_metric(void **state)
{
    (void)state;
    api a = api_open("input 3; linear 3 sigm; linear 2; loss squared", RFIM_DOUBLE, 30, 73);
    rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_NEURON);
    rfim_metric *one = metric_of(&a, options);
    rfim_metric *two = empty_metric(&a, options);
    assert_ok(&a, rfim_metric_observe(two, a.trace, 0, 2));
    rfim_metric_distance distance = distance_of(&a, two, one, 1e-9);
    assert_true(fabs(distance.frobenius - 1) < 1e-14);
    assert_true(fabs(distance.quadratic - 1) < 1e-5);
    distance = distance_of(&a, one, two, 1e-9);
    assert_true(fabs(distance.frobenius - .5) < 1e-14);
    assert_true(fabs(distance.quadratic - .5) < 1e-5);
    rfim_metric_free(one);
    rfim_metric_free(two);
    api_close(&a);
}

/* Metrics of two networks, in two precisions: float32 rounds at 6e-8. */
static void precisions_can_be_compared(void **state)
{
    (void)state;
    api a = api_open(kind_text, RFIM_DOUBLE, 20, 74);
    api b = api_open(kind_text, RFIM_SINGLE, 20, 74);
    rfim_metric *wide = metric_of(&a, asked(0, 2, RFIM_RESPONSE_NETWORK, RFIM_DENSE));
    rfim_metric *narrow = metric_of(&b, asked(0, 2, RFIM_RESPONSE_NETWORK, RFIM_DENSE));
    rfim_metric_distance distance = distance_of(&b, narrow, wide, 1e-2);
    assert_true(distance.frobenius > 1e-9 && distance.frobenius < 1e-5);
    rfim_metric_free(wide);
    rfim_metric_free(narrow);
    api_close(&a);
    api_close(&b);
}

static void comparisons_that_are_refused(void **state)
{
    (void)state;
    api a = api_open(kind_text, RFIM_DOUBLE, 5, 75);
    rfim_metric_options options = asked(0, 0, RFIM_RESPONSE_OWN, RFIM_NEURON);
    rfim_metric *metric = metric_of(&a, options);
    rfim_metric *other = metric_of(&a, asked(2, 2, RFIM_RESPONSE_OWN, RFIM_DENSE));
    rfim_metric *empty = empty_metric(&a, options);
    rfim_metric_distance distance = {7, 7};
    static const double bad[] = {0, -1, NAN, INFINITY};
    for (size_t k = 0; k < 4; k++)
        assert_refused(&a, rfim_metric_compare(metric, metric, bad[k], &distance),
                       RFIM_ERROR_ARGUMENT, "finite number above 0");
    assert_refused(&a, rfim_metric_compare(metric, other, 1, &distance), RFIM_ERROR_SHAPE,
                   "its order is 16, that of the reference 15");
    assert_refused(&a, rfim_metric_compare(metric, empty, 1, &distance), RFIM_ERROR_ARGUMENT,
                   "reference to compare with is 0");
    assert_ok(&a, rfim_metric_merge(empty, 0, -1, metric));
    assert_refused(&a, rfim_metric_compare(metric, empty, .1, &distance),
                   RFIM_ERROR_NOT_POSITIVE_DEFINITE, "more damping");
    assert_true(distance.frobenius == 7 && distance.quadratic == 7);
    rfim_metric_free(metric);
    rfim_metric_free(other);
    rfim_metric_free(empty);
    api_close(&a);
}

/* 100 x 785 parameters: 49 GB a matrix */
static void comparisons_beyond_memory(void **state)
{
    (void)state;
    api a = api_open("input 784; linear 100; linear 2; loss squared", RFIM_SINGLE, 2, 76);
    rfim_metric *metric = metric_of(&a, asked(0, 0, RFIM_RESPONSE_OWN, RFIM_SHARED));
    rfim_metric_distance distance;
    assert_refused(&a, rfim_metric_compare(metric, metric, 1, &distance), RFIM_ERROR_MEMORY,
                   "246 GB of memory, more than the 2.15 GB");
    rfim_metric_free(metric);
    api_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_metric_is_not_far_from_itself),
        cmocka_unit_test(the_worst_quadratic_form),
        cmocka_unit_test(a_multiple_of_a_metric),
        cmocka_unit_test(precisions_can_be_compared),
        cmocka_unit_test(comparisons_that_are_refused),
        cmocka_unit_test(comparisons_beyond_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
