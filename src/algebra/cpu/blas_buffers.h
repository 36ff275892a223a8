/* blas_buffers.h - the BLAS' own work areas, taken before the first step. */
#ifndef RFIM_ALGEBRA_CPU_BLAS_BUFFERS_H
#define RFIM_ALGEBRA_CPU_BLAS_BUFFERS_H

#include <stddef.h>

/* OpenBLAS maps a buffer whenever more calls run at the same time than ever before, which may be at
 * any step. This makes it have as many as there are threads. Nothing where the BLAS loaded does not
 * offer it. */
void rfim__blas_reserve_buffers(size_t threads);

#endif
