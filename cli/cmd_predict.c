/* rfim predict: what a model says to every sample, as a table. */
#include "command.h"
#include "message.h"
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 256 /* samples at a time */

typedef struct table {
    FILE *file;
    rfim_network *network;
    const rfim_dataset *dataset;
    double *inputs;  /* [CHUNK x d] */
    double *outputs; /* [CHUNK x m] */
} table;

static void write_header(const table *self)
{
    int classifies = rfim_network_loss(self->network) == RFIM_LOSS_SOFTMAX;
    fputs(classifies ? "sample,class" : "sample", self->file);
    const char *letter = rfim_network_loss(self->network) == RFIM_LOSS_SQUARED ? "y" : "p";
    for (size_t j = 0; j < rfim_network_outputs(self->network); j++)
        fprintf(self->file, ",%s%zu", letter, j);
    fputc('\n', self->file);
}

static void write_row(const table *self, size_t sample, const double *outputs)
{
    size_t m = rfim_network_outputs(self->network);
    int digits = rfim_network_precision(self->network) == RFIM_DOUBLE ? 17 : 9;
    fprintf(self->file, "%zu", sample);
    if (rfim_network_loss(self->network) == RFIM_LOSS_SOFTMAX) {
        size_t best = 0;
        for (size_t j = 1; j < m; j++)
            if (outputs[j] > outputs[best])
                best = j;
        fprintf(self->file, ",%zu", best);
    }
    for (size_t j = 0; j < m; j++)
        fprintf(self->file, ",%.*g", digits, outputs[j]);
    fputc('\n', self->file);
}

static rfim_status write_rows(const table *self)
{
    size_t d = rfim_dataset_inputs(self->dataset);
    size_t m = rfim_network_outputs(self->network);
    size_t samples = rfim_dataset_samples(self->dataset);
    rfim_status status = RFIM_OK;
    for (size_t first = 0; first < samples && status == RFIM_OK; first += CHUNK) {
        size_t count = samples - first < CHUNK ? samples - first : CHUNK;
        for (size_t i = 0; i < count && status == RFIM_OK; i++)
            status = rfim_dataset_read_inputs(self->dataset, first + i, self->inputs + i * d);
        if (status == RFIM_OK)
            status = rfim_network_predict(self->network, rfim_doubles(self->inputs, count, d),
                                          self->outputs);
        for (size_t i = 0; i < count && status == RFIM_OK; i++)
            write_row(self, first + i, self->outputs + i * m);
    }
    return status;
}

/* Writes the table to the path. Returns the exit status. */
static int write_table(rfim_context *context, table *self, const char *path)
{
    size_t d = rfim_dataset_inputs(self->dataset);
    size_t m = rfim_network_outputs(self->network);
    if (d != rfim_network_inputs(self->network))
        return complain("the model expects %zu inputs, but the samples have %zu",
                        rfim_network_inputs(self->network), d),
               1;
    self->inputs = calloc(CHUNK * d + 1, sizeof *self->inputs);
    self->outputs = calloc(CHUNK * m + 1, sizeof *self->outputs);
    if (!self->inputs || !self->outputs)
        return complain("no memory for %d samples", CHUNK), 1;
    self->file = fopen(path, "w");
    if (!self->file)
        return complain("%s cannot be written: %s", path, strerror(errno)), 1;
    write_header(self);
    rfim_status status = write_rows(self);
    int failed = ferror(self->file);
    failed = fclose(self->file) != 0 || failed;
    if (status != RFIM_OK || failed)
        remove(path);
    if (status != RFIM_OK)
        return complain_status(context, status);
    if (failed)
        return complain("%s cannot be written whole: %s", path, strerror(errno)), 1;
    size_t samples = rfim_dataset_samples(self->dataset);
    printf("wrote %s: %zu sample%s\n", path, samples, samples == 1 ? "" : "s");
    return finish_output();
}

/* The samples that --part names: training, validation or test (the default). */
static int find_part(const char *part, const rfim_splits *splits, const rfim_dataset **dataset)
{
    static const char *const names[] = {"train", "valid", "test"};
    const rfim_dataset *const datasets[] = {splits->train, splits->valid, splits->test};
    for (size_t index = 0; index < 3; index++) {
        if (strcmp(part, names[index]) != 0)
            continue;
        *dataset = datasets[index];
        return *dataset ? 0 : (complain("the data have no part %s", part), 1);
    }
    char suggestion[SUGGESTION_SIZE];
    return complain("--part: expected train, valid or test, found '%.60s'%s", part,
                    suggest(part, names, 3, "", suggestion));
}

static int check_target(const char *path)
{
    size_t length = path ? strlen(path) : 0;
    if (!path)
        return complain("rfim predict needs a file to write: --to FILE.csv");
    if (length < 5 || strcmp(path + length - 4, ".csv") != 0)
        return complain("--to: expected a name that ends with .csv, found '%.60s'", path);
    return 0;
}

static int run_predict(const arguments *given)
{
    char model[RFIM_TEXT_SIZE];
    char config[RFIM_TEXT_SIZE];
    rfim_options options;
    rfim_context *context = NULL;
    rfim_splits splits = {NULL, NULL, NULL};
    table self;
    const char *path = arguments_value(given, "to");
    const char *part = arguments_value(given, "part");
    memset(&self, 0, sizeof self);
    int exit_status = check_target(path);
    if (exit_status == 0)
        exit_status = find_model(given->words[0], model, config);
    if (exit_status == 0)
        exit_status = session_open_model(given, config, &options, &context);
    if (exit_status != 0)
        return exit_status;
    rfim_status status = rfim_network_load(context, model, &self.network);
    if (status == RFIM_OK && !config[0] && !arguments_value(given, "data")) {
        exit_status = complain("rfim predict with a model file needs data: --data WHERE");
        goto done;
    }
    if (status == RFIM_OK)
        status = rfim_splits_open(context, &options.data, &splits);
    exit_status = status == RFIM_OK ? find_part(part ? part : "test", &splits, &self.dataset)
                                    : complain_status(context, status);
    if (exit_status == 0)
        exit_status = write_table(context, &self, path);
done:
    free(self.inputs);
    free(self.outputs);
    rfim_splits_free(&splits);
    rfim_network_free(self.network);
    rfim_context_free(context);
    return exit_status;
}

static const char *const predict_options[] = {"seed", "threads", "kernels", NULL};
static const cli_flag predict_flags[] = {
    {"to", "FILE.csv", "The table to write."},
    {"part", "train|valid|test", "Which samples of the data. [default test]"},
    {NULL, NULL, NULL},
};

const cli_command predict_command = {
    .name = "predict",
    .summary = "classes and probabilities for every sample, as CSV",
    .usage = "RUN|MODEL.safetensors [--data WHERE] --to FILE.csv",
    .text = "Writes what a model says to every sample: a table with the columns sample, class and "
            "the probabilities p0, p1, ...; of a squared loss, the values y0, y1, ...",
    .examples = "rfim predict runs/adam --to test.csv\n"
                "rfim predict model.safetensors --data ~/mnist --part valid --to valid.csv\n",
    .options = predict_options,
    .sections = "data",
    .without = "standardize", /* models take inputs as they are */
    .flags = predict_flags,
    .least = 1,
    .most = 1,
    .words = "a run folder or a model file",
    .run = run_predict,
};
