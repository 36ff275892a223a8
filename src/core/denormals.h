/* denormals.h - numbers below the smallest normal one are taken as 0 while rfim computes.
 *
 * Arithmetic on them is ten to a hundred times slower, and they do come up: weights that nothing
 * but L2 pulls at shrink through them. The setting is a thread's own (MXCSR on x86, FPCR on arm64),
 * and is put back as the caller had it. On other machines nothing happens. */
#ifndef RFIM_CORE_DENORMALS_H
#define RFIM_CORE_DENORMALS_H

#include <stdint.h>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

/* Flushes from now on; returns what rfim__denormals_restore takes. */
static inline uint64_t rfim__denormals_flush(void)
{
#if defined(__SSE__)
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040u); /* flush to zero, denormals are zero */
    return before;
#elif defined(__aarch64__)
    uint64_t before = 0;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" ::"r"(before | (UINT64_C(1) << 24)));
    return before;
#else
    return 0;
#endif
}

static inline void rfim__denormals_restore(uint64_t before)
{
#if defined(__SSE__)
    _mm_setcsr((unsigned)before);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" ::"r"(before));
#else
    (void)before;
#endif
}

#endif
