/* arrays.c - data sets from the caller's arrays: checked, then copied. */
#include "core/size.h"
#include "data/dataset.h"

#include <math.h>
#include <string.h>

static bool is_real(rfim_type type)
{
    return type == RFIM_FLOAT32 || type == RFIM_FLOAT64;
}

static double real_at(rfim_array array, size_t index)
{
    if (array.type == RFIM_FLOAT32)
        return (double)((const float *)array.data)[index];
    return ((const double *)array.data)[index];
}

static int64_t class_at(rfim_array array, size_t index)
{
    if (array.type == RFIM_UINT8)
        return ((const uint8_t *)array.data)[index];
    return ((const int32_t *)array.data)[index];
}

static rfim_status check_finite(rfim_context *context, const char *what, rfim_array array)
{
    if (!is_real(array.type))
        return RFIM_OK;
    for (size_t index = 0; index < array.rows * array.columns; index++)
        if (!isfinite(real_at(array, index)))
            return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                              "%s: the number in row %zu, column %zu (from 0) is %g; all must be "
                              "finite",
                              what, index / array.columns, index % array.columns,
                              real_at(array, index));
    return RFIM_OK;
}

/* Does the array's size in bytes fit into the address space? */
static rfim_status check_size(rfim_context *context, const char *what, rfim_array array)
{
    size_t bytes = 0;
    if (rfim__size_multiply(array.rows, array.columns, &bytes) &&
        rfim__size_multiply(bytes, rfim__type_size(array.type), &bytes))
        return RFIM_OK;
    return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                      "%s: %zu rows of %zu numbers are more than this machine can address", what,
                      array.rows, array.columns);
}

static rfim_status check_inputs(rfim_context *context, rfim_array inputs)
{
    if (inputs.type != RFIM_UINT8 && !is_real(inputs.type))
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "inputs must be uint8, float32 or float64 numbers");
    if (!inputs.data || inputs.rows == 0 || inputs.columns == 0)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "inputs are empty: %zu samples of %zu numbers%s; at least one of each "
                          "is needed",
                          inputs.rows, inputs.columns, inputs.data ? "" : " at no address");
    rfim_status status = check_size(context, "inputs", inputs);
    return status == RFIM_OK ? check_finite(context, "inputs", inputs) : status;
}

/* *classes: the largest class + 1. */
static rfim_status check_classes(rfim_context *context, rfim_array targets, size_t *classes)
{
    if (targets.columns != 1)
        return rfim__fail(context, RFIM_ERROR_SHAPE,
                          "targets: %zu columns of integers, but a sample has one class; values "
                          "are given as float32 or float64",
                          targets.columns);
    for (size_t i = 0; i < targets.rows; i++) {
        int64_t class = class_at(targets, i);
        if (class < 0)
            return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                              "targets: the class of sample %zu is %lld; classes are numbered "
                              "from 0",
                              i, (long long)class);
        *classes = rfim__size_max(*classes, (size_t) class + 1);
    }
    return RFIM_OK;
}

/* *kind and *count: as struct rfim_dataset has them. */
static rfim_status check_targets(rfim_context *context, rfim_array targets, size_t samples,
                                 rfim_target_kind *kind, size_t *count)
{
    *kind = RFIM_TARGET_NONE;
    *count = 0;
    if (!targets.data && targets.rows == 0)
        return RFIM_OK;
    if (targets.rows != samples)
        return rfim__fail(context, RFIM_ERROR_SHAPE,
                          "%zu samples but %zu rows of targets; each sample needs one", samples,
                          targets.rows);
    if (!targets.data || targets.columns == 0)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "targets are empty; pass rfim_no_targets() for a data set without them");
    if (!is_real(targets.type) && targets.type != RFIM_UINT8 && targets.type != RFIM_INT32)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "targets: the type is one of rfim_type, found %d", (int)targets.type);
    rfim_status status = check_size(context, "targets", targets);
    if (status != RFIM_OK)
        return status;
    if (is_real(targets.type)) {
        *kind = RFIM_TARGET_VALUES;
        *count = targets.columns;
        return check_finite(context, "targets", targets);
    }
    *kind = RFIM_TARGET_LABELS;
    return check_classes(context, targets, count);
}

rfim_status rfim_dataset_from_arrays(rfim_context *context, rfim_array inputs, rfim_array targets,
                                     rfim_dataset **out)
{
    if (!out)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT, "there is no place to put the data set");
    *out = NULL;
    rfim_target_kind kind = RFIM_TARGET_NONE;
    size_t count = 0;
    rfim_dataset *dataset = NULL;
    rfim_status status = check_inputs(context, inputs);
    if (status == RFIM_OK)
        status = check_targets(context, targets, inputs.rows, &kind, &count);
    if (status == RFIM_OK)
        status = rfim__dataset_create(context, inputs.rows, inputs.columns, inputs.type, kind,
                                      count, &dataset);
    if (status != RFIM_OK)
        return status;
    memcpy(dataset->values, inputs.data,
           inputs.rows * inputs.columns * rfim__type_size(inputs.type));
    if (dataset->labels)
        for (size_t i = 0; i < dataset->samples; i++)
            dataset->labels[i] = (int32_t)class_at(targets, i);
    if (dataset->target_values)
        for (size_t index = 0; index < targets.rows * targets.columns; index++)
            dataset->target_values[index] = real_at(targets, index);
    *out = dataset;
    return RFIM_OK;
}
