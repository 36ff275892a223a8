/* handle.h - the inside of a public metric: the subsystem, its metric in one representation, what
 * reads observations for it, and room for vectors. */
#ifndef RFIM_SUBSYSTEM_HANDLE_H
#define RFIM_SUBSYSTEM_HANDLE_H

#include "metric/metric.h"
#include "subsystem/observer.h"
#include "subsystem/subsystem.h"

struct rfim_metric {
    rfim_context *context;
    rfim_network *network;
    rfim__subsystem subsystem;
    rfim__metric *core;
    rfim__observer *observer;
    void *storage;
    rfim__matrix *v;   /* [parts] */
    rfim__matrix *out; /* [parts] */
    rfim__matrix flat; /* [order x 1] */
    /* Numbers of the one pass whose samples are remembered with weight 1 (gram, softmax) by what
     * has been collected, and by the factor in use; 0: none, or more. */
    size_t pass;
    size_t factor_pass;
};

/* A new empty metric of the same subsystem in another representation. */
rfim_status rfim__handle_like(const rfim_metric *metric, rfim_representation representation,
                              rfim_metric **out);
/* metric->v <- values [order]; RFIM_ERROR_ARGUMENT when one is not finite. */
rfim_status rfim__handle_import(rfim_metric *metric, const double *values);
/* values [order] <- one of the lists v or out */
void rfim__handle_export(rfim_metric *metric, const rfim__matrix *list, double *values);
/* Has it been factorised? */
rfim_status rfim__handle_check_factor(const rfim_metric *metric, const char *verb);

#endif
