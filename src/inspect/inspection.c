#include "inspect/inspection.h"

#include "core/context.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PICTURED 240
#define MAX_BYTES ((size_t)64000000)

void rfim_inspect_defaults(rfim_inspect_options *options)
{
    *options = (rfim_inspect_options){.representation = -1,
                                      .sigma = 1,
                                      .damping_rule = RFIM_DAMPING_TRACE,
                                      .damping = 1e-3,
                                      .pictured = PICTURED,
                                      .max_bytes = MAX_BYTES};
}

void rfim_inspection_free(rfim_inspection *inspection)
{
    if (!inspection)
        return;
    rfim_context *context = inspection->context;
    for (size_t s = 0; inspection->subsystems && s < inspection->count; s++) {
        rfim__inspected *subsystem = &inspection->subsystems[s];
        rfim_metric_free(subsystem->metric);
        rfim_metric_free(subsystem->relative);
        rfim_metric_free(subsystem->absolute);
        rfim__release(context, subsystem->spectrum);
        rfim__release(context, subsystem->nu);
        rfim__release(context, subsystem->spread);
        rfim__release(context, subsystem->zone_nu);
        rfim__release(context, subsystem->zone_spread);
        rfim__release(context, subsystem->zones);
        rfim__release(context, subsystem->relative_trace);
        rfim__release(context, subsystem->absolute_trace);
        rfim__release(context, subsystem->picture);
    }
    rfim__release(context, inspection->subsystems);
    rfim__release(context, inspection->network);
    rfim__text_end(&inspection->json);
    rfim__release(context, inspection);
}

static const rfim__inspected *at(const rfim_inspection *inspection, size_t index)
{
    return inspection && index < inspection->count ? &inspection->subsystems[index] : NULL;
}

size_t rfim_inspection_count(const rfim_inspection *inspection)
{
    return inspection ? inspection->count : 0;
}

rfim_status rfim_inspection_get(const rfim_inspection *inspection, size_t index,
                                rfim_inspected *out)
{
    const rfim__inspected *subsystem = at(inspection, index);
    if (!subsystem || !out)
        return RFIM_ERROR_ARGUMENT;
    *out = subsystem->told;
    return RFIM_OK;
}

const double *rfim_inspection_spectrum(const rfim_inspection *inspection, size_t index)
{
    const rfim__inspected *subsystem = at(inspection, index);
    return subsystem ? subsystem->spectrum : NULL;
}

const double *rfim_inspection_nu(const rfim_inspection *inspection, size_t index)
{
    const rfim__inspected *subsystem = at(inspection, index);
    return subsystem ? subsystem->nu : NULL;
}

const double *rfim_inspection_nu_spread(const rfim_inspection *inspection, size_t index)
{
    const rfim__inspected *subsystem = at(inspection, index);
    return subsystem ? subsystem->spread : NULL;
}

const rfim_zone *rfim_inspection_zones(const rfim_inspection *inspection, size_t index)
{
    const rfim__inspected *subsystem = at(inspection, index);
    return subsystem ? subsystem->zones : NULL;
}

const double *rfim_inspection_relative(const rfim_inspection *inspection, size_t index)
{
    const rfim__inspected *subsystem = at(inspection, index);
    return subsystem ? subsystem->relative_trace : NULL;
}

const double *rfim_inspection_absolute(const rfim_inspection *inspection, size_t index)
{
    const rfim__inspected *subsystem = at(inspection, index);
    return subsystem ? subsystem->absolute_trace : NULL;
}

void rfim__inspected_note(rfim__inspected *subsystem, const char *format, ...)
{
    char sentence[256];
    char *note = subsystem->told.note;
    size_t used = strlen(note);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (used + 2 + strlen(sentence) < sizeof subsystem->told.note)
        snprintf(note + used, sizeof subsystem->told.note - used, "%s%s", used > 0 ? "; " : "",
                 sentence);
}

const char *rfim__damping_rule_name(rfim_damping_rule rule)
{
    static const char *const names[] = {"trace", "mean-diagonal", "diagonal", "absolute"};
    return (int)rule >= 0 && (int)rule < 4 ? names[rule] : "";
}
