/* inspect.c - which modules are inspected; what is allocated for each; the order of the work. */
#include "core/nearest.h"
#include "core/size.h"
#include "data/dataset.h"
#include "inspect/choose.h"
#include "inspect/look.h"
#include "inspect/stream.h"
#include "inspect/zone.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static rfim_status check_options(const rfim_network *network, const rfim_dataset *dataset,
                                 const rfim_inspect_options *options)
{
    rfim_context *context = network->context;
    if (options->representation < -1 || options->representation >= RFIM_REPRESENTATIONS)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "inspect: the representation is one of rfim_representation, or -1, found "
                          "%d",
                          options->representation);
    if ((int)options->damping_rule < 0 || options->damping_rule > RFIM_DAMPING_ABSOLUTE ||
        !(options->damping > 0 && isfinite(options->damping)))
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "inspect: a damping above 0, by a rule of rfim_damping_rule, is wanted, "
                          "found %g by %d",
                          options->damping, (int)options->damping_rule);
    if (options->max_bytes == 0)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "inspect: the memory for one metric is at least 1 byte, found 0");
    if (dataset->samples == 0)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "inspect: the data set is empty; a mean over samples needs at least one");
    if (options->samples > dataset->samples)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "inspect: the data set has %zu samples, found %zu asked for",
                          dataset->samples, options->samples);
    if (dataset->inputs != rfim_network_inputs(network))
        return rfim__fail(context, RFIM_ERROR_SHAPE,
                          "inspect: the network has %zu inputs, the samples have %zu numbers each; "
                          "take the data that it was trained on",
                          rfim_network_inputs(network), dataset->inputs);
    return RFIM_OK;
}

/* --- which modules ---------------------------------------------------------------------------- */

static bool has_parameters(const rfim_network *network, size_t l)
{
    return network->modules[l].parameters.rows > 0;
}

static rfim_status check_module(const rfim_network *network, const char *name)
{
    const char *best = NULL;
    bool found = false;
    for (size_t l = 0; l < network->count; l++) {
        if (!has_parameters(network, l))
            continue;
        rfim__nearest_consider(name, network->modules[l].name, &best);
        found = found || strcmp(network->modules[l].name, name) == 0;
    }
    if (found)
        return RFIM_OK;
    return rfim__fail(network->context, RFIM_ERROR_ARGUMENT,
                      "inspect: the network has no module with parameters named '%.40s'; the "
                      "nearest is %s",
                      name, best ? best : "none");
}

/* A module's own response is that of the modules without parameters right behind it. */
static size_t responding(const rfim_network *network, size_t l)
{
    while (l + 1 < network->count && network->modules[l + 1].parameters.rows == 0)
        l++;
    return l;
}

static rfim_status begin_subsystem(const rfim_inspection *inspection, rfim_network *network,
                                   size_t l, rfim__inspected *subsystem)
{
    const rfim__module *module = &network->modules[l];
    rfim_context *context = network->context;
    rfim_inspected *told = &subsystem->told;
    size_t m = module->outputs;
    subsystem->module = l;
    subsystem->responds = responding(network, l);
    snprintf(told->name, sizeof told->name, "%s", module->name);
    told->rows = module->parameters.rows;
    told->columns = m;
    told->samples = inspection->options.samples;
    rfim_family family = inspection->options.family;
    if (inspection->options.response == RFIM_RESPONSE_NETWORK)
        family = RFIM_FAMILY_PUBLISHED;
    rfim_status status = rfim__subsystem_response(network, subsystem->responds, family,
                                                  inspection->options.sigma, &subsystem->own);
    if (status != RFIM_OK)
        return status;
    bool classes = subsystem->own.family == RFIM_FAMILY_CATEGORICAL;
    snprintf(told->activation, sizeof told->activation, "%s",
             classes ? "softmax" : rfim__activation_label(&subsystem->own.activation));
    told->largest_nu = rfim__zone_largest_nu(&subsystem->own);
    subsystem->nu_high = isfinite(told->largest_nu) ? told->largest_nu : 0;
    subsystem->nu = rfim__allocate(context, m, sizeof(double));
    subsystem->spread = rfim__allocate(context, m, sizeof(double));
    subsystem->zones = rfim__allocate(context, m, sizeof(rfim_zone));
    subsystem->relative_trace = rfim__allocate(context, m, sizeof(double));
    subsystem->absolute_trace = rfim__allocate(context, m, sizeof(double));
    if (rfim__zone_is_of_hard_slope(&subsystem->own)) {
        subsystem->zone_nu = rfim__allocate(context, m, sizeof(double));
        subsystem->zone_spread = rfim__allocate(context, m, sizeof(double));
        if (!subsystem->zone_nu || !subsystem->zone_spread)
            return RFIM_ERROR_MEMORY;
    }
    size_t pictured = 0;
    if (rfim__size_multiply(m, inspection->options.pictured, &pictured))
        subsystem->picture = rfim__allocate(context, pictured, sizeof(double));
    return subsystem->nu && subsystem->spread && subsystem->zones && subsystem->relative_trace &&
                   subsystem->absolute_trace && subsystem->picture
               ? RFIM_OK
               : RFIM_ERROR_MEMORY;
}

static rfim_status begin_subsystems(rfim_inspection *inspection, rfim_network *network,
                                    const char *name)
{
    size_t asked = 0;
    rfim_status status = name ? check_module(network, name) : RFIM_OK;
    if (status != RFIM_OK)
        return status;
    inspection->subsystems = rfim__allocate(network->context, network->count,
                                            sizeof *inspection->subsystems);
    if (!inspection->subsystems)
        return RFIM_ERROR_MEMORY;
    for (size_t l = 0; l < network->count && status == RFIM_OK; l++) {
        if (!has_parameters(network, l) || (name && strcmp(network->modules[l].name, name) != 0))
            continue;
        rfim__inspected *subsystem = &inspection->subsystems[inspection->count++];
        status = begin_subsystem(inspection, network, l, subsystem);
        if (status == RFIM_OK)
            status = rfim__inspect_choose(inspection, network, name != NULL, subsystem, &asked);
    }
    if (status == RFIM_OK && asked == 0)
        status = rfim__inspect_refuse(inspection, network);
    return status;
}

/* --- the whole -------------------------------------------------------------------------------- */

static rfim_status inspect(rfim_inspection *inspection, rfim_network *network,
                           const rfim_dataset *dataset, const char *name)
{
    inspection->network = rfim__copy_text(network->context, network->text);
    if (!inspection->network)
        return RFIM_ERROR_MEMORY;
    rfim_status status = begin_subsystems(inspection, network, name);
    if (status == RFIM_OK)
        status = rfim__inspect_stream(inspection, network, dataset);
    for (size_t u = 0; u < inspection->count && status == RFIM_OK; u++)
        status = rfim__inspect_look(inspection, &inspection->subsystems[u]);
    return status;
}

rfim_status rfim_inspect(rfim_network *network, const rfim_dataset *dataset,
                         const rfim_inspect_options *options, rfim_inspection **out)
{
    if (out)
        *out = NULL;
    if (!network || !dataset || !options || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim_status status = check_options(network, dataset, options);
    if (status != RFIM_OK)
        return status;
    rfim_inspection *inspection = rfim__allocate(network->context, 1, sizeof *inspection);
    if (!inspection)
        return RFIM_ERROR_MEMORY;
    inspection->context = network->context;
    inspection->precision = network->algebra->precision;
    inspection->options = *options;
    inspection->options.module = NULL; /* the caller's */
    if (options->samples == 0)
        inspection->options.samples = dataset->samples;
    inspection->options.pictured = rfim__size_min(options->pictured, inspection->options.samples);
    rfim__text_begin(&inspection->json, network->context);
    status = inspect(inspection, network, dataset, options->module);
    if (status != RFIM_OK) {
        rfim_inspection_free(inspection);
        inspection = NULL;
    }
    *out = inspection;
    return status;
}
