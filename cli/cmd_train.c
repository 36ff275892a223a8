/* rfim train: a run from a recipe, options, or both. */
#include "command.h"
#include "message.h"
#include "progress.h"
#include "session.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static volatile sig_atomic_t stop_requested; /* a signal handler reaches nothing else */

static void request_stop(int signal_number)
{
    (void)signal_number;
    stop_requested = 1;
}

/* The first signal asks training to stop after its step; a second one ends the process. A signal
 * that is ignored, as a shell does it for commands in the background, stays ignored. */
static void listen_for(int signal_number)
{
    struct sigaction action;
    struct sigaction before;
    memset(&action, 0, sizeof action);
    action.sa_handler = request_stop;
    action.sa_flags = (int)SA_RESETHAND | SA_RESTART;
    sigemptyset(&action.sa_mask);
    if (sigaction(signal_number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(signal_number, &action, NULL);
}

typedef struct watch {
    progress progress;
    int told; /* that the end was asked for */
} watch;

static int watch_training(void *user, const rfim_progress *report)
{
    watch *self = user;
    progress_show(&self->progress, report);
    if (stop_requested && !self->told) {
        self->told = 1;
        progress_clear(&self->progress);
        if (!self->progress.quiet)
            fputs("stopping after this step and saving; press again to end at once\n", stderr);
    }
    return stop_requested;
}

static void log_beside_progress(void *user, rfim_log_level level, const char *message)
{
    watch *self = user;
    progress_clear(&self->progress);
    if (level == RFIM_LOG_WARNING || !self->progress.quiet)
        log_to_stderr(NULL, level, message);
}

static void print_split(const char *name, const rfim_evaluation *split)
{
    if (split->samples == 0)
        return;
    printf("%-11sloss %-10.5g ", name, split->loss);
    if (isnan(split->accuracy))
        printf("error %.5g", split->error);
    else
        printf("accuracy %.2f %%", 100 * split->accuracy);
    printf("   (%zu samples)\n", split->samples);
}

static void print_files(const char *folder)
{
    static const struct {
        const char *name;
        const char *what;
    } files[] = {
        {"config.ini", "every option: `rfim train` repeats the run from it"},
        {"metrics.jsonl", "loss and accuracy by epoch"},
        {"curves.svg", "the same as a picture"},
        {"model.safetensors", "the last weights"},
        {"best.safetensors", "the weights of the lowest validation loss"},
        {"run.log", "what was said on the way"},
    };
    printf("wrote %s:\n", folder);
    for (size_t index = 0; index < sizeof files / sizeof *files; index++) {
        char path[RFIM_TEXT_SIZE + 32];
        struct stat info;
        snprintf(path, sizeof path, "%s/%s", folder, files[index].name);
        if (stat(path, &info) == 0)
            printf("  %-18s %s\n", files[index].name, files[index].what);
    }
}

static void print_results(const char *folder, const rfim_epoch *last)
{
    if (last->epoch > 0) {
        printf("\nAfter epoch %zu (%zu steps, %.1f s of training)\n", last->epoch, last->step,
               last->seconds);
        print_split("training", &last->train);
        print_split("validation", &last->valid);
        print_split("test", &last->test);
    }
    print_files(folder);
}

static int run_train(const arguments *given)
{
    rfim_options options;
    rfim_context_options settings;
    rfim_context *context = NULL;
    rfim_epoch last;
    watch self;
    char folder[RFIM_TEXT_SIZE];
    int exit_status = session_open(given, given->word_count ? given->words[0] : NULL, &options,
                                   &context);
    if (exit_status != 0)
        return exit_status;
    rfim_context_free(context);
    memset(&self, 0, sizeof self);
    progress_begin(&self.progress, options.run.quiet);
    rfim_context_defaults(&settings);
    settings.threads = options.run.threads;
    settings.kernels = options.run.kernels;
    settings.log = log_beside_progress;
    settings.log_user = &self;
    if (rfim_context_create(&settings, &context) != RFIM_OK)
        return complain("no memory for a context"), 1;
    listen_for(SIGINT);
    listen_for(SIGTERM);
    rfim_status status = rfim_run_train(context, &options, watch_training, &self, folder, &last);
    progress_clear(&self.progress);
    if (folder[0] && !options.run.quiet)
        print_results(folder, &last);
    exit_status = finish_output();
    if (status != RFIM_OK)
        exit_status = complain_status(context, status);
    rfim_context_free(context);
    return exit_status;
}

const cli_command train_command = {
    .name = "train",
    .summary = "train a network and keep the run in a folder",
    .usage = "[RECIPE.ini] [--OPTION VALUE ...]",
    .text = "Trains a network on a data set and keeps the run in a folder: its options, its "
            "metrics and curves, and the model. A recipe is an INI file of options; options of "
            "the command line go before those of the recipe. An --optimizer or --preset other "
            "than the recipe's leaves the recipe's [optimizer] section out. Ctrl-C stops after "
            "the step and saves; a second Ctrl-C ends at once.",
    .examples = "rfim train\n"
                "rfim train --data ~/mnist --optimizer adam --epochs 5 --out runs/adam\n"
                "rfim train recipes/icml2017/plain-rngd-80.ini --seed 2\n"
                "rfim train runs/adam/config.ini --out runs/adam-again\n",
    .sections = "data|network|optimizer|training|run",
    .least = 0,
    .most = 1,
    .words = "at most one recipe",
    .run = run_train,
};
