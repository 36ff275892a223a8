#include "network/whitened_init.h"

#include "core/size.h"
#include "data/column_moments.h"
#include "data/dataset.h"

#include <math.h>

#define CHUNK 512 /* samples at a time */

typedef struct making {
    rfim_network *network;
    const rfim_dataset *dataset;
    rfim__algebra *wide;  /* float64; the matrices below are its */
    rfim__matrix factor;  /* [d x d] R, then its factor */
    rfim__matrix chunk;   /* [samples x d] (x - mean) / deviation */
    rfim__matrix weights; /* [d x m] V_x, then W_x */
    rfim__matrix all;     /* [1 x D m] W, row after row */
    rfim__matrix moments; /* [2 x d] mean; deviation */
    void *block;
} making;

static double *at(rfim__matrix x, size_t i)
{
    return (double *)x.data + i * x.stride;
}

static void place(making *m, rfim__arena *arena)
{
    size_t d = m->dataset->inputs;
    size_t outputs = m->network->modules[0].outputs;
    size_t samples = rfim__size_min(CHUNK, m->dataset->samples);
    m->factor = rfim__arena_matrix(arena, m->wide, d, d);
    m->chunk = rfim__arena_matrix(arena, m->wide, samples, d);
    m->weights = rfim__arena_matrix(arena, m->wide, d, outputs);
    m->all = rfim__arena_matrix(arena, m->wide, 1, (d + 1) * outputs);
    m->moments = rfim__arena_matrix(arena, m->wide, 2, d);
}

static rfim_status begin(making *m)
{
    rfim_context *context = m->network->context;
    rfim__arena arena = {0};
    rfim_status status = rfim__algebra_create_cpu(context, RFIM_DOUBLE, &m->wide);
    if (status != RFIM_OK)
        return status;
    m->wide->team_flops = m->network->algebra->team_flops;
    place(m, &arena);
    if (arena.overflow)
        return rfim__fail(context, RFIM_ERROR_MEMORY,
                          "init whitened: the covariance of %zu inputs is more than this machine "
                          "can address; take glorot",
                          m->dataset->inputs);
    m->block = rfim__allocate(context, arena.used, 1);
    if (!m->block)
        return RFIM_ERROR_MEMORY;
    arena = (rfim__arena){.base = m->block};
    place(m, &arena);
    return RFIM_OK;
}

static double unit(const making *m, size_t k)
{
    double deviation = at(m->moments, 1)[k];
    return deviation > 0 ? deviation : 1;
}

/* factor <- R with what is added to its diagonal */
static rfim_status collect(const making *m)
{
    size_t samples = m->dataset->samples;
    size_t d = m->dataset->inputs;
    const double *mean = at(m->moments, 0);
    m->wide->ops.fill(m->wide, 0, m->factor);
    for (size_t first = 0; first < samples; first += CHUNK) {
        size_t n = rfim__size_min(CHUNK, samples - first);
        for (size_t i = 0; i < n; i++) {
            double *row = at(m->chunk, i);
            rfim_status status = rfim_dataset_read_inputs(m->dataset, first + i, row);
            if (status != RFIM_OK)
                return status;
            for (size_t k = 0; k < d; k++)
                row[k] = (row[k] - mean[k]) / unit(m, k);
        }
        m->wide->ops.gram(m->wide, 1, 1 / (double)samples, rfim__rows(m->wide, m->chunk, 0, n),
                          m->factor);
    }
    for (size_t k = 0; k < d; k++) {
        double *diagonal = at(m->factor, k) + k;
        *diagonal = at(m->moments, 1)[k] > 0 ? *diagonal + (double)(d + 1) / (double)samples : 1;
    }
    return RFIM_OK;
}

/* V from the stream of the first module, row by row, that of the bias last; then W. */
static void draw(const making *m, uint64_t seed)
{
    size_t d = m->dataset->inputs;
    size_t outputs = m->network->modules[0].outputs;
    double sd = sqrt(1 / (double)(d + 1));
    double *all = m->all.data;
    double *bias = all + d * outputs;
    rfim__random random = rfim__random_start(seed, rfim__stream(RFIM__STREAM_INIT, 0));
    for (size_t k = 0; k < d; k++)
        for (size_t j = 0; j < outputs; j++)
            at(m->weights, k)[j] = sd * rfim__random_normal(&random);
    m->wide->ops.triangle_solve(m->wide, m->factor, RFIM__TRANSPOSED, m->weights);
    for (size_t j = 0; j < outputs; j++)
        bias[j] = sd * rfim__random_normal(&random);
    for (size_t k = 0; k < d; k++) {
        for (size_t j = 0; j < outputs; j++) {
            double w = at(m->weights, k)[j] / unit(m, k);
            all[k * outputs + j] = w;
            bias[j] -= at(m->moments, 0)[k] * w;
        }
    }
}

static rfim_status check_module(const rfim_network *network, const rfim_dataset *dataset)
{
    const rfim__module *first = &network->modules[0];
    if (first->table != &rfim__linear_module)
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "init whitened draws a linear module in the coordinates of the data, but "
                          "the network begins with %s; take glorot or he",
                          first->name);
    if (first->inputs != dataset->inputs)
        return rfim__fail(network->context, RFIM_ERROR_SHAPE,
                          "the network has %zu inputs, the data have %zu numbers a sample; change "
                          "the network's first width to %zu",
                          first->inputs, dataset->inputs, dataset->inputs);
    if (dataset->samples == 0)
        return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                          "init whitened needs at least one sample");
    return RFIM_OK;
}

/* What single precision cannot hold would train from infinite weights. */
static rfim_status check_weights(const making *m)
{
    const double *all = m->all.data;
    bool wide = m->network->algebra->precision == RFIM_DOUBLE;
    size_t outputs = m->network->modules[0].outputs;
    for (size_t index = 0; index < m->all.columns; index++)
        if (!isfinite(all[index]) || (!wide && !isfinite((float)all[index])))
            return rfim__fail(m->network->context, RFIM_ERROR_ARGUMENT,
                              "init whitened: input %zu (from 0) varies so little that its weight "
                              "would be %g; scale it, or take precision double",
                              index / outputs, all[index]);
    return RFIM_OK;
}

rfim_status rfim__whitened_init(rfim_network *network, const rfim_dataset *dataset, uint64_t seed)
{
    making m = {.network = network, .dataset = dataset};
    rfim_status status = check_module(network, dataset);
    if (status != RFIM_OK)
        return status;
    rfim__algebra_begin(network->context);
    status = begin(&m);
    if (status == RFIM_OK)
        status = rfim__column_moments(dataset, at(m.moments, 0), at(m.moments, 1));
    if (status == RFIM_OK)
        status = collect(&m);
    if (status == RFIM_OK && m.wide->ops.cholesky(m.wide, m.factor) > 0)
        status = rfim__fail(network->context, RFIM_ERROR_NOT_POSITIVE_DEFINITE,
                            "init whitened: the inputs depend on each other so much that their "
                            "covariance has no factor; leave some out, or take glorot");
    if (status == RFIM_OK) {
        draw(&m, seed);
        status = check_weights(&m);
    }
    if (status == RFIM_OK) {
        network->algebra->ops.import(network->algebra, m.all.data, network->modules[0].parameters);
        network->edition++;
    }
    rfim__algebra_end(network->context);
    rfim__release(network->context, m.block);
    rfim__algebra_free(m.wide);
    return status;
}
