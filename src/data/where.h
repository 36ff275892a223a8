/* where.h - what the text that says where data are can mean (docs/data.md). */
#ifndef RFIM_DATA_WHERE_H
#define RFIM_DATA_WHERE_H

#include "core/context.h"

#include <rfim/data.h>
#include <stdbool.h>

#define RFIM__WHERE_DIGITS_MOST 1000000 /* built-in digits a split */

typedef struct rfim__where {
    bool digits;                 /* the built-in digits; otherwise the folder */
    size_t samples[3];           /* of digits: train, valid, test; only train must be above 0 */
    char folder[RFIM_TEXT_SIZE]; /* a folder that exists */
} rfim__where;

/* Reads `digits`, `digits:TRAIN/VALID/TEST`, `mnist` or the path of a folder, and finds the folder
 * meant. RFIM_ERROR_ARGUMENT: there is no such thing, with the nearest name. RFIM_ERROR_IO: MNIST
 * is nowhere, with the places looked at. */
rfim_status rfim__where_parse(rfim_context *context, const char *text, rfim__where *out);

#endif
