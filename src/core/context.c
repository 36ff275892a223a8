#include "core/context.h"

#include "core/cpu_features.h"
#include "core/large_pages.h"
#include "core/size.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *default_allocate(void *user, size_t alignment, size_t bytes)
{
    (void)user;
    return rfim__large_pages_allocate(alignment, bytes);
}

static void default_release(void *user, void *memory)
{
    (void)user;
    free(memory);
}

void rfim_context_defaults(rfim_context_options *options)
{
    memset(options, 0, sizeof *options);
}

rfim_status rfim_context_create(const rfim_context_options *options, rfim_context **out)
{
    rfim_context_options settings;
    rfim_context_defaults(&settings);
    if (!out)
        return RFIM_ERROR_ARGUMENT;
    *out = NULL;
    if (options)
        settings = *options;
    if (!settings.allocator.allocate != !settings.allocator.release)
        return RFIM_ERROR_ARGUMENT;
    if (!settings.allocator.allocate) {
        settings.allocator.allocate = default_allocate;
        settings.allocator.release = default_release;
    }
    rfim_kernels best = rfim__cpu_kernels();
    if (settings.kernels == RFIM_KERNELS_AUTOMATIC)
        settings.kernels = best;
    if (settings.kernels > best)
        return RFIM_ERROR_UNSUPPORTED;
    if (settings.threads == 0)
        settings.threads = rfim__size_min((size_t)omp_get_max_threads(), RFIM__MOST_THREADS);
    /* OpenMP would end the process when it cannot start a thread. */
    if (settings.threads > RFIM__MOST_THREADS)
        return RFIM_ERROR_ARGUMENT;

    size_t bytes = rfim__size_round_up(sizeof(rfim_context), RFIM__ALIGNMENT);
    rfim_context *context = settings.allocator.allocate(settings.allocator.user, RFIM__ALIGNMENT,
                                                        bytes);
    if (!context)
        return RFIM_ERROR_MEMORY;
    memset(context, 0, bytes);
    context->allocator = settings.allocator;
    context->log = settings.log;
    context->log_user = settings.log_user;
    context->threads = settings.threads;
    context->kernels = settings.kernels;
    *out = context;
    return RFIM_OK;
}

void rfim_context_free(rfim_context *context)
{
    if (!context)
        return;
    for (rfim__kept *next = NULL, *kept = context->activations; kept; kept = next) {
        next = kept->next;
        rfim__release(context, kept);
    }
    context->allocator.release(context->allocator.user, context);
}

const char *rfim_context_error(const rfim_context *context)
{
    return context->error;
}

size_t rfim_context_threads(const rfim_context *context)
{
    return context->threads;
}

const char *rfim_context_kernels(const rfim_context *context)
{
    switch (context->kernels) {
    case RFIM_KERNELS_AVX512:
        return "avx512";
    case RFIM_KERNELS_AVX2:
        return "avx2";
    default:
        return "portable";
    }
}

const char *rfim_version(void)
{
    return RFIM_VERSION;
}

#undef rfim__fail /* the analyzer's */
rfim_status rfim__fail(rfim_context *context, rfim_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    /* An argument may point into the old sentence: write the new one beside it first. */
    char sentence[RFIM__ERROR_SIZE];
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    memcpy(context->error, sentence, sizeof sentence);
    return status;
}

void rfim__log(rfim_context *context, rfim_log_level level, const char *format, ...)
{
    if (!context->log)
        return;
    char message[RFIM__ERROR_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    context->log(context->log_user, level, message);
}

/* room: bytes of the block. */
static void *allocate(rfim_context *context, size_t count, size_t size, size_t *room)
{
    size_t bytes = 0;
    if (!rfim__size_multiply(count, size, &bytes) || bytes > SIZE_MAX / 2 - RFIM__ALIGNMENT) {
        rfim__fail(context, RFIM_ERROR_MEMORY,
                   "%zu items of %zu bytes are more than this machine can address", count, size);
        return NULL;
    }
    *room = rfim__size_round_up(rfim__size_max(bytes, 1), RFIM__ALIGNMENT);
    void *memory = context->allocator.allocate(context->allocator.user, RFIM__ALIGNMENT, *room);
    if (!memory)
        rfim__fail(context, RFIM_ERROR_MEMORY,
                   "no memory for %zu bytes; free some, or ask for a "
                   "smaller network, batch or data set",
                   *room);
    return memory;
}

void *rfim__allocate(rfim_context *context, size_t count, size_t size)
{
    size_t room = 0;
    void *memory = allocate(context, count, size, &room);
    if (memory)
        memset(memory, 0, room);
    return memory;
}

void *rfim__allocate_unset(rfim_context *context, size_t count, size_t size)
{
    size_t room = 0;
    return allocate(context, count, size, &room);
}

void rfim__release(rfim_context *context, void *memory)
{
    if (memory)
        context->allocator.release(context->allocator.user, memory);
}

char *rfim__copy_text(rfim_context *context, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = rfim__allocate(context, size, 1);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}
