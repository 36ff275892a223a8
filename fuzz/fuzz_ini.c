/* Any bytes as a recipe; what can be read is written, and read again as the same. */
#include "io/ini.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes down every entry. Keys with blanks or signs inside are not ones that rfim writes. */
static rfim_status copy(void *user, const rfim__ini_entry *entry)
{
    rfim__text *text = user;
    if (entry->line == 0 || entry->key[0] == '\0')
        abort();
    if (strspn(entry->key, "abcdefghijklmnopqrstuvwxyz-") == strlen(entry->key))
        rfim__ini_write_value(text, entry->key, entry->value);
    return text->status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rfim_context *context = NULL;
    rfim__text once, twice;
    if (rfim_context_create(NULL, &context) != RFIM_OK)
        abort();
    rfim__text_begin(&once, context);
    rfim__text_begin(&twice, context);
    if (rfim__ini_parse(context, "fuzz", data, size, copy, &once) == RFIM_OK) {
        if (rfim__ini_parse(context, "again", once.data, once.length, copy, &twice) != RFIM_OK ||
            once.length != twice.length ||
            (once.length > 0 && memcmp(once.data, twice.data, once.length) != 0))
            abort();
    } else if (rfim_context_error(context)[0] == '\0') {
        abort();
    }
    rfim__text_end(&once);
    rfim__text_end(&twice);
    rfim_context_free(context);
    return 0;
}
