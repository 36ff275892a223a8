/* metric_file.c - metrics as safetensors files: what has been collected, and in the metadata the
 * network's text, the options, and the damping of the factor, so that it can be made again.
 *
 * Nothing depends on time, host or path: equal metrics, equal bytes. */
#include "core/file.h"
#include "core/number.h"
#include "core/size.h"
#include "io/safetensors.h"
#include "subsystem/handle.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define FORMAT "rfim-metric-1"
#define FORMAT_STEM "rfim-metric-"
#define PLAIN_BYTES 2147483648.0 /* a file may ask for so much memory, ... */
#define SWELLING 64              /* ... and for so many times its own size */

/* What the metadata tells. */
typedef struct record {
    rfim_metric_options options;
    int refreshed;
    rfim_damping_rule rule;
    double damping;
} record;

typedef enum field_kind { WHOLE, REAL, CHOICE } field_kind;

typedef struct field {
    const char *key;
    field_kind kind;
    size_t offset;
    const char *const *names; /* CHOICE: ends with NULL */
} field;

static const char *const variables[] = {"parameters", "input", NULL};
static const char *const responses[] = {"own", "next", "network", NULL};
static const char *const families[] = {"published", "gaussian", "canonical", "categorical", NULL};
static const char *const kronecker_rules[] = {"exact", "factored", NULL};
static const char *const representations[] = {"shared", "neuron",   "kronecker", "softmax",
                                              "dense",  "diagonal", "gram",      NULL};
static const char *const damping_rules[] = {"trace", "mean-diagonal", "diagonal", "absolute", NULL};
static const char *const answers[] = {"no", "yes", NULL};

static const field fields[] = {
    {"first", WHOLE, offsetof(record, options.first), NULL},
    {"last", WHOLE, offsetof(record, options.last), NULL},
    {"first_output", WHOLE, offsetof(record, options.first_output), NULL},
    {"outputs", WHOLE, offsetof(record, options.outputs), NULL},
    {"variable", CHOICE, offsetof(record, options.variable), variables},
    {"response", CHOICE, offsetof(record, options.response), responses},
    {"family", CHOICE, offsetof(record, options.family), families},
    {"sigma", REAL, offsetof(record, options.sigma), NULL},
    {"representation", CHOICE, offsetof(record, options.representation), representations},
    {"kronecker_rule", CHOICE, offsetof(record, options.kronecker_rule), kronecker_rules},
    {"max_samples", WHOLE, offsetof(record, options.max_samples), NULL},
    {"max_bytes", WHOLE, offsetof(record, options.max_bytes), NULL},
    {"refreshed", CHOICE, offsetof(record, refreshed), answers},
    {"damping_rule", CHOICE, offsetof(record, rule), damping_rules},
    {"damping", REAL, offsetof(record, damping), NULL},
};
#define FIELDS (sizeof fields / sizeof *fields)

/* --- saving ----------------------------------------------------------------------------------- */

typedef struct metadata {
    const char *items[2 * (FIELDS + 2) + 1]; /* key, value, ..., NULL */
    char values[FIELDS][RFIM__NUMBER_SIZE];
} metadata;

static const char *field_text(const field *f, const record *r, char text[RFIM__NUMBER_SIZE])
{
    const char *at = (const char *)r + f->offset;
    size_t whole = 0;
    double real = 0;
    int choice = 0;
    switch (f->kind) {
    case WHOLE:
        memcpy(&whole, at, sizeof whole);
        snprintf(text, RFIM__NUMBER_SIZE, "%zu", whole);
        return text;
    case REAL:
        memcpy(&real, at, sizeof real);
        rfim__number_text(real, text);
        return text;
    default:
        memcpy(&choice, at, sizeof choice);
        return f->names[choice];
    }
}

static void describe(const rfim_metric *metric, metadata *out)
{
    const rfim__metric *core = metric->core;
    record r = {metric->subsystem.options, core->factorised, core->rule, core->damping};
    size_t used = 0;
    out->items[used++] = "format";
    out->items[used++] = FORMAT;
    out->items[used++] = "network";
    out->items[used++] = metric->network->text;
    for (size_t f = 0; f < FIELDS; f++) {
        out->items[used++] = fields[f].key;
        out->items[used++] = field_text(&fields[f], &r, out->values[f]);
    }
    out->items[used] = NULL;
}

/* What cannot be loaded again is not written. */
static rfim_status check_collected(rfim_metric *metric)
{
    rfim__algebra *algebra = metric->network->algebra;
    rfim__metric_tensor found[RFIM__METRIC_TENSORS];
    size_t count = metric->core->table->tensors(metric->core, found);
    for (size_t t = 0; t < count; t++)
        if (!algebra->ops.finite(algebra, rfim__rows(algebra, *found[t].matrix, 0, found[t].rows)))
            return rfim__fail(metric->context, RFIM_DIVERGED,
                              "metric of %s: it holds NaN or infinite numbers; it is not saved",
                              metric->subsystem.name);
    return RFIM_OK;
}

/* The matrices without gaps, one after another in *block; to be released. */
static rfim_status collect(rfim_metric *metric, rfim__tensor out[RFIM__METRIC_TENSORS],
                           size_t *count, char **block)
{
    rfim__algebra *algebra = metric->network->algebra;
    rfim__metric *core = metric->core;
    rfim__metric_tensor found[RFIM__METRIC_TENSORS];
    size_t numbers = 0;
    *count = core->table->tensors(core, found);
    for (size_t t = 0; t < *count; t++)
        numbers += rfim__metric_file_rows(core, &found[t]) *
                   rfim__metric_file_columns(core, &found[t]);
    *block = rfim__allocate(metric->context, numbers, algebra->item);
    if (!*block)
        return RFIM_ERROR_MEMORY;
    char *to = *block;
    for (size_t t = 0; t < *count; t++) {
        rfim__matrix from = *found[t].matrix;
        size_t rows = rfim__metric_file_rows(core, &found[t]);
        size_t columns = rfim__metric_file_columns(core, &found[t]);
        bool square = !core->table->samples && !core->table->packed && from.rows == from.columns;
        if (square) /* only the lower triangle counts */
            algebra->ops.symmetrise(algebra, from);
        out[t] = (rfim__tensor){.name = found[t].name,
                                .type = algebra->precision == RFIM_DOUBLE ? RFIM_FLOAT64
                                                                          : RFIM_FLOAT32,
                                .rank = 2,
                                .shape = {rows, columns},
                                .data = to};
        rfim__metric_tensor_read(core, &found[t], rows, to);
        to += rows * columns * algebra->item;
    }
    return RFIM_OK;
}

rfim_status rfim_metric_save(rfim_metric *metric, const char *path)
{
    if (!metric || !path)
        return RFIM_ERROR_ARGUMENT;
    rfim__tensor tensors[RFIM__METRIC_TENSORS];
    size_t count = 0;
    char *block = NULL;
    metadata about;
    describe(metric, &about);
    rfim_status status = check_collected(metric);
    if (status == RFIM_OK)
        status = collect(metric, tensors, &count, &block);
    if (status == RFIM_OK)
        status = rfim__safetensors_write(metric->context, path, tensors, count, about.items);
    rfim__release(metric->context, block);
    return status;
}

/* --- loading ---------------------------------------------------------------------------------- */

typedef struct reading {
    rfim_context *context;
    const char *path;
    const rfim__safetensors *file;
    size_t size; /* of the file */
} reading;

/* The sentence of what went wrong, as a fault of the file. */
static rfim_status blame_file(const reading *r, rfim_status status)
{
    if (status == RFIM_OK)
        return RFIM_OK;
    return rfim__fail(r->context, status == RFIM_ERROR_ARGUMENT ? RFIM_ERROR_FORMAT : status,
                      "%s: %s", r->path, r->context->error);
}

static bool parse_field(const field *f, const char *text, record *out)
{
    char *at = (char *)out + f->offset;
    uint64_t whole = 0;
    double real = 0;
    switch (f->kind) {
    case WHOLE:
        if (!rfim__number_parse_whole(text, &whole) || whole > SIZE_MAX)
            return false;
        memcpy(at, &(size_t){(size_t)whole}, sizeof(size_t));
        return true;
    case REAL:
        if (!rfim__number_parse(text, &real))
            return false;
        memcpy(at, &real, sizeof real);
        return true;
    default:
        for (int choice = 0; f->names[choice]; choice++)
            if (strcmp(text, f->names[choice]) == 0) {
                memcpy(at, &choice, sizeof choice);
                return true;
            }
        return false;
    }
}

static rfim_status check_format(const reading *r, const rfim_network *network)
{
    const char *format = rfim__safetensors_metadata(r->file, "format");
    const char *text = rfim__safetensors_metadata(r->file, "network");
    if (!format || strncmp(format, FORMAT_STEM, strlen(FORMAT_STEM)) != 0 || !text)
        return rfim__fail(r->context, RFIM_ERROR_FORMAT,
                          "%s is a safetensors file, but not a metric that rfim wrote (its "
                          "metadata should say format=%s and network=...)",
                          r->path, FORMAT);
    if (strcmp(format, FORMAT) != 0)
        return rfim__fail(r->context, RFIM_ERROR_FORMAT,
                          "%s has the version `%.40s` of the format; this rfim knows `%s`, take a "
                          "newer one",
                          r->path, format, FORMAT);
    if (strcmp(text, network->text) != 0)
        return rfim__fail(r->context, RFIM_ERROR_SHAPE,
                          "%s is a metric of the network `%.200s`, found `%.200s`; give a network "
                          "with the same modules",
                          r->path, text, network->text);
    return RFIM_OK;
}

static rfim_status read_record(const reading *r, record *out)
{
    for (size_t f = 0; f < FIELDS; f++) {
        const char *text = rfim__safetensors_metadata(r->file, fields[f].key);
        if (!text || !parse_field(&fields[f], text, out))
            return rfim__fail(r->context, RFIM_ERROR_FORMAT,
                              "%s: its metadata should say %s=%s, found `%.40s`", r->path,
                              fields[f].key, fields[f].kind == CHOICE ? "(a name)" : "(a number)",
                              text ? text : "nothing");
    }
    return RFIM_OK;
}

/* A small file does not get much memory. */
static rfim_status check_memory(const reading *r, rfim_network *network,
                                const rfim_metric_options *options)
{
    rfim_metric_plan plan;
    rfim_status status = blame_file(r, rfim_metric_plan_get(network, options, &plan));
    if (status != RFIM_OK)
        return status;
    if (plan.bytes <= PLAIN_BYTES || plan.bytes <= SWELLING * (double)r->size)
        return RFIM_OK;
    char wanted[RFIM__BYTES_TEXT];
    rfim__bytes_text(plan.bytes, wanted);
    return rfim__fail(r->context, RFIM_ERROR_FORMAT,
                      "%s: a file of %zu bytes asks for %s of memory; it is damaged", r->path,
                      r->size, wanted);
}

static rfim_status check_tensor(const reading *r, const rfim__tensor *tensor,
                                const rfim__metric_tensor *wanted, size_t rows, size_t columns,
                                rfim_precision precision)
{
    if (!tensor)
        return rfim__fail(r->context, RFIM_ERROR_FORMAT,
                          "%s has no array `%s`, which its metric needs", r->path, wanted->name);
    if (tensor->type != (precision == RFIM_DOUBLE ? RFIM_FLOAT64 : RFIM_FLOAT32))
        return rfim__fail(r->context, RFIM_ERROR_UNSUPPORTED,
                          "%s: `%s` holds numbers in %s precision, the network is in %s; give a "
                          "network in the metric's precision",
                          r->path, wanted->name, tensor->type == RFIM_FLOAT64 ? "double" : "single",
                          precision == RFIM_DOUBLE ? "double" : "single");
    if (tensor->rank != 2 || tensor->shape[0] != rows || tensor->shape[1] != columns)
        return rfim__fail(r->context, RFIM_ERROR_FORMAT,
                          "%s: `%s` should have the shape %zu x %zu, found %zu x %zu", r->path,
                          wanted->name, rows, columns, tensor->shape[0], tensor->shape[1]);
    return RFIM_OK;
}

/* Weights of samples are positive; no number is NaN or infinite. */
static rfim_status check_numbers(const reading *r, rfim__algebra *algebra, const char *name,
                                 rfim__matrix x, const double *values)
{
    bool good = algebra->ops.finite(algebra, x);
    bool positive = strcmp(name, "weights") == 0;
    for (size_t i = 0; positive && i < x.rows; i++)
        good = good && values[i] > 0;
    if (good)
        return RFIM_OK;
    return rfim__fail(r->context, RFIM_ERROR_FORMAT, "%s: `%s` should hold %s numbers alone",
                      r->path, name, positive ? "finite positive" : "finite");
}

/* The first `rows` rows of a matrix from the file */
static rfim_status restore_one(const reading *r, rfim__metric *core,
                               const rfim__metric_tensor *wanted, size_t rows)
{
    rfim__algebra *algebra = core->algebra;
    const rfim__tensor *tensor = rfim__safetensors_find(r->file, wanted->name);
    size_t columns = rfim__metric_file_columns(core, wanted);
    rfim_status status = check_tensor(r, tensor, wanted, rows, columns, algebra->precision);
    if (status != RFIM_OK)
        return status;
    double *values = rfim__allocate(r->context, rfim__tensor_numbers(tensor), sizeof *values);
    if (!values)
        return RFIM_ERROR_MEMORY;
    rfim__matrix to = *wanted->matrix;
    if (!core->table->packed)
        to.rows = rows;
    rfim__tensor_read_doubles(tensor, values);
    rfim__metric_tensor_write(core, wanted, rows, values);
    status = check_numbers(r, algebra, wanted->name, to, values);
    rfim__release(r->context, values);
    return status;
}

static rfim_status restore(const reading *r, rfim__metric *core)
{
    rfim__metric_tensor wanted[RFIM__METRIC_TENSORS];
    size_t count = core->table->tensors(core, wanted);
    size_t most = wanted[0].matrix->rows; /* of the samples, if it keeps any */
    size_t kept = most;
    if (core->table->samples) {
        const rfim__tensor *first = rfim__safetensors_find(r->file, wanted[0].name);
        kept = first && first->rank == 2 ? first->shape[0] : 0;
        if (kept > most)
            return rfim__fail(r->context, RFIM_ERROR_FORMAT,
                              "%s: `%s` has %zu samples, more than its max_samples=%zu", r->path,
                              wanted[0].name, kept, most);
    }
    if (rfim__safetensors_count(r->file) != count)
        return rfim__fail(r->context, RFIM_ERROR_FORMAT,
                          "%s should hold %zu arrays, as a metric `%s` does, found %zu", r->path,
                          count, core->table->name, rfim__safetensors_count(r->file));
    for (size_t t = 0; t < count; t++) {
        size_t rows = core->table->packed ? rfim__metric_file_rows(core, &wanted[t])
                                          : wanted[t].matrix->rows;
        if (core->table->samples) /* so many a sample */
            rows = rows / most * kept;
        rfim_status status = restore_one(r, core, &wanted[t], rows);
        if (status != RFIM_OK)
            return status;
    }
    if (core->table->filled)
        core->table->filled(core, kept);
    return RFIM_OK;
}

static rfim_status from_file(const reading *r, rfim_network *network, rfim_metric **out)
{
    record about = {.damping = 0};
    rfim_metric_defaults(&about.options);
    rfim_status status = check_format(r, network);
    if (status == RFIM_OK)
        status = read_record(r, &about);
    if (status == RFIM_OK)
        status = check_memory(r, network, &about.options);
    if (status == RFIM_OK)
        status = blame_file(r, rfim_metric_create(network, &about.options, out));
    if (status == RFIM_OK)
        status = restore(r, (*out)->core);
    if (status == RFIM_OK && about.refreshed)
        status = blame_file(r, rfim_metric_refresh(*out, about.rule, about.damping, NULL));
    return status;
}

rfim_status rfim_metric_load(rfim_network *network, const char *path, rfim_metric **out)
{
    if (out)
        *out = NULL;
    if (!network || !path || !out)
        return RFIM_ERROR_ARGUMENT;
    rfim_context *context = network->context;
    uint8_t *data = NULL;
    size_t size = 0;
    rfim__safetensors *file = NULL;
    rfim_status status = rfim__file_read(context, path, &data, &size);
    if (status == RFIM_OK)
        status = rfim__safetensors_parse(context, path, data, size, &file);
    if (status == RFIM_OK) {
        reading r = {context, path, file, size};
        status = from_file(&r, network, out);
    }
    rfim__safetensors_free(file);
    rfim__release(context, data);
    if (status != RFIM_OK) {
        rfim_metric_free(*out);
        *out = NULL;
    }
    return status;
}
