/* stream.h - a data set passes once through the network; all metrics of all modules observe it, and
 * the sums that nu's mean and deviation are made of. */
#ifndef RFIM_INSPECT_STREAM_H
#define RFIM_INSPECT_STREAM_H

#include "inspect/inspection.h"

rfim_status rfim__inspect_stream(rfim_inspection *inspection, rfim_network *network,
                                 const rfim_dataset *dataset);

#endif
