/* Any bytes as metrics.jsonl. */
#include "io/jsonl.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rfim_context *context = NULL;
    rfim__jsonl *file = NULL;
    if (rfim_context_create(NULL, &context) != RFIM_OK)
        abort();
    if (rfim__jsonl_parse(context, "fuzz", data, size, &file) == RFIM_OK) {
        for (size_t line = 0; line < rfim__jsonl_lines(file); line++) {
            rfim__jsonl_number(file, line, "epoch");
            rfim__jsonl_string(file, line, "epoch");
        }
        if (rfim__jsonl_cut(file) > 1)
            abort();
    } else if (rfim_context_error(context)[0] == '\0') {
        abort();
    }
    rfim__jsonl_free(file);
    rfim_context_free(context);
    return 0;
}
