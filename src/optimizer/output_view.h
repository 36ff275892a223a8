/* output_view.h - the network's outputs on the samples of a step, as step control sees them. */
#ifndef RFIM_OPTIMIZER_OUTPUT_VIEW_H
#define RFIM_OPTIMIZER_OUTPUT_VIEW_H

#include "network/trace.h"

typedef struct rfim__output_view {
    double square;    /* |g|^2: mean over samples of the squared gradient of the cost there */
    size_t outputs;   /* m */
    double curvature; /* of the cost by one output: the most there is */
    bool normalised;  /* the network has batch normalisation */
} rfim__output_view;

/* What is the same for all steps. */
rfim__output_view rfim__output_view_of(const rfim_network *network);
/* Takes in the batch on the trace, after its backward pass: so large a share of the step's samples.
 * g is the gradient by what goes into the last module's activation. */
void rfim__output_view_add(rfim__output_view *view, const rfim_trace *trace, bool begins,
                           double share);

#endif
