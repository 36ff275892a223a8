/* presets.h - named bundles of optimiser options. */
#ifndef RFIM_TRAIN_PRESETS_H
#define RFIM_TRAIN_PRESETS_H

#include "core/context.h"

#include <rfim/options.h>

/* Their names. */
#define RFIM__PRESET_CHOICES "sgd|adam|rngd|icml2017|shared-fast|neuron-fast|neuron-batch|foof|kfac"

/* NULL when there is no preset of that name. */
const rfim_preset_info *rfim__preset_find(const char *name);
/* The method that the preset is for. */
rfim_method rfim__preset_method(const rfim_preset_info *preset);
/* Sets all options of the optimiser but the memory limit: the method's defaults, then what the
 * preset says. */
void rfim__preset_apply(const rfim_preset_info *preset, rfim_options *options);

#endif
