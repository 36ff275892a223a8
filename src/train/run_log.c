#include "train/run_log.h"

#include "core/file.h"
#include "io/jsonl.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* `train_loss` and so on: loss and accuracy, or error where there are no classes. */
static void add_split(rfim__json_line *line, const char *split, const rfim_evaluation *evaluation,
                      const double *cost)
{
    char key[32];
    if (evaluation->samples == 0)
        return;
    snprintf(key, sizeof key, "%s_loss", split);
    rfim__json_line_number(line, key, evaluation->loss);
    if (cost) {
        snprintf(key, sizeof key, "%s_cost", split);
        rfim__json_line_number(line, key, *cost);
    }
    bool classifies = !isnan(evaluation->accuracy);
    snprintf(key, sizeof key, "%s_%s", split, classifies ? "accuracy" : "error");
    rfim__json_line_number(line, key, classifies ? evaluation->accuracy : evaluation->error);
}

rfim_status rfim__run_log_epoch(rfim_context *context, const char *path, const rfim_epoch *epoch,
                                rfim_method method)
{
    rfim__json_line line;
    rfim__json_line_begin(&line, context);
    rfim__json_line_count(&line, "epoch", epoch->epoch);
    rfim__json_line_count(&line, "step", epoch->step);
    rfim__json_line_count(&line, "samples", epoch->samples);
    rfim__json_line_number(&line, "seconds", epoch->seconds);
    rfim__json_line_number(&line, "setup_seconds", epoch->setup_seconds);
    rfim__json_line_number(&line, "eval_seconds", epoch->eval_seconds);
    add_split(&line, "train", &epoch->train, &epoch->train_cost);
    add_split(&line, "valid", &epoch->valid, NULL);
    add_split(&line, "test", &epoch->test, NULL);
    rfim__json_line_number(&line, "learning_rate", epoch->learning_rate);
    rfim__json_line_number(&line, "step_microseconds", epoch->step_microseconds);
    if (method == RFIM_RNGD) {
        rfim__json_line_number(&line, "damping", epoch->optimizer.damping);
        rfim__json_line_count(&line, "refreshes", epoch->optimizer.refreshes);
        rfim__json_line_count(&line, "retries", epoch->optimizer.retries);
        rfim__json_line_count(&line, "kept", epoch->optimizer.kept);
    }
    if (epoch->interrupted)
        rfim__json_line_flag(&line, "interrupted", true);
    return rfim__json_line_append(&line, path);
}

static void write_line(const rfim__run_log *log, const char *kind, const char *message)
{
    char line[RFIM__ERROR_SIZE + 64];
    char date[32] = "";
    struct tm local;
    time_t now = time(NULL);
    if (localtime_r(&now, &local))
        strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &local);
    int length = snprintf(line, sizeof line, "%s %s%s\n", date, kind, message);
    if (length < 0 || (size_t)length >= sizeof line)
        return;
    /* A line may be logged after a failure, whose sentence must stay. */
    char error[RFIM__ERROR_SIZE];
    memcpy(error, log->context->error, sizeof error);
    (void)rfim__file_append(log->context, log->path, line, (size_t)length);
    memcpy(log->context->error, error, sizeof error);
}

static void write_and_pass_on(void *user, rfim_log_level level, const char *message)
{
    const rfim__run_log *log = user;
    write_line(log, level == RFIM_LOG_WARNING ? "warning: " : "", message);
    if (log->before)
        log->before(log->before_user, level, message);
}

void rfim__run_log_begin(rfim__run_log *log, rfim_context *context, const char *path)
{
    *log = (rfim__run_log){context, path, context->log, context->log_user};
    context->log = write_and_pass_on;
    context->log_user = log;
}

void rfim__run_log_end(rfim__run_log *log)
{
    log->context->log = log->before;
    log->context->log_user = log->before_user;
}

void rfim__run_log_note(const rfim__run_log *log, const char *message)
{
    write_line(log, "", message);
}
