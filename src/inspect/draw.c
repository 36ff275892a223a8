/* draw.c - an inspection as a page: a row of three pictures for each subsystem. */
#include "inspect/inspection.h"
#include "io/page.h"

#include <math.h>
#include <stdio.h>

#define SPECTRUM_POINTS 400 /* of a longer one, evenly spaced on a logarithmic axis */

/* What the pictures of one subsystem are made of. */
typedef struct row {
    char heading[160];
    char words[768];
    double ranks[SPECTRUM_POINTS]; /* 1, 2, ... */
    double values[SPECTRUM_POINTS];
    rfim__series spectrum_series;
    rfim__series trace_series;
    rfim__panel spectrum;
    rfim__heat_map zones;
    rfim__panel traces;
} row;

static size_t pick_points(const rfim__inspected *subsystem, row *r)
{
    size_t order = subsystem->told.order;
    size_t count = 0;
    size_t last = 0;
    for (size_t point = 0; point < SPECTRUM_POINTS; point++) {
        double share = (double)point / (SPECTRUM_POINTS - 1);
        size_t rank = order <= SPECTRUM_POINTS ? point + 1
                                               : (size_t)llround(pow((double)order, share));
        if (rank == last || rank > order)
            continue;
        last = rank;
        r->ranks[count] = (double)rank;
        /* What is below rounding level says nothing, and would squeeze the rest. */
        r->values[count] = rank <= subsystem->told.rank ? subsystem->spectrum[rank - 1]
                                                        : (double)NAN;
        count++;
    }
    return count;
}

static void describe(const rfim_inspection *inspection, const rfim__inspected *subsystem, row *r)
{
    const rfim_inspected *told = &subsystem->told;
    char condition[32] = "not known";
    char smallest[32] = "below rounding";
    if (!isnan(told->condition))
        snprintf(condition, sizeof condition, "%.3g", told->condition);
    if (told->rank == told->order)
        snprintf(smallest, sizeof smallest, "%.3g", told->smallest);
    snprintf(r->heading, sizeof r->heading, "%s: %zu x %zu, %s", told->name, told->rows,
             told->columns, told->activation);
    int used = snprintf(r->words, sizeof r->words,
                        "Metric %s, response %s: trace %.4g; %zu eigenvalues, largest %.3g, "
                        "smallest %s, %zu above rounding; effective rank %.1f; condition %s after "
                        "damping %.3g (%s).",
                        rfim_representation_name(told->representation),
                        rfim_response_name(told->response), told->metric_trace, told->order,
                        told->largest, smallest, told->rank, told->effective_rank, condition,
                        told->damping, rfim__damping_rule_name(inspection->options.damping_rule));
    if (subsystem->own.family != RFIM_FAMILY_CATEGORICAL && used > 0)
        used += snprintf(r->words + used, sizeof r->words - (size_t)used,
                         " Neurons: %zu active, %zu linear, %zu saturated, %zu dead.", told->active,
                         told->linear, told->saturated, told->dead);
    if (told->note[0] && used > 0)
        used += snprintf(r->words + used, sizeof r->words - (size_t)used, " Note: %s.", told->note);
    if (told->absolute_samples < told->samples && used > 0)
        snprintf(r->words + used, sizeof r->words - (size_t)used,
                 " The absolute metric is that of the first %zu samples.", told->absolute_samples);
}

static void compose(const rfim_inspection *inspection, const rfim__inspected *subsystem, row *r,
                    rfim__page_row *out)
{
    const rfim_inspected *told = &subsystem->told;
    bool classes = subsystem->own.family == RFIM_FAMILY_CATEGORICAL;
    describe(inspection, subsystem, r);
    r->spectrum_series = (rfim__series){.x = r->ranks, .y = r->values, .colour = 0};
    r->spectrum_series.count = pick_points(subsystem, r);
    r->trace_series = (rfim__series){.kind = RFIM__SERIES_DOTS,
                                     .x = subsystem->relative_trace,
                                     .y = subsystem->absolute_trace,
                                     .count = told->columns};
    r->spectrum = (rfim__panel){.title = "spectrum",
                                .x_title = "number of the eigenvalue",
                                .y_title = "eigenvalue",
                                .whole_x = true,
                                .log_x = true,
                                .log_y = true,
                                .series = &r->spectrum_series,
                                .count = 1};
    r->zones = (rfim__heat_map){.title = classes ? "information of each class" : "nu",
                                .x_title = "sample",
                                .y_title = classes ? "class" : "neuron",
                                .values = subsystem->picture,
                                .rows = told->columns,
                                .columns = inspection->options.pictured,
                                .low = subsystem->nu_low,
                                .high = subsystem->nu_high,
                                .value_title = classes ? "eta (1 - eta)" : "nu"};
    r->traces = (rfim__panel){.title = "relative and absolute metric",
                              .x_title = "trace, response own",
                              .y_title = "trace, response network",
                              .log_x = true,
                              .log_y = true,
                              .diagonal = true,
                              .series = &r->trace_series,
                              .count = 1};
    *out = (rfim__page_row){
        .heading = r->heading,
        .words = r->words,
        .cells = {{.panel = &r->spectrum}, {.heat_map = &r->zones}, {.panel = &r->traces}}};
}

rfim_status rfim_inspection_draw(const rfim_inspection *inspection, const char *svg_path)
{
    if (!inspection || !svg_path)
        return RFIM_ERROR_ARGUMENT;
    rfim_context *context = inspection->context;
    rfim__svg svg;
    char samples[160];
    rfim_status status = RFIM_ERROR_MEMORY;
    snprintf(samples, sizeof samples,
             "Metrics of each module's parameters over %zu samples. A dot, a line of the map: one "
             "neuron.",
             inspection->options.samples);
    const char *const subtitles[] = {inspection->network, samples};
    row *rows = rfim__allocate(context, inspection->count, sizeof *rows);
    rfim__page_row *page_rows = rfim__allocate(context, inspection->count, sizeof *page_rows);
    if (!rows || !page_rows)
        goto done;
    for (size_t u = 0; u < inspection->count; u++)
        compose(inspection, &inspection->subsystems[u], &rows[u], &page_rows[u]);
    rfim__page page = {.title = "Relative Fisher information metrics",
                       .subtitles = subtitles,
                       .subtitle_count = 2,
                       .rows = page_rows,
                       .row_count = inspection->count};
    rfim__page_draw(context, &page, &svg);
    status = rfim__svg_save(&svg, svg_path);
done:
    rfim__release(context, page_rows);
    rfim__release(context, rows);
    return status;
}
