/* Any bytes as a model file: an error, or tensors that can be read to their last number. */
#include "io/safetensors.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rfim_context *context = NULL;
    rfim__safetensors *file = NULL;
    if (rfim_context_create(NULL, &context) != RFIM_OK)
        abort();
    if (rfim__safetensors_parse(context, "fuzz", data, size, &file) == RFIM_OK) {
        for (size_t index = 0; index < rfim__safetensors_count(file); index++) {
            const rfim__tensor *tensor = rfim__safetensors_tensor(file, index);
            double *numbers = rfim__allocate(context, rfim__tensor_numbers(tensor),
                                             sizeof *numbers);
            if (!numbers || rfim__tensor_numbers(tensor) > size)
                abort();
            rfim__tensor_read_doubles(tensor, numbers);
            rfim__release(context, numbers);
            if (rfim__safetensors_find(file, tensor->name) != tensor)
                abort();
        }
        rfim__safetensors_metadata(file, "network");
    } else if (rfim_context_error(context)[0] == '\0') {
        abort();
    }
    rfim__safetensors_free(file);
    rfim_context_free(context);
    return 0;
}
