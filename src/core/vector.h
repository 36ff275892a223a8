/* vector.h - the widest vectors of RFIM_REAL that a variant's instruction set has, as the
 * compiler's own vector types, for *_kernels.c files. */
#ifndef RFIM_CORE_VECTOR_H
#define RFIM_CORE_VECTOR_H

#if defined(__AVX512F__)
#define RFIM_VECTOR_BYTES 64
#elif defined(__AVX2__)
#define RFIM_VECTOR_BYTES 32
#else
#define RFIM_VECTOR_BYTES 16
#endif
#define RFIM_VECTOR_LANES (RFIM_VECTOR_BYTES / sizeof(RFIM_REAL))

typedef RFIM_REAL rfim__vector __attribute__((vector_size(RFIM_VECTOR_BYTES)));
/* The same in memory, at any address that suits a number. */
typedef RFIM_REAL rfim__loose_vector
    __attribute__((vector_size(RFIM_VECTOR_BYTES), aligned(sizeof(RFIM_REAL)), may_alias));

/* Before a loop over registers, which is to be unrolled whole. clang does so by itself once it has
 * the limit that the build gives it; with sanitizers it would take a minute a file, for nothing. */
#if defined(__clang__) || defined(__SANITIZE_ADDRESS__)
#define RFIM__UNROLL
#else
#define RFIM__UNROLL _Pragma("GCC unroll 16")
#endif

#endif
