/* where.h - what the text that says where data are can mean (docs/data.md). */
#ifndef RFIM_DATA_WHERE_H
#define RFIM_DATA_WHERE_H

#include "core/context.h"

#include <rfim/data.h>
#include <stdbool.h>

#define RFIM__WHERE_MOST 1000000 /* built-in samples a split */

typedef enum rfim__where_kind {
    RFIM__WHERE_FOLDER,
    RFIM__WHERE_DIGITS, /* built in */
    RFIM__WHERE_TABULAR /* built in */
} rfim__where_kind;

typedef struct rfim__where {
    rfim__where_kind kind;
    size_t samples[3];           /* of built-in data: train, valid, test; only train must be above
                                    0 */
    char folder[RFIM_TEXT_SIZE]; /* a folder that exists */
} rfim__where;

/* Reads `digits`, `tabular`, `NAME:TRAIN/VALID/TEST` of either, `mnist` or the path of a folder,
 * and finds the folder meant. RFIM_ERROR_ARGUMENT: there is no such thing, with the nearest name.
 * RFIM_ERROR_IO: MNIST is nowhere, with the places looked at. */
rfim_status rfim__where_parse(rfim_context *context, const char *text, rfim__where *out);

#endif
