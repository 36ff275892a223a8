/* layers.h - settings that may differ from layer to layer, as one text: "ema", or
 * "layer1=dataset,layer3=batch,ema", where the word without a name is for all the others. */
#ifndef RFIM_OPTIMIZER_LAYERS_H
#define RFIM_OPTIMIZER_LAYERS_H

#include "network/module.h"

#include <rfim/optimizer.h>

/* The words that the settings take, separated by `|`, in the order of their enumerations. */
#define RFIM__MEMORY_CHOICES "automatic|ema|batch|dataset|prior+batch"
#define RFIM__RESPONSE_CHOICES "own|next|network"
#define RFIM__FORM_CHOICES "automatic|gradient|inputs|dual|active|whitened"

const char *rfim__memory_name(rfim_metric_memory memory);
const char *rfim__form_name(rfim_form form);

/* What the text says of the layer of this name; a word for all that is missing is the first choice.
 * RFIM_ERROR_ARGUMENT: a word that is no choice; the sentence names the nearest. */
rfim_status rfim__layers_memory(rfim_context *context, const char *text, const char *layer,
                                rfim_metric_memory *out);
rfim_status rfim__layers_response(rfim_context *context, const char *text, const char *layer,
                                  rfim_response *out);
rfim_status rfim__layers_form(rfim_context *context, const char *text, const char *layer,
                              rfim_form *out);
/* RFIM_ERROR_ARGUMENT when a text names a layer that is none of the modules. */
rfim_status rfim__layers_check(rfim_context *context, const char *text, const char *what,
                               const rfim__module *modules, size_t count);

#endif
