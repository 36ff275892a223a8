/* What a metric collects, against naive sums in long double. */
#include "subject.h"

/* nu of sample i for block b, by the published formulas; 1/sigma^2 for `shared` */
static double information(const trial *t, const subject *s, size_t i, size_t b)
{
    if (s->blocks == 1 && s->metric->table == &rfim__shared_metric)
        return 1 / (s->sigma * s->sigma);
    const rfim__activation *f = &s->module.activation;
    double time = get(t, s->pre, i, b);
    double iota = rounded(t, f->iota);
    double slope = 0;
    switch (f->kind) {
    case RFIM__TANH:
        return 1 - tanh(time) * tanh(time);
    case RFIM__RELU:
        slope = f->omega > 0 ? iota + (1 - iota) / (1 + exp((iota - 1) * time / f->omega))
                             : (time > 0 ? 1 : iota);
        break;
    default:
        slope = time >= 0 ? 1 : f->alpha * exp(time);
    }
    return slope * slope / (s->sigma * s->sigma);
}

/* (1/n) sum_i nu_ib x~_ik x~_il */
static double mean_product(const trial *t, const subject *s, size_t b, size_t k, size_t l)
{
    long double sum = 0;
    for (size_t i = 0; i < s->samples; i++)
        sum += (long double)information(t, s, i, b) * get(t, s->x, i, k) * get(t, s->x, i, l);
    return (double)(sum / (long double)s->samples);
}

/* How far a collected entry may be off: n + 40 roundings for every observation (products, their
 * sum, nu), against sqrt(M_kk M_ll), which bounds the sum of absolute products (Cauchy-Schwarz).
 * For n = 50 in float64 that is 1e-14. */
static double entry_bound(const trial *t, const subject *s, double kk, double ll, size_t times)
{
    return (double)times * ((double)s->samples + 40) * t->unit * sqrt(kk * ll);
}

/* --- collecting ------------------------------------------------------------------------------- */

/* New samples in the same places. */
static void draw_samples(trial *t, const subject *s)
{
    for (size_t i = 0; i < s->samples; i++) {
        for (size_t k = 0; k + 1 < s->order; k++)
            set(t, s->x, i, k, uniform(t, -1, 1));
        for (size_t j = 0; j < s->outputs; j++)
            set(t, s->pre, i, j, uniform(t, -3, 3));
    }
}

/* Several observations are M <- keep M + add mean, one after the other, from prior I. */
static void observe_property(trial *t)
{
    subject s = subject_create(t);
    size_t size = s.order * s.order;
    double *expected = new_values(t, s.blocks * size);
    for (size_t b = 0; b < s.blocks; b++)
        for (size_t k = 0; k < s.order; k++)
            expected[b * size + k * s.order + k] = choice_of(t)->prior;
    enum { TIMES = 3 };
    for (size_t time = 0; time < TIMES; time++) {
        double keep = time == 1 ? 0.995 : uniform(t, 0.1, 1);
        double add = time == 1 ? 0.005 : uniform(t, 0, 2);
        draw_samples(t, &s);
        observe(s.metric, keep, add, &s, &s.view);
        for (size_t b = 0; b < s.blocks && t->compare; b++)
            for (size_t k = 0; k < s.order; k++)
                for (size_t l = 0; l <= k; l++)
                    expected[b * size + k * s.order + l] =
                        keep * expected[b * size + k * s.order + l] +
                        add * mean_product(t, &s, b, k, l);
    }
    for (size_t b = 0; b < s.blocks && t->compare; b++) {
        const double *a = expected + b * size;
        for (size_t k = 0; k < s.order; k++) {
            for (size_t l = 0; l <= k; l++) {
                double found = metric_entry(t, &s, s.metric->m, b, k, l);
                double bound = entry_bound(t, &s, a[k * s.order + k], a[l * s.order + l], TIMES);
                expect(t, fabs(found - a[k * s.order + l]) <= bound,
                       "block %zu, entry %zu %zu is %.17g, not %.17g, bound %g", b, k, l, found,
                       a[k * s.order + l], bound);
            }
        }
    }
    tell(t, t->algebra->ops.dot(t->algebra, s.metric->m, s.metric->m));
    rfim__metric_free(s.metric);
}

/* The last batch of an epoch is smaller than the metric has room for. */
static void room_property(trial *t)
{
    subject s = subject_create(t);
    rfim__metric *roomy = metric_create(t, &s.module, 3 * s.samples + 7);
    observe(s.metric, 0.5, 0.5, &s, &s.view);
    observe(roomy, 0.5, 0.5, &s, &s.view);
    for (size_t i = 0; i < roomy->m.rows; i++)
        for (size_t j = 0; j < roomy->m.columns; j++)
            expect(t, entry(t, roomy->m, i, j) == entry(t, s.metric->m, i, j),
                   "entry %zu %zu depends on the room for samples", i, j);
    rfim__metric_free(s.metric);
    rfim__metric_free(roomy);
}

/* The mean over a batch is the weighted mean over its parts. */
static void split_property(trial *t)
{
    subject whole = subject_create(t);
    rfim__metric *parts = metric_create(t, &whole.module, whole.samples);
    if (whole.samples > 1) {
        size_t first = 1 + rfim__random_below(&t->random, (uint32_t)whole.samples - 1);
        rfim__response_view head = whole.view;
        rfim__response_view tail = whole.view;
        head.input = rfim__rows(t->algebra, whole.view.input, 0, first);
        head.pre = rfim__rows(t->algebra, whole.view.pre, 0, first);
        tail.input = rfim__rows(t->algebra, whole.view.input, first, whole.samples - first);
        tail.pre = rfim__rows(t->algebra, whole.view.pre, first, whole.samples - first);
        double share = (double)first / (double)whole.samples;
        observe(whole.metric, 0.9, 0.1, &whole, &whole.view);
        observe(parts, 0.9, 0.1 * share, &whole, &head);
        observe(parts, 1, 0.1 * (1 - share), &whole, &tail);
    }
    for (size_t b = 0; b < whole.blocks; b++) {
        for (size_t k = 0; k < whole.order; k++) {
            for (size_t l = 0; l <= k; l++) {
                double one = metric_entry(t, &whole, whole.metric->m, b, k, l);
                double two = metric_entry(t, &whole, parts->m, b, k, l);
                double kk = metric_entry(t, &whole, parts->m, b, k, k);
                double ll = metric_entry(t, &whole, parts->m, b, l, l);
                expect(t, fabs(one - two) <= 2 * entry_bound(t, &whole, kk, ll, 2),
                       "entry %zu %zu is %.17g of the whole, %.17g of the parts", k, l, one, two);
            }
        }
    }
    rfim__metric_free(whole.metric);
    rfim__metric_free(parts);
}

/* n smaller than D, samples that come twice, collinear inputs, one that is never on, and a neuron
 * that is dead (nu = 0): v^T G v is never negative beyond the errors of rounding, and damping just
 * above those makes the metric invertible at once. */
static void semidefinite_property(trial *t)
{
    subject s = subject_create(t);
    for (size_t i = 0; i < s.samples; i++) {
        for (size_t k = 0; k + 1 < s.order; k++)
            set(t, s.x, i, k,
                k % 5 == 1   ? 0
                : i % 2 == 1 ? get(t, s.x, i - 1, k)
                : k % 5 == 3 ? 2 * get(t, s.x, i, k - 1)
                             : get(t, s.x, i, k));
        if (s.outputs > 1)
            set(t, s.pre, i, 1, -1e3);
    }
    observe(s.metric, 0, 1, &s, &s.view);
    for (size_t b = 0; b < s.blocks; b++) {
        const double *a = dense(t, &s, s.metric->m, b);
        double *v = new_values(t, s.order);
        double quadratic = 0;
        double norm = 0;
        for (size_t k = 0; k < s.order; k++) {
            v[k] = rfim__random_normal(&t->random);
            norm += v[k] * v[k];
        }
        for (size_t k = 0; k < s.order; k++)
            for (size_t l = 0; l < s.order; l++)
                quadratic += v[k] * a[k * s.order + l] * v[l];
        double rounding = ((double)s.samples + 40) * t->unit * trace_of(a, s.order) * norm;
        expect(t, quadratic >= -rounding, "v^T G v is %g", quadratic);
    }
    double eps = 4 * ((double)s.samples + 40) * (double)s.order * t->unit;
    rfim_metric_refresh_report result = rfim__metric_refresh(s.metric, RFIM_DAMPING_TRACE, eps);
    expect(t, result.retries == 0 && !result.kept, "refresh needed %zu retries, block %zu",
           result.retries, result.block);
    expect(t, t->algebra->ops.finite(t->algebra, s.metric->factor), "P is not finite");
    rfim__metric_free(s.metric);
}

static void collected_is_what_the_formulas_sum(void **state)
{
    over_metrics(*state, observe_property);
}

static void room_for_more_samples_changes_nothing(void **state)
{
    over_metrics(*state, room_property);
}

static void a_batch_may_be_observed_in_parts(void **state)
{
    over_metrics(*state, split_property);
}

static void metrics_are_positive_semidefinite(void **state)
{
    over_metrics(*state, semidefinite_property);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collected_is_what_the_formulas_sum),
        cmocka_unit_test(room_for_more_samples_changes_nothing),
        cmocka_unit_test(a_batch_may_be_observed_in_parts),
        cmocka_unit_test(metrics_are_positive_semidefinite),
    };
    return cmocka_run_group_tests_name("metric: what is collected", tests, metrics_set_up,
                                       backends_tear_down);
}
