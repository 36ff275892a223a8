/* inspection.h - the inside of an inspection: what was found, and, while samples stream by, what
 * collects it. */
#ifndef RFIM_INSPECT_INSPECTION_H
#define RFIM_INSPECT_INSPECTION_H

#include "io/text.h"
#include "subsystem/subsystem.h"

#include <rfim/inspect.h>

#define RFIM__INSPECT_PASS 256 /* samples of a pass through the network */

typedef struct rfim__inspected {
    rfim_inspected told;
    size_t module;
    size_t responds;          /* the module, or the last `activation` right behind it */
    rfim__asked_response own; /* whose nu it is: of `responds` */
    rfim_metric *metric;      /* while streaming: these three */
    rfim_metric *relative;    /* `diagonal`, response own */
    rfim_metric *absolute;    /* `diagonal`, response network */
    double *spectrum;         /* [order], largest first */
    double *nu;               /* [columns]: sums, then means */
    double *spread;           /* [columns]: sums of squares, then standard deviations */
    double *zone_nu;          /* [columns], the same by relu's hard slope, for the zones; */
    double *zone_spread;      /* NULL: by nu itself */
    rfim_zone *zones;         /* [columns] */
    double *relative_trace;   /* [columns] */
    double *absolute_trace;   /* [columns] */
    double *picture;          /* [columns x pictured]: nu of the first samples */
    double nu_low, nu_high;   /* of the picture's colours; equal: from the values */
} rfim__inspected;

struct rfim_inspection {
    rfim_context *context;
    rfim_inspect_options options; /* samples and pictured resolved; module NULL */
    char *network;                /* its text */
    rfim_precision precision;
    rfim__inspected *subsystems; /* [count] */
    size_t count;
    rfim__text json;
};

/* Adds a sentence to the note of a subsystem; what does not fit is left out. */
__attribute__((format(printf, 2, 3))) void rfim__inspected_note(rfim__inspected *subsystem,
                                                                const char *format, ...);
/* "mean-diagonal" */
const char *rfim__damping_rule_name(rfim_damping_rule rule);

#endif
