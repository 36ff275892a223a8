/* background.h - metrics factorised by a thread of their own while training goes on.
 *
 * When a batch of them is given out and when it is taken over are decided by step numbers alone:
 * whoever waits for it gets the same bits, however long it took. */
#ifndef RFIM_OPTIMIZER_BACKGROUND_H
#define RFIM_OPTIMIZER_BACKGROUND_H

#include "metric/metric.h"

typedef struct rfim__background rfim__background;

/* For as many metrics; room: numbers of scratch that each of them needs, at most. */
rfim_status rfim__background_create(const rfim__algebra *algebra, size_t metrics, size_t room,
                                    rfim__background **out);
/* Waits for what is under way. */
void rfim__background_free(rfim__background *background);

/* One metric more for the next batch; it is prepared (rfim__metric_prepare). */
void rfim__background_add(rfim__background *background, rfim__metric *metric);
/* Gives the batch out. */
void rfim__background_start(rfim__background *background);
/* Waits until the batch is done; the next one begins empty. Returns how many metrics it had;
 * *reports says of each, in the order in which they were added, how it went. */
size_t rfim__background_finish(rfim__background *background,
                               const rfim_metric_refresh_report **reports);

#endif
