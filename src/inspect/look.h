/* look.h - what there is to see of a subsystem, once all samples have been observed. */
#ifndef RFIM_INSPECT_LOOK_H
#define RFIM_INSPECT_LOOK_H

#include "inspect/inspection.h"

/* Fills the subsystem's numbers from its metrics, and frees these. */
rfim_status rfim__inspect_look(const rfim_inspection *inspection, rfim__inspected *subsystem);

#endif
