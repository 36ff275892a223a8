/* rfim bench: what a training step costs, and the kernels in it. */
#include "bench_results.h"
#include "command.h"
#include "message.h"
#include "output_file.h"
#include "progress.h"
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOST_THREADS 1024

typedef struct bench_work {
    const arguments *given;
    const char *json; /* "": to stdout; NULL: none */
    rfim_options options;
    rfim_bench_options asked;
    char nets[RFIM_TEXT_SIZE]; /* names, each ended by NUL */
    rfim_context *context;
    bench_results results;
    progress shown;
} bench_work;

/* --- words ------------------------------------------------------------------------------------ */

static int read_threads(const char *word, size_t threads[RFIM_BENCH_MOST_THREADS])
{
    size_t count = 0;
    const char *at = word;
    memset(threads, 0, RFIM_BENCH_MOST_THREADS * sizeof *threads);
    while (count < RFIM_BENCH_MOST_THREADS && *at >= '0' && *at <= '9') {
        char *end = NULL;
        unsigned long number = strtoul(at, &end, 10);
        if (number < 1 || number > MOST_THREADS)
            break;
        threads[count++] = number;
        at = end;
        if (*at == '\0')
            return 0;
        at += *at == ',';
    }
    return complain("--threads: expected up to %d numbers from 1 to %d, such as 1,2, found '%.40s'",
                    RFIM_BENCH_MOST_THREADS, MOST_THREADS, word);
}

static int read_blocks(const char *word, size_t *blocks)
{
    char *end = NULL;
    unsigned long number = word[0] >= '0' && word[0] <= '9' ? strtoul(word, &end, 10) : 0;
    if (number < 1 || number > 10000 || *end != '\0')
        return complain("--blocks: expected 1 to 10000, found '%.40s'", word);
    *blocks = number;
    return 0;
}

static int read_seconds(const char *word, double *seconds)
{
    char *end = NULL;
    double number = strtod(word, &end);
    if (end == word || *end != '\0' || !(number >= 0 && number <= 3600))
        return complain("--block-seconds: expected 0 to 3600, found '%.40s'", word);
    *seconds = number;
    return 0;
}

/* "paper,deep" or "all" becomes names one behind the other, the last one empty. */
static int read_nets(bench_work *self)
{
    const char *word = arguments_value(self->given, "net");
    char *to = self->nets;
    size_t size = sizeof self->nets - 2;
    if (!word)
        word = "paper";
    if (strcmp(word, "all") == 0) {
        for (size_t n = 0; rfim_bench_net_at(n); n++)
            to += sprintf(to, "%s", rfim_bench_net_at(n)->name) + 1;
        return 0;
    }
    if (strlen(word) > size)
        return complain("--net: more than %zu bytes", size);
    if (word[0] == '\0' || word[0] == ',' || word[strlen(word) - 1] == ',' || strstr(word, ",,"))
        return complain("--net: expected names separated by single commas, found '%.60s'", word);
    memcpy(to, word, strlen(word) + 1);
    size_t count = 1;
    for (; *to; to++)
        if (*to == ',') {
            *to = '\0';
            count++;
        }
    if (count > BENCH_NETS)
        return complain("--net: at most %d nets in one run", BENCH_NETS);
    return 0;
}

static int read_words(bench_work *self)
{
    const arguments *given = self->given;
    const char *threads = arguments_value(given, "threads");
    const char *blocks = arguments_value(given, "blocks");
    const char *seconds = arguments_value(given, "block-seconds");
    int exit_status = read_nets(self);
    rfim_bench_defaults(&self->asked);
    if (exit_status == 0 && threads)
        exit_status = read_threads(threads, self->asked.threads);
    if (exit_status == 0 && blocks)
        exit_status = read_blocks(blocks, &self->asked.blocks);
    if (exit_status == 0 && seconds)
        exit_status = read_seconds(seconds, &self->asked.block_seconds);
    if (exit_status == 0 && arguments_value(given, "kernels-only") &&
        arguments_value(given, "no-kernels"))
        exit_status = complain("--kernels-only and --no-kernels leave nothing to time");
    self->asked.programs = arguments_value(given, "programs");
    self->json = arguments_value(given, "json");
    return exit_status;
}

/* Options of the library's table, whose defaults are others here. */
static int read_sizes(bench_work *self)
{
    static const char *const names[] = {"batch", "train-samples"};
    size_t *const to[] = {&self->asked.batch, &self->asked.data.train_samples};
    const size_t *const from[] = {&self->options.train.batch, &self->options.data.train_samples};
    self->asked.data = self->options.data;
    for (size_t k = 0; k < 2; k++) {
        const char *word = arguments_value(self->given, names[k]);
        if (!word)
            continue;
        rfim_status status = rfim_options_set(self->context, &self->options, names[k], word);
        if (status != RFIM_OK)
            return complain_status(self->context, status);
        *to[k] = *from[k];
    }
    return 0;
}

/* --- the work --------------------------------------------------------------------------------- */

/* On a terminal a live line; elsewhere a line when a net begins. Between blocks, not in them. */
static int show_turn(void *user, const rfim_bench_progress *turn)
{
    bench_work *self = user;
    if (self->shown.quiet)
        return 0;
    if (self->shown.live) {
        fprintf(stderr, "\r%.40s: ", turn->net);
        if (turn->block > 0)
            fprintf(stderr, "block %zu of %zu", turn->block, turn->blocks);
        else
            fprintf(stderr, "warming up");
        fprintf(stderr, ", %s on %zu thread%s\033[K", turn->program, turn->threads,
                turn->threads == 1 ? "" : "s");
        fflush(stderr);
        self->shown.drawn = 1;
    } else if (turn->block == 1 && !self->shown.header) {
        fprintf(stderr, "%.60s: %zu blocks\n", turn->net, turn->blocks);
        self->shown.header = 1;
    }
    return 0;
}

static int keep_kernel(void *user, const rfim_bench_kernel *kernel)
{
    bench_work *self = user;
    if (self->shown.live && !self->shown.quiet) {
        fprintf(stderr, "\rkernels: %s, %s\033[K", kernel->name, kernel->shape);
        fflush(stderr);
        self->shown.drawn = 1;
    }
    return bench_results_add_kernel(&self->results, kernel);
}

static rfim_status time_nets(bench_work *self)
{
    rfim_status status = RFIM_OK;
    bench_results *results = &self->results;
    int only_json = self->json && !self->json[0];
    for (const char *net = self->nets; *net && status == RFIM_OK; net += strlen(net) + 1) {
        self->asked.net = net;
        self->shown.header = 0;
        status = rfim_bench_run(self->context, &self->asked, show_turn, self,
                                &results->nets[results->net_count]);
        progress_clear(&self->shown);
        if (status != RFIM_OK)
            break;
        if (!only_json)
            bench_print_net(results->nets[results->net_count]);
        fflush(stdout);
        results->net_count++;
    }
    return status;
}

static rfim_status time_kernels(bench_work *self)
{
    int only_json = self->json && !self->json[0];
    rfim_status status = rfim_bench_kernels(self->context, &self->asked, keep_kernel, self);
    progress_clear(&self->shown);
    if (status == RFIM_OK && !only_json)
        bench_print_kernels(&self->results);
    return status;
}

static int write_json(const bench_work *self)
{
    FILE *file = fopen(self->json, "w");
    if (!file)
        return output_file_complain(self->json);
    bench_write_json(&self->results, file);
    int failed = ferror(file);
    return fclose(file) == 0 && !failed ? 0 : output_file_complain(self->json);
}

static int work_through(bench_work *self)
{
    rfim_status status = RFIM_OK;
    int only_json = self->json && !self->json[0];
    bench_results_begin(&self->results, self->context);
    progress_begin(&self->shown, self->options.run.quiet);
    if (!only_json)
        bench_print_machine(&self->results);
    if (!arguments_value(self->given, "kernels-only"))
        status = time_nets(self);
    if (status == RFIM_OK && !arguments_value(self->given, "no-kernels"))
        status = time_kernels(self);
    if (self->results.out_of_memory)
        return complain("no memory for the results"), 1;
    if (status != RFIM_OK)
        return complain_status(self->context, status);
    rfim_bench_machine_get(&self->results.after);
    if (only_json)
        bench_write_json(&self->results, stdout);
    int unwritten = self->json && self->json[0] ? write_json(self) : 0;
    int exit_status = finish_output();
    return exit_status != 0 ? exit_status : unwritten;
}

static int run_bench(const arguments *given)
{
    bench_work self;
    memset(&self, 0, sizeof self);
    self.given = given;
    int exit_status = read_words(&self);
    if (exit_status == 0)
        exit_status = session_open(given, NULL, &self.options, &self.context);
    if (exit_status == 0)
        exit_status = read_sizes(&self);
    if (exit_status == 0)
        exit_status = output_file_probe(self.json);
    if (exit_status == 0)
        exit_status = work_through(&self);
    output_file_tidy(self.json);
    bench_results_free(&self.results);
    rfim_context_free(self.context);
    return exit_status;
}

static const char *const bench_options[] = {"data", "kernels", "quiet", NULL};
static const cli_flag bench_flags[] = {
    {"net", "NETS",
     "Which networks, separated by commas: paper, deep, autoencoder, wide, or a network's text "
     "such "
     "as `784-80-10 relu`; all: the four. [default paper]"},
    {"threads", "N,...", "Numbers of threads, each timed in the same run: 1,2. [default 1]"},
    {"batch", "N", "Samples a step. [default the net's own; 50 for a network's text]"},
    {"train-samples", "N",
     "The first so many samples, cut to whole refresh periods an epoch. [default 10000 or a little "
     "more, where there are so many]"},
    {"programs", "NAMES",
     "Which programs, separated by commas: floor, sgd-trimmed, neuron-batch-hard, or any preset "
     "(rfim help presets). [default those that belong to the net]"},
    {"blocks", "N", "How many blocks are timed, after one that warms up. [default 15]"},
    {"block-seconds", "SECONDS",
     "How long a block is at least; it is a whole number of refresh periods. [default 0.25]"},
    {"kernels-only", NULL, "Only the kernels alone, no networks."},
    {"no-kernels", NULL, "Only the networks."},
    {"json", "[FILE.json]",
     "Everything as JSON as well; without a file to stdout, in place of the tables."},
    {NULL, NULL, NULL},
};

const cli_command bench_command = {
    .name = "bench",
    .summary = "what a training step costs on this machine",
    .usage = "[--net NETS] [--threads 1,2] [--data WHERE] [--json [FILE.json]]",
    .text = "Times whole training steps: the batch gathered from memory, forward, loss, backward, "
            "update, and for natural gradients collecting and factorising metrics. The programs "
            "take turns, block by block, in one process. `floor` is the step's matrix products "
            "alone, by plain single-threaded sgemm; `sgd-trimmed` is sgd without the inputs that "
            "are 0 in every sample, which whitening drops too. Read the ratios: medians over the "
            "blocks, with quartiles, of two programs' times in the same block, as /floor, /sgd "
            "(on as many threads) and /trim'd. set-up is in seconds, once. Then kernels alone, "
            "each beside library calls that do the same. bench/README.md says how to time well.",
    .examples = "rfim bench\n"
                "rfim bench --net all --threads 1,2 --data ~/mnist --json bench.json\n"
                "rfim bench --net 784-256-10 --programs sgd,adam,rngd --no-kernels\n",
    .options = bench_options,
    .flags = bench_flags,
    .least = 0,
    .most = 0,
    .words = "options only",
    .run = run_bench,
};
