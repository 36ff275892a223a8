/* rngd_state.h - what relative natural gradient descent keeps from step to step, and its parts:
 * making it (rngd_make.c), its metrics (rngd_metrics.c), its steps (rngd.c). */
#ifndef RFIM_OPTIMIZER_RNGD_STATE_H
#define RFIM_OPTIMIZER_RNGD_STATE_H

#include "optimizer/background.h"
#include "optimizer/curvature.h"
#include "optimizer/damping_control.h"
#include "optimizer/form.h"
#include "optimizer/step_control.h"
#include "optimizer/step_length.h"
#include "optimizer/step_quadratic.h"

typedef struct rfim__rngd_state {
    rfim__form **forms;          /* [modules], NULL where the plain gradient is natural */
    rfim__direction *directions; /* [modules] of this step, unless its control is `fixed` */
    rfim__move *moves;           /* [modules] */
    rfim__output_view output;    /* of the step's batches so far */
    rfim__step_length length;
    void *length_block;
    void *work; /* one place for the work areas of all layers; NULL: each has its own */
    rfim__curvatures *curvatures;        /* NULL: every layer's own view says what it needs */
    rfim__metric **together;             /* [metrics] room to say which are refreshed so */
    rfim_metric_refresh_report *reports; /* [metrics] */
    rfim__quadratic quadratic;
    rfim__quadratic_part *parts; /* [modules] */
    rfim__damping_control damping;
    rfim__background *background; /* NULL: refreshes are done at once */
    bool pending;                 /* it has some under way */
    size_t given_out;             /* at which step */
    bool collects;                /* this step does */
    size_t elapsed;               /* steps from the collection before to this one */
    size_t collections;           /* so far */
    size_t collected, refreshed;  /* the last steps that did so */
} rfim__rngd_state;

rfim_status rfim__rngd_create(rfim_optimizer *optimizer);
void rfim__rngd_free(rfim_optimizer *optimizer);

/* Does this step collect? With its first batch; at the beginning of each batch. */
void rfim__rngd_decide_collection(rfim_optimizer *optimizer);
/* What the step collects of the batch on the trace. Of the response beyond the layers' own: by the
 * weights of the pass. Of the layers' own views: references, and own responses. All of it: after a
 * second pass where that is asked for. */
void rfim__rngd_collect_curvature(rfim_optimizer *optimizer, const rfim_trace *trace);
void rfim__rngd_collect_views(rfim_optimizer *optimizer, const rfim_trace *trace);
void rfim__rngd_collect(rfim_optimizer *optimizer, rfim_trace *trace);
/* Of the network's outputs, where step control asks for them. */
void rfim__rngd_look_at_output(rfim_optimizer *optimizer, const rfim_trace *trace);
/* Of a batch that makes a step with others. */
void rfim__rngd_gather(rfim_optimizer *optimizer, rfim_trace *trace);
/* Factorises all that is remembered, at once. */
void rfim__rngd_refresh(rfim_optimizer *optimizer);
/* What goes with the inverses, though it needs no factorising (mean_nu.h). */
void rfim__rngd_refresh_nu(rfim_optimizer *optimizer);
/* The same in the background: begins, and ends it. */
void rfim__rngd_give_out(rfim_optimizer *optimizer);
void rfim__rngd_take_over(rfim_optimizer *optimizer);
/* Unless the first step is to go by the prior alone (the paper's), its metric comes first. */
bool rfim__rngd_begins_with_metric(const rfim_optimizer *optimizer);

#endif
