/* kept_subject.h - metrics that remember their samples (gram, softmax) under test, over every
 * backend (algebra/conformance.h), and a dense oracle: G by its definition, in plain loops. */
#ifndef RFIM_TESTS_METRIC_KEPT_SUBJECT_H
#define RFIM_TESTS_METRIC_KEPT_SUBJECT_H

#include "algebra/conformance.h"
#include "metric/damping.h"
#include "metric/metric.h"

#define MOST_PARTS 3

typedef struct kind {
    const char *name;
    rfim__curvature curvature;
    size_t count;
    rfim__part_kind parts[MOST_PARTS];
    size_t copies;
} kind;

typedef struct subject {
    rfim__metric *metric;
    rfim__shape shape;
    rfim__part parts[MOST_PARTS];
    double *g; /* [order x order] */
} subject;

/* What the running property is about. */
static kind now;

/* --- matrices of the trial's precision -------------------------------------------------------- */

static inline double at(const trial *t, rfim__matrix x, size_t i, size_t j)
{
    operand view = {.view = x};
    return get(t, &view, i, j);
}

static inline void put(const trial *t, rfim__matrix x, size_t i, size_t j, double number)
{
    operand view = {.view = x};
    set(t, &view, i, j, number);
}

static inline rfim__matrix new_matrix(trial *t, size_t rows, size_t columns)
{
    return (rfim__matrix){new_values(t, rows * (columns + 1)), rows, columns, columns + 1};
}

static inline void random_matrix(trial *t, rfim__matrix x)
{
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.columns; j++)
            put(t, x, i, j, rfim__random_normal(&t->random));
}

/* Frees the values that were made since there were `kept`. */
static inline void forget(trial *t, size_t kept)
{
    while (t->value_count > kept)
        free(t->values[--t->value_count]);
}

/* --- vectors: lists of matrices, and flat in float64 ------------------------------------------ */

static inline void new_vector(trial *t, const subject *s, rfim__matrix *v)
{
    for (size_t p = 0; p < s->shape.count; p++)
        v[p] = new_matrix(t, s->parts[p].rows, s->parts[p].columns);
}

static inline void to_vector(const trial *t, const subject *s, const double *flat, rfim__matrix *v)
{
    for (size_t p = 0; p < s->shape.count; p++)
        for (size_t j = 0; j < s->parts[p].columns; j++)
            for (size_t k = 0; k < s->parts[p].rows; k++)
                put(t, v[p], k, j, flat[s->parts[p].first + j * s->parts[p].rows + k]);
}

static inline double *to_flat(trial *t, const subject *s, const rfim__matrix *v)
{
    double *flat = new_values(t, s->shape.order);
    for (size_t p = 0; p < s->shape.count; p++)
        for (size_t j = 0; j < s->parts[p].columns; j++)
            for (size_t k = 0; k < s->parts[p].rows; k++)
                flat[s->parts[p].first + j * s->parts[p].rows + k] = at(t, v[p], k, j);
    return flat;
}

/* A random vector, rounded to the trial's precision. */
static inline double *random_flat(trial *t, const subject *s)
{
    double *flat = new_values(t, s->shape.order);
    for (size_t k = 0; k < s->shape.order; k++)
        flat[k] = rounded(t, rfim__random_normal(&t->random));
    return flat;
}

static inline double norm(const double *x, size_t count)
{
    double sum = 0;
    for (size_t k = 0; k < count; k++)
        sum += x[k] * x[k];
    return sqrt(sum);
}

/* A x, A: [order x order] */
static inline double *apply(trial *t, const double *a, const double *x, size_t order)
{
    double *y = new_values(t, order);
    for (size_t k = 0; k < order; k++) {
        long double sum = 0;
        for (size_t l = 0; l < order; l++)
            sum += (long double)a[k * order + l] * x[l];
        y[k] = (double)sum;
    }
    return y;
}

/* |A|_2 of a symmetric matrix, from below */
static inline double spectral_norm(trial *t, const double *a, size_t order)
{
    double *x = new_values(t, order);
    double size = 0;
    for (size_t k = 0; k < order; k++)
        x[k] = rfim__random_normal(&t->random);
    for (int round = 0; round < 12; round++) {
        double *y = apply(t, a, x, order);
        size = norm(y, order) / norm(x, order);
        for (size_t k = 0; k < order; k++)
            x[k] = size > 0 ? y[k] / norm(y, order) : x[k];
    }
    return size;
}

/* --- subjects --------------------------------------------------------------------------------- */

/* Shape of the trial: n samples, D inputs with the one, m outputs; parts after the first have one
 * output less each. */
static inline subject subject_create(trial *t, rfim_representation representation)
{
    subject s = {.shape = {.count = now.count,
                           .curvature = now.curvature,
                           .copies = now.copies,
                           .scale = 4,
                           .piece = t->shape[0],
                           .max_samples = 2 * t->shape[0] + 1}};
    for (size_t p = 0; p < now.count; p++) {
        size_t outputs = t->shape[2] > p ? t->shape[2] - p : 1;
        size_t rows = now.parts[p] == RFIM__LAYER ? t->shape[1] : 2;
        s.parts[p] = (rfim__part){now.parts[p], p, rows, outputs, 0, s.shape.order};
        s.shape.order += rows * outputs;
    }
    s.shape.parts = s.parts;
    rfim__metric_settings settings = {.representation = representation, .name = "layer1"};
    assert_int_equal(rfim__metric_create(t->algebra, &s.shape, &settings, &s.metric), RFIM_OK);
    s.shape.parts = NULL; /* of this copy, which moves */
    s.g = new_values(t, s.shape.order * s.shape.order);
    return s;
}

/* Probabilities; rows of even index are nearly sure, and one class of each has underflowed. */
static inline void random_classes(trial *t, rfim__matrix eta)
{
    for (size_t i = 0; i < eta.rows; i++) {
        double sum = 0;
        for (size_t j = 0; j < eta.columns; j++) {
            bool gone = i % 2 == 0 && j == i % eta.columns && eta.columns > 1;
            double u = (i % 2 == 0 ? 4 : 1) * rfim__random_normal(&t->random);
            put(t, eta, i, j, gone ? 0 : exp(u));
            sum += gone ? 0 : exp(u);
        }
        for (size_t j = 0; j < eta.columns; j++)
            put(t, eta, i, j, at(t, eta, i, j) / sum);
    }
}

/* A random batch: badly scaled columns, from 1e-2 to 1e2; every third sample is the one before it
 * again; information nu with exact zeros. */
static inline rfim__observation random_observation(trial *t, const subject *s,
                                                   rfim__observed_part *parts, size_t n)
{
    bool factors = now.curvature == RFIM__FACTORS;
    rfim__observation seen = {n, factors ? now.copies : 1, now.curvature, s->shape.scale, parts};
    for (size_t p = 0; p < now.count; p++) {
        bool layer = now.parts[p] == RFIM__LAYER;
        rfim__matrix x = new_matrix(t, n, layer ? s->parts[p].rows : s->parts[p].columns);
        rfim__matrix c = new_matrix(t, n * seen.copies, s->parts[p].columns);
        random_matrix(t, x);
        random_matrix(t, c);
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < x.columns; k++)
                put(t, x, i, k,
                    i % 3 == 2 ? at(t, x, i - 1, k)
                               : at(t, x, i, k) * pow(10, 2 - (double)(k % 5)));
            for (size_t j = 0; j < c.columns && now.curvature == RFIM__WEIGHTS; j++)
                put(t, c, i, j, (i + j) % 4 == 1 ? 0 : pow(at(t, c, i, j), 2));
        }
        if (now.curvature == RFIM__CLASSES)
            random_classes(t, c);
        parts[p] = (rfim__observed_part){x, c};
    }
    return seen;
}

/* --- the oracle ------------------------------------------------------------------------------- */

/* Number (part, output j, row r) of a vector: what of it reaches the pre-activation of sample i. */
typedef struct number {
    size_t part, output, row, first_of_part;
} number;

static inline number number_of(const subject *s, size_t index)
{
    number k = {0};
    while (k.part + 1 < now.count && index >= s->parts[k.part + 1].first)
        k.part++;
    k.output = (index - s->parts[k.part].first) / s->parts[k.part].rows;
    k.row = (index - s->parts[k.part].first) % s->parts[k.part].rows;
    return k;
}

static inline double jacobian(const trial *t, const rfim__observation *seen, size_t i, number k)
{
    if (now.parts[k.part] == RFIM__LAYER)
        return at(t, seen->parts[k.part].reference, i, k.row);
    return k.row == 0 ? at(t, seen->parts[k.part].reference, i, k.output) : 1;
}

static inline double curvature_at(const trial *t, const rfim__observation *seen, size_t i, number a,
                                  number b)
{
    rfim__matrix left = seen->parts[a.part].curvature;
    rfim__matrix right = seen->parts[b.part].curvature;
    bool same = a.output == b.output;
    double sum = 0;
    switch (seen->curvature) {
    case RFIM__UNIT:
        return same ? seen->scale : 0;
    case RFIM__WEIGHTS:
        return same ? at(t, left, i, a.output) : 0;
    case RFIM__CLASSES: /* eta_j (sum of the others): the same but where rounding is all there is */
        for (size_t j = 0; j < left.columns && same; j++)
            sum += j == a.output ? 0 : at(t, left, i, j);
        return same ? at(t, left, i, a.output) * sum
                    : -at(t, left, i, a.output) * at(t, left, i, b.output);
    default:
        for (size_t c = 0; c < seen->copies; c++)
            sum += at(t, left, c * seen->samples + i, a.output) *
                   at(t, right, c * seen->samples + i, b.output);
        return sum;
    }
}

/* g <- keep g + add x mean over samples of J_i^T P_i J_i */
static inline void oracle_observe(const trial *t, subject *s, double keep, double add,
                                  const rfim__observation *seen)
{
    size_t order = s->shape.order;
    for (size_t k = 0; k < order; k++) {
        number a = number_of(s, k);
        for (size_t l = 0; l < order; l++) {
            number b = number_of(s, l);
            double sum = 0;
            for (size_t i = 0; i < seen->samples; i++)
                sum += jacobian(t, seen, i, a) * curvature_at(t, seen, i, a, b) *
                       jacobian(t, seen, i, b);
            s->g[k * order + l] = keep * s->g[k * order + l] + add * sum / (double)seen->samples;
        }
    }
}

static inline void observe(const trial *t, subject *s, double keep, double add,
                           const rfim__observation *seen)
{
    assert_true(s->metric->table->observe(s->metric, keep, add, seen));
    oracle_observe(t, s, keep, add, seen);
}

/* G + Lambda of the factor in use; call before anything else is observed. */
static inline double *damped(trial *t, const subject *s)
{
    size_t order = s->shape.order;
    double *a = new_values(t, order * order);
    memcpy(a, s->g, order * order * sizeof *a);
    for (size_t k = 0; k < order; k++)
        a[k * order + k] += at(t, s->metric->lambda, k, 0);
    return a;
}

/* Cholesky in float64; returns log det. */
static inline double oracle_cholesky(double *a, size_t order)
{
    double log_det = 0;
    for (size_t k = 0; k < order; k++) {
        for (size_t l = 0; l <= k; l++) {
            long double sum = a[k * order + l];
            for (size_t q = 0; q < l; q++)
                sum -= (long double)a[k * order + q] * a[l * order + q];
            a[k * order + l] = k == l ? (double)sqrtl(sum) : (double)(sum / a[l * order + l]);
        }
        log_det += 2 * log(a[k * order + k]);
    }
    return log_det;
}

static inline void oracle_solve(const double *l, double *x, size_t order)
{
    for (size_t k = 0; k < order; k++) {
        long double sum = x[k];
        for (size_t q = 0; q < k; q++)
            sum -= (long double)l[k * order + q] * x[q];
        x[k] = (double)(sum / l[k * order + k]);
    }
    for (size_t k = order; k-- > 0;) {
        long double sum = x[k];
        for (size_t q = k + 1; q < order; q++)
            sum -= (long double)l[q * order + k] * x[q];
        x[k] = (double)(sum / l[k * order + k]);
    }
}

/* Samples by rows of each: the order of the system that is factorised. */
static inline size_t system_order(const subject *s)
{
    size_t rows = now.curvature == RFIM__FACTORS   ? now.copies
                  : now.curvature == RFIM__CLASSES ? s->parts[0].columns
                                                   : 1;
    return s->metric->table->samples(s->metric) * rows;
}

#endif
