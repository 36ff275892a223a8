/* json.c - an inspection as one JSON object. */
#include "core/file.h"
#include "inspect/inspection.h"

#include <math.h>

#define DIGITS 9

static void add_key(rfim__text *text, const char *key)
{
    rfim__text_json_string(text, key);
    rfim__text_append(text, ": ");
}

/* What is not finite becomes null: JSON has no such numbers. */
static void add_value(rfim__text *text, double value)
{
    if (isfinite(value))
        rfim__text_digits(text, value, DIGITS);
    else
        rfim__text_append(text, "null");
}

static void add_number(rfim__text *text, const char *key, double value)
{
    add_key(text, key);
    add_value(text, value);
    rfim__text_append(text, ", ");
}

static void add_count(rfim__text *text, const char *key, size_t value)
{
    add_key(text, key);
    rfim__text_format(text, "%zu, ", value);
}

static void add_word(rfim__text *text, const char *key, const char *value)
{
    add_key(text, key);
    rfim__text_json_string(text, value);
    rfim__text_append(text, ", ");
}

static void add_numbers(rfim__text *text, const char *key, const double *values, size_t count,
                        const char *end)
{
    rfim__text_append(text, "\n      ");
    add_key(text, key);
    rfim__text_append(text, "[");
    for (size_t k = 0; k < count; k++) {
        rfim__text_append(text, k > 0 ? ", " : "");
        add_value(text, values[k]);
    }
    rfim__text_append(text, "]");
    rfim__text_append(text, end);
}

static void add_zones(rfim__text *text, const rfim__inspected *subsystem)
{
    rfim__text_append(text, "\n      ");
    add_key(text, "zones");
    rfim__text_append(text, "[");
    for (size_t j = 0; j < subsystem->told.columns; j++) {
        rfim__text_append(text, j > 0 ? ", " : "");
        rfim__text_json_string(text, rfim_zone_name(subsystem->zones[j]));
    }
    rfim__text_append(text, "],");
}

static void add_subsystem(rfim__text *text, const rfim__inspected *subsystem)
{
    const rfim_inspected *told = &subsystem->told;
    rfim__text_append(text, "    {");
    add_word(text, "name", told->name);
    add_count(text, "rows", told->rows);
    add_count(text, "columns", told->columns);
    add_word(text, "activation", told->activation);
    add_word(text, "representation", rfim_representation_name(told->representation));
    add_word(text, "response", rfim_response_name(told->response));
    add_word(text, "note", told->note);
    rfim__text_append(text, "\n      ");
    add_count(text, "samples", told->samples);
    add_count(text, "order", told->order);
    add_count(text, "block_order", told->block_order);
    add_number(text, "trace", told->metric_trace);
    add_number(text, "largest", told->largest);
    add_number(text, "smallest", told->smallest);
    add_count(text, "rank", told->rank);
    add_number(text, "effective_rank", told->effective_rank);
    add_number(text, "condition", told->condition);
    add_number(text, "damping", told->damping);
    rfim__text_append(text, "\n      ");
    add_number(text, "mean_nu", told->mean_nu);
    add_number(text, "largest_nu", told->largest_nu);
    add_count(text, "dead", told->dead);
    add_count(text, "saturated", told->saturated);
    add_count(text, "linear", told->linear);
    add_count(text, "active", told->active);
    add_count(text, "absolute_samples", told->absolute_samples);
    add_numbers(text, "nu", subsystem->nu, told->columns, ",");
    add_numbers(text, "nu_spread", subsystem->spread, told->columns, ",");
    add_zones(text, subsystem);
    add_numbers(text, "relative_trace", subsystem->relative_trace, told->columns, ",");
    add_numbers(text, "absolute_trace", subsystem->absolute_trace, told->columns, ",");
    add_numbers(text, "spectrum", subsystem->spectrum, told->order, "}");
}

static void write(const rfim_inspection *inspection, rfim__text *text)
{
    const rfim_inspect_options *options = &inspection->options;
    rfim__text_append(text, "{\n  ");
    add_word(text, "network", inspection->network);
    add_word(text, "precision", inspection->precision == RFIM_SINGLE ? "single" : "double");
    add_word(text, "response", rfim_response_name(options->response));
    add_count(text, "samples", options->samples);
    add_number(text, "damping", options->damping);
    add_word(text, "damping_relative_to", rfim__damping_rule_name(options->damping_rule));
    add_key(text, "subsystems");
    rfim__text_append(text, "[\n");
    for (size_t u = 0; u < inspection->count; u++) {
        add_subsystem(text, &inspection->subsystems[u]);
        rfim__text_append(text, u + 1 < inspection->count ? ",\n" : "\n");
    }
    rfim__text_append(text, "  ]\n}\n");
}

rfim_status rfim_inspection_json(rfim_inspection *inspection, const char **text)
{
    if (text)
        *text = NULL;
    if (!inspection || !text)
        return RFIM_ERROR_ARGUMENT;
    rfim__text_end(&inspection->json);
    rfim__text_begin(&inspection->json, inspection->context);
    write(inspection, &inspection->json);
    if (inspection->json.status == RFIM_OK)
        *text = inspection->json.data;
    return inspection->json.status;
}

rfim_status rfim_inspection_save(const rfim_inspection *inspection, const char *json_path)
{
    if (!inspection || !json_path)
        return RFIM_ERROR_ARGUMENT;
    rfim__text text;
    rfim__text_begin(&text, inspection->context);
    write(inspection, &text);
    rfim_status status = rfim__text_save(&text, json_path);
    rfim__text_end(&text);
    return status;
}
