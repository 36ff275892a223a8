#include "data/standardize.h"

#include "data/column_moments.h"
#include "data/dataset.h"

#include <math.h>
#include <stdbool.h>

/* values <- the inputs of all samples, standardised; row: [d] room */
static rfim_status convert(const rfim_dataset *dataset, double *row, void *values)
{
    size_t d = dataset->inputs;
    bool wide = dataset->type == RFIM_FLOAT64;
    for (size_t i = 0; i < dataset->samples; i++) {
        rfim_status status = rfim_dataset_read_inputs(dataset, i, row);
        if (status != RFIM_OK)
            return status;
        for (size_t k = 0; k < d; k++) {
            double x = (row[k] - dataset->mean[k]) / dataset->deviation[k];
            if (!isfinite(x) || !isfinite((float)x))
                return rfim__fail(dataset->context, RFIM_ERROR_ARGUMENT,
                                  "standardize: input %zu of sample %zu (from 0) is %g, too far "
                                  "from the training mean %g for its deviation %g",
                                  k, i, row[k], dataset->mean[k], dataset->deviation[k]);
            if (wide)
                ((double *)values)[i * d + k] = x;
            else
                ((float *)values)[i * d + k] = (float)x;
        }
    }
    return RFIM_OK;
}

static rfim_status standardize(rfim_dataset *dataset, double *row, const double *mean,
                               const double *deviation)
{
    rfim_context *context = dataset->context;
    rfim_type type = dataset->type == RFIM_FLOAT64 ? RFIM_FLOAT64 : RFIM_FLOAT32;
    if (dataset->mean)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "standardize: these data are standardised already");
    rfim_status status = rfim__dataset_keep_moments(dataset, mean, deviation);
    if (status != RFIM_OK)
        return status;
    void *values = rfim__allocate(context, dataset->samples,
                                  dataset->inputs * rfim__type_size(type));
    status = values ? convert(dataset, row, values) : RFIM_ERROR_MEMORY;
    if (status != RFIM_OK) {
        rfim__release(context, values);
        return status;
    }
    rfim__release(context, dataset->values);
    dataset->values = values;
    dataset->type = type;
    return RFIM_OK;
}

rfim_status rfim__standardize(rfim_dataset *const *parts, size_t count)
{
    rfim_context *context = parts[0]->context;
    size_t d = parts[0]->inputs;
    double *room = rfim__allocate(context, d, 3 * sizeof *room); /* mean, deviation, a row */
    if (!room)
        return RFIM_ERROR_MEMORY;
    rfim_status status = rfim__column_moments(parts[0], room, room + d);
    for (size_t k = d; k < 2 * d && status == RFIM_OK; k++)
        room[k] = room[k] > 0 ? room[k] : 1; /* what never varies is only centred */
    for (size_t part = 0; part < count && status == RFIM_OK; part++)
        if (parts[part])
            status = standardize(parts[part], room + 2 * d, room, room + d);
    rfim__release(context, room);
    return status;
}
