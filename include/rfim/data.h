/* data.h - data sets: samples with their targets, from arrays, from files, or built in. */
#ifndef RFIM_DATA_H
#define RFIM_DATA_H

#include <rfim/array.h>
#include <rfim/context.h>

/* n samples (rows) of d inputs each, with a class, or real targets, or no target at all. */
typedef struct rfim_dataset rfim_dataset;

typedef enum rfim_target_kind {
    RFIM_TARGET_NONE,   /* inputs only */
    RFIM_TARGET_LABELS, /* one class a sample */
    RFIM_TARGET_VALUES  /* k real numbers a sample */
} rfim_target_kind;

/* Train, validation and test. valid and test may be NULL. */
typedef struct rfim_splits {
    rfim_dataset *train;
    rfim_dataset *valid;
    rfim_dataset *test;
} rfim_splits;

typedef enum rfim_split_rule {
    RFIM_SPLIT_STANDARD, /* first 5/6 of the training file, its last 1/6, the test file */
    RFIM_SPLIT_PAPER     /* everything shuffled by the seed, then 5/7, 1/7, 1/7 (50k/10k/10k) */
} rfim_split_rule;

#define RFIM_TEXT_SIZE 2048 /* bytes of a text option, with its end */

typedef struct rfim_data_options {
    char where[RFIM_TEXT_SIZE]; /* `digits`, `tabular`, `digits:TRAIN/VALID/TEST`, `mnist`,
                                   or a folder */
    rfim_split_rule split;
    int standardize;      /* 1: inputs become (x - mean) / deviation, of the training split */
    size_t train_samples; /* keep only the first so many training samples; 0: all */
    uint64_t data_seed;   /* what generated data are made from */
    uint64_t split_seed;  /* what `paper` shuffles with: the run's seed */
} rfim_data_options;

#ifdef __cplusplus
extern "C" {
#endif

/* Copies the arrays. inputs: [n x d], uint8 (read as grey values 0 ... 1), float32 or float64.
 * targets: [n x 1] int32 or uint8 classes; or [n x k] float32/float64 values; or none.
 * NaN and infinities, negative classes and unequal row counts are errors. */
RFIM_API rfim_status rfim_dataset_from_arrays(rfim_context *context, rfim_array inputs,
                                              rfim_array targets, rfim_dataset **out);
RFIM_API void rfim_dataset_free(rfim_dataset *dataset);

RFIM_API size_t rfim_dataset_samples(const rfim_dataset *dataset);
RFIM_API size_t rfim_dataset_inputs(const rfim_dataset *dataset);
RFIM_API rfim_target_kind rfim_dataset_target_kind(const rfim_dataset *dataset);
/* Labels: the number of classes (largest class + 1). Values: k. None: 0. */
RFIM_API size_t rfim_dataset_targets(const rfim_dataset *dataset);
/* Image shape when the inputs are images (0 x 0 otherwise). */
RFIM_API void rfim_dataset_image_shape(const rfim_dataset *dataset, size_t *height, size_t *width);
/* One sample: d inputs, scaled as the network sees them. */
RFIM_API rfim_status rfim_dataset_read_inputs(const rfim_dataset *dataset, size_t sample,
                                              double *inputs);
/* One sample's target: its class as one number, or its k values. */
RFIM_API rfim_status rfim_dataset_read_targets(const rfim_dataset *dataset, size_t sample,
                                               double *targets);

/* Opens what `options->where` names and splits it. On failure *out is all NULL. */
RFIM_API rfim_status rfim_splits_open(rfim_context *context, const rfim_data_options *options,
                                      rfim_splits *out);
RFIM_API void rfim_splits_free(rfim_splits *splits);

#ifdef __cplusplus
}
#endif
#endif
