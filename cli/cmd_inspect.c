/* rfim inspect: the metric of each module, and where its neurons can learn. */
#include "command.h"
#include "inspect_table.h"
#include "message.h"
#include "output_file.h"
#include "progress.h"
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REDRAW_SECONDS 0.1

/* --- options ---------------------------------------------------------------------------------- */

static int read_representation(const arguments *given, rfim_inspect_options *out)
{
    const char *names[RFIM_REPRESENTATIONS];
    const char *word = arguments_value(given, "representation");
    for (int index = 0; index < RFIM_REPRESENTATIONS; index++)
        names[index] = rfim_representation_name((rfim_representation)index);
    if (!word)
        return 0;
    out->representation = find_choice("representation", word, names, RFIM_REPRESENTATIONS);
    return out->representation < 0 ? 2 : 0;
}

static int read_response(const arguments *given, rfim_inspect_options *out)
{
    static const char *const names[] = {"own", "next", "network"};
    const char *word = arguments_value(given, "response");
    int found = word ? find_choice("response", word, names, 3) : RFIM_RESPONSE_OWN;
    if (found < 0)
        return 2;
    out->response = (rfim_response)found;
    return 0;
}

static int read_samples(const arguments *given, rfim_inspect_options *out)
{
    const char *word = arguments_value(given, "samples");
    char *end = NULL;
    if (!word)
        return 0;
    errno = 0;
    unsigned long long number = strtoull(word, &end, 10);
    if (word[0] < '0' || word[0] > '9' || *end || errno || number == 0 || number > SIZE_MAX)
        return complain("--samples: expected a whole number from 1 on, found '%.60s'", word);
    out->samples = (size_t)number;
    return 0;
}

/* The run's own damping, or what is given instead; and the limit of memory. */
static rfim_status read_settings(rfim_context *context, const arguments *given,
                                 const rfim_options *options, rfim_inspect_options *out)
{
    static const char *const names[] = {"damping", "damping-relative-to", "memory"};
    rfim_options scratch;
    rfim_options_defaults(&scratch);
    out->damping = options->optimizer.damping;
    out->damping_rule = options->optimizer.damping_rule;
    out->sigma = options->optimizer.sigma;
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        const char *word = arguments_value(given, names[index]);
        rfim_status status = word ? rfim_options_set(context, &scratch, names[index], word)
                                  : RFIM_OK;
        if (status != RFIM_OK)
            return status;
    }
    if (arguments_value(given, "damping"))
        out->damping = scratch.optimizer.damping;
    if (arguments_value(given, "damping-relative-to"))
        out->damping_rule = scratch.optimizer.damping_rule;
    if (arguments_value(given, "memory"))
        out->max_bytes = scratch.optimizer.memory > 0 ? scratch.optimizer.memory : SIZE_MAX;
    return RFIM_OK;
}

static int check_ending(const char *option, const char *path, const char *ending)
{
    size_t length = path ? strlen(path) : 0;
    if (!path || (length > strlen(ending) && strcmp(path + length - strlen(ending), ending) == 0))
        return 0;
    return complain("--%s: expected a name that ends with %s, found '%.60s'", option, ending, path);
}

static int read_part(const arguments *given, int *out)
{
    static const char *const names[] = {"train", "valid", "test"};
    const char *word = arguments_value(given, "part");
    *out = word ? find_choice("part", word, names, 3) : 0;
    return *out < 0 ? 2 : 0;
}

/* What needs no context; 0, or an exit status after a complaint. */
static int read_words(const arguments *given, rfim_inspect_options *out, int *part)
{
    const char *json = arguments_value(given, "json");
    int exit_status = read_representation(given, out);
    if (exit_status == 0)
        exit_status = read_response(given, out);
    if (exit_status == 0)
        exit_status = read_samples(given, out);
    if (exit_status == 0)
        exit_status = read_part(given, part);
    if (exit_status == 0)
        exit_status = check_ending("to", arguments_value(given, "to"), ".svg");
    if (exit_status == 0 && json && json[0])
        exit_status = check_ending("json", json, ".json");
    out->module = arguments_value(given, "layer");
    return exit_status;
}

/* --- the work --------------------------------------------------------------------------------- */

/* On a terminal, how far the samples are. */
static void show(void *user, size_t samples, size_t of)
{
    progress *self = user;
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    double clock = (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
    if (!self->live || (samples < of && clock - self->drawn_at < REDRAW_SECONDS))
        return;
    fprintf(stderr, "\r%zu of %zu samples%s\033[K", samples, of,
            samples == of ? ", eigenvalues" : "");
    fflush(stderr);
    self->drawn = 1;
    self->drawn_at = clock;
}

static const char *damping_rule_name(rfim_damping_rule rule)
{
    static const char *const names[] = {"trace", "mean-diagonal", "diagonal", "absolute"};
    return names[rule];
}

static void print_all(const arguments *given, const rfim_inspection *inspection,
                      const rfim_inspect_options *asked, const char *model, const char *part)
{
    rfim_inspected told;
    rfim_inspection_get(inspection, 0, &told);
    printf("%s\n%zu %s samples, response %s, damping %g relative to %s\n\n", model, told.samples,
           part, rfim_response_name(asked->response), asked->damping,
           damping_rule_name(asked->damping_rule));
    inspect_table_print(inspection);
    if (arguments_value(given, "layer"))
        inspect_table_print_neurons(inspection);
}

static rfim_status save_json(rfim_inspection *inspection, const char *path)
{
    const char *text = NULL;
    if (path[0]) {
        rfim_status status = rfim_inspection_save(inspection, path);
        if (status == RFIM_OK)
            printf("wrote %s\n", path);
        return status;
    }
    rfim_status status = rfim_inspection_json(inspection, &text);
    if (status == RFIM_OK)
        fputs(text, stdout);
    return status;
}

/* The page: where --to says, or beside the run's other files. NULL: none. */
static const char *page_path(const arguments *given, const char *config, char *path, size_t size)
{
    const char *to = arguments_value(given, "to");
    if (to || !config[0])
        return to;
    snprintf(path, size, "%s/inspect.svg", given->words[0]);
    return path;
}

typedef struct inspect_work {
    const arguments *given;
    char model[RFIM_TEXT_SIZE];
    char config[RFIM_TEXT_SIZE]; /* of the run; "": a model file */
    char page_room[RFIM_TEXT_SIZE + 16];
    const char *page; /* NULL: none */
    const char *json; /* "": to stdout; NULL: none */
    rfim_options options;
    rfim_inspect_options asked;
    int part;
    rfim_context *context;
    rfim_network *network;
    rfim_splits splits;
    rfim_inspection *inspection;
    progress shown;
} inspect_work;

static const char *part_name(const inspect_work *self)
{
    static const char *const names[] = {"training", "validation", "test"};
    return names[self->part];
}

static const rfim_dataset *part_of(const inspect_work *self)
{
    const rfim_dataset *const parts[] = {self->splits.train, self->splits.valid, self->splits.test};
    return parts[self->part];
}

static rfim_status write_all(const inspect_work *self)
{
    int only_json = self->json && !self->json[0]; /* nothing else goes to stdout then */
    if (!only_json)
        print_all(self->given, self->inspection, &self->asked, self->model, part_name(self));
    rfim_status status = self->json ? save_json(self->inspection, self->json) : RFIM_OK;
    if (status == RFIM_OK && self->page)
        status = rfim_inspection_draw(self->inspection, self->page);
    if (status == RFIM_OK && self->page && !only_json)
        printf("wrote %s\n", self->page);
    return status;
}

/* Everything that can be refused before the data are read; 0, or an exit status. */
static int prepare(inspect_work *self)
{
    const arguments *given = self->given;
    rfim_inspect_defaults(&self->asked);
    int exit_status = read_words(given, &self->asked, &self->part);
    if (exit_status == 0)
        exit_status = find_model(given->words[0], self->model, self->config);
    if (exit_status == 0 && !self->config[0] && !arguments_value(given, "data"))
        exit_status = complain("rfim inspect of a model file needs its data: --data WHERE");
    if (exit_status == 0)
        exit_status = session_open_model(given, self->config, &self->options, &self->context);
    if (exit_status != 0)
        return exit_status;
    self->page = page_path(given, self->config, self->page_room, sizeof self->page_room);
    self->json = arguments_value(given, "json");
    rfim_status status = read_settings(self->context, given, &self->options, &self->asked);
    if (status != RFIM_OK)
        return complain_status(self->context, status);
    exit_status = output_file_probe(self->page);
    return exit_status == 0 ? output_file_probe(self->json) : exit_status;
}

/* A damping of 0 is what training takes for it, with these data. */
static void settle_damping(inspect_work *self)
{
    rfim_optimizer_options settled = self->options.optimizer;
    size_t samples = rfim_dataset_samples(self->splits.train);
    size_t batch = self->options.train.batch < samples ? self->options.train.batch : samples;
    if (self->asked.damping != 0 || samples == 0)
        return;
    settled.damping = 0;
    rfim_optimizer_settle(&settled, rfim_optimizer_samples(&settled, batch, samples),
                          rfim_network_inputs(self->network), samples);
    self->asked.damping = settled.damping;
}

static int work_through(inspect_work *self)
{
    progress_begin(&self->shown, self->options.run.quiet);
    if (!self->options.run.quiet)
        self->asked.progress = show;
    self->asked.progress_user = &self->shown;
    rfim_status status = rfim_network_load(self->context, self->model, &self->network);
    if (status == RFIM_OK)
        status = rfim_splits_open(self->context, &self->options.data, &self->splits);
    if (status == RFIM_OK && !part_of(self))
        return complain("--part: these data have no %s samples", part_name(self)), 1;
    if (status == RFIM_OK)
        settle_damping(self);
    if (status == RFIM_OK)
        status = rfim_inspect(self->network, part_of(self), &self->asked, &self->inspection);
    progress_clear(&self->shown);
    if (status == RFIM_OK)
        status = write_all(self);
    return status == RFIM_OK ? finish_output() : complain_status(self->context, status);
}

static int run_inspect(const arguments *given)
{
    inspect_work self;
    memset(&self, 0, sizeof self);
    self.given = given;
    int exit_status = prepare(&self);
    if (exit_status == 0)
        exit_status = work_through(&self);
    output_file_tidy(self.page);
    output_file_tidy(self.json);
    rfim_inspection_free(self.inspection);
    rfim_splits_free(&self.splits);
    rfim_network_free(self.network);
    rfim_context_free(self.context);
    return exit_status;
}

static const char *const inspect_options[] = {"seed", "threads", "kernels", "quiet", NULL};

static const cli_flag inspect_flags[] = {
    {"layer", "NAME", "Only this module, such as layer2, and its neurons one by one."},
    {"response", "own|next|network",
     "Whose sensitivity: the module's own output, that of the next module with weights, or what "
     "the network is trained to give. [default own]"},
    {"representation", "NAME",
     "How the metric is kept: shared, neuron, kronecker, softmax, dense, diagonal or gram. "
     "[default neuron; linear modules shared, soft-max dense; what does not fit into --memory is "
     "replaced by something smaller, and named under the table]"},
    {"memory", "BYTES", "The limit for one metric, such as 64M or 2G; 0: no limit. [default 64M]"},
    {"samples", "N", "The first so many samples. [default all]"},
    {"part", "train|valid|test", "Which samples. [default train]"},
    {"damping", "EPS", "For the condition after damping. [default the run's, else 0.001]"},
    {"damping-relative-to", "SCALE",
     "The scale of the damping: trace, mean-diagonal, diagonal or absolute. [default the run's, "
     "else trace]"},
    {"json", "[FILE.json]",
     "Everything as JSON; without a file to stdout, in place of the tables."},
    {"to", "FILE.svg", "The page of pictures. [default RUN/inspect.svg; of a model file none]"},
    {NULL, NULL, NULL},
};

const cli_command inspect_command = {
    .name = "inspect",
    .summary = "the metric of each module, and where its neurons can learn",
    .usage = "RUN|MODEL.safetensors [--data WHERE] [--OPTION VALUE ...]",
    .text = "Streams the samples through a network and shows the relative Fisher information "
            "metric of each module's parameters: trace, largest and smallest eigenvalue, effective "
            "rank, condition after damping; then, from the mean of nu over the samples, how many "
            "neurons are dead, saturated (sat.), always linear, or active, and the traces with "
            "respect to their own response (relative metric) and the network's (absolute metric). "
            "The page shows spectra, nu of each neuron for the first samples, and both traces of "
            "each neuron. A run folder stands for its last model and its data; a model file needs "
            "--data.",
    .examples = "rfim inspect runs/rngd\n"
                "rfim inspect runs/rngd --layer layer2 --response network\n"
                "rfim inspect model.safetensors --data ~/mnist --to page.svg --json page.json\n",
    .options = inspect_options,
    .sections = "data",
    .without = "standardize", /* models take inputs as they are */
    .flags = inspect_flags,
    .least = 1,
    .most = 1,
    .words = "a run folder or a model file",
    .run = run_inspect,
};
