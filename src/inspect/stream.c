#include "inspect/stream.h"

#include "core/size.h"
#include "data/dataset.h"
#include "inspect/zone.h"
#include "network/trace.h"
#include "subsystem/response_root.h"

typedef struct stream {
    rfim_inspection *inspection;
    rfim_trace *trace;
    double *nu;   /* [RFIM__INSPECT_PASS x widest] */
    void *hard;   /* the same in the network's precision */
    size_t first; /* sample of the piece */
} stream;

/* sums, squares [m] <- sums over the piece of s->nu and of its squares, added */
static void add_moments(const stream *s, size_t m, double *sums, double *squares)
{
    for (size_t i = 0; i < s->trace->samples; i++)
        for (size_t j = 0; j < m; j++) {
            double nu = s->nu[i * m + j];
            sums[j] += nu;
            squares[j] += nu * nu;
        }
}

static void picture(const stream *s, rfim__inspected *subsystem)
{
    size_t m = subsystem->told.columns;
    size_t pictured = s->inspection->options.pictured;
    for (size_t i = 0; i < s->trace->samples && s->first + i < pictured; i++)
        for (size_t j = 0; j < m; j++)
            subsystem->picture[j * pictured + s->first + i] = s->nu[i * m + j];
}

/* What the zone is judged by where that is not nu: the nu of the forward pass's own slope. */
static void observe_hard(stream *s, rfim__inspected *subsystem)
{
    const rfim_network *network = s->trace->network;
    rfim__algebra *algebra = network->algebra;
    rfim__asked_response hard = rfim__zone_response(&subsystem->own);
    rfim__arena arena = {.base = s->hard};
    rfim__matrix out = rfim__arena_matrix(&arena, algebra, s->trace->samples,
                                          subsystem->told.columns);
    rfim__response_information(network, &hard, &s->trace->slots[subsystem->responds], out);
    algebra->ops.export(algebra, out, s->nu);
    add_moments(s, subsystem->told.columns, subsystem->zone_nu, subsystem->zone_spread);
}

static rfim_status observe_nu(stream *s, rfim__inspected *subsystem)
{
    rfim_status status = rfim_metric_nu(s->trace, subsystem->responds, subsystem->own.family,
                                        subsystem->own.sigma, s->nu);
    if (status != RFIM_OK)
        return status;
    add_moments(s, subsystem->told.columns, subsystem->nu, subsystem->spread);
    picture(s, subsystem);
    if (subsystem->zone_nu)
        observe_hard(s, subsystem);
    return RFIM_OK;
}

/* G <- G + (n / of) x mean over the piece: adds up to the mean over `of` samples. */
static rfim_status observe(const stream *s, rfim_metric *metric, size_t of)
{
    double share = (double)s->trace->samples / (double)of;
    return rfim_metric_observe(metric, s->trace, s->first == 0 ? 0 : 1, share);
}

static rfim_status observe_piece(stream *s)
{
    rfim_status status = RFIM_OK;
    size_t samples = s->inspection->options.samples;
    for (size_t u = 0; u < s->inspection->count && status == RFIM_OK; u++) {
        rfim__inspected *subsystem = &s->inspection->subsystems[u];
        status = observe_nu(s, subsystem);
        if (status == RFIM_OK)
            status = observe(s, subsystem->metric, samples);
        if (status == RFIM_OK)
            status = observe(s, subsystem->relative, samples);
        if (status == RFIM_OK && s->first < subsystem->told.absolute_samples)
            status = observe(s, subsystem->absolute, subsystem->told.absolute_samples);
    }
    return status;
}

static rfim_status pass_through(stream *s, const rfim_dataset *dataset)
{
    const rfim_inspect_options *options = &s->inspection->options;
    for (s->first = 0; s->first < options->samples; s->first += s->trace->samples) {
        size_t n = rfim__size_min(options->samples - s->first, RFIM__INSPECT_PASS);
        rfim_status status = rfim__trace_load(s->trace, dataset, NULL, s->first, n);
        if (status != RFIM_OK)
            return status;
        rfim__trace_pass(s->trace, RFIM__INFER);
        status = observe_piece(s);
        if (status != RFIM_OK)
            return status;
        if (options->progress)
            options->progress(options->progress_user, s->first + n, options->samples);
    }
    return RFIM_OK;
}

rfim_status rfim__inspect_stream(rfim_inspection *inspection, rfim_network *network,
                                 const rfim_dataset *dataset)
{
    stream s = {.inspection = inspection};
    size_t widest = 1;
    for (size_t u = 0; u < inspection->count; u++)
        widest = rfim__size_max(widest, inspection->subsystems[u].told.columns);
    rfim__arena arena = {0};
    rfim__arena_matrix(&arena, network->algebra, RFIM__INSPECT_PASS, widest);
    s.nu = rfim__allocate(network->context, widest, RFIM__INSPECT_PASS * sizeof(double));
    s.hard = rfim__allocate(network->context, arena.used, 1);
    rfim_status status = RFIM_ERROR_MEMORY;
    if (s.nu && s.hard)
        status = rfim__trace_create(network,
                                    rfim__size_min(inspection->options.samples, RFIM__INSPECT_PASS),
                                    false, &s.trace);
    if (status == RFIM_OK) {
        rfim__algebra_begin(network->context);
        status = pass_through(&s, dataset);
        rfim__algebra_end(network->context);
    }
    rfim_trace_free(s.trace);
    rfim__release(network->context, s.hard);
    rfim__release(network->context, s.nu);
    return status;
}
