/* rfim fim: the Fisher information matrix of a whole network, by its definitions. */
#include "command.h"
#include "fim_table.h"
#include "message.h"
#include "output_file.h"
#include "session.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES 32

static const char *const part_names[] = {"training", "validation", "test"};

typedef struct question {
    rfim_fim_options options;
    size_t samples;
    int part;
    int only; /* an rfim_fim_expression, or -1: all */
    const char *path;
} question;

/* The samples, and the matrices. */
typedef struct work {
    rfim_context *context;
    rfim_network *network;
    size_t samples, order;
    double *inputs;  /* [n x d] */
    double *targets; /* [n x k], or */
    int32_t *labels; /* [n] */
    rfim_array x, y;
    double *metric;      /* [N x N] */
    double *matrix;      /* [N x N], of the expression at hand */
    double *eigenvalues; /* [N] */
} work;

/* --- options ---------------------------------------------------------------------------------- */

static int read_number(const arguments *given, const char *name, size_t least, size_t most,
                       size_t *out)
{
    const char *word = arguments_value(given, name);
    char *end = NULL;
    if (!word)
        return 0;
    errno = 0;
    unsigned long long number = strtoull(word, &end, 10);
    if (word[0] < '0' || word[0] > '9' || *end || errno || number < least || number > most)
        return complain("--%s: expected a whole number from %zu to %zu, found '%.60s'", name, least,
                        most, word);
    *out = (size_t)number;
    return 0;
}

static int read_expression(const arguments *given, question *out)
{
    const char *names[RFIM_FIM_EXPRESSIONS + 1];
    const char *word = arguments_value(given, "expression");
    for (int which = 0; which < RFIM_FIM_EXPRESSIONS; which++)
        names[which] = rfim_fim_expression_name((rfim_fim_expression)which);
    names[RFIM_FIM_EXPRESSIONS] = "all";
    int found = word ? find_choice("expression", word, names, RFIM_FIM_EXPRESSIONS + 1)
                     : RFIM_FIM_EXPRESSIONS;
    out->only = found == RFIM_FIM_EXPRESSIONS ? -1 : found;
    return found < 0 ? 2 : 0;
}

static int read_path(const arguments *given, question *out)
{
    out->path = arguments_value(given, "to");
    size_t length = out->path ? strlen(out->path) : 0;
    if (out->path && (length < 5 || strcmp(out->path + length - 4, ".csv") != 0))
        return complain("--to: expected a name that ends with .csv, found '%.60s'", out->path);
    if (out->path && out->only < 0)
        return complain("--to writes one matrix: say which by --expression NAME");
    return 0;
}

static int read_words(const arguments *given, question *out)
{
    static const char *const parts[] = {"train", "valid", "test"};
    const char *part = arguments_value(given, "part");
    rfim_fim_defaults(&out->options);
    out->samples = SAMPLES;
    out->part = part ? find_choice("part", part, parts, 3) : 0;
    int exit_status = out->part < 0 ? 2 : 0;
    if (exit_status == 0)
        exit_status = read_number(given, "samples", 1, 1000000, &out->samples);
    if (exit_status == 0)
        exit_status = read_number(given, "nodes", 2, 64, &out->options.nodes);
    if (exit_status == 0)
        exit_status = read_number(given, "draws", 2, 1000000, &out->options.draws);
    if (exit_status == 0)
        exit_status = read_expression(given, out);
    if (exit_status == 0)
        exit_status = read_path(given, out);
    return exit_status;
}

/* --- samples ---------------------------------------------------------------------------------- */

/* What the network learns to give: the data's targets, or none for its inputs. */
static rfim_status read_targets(work *self, const rfim_dataset *dataset, rfim_target_rule rule)
{
    size_t width = rfim_dataset_targets(dataset);
    int classes = rfim_dataset_target_kind(dataset) == RFIM_TARGET_LABELS;
    int inputs = 0;
    self->y = rfim_no_targets();
    if (rfim_dataset_target_kind(dataset) == RFIM_TARGET_NONE) /* few expressions want any */
        return RFIM_OK;
    rfim_status status = rfim_targets_are_inputs(self->network, dataset, rule, &inputs);
    if (status != RFIM_OK || inputs)
        return status;
    for (size_t i = 0; i < self->samples && status == RFIM_OK; i++) {
        double class = 0;
        status = rfim_dataset_read_targets(dataset, i,
                                           classes ? &class : self->targets + i * width);
        if (classes)
            self->labels[i] = (int32_t) class;
    }
    self->y = classes ? rfim_labels(self->labels, self->samples)
                      : rfim_doubles(self->targets, self->samples, width);
    return status;
}

/* Matrices that are too large are refused by rfim_fim, whose sentence says the size; `metric`, the
 * largest of them, comes first. */
static int make_room(work *self, const rfim_dataset *dataset, const rfim_fim_options *options)
{
    size_t d = rfim_dataset_inputs(dataset);
    size_t N = self->order;
    size_t numbers = N < 32768 && 4 * N * N * sizeof(double) <= options->max_bytes ? N * N : 1;
    self->inputs = calloc(self->samples * d + 1, sizeof *self->inputs);
    self->targets = calloc(self->samples * rfim_dataset_targets(dataset) + 1,
                           sizeof *self->targets);
    self->labels = calloc(self->samples + 1, sizeof *self->labels);
    self->metric = calloc(numbers, sizeof *self->metric);
    self->matrix = calloc(numbers, sizeof *self->matrix);
    self->eigenvalues = calloc(N + 1, sizeof *self->eigenvalues);
    return self->inputs && self->targets && self->labels && self->metric && self->matrix &&
           self->eigenvalues;
}

static int load(work *self, const question *asked, const rfim_splits *splits, rfim_target_rule rule)
{
    const rfim_dataset *const parts[] = {splits->train, splits->valid, splits->test};
    const rfim_dataset *dataset = parts[asked->part];
    if (!dataset)
        return complain("--part: these data have no %s samples", part_names[asked->part]), 1;
    size_t d = rfim_dataset_inputs(dataset);
    size_t available = rfim_dataset_samples(dataset);
    self->order = rfim_network_parameters(self->network);
    self->samples = asked->samples < available ? asked->samples : available;
    if (!make_room(self, dataset, &asked->options))
        return complain("no memory for a matrix of %zu x %zu", self->order, self->order), 1;
    rfim_status status = RFIM_OK;
    for (size_t i = 0; i < self->samples && status == RFIM_OK; i++)
        status = rfim_dataset_read_inputs(dataset, i, self->inputs + i * d);
    self->x = rfim_doubles(self->inputs, self->samples, d);
    if (status == RFIM_OK)
        status = read_targets(self, dataset, rule);
    if (status != RFIM_OK)
        return complain_status(self->context, status);
    return 0;
}

/* --- the work --------------------------------------------------------------------------------- */

static double distance_from_metric(const work *self)
{
    double apart = 0;
    double size = 0;
    for (size_t index = 0; index < self->order * self->order; index++) {
        double gap = self->matrix[index] - self->metric[index];
        apart += gap * gap;
        size += self->metric[index] * self->metric[index];
    }
    return size > 0 ? sqrt(apart / size) : sqrt(apart);
}

/* The matrix of one expression, and what is told of it. */
static rfim_status examine(work *self, const question *asked, rfim_fim_expression which,
                           fim_line *line)
{
    size_t N = self->order;
    rfim_status status = RFIM_OK;
    if (which == RFIM_FIM_METRIC) { /* is there already */
        memcpy(self->matrix, self->metric, N * N * sizeof *self->matrix);
        line->report.exact = 1;
    } else {
        status = rfim_fim(self->network, self->x, self->y, which, &asked->options, self->matrix,
                          &line->report);
    }
    if (status == RFIM_OK)
        status = rfim_fim_spectrum(self->context, self->matrix, N, self->eigenvalues);
    if (status != RFIM_OK)
        return status;
    line->shown = 1;
    line->largest = self->eigenvalues[0];
    line->smallest = self->eigenvalues[N - 1];
    for (size_t k = 0; k < N; k++)
        line->trace += self->matrix[k * N + k];
    line->apart = distance_from_metric(self);
    fim_table_line(self->network, which, line);
    fflush(stdout);
    return RFIM_OK;
}

/* agree: whether what should be equal is. */
static rfim_status print_table(work *self, const question *asked, int *agree)
{
    fim_line lines[RFIM_FIM_EXPRESSIONS];
    memset(lines, 0, sizeof lines);
    rfim_status status = rfim_fim(self->network, self->x, self->y, RFIM_FIM_METRIC, &asked->options,
                                  self->metric, NULL);
    if (status != RFIM_OK)
        return status;
    printf("%s\n%zu parameters, %zu %s sample%s\n\n", rfim_network_text(self->network), self->order,
           self->samples, part_names[asked->part], self->samples == 1 ? "" : "s");
    fim_table_header();
    for (int which = 0; which < RFIM_FIM_EXPRESSIONS && status == RFIM_OK; which++)
        if (asked->only < 0 || asked->only == which)
            status = examine(self, asked, (rfim_fim_expression)which, &lines[which]);
    if (status == RFIM_OK) {
        putchar('\n');
        *agree = fim_table_conclude(lines);
    }
    return status;
}

/* The matrix of the only expression, a row a line. Returns the exit status. */
static int write_matrix(const work *self, const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return output_file_complain(path);
    for (size_t j = 0; j < self->order; j++)
        for (size_t k = 0; k < self->order; k++)
            fprintf(file, "%.17g%c", self->matrix[j * self->order + k],
                    k + 1 < self->order ? ',' : '\n');
    int failed = ferror(file);
    failed = fclose(file) != 0 || failed;
    if (failed) {
        remove(path);
        return complain("%s cannot be written whole: %s", path, strerror(errno)), 1;
    }
    printf("wrote %s: %zu x %zu\n", path, self->order, self->order);
    return 0;
}

static void free_work(work *self)
{
    free(self->inputs);
    free(self->targets);
    free(self->labels);
    free(self->metric);
    free(self->matrix);
    free(self->eigenvalues);
    rfim_network_free(self->network);
    rfim_context_free(self->context);
}

static int work_through(work *self, const question *asked, const rfim_options *options,
                        const char *model)
{
    rfim_splits splits = {NULL, NULL, NULL};
    int agree = 1;
    rfim_status status = rfim_network_load(self->context, model, &self->network);
    if (status == RFIM_OK)
        status = rfim_splits_open(self->context, &options->data, &splits);
    int exit_status = status == RFIM_OK ? load(self, asked, &splits, options->train.target)
                                        : complain_status(self->context, status);
    rfim_splits_free(&splits);
    if (exit_status != 0)
        return exit_status;
    status = print_table(self, asked, &agree);
    exit_status = status == RFIM_OK ? 0 : complain_status(self->context, status);
    if (exit_status == 0 && asked->path)
        exit_status = write_matrix(self, asked->path);
    if (exit_status == 0)
        exit_status = finish_output();
    return exit_status == 0 && !agree ? 1 : exit_status;
}

static int run_fim(const arguments *given)
{
    char model[RFIM_TEXT_SIZE];
    char config[RFIM_TEXT_SIZE];
    rfim_options options;
    question asked;
    work self;
    memset(&self, 0, sizeof self);
    int exit_status = read_words(given, &asked);
    if (exit_status == 0)
        exit_status = find_model(given->words[0], model, config);
    if (exit_status == 0 && !config[0] && !arguments_value(given, "data"))
        exit_status = complain("rfim fim of a model file needs its data: --data WHERE");
    if (exit_status == 0)
        exit_status = session_open_model(given, config, &options, &self.context);
    if (exit_status != 0)
        return exit_status;
    asked.options.seed = options.train.seed;
    exit_status = output_file_probe(asked.path);
    if (exit_status == 0)
        exit_status = work_through(&self, &asked, &options, model);
    output_file_tidy(asked.path);
    free_work(&self);
    return exit_status;
}

static const char *const fim_options[] = {"seed", "threads", "kernels", NULL};

static const cli_flag fim_flags[] = {
    {"samples", "N", "The first so many samples. [default 32]"},
    {"part", "train|valid|test", "Which samples. [default train]"},
    {"expression", "all|NAME",
     "scores, hessian, roots, metric, observed or empirical. [default all]"},
    {"nodes", "N",
     "Of Gauss-Hermite quadrature, for each output of a squared loss, 2 to 64; 2 are exact. "
     "[default 3]"},
    {"draws", "N",
     "Of each sample's y, where more than 1024 would have to be summed over. [default 1000]"},
    {"to", "FILE.csv", "Write the matrix of --expression NAME, a row a line."},
    {NULL, NULL, NULL},
};

const cli_command fim_command = {
    .name = "fim",
    .summary = "the Fisher information of a whole network, by its definitions",
    .usage = "RUN|MODEL.safetensors [--data WHERE] [--OPTION VALUE ...]",
    .text = "Computes the Fisher information matrix (FIM) of all N parameters, N x N, as a mean "
            "over samples, from the model's own p(y|x): as mean outer product of the scores, as "
            "minus the expected Hessian of log p, as 4 times the sum of outer products of the "
            "derivatives of sqrt(p), and as the metric J^T F J, the RFIM of the whole network. "
            "These four are equal. y is summed over: all classes, all outcomes of a sigmoid "
            "loss, or by quadrature for a squared loss; where they are too many it is drawn, and "
            "the relative standard error (s.e.) stated. Then, at the y of the data: the observed "
            "FIM, minus the Hessian, and the empirical Fisher, which is no FIM. A line gives "
            "trace, largest and smallest eigenvalue, and the distance from the metric in the "
            "relative Frobenius norm. Everything is in float64. For small networks: 8 N^2 bytes "
            "a matrix, of which `metric` needs four, 2 GiB at most. Ends with status 1 when what "
            "is equal is not found to be. A run folder stands for its last model and its data; a "
            "model file needs --data.",
    .examples = "rfim train --network \"784-2-10 tanh\" --epochs 2 --out runs/tiny\n"
                "rfim fim runs/tiny\n"
                "rfim fim runs/tiny --expression observed --samples 200 --to observed.csv\n",
    .options = fim_options,
    .sections = "data",
    .without = "standardize", /* models take inputs as they are */
    .flags = fim_flags,
    .least = 1,
    .most = 1,
    .words = "a run folder or a model file",
    .run = run_fim,
};
