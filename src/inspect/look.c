#include "inspect/look.h"

#include "inspect/condition.h"
#include "inspect/zone.h"
#include "subsystem/handle.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Block after block: the condition is a block's. */
static rfim_status read_spectrum(const rfim_inspection *inspection, rfim__inspected *subsystem)
{
    rfim_metric *metric = subsystem->metric;
    subsystem->spectrum = rfim__allocate(inspection->context, subsystem->told.order,
                                         sizeof(double));
    if (!subsystem->spectrum)
        return RFIM_ERROR_MEMORY;
    rfim__algebra_begin(inspection->context);
    bool converged = metric->core->table->spectrum(metric->core, subsystem->spectrum);
    rfim__algebra_end(inspection->context);
    if (converged)
        return RFIM_OK;
    return rfim__fail(inspection->context, RFIM_DIVERGED,
                      "inspect: the eigenvalues of the metric of %s cannot be computed; the "
                      "network gives NaN or infinite numbers on these data",
                      subsystem->told.name);
}

static void look_at_spectrum(const rfim_inspection *inspection, rfim__inspected *subsystem)
{
    rfim_inspected *told = &subsystem->told;
    const double *spectrum = subsystem->spectrum;
    double unit = inspection->precision == RFIM_SINGLE ? FLT_EPSILON : DBL_EPSILON;
    qsort(subsystem->spectrum, told->order, sizeof *spectrum, descending);
    told->largest = spectrum[0];
    told->smallest = spectrum[told->order - 1];
    double noise = (double)told->block_order * unit * told->largest;
    while (told->rank < told->order && spectrum[told->rank] > noise)
        told->rank++;
}

/* Spectra notice NaN in the metric itself; nu and the other two metrics have nobody else. */
static rfim_status check_finite(const rfim_inspection *inspection, const rfim__inspected *subsystem)
{
    const struct {
        const char *name;
        const double *values;
    } rows[] = {
        {"mean nu", subsystem->nu},
        {"mean square of nu", subsystem->spread},
        {"relative trace", subsystem->relative_trace},
        {"absolute trace", subsystem->absolute_trace},
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (size_t j = 0; j < subsystem->told.columns; j++)
            if (!isfinite(rows[r].values[j]))
                return rfim__fail(inspection->context, RFIM_DIVERGED,
                                  "inspect: the %s of neuron %zu of %s is %g; the network gives "
                                  "NaN or infinite numbers on these data",
                                  rows[r].name, j + 1, subsystem->told.name, rows[r].values[j]);
    return RFIM_OK;
}

/* sums, squares: over the samples; they become means and standard deviations. */
static void finish_moments(const rfim_inspected *told, double *sums, double *squares)
{
    double samples = (double)told->samples;
    for (size_t j = 0; j < told->columns; j++) {
        double mean = sums[j] / samples;
        double variance = squares[j] / samples - mean * mean;
        sums[j] = mean;
        squares[j] = sqrt(fmax(variance, 0));
    }
}

static rfim_status look_at_nu(const rfim_inspection *inspection, rfim__inspected *subsystem)
{
    rfim_inspected *told = &subsystem->told;
    const double *nu = subsystem->zone_nu ? subsystem->zone_nu : subsystem->nu;
    const double *spread = subsystem->zone_nu ? subsystem->zone_spread : subsystem->spread;
    size_t zones[RFIM_ZONE_ACTIVE + 1] = {0};
    rfim_status status = check_finite(inspection, subsystem);
    if (status != RFIM_OK)
        return status;
    finish_moments(told, subsystem->nu, subsystem->spread);
    if (subsystem->zone_nu)
        finish_moments(told, subsystem->zone_nu, subsystem->zone_spread);
    for (size_t j = 0; j < told->columns; j++) {
        subsystem->zones[j] = rfim__zone_of(&subsystem->own, nu[j], spread[j]);
        zones[subsystem->zones[j]]++;
        told->mean_nu += subsystem->nu[j] / (double)told->columns;
    }
    told->dead = zones[RFIM_ZONE_DEAD];
    told->saturated = zones[RFIM_ZONE_SATURATED];
    told->linear = zones[RFIM_ZONE_LINEAR];
    told->active = zones[RFIM_ZONE_ACTIVE];
    return RFIM_OK;
}

/* traces [columns] <- of each neuron's block, from the diagonal of a metric */
static rfim_status look_at_traces(const rfim__inspected *subsystem, rfim_metric *metric,
                                  double *diagonal, double *traces)
{
    size_t rows = subsystem->told.rows;
    rfim_status status = rfim_metric_diagonal(metric, diagonal);
    for (size_t j = 0; j < subsystem->told.columns; j++)
        for (size_t k = 0; k < rows; k++)
            traces[j] += diagonal[j * rows + k];
    return status;
}

rfim_status rfim__inspect_look(const rfim_inspection *inspection, rfim__inspected *subsystem)
{
    rfim_metric *metric = subsystem->metric;
    rfim_inspected *told = &subsystem->told;
    told->order = rfim_metric_order(metric);
    told->block_order = metric->core->block_order;
    double *diagonal = rfim__allocate(inspection->context, told->order, sizeof *diagonal);
    if (!diagonal)
        return RFIM_ERROR_MEMORY;
    rfim_status status = look_at_traces(subsystem, subsystem->relative, diagonal,
                                        subsystem->relative_trace);
    if (status == RFIM_OK)
        status = look_at_traces(subsystem, subsystem->absolute, diagonal,
                                subsystem->absolute_trace);
    if (status == RFIM_OK)
        status = look_at_nu(inspection, subsystem);
    if (status == RFIM_OK)
        status = rfim_metric_metric_trace(metric, &told->metric_trace);
    if (status == RFIM_OK)
        status = rfim_metric_effective_rank(metric, &told->effective_rank);
    if (status == RFIM_OK)
        status = read_spectrum(inspection, subsystem);
    if (status == RFIM_OK)
        status = rfim__inspect_condition(inspection, subsystem, subsystem->spectrum);
    if (status == RFIM_OK)
        look_at_spectrum(inspection, subsystem);
    rfim__release(inspection->context, diagonal);
    rfim_metric_free(subsystem->metric);
    rfim_metric_free(subsystem->relative);
    rfim_metric_free(subsystem->absolute);
    subsystem->metric = NULL;
    subsystem->relative = NULL;
    subsystem->absolute = NULL;
    return status;
}
