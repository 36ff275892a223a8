/* rfim train: a run from a recipe, options, or both. */
#include "command.h"
#include "message.h"
#include "progress.h"
#include "session.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STOPPING "stopping after this step and saving; press again to end at once\n"
#define CLEAR_LINE "\r\033[K"

/* A signal handler reaches nothing else. */
static volatile sig_atomic_t stop_requested;
static volatile sig_atomic_t says_so;    /* not --quiet */
static volatile sig_atomic_t has_a_line; /* the live one, which the sentence replaces */

static void say(const char *words, size_t length)
{
    ssize_t written = write(STDERR_FILENO, words, length);
    (void)written;
}

static void request_stop(int signal_number)
{
    int error = errno;
    (void)signal_number;
    stop_requested = 1;
    if (says_so && has_a_line)
        say(CLEAR_LINE, sizeof CLEAR_LINE - 1);
    if (says_so)
        say(STOPPING, sizeof STOPPING - 1);
    errno = error;
}

/* Nothing has been written yet. */
static void end_at_once(int signal_number)
{
    (void)signal_number;
    _exit(rfim_status_exit(RFIM_STOPPED));
}

/* A signal that is ignored, as a shell does it for commands in the background, stays ignored. A
 * second signal ends the process. */
static void listen_for(int signal_number, void (*handler)(int))
{
    struct sigaction action;
    struct sigaction before;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = (int)SA_RESETHAND | SA_RESTART;
    sigemptyset(&action.sa_mask);
    if (sigaction(signal_number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(signal_number, &action, NULL);
}

static int watch_training(void *user, const rfim_progress *report)
{
    progress *self = user;
    if (report->step == 0) { /* the folder will be made now */
        listen_for(SIGINT, request_stop);
        listen_for(SIGTERM, request_stop);
    }
    if (report->finished || !stop_requested)
        progress_show(self, report);
    return stop_requested;
}

static void log_beside_progress(void *user, rfim_log_level level, const char *message)
{
    progress *self = user;
    progress_clear(self);
    if (level == RFIM_LOG_WARNING || !self->quiet)
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
    printf("   (%zu sample%s)\n", split->samples, split->samples == 1 ? "" : "s");
}

static void print_files(const char *folder, rfim_status status)
{
    const struct {
        const char *name;
        const char *what;
    } files[] = {
        {"config.ini", "every option: `rfim train` repeats the run from it"},
        {"metrics.jsonl", "loss and accuracy by epoch"},
        {"curves.svg", "the same as a picture"},
        {"model.safetensors",
         status == RFIM_DIVERGED ? "the last weights whose loss was finite" : "the last weights"},
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

static void print_results(const char *folder, const rfim_epoch *last, rfim_status status)
{
    if (status == RFIM_DIVERGED) {
        printf("\nDiverged after step %zu, in epoch %zu (%.1f s of training)\n", last->step,
               last->epoch, last->seconds);
    } else if (last->epoch > 0) {
        printf("\nAfter epoch %zu (%zu step%s, %.1f s of training)\n", last->epoch, last->step,
               last->step == 1 ? "" : "s", last->seconds);
        print_split("training", &last->train);
        print_split("validation", &last->valid);
        print_split("test", &last->test);
    }
    print_files(folder, status);
}

static int run_train(const arguments *given)
{
    rfim_options options;
    rfim_context_options settings;
    rfim_context *context = NULL;
    rfim_epoch last;
    progress self;
    char folder[RFIM_TEXT_SIZE];
    int exit_status = session_open_recipe(given, "repeats", &options, &context);
    if (exit_status != 0)
        return exit_status;
    rfim_context_free(context);
    progress_begin(&self, options.run.quiet);
    says_so = !self.quiet;
    has_a_line = self.live;
    rfim_context_defaults(&settings);
    settings.threads = options.run.threads;
    settings.kernels = options.run.kernels;
    settings.log = log_beside_progress;
    settings.log_user = &self;
    if (rfim_context_create(&settings, &context) != RFIM_OK)
        return complain("no memory for a context"), 1;
    listen_for(SIGINT, end_at_once);
    listen_for(SIGTERM, end_at_once);
    rfim_status status = rfim_run_train(context, &options, watch_training, &self, folder, &last);
    progress_clear(&self);
    if (folder[0] && !options.run.quiet)
        print_results(folder, &last, status);
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
