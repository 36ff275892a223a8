#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define REDRAW_SECONDS 0.1
#define LONGEST_BAR 40
#define SHORTEST_BAR 6

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void progress_begin(progress *self, int quiet)
{
    const char *terminal = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    memset(self, 0, sizeof *self);
    self->quiet = quiet;
    self->live = isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
    self->color = self->live && !(no_color && no_color[0]);
}

void progress_clear(progress *self)
{
    if (self->drawn)
        fputs("\r\033[K", stderr);
    self->drawn = 0;
}

static size_t terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

/* "0:07", "12:03", "3:04:05" */
static void write_time(double seconds, char *text, size_t size)
{
    if (!(seconds < 360000)) {
        snprintf(text, size, "days");
        return;
    }
    unsigned long whole = (unsigned long)(seconds + 0.5);
    if (whole < 3600)
        snprintf(text, size, "%lu:%02lu", whole / 60, whole % 60);
    else
        snprintf(text, size, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
}

static void draw_bar(const progress *self, double done, size_t length)
{
    size_t full = (size_t)(done * (double)length);
    fputs(self->color ? " \033[32m" : " ", stderr);
    for (size_t cell = 0; cell < length; cell++) {
        if (cell == full && self->color)
            fputs("\033[2m", stderr);
        fputc(cell < full ? '=' : '-', stderr);
    }
    fputs(self->color ? "\033[0m" : "", stderr);
}

static void draw_line(progress *self, const rfim_progress *report, double clock)
{
    char left[32];
    char before[64];
    char after[96];
    double done = report->steps > 0 ? (double)report->step / (double)report->steps : 1;
    double per_step = report->step > self->first_step
                          ? (clock - self->started) / (double)(report->step - self->first_step)
                          : (double)NAN;
    double rate = report->seconds > 0 ? (double)report->step / report->seconds : 0;
    write_time(per_step * (double)(report->steps - report->step), left, sizeof left);
    snprintf(before, sizeof before, "epoch %zu/%zu", report->epoch, report->epochs);
    snprintf(after, sizeof after, " %3.0f %% of all  %.0f steps/s  loss %.4g  %s left", 100 * done,
             rate, report->loss, isnan(per_step) ? "-:--" : left);
    /* One column stays free: a full line would wrap on some terminals. */
    size_t columns = terminal_columns() - 1;
    size_t words = strlen(before) + strlen(after);
    fputc('\r', stderr);
    if (words + 1 + SHORTEST_BAR <= columns) {
        size_t length = columns - words - 1;
        fputs(before, stderr);
        draw_bar(self, done, length < LONGEST_BAR ? length : LONGEST_BAR);
        fputs(after, stderr);
    } else {
        char line[160];
        snprintf(line, sizeof line, "%s%s", before, after);
        fprintf(stderr, "%.*s", (int)columns, line);
    }
    fputs("\033[K", stderr);
    fflush(stderr);
    self->drawn = 1;
    self->drawn_at = clock;
}

/* "  0.0123" or "       -" */
static void print_number(double number, int absent)
{
    if (absent)
        fprintf(stderr, " %11s", "-");
    else
        fprintf(stderr, " %11.5g", number);
}

static void print_quality(const rfim_evaluation *evaluation)
{
    if (evaluation->samples == 0)
        fprintf(stderr, " %11s", "-");
    else if (isnan(evaluation->accuracy))
        fprintf(stderr, " %11.5g", evaluation->error);
    else
        fprintf(stderr, " %9.2f %%", 100 * evaluation->accuracy);
}

static void print_epoch(progress *self, const rfim_progress *report)
{
    const rfim_epoch *epoch = report->finished;
    if (!self->header) {
        int classes = !isnan(epoch->train.accuracy);
        fprintf(stderr, "\n%9s %11s %11s %11s %11s %9s\n", "epoch", "train loss", "valid loss",
                classes ? "train acc." : "train error", classes ? "valid acc." : "valid error",
                "seconds");
        self->header = 1;
    }
    char number[48];
    snprintf(number, sizeof number, "%zu/%zu", epoch->epoch, report->epochs);
    fprintf(stderr, "%9s", number);
    print_number(epoch->train.loss, epoch->train.samples == 0);
    print_number(epoch->valid.loss, epoch->valid.samples == 0);
    print_quality(&epoch->train);
    print_quality(&epoch->valid);
    const char *mark = epoch->interrupted ? "  cut short" : epoch->improved ? "  best" : "";
    fprintf(stderr, " %9.1f%s\n", epoch->seconds + epoch->eval_seconds, mark);
    fflush(stderr);
}

void progress_show(progress *self, const rfim_progress *report)
{
    if (self->quiet)
        return;
    double clock = now();
    if (self->started <= 0 || report->step == 0) {
        self->started = clock;
        self->first_step = report->step;
    }
    if (report->finished) {
        progress_clear(self);
        print_epoch(self, report);
    } else if (self->live && report->step > 0 && clock - self->drawn_at >= REDRAW_SECONDS) {
        draw_line(self, report, clock);
    }
}
