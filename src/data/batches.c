#include "data/batches.h"

#include "core/random.h"

rfim_status rfim__batches_create(rfim_context *context, size_t samples, uint64_t seed,
                                 rfim__batches **out)
{
    *out = NULL;
    if (samples > UINT32_MAX)
        return rfim__fail(context, RFIM_ERROR_ARGUMENT,
                          "%zu samples are too many to shuffle: at most %u can be numbered",
                          samples, UINT32_MAX);
    rfim__batches *batches = rfim__allocate(context, 1, sizeof *batches);
    if (!batches)
        return RFIM_ERROR_MEMORY;
    batches->context = context;
    batches->samples = samples;
    batches->seed = seed;
    batches->rows = rfim__allocate(context, samples, sizeof *batches->rows);
    if (!batches->rows) {
        rfim__release(context, batches);
        return RFIM_ERROR_MEMORY;
    }
    for (size_t i = 0; i < samples; i++)
        batches->rows[i] = (uint32_t)i;
    *out = batches;
    return RFIM_OK;
}

void rfim__batches_shuffle(rfim__batches *batches, uint64_t epoch)
{
    rfim__random random = rfim__random_start(batches->seed,
                                             rfim__stream(RFIM__STREAM_SHUFFLE, epoch));
    for (size_t i = 0; i < batches->samples; i++)
        batches->rows[i] = (uint32_t)i;
    rfim__random_shuffle(&random, batches->rows, batches->samples);
}

void rfim__batches_free(rfim__batches *batches)
{
    if (!batches)
        return;
    rfim__release(batches->context, batches->rows);
    rfim__release(batches->context, batches);
}
