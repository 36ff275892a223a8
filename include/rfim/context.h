/* context.h - memory, log, threads and the last error: what every other object is made in.
 *
 * A context, and every object made in it, serves one thread of the caller at a time. Two contexts
 * may work at the same time and share nothing but the BLAS: while rfim works, OpenBLAS is set to
 * one thread, and set back afterwards; where calls overlap in time, it may be left at one. A
 * context must outlive its objects. */
#ifndef RFIM_CONTEXT_H
#define RFIM_CONTEXT_H

#include <rfim/export.h>
#include <rfim/status.h>
#include <stddef.h>

typedef struct rfim_context rfim_context;

/* Memory. allocate returns `bytes` bytes aligned to `alignment` (a power of two), or NULL;
 * release takes what allocate gave, never NULL. Leave both NULL for aligned_alloc and free. */
typedef struct rfim_allocator {
    void *(*allocate)(void *user, size_t alignment, size_t bytes);
    void (*release)(void *user, void *memory);
    void *user;
} rfim_allocator;

typedef enum rfim_log_level { RFIM_LOG_INFO, RFIM_LOG_WARNING } rfim_log_level;

/* The sink of messages; `message` is one sentence without a newline. NULL: nothing is said. */
typedef void (*rfim_log_fn)(void *user, rfim_log_level level, const char *message);

/* Which kernels run. AUTOMATIC takes the best this CPU has; asking for more than it has is an
 * error. Bits are the same for any number of threads, but may differ between kernels. */
typedef enum rfim_kernels {
    RFIM_KERNELS_AUTOMATIC,
    RFIM_KERNELS_PORTABLE,
    RFIM_KERNELS_AVX2,
    RFIM_KERNELS_AVX512
} rfim_kernels;

typedef struct rfim_context_options {
    rfim_allocator allocator;
    rfim_log_fn log;
    void *log_user;
    size_t threads; /* at most, up to 1024; 0: as many as this process may use */
    rfim_kernels kernels;
} rfim_context_options;

#ifdef __cplusplus
extern "C" {
#endif

RFIM_API void rfim_context_defaults(rfim_context_options *options);
/* options NULL: the defaults. On failure *out is NULL and only the status tells why. */
RFIM_API rfim_status rfim_context_create(const rfim_context_options *options, rfim_context **out);
RFIM_API void rfim_context_free(rfim_context *context);

/* One sentence on the last call that failed: what, where, expected and found, what to do.
 * Never NULL; empty before the first failure. Valid until the next failing call. */
RFIM_API const char *rfim_context_error(const rfim_context *context);
RFIM_API size_t rfim_context_threads(const rfim_context *context);
/* "portable", "avx2" or "avx512": the kernels that this context runs. */
RFIM_API const char *rfim_context_kernels(const rfim_context *context);

/* "0.1.0" */
RFIM_API const char *rfim_version(void);
/* One line on the BLAS that was loaded at run time: its build, kernel and threading. */
RFIM_API const char *rfim_blas_description(void);
/* 1 when the BLAS loaded is the OpenMP build of OpenBLAS, which rfim is made for; 0 otherwise. */
RFIM_API int rfim_blas_matches(void);

#ifdef __cplusplus
}
#endif
#endif
