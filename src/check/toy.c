#include "check/toy.h"

#include "check/oracle/activation.h"
#include "check/oracle_of.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define KINK 0.15        /* pre-activations keep so far from 0 where f' jumps */
#define MOST_WEIGHTS 100 /* draws of all weights, and for each ... */
#define MOST_SAMPLES 500 /* ... of single samples, until all keep away */

/* --- the network ------------------------------------------------------------------------------ */

static void free_network(void *object)
{
    rfim_network_free(object);
}

static void free_trace(void *object)
{
    rfim_trace_free(object);
}

static void free_metric(void *object)
{
    rfim_metric_free(object);
}

size_t rfim__toy_rows(const rfim__toy *toy, size_t module)
{
    const rfim__oracle_module *at = &toy->modules[module];
    return at->kind == RFIM__ORACLE_LINEAR       ? at->inputs + 1
           : at->kind == RFIM__ORACLE_BATCH_NORM ? 2
                                                 : 0;
}

static void mirror_module(rfim__toy *toy, size_t l)
{
    const rfim__module *from = &toy->network->modules[l];
    rfim__oracle_module *to = &toy->modules[l];
    rfim__check *check = toy->check;
    size_t m = from->outputs;
    to->kind = from->table == &rfim__linear_module       ? RFIM__ORACLE_LINEAR
               : from->table == &rfim__batch_norm_module ? RFIM__ORACLE_BATCH_NORM
                                                         : RFIM__ORACLE_ELEMENTWISE;
    to->inputs = from->inputs;
    to->outputs = m;
    if (to->kind != RFIM__ORACLE_BATCH_NORM)
        to->activation = rfim__oracle_activation_of(&from->activation, false);
    toy->parameters[l] = rfim__check_numbers(check, rfim__toy_rows(toy, l) * m + 1);
    to->parameters = toy->parameters[l];
    to->mean = rfim__check_numbers(check, m);
    to->scale = rfim__check_numbers(check, m);
    toy->pre[l] = rfim__check_numbers(check, toy->samples * m);
    toy->out[l] = rfim__check_numbers(check, toy->samples * m);
}

/* Network and trace, and the empty arrays. */
static rfim__toy *begin(rfim__check *check, const char *text, rfim_precision precision,
                        size_t samples)
{
    rfim_network_options options;
    rfim_network_defaults(&options);
    options.precision = precision;
    rfim__toy *s = rfim__check_room(check, 1, sizeof *s);
    if (!s || rfim_network_create(check->context, text, &options, &s->network) != RFIM_OK ||
        !rfim__check_keep(check, s->network, free_network) ||
        rfim_trace_create(s->network, samples, &s->trace) != RFIM_OK ||
        !rfim__check_keep(check, s->trace, free_trace))
        return NULL;
    s->check = check;
    s->samples = samples;
    s->inputs = rfim_network_inputs(s->network);
    s->count = rfim_network_modules(s->network);
    s->x = rfim__check_numbers(check, samples * s->inputs);
    s->modules = rfim__check_room(check, s->count, sizeof *s->modules);
    s->parameters = rfim__check_room(check, s->count, sizeof *s->parameters);
    s->pre = rfim__check_room(check, s->count, sizeof *s->pre);
    s->out = rfim__check_room(check, s->count, sizeof *s->out);
    for (size_t l = 0; rfim__check_is_well(check) && l < s->count; l++)
        mirror_module(s, l);
    return rfim__check_is_well(check) ? s : NULL;
}

static bool write_tensor(rfim__toy *toy, size_t module, const char *suffix, const double *values)
{
    char name[48];
    rfim_tensor_info info;
    snprintf(name, sizeof name, "%s.%s", rfim_network_module_name(toy->network, module), suffix);
    for (size_t index = 0; index < rfim_network_tensors(toy->network); index++)
        if (rfim_network_tensor_info(toy->network, index, &info) == RFIM_OK &&
            strcmp(info.name, name) == 0)
            return rfim_network_tensor_write(toy->network, index, values) == RFIM_OK;
    return false;
}

/* The network's parameters become those of the arrays, rounded to its precision. */
static bool write_parameters(rfim__toy *toy)
{
    bool single = rfim_network_precision(toy->network) == RFIM_SINGLE;
    for (size_t l = 0; l < toy->count; l++) {
        const rfim__oracle_module *at = &toy->modules[l];
        size_t m = at->outputs;
        size_t d = at->inputs;
        size_t rows = rfim__toy_rows(toy, l);
        double *p = toy->parameters[l];
        for (size_t k = 0; single && k < rows * m; k++)
            p[k] = (double)(float)p[k];
        if (at->kind == RFIM__ORACLE_BATCH_NORM &&
            (!write_tensor(toy, l, "gamma", p) || !write_tensor(toy, l, "beta", p + m)))
            return false;
        if (at->kind != RFIM__ORACLE_LINEAR)
            continue;
        double *transposed = rfim__check_numbers(toy->check, d * m);
        if (!transposed)
            return false;
        for (size_t k = 0; k < d; k++)
            for (size_t j = 0; j < m; j++)
                transposed[j * d + k] = p[k * m + j];
        if (!write_tensor(toy, l, "weight", transposed) || !write_tensor(toy, l, "bias", p + d * m))
            return false;
    }
    return true;
}

bool rfim__toy_pass(rfim__toy *toy, size_t first, size_t count)
{
    return rfim_trace_forward(toy->trace, rfim_doubles(toy->x + first * toy->inputs, count,
                                                       toy->inputs)) == RFIM_OK;
}

/* --- the oracle's own forward pass ------------------------------------------------------------ */

/* Mean and 1/sd of the batch become the constants of batch normalisation. */
static void measure(rfim__toy *toy, size_t l, const double *x)
{
    const rfim__oracle_module *at = &toy->modules[l];
    double n = (double)toy->samples;
    double *mean = (double *)at->mean;
    double *scale = (double *)at->scale;
    for (size_t j = 0; j < at->outputs; j++) {
        double square = 0;
        mean[j] = 0;
        for (size_t i = 0; i < toy->samples; i++)
            mean[j] += x[i * at->outputs + j] / n;
        for (size_t i = 0; i < toy->samples; i++)
            square += pow(x[i * at->outputs + j] - mean[j], 2) / n;
        scale[j] = 1 / sqrt(square + toy->network->modules[l].eps);
    }
}

static double pre_activation(const rfim__oracle_module *at, const double *x, size_t j)
{
    const double *p = at->parameters;
    size_t m = at->outputs;
    if (at->kind == RFIM__ORACLE_ELEMENTWISE)
        return x[j];
    if (at->kind == RFIM__ORACLE_BATCH_NORM)
        return p[j] * (x[j] - at->mean[j]) * at->scale[j] + p[m + j];
    double t = p[at->inputs * m + j];
    for (size_t k = 0; k < at->inputs; k++)
        t += p[k * m + j] * x[k];
    return t;
}

/* pre and out of all samples. Returns the first sample that comes too near to a kink, or n. */
static size_t forward(rfim__toy *toy)
{
    size_t near = toy->samples;
    const double *x = toy->x;
    for (size_t l = 0; l < toy->count; l++) {
        const rfim__oracle_module *at = &toy->modules[l];
        bool kinked = at->activation.function == RFIM__ORACLE_RELU ||
                      at->activation.function == RFIM__ORACLE_ELU;
        if (at->kind == RFIM__ORACLE_BATCH_NORM)
            measure(toy, l, x);
        for (size_t i = 0; i < toy->samples; i++)
            for (size_t j = 0; j < at->outputs; j++) {
                double t = pre_activation(at, x + i * at->inputs, j);
                toy->pre[l][i * at->outputs + j] = t;
                toy->out[l][i * at->outputs + j] = creal(rfim__oracle_apply(&at->activation, t));
                if (kinked && fabs(t) < KINK && i < near)
                    near = i;
            }
        x = toy->out[l];
    }
    return near;
}

/* --- made-up numbers -------------------------------------------------------------------------- */

/* Weights that make pre-activations of about the size 1, whatever the scales of the inputs. */
static void draw_parameters(rfim__toy *toy, const double *scales)
{
    rfim__check *check = toy->check;
    for (size_t l = 0; l < toy->count; l++) {
        const rfim__oracle_module *at = &toy->modules[l];
        size_t m = at->outputs;
        double *p = toy->parameters[l];
        for (size_t j = 0; at->kind == RFIM__ORACLE_BATCH_NORM && j < m; j++) {
            p[j] = rfim__check_uniform(check, .5, 1.5) * (j % 2 ? -1 : 1);
            p[m + j] = rfim__check_uniform(check, -.5, .5);
        }
        for (size_t k = 0; at->kind == RFIM__ORACLE_LINEAR && k <= at->inputs; k++) {
            double size = k == at->inputs ? .5 : 1.2 / sqrt((double)at->inputs);
            if (l == 0 && k < at->inputs)
                size /= scales[k];
            for (size_t j = 0; j < m; j++)
                p[k * m + j] = size * rfim__random_normal(&check->random);
        }
    }
}

static void draw_sample(rfim__toy *toy, rfim__toy_data data, const double *scales, size_t i)
{
    bool single = rfim_network_precision(toy->network) == RFIM_SINGLE;
    double *x = toy->x + i * toy->inputs;
    for (size_t k = 0; k < toy->inputs; k++)
        x[k] = scales[k] * rfim__random_normal(&toy->check->random);
    if (data == RFIM__TOY_HARSH && toy->inputs > 2) {
        x[1] = 2 * x[0];
        x[2] = 0;
    }
    if (data == RFIM__TOY_HARSH && i % 3 == 2)
        memcpy(x, x - toy->inputs, toy->inputs * sizeof *x);
    for (size_t k = 0; single && k < toy->inputs; k++)
        x[k] = (double)(float)x[k];
}

/* Is a whole layer 0 in every sample, so that nothing could be compared before it? */
static bool is_dead(const rfim__toy *toy)
{
    for (size_t l = 0; l < toy->count; l++) {
        bool alive = false;
        for (size_t k = 0; k < toy->samples * toy->modules[l].outputs; k++)
            alive |= toy->out[l][k] != 0;
        if (!alive)
            return true;
    }
    return false;
}

/* Draws a batch that keeps away from kinks. Some weights do not let it: false. */
static bool keeps_away(rfim__toy *toy, rfim__toy_data data, const double *scales)
{
    for (size_t i = 0; i < toy->samples; i++)
        draw_sample(toy, data, scales, i);
    for (size_t draw = 0; draw < MOST_SAMPLES; draw++) {
        size_t near = forward(toy);
        if (near == toy->samples)
            return !is_dead(toy);
        draw_sample(toy, data, scales, near);
    }
    return false;
}

rfim__toy *rfim__toy_create(rfim__check *check, const char *text, rfim_precision precision,
                            rfim__toy_data data, size_t samples)
{
    rfim__toy *s = begin(check, text, precision, samples);
    double *scales = s ? rfim__check_numbers(check, s->inputs) : NULL;
    if (!scales)
        return NULL;
    double digits = data == RFIM__TOY_HARSH ? 3 : .5;
    for (size_t k = 0; k < s->inputs; k++)
        scales[k] = pow(10, rfim__check_uniform(check, -digits, digits));
    if (data == RFIM__TOY_HARSH && s->inputs > 2)
        scales[1] = 2 * scales[0];
    for (size_t draw = 0; draw < MOST_WEIGHTS; draw++) {
        draw_parameters(s, scales);
        if (!write_parameters(s))
            return NULL;
        if (keeps_away(s, data, scales))
            return rfim__toy_pass(s, 0, samples) ? s : NULL;
    }
    rfim__fail(check->context, RFIM_ERROR_UNSUPPORTED,
               "no batch was found that keeps away from the kinks of %s", text);
    return NULL;
}

rfim__toy *rfim__toy_with(rfim__check *check, const char *text, rfim_precision precision,
                          size_t samples, const double *x, const double *const *parameters)
{
    rfim__toy *s = begin(check, text, precision, samples);
    if (!s)
        return NULL;
    for (size_t l = 0; l < s->count; l++)
        if (parameters[l])
            memcpy(s->parameters[l], parameters[l],
                   rfim__toy_rows(s, l) * s->modules[l].outputs * sizeof(double));
    memcpy(s->x, x, samples * s->inputs * sizeof *x);
    for (size_t k = 0; precision == RFIM_SINGLE && k < samples * s->inputs; k++)
        s->x[k] = (double)(float)s->x[k];
    if (!write_parameters(s) || !rfim__toy_pass(s, 0, samples))
        return NULL;
    forward(s);
    return s;
}

/* --- its metrics ------------------------------------------------------------------------------ */

rfim_metric_options rfim__toy_options(size_t first, size_t last)
{
    rfim_metric_options options;
    rfim_metric_defaults(&options);
    options.first = first;
    options.last = last;
    return options;
}

rfim_metric *rfim__toy_metric(rfim__toy *toy, const rfim_metric_options *options)
{
    rfim_metric *metric = NULL;
    if (!toy || rfim_metric_create(toy->network, options, &metric) != RFIM_OK ||
        !rfim__check_keep(toy->check, metric, free_metric))
        return NULL;
    return metric;
}

rfim_metric *rfim__toy_observed(rfim__toy *toy, const rfim_metric_options *options)
{
    rfim_metric *metric = rfim__toy_metric(toy, options);
    return metric && rfim_metric_observe(metric, toy->trace, 0, 1) == RFIM_OK ? metric : NULL;
}

double *rfim__check_dense(rfim__check *check, rfim_metric *metric)
{
    size_t order = metric ? rfim_metric_order(metric) : 0;
    double *g = metric ? rfim__check_numbers(check, order * order) : NULL;
    return g && rfim_metric_to_dense(metric, g) == RFIM_OK ? g : NULL;
}

double *rfim__toy_dense(rfim__toy *toy, const rfim_metric_options *options)
{
    return toy ? rfim__check_dense(toy->check, rfim__toy_observed(toy, options)) : NULL;
}
