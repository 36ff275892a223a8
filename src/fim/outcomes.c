#include "fim/outcomes.h"

#include "core/random.h"
#include "core/size.h"

#include <math.h>

void rfim__class_probabilities(const double *u, size_t m, double *probability)
{
    double top = u[0];
    double total = 0;
    for (size_t j = 1; j < m; j++)
        top = fmax(top, u[j]);
    for (size_t j = 0; j < m; j++)
        total += probability[j] = exp(u[j] - top);
    for (size_t j = 0; j < m; j++)
        probability[j] /= total;
}

double rfim__bernoulli(double u, int y)
{
    return 1 / (1 + exp(y ? -u : u));
}

/* What one output is one of, and how many combinations of m of them there are; 0: more than most.
 */
static size_t combinations(size_t choices, size_t m, size_t most)
{
    size_t count = 1;
    for (size_t j = 0; j < m; j++)
        if (!rfim__size_multiply(count, choices, &count) || count > most)
            return 0;
    return count;
}

static void choose(rfim__outcomes *outcomes, const rfim_fim_options *options)
{
    size_t m = outcomes->outputs;
    switch (outcomes->loss) {
    case RFIM_LOSS_SOFTMAX:
        outcomes->kind = RFIM__ENUMERATED;
        outcomes->count = m <= options->most ? m : 0;
        break;
    case RFIM_LOSS_SIGMOID:
        outcomes->kind = RFIM__ENUMERATED;
        outcomes->count = combinations(2, m, options->most);
        break;
    case RFIM_LOSS_SQUARED:
        outcomes->kind = RFIM__QUADRATURE;
        outcomes->count = combinations(options->nodes, m, options->most);
        rfim__hermite_rule(options->nodes, &outcomes->rule);
        break;
    }
    if (outcomes->count == 0) {
        outcomes->kind = RFIM__DRAWN;
        outcomes->count = options->draws;
    }
}

rfim_status rfim__outcomes_begin(const rfim__subject *subject, const rfim_fim_options *options,
                                 rfim__outcomes *out)
{
    rfim_context *context = subject->context;
    *out = (rfim__outcomes){.context = context,
                            .loss = subject->network->loss,
                            .outputs = subject->outputs,
                            .seed = options->seed};
    choose(out, options);
    size_t count = out->count;
    size_t m = out->outputs;
    size_t row = 0;
    if (!rfim__size_multiply(m, sizeof(double), &row))
        row = SIZE_MAX; /* the allocation below says that this is too much */
    bool classes = out->loss == RFIM_LOSS_SOFTMAX;
    size_t room = classes && m > count ? m : count; /* of drawn classes, all probabilities */
    out->probability = rfim__allocate(context, room, sizeof *out->probability);
    if (classes)
        out->labels = rfim__allocate(context, count, sizeof *out->labels);
    else
        out->values = (rfim__matrix){rfim__allocate(context, count, row), count, m, m};
    if (out->probability && (out->labels || out->values.data))
        return RFIM_OK;
    rfim__outcomes_end(out);
    return RFIM_ERROR_MEMORY;
}

void rfim__outcomes_end(rfim__outcomes *outcomes)
{
    rfim__release(outcomes->context, outcomes->probability);
    rfim__release(outcomes->context, outcomes->labels);
    rfim__release(outcomes->context, outcomes->values.data);
    *outcomes = (rfim__outcomes){0};
}

size_t rfim__outcomes_digit(const rfim__outcomes *outcomes, size_t index, size_t j)
{
    size_t base = outcomes->loss == RFIM_LOSS_SIGMOID ? 2 : outcomes->rule.count;
    while (j-- > 0)
        index /= base;
    return index % base;
}

static void enumerate_classes(rfim__outcomes *outcomes, const double *u)
{
    rfim__class_probabilities(u, outcomes->outputs, outcomes->probability);
    for (size_t c = 0; c < outcomes->count; c++)
        outcomes->labels[c] = (int32_t)c;
}

/* All combinations of what the outputs may be. */
static void combine(rfim__outcomes *outcomes, const double *u)
{
    for (size_t index = 0; index < outcomes->count; index++) {
        double *y = rfim__row(outcomes->values, index);
        double probability = 1;
        for (size_t j = 0; j < outcomes->outputs; j++) {
            size_t digit = rfim__outcomes_digit(outcomes, index, j);
            if (outcomes->kind == RFIM__QUADRATURE) {
                y[j] = u[j] + outcomes->rule.node[digit];
                probability *= outcomes->rule.weight[digit];
            } else {
                y[j] = (double)digit;
                probability *= rfim__bernoulli(u[j], (int)digit);
            }
        }
        outcomes->probability[index] = probability;
    }
}

/* A class with these probabilities, by a number on [0, 1) */
static int32_t class_at(const double *probability, size_t m, double place)
{
    size_t c = 0;
    double sum = probability[0];
    while (c + 1 < m && sum <= place)
        sum += probability[++c];
    while (c > 0 && probability[c] == 0) /* the sum's last digits */
        c--;
    return (int32_t)c;
}

static void draw(rfim__outcomes *outcomes, size_t sample, const double *u)
{
    size_t m = outcomes->outputs;
    rfim__random random = rfim__random_start(outcomes->seed,
                                             rfim__stream(RFIM__STREAM_OUTCOMES, sample));
    if (outcomes->labels)
        rfim__class_probabilities(u, m, outcomes->probability);
    for (size_t index = 0; index < outcomes->count; index++) {
        if (outcomes->labels) {
            double place = rfim__random_uniform(&random);
            outcomes->labels[index] = class_at(outcomes->probability, m, place);
            continue;
        }
        double *y = rfim__row(outcomes->values, index);
        for (size_t j = 0; j < m; j++)
            y[j] = outcomes->loss == RFIM_LOSS_SQUARED
                       ? u[j] + rfim__random_normal(&random)
                       : rfim__random_uniform(&random) < rfim__bernoulli(u[j], 1);
    }
    for (size_t index = 0; index < outcomes->count; index++)
        outcomes->probability[index] = 1 / (double)outcomes->count;
}

void rfim__outcomes_list(rfim__outcomes *outcomes, size_t sample, const double *u)
{
    if (outcomes->kind == RFIM__DRAWN)
        draw(outcomes, sample, u);
    else if (outcomes->labels)
        enumerate_classes(outcomes, u);
    else
        combine(outcomes, u);
}

rfim__targets rfim__outcomes_targets(const rfim__outcomes *outcomes, size_t first, size_t count)
{
    rfim__targets targets = {0};
    if (outcomes->labels) {
        targets.labels = outcomes->labels + first;
        return targets;
    }
    targets.values = outcomes->values;
    targets.values.data = rfim__row(outcomes->values, first);
    targets.values.rows = count;
    return targets;
}
