/* rfim --version: the library, what it was built with, and what runs it here. */
#include "command.h"
#include "message.h"

#include <stdio.h>

/* A context for the kernels; NULL when this CPU does not have them. */
static rfim_context *try_kernels(rfim_kernels kernels)
{
    rfim_context_options settings;
    rfim_context *context = NULL;
    rfim_context_defaults(&settings);
    settings.kernels = kernels;
    (void)rfim_context_create(&settings, &context);
    return context;
}

static int run_version(const arguments *given)
{
    (void)given;
    printf("rfim %s\n", rfim_version());
    printf("precisions  single (float32), double (float64)\n");
    printf("BLAS        %s\n", rfim_blas_description());
    rfim_context *best = try_kernels(RFIM_KERNELS_AUTOMATIC);
    if (!best)
        return complain("no memory for a context"), 1;
    printf("threads     %zu\n", rfim_context_threads(best));
    printf("kernels     %s; this CPU runs", rfim_context_kernels(best));
    rfim_context_free(best);
    for (rfim_kernels kernels = RFIM_KERNELS_PORTABLE; kernels <= RFIM_KERNELS_AVX512; kernels++) {
        rfim_context *context = try_kernels(kernels);
        if (context)
            printf(" %s", rfim_context_kernels(context));
        rfim_context_free(context);
    }
    printf("\n");
    if (!rfim_blas_matches())
        fprintf(stderr, "warning: rfim is made for the OpenMP build of OpenBLAS "
                        "(libopenblas0-openmp); with another, steps are slower and bits differ\n");
    return finish_output();
}

const cli_command version_command = {
    .name = "version",
    .summary = "version, precisions, BLAS, threads and kernels",
    .usage = "\n",
    .text = "Prints the version of rfim, its precisions, the BLAS that was loaded, and the "
            "threads and kernels that it uses on this machine.",
    .examples = "rfim version\nrfim --version\n",
    .least = 0,
    .most = 0,
    .words = "nothing more",
    .run = run_version,
};
