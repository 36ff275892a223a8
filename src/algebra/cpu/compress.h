/* compress.h - some lanes of a vector side by side, and back again, for *_kernels.c files. Which
 * lanes: bit l of a mask says it of lane l. */
#ifndef RFIM_ALGEBRA_CPU_COMPRESS_H
#define RFIM_ALGEBRA_CPU_COMPRESS_H

#include "core/real.h"
#include "core/vector.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __AVX512F__
#include <immintrin.h>
#endif

typedef uint16_t rfim__some; /* lanes */

static inline size_t rfim__some_count(rfim__some some)
{
    return (size_t)__builtin_popcount(some);
}

/* The lanes that are not 0; NaN is not. */
static inline rfim__some rfim__not_zero(rfim__vector x)
{
#if defined(__AVX512F__) && defined(RFIM_REAL_IS_f64)
    return _mm512_cmp_pd_mask((__m512d)x, _mm512_setzero_pd(), _CMP_NEQ_UQ);
#elif defined(__AVX512F__)
    return _mm512_cmp_ps_mask((__m512)x, _mm512_setzero_ps(), _CMP_NEQ_UQ);
#else
    unsigned some = 0;
    for (size_t l = 0; l < RFIM_VECTOR_LANES; l++)
        some |= (unsigned)(x[l] != 0) << l;
    return (rfim__some)some;
#endif
}

/* to <- those lanes of x; nothing behind them is written. */
static inline void rfim__compress(rfim__some some, rfim__vector x, RFIM_REAL *to)
{
#if defined(__AVX512F__) && defined(RFIM_REAL_IS_f64)
    __m512d front = _mm512_maskz_compress_pd((__mmask8)some, (__m512d)x);
    _mm512_mask_storeu_pd(to, (__mmask8)((1u << rfim__some_count(some)) - 1), front);
#elif defined(__AVX512F__)
    __m512 front = _mm512_maskz_compress_ps(some, (__m512)x);
    _mm512_mask_storeu_ps(to, (__mmask16)((1u << rfim__some_count(some)) - 1), front);
#else
    for (size_t l = 0; l < RFIM_VECTOR_LANES; l++)
        if (some >> l & 1)
            *to++ = x[l];
#endif
}

/* to <- the numbers of those lanes, from `first` on; nothing behind them is written. */
static inline void rfim__compress_numbers(rfim__some some, size_t first, int32_t *to)
{
#if defined(__AVX512F__)
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i numbers = _mm512_add_epi32(lanes, _mm512_set1_epi32((int)first));
    __m512i front = _mm512_maskz_compress_epi32(some, numbers);
    _mm512_mask_storeu_epi32(to, (__mmask16)((1u << rfim__some_count(some)) - 1), front);
#else
    for (size_t l = 0; l < RFIM_VECTOR_LANES; l++)
        if (some >> l & 1)
            *to++ = (int32_t)(first + l);
#endif
}

/* Those lanes of the result are what is at `from`, side by side; the others are 0. */
static inline rfim__vector rfim__expand(rfim__some some, const RFIM_REAL *from)
{
#if defined(__AVX512F__) && defined(RFIM_REAL_IS_f64)
    return (rfim__vector)_mm512_maskz_expandloadu_pd((__mmask8)some, from);
#elif defined(__AVX512F__)
    return (rfim__vector)_mm512_maskz_expandloadu_ps(some, from);
#else
    rfim__vector x = {0};
    for (size_t l = 0; l < RFIM_VECTOR_LANES; l++)
        if (some >> l & 1)
            x[l] = *from++;
    return x;
#endif
}

#endif
