/* dataset.h - the inside of a data set: plain arrays that batches are gathered from. */
#ifndef RFIM_DATA_DATASET_H
#define RFIM_DATA_DATASET_H

#include "core/context.h"

#include <rfim/data.h>

struct rfim_dataset {
    rfim_context *context;
    size_t samples;
    size_t inputs;
    rfim_type type; /* RFIM_UINT8 (grey values, read as x / 255), RFIM_FLOAT32 or RFIM_FLOAT64 */
    void *values;   /* [samples x inputs] row-major, of that type */
    rfim_target_kind target_kind;
    size_t targets;        /* classes, or k real targets a sample, or 0 */
    int32_t *labels;       /* [samples], 0 ... targets - 1; NULL unless RFIM_TARGET_LABELS */
    double *target_values; /* [samples x targets] row-major; NULL unless RFIM_TARGET_VALUES */
    double *mean;          /* [inputs] what was taken off them and divided by when they were */
    double *deviation;     /* standardised, in one block; NULL: they were not */
    size_t image_height;   /* 0 x 0 when the inputs are no images */
    size_t image_width;
};

/* Room for samples x inputs values of `type`, and for targets of `kind`; all of it zero, and no
 * image shape yet. RFIM_ERROR_MEMORY; *out is then NULL. */
rfim_status rfim__dataset_create(rfim_context *context, size_t samples, size_t inputs,
                                 rfim_type type, rfim_target_kind kind, size_t targets,
                                 rfim_dataset **out);

/* A new data set of the rows numbered rows[0 ... count-1], in that order, each below samples;
 * shape and number of classes stay as they are. */
rfim_status rfim__dataset_select(const rfim_dataset *dataset, const uint32_t *rows, size_t count,
                                 rfim_dataset **out);

/* A new data set of all rows of `count` data sets (at least one), one after the other. They must
 * agree in inputs, type, kind of targets and number of targets; image shapes are the first's.
 * RFIM_ERROR_ARGUMENT when 32 bits cannot number the rows. */
rfim_status rfim__dataset_join(const rfim_dataset *const *parts, size_t count, rfim_dataset **out);

/* Notes by what the inputs were standardised ([d] each, deviations above 0). RFIM_ERROR_MEMORY. */
rfim_status rfim__dataset_keep_moments(rfim_dataset *dataset, const double *mean,
                                       const double *deviation);

/* Bytes of one value of the type. */
size_t rfim__type_size(rfim_type type);

#endif
