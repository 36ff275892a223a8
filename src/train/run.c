/* run.c - rfim_run_train: a training run that is kept in a folder.
 *
 * All that can be wrong is looked for before the folder is made; and when training then fails
 * before its first step, the folder goes again. */
#include "core/context.h"
#include "core/file.h"
#include "core/size.h"
#include "data/where.h"
#include "network/network_clone.h"
#include "train/curves.h"
#include "train/evaluate.h"
#include "train/plan.h"
#include "train/run_folder.h"
#include "train/run_log.h"

#include <math.h>
#include <rfim/io.h>
#include <rfim/train.h>
#include <stdio.h>
#include <string.h>

typedef struct run {
    rfim_context *context;
    rfim_options options;
    rfim_splits splits;
    rfim_network *network;
    rfim_network
        *raw; /* room for the network as it is kept when inputs are standardised; or NULL */
    rfim__run_folder folder;
    char config[RFIM_TEXT_SIZE]; /* the paths of its files */
    char metrics[RFIM_TEXT_SIZE];
    char model[RFIM_TEXT_SIZE];
    char best[RFIM_TEXT_SIZE];
    char log_path[RFIM_TEXT_SIZE];
    rfim__run_log log;
    rfim_progress_fn progress;
    void *user;
    int stepped;       /* training has begun: the folder stays, whatever happens */
    rfim_status files; /* the first failure of writing the folder's files */
    char error[RFIM__ERROR_SIZE];
} run;

/* From another folder, config.ini must find the same data. */
static void make_data_absolute(run *self)
{
    char absolute[RFIM_TEXT_SIZE];
    rfim__where where;
    rfim_options *options = &self->options;
    if (rfim__where_parse(self->context, options->data.where, &where) == RFIM_OK &&
        where.kind == RFIM__WHERE_FOLDER && strcmp(options->data.where, "mnist") != 0 &&
        rfim__path_absolute(where.folder, absolute, sizeof absolute))
        (void)rfim_options_set(self->context, options, "data", absolute);
}

static rfim_status name_files(run *self)
{
    const struct {
        const char *name;
        char *path;
    } files[] = {{RFIM__RUN_CONFIG, self->config},
                 {RFIM__RUN_METRICS, self->metrics},
                 {RFIM__RUN_MODEL, self->model},
                 {RFIM__RUN_BEST, self->best},
                 {RFIM__RUN_LOG, self->log_path}};
    rfim_status status = RFIM_OK;
    for (size_t index = 0; status == RFIM_OK && index < sizeof files / sizeof *files; index++)
        status = rfim__run_folder_file(self->context, &self->folder, files[index].name,
                                       files[index].path);
    return status;
}

/* The data, and the network once it is known to fit them and the memory that there is. */
static rfim_status open_data_and_network(run *self)
{
    const rfim_options *options = &self->options;
    rfim_network *outline = NULL;
    rfim__plan_verdict verdict;
    rfim_status status = rfim__network_outline(self->context, options->network, &options->init,
                                               &outline);
    if (status == RFIM_OK)
        status = rfim_splits_open(self->context, &options->data, &self->splits);
    if (status == RFIM_OK)
        status = rfim__check_splits(outline, &self->splits, options->train.target);
    if (status == RFIM_OK)
        status = rfim__plan_check(outline, &self->splits, options, &verdict);
    rfim_network_free(outline);
    if (status == RFIM_OK)
        status = rfim_network_create_for(self->context, options->network, &options->init,
                                         self->splits.train, &self->network);
    return status;
}

/* A model that is kept takes inputs as they are: what is trained must be able to become one. */
static rfim_status prepare_raw(run *self)
{
    int reproduces = 0;
    rfim_network_options init = self->options.init;
    if (!self->options.data.standardize)
        return RFIM_OK;
    rfim_status status = rfim_targets_are_inputs(self->network, self->splits.train,
                                                 self->options.train.target, &reproduces);
    if (status == RFIM_OK && reproduces)
        status = rfim__fail(self->context, RFIM_ERROR_ARGUMENT,
                            "standardize does not go with a network that learns to give its own "
                            "inputs, which would be others; leave it out, or take init whitened");
    init.init = RFIM_INIT_GLOROT; /* no matter: its weights are replaced */
    if (status == RFIM_OK)
        status = rfim_network_create(self->context, self->options.network, &init, &self->raw);
    if (status == RFIM_OK)
        status = rfim_network_take_raw_inputs(self->raw, self->splits.train); /* can it? */
    return status;
}

/* Everything that can be checked, and what training needs. */
static rfim_status prepare(run *self)
{
    rfim_options *options = &self->options;
    options->init.seed = options->data.split_seed = options->train.seed;
    rfim_status status = rfim_options_check(self->context, options);
    if (status == RFIM_OK)
        status = rfim__run_folder_name(self->context, options, &self->folder);
    if (status == RFIM_OK)
        status = rfim__run_folder_check(self->context, &self->folder, options->run.overwrite);
    if (status == RFIM_OK)
        status = open_data_and_network(self);
    if (status == RFIM_OK)
        status = prepare_raw(self);
    if (status == RFIM_OK)
        status = name_files(self); /* are they too long? */
    if (status == RFIM_OK)
        make_data_absolute(self);
    return status;
}

static size_t samples_of(const rfim_dataset *dataset)
{
    return dataset ? rfim_dataset_samples(dataset) : 0;
}

/* The last word of the caller before the folder is made. */
static rfim_status ask_caller(run *self)
{
    const rfim_train_options *train = &self->options.train;
    size_t samples = samples_of(self->splits.train);
    size_t batch = rfim_optimizer_samples(&self->options.optimizer, train->batch, samples);
    batch = rfim__size_max(1, batch);
    rfim_progress ready = {.epoch = 1,
                           .epochs = train->epochs,
                           .steps = train->epochs * ((samples + batch - 1) / batch),
                           .loss = (double)NAN};
    if (self->progress && self->progress(self->user, &ready) != 0)
        return rfim__fail(self->context, RFIM_STOPPED,
                          "training was stopped before its first step");
    return RFIM_OK;
}

/* What is about to happen, for the log. */
/* What was left to the data. */
static void announce_settled(const run *self)
{
    const rfim_optimizer_options *asked = &self->options.optimizer;
    rfim_optimizer_options settled = *asked;
    size_t samples = self->splits.train->samples;
    size_t batch = rfim__size_min(self->options.train.batch, samples);
    char more[80] = "";
    if (asked->method != RFIM_RNGD || asked->damping != 0)
        return;
    rfim_optimizer_settle(&settled, rfim_optimizer_samples(asked, batch, samples),
                          self->network->modules[0].inputs, samples);
    if (settled.learning_rate != asked->learning_rate)
        snprintf(more, sizeof more, ", rho %.3g, learning rate %.3g: few samples an input",
                 settled.rho, settled.learning_rate);
    rfim__log(self->context, RFIM_LOG_INFO, "settled    damping %.3g%s", settled.damping, more);
}

static void announce(run *self)
{
    rfim_context *context = self->context;
    const rfim_options *options = &self->options;
    char method[16] = "";
    char rate[32] = "";
    char schedule[16] = "";
    (void)rfim_options_get(context, options, "optimizer", method, sizeof method);
    (void)rfim_options_get(context, options, "learning-rate", rate, sizeof rate);
    (void)rfim_options_get(context, options, "schedule", schedule, sizeof schedule);
    char versions[256];
    snprintf(versions, sizeof versions, "rfim %s, %s", rfim_version(), rfim_blas_description());
    rfim__run_log_note(&self->log, versions);
    rfim__log(context, RFIM_LOG_INFO,
              "data       %s: %zu samples to train, %zu to validate, %zu to test",
              options->data.where, samples_of(self->splits.train), samples_of(self->splits.valid),
              samples_of(self->splits.test));
    rfim__log(context, RFIM_LOG_INFO, "network    %s: %zu parameters, %s precision",
              options->network, rfim_network_parameters(self->network),
              options->init.precision == RFIM_DOUBLE ? "double" : "single");
    rfim__log(context, RFIM_LOG_INFO, "optimizer  %s (preset %s): learning rate %s, %s", method,
              options->preset, rate, schedule);
    announce_settled(self);
    rfim__log(context, RFIM_LOG_INFO, "training   %zu epoch%s in batches of %zu, seed %llu",
              options->train.epochs, options->train.epochs == 1 ? "" : "s", options->train.batch,
              (unsigned long long)options->train.seed);
    rfim__log(context, RFIM_LOG_INFO, "threads    %zu, kernels %s", rfim_context_threads(context),
              rfim_context_kernels(context));
    rfim__log(context, RFIM_LOG_INFO, "folder     %s", self->folder.path);
    if (!rfim_blas_matches())
        rfim__log(context, RFIM_LOG_WARNING,
                  "rfim is made for the OpenMP build of OpenBLAS, but found another: %s",
                  rfim_blas_description());
}

/* Whether the curves are drawn anew: after every epoch of the first hundred, then whenever there is
 * one in a hundred more, and at the end, or long runs would mostly draw. */
static bool is_worth_drawing(const run *self, const rfim_epoch *epoch)
{
    return epoch->epoch % (1 + epoch->epoch / 100) == 0 || epoch->interrupted ||
           epoch->epoch == self->options.train.epochs;
}

/* The network as one that takes inputs as they are in the data. */
static rfim_status save_model(run *self, const char *path)
{
    if (!self->raw)
        return rfim_network_save(self->network, path);
    rfim__network_copy(self->raw, self->network, 0);
    rfim_status status = rfim_network_take_raw_inputs(self->raw, self->splits.train);
    return status == RFIM_OK ? rfim_network_save(self->raw, path) : status;
}

/* Brings the folder up to date. */
static rfim_status keep_epoch(run *self, const rfim_epoch *epoch)
{
    rfim_status status = rfim__run_log_epoch(self->context, self->metrics, epoch,
                                             self->options.optimizer.method);
    if (status == RFIM_OK)
        status = save_model(self, self->model);
    if (status == RFIM_OK && epoch->improved)
        status = save_model(self, self->best);
    if (status == RFIM_OK && is_worth_drawing(self, epoch))
        status = rfim__curves_draw(self->context, self->folder.path);
    return status;
}

/* Keeps the first failure, for what comes after may have a sentence of its own. */
static void keep_failure(run *self, rfim_status status)
{
    if (status == RFIM_OK || self->files != RFIM_OK)
        return;
    self->files = status;
    snprintf(self->error, sizeof self->error, "%s", rfim_context_error(self->context));
}

/* From here on the folder is this run's, whatever happens. */
static void begin(run *self)
{
    if (!self->stepped)
        rfim__run_folder_settle(&self->folder);
    self->stepped = 1;
}

static int follow(void *user, const rfim_progress *progress)
{
    run *self = user;
    begin(self);
    if (progress->finished)
        keep_failure(self, keep_epoch(self, progress->finished));
    int stop = self->progress ? self->progress(self->user, progress) : 0;
    return stop || self->files != RFIM_OK;
}

static void conclude(run *self, rfim_status status, const rfim_epoch *last)
{
    char message[RFIM__ERROR_SIZE];
    if (status != RFIM_OK)
        snprintf(message, sizeof message, "%s: %s", rfim_status_text(status),
                 rfim_context_error(self->context));
    else
        snprintf(message, sizeof message, "done: %zu epoch%s, %zu step%s in %.0f seconds",
                 last->epoch, last->epoch == 1 ? "" : "s", last->step, last->step == 1 ? "" : "s",
                 last->seconds);
    rfim__run_log_note(&self->log, message);
}

/* Trains into the folder, which is there. */
static rfim_status train(run *self, rfim_epoch *last)
{
    rfim__run_log_begin(&self->log, self->context, self->log_path);
    announce(self);
    rfim_status status = rfim_train(self->network, &self->splits, &self->options, follow, self,
                                    last);
    if (status == RFIM_STOPPED || status == RFIM_DIVERGED) {
        begin(self);
        char sentence[RFIM__ERROR_SIZE];
        snprintf(sentence, sizeof sentence, "%s", rfim_context_error(self->context));
        keep_failure(self, save_model(self, self->model));
        rfim__fail(self->context, status, "%s", sentence);
    }
    if (self->files != RFIM_OK)
        status = rfim__fail(self->context, self->files, "%s", self->error);
    if (self->stepped)
        conclude(self, status, last);
    rfim__run_log_end(&self->log);
    return status;
}

rfim_status rfim_run_train(rfim_context *context, const rfim_options *options,
                           rfim_progress_fn progress, void *user, char *run_path, rfim_epoch *last)
{
    rfim_epoch final;
    memset(&final, 0, sizeof final);
    if (run_path)
        run_path[0] = '\0';
    run *self = rfim__allocate(context, 1, sizeof *self);
    if (!self)
        return RFIM_ERROR_MEMORY;
    self->context = context;
    self->options = *options;
    self->progress = progress;
    self->user = user;
    rfim_status status = prepare(self);
    if (status != RFIM_OK)
        goto done;
    status = ask_caller(self);
    if (status == RFIM_OK)
        status = rfim__run_folder_make(context, &self->folder, options->run.overwrite);
    if (status != RFIM_OK)
        goto done;
    status = name_files(self); /* a name may have got a number */
    if (status == RFIM_OK)
        status = rfim_options_write(context, &self->options, self->config);
    if (status == RFIM_OK)
        status = train(self, &final);
    if (!self->stepped)
        rfim__run_folder_remove(&self->folder);
    else if (run_path)
        snprintf(run_path, RFIM_TEXT_SIZE, "%s", self->folder.path);
    rfim__run_folder_leave(&self->folder);
done:
    if (last)
        *last = final;
    rfim_network_free(self->network);
    rfim_network_free(self->raw);
    rfim_splits_free(&self->splits);
    rfim__release(context, self);
    return status;
}
