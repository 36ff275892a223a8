/* progress.h - the progress of training on stderr: on a terminal one live line, and everywhere a
 * line for each finished epoch. */
#ifndef RFIM_CLI_PROGRESS_H
#define RFIM_CLI_PROGRESS_H

#include <rfim/rfim.h>

typedef struct progress {
    int quiet;
    int live;          /* stderr is a terminal that can redraw a line */
    int color;         /* and nobody asked for NO_COLOR */
    int drawn;         /* a live line is on the screen */
    int header;        /* the names of the columns have been written */
    double started;    /* seconds of a clock */
    double drawn_at;   /* when the live line was drawn last */
    size_t first_step; /* the step of the first report */
} progress;

void progress_begin(progress *self, int quiet);
/* Takes the live line off the screen, so that something else can be written. */
void progress_clear(progress *self);
void progress_show(progress *self, const rfim_progress *report);

#endif
