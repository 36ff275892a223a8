/* cpu_features.h - what the CPU that we run on can do. */
#ifndef RFIM_CORE_CPU_FEATURES_H
#define RFIM_CORE_CPU_FEATURES_H

#include <rfim/context.h>

/* The best kernels that this CPU runs. */
rfim_kernels rfim__cpu_kernels(void);

#endif
