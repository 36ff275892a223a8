/* Any text as a network: whatever is read must be said in a long form that is read as the same. */
#include "network/network.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Modules, not weights: no text takes more memory than its length and the number of modules say. */
static void read_twice(rfim_context *context, const char *text)
{
    rfim__module *modules = NULL;
    size_t count = 0;
    rfim_loss_kind loss = RFIM_LOSS_SOFTMAX;
    char *said = NULL;
    char *said_again = NULL;
    if (rfim__network_parse(context, text, &modules, &count, &loss) != RFIM_OK)
        return;
    if (rfim__network_describe(context, modules, count, loss, &said) != RFIM_OK)
        abort();
    rfim__release(context, modules);
    if (rfim__network_parse(context, said, &modules, &count, &loss) != RFIM_OK ||
        rfim__network_describe(context, modules, count, loss, &said_again) != RFIM_OK ||
        strcmp(said, said_again) != 0)
        abort();
    rfim__release(context, modules);
    rfim__release(context, said);
    rfim__release(context, said_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rfim_context *context = NULL;
    char *text = malloc(size + 1);
    if (text && rfim_context_create(NULL, &context) == RFIM_OK) {
        if (size > 0)
            memcpy(text, data, size);
        text[size] = '\0';
        read_twice(context, text);
    }
    rfim_context_free(context);
    free(text);
    return 0;
}
