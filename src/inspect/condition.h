/* condition.h - the condition number of a damped metric. */
#ifndef RFIM_INSPECT_CONDITION_H
#define RFIM_INSPECT_CONDITION_H

#include "inspect/inspection.h"

/* Factorises subsystem->metric with the damping of the options and fills told.condition and
 * told.damping. spectrum [order]: the eigenvalues, block after block. */
rfim_status rfim__inspect_condition(const rfim_inspection *inspection, rfim__inspected *subsystem,
                                    const double *spectrum);

#endif
