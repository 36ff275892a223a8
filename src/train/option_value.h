/* option_value.h - the value of one option, from text and to text. */
#ifndef RFIM_TRAIN_OPTION_VALUE_H
#define RFIM_TRAIN_OPTION_VALUE_H

#include "core/context.h"
#include "train/option_table.h"

#include <stdbool.h>

/* Sets the option's field. false, and nothing changed, when the value is not one it can have. */
bool rfim__option_parse(const rfim__option *option, rfim_options *options, const char *value);
/* RFIM_ERROR_ARGUMENT with the sentence for a value that rfim__option_parse refuses. */
rfim_status rfim__option_refuse(rfim_context *context, const rfim__option *option,
                                const char *value);
/* Of a value for an option layer by layer ("layer1=dataset,ema"): the first word that is none of
 * its choices, copied to word (size bytes, "": there is no word at all); false: all are. */
bool rfim__option_wrong_word(const rfim__option *option, const char *value, char *word,
                             size_t size);
/* The field as text that rfim__option_parse takes. false when size bytes do not hold it. */
bool rfim__option_text(const rfim__option *option, const rfim_options *options, char *text,
                       size_t size);
/* Copies the option's field. */
void rfim__option_copy(const rfim__option *option, const rfim_options *from, rfim_options *to);

#endif
