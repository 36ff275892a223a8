/* choose.h - which metrics an inspection collects of a module: the representation and the response
 * asked for, or else what fits. */
#ifndef RFIM_INSPECT_CHOOSE_H
#define RFIM_INSPECT_CHOOSE_H

#include "inspect/inspection.h"

/* Creates the three metrics of the subsystem (module, told.name, ... are set) and notes what is
 * not as hoped for. named: the module was named, so nothing is replaced. asked: how many modules
 * so far have just what was asked for; counts on. */
rfim_status rfim__inspect_choose(const rfim_inspection *inspection, rfim_network *network,
                                 bool named, rfim__inspected *subsystem, size_t *asked);
/* The sentence why no module has what was asked for: of one that would be too large, or else of the
 * first. */
rfim_status rfim__inspect_refuse(const rfim_inspection *inspection, rfim_network *network);

#endif
