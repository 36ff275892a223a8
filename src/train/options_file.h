/* options_file.h - how a config.ini that rfim has written is known again. */
#ifndef RFIM_TRAIN_OPTIONS_FILE_H
#define RFIM_TRAIN_OPTIONS_FILE_H

#include "core/context.h"

#include <stdbool.h>

/* Whether the file at path begins as rfim_options_write begins a file, or has the sections [data],
 * [network] and [optimizer]. */
rfim_status rfim__options_file_is_config(rfim_context *context, const char *path, bool *is_config);

#endif
