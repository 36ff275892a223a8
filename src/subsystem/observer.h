/* observer.h - reads observations of a subsystem off a trace: the information of the response is
 * pulled back to the pre-activations of the subsystem's parts (docs/mathematics.md 2, 4.3), in
 * pieces of samples.
 *
 * A response's information F(u) on its pre-activation u is written F = sum_a c_a c_a^T
 * (response_root.h); every c_a is sent back through the transposed Jacobians of the modules
 * between, and what arrives at the pre-activations of a part is s_a (shape.h), so that P_i = sum_a
 * s_ai s_ai^T is J^T F J exactly. */
#ifndef RFIM_SUBSYSTEM_OBSERVER_H
#define RFIM_SUBSYSTEM_OBSERVER_H

#include "metric/observation.h"
#include "network/trace.h"
#include "subsystem/subsystem.h"

typedef struct rfim__observer rfim__observer;

/* subsystem: must outlive the observer. */
rfim_status rfim__observer_create(const rfim__subsystem *subsystem, rfim__observer **out);
void rfim__observer_free(rfim__observer *observer);

/* Takes one piece; false ends the reading. */
typedef bool (*rfim__observe_fn)(void *user, const rfim__observation *seen);
/* Hands all samples on the trace to `take`, piece by piece. After a forward pass. false: `take`
 * ended it. */
bool rfim__observer_read(rfim__observer *observer, const rfim_trace *trace, rfim__observe_fn take,
                         void *user);

#endif
