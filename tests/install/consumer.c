/* A program of somebody else: prints the version of the library that it found, and uses it. */
#include <rfim/rfim.h>
#include <stdio.h>

int main(void)
{
    rfim_context *context = NULL;
    rfim_status status = rfim_context_create(NULL, &context);
    if (status != RFIM_OK) {
        fprintf(stderr, "%s\n", rfim_status_text(status));
        return 1;
    }
    printf("%s\n", rfim_version());
    rfim_context_free(context);
    return 0;
}
