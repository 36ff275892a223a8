/* context.h - the inside of a context: allocation, the error sentence, the log. */
#ifndef RFIM_CORE_CONTEXT_H
#define RFIM_CORE_CONTEXT_H

#include <rfim/context.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define RFIM__ERROR_SIZE 1024
#define RFIM__MOST_THREADS 1024
#define RFIM__ALIGNMENT 64 /* bytes; a cache line and an AVX-512 vector */

/* The beginning of a block that is freed with its context, in a chain of such. */
typedef struct rfim__kept {
    struct rfim__kept *next;
} rfim__kept;

struct rfim_context {
    rfim_allocator allocator;
    rfim_log_fn log;
    void *log_user;
    size_t threads;
    rfim_kernels kernels; /* resolved: never AUTOMATIC */
    int math_depth;       /* public calls that are doing mathematics, nested (algebra.h) */
    int blas_threads;     /* what the BLAS and OpenMP were set to when the outermost began */
    int omp_threads;
    uint64_t denormals;      /* and how the calling thread took denormal numbers (denormals.h) */
    rfim__kept *activations; /* from outside the library (network/activation.h) */
    char error[RFIM__ERROR_SIZE];
};

/* Keeps the sentence and returns status, so that `return rfim__fail(...)` reads well. */
__attribute__((format(printf, 3, 4))) rfim_status rfim__fail(rfim_context *context,
                                                             rfim_status status, const char *format,
                                                             ...);

#ifdef __clang_analyzer__
/* The analyzer looks at one file at a time: let it see that the status comes back. */
#define rfim__fail(context, status, ...) (rfim__fail(context, status, __VA_ARGS__), (status))
#endif

/* Tells the log sink, if there is one. */
__attribute__((format(printf, 3, 4))) void rfim__log(rfim_context *context, rfim_log_level level,
                                                     const char *format, ...);

/* count x size zeroed bytes, aligned to RFIM__ALIGNMENT. NULL when memory is short or the product
 * does not fit; the error sentence is then set (return RFIM_ERROR_MEMORY). count x size = 0 gives
 * a valid pointer. */
void *rfim__allocate(rfim_context *context, size_t count, size_t size);
/* The same, but what is in it is left to the caller, who writes all of it: large blocks come from
 * the system page by page, to the thread that first writes to one. */
void *rfim__allocate_unset(rfim_context *context, size_t count, size_t size);
/* NULL is legal. */
void rfim__release(rfim_context *context, void *memory);
/* A copy of a string; NULL as rfim__allocate. */
char *rfim__copy_text(rfim_context *context, const char *text);

#endif
