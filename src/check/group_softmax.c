/* group_softmax.c - what the metric of a soft-max layer must have: F = diag(eta) - eta eta^T is at
 * most its majorisers, constants over the classes are its null space, and a natural gradient keeps
 * off them. An error of "below": how far an eigenvalue of majoriser - metric reaches below 0. */
#include "check/compare.h"
#include "check/oracle_of.h"

#include <math.h>

#define INPUTS 3
#define D (INPUTS + 1)
#define CLASSES 4
#define SAMPLES 6
#define ORDER (CLASSES * D)

static const char layer[] = "input 3; linear 4; loss softmax";

static void probabilities(const rfim__toy *s, size_t i, double eta[CLASSES])
{
    double total = 0;
    for (size_t j = 0; j < CLASSES; j++)
        total += eta[j] = exp(s->pre[0][i * CLASSES + j]);
    for (size_t j = 0; j < CLASSES; j++)
        eta[j] /= total;
}

/* Entry (j, k) of a majoriser of F. */
typedef double majoriser(const double *eta, size_t j, size_t k);

static double by_eta(const double *eta, size_t j, size_t k)
{
    return j == k ? eta[j] : 0;
}

static double by_twice_variance(const double *eta, size_t j, size_t k)
{
    return j == k ? 2 * eta[j] * (1 - eta[j]) : 0;
}

static double by_boehning(const double *eta, size_t j, size_t k)
{
    (void)eta;
    return .5 * ((double)(j == k) - 1. / CLASSES);
}

static double by_half(const double *eta, size_t j, size_t k)
{
    (void)eta;
    return j == k ? .5 : 0;
}

/* No bound: without what the classes have in common. */
static double by_variance(const double *eta, size_t j, size_t k)
{
    return by_twice_variance(eta, j, k) / 2;
}

/* (1/n) sum_i A_i (x) x~_i x~_i^T */
static double *layer_metric(rfim__toy *s, majoriser *a)
{
    double eta[CLASSES];
    double *g = rfim__check_numbers(s->check, (size_t)ORDER * ORDER);
    for (size_t i = 0; g && i < SAMPLES; i++) {
        const double *x = s->x + i * INPUTS;
        probabilities(s, i, eta);
        for (size_t p = 0; p < ORDER; p++)
            for (size_t q = 0; q < ORDER; q++)
                g[p * ORDER + q] += a(eta, p / D, q / D) * (p % D < INPUTS ? x[p % D] : 1) *
                                    (q % D < INPUTS ? x[q % D] : 1) / SAMPLES;
    }
    return g;
}

static rfim__toy *new_layer(rfim__check *check)
{
    return rfim__toy_create(check, layer, RFIM_DOUBLE, RFIM__TOY_PLAIN, SAMPLES);
}

/* How far majoriser - metric reaches below 0. */
static double shortfall(rfim__check *check, majoriser *a)
{
    rfim__toy *s = new_layer(check);
    rfim_metric_options options = rfim__toy_options(0, 0);
    const double *g = rfim__toy_dense(s, &options);
    if (!g || !(rfim__check_norm(g, (size_t)ORDER * ORDER) > 0))
        return (double)NAN;
    const double *gap = rfim__check_minus(check, layer_metric(s, a), g, (size_t)ORDER * ORDER);
    return rfim__check_below_zero(check, gap, ORDER);
}

/* |G (1 (x) v)| / (|G| |1 (x) v|) */
static double null_space_error(rfim__check *check, rfim_representation representation)
{
    double out[ORDER];
    double v[ORDER];
    rfim__toy *s = new_layer(check);
    rfim_metric_options options = rfim__toy_options(0, 0);
    options.representation = representation;
    rfim_metric *metric = rfim__toy_observed(s, &options);
    const double *g = rfim__check_dense(check, metric);
    for (size_t k = 0; k < D; k++) {
        double same = rfim__check_uniform(check, -1, 1);
        for (size_t j = 0; j < CLASSES; j++)
            v[j * D + k] = same;
    }
    if (!g || rfim_metric_multiply(metric, v, out) != RFIM_OK)
        return (double)NAN;
    double size = rfim__check_norm(g, (size_t)ORDER * ORDER) * rfim__check_norm(v, ORDER);
    return size > 0 ? rfim__check_norm(out, ORDER) / size : (double)NAN;
}

/* |sum_j of the step's columns| / |step| */
static double class_sum(rfim__check *check, rfim_representation representation)
{
    int32_t labels[SAMPLES];
    double step[ORDER];
    double sums[D] = {0};
    double loss = 0;
    rfim__toy *s = new_layer(check);
    rfim_metric_options options = rfim__toy_options(0, 0);
    options.representation = representation;
    rfim_metric *metric = rfim__toy_observed(s, &options);
    for (size_t i = 0; i < SAMPLES; i++)
        labels[i] = (int32_t)rfim__random_below(&check->random, CLASSES);
    if (!metric || rfim_trace_loss(s->trace, rfim_labels(labels, SAMPLES), &loss) != RFIM_OK ||
        rfim_trace_backward(s->trace) != RFIM_OK ||
        rfim_metric_refresh(metric, RFIM_DAMPING_TRACE, 1e-3, NULL) != RFIM_OK ||
        rfim_metric_direction(metric, s->trace, step) != RFIM_OK)
        return (double)NAN;
    for (size_t p = 0; p < ORDER; p++)
        sums[p % D] += step[p];
    double size = rfim__check_norm(step, ORDER);
    return size > 0 ? rfim__check_norm(sums, D) / size : (double)NAN;
}

void rfim__check_softmax(rfim__check *check)
{
    static const struct {
        const char *name;
        majoriser *a;
    } bounds[] = {
        {"F <= diag(eta)", by_eta},
        {"F <= 2 diag(eta (1 - eta))", by_twice_variance},
        {"F <= (I - 11^T/m)/2", by_boehning},
        {"F <= I/2", by_half},
    };
    static const rfim_representation exact[] = {RFIM_DENSE, RFIM_SOFTMAX, RFIM_GRAM};
    for (size_t b = 0; b < sizeof bounds / sizeof bounds[0]; b++)
        if (rfim__check_begin(check, "%s", bounds[b].name))
            rfim__check_near(check, "eigenvalues", shortfall(check, bounds[b].a), 1e-13);
    if (rfim__check_begin(check, "eta (1 - eta) is no bound"))
        rfim__check_beyond(check, "must exceed", shortfall(check, by_variance), 1e-4);
    for (size_t r = 0; r < sizeof exact / sizeof exact[0]; r++) {
        const char *name = rfim_representation_name(exact[r]);
        if (rfim__check_begin(check, "null space, %s", name))
            rfim__check_near(check, "zero", null_space_error(check, exact[r]), 1e-14);
        if (rfim__check_begin(check, "step sums to 0, %s", name))
            rfim__check_near(check, "zero", class_sum(check, exact[r]), 1e-11);
    }
}
